// Command chat is the function with which people talk about their tasks.
package main

import "todo-app/internal/app/chat"

func main() { chat.Run() }

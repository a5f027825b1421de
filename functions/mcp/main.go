// Command mcp is the function that assistants speak to.
package main

import "todo-app/internal/app/assistant"

func main() { assistant.Run() }

// Command list is the function that reads tasks.
package main

import "todo-app/internal/app"

func main() { app.Run(app.List) }

// Command create is the function that adds tasks.
package main

import "todo-app/internal/app"

func main() { app.Run(app.Create) }

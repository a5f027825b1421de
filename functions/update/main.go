// Command update is the function that changes tasks.
package main

import "todo-app/internal/app"

func main() { app.Run(app.Update) }

// Command delete is the function that removes tasks.
package main

import "todo-app/internal/app"

func main() { app.Run(app.Delete) }

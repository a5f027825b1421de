// Package chat joins the service to those who talk to it: the function chat,
// which links what no other does.
package chat

import "todo-app/internal/app"

// Run is the main of the chat function.
func Run() { app.Run(app.Chat) }

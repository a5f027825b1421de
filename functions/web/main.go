// Command web is the front door: one origin before all functions.
package main

import "todo-app/internal/app/frontdoor"

func main() { frontdoor.Run() }

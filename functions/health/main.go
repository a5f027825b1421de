// Command health is the function that tells how the service is.
package main

import "todo-app/internal/app/operator"

func main() { operator.Run() }

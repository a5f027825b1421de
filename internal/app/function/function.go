// Package function is what every function has, whatever it is built from: a
// name with its endpoints, the settings of a program that listens, and a main.
package function

import "todo-app/internal/httpapi"

// Name names one function: one image, one Knative Service.
type Name string

// The functions.
const (
	Create Name = "create"
	List   Name = "list"
	Watch  Name = "watch" // the reads that wait, of the list's image
	Update Name = "update"
	Delete Name = "delete"
	Health Name = "health"
	MCP    Name = "mcp"  // for assistants
	Chat   Name = "chat" // for people who say what they want
	Web    Name = "web"  // the front door, which has no operations of its own
)

// Names returns the functions that have operations.
func Names() []Name { return []Name{Create, List, Watch, Update, Delete, Health, MCP, Chat} }

// Endpoints returns the operations of a function.
func Endpoints(api *httpapi.API, f Name) []httpapi.Endpoint {
	switch f {
	case Create:
		return api.Create()
	case List:
		return api.List()
	case Watch:
		return api.Watch()
	case Update:
		return api.Update()
	case Delete:
		return api.Delete()
	case MCP:
		return api.MCP()
	case Chat:
		return api.Chat()
	case Health:
		return append(api.Health(), api.Document()...)
	}
	return nil
}

package app

import (
	"context"
	"net/http"

	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// Function names one function: one image, one Knative Service.
type Function = function.Name

// The functions that have operations.
const (
	Create = function.Create
	List   = function.List
	Watch  = function.Watch
	Update = function.Update
	Delete = function.Delete
	Health = function.Health
	MCP    = function.MCP
	Chat   = function.Chat
)

// actions are what each function does about inbound events.
var actions = map[Function]httpapi.Action{
	Create: httpapi.ActionCreate,
	Update: httpapi.ActionUpdate,
	Delete: httpapi.ActionDelete,
}

// Mount adds endpoints to what Handler serves beside the functions.
func (a *App) Mount(endpoints ...httpapi.Endpoint) { a.mounted = append(a.mounted, endpoints...) }

// Assist says what answers the messages of assistants.
func (a *App) Assist(with func(http.ResponseWriter, *http.Request, httpapi.Assisted)) {
	a.api.Assist = with
}

// Conversing is what answers who chats, by either protocol. Behalf is that of httpapi.API.
type Conversing struct {
	Talk   httpapi.Talk
	Kit    func(context.Context, httpapi.KitRequest) ([]byte, error)
	Behalf func(*http.Request, string) func(string) assist.Tasks
}

// Converse says what answers who chats. It is made in a joint of its own, so that
// no other function links it.
func (a *App) Converse(c Conversing) {
	a.api.Talk, a.api.ChatKit, a.api.Behalf = c.Talk, c.Kit, c.Behalf
}

// Store returns the app's storage.
func (a *App) Store() *postgres.Store { return a.store }

// NewID makes an id that follows creation.
func (a *App) NewID() task.ID { return newID() }

// Model returns the settings of the language model.
func (a *App) Model() Model { return a.settings.Model }

// Handler serves the functions named, what is mounted, and the probes every
// function has.
func (a *App) Handler(functions ...Function) http.Handler {
	endpoints := append(a.api.Probes(), a.mounted...)
	var events []httpapi.Action
	for _, f := range functions {
		endpoints = append(endpoints, function.Endpoints(a.api, f)...)
		if action, ok := actions[f]; ok {
			events = append(events, action)
		}
	}
	if len(events) > 0 {
		endpoints = append(endpoints, a.api.Events(events...)...)
	}
	return a.api.Handler(endpoints...)
}

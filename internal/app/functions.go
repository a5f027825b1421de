package app

import (
	"context"
	"net/http"
	"time"

	"todo-app/internal/app/function"
	"todo-app/internal/chatkit"
	"todo-app/internal/httpapi"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
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

// Converse has an app answer who chats, by what a model makes of it; nil stands
// for rules. Behalf is that of httpapi.API. It is no method, because the linker
// keeps those in every function, with all that they call.
func Converse(a *App, model chat.Model, behalf func(*http.Request, string) func(string) assist.Tasks) {
	s := a.settings.Model
	a.api.Behalf = behalf
	talk := &chat.Service{
		Store: a.store, Model: model, Now: time.Now, NewID: newID,
		Limits: chat.Limits{Turns: s.Turns, Tokens: int64(s.Tokens), DailyTokens: int64(s.DailyTokens), Time: s.Time},
	}
	a.api.Talk = talk
	kit := chatkit.Server{Talk: talk, Rename: a.store.RenameConversation}
	a.api.ChatKit = func(ctx context.Context, r httpapi.KitRequest) ([]byte, error) {
		return kit.Answer(ctx, chatkit.Request(r))
	}
}

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

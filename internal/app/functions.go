package app

import (
	"net/http"

	"todo-app/internal/httpapi"
)

// Function names one function: one image, one Knative Service.
type Function string

// The functions.
const (
	Create Function = "create"
	List   Function = "list"
	Update Function = "update"
	Delete Function = "delete"
	Health Function = "health"
)

// actions are what each function does about inbound events.
var actions = map[Function]httpapi.Action{
	Create: httpapi.ActionCreate,
	Update: httpapi.ActionUpdate,
	Delete: httpapi.ActionDelete,
}

// Handler serves the functions named, and the probes every one of them has.
func (a *App) Handler(functions ...Function) http.Handler {
	endpoints := a.api.Probes()
	var events []httpapi.Action
	for _, f := range functions {
		endpoints = append(endpoints, a.endpoints(f)...)
		if action, ok := actions[f]; ok {
			events = append(events, action)
		}
	}
	if len(events) > 0 {
		endpoints = append(endpoints, a.api.Events(events...)...)
	}
	return a.api.Handler(endpoints...)
}

func (a *App) endpoints(f Function) []httpapi.Endpoint {
	switch f {
	case Create:
		return a.api.Create()
	case List:
		return a.api.List()
	case Update:
		return a.api.Update()
	case Delete:
		return a.api.Delete()
	case Health:
		return append(a.api.Health(), a.api.Document()...)
	}
	return nil
}

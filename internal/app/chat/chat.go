// Package chat joins the service to those who talk to it: the function chat,
// which links what no other does.
package chat

import (
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/behalf"
	"todo-app/internal/openai"
	"todo-app/internal/task/assist"
)

// Run is the main of the chat function.
func Run() { app.Run(app.Chat, Attach) }

// Attach has an app answer who chats, by the language model that its settings
// name. The tools ask endpoints in this process, with the caller's own
// credential.
func Attach(a *app.App, _ *zap.Logger) error {
	tools := Tools(a.Handler(app.Create, app.List, app.Update, app.Delete), time.Now)
	s := a.Model()
	if s.URL == "" {
		app.Converse(a, nil, tools)
		return nil
	}
	model, err := openai.New(openai.Settings{URL: s.URL, Model: s.Name, Key: s.Key})
	if err != nil {
		return err
	}
	app.Converse(a, model, tools)
	return nil
}

// Tools is httpapi.API.Behalf, for endpoints of this process and a clock.
func Tools(endpoints http.Handler, now func() time.Time) func(*http.Request, string) func(string) assist.Tasks {
	return func(r *http.Request, zone string) func(string) assist.Tasks {
		return func(key string) assist.Tasks {
			return behalf.Tasks{Client: behalf.Within(endpoints, r, zone, numbered(key)), Zone: zone, Now: now}
		}
	}
}

// numbered returns keys for one request after another. The same requests in the
// same order get the same ones.
func numbered(key string) func() string {
	n := 0
	return func() string {
		if n++; key == "" || n == 1 {
			return key
		}
		return fmt.Sprint(key, " ", n)
	}
}

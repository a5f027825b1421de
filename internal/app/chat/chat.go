// Package chat joins the service to those who talk to it: the function chat,
// which links what no other does.
package chat

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/behalf"
	"todo-app/internal/chatkit"
	"todo-app/internal/httpapi"
	"todo-app/internal/openai"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
)

// Run is the main of the chat function.
func Run() { app.Run(app.Chat, Attach) }

// Attach has an app answer who chats, by the language model that its settings
// name. The tools ask endpoints in this process, with the caller's own
// credential.
func Attach(a *app.App, _ *zap.Logger) error {
	var model chat.Model // nil: rules answer
	s := a.Model()
	if s.URL != "" {
		var err error
		if model, err = openai.New(openai.Settings{URL: s.URL, Model: s.Name, Key: s.Key}); err != nil {
			return err
		}
	}
	talk := &chat.Service{
		Store: a.Store(), Model: model, Now: time.Now, NewID: a.NewID,
		Limits: chat.Limits{Turns: s.Turns, Tokens: int64(s.Tokens), DailyTokens: int64(s.DailyTokens), Time: s.Time},
	}
	kit := chatkit.Server{Talk: talk, Rename: a.Store().RenameConversation}
	a.Converse(app.Conversing{
		Talk: talk, Behalf: Tools(a.Handler(app.Create, app.List, app.Update, app.Delete), time.Now),
		Kit: func(ctx context.Context, r httpapi.KitRequest) ([]byte, error) {
			return kit.Answer(ctx, chatkit.Request(r))
		},
	})
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

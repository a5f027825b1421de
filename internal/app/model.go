package app

import (
	"errors"
	"net/url"
	"time"

	"todo-app/internal/app/function"
	"todo-app/internal/task/chat"
)

// Model says which language model understands people who chat, and how much
// they may ask of it.
type Model struct {
	URL  string // base of an OpenAI-compatible endpoint; "": by rules, without a model
	Name string
	Key  string // "": none is sent

	Turns       int // that the model may take to answer one message
	Tokens      int // to answer one message
	DailyTokens int // of one owner
	Time        time.Duration
}

func readModel(e *function.Env) Model {
	m := Model{
		URL:         function.Parsed(e, "TODO_CHAT_URL", "", parseModelURL),
		Name:        e.Text("TODO_CHAT_MODEL", ""),
		Key:         e.Secret("TODO_CHAT_KEY"),
		Turns:       e.Number("TODO_CHAT_TURNS", 8, 1, 50),
		Tokens:      e.Number("TODO_CHAT_TOKENS", 60_000, chat.LeastTokens, 10_000_000),
		DailyTokens: e.Number("TODO_CHAT_DAILY_TOKENS", 500_000, chat.LeastDailyTokens, 1_000_000_000),
		Time:        time.Duration(e.Number("TODO_CHAT_TIME", 90, 5, 120)) * time.Second,
	}
	given := e.Text("TODO_CHAT_URL", "") != ""
	switch {
	case given && m.Name == "":
		e.Fault("TODO_CHAT_MODEL", "is required: it names the model that is asked at TODO_CHAT_URL")
	case !given && (m.Name != "" || m.Key != ""):
		e.Fault("TODO_CHAT_URL", "is required: TODO_CHAT_MODEL and TODO_CHAT_KEY are of the endpoint there")
	}
	return m
}

// parseModelURL reads where a model is asked. A key has a setting of its own.
func parseModelURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("must be the base of an OpenAI-compatible endpoint such as https://api.openai.com/v1, without a credential in it")
	}
	return s, nil
}

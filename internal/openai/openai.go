// Package openai is a language model behind any endpoint that speaks the chat
// completions of OpenAI, by its official SDK: OpenAI's own, a gateway's, or one
// in the cluster, such as vLLM or Ollama.
package openai

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"todo-app/internal/task/chat"
)

// Settings say where a model is.
type Settings struct {
	URL   string // what precedes /chat/completions, such as https://api.openai.com/v1
	Model string // as the endpoint names it
	Key   string // "": the endpoint asks for none
}

// Model is a chat.Model.
type Model struct {
	name        string
	completions sdk.ChatCompletionService
}

var _ chat.Model = (*Model)(nil)

const (
	// again is how often a request is repeated that was not answered, or that
	// the endpoint had no time for, while its caller waits.
	again      = 1
	againAfter = 2 * time.Second
)

// New returns a model. Nothing is asked of it yet. The error never has the key.
func New(s Settings) (*Model, error) {
	u, err := url.Parse(s.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("the URL of a language model must be http(s)://host/path, without credentials, query and fragment")
	case s.Model == "":
		return nil, errors.New("a language model must have a name")
	}
	options := []option.RequestOption{
		option.WithBaseURL(s.URL), option.WithHTTPClient(client()), option.WithMaxRetries(again), option.WithMaxRetryDelay(againAfter),
	}
	if s.Key != "" {
		options = append(options, option.WithAPIKey(s.Key))
	}
	// The service by itself, because sdk.NewClient takes keys, addresses and
	// headers from the environment, too.
	return &Model{name: s.Model, completions: sdk.NewChatCompletionService(options...)}, nil
}

// Reply implements chat.Model.
func (m *Model) Reply(ctx context.Context, d chat.Dialogue, tell func(string)) (chat.Reply, error) {
	stream := m.completions.NewStreaming(ctx, m.request(d))
	defer stream.Close()
	r := receiver{tell: tell, at: map[int64]int{}}
	var err error
	for err == nil && !r.full() && stream.Next() {
		err = r.take(stream.Current())
	}
	if err == nil {
		err = stream.Err()
	}
	if err == nil {
		err = r.ended()
	}
	if err != nil {
		used := r.used(d)
		if !r.came && ctx.Err() != nil { // who leaves early leaves the endpoint at work
			used.InputTokens = d.Tokens()
		}
		return chat.Reply{Usage: used}, m.failure(ctx, err)
	}
	return chat.Reply{Asked: r.asked(), Cut: r.cut, Usage: r.used(d)}, nil
}

// request writes down what a model is asked.
func (m *Model) request(d chat.Dialogue) sdk.ChatCompletionNewParams {
	p := sdk.ChatCompletionNewParams{
		Model:    m.name,
		Messages: []sdk.ChatCompletionMessageParamUnion{sdk.SystemMessage(d.Instructions)},
		// Of the two names for this bound the one that every model of OpenAI's
		// takes. Who does not know it is held to it by what is received.
		MaxCompletionTokens: sdk.Int(d.MaxTokens),
		StreamOptions:       sdk.ChatCompletionStreamOptionsParam{IncludeUsage: sdk.Bool(true)},
	}
	for _, l := range d.Lines {
		p.Messages = append(p.Messages, message(l))
	}
	for _, t := range d.Tools {
		p.Tools = append(p.Tools, sdk.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: t.Name, Description: sdk.String(t.Description), Parameters: object(t.Schema()),
		}))
	}
	return p
}

func message(l chat.Line) sdk.ChatCompletionMessageParamUnion {
	switch {
	case l.Role == chat.User:
		return sdk.UserMessage(l.Text)
	case l.Role != chat.Assistant:
		return sdk.ToolMessage(l.Text, l.To)
	case len(l.Asked) == 0:
		return sdk.AssistantMessage(l.Text)
	}
	said := sdk.ChatCompletionAssistantMessageParam{}
	if l.Text != "" {
		said.Content.OfString = sdk.String(l.Text)
	}
	for _, a := range l.Asked {
		said.ToolCalls = append(said.ToolCalls, sdk.ChatCompletionMessageToolCallUnionParam{OfFunction: &sdk.ChatCompletionMessageFunctionToolCallParam{
			ID: a.ID, Function: sdk.ChatCompletionMessageFunctionToolCallFunctionParam{Name: sendable(a.Name), Arguments: string(raw(a.Arguments))},
		}})
	}
	return sdk.ChatCompletionMessageParamUnion{OfAssistant: &said}
}

// failure says in which way an endpoint failed. Its own words stay out of it:
// they may quote the key, and everything else that was sent.
func (m *Model) failure(ctx context.Context, err error) error {
	f := &chat.Failure{Kind: chat.Unreachable, Cause: errors.New(secretless(err))}
	var answer *sdk.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		f.Kind = chat.TooSlow
	case errors.As(err, &answer):
		f.Kind = kindOf(answer.StatusCode)
	case isNonsense(err):
		f.Kind = chat.Nonsense
	case errors.Is(err, errWithheld):
		f.Kind = chat.Refused
	}
	return f
}

func kindOf(status int) chat.FailureKind {
	switch {
	case status == http.StatusTooManyRequests:
		return chat.TooBusy
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return chat.TooSlow
	case status >= http.StatusInternalServerError:
		return chat.Unreachable
	}
	return chat.Refused
}

// client carries requests. Where one leads elsewhere it ends: the key is for the
// endpoint alone.
func client() *http.Client {
	return &http.Client{
		Transport:     bounded{http.DefaultTransport.(*http.Transport).Clone()},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errElsewhere },
	}
}

var errElsewhere = errors.New("it leads elsewhere, where its key is not sent")

package openai

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"todo-app/internal/task/chat"
)

// The bounds of what an endpoint may answer, whatever it was asked for.
const (
	maxBody      = 8 << 20 // bytes of an answer; a token comes in some 300
	maxText      = 100_000 // bytes of what the model says
	maxArguments = 1 << 20 // bytes of all its calls
	maxCalls     = 64
	maxUsed      = 10_000_000 // tokens that an endpoint may say it used, of either kind
)

// What is no answer.
var (
	errTooLong  = errors.New("the answer is longer than any may be")
	errBroken   = errors.New("the answer ends before it is complete")
	errCalls    = errors.New("the answer has calls of tools without number")
	errWithheld = errors.New("the answer was withheld by a filter")
)

func isNonsense(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	for _, known := range []error{errTooLong, errBroken, errCalls} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, &syntax) || errors.As(err, &kind)
}

// receiver puts a reply together from the pieces in which it comes.
type receiver struct {
	tell  func(string)
	text  int // bytes told
	size  int // bytes of calls
	calls []call
	at    map[int64]int // where the calls are that pieces name by their places
	usage chat.Usage
	came  bool
	over  bool // the reply is complete
	cut   bool
}

// call is a call of a tool as far as it has come.
type call struct {
	id, name  string
	arguments []byte
}

// full reports whether the text is longer than may be.
func (r *receiver) full() bool { return r.cut && r.text > maxText }

// take takes a piece.
func (r *receiver) take(c sdk.ChatCompletionChunk) error {
	r.came = true
	if u := c.Usage; u.PromptTokens > 0 || u.CompletionTokens > 0 {
		r.usage.InputTokens, r.usage.OutputTokens = min(max(u.PromptTokens, 0), maxUsed), min(max(u.CompletionTokens, 0), maxUsed)
	}
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue // one was asked for
		}
		if text := choice.Delta.Content + choice.Delta.Refusal; text != "" {
			r.text += len(text)
			r.tell(text)
		}
		for _, piece := range choice.Delta.ToolCalls {
			if err := r.call(piece); err != nil {
				return err
			}
		}
		switch choice.FinishReason {
		case "":
		case "content_filter":
			return errWithheld
		default:
			r.over = true
			r.cut = r.cut || choice.FinishReason == "length"
		}
	}
	if r.text > maxText {
		r.over, r.cut = true, true
	}
	return nil
}

// call adds a piece to a call. Pieces name theirs by its place; endpoints that
// have one place for all begin each with another id.
func (r *receiver) call(piece sdk.ChatCompletionChunkChoiceDeltaToolCall) error {
	i, known := r.at[piece.Index]
	if !known || piece.ID != "" && r.calls[i].id != "" && piece.ID != r.calls[i].id {
		if len(r.calls) == maxCalls {
			return errCalls
		}
		i = len(r.calls)
		r.calls = append(r.calls, call{})
		r.at[piece.Index] = i
	}
	r.size += len(piece.ID) + len(piece.Function.Name) + len(piece.Function.Arguments)
	if r.size > maxArguments {
		return errTooLong
	}
	c := &r.calls[i]
	if c.id == "" {
		c.id = piece.ID
	}
	c.name += piece.Function.Name
	c.arguments = append(c.arguments, piece.Function.Arguments...)
	return nil
}

// ended returns an error if the pieces do not make a whole.
func (r *receiver) ended() error {
	if !r.over {
		return errBroken
	}
	return nil
}

// asked returns the calls. Each has an id of its own.
func (r *receiver) asked() []chat.Asked {
	asked := make([]chat.Asked, len(r.calls))
	ids := map[string]bool{"": true}
	made := 0
	for i := range r.calls {
		c := &r.calls[i]
		for ids[c.id] {
			made++
			c.id = fmt.Sprintf("call%05d", made)
		}
		ids[c.id] = true
		asked[i] = chat.Asked{ID: c.id, Name: c.name, Arguments: string(c.arguments)}
	}
	return asked
}

// used returns what the reply has cost. Where an endpoint does not say, which
// not all do, it is an estimate: four bytes to a token, which is about right for
// English and for JSON, and too little for other scripts.
func (r *receiver) used(d chat.Dialogue) chat.Usage {
	if !r.came || r.usage != (chat.Usage{}) {
		return r.usage
	}
	return chat.Usage{InputTokens: d.Tokens(), OutputTokens: int64(r.text+r.size)/4 + 1}
}

// bounded ends answers that do not end.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = &body{response.Body, maxBody}
	}
	return response, err
}

type body struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// sendable returns the name of a tool as endpoints take it: they refuse the
// whole dialogue over a name that a model made up before.
func sendable(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, name)
	if name == "" {
		return "unknown"
	}
	return name[:min(len(name), 64)]
}

// raw returns arguments as endpoints take them, which read them as JSON: an
// object, an empty one in place of what is none.
func raw(arguments string) json.RawMessage {
	if object(json.RawMessage(arguments)) == nil {
		return json.RawMessage("{}")
	}
	return json.RawMessage(arguments)
}

// object reads a JSON object, nil if it is none.
func object(text json.RawMessage) (o map[string]any) {
	if json.Unmarshal(text, &o) != nil {
		return nil
	}
	return o
}

// secretless says what went wrong in words of ours and of the network. What an
// endpoint says may quote parts of what was sent, the key too: of that only the code
// of an error is told, where it is one word.
func secretless(err error) string {
	var refused *sdk.Error
	var inStream *ssestream.StreamError
	var network *net.OpError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	for _, known := range []error{errTooLong, errBroken, errCalls, errWithheld, errElsewhere, context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch {
	case errors.As(err, &inStream):
		return "the endpoint sent an error in the midst of its answer"
	case errors.As(err, &refused):
		said := fmt.Sprint("the endpoint answered ", refused.StatusCode, " ", http.StatusText(refused.StatusCode))
		if isWord(refused.Code) {
			said += ": " + refused.Code
		}
		return said
	case errors.As(err, &name):
		return name.Error()
	case errors.As(err, &network):
		return network.Error()
	case errors.As(err, &certificate):
		return certificate.Error()
	case isNonsense(err):
		return "the endpoint's answer is not the JSON that it should be"
	}
	return "the endpoint's answer is not HTTP as it should be"
}

// isWord reports whether a code is one as insufficient_quota is: keys have digits
// or capitals.
func isWord(code string) bool {
	return code != "" && len(code) <= 64 && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") == ""
}

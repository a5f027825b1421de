package chat

import (
	"context"

	"todo-app/internal/task/assist"
)

// Model is a language model.
type Model interface {
	// Reply has the model go on with a dialogue. It tells the text, as it comes;
	// the rest is returned. The error is *Failure, or that of ctx; the usage of
	// what was answered until then is returned with it.
	Reply(ctx context.Context, d Dialogue, tell func(text string)) (Reply, error)
}

// Dialogue is what a model is asked to go on with.
type Dialogue struct {
	Instructions string
	Lines        []Line
	Tools        []assist.Tool // none: it has to answer in words
	MaxTokens    int64         // of its reply
}

// Line is a part of a dialogue: what a person says (User), what the model has
// said and which tools it called (Assistant), or what a tool answered, which
// is data (no role).
type Line struct {
	Role  Role
	Text  string
	Asked []Asked // of the model
	To    string  // of a tool's answer: the id of the call
}

// Asked is a call of a tool as a model writes it.
type Asked struct {
	ID        string // as the model names it
	Name      string // any text
	Arguments string // any text
}

// Reply is what a model wants beside its text.
type Reply struct {
	Asked []Asked
	Cut   bool // the text was longer than it may be
	Usage Usage
}

// Failure says why a language model gave no answer, in words that are fit for
// everybody.
type Failure struct {
	Kind  FailureKind
	Cause error // for logs; it has no secret in it
}

// FailureKind is in what way a model failed.
type FailureKind string

// The kinds of failures.
const (
	Unreachable FailureKind = "the language model cannot be reached"
	Refused     FailureKind = "the language model refused the request"
	TooBusy     FailureKind = "the language model has too much to do"
	TooSlow     FailureKind = "the language model did not answer in time"
	Nonsense    FailureKind = "the language model answered what is no answer"
)

// Error says in which way it failed, and nothing of the cause.
func (f *Failure) Error() string { return string(f.Kind) }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// Package chat is a conversation about somebody's tasks: what was said, what
// was done because of it, and what waits for a yes. A language model answers
// with the tools of package assist, within bounds; where none is configured,
// rules understand a small language and never guess. It knows no technology:
// storage and the model are interfaces.
//
// A model decides nothing that cannot be taken back on the spot. What deletes
// or changes many tasks becomes a Confirmation with the exact arguments, and
// only its owner's yes has it done, once. What tasks say reaches a model as
// data in results of tools alone.
package chat

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// The bounds of what is kept.
const (
	MaxConversations = 200     // of an owner; of more, those that rested longest go
	MaxReaders       = 50      // the same of those that were begun by readers, beside them
	MaxMessages      = 500     // of a conversation; one that has them is full
	MaxSize          = 2 << 20 // bytes of what was said and done in one; one answer may go beyond
	MaxText          = 4000    // characters of what a person says at once
	MaxHistory       = 60      // messages that Begin returns, the newest
	MaxTitle         = 80      // characters of a conversation's title
)

// Conversation is what was said in one go. Its title is how it began.
type Conversation struct {
	ID        task.ID
	Title     string
	CreatedAt time.Time
	UpdatedAt time.Time // when something was said last; lists begin with the latest
	Messages  []Message // in the order in which they were said; nil in lists
}

// Role is who says something.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Understanding is by what means an answer was found.
type Understanding string

// The means.
const (
	ByModel Understanding = "model"
	ByRules Understanding = "rules"
)

// Message is one thing that was said. All but the first four fields are of what
// the assistant says.
type Message struct {
	ID        task.ID
	Role      Role
	Text      string
	CreatedAt time.Time

	Own          *int          // bytes of Text that are a model's own words, before ours; nil: by rules, or not known
	Calls        []Call        // what was done, in order; nil: nothing
	Confirmation *Confirmation // what it asks a yes for; nil: nothing
	By           Understanding
	Usage        Usage
}

// Call is one use of a tool. Arguments and Result are JSON objects.
type Call struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
	Result    json.RawMessage `json:"result"`
	Refused   bool            `json:"refused"` // Result says what is wrong
}

// Confirmation is a call that waits for a yes, with exactly the arguments that
// a yes carries out.
type Confirmation struct {
	ID        task.ID
	Name      string
	Arguments json.RawMessage // an object
	Question  string          // what a yes does, in words
	State     State
}

// State is what became of a confirmation.
type State string

// The states. One that is taken is carried out now, or was when its pod died.
const (
	Waiting State = "waiting"
	Taken   State = "taken"
	Done    State = "done"    // its answer is a message
	Dropped State = "dropped" // declined, or something else was said
)

// Language is one that we speak.
type Language string

// The languages.
const (
	English Language = "en"
	Urdu    Language = "ur"
)

// Yes is what a button says that agrees to a question in the language.
func (l Language) Yes() string { return speaking[l].yes }

// No is what one says that declines.
func (l Language) No() string { return speaking[l].no }

// Language returns that of the question, which is that of its first letter: a
// question begins with words of ours, whatever titles it names.
func (c Confirmation) Language() Language {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(c.Question, func(r rune) bool { return !unicode.IsLetter(r) }))
	if unicode.Is(unicode.Arabic, first) {
		return Urdu
	}
	return English
}

// Usage is what an answer cost.
type Usage struct {
	Turns        int   `json:"turns"` // times that the model was asked
	InputTokens  int64 `json:"input_tokens"`
	OutputTokens int64 `json:"output_tokens"`
}

// Tokens returns the tokens of both kinds.
func (u Usage) Tokens() int64 { return u.InputTokens + u.OutputTokens }

// Answer is what came of what somebody said.
type Answer struct {
	Conversation task.ID
	Message      Message // of the assistant
}

// Event is something that happens while an answer is found, in the order in
// which it happens. Of all but the first exactly one field is set.
type Event struct {
	Conversation task.ID  // what is said belongs to it; the first event of all
	Language     Language // with it: what we say ourselves is in it
	Delta        string   // more of the answer's text; all of them joined are Message.Text
	Call         *Call    // a tool was used
}

// What can be wrong, beside task.Faults for what is said, *Failure for the
// model, and what storage says (task.ErrUnavailable, task.ErrKeyReused).
var (
	// ErrNoConversation: the caller has no such conversation.
	ErrNoConversation = errors.New("there is no such conversation")
	// ErrNoConfirmation: nothing of that id waits in the conversation.
	ErrNoConfirmation = errors.New("there is no such confirmation in this conversation")
	// ErrDropped: the confirmation was declined, or something else was said
	// after it.
	ErrDropped = errors.New("it was declined, or something else was said since; ask for it again")
	// ErrDone: a confirmation that is declined was carried out already.
	ErrDone = errors.New("it has been done already; undo takes it back")
	// ErrTurnOpen: the conversation is being answered at this moment.
	ErrTurnOpen = errors.New("the message before is still being answered; wait for its answer")
	// ErrNotLast: what is to be answered again was not said last, or has an answer.
	ErrNotLast = errors.New("only what was said last, and has no answer yet, can be answered again")
	// ErrOvertaken: an answer came so late that its turn was over.
	ErrOvertaken = errors.New("it took so long that the answer could not be kept; what was done for it can be seen and taken back with undo")
	// ErrApart: a reader says something in a conversation of those who may write,
	// or one of them in a reader's.
	ErrApart = errors.New("conversations of credentials that may only read are apart from the others, and this is of the other kind; begin another")
	// ErrCrowded: as many conversations as are kept are being answered.
	ErrCrowded = errors.New("as many conversations as may be are being answered at this moment; wait for their answers")
	// ErrFull: the conversation has MaxMessages, or MaxSize.
	ErrFull = errors.New("this conversation is full; begin another")
)

package chat

import (
	"context"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// Service has conversations.
type Service struct {
	Store  Store
	Model  Model // nil: rules understand what is said
	Limits Limits
	Now    func() time.Time
	NewID  func() task.ID // UUIDv7, so that ids follow creation
}

// Limits bound what one answer costs. Zero values stand for the defaults.
type Limits struct {
	Turns       int           // times that the model is asked for one message
	Tokens      int64         // of one message, read and written
	DailyTokens int64         // of an owner on a day (UTC); readers leave half of them
	Time        time.Duration // of one message
}

// The defaults. A message ends well before the front door and Knative give up.
const (
	DefaultTurns       = 8
	DefaultTokens      = 60_000
	DefaultDailyTokens = 500_000
	DefaultTime        = 90 * time.Second
)

// The least tokens with which a model can answer: what it is told before a message,
// and its tools, take most of them. Readers have half of a day's.
const (
	LeastTokens      = 5_000
	LeastDailyTokens = 2 * LeastTokens
)

// whole returns the limits with the defaults in place of zeros.
func (l Limits) whole() Limits {
	return Limits{
		Turns: or(l.Turns, DefaultTurns), Tokens: or(l.Tokens, DefaultTokens),
		DailyTokens: or(l.DailyTokens, DefaultDailyTokens), Time: or(l.Time, DefaultTime),
	}
}

func or[T comparable](value, byDefault T) T {
	var zero T
	if value == zero {
		return byDefault
	}
	return value
}

// Saying is what somebody says: exactly one of Text, Confirm and Decline.
type Saying struct {
	Owner    string
	ReadOnly bool // tools that change something are not offered
	// Tasks are the tools' service on the caller's behalf. What is done under a
	// key is done once: a turn that is repeated, because its pod died, gives
	// its calls the same keys.
	Tasks func(key string) assist.Tasks
	// Failed is told, for the log of the request, what went wrong where an answer
	// is given or something was done nevertheless: a *Failure, or what storage
	// says. What is returned as an error alone it is not told. nil: nobody is.
	Failed func(why error)

	Conversation task.ID // zero: a new one
	Unanswered   task.ID // the message of the conversation that Text is; zero: it is said now
	Text         *string
	Confirm      task.ID
	Decline      task.ID

	Key    string // that of the request, "": none
	Digest [32]byte
}

// Answer answers. It tells what happens as it happens, on the caller's goroutine.
// An answer that was given before, to the same request or the same confirmation,
// is returned again, and tells nothing but its conversation.
//
// Where a bound is met, or a model fails after something was done, the answer
// says so and names what was done. A *Failure is returned only where nothing
// was; then what was said is kept, and the same request may be made again.
// The conversation is in the answer beside an error, too, once there is one.
func (s *Service) Answer(ctx context.Context, said Saying, tell func(Event)) (Answer, error) {
	if err := said.check(); err != nil {
		return Answer{}, err
	}
	limits := s.Limits.whole()
	speaks, err := s.wordsFor(ctx, said)
	if err != nil {
		return Answer{Conversation: said.Conversation}, err
	}
	begun, err := s.Store.Begin(ctx, s.beginning(said, speaks, limits.Time))
	if err != nil {
		return Answer{Conversation: said.Conversation}, err
	}
	tell(Event{Conversation: begun.Conversation, Language: speaks.language})
	a := Answer{Conversation: begun.Conversation}
	if begun.Answered != nil {
		a.Message = *begun.Answered
		return a, nil
	}
	t := &turn{Service: s, limits: limits, said: said, begun: begun, words: speaks, tell: tell}
	t.answer = Message{ID: s.NewID(), Role: Assistant, By: ByRules}
	bounded, cancel := context.WithTimeout(ctx, limits.Time)
	defer cancel()
	a.Message, err = t.close(ctx, t.find(bounded))
	return a, err
}

// wordsFor returns the language of what is said; of a button, that of its question.
func (s *Service) wordsFor(ctx context.Context, said Saying) (*words, error) {
	if said.Text != nil {
		return speaking[languageOf(*said.Text)], nil
	}
	question, err := s.Store.Question(ctx, said.Owner, said.Conversation, said.named())
	if err != nil {
		return nil, err
	}
	return speaking[Confirmation{Question: question}.Language()], nil
}

// keepTime bounds how long an answer is written down after its time, or its
// caller, has gone.
const keepTime = 10 * time.Second

// beginning is what storage is told of something that is said.
func (s *Service) beginning(said Saying, w *words, limit time.Duration) Beginning {
	b := Beginning{
		Owner: said.Owner, Reader: said.ReadOnly, Conversation: said.Conversation,
		Message: Message{ID: s.NewID(), Role: User, Text: said.inWords(w), CreatedAt: s.Now()},
		// Those of its calls that end with its time have ended by then.
		Until:        s.Now().Add(limit + 2*keepTime),
		Confirmation: said.named(),
		Confirmed:    said.agrees(),
		Unanswered:   said.Unanswered,
		Key:          said.Key, Digest: said.Digest,
	}
	if said.Conversation.IsZero() {
		b.NewConversation, b.Title = s.NewID(), inLine(b.Message.Text, MaxTitle)
	}
	return b
}

// List returns conversations, the latest first, without their messages: at most
// as many as asked for, from a position on.
func (s *Service) List(ctx context.Context, owner string, after Position, most int) ([]Conversation, error) {
	return s.Store.Conversations(ctx, owner, after, most)
}

// Get returns a conversation with its messages, or ErrNoConversation.
func (s *Service) Get(ctx context.Context, owner string, id task.ID) (Conversation, error) {
	return s.Store.Conversation(ctx, owner, id)
}

// Delete forgets a conversation, or returns ErrNoConversation, or ErrTurnOpen
// for one that is being answered.
func (s *Service) Delete(ctx context.Context, owner string, id task.ID) error {
	return s.Store.DeleteConversation(ctx, owner, id, s.Now())
}

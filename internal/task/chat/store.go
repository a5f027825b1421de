package chat

import (
	"context"
	"time"

	"todo-app/internal/task"
)

// Store keeps conversations, each for its owner alone.
type Store interface {
	Turns
	Conversations
}

// Turns are what is said and answered. A conversation has one turn at a time:
// that is what makes a yes count once.
type Turns interface {
	// Begin keeps what somebody says and opens a turn, in one transaction.
	//
	//  1. A Key that the owner has used within a day for another Digest is
	//     task.ErrKeyReused. For the same one: a turn that is answered returns
	//     its answer in Begun.Answered, and nothing else happens; one that is
	//     open is ErrTurnOpen, unless it has this very Until: then it is this
	//     turn, whose commit was in doubt. That one, and one that was abandoned
	//     or is past its Until, is opened again with the message kept then
	//     (Begun.Message has its id), which goes on at 4.
	//  2. A Conversation that is zero begins with the id NewConversation and
	//     Title; MaxConversations are kept, or MaxReaders of readers, and of more
	//     those go that rested longest and are not being answered. Where all that
	//     are kept are, it is ErrCrowded. One
	//     that the owner lacks is ErrNoConversation, and one of the other kind
	//     ErrApart. One with an open turn whose Until has not come is
	//     ErrTurnOpen, one with MaxMessages-1 or more messages, or with MaxSize, ErrFull.
	//  3. The message is kept; or where Unanswered names one, which was said last in the
	//     conversation and has no answer, that one is answered in its place. Another
	//     is ErrNotLast.
	//  4. The confirmation named, or else the one of the conversation that is
	//     Waiting or Taken, if there is one, is settled by Confirmed. Named and
	//     not there: ErrNoConfirmation. Named and Dropped: ErrDropped. Named,
	//     Done and Confirmed again: the answer that came of it in
	//     Begun.Answered, and nothing is kept of this turn; Done and not
	//     Confirmed: ErrDone. Else it becomes Taken where Confirmed is
	//     (one that is Taken already belongs to a turn that died, and is
	//     returned again), Dropped elsewhere.
	//
	// An error keeps nothing.
	Begin(ctx context.Context, b Beginning) (Begun, error)
	// Question returns what a confirmation of a conversation asks, which never
	// changes; "" where there is none.
	Question(ctx context.Context, owner string, conversation, confirmation task.ID) (string, error)
	// Reserve takes tokens of the owner's day (UTC) of at before they are used,
	// so that messages at the same time do not use the same ones: r.Most of them,
	// or what the limit leaves, or none where that is less than r.Least.
	Reserve(ctx context.Context, owner string, at time.Time, r Reservation) (tokens int64, err error)
	// Spend adds to the tokens of the owner's day (UTC) of at; fewer than none
	// are given back.
	Spend(ctx context.Context, owner string, at time.Time, tokens int64) error
	// End keeps the answer and closes the turn, in one transaction: the
	// assistant's message with its calls, its usage and the confirmation it asks
	// for, which waits from then on; and that the confirmation Ending.Settled,
	// unless zero, is Done with this answer. ErrOvertaken, and nothing is
	// kept, where the turn is not the conversation's open one any more.
	End(ctx context.Context, e Ending) error
	// Abandon closes a turn that has no answer. What was said stays. No turn:
	// no error.
	Abandon(ctx context.Context, t Turn) error
}

// Reservation is how many tokens are to be taken of a day that has Limit.
type Reservation struct{ Least, Most, Limit int64 }

// Conversations are what was said before.
type Conversations interface {
	// Conversations returns those last changed before a position, the latest
	// first, without their messages. The zero Position is before all.
	Conversations(ctx context.Context, owner string, after Position, most int) ([]Conversation, error)
	// Conversation returns one with all its messages, or ErrNoConversation.
	Conversation(ctx context.Context, owner string, id task.ID) (Conversation, error)
	// DeleteConversation forgets one, or returns ErrNoConversation, or
	// ErrTurnOpen for one that is being answered at now.
	DeleteConversation(ctx context.Context, owner string, id task.ID, now time.Time) error
}

// Position is behind a conversation in a list.
type Position struct {
	UpdatedAt time.Time
	ID        task.ID
}

// Turn names a turn: by the message that it answers.
type Turn struct {
	Owner        string
	Conversation task.ID
	Message      task.ID
}

// Beginning is something that is said.
type Beginning struct {
	Owner           string
	Reader          bool    // who may change nothing
	Conversation    task.ID // zero: none yet
	NewConversation task.ID
	Title           string
	Message         Message   // its CreatedAt is now
	Unanswered      task.ID   // the one that is answered in its place; zero: none
	Until           time.Time // the turn is over by then, or its pod has died

	Confirmation task.ID // the one it is about; zero: the one that waits
	Confirmed    bool

	Key    string // "": none
	Digest [32]byte
}

// Begun is a turn that is open.
type Begun struct {
	Turn
	// History is what was said before, MaxHistory messages at most, in order,
	// with the states of confirmations as they are now.
	History []Message
	// Confirmation is the one that was settled; nil: none. Where it is Taken and
	// there was no yes, somebody's yes before may have been carried out.
	Confirmation *Confirmation
	// Answered is the answer that there is already: no turn is open.
	Answered *Message
}

// Ending is an answer.
type Ending struct {
	Turn
	Message Message // its CreatedAt is now
	Settled task.ID // the confirmation that was carried out; zero: none
}

package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

// answeredBefore ends a transaction in which nothing is to be kept, because the
// answer is there.
type answeredBefore struct{ begun chat.Begun }

func (*answeredBefore) Error() string { return "answered before" }

// opening is a turn on its way to be opened.
type opening struct {
	chat.Beginning
	tx       pgx.Tx
	begun    chat.Begun
	seq      int  // of the message that is answered
	repeated bool // it was said by an earlier try
}

func (o *opening) open(ctx context.Context) (chat.Begun, error) {
	o.begun.Turn = chat.Turn{Owner: o.Owner, Conversation: o.Conversation, Message: o.Message.ID}
	if !o.Unanswered.IsZero() {
		o.begun.Message = o.Unanswered
	}
	if o.Conversation.IsZero() {
		o.begun.Conversation = o.NewConversation
	}
	again, err := o.takeKey(ctx)
	switch {
	case err != nil:
		return o.begun, err
	case again:
		o.repeated = true
		err = o.resume(ctx)
	case !o.Unanswered.IsZero():
		o.repeated = true
		err = o.answerAnew(ctx)
	case o.Conversation.IsZero():
		err = o.first(ctx)
	default:
		err = o.next(ctx)
	}
	if err == nil {
		err = o.settle(ctx)
	}
	if err == nil {
		o.begun.History, err = history(ctx, o.tx, o.begun.Turn, o.seq)
	}
	return o.begun, err
}

// takeChatKey waits for a concurrent request with the key to commit or to roll
// back. One past its life is taken over.
const takeChatKey = `
insert into chat_keys as k (owner_id, key, digest, conversation_id, message_id, created_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (owner_id, key) do update set
  digest = excluded.digest,
  conversation_id = excluded.conversation_id,
  message_id = excluded.message_id,
  created_at = excluded.created_at
where k.created_at < $7`

const findChatKey = `
select
  digest,
  conversation_id,
  message_id
from chat_keys
where owner_id = $1
  and key = $2`

// forgetChatKeys keeps what is past its life from piling up.
const forgetChatKeys = `
delete from chat_keys
where owner_id = $1
  and created_at < $2`

// takeKey takes the key of the request, if it has one. Again is true for one
// that was taken by an earlier try of the same request, whose turn it then is.
func (o *opening) takeKey(ctx context.Context) (again bool, err error) {
	if o.Key == "" {
		return false, nil
	}
	expired := o.Message.CreatedAt.Add(-keyLife)
	taken, err := o.tx.Exec(ctx, takeChatKey, o.Owner, o.Key, o.Digest[:], uuid(o.begun.Conversation), uuid(o.begun.Message), o.Message.CreatedAt, expired)
	if err != nil {
		return false, err
	}
	if taken.RowsAffected() == 1 {
		_, err := o.tx.Exec(ctx, forgetChatKeys, o.Owner, expired)
		return false, err
	}
	var digest []byte
	err = o.tx.QueryRow(ctx, findChatKey, o.Owner, o.Key).Scan(&digest, (*uuid)(&o.begun.Conversation), (*uuid)(&o.begun.Message))
	if err == nil && !slices.Equal(digest, o.Digest[:]) {
		err = task.ErrKeyReused
	}
	return true, err
}

const lockConversation = `
select
  messages,
  turn,
  turn_until,
  reader
from conversations
where owner_id = $1
  and id = $2
for update`

// lock makes the conversation this transaction's until it ends. It returns how
// many messages there are, which of them is being answered at the moment, and until when.
func (o *opening) lock(ctx context.Context) (messages int, open task.ID, until time.Time, err error) {
	var reader bool
	err = o.tx.QueryRow(ctx, lockConversation, o.Owner, uuid(o.begun.Conversation)).Scan(&messages, (*uuid)(&open), (*moment)(&until), &reader)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, open, until, chat.ErrNoConversation
	case err == nil && reader != o.Reader:
		return 0, open, until, chat.ErrApart
	}
	if !o.Message.CreatedAt.Before(until) {
		open = task.ID{}
	}
	return messages, open, until, err
}

// lockIdle is lock for who can go on only where nothing is being answered.
func (o *opening) lockIdle(ctx context.Context) (messages int, err error) {
	messages, open, _, err := o.lock(ctx)
	if err == nil && !open.IsZero() {
		err = chat.ErrTurnOpen
	}
	return messages, err
}

const findMessage = `
select seq
from messages
where owner_id = $1
  and conversation_id = $2
  and id = $3
  and role = 'user'`

const findAnswerOf = `
select ` + messageColumns + `
` + fromMessages + `
where m.owner_id = $1
  and m.conversation_id = $2
  and m.answers = $3`

const reopenTurn = `
update conversations set
  turn = $3,
  turn_until = $4
where owner_id = $1
  and id = $2`

// resume goes on with a turn that an earlier try of the request began.
func (o *opening) resume(ctx context.Context) error {
	_, open, until, err := o.lock(ctx)
	if err != nil {
		return err
	}
	if o.begun.Answered, err = answer(ctx, o.tx, findAnswerOf, o.Owner, uuid(o.begun.Conversation), uuid(o.begun.Message)); err != nil {
		return err
	}
	switch {
	case o.begun.Answered != nil:
		return &answeredBefore{o.begun}
	case !open.IsZero() && !until.Equal(o.Until.Truncate(time.Microsecond)): // else it is this very one, whose commit was in doubt
		return chat.ErrTurnOpen
	}
	return o.reopen(ctx)
}

// answerAnew goes on with a turn that was abandoned.
func (o *opening) answerAnew(ctx context.Context) error {
	messages, err := o.lockIdle(ctx)
	if err != nil {
		return err
	}
	err = o.reopen(ctx)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && o.seq != messages {
		return chat.ErrNotLast
	}
	return err
}

// reopen opens the turn of a message that there is.
func (o *opening) reopen(ctx context.Context) error {
	owner, conversation, message := o.Owner, uuid(o.begun.Conversation), uuid(o.begun.Message)
	if err := o.tx.QueryRow(ctx, findMessage, owner, conversation, message).Scan(&o.seq); err != nil {
		return err
	}
	_, err := o.tx.Exec(ctx, reopenTurn, owner, conversation, message, o.Until)
	return err
}

// lockBeginnings lines up those who begin conversations of one kind for one owner, so
// that each counts what the others began. Two owners whose hashes are the same wait for
// each other, for moments.
const lockBeginnings = `select pg_advisory_xact_lock(hashtextextended($1, $2::boolean::integer))`

const insertConversation = `
insert into conversations (owner_id, id, title, created_at, updated_at, reader)
values ($1, $2, $3, $4, $4, $5)`

const countConversations = `
select count(*)
from conversations
where owner_id = $1
  and reader = $2`

// forgetConversations leaves those alone that somebody else works on, or that
// are being answered. It locks none but those that go.
const forgetConversations = `
delete from conversations
where owner_id = $1
  and id in (
    select id
    from conversations
    where owner_id = $1
      and reader = $4
      and (turn is null or turn_until <= $3)
    order by
      updated_at,
      id
    limit $2
    for update skip locked)`

// first begins a conversation.
func (o *opening) first(ctx context.Context) error {
	if _, err := o.tx.Exec(ctx, lockBeginnings, o.Owner, o.Reader); err != nil {
		return err
	}
	if _, err := o.tx.Exec(ctx, insertConversation, o.Owner, uuid(o.NewConversation), o.Title, o.Message.CreatedAt, o.Reader); err != nil {
		return err
	}
	if err := o.say(ctx); err != nil {
		return err
	}
	return o.makeRoom(ctx)
}

// makeRoom forgets conversations beyond those that are kept.
func (o *opening) makeRoom(ctx context.Context) error {
	most := chat.MaxConversations
	if o.Reader {
		most = chat.MaxReaders
	}
	var kept int
	if err := o.tx.QueryRow(ctx, countConversations, o.Owner, o.Reader).Scan(&kept); err != nil || kept <= most {
		return err
	}
	gone, err := o.tx.Exec(ctx, forgetConversations, o.Owner, kept-most, o.Message.CreatedAt, o.Reader)
	if err == nil && int(gone.RowsAffected()) < kept-most {
		err = chat.ErrCrowded
	}
	return err
}

// sizeConversation reads no value: how long it is stands before each.
const sizeConversation = `
select coalesce(sum(octet_length(body) + coalesce(octet_length(calls), 0)), 0)
from messages
where owner_id = $1
  and conversation_id = $2`

// next goes on with a conversation.
func (o *opening) next(ctx context.Context) error {
	messages, err := o.lockIdle(ctx)
	switch {
	case err != nil:
		return err
	case messages >= chat.MaxMessages-1:
		return chat.ErrFull
	}
	var size int64
	if err := o.tx.QueryRow(ctx, sizeConversation, o.Owner, uuid(o.begun.Conversation)).Scan(&size); err != nil {
		return err
	}
	if size >= chat.MaxSize {
		return chat.ErrFull
	}
	return o.say(ctx)
}

// countMessage gives the next message its place, in a conversation that is held.
const countMessage = `
update conversations set
  messages = messages + 1,
  updated_at = greatest(updated_at, $3),
  turn = $4,
  turn_until = $5
where owner_id = $1
  and id = $2
returning messages`

const insertMessage = `
insert into messages (owner_id, conversation_id, seq, id, role, body, created_at, answers, calls, own_bytes, understood_by, turns, input_tokens, output_tokens)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

// say keeps what is said, and opens its turn.
func (o *opening) say(ctx context.Context) (err error) {
	o.seq, err = keep(ctx, o.tx, o.begun.Turn, o.Message, o.Message.ID, o.Until)
	return err
}

// findConfirmation finds the one that is named, or else what waited for a yes, or
// had one when its pod died, when the message was said: a message that is answered
// late is no answer to what was asked since.
const findConfirmation = `
select
  c.id,
  c.name,
  c.arguments,
  c.question,
  c.state,
  c.answer_id
from confirmations c
join messages m on m.owner_id = c.owner_id and m.conversation_id = c.conversation_id and m.id = c.message_id
where c.owner_id = $1
  and c.conversation_id = $2
  and m.seq < $4
  and case when $3::uuid is null then c.state in ('waiting', 'taken') else c.id = $3 end`

const setConfirmation = `
update confirmations set
  state = $4,
  answer_id = $5
where owner_id = $1
  and conversation_id = $2
  and id = $3`

const findAnswerByID = `
select ` + messageColumns + `
` + fromMessages + `
where m.owner_id = $1
  and m.conversation_id = $2
  and m.id = $3`

// settle decides about the confirmation that what is said is about.
func (o *opening) settle(ctx context.Context) error {
	var c chat.Confirmation
	var answerID task.ID
	var arguments string
	err := o.tx.QueryRow(ctx, findConfirmation, o.Owner, uuid(o.begun.Conversation), uuid(o.Confirmation), o.seq).
		Scan((*uuid)(&c.ID), &c.Name, &arguments, &c.Question, (*string)(&c.State), (*uuid)(&answerID))
	c.Arguments = json.RawMessage(arguments)
	switch {
	case errors.Is(err, pgx.ErrNoRows) && o.Confirmation.IsZero():
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return chat.ErrNoConfirmation
	case err != nil:
		return err
	case c.State == chat.Dropped && o.repeated && !o.Confirmed: // by the first try of this very request
		o.begun.Confirmation = &c
		return nil
	case c.State == chat.Dropped:
		return chat.ErrDropped
	case c.State == chat.Done && !o.Confirmed:
		return chat.ErrDone
	case c.State == chat.Done:
		if o.begun.Answered, err = answer(ctx, o.tx, findAnswerByID, o.Owner, uuid(o.begun.Conversation), uuid(answerID)); err != nil {
			return err
		}
		return &answeredBefore{o.begun}
	}
	state := chat.Dropped
	if o.Confirmed {
		state = chat.Taken
	}
	if c.State == chat.Waiting {
		c.State = state
	}
	o.begun.Confirmation = &c
	_, err = o.tx.Exec(ctx, setConfirmation, o.Owner, uuid(o.begun.Conversation), uuid(c.ID), string(state), nil)
	return err
}

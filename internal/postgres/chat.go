package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

var _ chat.Store = (*Store)(nil)

// Begin implements chat.Turns. The row of the conversation is its lock.
func (s *Store) Begin(ctx context.Context, b chat.Beginning) (begun chat.Begun, err error) {
	err = s.converse(ctx, b.Owner, b.Key != "", func(tx pgx.Tx) (err error) {
		o := &opening{Beginning: b, tx: tx}
		begun, err = o.open(ctx)
		return err
	})
	var answered *answeredBefore
	if errors.As(err, &answered) {
		return answered.begun, nil
	}
	return begun, translate("beginning to answer", err)
}

// converse runs a transaction as the owner. One that may be run twice without
// harm is tried again even where it may have been committed.
func (s *Store) converse(ctx context.Context, owner string, twice bool, do func(pgx.Tx) error) error {
	return retry(ctx, s.Pool, func() error {
		tx, err := s.Pool.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) // no more once it is committed
		if _, err := tx.Exec(ctx, actAs, owner); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if err = tx.Commit(ctx); err != nil && !twice && inDoubt(err) {
			return fmt.Errorf("%w: %w", task.ErrUnknownOutcome, err)
		}
		return err
	})
}

// answeredBefore ends a transaction in which nothing is to be kept, because the
// answer is there.
type answeredBefore struct{ begun chat.Begun }

func (*answeredBefore) Error() string { return "answered before" }

// opening is a turn on its way to be opened.
type opening struct {
	chat.Beginning
	tx    pgx.Tx
	begun chat.Begun
	seq   int // of the message that is answered
}

func (o *opening) open(ctx context.Context) (chat.Begun, error) {
	o.begun.Turn = chat.Turn{Owner: o.Owner, Conversation: o.Conversation, Message: o.Message.ID}
	if o.Conversation.IsZero() {
		o.begun.Conversation = o.NewConversation
	}
	again, err := o.takeKey(ctx)
	switch {
	case err != nil:
		return o.begun, err
	case again:
		err = o.resume(ctx)
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
	taken, err := o.tx.Exec(ctx, takeChatKey, o.Owner, o.Key, o.Digest[:], uuid(o.begun.Conversation), uuid(o.Message.ID), o.Message.CreatedAt, expired)
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
  turn_until
from conversations
where owner_id = $1
  and id = $2
for update`

// lock makes the conversation this transaction's until it ends. It returns how
// many messages there are, and which of them is being answered at the moment.
func (o *opening) lock(ctx context.Context) (messages int, open task.ID, err error) {
	var until time.Time
	err = o.tx.QueryRow(ctx, lockConversation, o.Owner, uuid(o.begun.Conversation)).Scan(&messages, (*uuid)(&open), (*moment)(&until))
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, open, chat.ErrNoConversation
	}
	if !o.Message.CreatedAt.Before(until) {
		open = task.ID{}
	}
	return messages, open, err
}

const findMessage = `
select seq
from messages
where owner_id = $1
  and conversation_id = $2
  and id = $3`

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
	_, open, err := o.lock(ctx)
	if err != nil {
		return err
	}
	owner, conversation, message := o.Owner, uuid(o.begun.Conversation), uuid(o.begun.Message)
	if o.begun.Answered, err = answer(ctx, o.tx, findAnswerOf, owner, conversation, message); err != nil {
		return err
	}
	switch {
	case o.begun.Answered != nil:
		return &answeredBefore{o.begun}
	case !open.IsZero() && o.begun.Message != o.Message.ID: // else it is this very one, whose commit was in doubt
		return chat.ErrTurnOpen
	}
	if err := o.tx.QueryRow(ctx, findMessage, owner, conversation, message).Scan(&o.seq); err != nil {
		return err
	}
	_, err = o.tx.Exec(ctx, reopenTurn, owner, conversation, message, o.Until)
	return err
}

const insertConversation = `
insert into conversations (owner_id, id, title, created_at, updated_at)
values ($1, $2, $3, $4, $4)`

// forgetConversations leaves those alone that somebody else works on.
const forgetConversations = `
delete from conversations
where owner_id = $1
  and id in (
    select id
    from conversations
    where owner_id = $1
    order by updated_at desc, id desc
    offset $2
    for update skip locked)`

// first begins a conversation.
func (o *opening) first(ctx context.Context) error {
	if _, err := o.tx.Exec(ctx, insertConversation, o.Owner, uuid(o.NewConversation), o.Title, o.Message.CreatedAt); err != nil {
		return err
	}
	if _, err := o.tx.Exec(ctx, forgetConversations, o.Owner, chat.MaxConversations); err != nil {
		return err
	}
	return o.say(ctx)
}

// next goes on with a conversation.
func (o *opening) next(ctx context.Context) error {
	messages, open, err := o.lock(ctx)
	switch {
	case err != nil:
		return err
	case !open.IsZero():
		return chat.ErrTurnOpen
	case messages >= chat.MaxMessages-1:
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
insert into messages (owner_id, conversation_id, seq, id, role, body, created_at, answers, calls, understood_by, turns, input_tokens, output_tokens)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

// say keeps what is said, and opens its turn.
func (o *opening) say(ctx context.Context) (err error) {
	o.seq, err = keep(ctx, o.tx, o.begun.Turn, o.Message, o.Message.ID, o.Until)
	return err
}

// keep keeps a message, the last so far, and says which is being answered now;
// the zero id is none.
func keep(ctx context.Context, tx pgx.Tx, t chat.Turn, m chat.Message, open task.ID, until time.Time) (seq int, err error) {
	err = tx.QueryRow(ctx, countMessage, t.Owner, uuid(t.Conversation), m.CreatedAt, uuid(open), nullable(until)).Scan(&seq)
	if err != nil {
		return 0, err
	}
	var answers task.ID
	var calls *string
	if m.Role == chat.Assistant {
		answers = t.Message
		if calls, err = written(m.Calls); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, insertMessage, t.Owner, uuid(t.Conversation), seq, uuid(m.ID), string(m.Role), m.Text, m.CreatedAt, uuid(answers), calls,
		string(m.By), m.Usage.Turns, m.Usage.InputTokens, m.Usage.OutputTokens)
	return seq, err
}

// written returns calls as JSON that has every character as it was.
func written(calls []chat.Call) (*string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(calls); err != nil {
		return nil, fmt.Errorf("writing down what was done: %w", err)
	}
	return new(strings.ToValidUTF8(b.String(), "\uFFFD")), nil
}

// findConfirmation finds the one that is named, or else what waits for a yes, or
// had one when its pod died.
const findConfirmation = `
select
  id,
  name,
  arguments,
  question,
  state,
  answer_id
from confirmations
where owner_id = $1
  and conversation_id = $2
  and case when $3::uuid is null then state in ('waiting', 'taken') else id = $3 end`

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
	err := o.tx.QueryRow(ctx, findConfirmation, o.Owner, uuid(o.begun.Conversation), uuid(o.Confirmation)).
		Scan((*uuid)(&c.ID), &c.Name, &arguments, &c.Question, (*string)(&c.State), (*uuid)(&answerID))
	c.Arguments = json.RawMessage(arguments)
	switch {
	case errors.Is(err, pgx.ErrNoRows) && o.Confirmation.IsZero():
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return chat.ErrNoConfirmation
	case err != nil:
		return err
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
	c.State = chat.Dropped
	if o.Confirmed {
		c.State = chat.Taken
	}
	o.begun.Confirmation = &c
	_, err = o.tx.Exec(ctx, setConfirmation, o.Owner, uuid(o.begun.Conversation), uuid(c.ID), string(c.State), nil)
	return err
}

// messageColumns are the columns of a message in the order in which
// scanMessage scans them, from fromMessages.
const (
	messageColumns = `
  m.id,
  m.role,
  m.body,
  m.created_at,
  coalesce(m.calls, ''),
  m.understood_by,
  m.turns,
  m.input_tokens,
  m.output_tokens,
  c.id,
  coalesce(c.name, ''),
  coalesce(c.arguments, ''),
  coalesce(c.question, ''),
  coalesce(c.state, '')`
	fromMessages = `
from messages m
left join confirmations c on c.owner_id = m.owner_id and c.conversation_id = m.conversation_id and c.message_id = m.id`
)

func scanMessage(row pgx.CollectableRow) (m chat.Message, err error) {
	var calls, arguments string
	var c chat.Confirmation
	err = row.Scan((*uuid)(&m.ID), (*string)(&m.Role), &m.Text, (*moment)(&m.CreatedAt), &calls, (*string)(&m.By),
		&m.Usage.Turns, &m.Usage.InputTokens, &m.Usage.OutputTokens,
		(*uuid)(&c.ID), &c.Name, &arguments, &c.Question, (*string)(&c.State))
	if err == nil && calls != "" {
		err = json.Unmarshal([]byte(calls), &m.Calls)
	}
	if !c.ID.IsZero() {
		c.Arguments = json.RawMessage(arguments)
		m.Confirmation = &c
	}
	return m, err
}

// answer returns the message that a statement finds; nil if there is none.
func answer(ctx context.Context, tx pgx.Tx, sql string, args ...any) (*chat.Message, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	m, err := pgx.CollectOneRow(rows, scanMessage)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &m, err
}

const findSaid = `
select ` + messageColumns + `
` + fromMessages + `
where m.owner_id = $1
  and m.conversation_id = $2
  and m.seq < $3
order by m.seq desc
limit $4`

// history returns what was said before a message.
func history(ctx context.Context, tx pgx.Tx, t chat.Turn, seq int) ([]chat.Message, error) {
	rows, err := tx.Query(ctx, findSaid, t.Owner, uuid(t.Conversation), seq, chat.MaxHistory)
	if err != nil {
		return nil, err
	}
	said, err := pgx.CollectRows(rows, scanMessage)
	slices.Reverse(said)
	return said, err
}

const spendTokens = `
insert into chat_tokens as c (owner_id, day, tokens)
values ($1, $2, $3)
on conflict (owner_id, day) do update set
  tokens = c.tokens + excluded.tokens
returning tokens`

const spentTokens = `
select tokens
from chat_tokens
where owner_id = $1
  and day = $2`

// Spend implements chat.Turns.
func (s *Store) Spend(ctx context.Context, owner string, at time.Time, tokens int64) (spent int64, err error) {
	sql, args := spentTokens, []any{owner, at.UTC().Format(time.DateOnly)}
	if tokens != 0 {
		sql, args = spendTokens, append(args, tokens)
	}
	err = s.read(ctx, actAs, owner, sql, args, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&spent}, func() error { return nil })
		return err
	})
	return spent, translate("counting tokens", err)
}

const closeTurn = `
update conversations set
  turn = null,
  turn_until = null
where owner_id = $1
  and id = $2
  and turn = $3`

const insertConfirmation = `
insert into confirmations (owner_id, conversation_id, id, message_id, name, arguments, question, state)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

// End implements chat.Turns.
func (s *Store) End(ctx context.Context, e chat.Ending) error {
	owner, conversation, message := e.Owner, uuid(e.Conversation), uuid(e.Message.ID)
	return translate("keeping an answer", s.converse(ctx, e.Owner, true, func(tx pgx.Tx) error {
		closed, err := tx.Exec(ctx, closeTurn, owner, conversation, uuid(e.Turn.Message))
		if err == nil && closed.RowsAffected() == 0 {
			err = keptAlready(ctx, tx, e)
			if err == nil {
				return nil
			}
		}
		if err != nil {
			return err
		}
		if _, err := keep(ctx, tx, e.Turn, e.Message, task.ID{}, time.Time{}); err != nil {
			return err
		}
		if c := e.Message.Confirmation; c != nil {
			if _, err := tx.Exec(ctx, insertConfirmation, owner, conversation, uuid(c.ID), message, c.Name, string(c.Arguments), c.Question, string(chat.Waiting)); err != nil {
				return err
			}
		}
		if !e.Settled.IsZero() {
			_, err = tx.Exec(ctx, setConfirmation, owner, conversation, uuid(e.Settled), string(chat.Done), message)
		}
		return err
	}))
}

// keptAlready returns nil where the answer was kept by a commit whose outcome
// was in doubt, else ErrTurnOpen.
func keptAlready(ctx context.Context, tx pgx.Tx, e chat.Ending) error {
	m, err := answer(ctx, tx, findAnswerByID, e.Owner, uuid(e.Conversation), uuid(e.Message.ID))
	if err == nil && m == nil {
		err = chat.ErrTurnOpen
	}
	return err
}

// Abandon implements chat.Turns.
func (s *Store) Abandon(ctx context.Context, t chat.Turn) error {
	return translate("giving up an answer", s.read(ctx, actAs, t.Owner, closeTurn, []any{t.Owner, uuid(t.Conversation), uuid(t.Message)}, nothing))
}

// nothing reads a statement that shows nothing.
func nothing(rows pgx.Rows) error {
	rows.Close()
	return rows.Err()
}

const listConversations = `
select
  id,
  title,
  created_at,
  updated_at
from conversations
where owner_id = $1
  and (updated_at, id) < ($2, $3)
order by
  updated_at desc,
  id desc
limit $4`

// Conversations implements chat.Conversations.
func (s *Store) Conversations(ctx context.Context, owner string, after chat.Position, most int) (found []chat.Conversation, err error) {
	if after == (chat.Position{}) {
		after.ID = last
	}
	err = s.read(ctx, actAs, owner, listConversations, []any{owner, orInfinity(after.UpdatedAt), uuid(after.ID), most}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanConversation)
		return err
	})
	return found, translate("listing conversations", err)
}

// last is after every id.
var last = task.ID(slices.Repeat([]byte{0xff}, 16))

func scanConversation(row pgx.CollectableRow) (c chat.Conversation, err error) {
	return c, row.Scan((*uuid)(&c.ID), &c.Title, (*moment)(&c.CreatedAt), (*moment)(&c.UpdatedAt))
}

const findConversation = `
select
  id,
  title,
  created_at,
  updated_at
from conversations
where owner_id = $1
  and id = $2`

const findMessages = `
select ` + messageColumns + `
` + fromMessages + `
where m.owner_id = $1
  and m.conversation_id = $2
order by m.seq`

// Conversation implements chat.Conversations.
func (s *Store) Conversation(ctx context.Context, owner string, id task.ID) (c chat.Conversation, err error) {
	err = s.converse(ctx, owner, true, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, findConversation, owner, uuid(id))
		if err != nil {
			return err
		}
		if c, err = pgx.CollectOneRow(rows, scanConversation); errors.Is(err, pgx.ErrNoRows) {
			return chat.ErrNoConversation
		} else if err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, findMessages, owner, uuid(id)); err == nil {
			c.Messages, err = pgx.CollectRows(rows, scanMessage)
		}
		return err
	})
	return c, translate("reading a conversation", err)
}

const renameConversation = `
update conversations
set title = $3
where owner_id = $1
  and id = $2`

// RenameConversation gives a conversation another title, or returns
// chat.ErrNoConversation.
func (s *Store) RenameConversation(ctx context.Context, owner string, id task.ID, title string) error {
	return translate("renaming a conversation", s.converse(ctx, owner, true, func(tx pgx.Tx) error {
		named, err := tx.Exec(ctx, renameConversation, owner, uuid(id), title)
		if err == nil && named.RowsAffected() == 0 {
			err = chat.ErrNoConversation
		}
		return err
	}))
}

const deleteConversation = `
delete from conversations
where owner_id = $1
  and id = $2`

// DeleteConversation implements chat.Conversations.
func (s *Store) DeleteConversation(ctx context.Context, owner string, id task.ID) error {
	return translate("forgetting a conversation", s.converse(ctx, owner, false, func(tx pgx.Tx) error {
		gone, err := tx.Exec(ctx, deleteConversation, owner, uuid(id))
		if err == nil && gone.RowsAffected() == 0 {
			err = chat.ErrNoConversation
		}
		return err
	}))
}

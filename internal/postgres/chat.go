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
		m.Own, string(m.By), m.Usage.Turns, m.Usage.InputTokens, m.Usage.OutputTokens)
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

// messageColumns are the columns of a message in the order in which
// scanMessage scans them, from fromMessages.
const (
	messageColumns = `
  m.id,
  m.role,
  m.body,
  m.created_at,
  coalesce(m.calls, ''),
  m.own_bytes,
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
	err = row.Scan((*uuid)(&m.ID), (*string)(&m.Role), &m.Text, (*moment)(&m.CreatedAt), &calls, &m.Own, (*string)(&m.By),
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

const findQuestion = `
select question
from confirmations
where owner_id = $1
  and conversation_id = $2
  and id = $3`

// Question implements chat.Turns.
func (s *Store) Question(ctx context.Context, owner string, conversation, confirmation task.ID) (question string, err error) {
	err = s.read(ctx, actAs, owner, findQuestion, []any{owner, uuid(conversation), uuid(confirmation)}, func(rows pgx.Rows) (err error) {
		if question, err = pgx.CollectOneRow(rows, pgx.RowTo[string]); errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
		return err
	})
	return question, translate("reading a question", err)
}

const beginDay = `
insert into chat_tokens (owner_id, day, tokens)
values ($1, $2, 0)
on conflict do nothing`

// forgetDays keeps days past from piling up, but for the one before: an answer
// that was begun on it may not be counted yet.
const forgetDays = `
delete from chat_tokens
where owner_id = $1
  and day < $2::date - 1`

const lockDay = `
select tokens
from chat_tokens
where owner_id = $1
  and day = $2
for update`

const spendTokens = `
insert into chat_tokens as c (owner_id, day, tokens)
values ($1, $2, greatest($3, 0))
on conflict (owner_id, day) do update set
  tokens = greatest(c.tokens + $3, 0)`

// Reserve implements chat.Turns. Where its commit is in doubt, the tokens may be
// reserved twice: the day ends sooner, but never later.
func (s *Store) Reserve(ctx context.Context, owner string, at time.Time, r chat.Reservation) (tokens int64, err error) {
	day := at.UTC().Format(time.DateOnly)
	err = s.converse(ctx, owner, true, func(tx pgx.Tx) error {
		var spent int64
		begun, err := tx.Exec(ctx, beginDay, owner, day)
		if err != nil {
			return err
		}
		if begun.RowsAffected() > 0 {
			if _, err := tx.Exec(ctx, forgetDays, owner, day); err != nil {
				return err
			}
		}
		if err := tx.QueryRow(ctx, lockDay, owner, day).Scan(&spent); err != nil {
			return err
		}
		if tokens = min(r.Most, r.Limit-spent); tokens < r.Least {
			tokens = 0
			return nil
		}
		_, err = tx.Exec(ctx, spendTokens, owner, day, tokens)
		return err
	})
	return tokens, translate("reserving tokens", err)
}

// Spend implements chat.Turns. Where its commit is in doubt tokens are not given
// back a second time, but may be counted twice: the day ends sooner, never later.
func (s *Store) Spend(ctx context.Context, owner string, at time.Time, tokens int64) error {
	return translate("counting tokens", s.converse(ctx, owner, tokens > 0, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, spendTokens, owner, at.UTC().Format(time.DateOnly), tokens)
		return err
	}))
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
// was in doubt, else ErrOvertaken.
func keptAlready(ctx context.Context, tx pgx.Tx, e chat.Ending) error {
	m, err := answer(ctx, tx, findAnswerByID, e.Owner, uuid(e.Conversation), uuid(e.Message.ID))
	if err == nil && m == nil {
		err = chat.ErrOvertaken
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

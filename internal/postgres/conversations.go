package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

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
		after.ID = greatestID
	}
	err = s.read(ctx, actAs, owner, listConversations, []any{owner, orInfinity(after.UpdatedAt), uuid(after.ID), most}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanConversation)
		return err
	})
	return found, translate("listing conversations", err)
}

// greatestID is after every other id.
var greatestID = task.ID(slices.Repeat([]byte{0xff}, 16))

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
  and id = $2
  and (turn is null or turn_until <= $3)`

const isConversation = `
select exists (
  select
  from conversations
  where owner_id = $1
    and id = $2)`

// DeleteConversation implements chat.Conversations.
func (s *Store) DeleteConversation(ctx context.Context, owner string, id task.ID, now time.Time) error {
	return translate("forgetting a conversation", s.converse(ctx, owner, false, func(tx pgx.Tx) error {
		gone, err := tx.Exec(ctx, deleteConversation, owner, uuid(id), now)
		if err != nil || gone.RowsAffected() > 0 {
			return err
		}
		var there bool
		switch err := tx.QueryRow(ctx, isConversation, owner, uuid(id)).Scan(&there); {
		case err != nil:
			return err
		case there:
			return chat.ErrTurnOpen
		}
		return chat.ErrNoConversation
	}))
}

package main

import (
	"encoding/hex"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// statement is one that the functions were seen to send; batches of them
// travel together.
type statement struct {
	SQL   string
	Args  []*string // as text
	Batch int
}

func (s statement) args() []any {
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		args[i] = a
	}
	return args
}

// readTasks runs the statements and returns the rows of the last.
func (f *floor) readTasks(r *http.Request) (tasks []task, err error) {
	base := "http://" + r.Host
	var batch pgx.Batch
	for i, s := range f.list {
		queued := batch.Queue(s.SQL, s.args()...)
		last := i == len(f.list)-1
		if last {
			queued.Query(func(rows pgx.Rows) (err error) {
				tasks, err = pgx.AppendRows(make([]task, 0, 50), rows, func(row pgx.CollectableRow) (task, error) { return scan(row, base) })
				return err
			})
		}
		if last || f.list[i+1].Batch != s.Batch {
			if err := f.pool.SendBatch(r.Context(), &batch).Close(); err != nil {
				return nil, err
			}
			batch = pgx.Batch{}
		}
	}
	return tasks, nil
}

// task has the members of an answer, in its order.
type task struct {
	ID          string      `json:"id"`
	URL         string      `json:"url"`
	Version     int64       `json:"version"`
	CreatedAt   time.Time   `json:"created_at"`
	UpdatedAt   time.Time   `json:"updated_at"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Completed   bool        `json:"completed"`
	CompletedAt *time.Time  `json:"completed_at"`
	Priority    string      `json:"priority"`
	Category    string      `json:"category"`
	Tags        []string    `json:"tags"`
	Due         *time.Time  `json:"due"`
	Reminders   []string    `json:"reminders"`
	Recurrence  *recurrence `json:"recurrence"`
	ParentID    *string     `json:"parent_id"`
	DependsOn   []string    `json:"depends_on"`
	Order       float64     `json:"order"`
	Archived    bool        `json:"archived"`
	ArchivedAt  *time.Time  `json:"archived_at"`
	Overdue     bool        `json:"overdue"`
	DaysOverdue int         `json:"days_overdue"`
	Blocked     bool        `json:"blocked"`
	Subtasks    progress    `json:"subtasks"`
}

type recurrence struct {
	Rule       string `json:"rule"`
	From       string `json:"from"`
	SkipIfOpen bool   `json:"skip_if_open"`
}

type progress struct {
	Total     int `json:"total"`
	Completed int `json:"completed"`
}

var priorities = [...]string{1: "high", 2: "medium", 3: "low"}

// scan reads a row of the list statement: generation, nonce, next due, settled, child,
// title key, then the columns of a task, of which a list shows none between
// archived_at and open_dependencies.
func scan(row pgx.CollectableRow, base string) (t task, err error) {
	var generation, nonce int64
	var next, due pgtype.Timestamptz
	var settled, child, allDay bool
	var key string
	var id, parent pgtype.UUID
	var dependencies []pgtype.UUID
	var priority int16
	var open int
	var r recurrence
	err = row.Scan(&generation, &nonce, &next, &settled, &child, &key, &id, &t.Version, &t.CreatedAt, &t.UpdatedAt, &t.Title, &t.Description,
		&t.CompletedAt, &priority, &t.Category, &t.Tags, &due, &allDay, &t.Reminders, &r.Rule, &r.From, &r.SkipIfOpen,
		&parent, &dependencies, &t.Order, &t.ArchivedAt, nil, nil, nil, nil, nil, &open, &t.Subtasks.Total, &t.Subtasks.Completed)
	if err != nil {
		return t, err
	}
	t.ID = text(id)
	t.URL = base + "/api/v1/tasks/" + t.ID
	t.Priority = priorities[priority]
	t.Completed, t.Archived, t.Blocked = t.CompletedAt != nil, t.ArchivedAt != nil, open > 0
	if due.InfinityModifier == pgtype.Finite {
		t.Due = &due.Time
		t.Overdue = due.Time.Before(time.Now()) && !t.Completed
	}
	if r.Rule != "" {
		t.Recurrence = &r
	}
	if parent.Valid {
		id := text(parent)
		t.ParentID = &id
	}
	t.DependsOn = make([]string, len(dependencies))
	for i, id := range dependencies {
		t.DependsOn[i] = text(id)
	}
	return t, nil
}

func text(u pgtype.UUID) string {
	var b [36]byte
	hex.Encode(b[:], u.Bytes[:4])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	hex.Encode(b[9:], u.Bytes[4:6])
	hex.Encode(b[14:], u.Bytes[6:8])
	hex.Encode(b[19:], u.Bytes[8:10])
	hex.Encode(b[24:], u.Bytes[10:])
	return string(b[:])
}

package postgres

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"todo-app/internal/task"
)

// taskColumns are the columns of a task in the order in which fields scans
// them.
const taskColumns = `
  id,
  version,
  created_at,
  updated_at,
  title,
  description,
  completed_at,
  priority,
  category,
  tags,
  due_at,
  due_all_day,
  reminders,
  recurrence_rule,
  recurrence_from,
  recurrence_skip_if_open,
  parent_id,
  depends_on,
  position,
  archived_at,
  recurrence_anchor,
  recurrence_at,
  recurrence_all_day,
  next_id,
  operation,
  open_dependencies,
  subtasks_total,
  subtasks_completed`

// fields returns where to scan taskColumns to.
func fields(t *task.Task) []any {
	return []any{
		(*uuid)(&t.ID),
		&t.Version,
		(*moment)(&t.CreatedAt),
		(*moment)(&t.UpdatedAt),
		&t.Title,
		&t.Description,
		(*moment)(&t.CompletedAt),
		(*int8)(&t.Priority),
		&t.Category,
		(*texts[string])(&t.Tags),
		(*moment)(&t.Due.At),
		&t.Due.AllDay,
		(*texts[task.Reminder])(&t.Reminders),
		&t.Recurrence.Rule,
		(*string)(&t.Recurrence.From),
		&t.Recurrence.SkipIfOpen,
		(*uuid)(&t.ParentID),
		(*uuids)(&t.DependsOn),
		&t.Order,
		(*moment)(&t.ArchivedAt),
		(*moment)(&t.Anchor.At),
		(*moment)(&t.Occurrence.At),
		allDay{&t.Anchor, &t.Occurrence},
		(*uuid)(&t.NextID),
		&t.Operation,
		&t.OpenDependencies,
		&t.Subtasks.Total,
		&t.Subtasks.Completed,
	}
}

func scanTask(row pgx.CollectableRow) (t task.Task, err error) {
	return t, row.Scan(fields(&t)...)
}

// moment scans a timestamptz; null and infinity are the zero time.
type moment time.Time

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (m *moment) ScanTimestamptz(v pgtype.Timestamptz) error {
	*m = moment{}
	if v.Valid && v.InfinityModifier == pgtype.Finite {
		*m = moment(v.Time.UTC())
	}
	return nil
}

// allDay scans whether dues of one kind are days.
type allDay [2]*task.Due

// ScanBool implements pgtype.BoolScanner.
func (a allDay) ScanBool(v pgtype.Bool) error {
	for _, due := range a {
		due.AllDay = v.Bool && v.Valid
	}
	return nil
}

// nullable passes a moment; the zero time is null.
func nullable(t time.Time) pgtype.Timestamptz {
	return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()}
}

// orInfinity passes a moment; the zero time is infinity.
func orInfinity(t time.Time) pgtype.Timestamptz {
	if t.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
	}
	return nullable(t)
}

// uuid scans and passes an id; null is the zero id.
type uuid task.ID

// ScanUUID implements pgtype.UUIDScanner.
func (u *uuid) ScanUUID(v pgtype.UUID) error {
	*u = uuid(v.Bytes)
	return nil
}

// UUIDValue implements pgtype.UUIDValuer.
func (u uuid) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: u, Valid: !task.ID(u).IsZero()}, nil
}

// uuids scans and passes a list of ids.
type uuids []task.ID

// SetDimensions implements pgtype.ArraySetter.
func (l *uuids) SetDimensions(d []pgtype.ArrayDimension) error {
	*l = sized[task.ID](d)
	return nil
}

// ScanIndex implements pgtype.ArraySetter.
func (l uuids) ScanIndex(i int) any { return (*uuid)(&l[i]) }

// ScanIndexType implements pgtype.ArraySetter.
func (l uuids) ScanIndexType() any { return new(uuid) }

// Dimensions implements pgtype.ArrayGetter.
func (l uuids) Dimensions() []pgtype.ArrayDimension { return dimensions(len(l)) }

// Index implements pgtype.ArrayGetter.
func (l uuids) Index(i int) any { return uuid(l[i]) }

// IndexType implements pgtype.ArrayGetter.
func (l uuids) IndexType() any { return uuid{} }

// texts scans and passes a list of strings, whatever the domain calls them.
type texts[S ~string] []S

// SetDimensions implements pgtype.ArraySetter.
func (l *texts[S]) SetDimensions(d []pgtype.ArrayDimension) error {
	*l = sized[S](d)
	return nil
}

// ScanIndex implements pgtype.ArraySetter.
func (l texts[S]) ScanIndex(i int) any { return &l[i] }

// ScanIndexType implements pgtype.ArraySetter.
func (l texts[S]) ScanIndexType() any { return new(S) }

// Dimensions implements pgtype.ArrayGetter.
func (l texts[S]) Dimensions() []pgtype.ArrayDimension { return dimensions(len(l)) }

// Index implements pgtype.ArrayGetter.
func (l texts[S]) Index(i int) any { return string(l[i]) }

// IndexType implements pgtype.ArrayGetter.
func (l texts[S]) IndexType() any { return "" }

// orEmpty passes a list that is never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func sized[T any](d []pgtype.ArrayDimension) []T {
	if len(d) == 0 || d[0].Length == 0 {
		return nil
	}
	return make([]T, d[0].Length)
}

func dimensions(n int) []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(n), LowerBound: 1}}
}

// snapshot reads a row that Postgres wrote down as JSON (to_jsonb).
type snapshot struct {
	ID             task.ID         `json:"id"`
	Version        int64           `json:"version"`
	CreatedAt      string          `json:"created_at"`
	UpdatedAt      string          `json:"updated_at"`
	Title          string          `json:"title"`
	Description    string          `json:"description"`
	CompletedAt    string          `json:"completed_at"`
	Priority       task.Priority   `json:"priority"`
	Category       string          `json:"category"`
	Tags           []string        `json:"tags"`
	DueAt          string          `json:"due_at"`
	DueAllDay      bool            `json:"due_all_day"`
	Reminders      []task.Reminder `json:"reminders"`
	RecurrenceRule string          `json:"recurrence_rule"`
	RecurrenceFrom string          `json:"recurrence_from"`
	RecurrenceSkip bool            `json:"recurrence_skip_if_open"`
	ParentID       task.ID         `json:"parent_id"`
	DependsOn      []task.ID       `json:"depends_on"`
	Position       float64         `json:"position"`
	ArchivedAt     string          `json:"archived_at"`
	Anchor         string          `json:"recurrence_anchor"`
	Occurrence     string          `json:"recurrence_at"`
	SeriesAllDay   bool            `json:"recurrence_all_day"`
	NextID         task.ID         `json:"next_id"`
	Operation      int64           `json:"operation"`
	OpenDeps       int             `json:"open_dependencies"`
	SubtasksTotal  int             `json:"subtasks_total"`
	SubtasksDone   int             `json:"subtasks_completed"`
}

// taskOf reads a snapshot back into the task it was taken of.
func taskOf(data []byte) (task.Task, error) {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return task.Task{}, err
	}
	t := task.Task{
		ID: s.ID, Version: s.Version, Title: s.Title, Description: s.Description,
		Priority: s.Priority, Category: s.Category, Tags: s.Tags,
		Due: task.Due{AllDay: s.DueAllDay}, Reminders: s.Reminders,
		Recurrence: task.Recurrence{Rule: s.RecurrenceRule, From: task.RecurrenceFrom(s.RecurrenceFrom), SkipIfOpen: s.RecurrenceSkip},
		Anchor:     task.Due{AllDay: s.SeriesAllDay}, Occurrence: task.Due{AllDay: s.SeriesAllDay}, NextID: s.NextID,
		ParentID: s.ParentID, DependsOn: s.DependsOn, Order: s.Position,
		Operation: s.Operation, OpenDependencies: s.OpenDeps, Subtasks: task.Progress{Total: s.SubtasksTotal, Completed: s.SubtasksDone},
	}
	for _, m := range []struct {
		from string
		to   *time.Time
	}{
		{s.CreatedAt, &t.CreatedAt}, {s.UpdatedAt, &t.UpdatedAt}, {s.CompletedAt, &t.CompletedAt},
		{s.DueAt, &t.Due.At}, {s.ArchivedAt, &t.ArchivedAt},
		{s.Anchor, &t.Anchor.At}, {s.Occurrence, &t.Occurrence.At},
	} {
		if m.from == "" || m.from == "infinity" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, m.from)
		if err != nil {
			return task.Task{}, err
		}
		*m.to = at.UTC()
	}
	return t, nil
}

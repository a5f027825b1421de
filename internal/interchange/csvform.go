package interchange

import (
	"strconv"
	"strings"
	"time"

	"todo-app/internal/task"
)

// csvForm writes RFC 4180: a row of names, then a row for each task. Lists are
// put into one cell, their items apart by a space, or for tags, which may have
// spaces, by a line feed.
//
// A spreadsheet takes a cell that begins with one of = + - @, a tab, a CR or a
// LF for a formula, and some its full-width forms, too. Such a cell, and one
// that begins with an apostrophe, gets an apostrophe before it. So who reads
// the file takes one apostrophe off each cell that begins with one, and has
// what was there.
//
// It is not written by package encoding/csv, because that turns line feeds
// within a cell into CR LF when it ends rows so.
type csvForm struct{}

// csvColumns are the names, in the order of cells.
const csvColumns = "id,title,description,completed,completed_at,priority,category,tags,due,reminders,recurrence,recurrence_from,skip_if_open,parent_id,depends_on,order,archived,archived_at,created_at,updated_at,version"

func (csvForm) begin(b []byte) []byte { return append(b, csvColumns+"\r\n"...) }

func (csvForm) settings(b []byte, _ task.Settings) ([]byte, error) { return b, nil }

func (csvForm) template(b []byte, _ *task.Template) ([]byte, error) { return b, nil }

func (csvForm) end(b []byte) []byte { return b }

func (csvForm) task(b []byte, t *task.Task) ([]byte, error) {
	parent := ""
	if !t.ParentID.IsZero() {
		parent = t.ParentID.String()
	}
	from, skip := "", ""
	if !t.Recurrence.IsZero() {
		from, skip = string(t.Recurrence.From), strconv.FormatBool(t.Recurrence.SkipIfOpen)
	}
	for i, cell := range [...]string{
		t.ID.String(), t.Title, t.Description,
		strconv.FormatBool(t.Completed()), stamp(t.CompletedAt),
		t.Priority.String(), t.Category, strings.Join(t.Tags, "\n"),
		t.Due.String(), spaced(t.Reminders, func(r task.Reminder) string { return string(r) }), t.Recurrence.Rule, from, skip,
		parent, spaced(t.DependsOn, task.ID.String),
		strconv.FormatFloat(t.Order, 'f', -1, 64),
		strconv.FormatBool(t.Archived()), stamp(t.ArchivedAt),
		stamp(t.CreatedAt), stamp(t.UpdatedAt), strconv.FormatInt(t.Version, 10),
	} {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCell(b, cell)
	}
	return append(b, "\r\n"...), nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func spaced[T any](items []T, word func(T) string) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = word(item)
	}
	return strings.Join(words, " ")
}

// formulas are the beginnings of cells that a spreadsheet might calculate.
var formulas = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'"}

func appendCell(b []byte, cell string) []byte {
	for _, begin := range formulas {
		if strings.HasPrefix(cell, begin) {
			cell = "'" + cell
			break
		}
	}
	if !strings.ContainsAny(cell, ",;\"\r\n\t") && strings.TrimSpace(cell) == cell {
		return append(b, cell...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(cell, `"`, `""`)...)
	return append(b, '"')
}

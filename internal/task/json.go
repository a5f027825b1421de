package task

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the task as a caller sees it, the contract's form with
// every member present. Written by hand because it is most of what a cold
// list costs: reflection takes about three times as long.
func (t *Task) AppendJSON(b []byte, v View) []byte {
	b = append(b, `{"id":"`...)
	b = t.ID.append(b)
	b = append(b, `","url":`...)
	b = appendString(b, v.URL)
	b = append(b[:len(b)-1], "/api/v1/tasks/"...)
	b = append(t.ID.append(b), '"')
	b = t.appendStored(b)
	return append(t.appendComputed(b, v), '}')
}

// size guesses how long AppendJSON's text is, rather too much than too little:
// what every task has, and room for what is escaped in its texts.
func (t *Task) size(v View) int {
	lists := 48 * (len(t.Tags) + len(t.Reminders) + len(t.DependsOn))
	texts := len(t.Title) + len(t.Description) + len(t.Category) + len(t.Recurrence.Rule)
	return 720 + len(v.URL) + lists + texts + texts/16
}

// AppendRecord appends what is stored of the task and nothing that depends on
// who looks when: the form in which events carry it.
func (t *Task) AppendRecord(b []byte) []byte {
	b = append(b, `{"id":"`...)
	b = t.ID.append(b)
	b = append(b, '"')
	return append(t.appendStored(b), '}')
}

func (t *Task) appendStored(b []byte) []byte {
	b = strconv.AppendInt(append(b, `,"version":`...), t.Version, 10)
	b = appendTime(append(b, `,"created_at":`...), t.CreatedAt)
	b = appendTime(append(b, `,"updated_at":`...), t.UpdatedAt)
	b = appendString(append(b, `,"title":`...), t.Title)
	b = appendString(append(b, `,"description":`...), t.Description)
	b = strconv.AppendBool(append(b, `,"completed":`...), t.Completed())
	b = appendTime(append(b, `,"completed_at":`...), t.CompletedAt)
	b = append(append(append(b, `,"priority":"`...), t.Priority.String()...), '"')
	b = appendString(append(b, `,"category":`...), t.Category)
	b = appendList(append(b, `,"tags":`...), t.Tags, appendString)
	b = t.Due.appendJSON(append(b, `,"due":`...))
	b = appendList(append(b, `,"reminders":`...), t.Reminders, appendString)
	b = t.Recurrence.appendJSON(append(b, `,"recurrence":`...))
	b = appendID(append(b, `,"parent_id":`...), t.ParentID)
	b = appendList(append(b, `,"depends_on":`...), t.DependsOn, appendID)
	b = appendNumber(append(b, `,"order":`...), t.Order)
	b = strconv.AppendBool(append(b, `,"archived":`...), t.Archived())
	return appendTime(append(b, `,"archived_at":`...), t.ArchivedAt)
}

func (t *Task) appendComputed(b []byte, v View) []byte {
	b = strconv.AppendBool(append(b, `,"overdue":`...), t.Overdue(v))
	b = strconv.AppendInt(append(b, `,"days_overdue":`...), int64(t.DaysOverdue(v)), 10)
	b = strconv.AppendBool(append(b, `,"blocked":`...), t.Blocked())
	b = strconv.AppendInt(append(b, `,"subtasks":{"total":`...), int64(t.Subtasks.Total), 10)
	b = strconv.AppendInt(append(b, `,"completed":`...), int64(t.Subtasks.Completed), 10)
	return append(b, '}')
}

func (d Due) appendJSON(b []byte) []byte {
	if d.AllDay && !d.IsZero() {
		b = append(b, '"')
		return append(d.At.AppendFormat(b, time.DateOnly), '"')
	}
	return appendTime(b, d.At)
}

func (r Recurrence) appendJSON(b []byte) []byte {
	if r.IsZero() {
		return append(b, "null"...)
	}
	b = appendString(append(b, `{"rule":`...), r.Rule)
	b = appendString(append(b, `,"from":`...), r.From)
	b = strconv.AppendBool(append(b, `,"skip_if_open":`...), r.SkipIfOpen)
	return append(b, '}')
}

// appendNumber writes a number as JSON has it, integers without an exponent.
func appendNumber(b []byte, f float64) []byte {
	if f == float64(int64(f)) {
		return strconv.AppendInt(b, int64(f), 10)
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

func appendID(b []byte, id ID) []byte {
	if id.IsZero() {
		return append(b, "null"...)
	}
	return append(id.append(append(b, '"')), '"')
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, "null"...)
	}
	return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

func appendList[T any](b []byte, items []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, item)
	}
	return append(b, ']')
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string (RFC 8259, section 7), escaping no more
// than it must. Bytes that are no UTF-8 become U+FFFD; none get past input.
func appendString[S ~string](b []byte, s S) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// UnmarshalJSON reads what AppendJSON or AppendRecord wrote. Members that are
// computed for a reader are not part of a Task and are passed over.
func (t *Task) UnmarshalJSON(data []byte) error {
	var in struct {
		ID          ID          `json:"id"`
		Version     int64       `json:"version"`
		CreatedAt   time.Time   `json:"created_at"`
		UpdatedAt   time.Time   `json:"updated_at"`
		Title       string      `json:"title"`
		Description string      `json:"description"`
		CompletedAt time.Time   `json:"completed_at"`
		Priority    string      `json:"priority"`
		Category    string      `json:"category"`
		Tags        []string    `json:"tags"`
		Due         string      `json:"due"`
		Reminders   []Reminder  `json:"reminders"`
		Recurrence  *Recurrence `json:"recurrence"`
		ParentID    ID          `json:"parent_id"`
		DependsOn   []ID        `json:"depends_on"`
		Order       float64     `json:"order"`
		ArchivedAt  time.Time   `json:"archived_at"`
		Subtasks    Progress    `json:"subtasks"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*t = Task{
		ID: in.ID, Version: in.Version, CreatedAt: in.CreatedAt, UpdatedAt: in.UpdatedAt,
		Title: in.Title, Description: in.Description, CompletedAt: in.CompletedAt,
		Category: in.Category, Tags: in.Tags, Reminders: in.Reminders,
		ParentID: in.ParentID, DependsOn: in.DependsOn, Order: in.Order,
		ArchivedAt: in.ArchivedAt, Subtasks: in.Subtasks,
	}
	var ok bool
	if t.Priority, ok = ParsePriority(in.Priority); !ok {
		return fmt.Errorf("reading a task: no priority is called %q", in.Priority)
	}
	if in.Recurrence != nil {
		t.Recurrence = *in.Recurrence
	}
	if in.Due == "" {
		return nil
	}
	var err error
	if t.Due, err = ParseDue(in.Due); err != nil {
		return fmt.Errorf("reading a task: due %w", err)
	}
	return nil
}

package chat

import (
	"encoding/json"
	"slices"

	"todo-app/internal/task/assist"
)

// result is what a tool has answered, as far as it is put into words.
type result struct {
	name string

	Error     assist.RefusalKind
	Message   string
	Already   bool
	Faults    []struct{ Problem string }
	Task      *item
	Next      *item `json:"next_occurrence"`
	Deleted   *item
	Done      int
	Refused   int
	Results   []struct{ Title, Result, Detail string }
	Titles    []string
	Overdue   []item
	DueToday  []item          `json:"due_today"`
	More      bool            // than today shows
	Tasks     json.RawMessage // a list, or a number
	Cursor    string          `json:"next_cursor"`
	Operation int64
	Undo      *struct{ Operation int64 }
	Date      string
	Weekday   string
	Stats     struct{ Active, Pending, Completed, Overdue int64 }
}

// item is a task of a result.
type item struct {
	ID, Title, Status, Due string
	Overdue                bool
}

// resultOf reads what a call has answered.
func resultOf(c Call) result {
	r := result{name: c.Name}
	if json.Unmarshal(c.Result, &r) != nil { // of another release
		return result{name: c.Name, Error: assist.Failed}
	}
	return r
}

// list returns the tasks of a list, and whether those are all.
func (r result) list() (all []item, whole bool) {
	if r.name == "today" {
		return slices.Concat(r.Overdue, r.DueToday), !r.More
	}
	if r.Error == "" && json.Unmarshal(r.Tasks, &all) != nil {
		return nil, true
	}
	return all, r.Cursor == ""
}

// titleIn returns the title of what a result is about, "" of several.
func titleIn(answer []byte) string {
	r := resultOf(Call{Result: answer})
	switch {
	case r.Task != nil:
		return r.Task.Title
	case r.Deleted != nil:
		return r.Deleted.Title
	case len(r.Titles) == 1:
		return r.Titles[0]
	}
	return ""
}

package quickadd

import (
	"errors"
	"strings"
	"time"

	"todo-app/internal/task"
)

var errDue = errors.New(`must be a day, a time or both, as quick add has them ("tomorrow 9am", "in 3 days", "2026-12-24")`)

// ParseDue reads a text that is a due and nothing else, as it is meant at now, whose
// location is the writer's zone. It also takes what task.ParseDue takes.
func ParseDue(text string, now time.Time) (task.Due, error) {
	if d, err := task.ParseDue(text); err == nil {
		return d, nil
	}
	const title = "x" // a task has one
	parsed, err := Parse(title+" "+strings.TrimSpace(text), now)
	p := parsed.Patch
	if err != nil || p.Title.Value != title || p.Recurrence.Set {
		return task.Due{}, errDue
	}
	for _, t := range parsed.Tokens {
		if t.Kind != Title && t.Kind != Separator && t.Kind != Due {
			return task.Due{}, errDue
		}
	}
	if p.Due.Value.IsZero() {
		return task.Due{}, errDue
	}
	return p.Due.Value, nil
}

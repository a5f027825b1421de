package quickadd

import (
	"errors"
	"strings"
	"time"

	"todo-app/internal/task"
)

var errRule = errors.New(`must be daily, weekly, monthly, yearly, words that say how it repeats ("every 2 weeks", "every last friday"), or an RFC 5545 RRULE`)

// ParseRule reads a text that is a rule and nothing else, as it is meant at now, whose
// location is the writer's zone. It also takes what task.ParseRule takes.
//
// Words may leave a day to be meant by the due that the series begins with, which
// is first: every 2 months from the 31st on has the last day of each. Where first is
// nil, the patch also has the due with which the rule begins by itself. Of a zero
// one, which is not known, no day is meant.
func ParseRule(text string, first *task.Due, now time.Time) (task.Patch, error) {
	if strings.Contains(text, "=") {
		rule, err := task.ParseRule(strings.TrimSpace(text))
		return task.Patch{Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value(rule)})}, err
	}
	const title = "x" // a task has one
	text = title + " " + strings.TrimSpace(text)
	if readable(text) != nil {
		return task.Patch{}, errRule
	}
	p := newParser(text, now)
	p.first = first
	parsed, err := p.parse()
	said := task.Patch{Due: parsed.Patch.Due, Recurrence: parsed.Patch.Recurrence}
	if err != nil || parsed.Patch.Title.Value != title || !said.Recurrence.Set {
		return task.Patch{}, errRule
	}
	for _, t := range parsed.Tokens {
		if t.Kind != Title && t.Kind != Separator && t.Kind != Due && t.Kind != Recurrence {
			return task.Patch{}, errRule
		}
	}
	if first != nil {
		said.Due = task.Field[task.Due]{}
	}
	return said, nil
}

package assist

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"todo-app/internal/task"
)

// Models shorten ids as people do. Either end of one names a task, as long as
// it is that of no other.
const (
	shortest = 4 // digits
	// lookupBound is how many of the newest tasks are searched for one: twenty
	// pages.
	lookupBound = 10_000
	maxClashes  = 5
)

// name is a task's id as it was given.
type name struct {
	parameter string
	digits    string // "": id is the whole one
	id        task.ID
	found     []Task
}

// named returns the id of the task that an argument names.
func (c *call) named(ctx context.Context, parameter, typed string) (task.ID, error) {
	ids, err := c.all(ctx, parameter, []string{typed})
	if err != nil {
		return task.ID{}, err
	}
	return ids[0], nil
}

// all returns the ids of the tasks that an argument names, in its order.
func (c *call) all(ctx context.Context, parameter string, typed []string) ([]task.ID, error) {
	all := make([]name, len(typed))
	var faults task.Faults
	shortened := false
	for i, s := range typed {
		n, ok := parseName(parameter, s)
		if !ok {
			faults = append(faults, task.Fault{Pointer: "/" + parameter, Detail: fmt.Sprintf(
				"has %q, which is no id of a task: give the id as list_tasks shows it, or at least %d characters of its beginning or end", short(s), shortest)})
		}
		all[i] = n
		shortened = shortened || n.digits != ""
	}
	if len(faults) > 0 {
		return nil, faults
	}
	if shortened {
		if err := c.lookUp(ctx, all); err != nil {
			return nil, err
		}
	}
	ids := make([]task.ID, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	return ids, nil
}

func parseName(parameter, typed string) (name, bool) {
	typed = strings.TrimSpace(typed)
	if id, err := task.ParseID(typed); err == nil {
		return name{parameter: parameter, id: id}, true
	}
	digits := strings.ToLower(strings.ReplaceAll(typed, "-", ""))
	ok := len(digits) >= shortest && len(digits) < 32 && strings.Trim(digits, "0123456789abcdef") == ""
	return name{parameter: parameter, digits: digits}, ok
}

// lookUp completes the names that are ends of ids. All tasks it looks through
// count, so that what two share is never taken for one of them.
func (c *call) lookUp(ctx context.Context, all []name) error {
	params := url.Values{"archived": {"all"}, "sort": {"-created"}, "limit": {strconv.Itoa(task.MaxLimit)}}
	seen := 0
	for {
		page, err := c.List(ctx, params)
		if err != nil {
			return err
		}
		for _, t := range page.Tasks {
			note(all, t)
		}
		seen += len(page.Tasks)
		if page.Next == "" || seen >= lookupBound {
			return settle(all, page.Next == "")
		}
		params.Set("cursor", page.Next)
	}
}

func note(all []name, t Task) {
	digits := strings.ReplaceAll(t.ID.String(), "-", "")
	for i := range all {
		if d := all[i].digits; d != "" && (strings.HasPrefix(digits, d) || strings.HasSuffix(digits, d)) {
			all[i].found = append(all[i].found, t)
		}
	}
}

// settle gives each name the one task that it fits.
func settle(all []name, whole bool) error {
	for i := range all {
		n := &all[i]
		switch {
		case n.digits == "":
		case len(n.found) == 1:
			n.id = n.found[0].ID
		case len(n.found) > 1:
			r := &Refusal{Kind: Ambiguous, Detail: fmt.Sprintf("%s %q fits several tasks", n.parameter, n.digits)}
			for _, t := range n.found[:min(len(n.found), maxClashes)] {
				r.Tasks = append(r.Tasks, t.ID)
			}
			return r
		case whole:
			return &Refusal{Kind: NotFound, Detail: fmt.Sprintf("there is no task whose id begins or ends with %q", n.digits)}
		default:
			return &Refusal{Kind: NotFound, Detail: fmt.Sprintf("none of the newest %d tasks has an id that begins or ends with %q; older ones need the whole id", lookupBound, n.digits)}
		}
	}
	return nil
}

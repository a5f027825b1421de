package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// People name tasks by the end of their ids: the front of a UUIDv7 is the
// time, which tasks made together share, and its end is random.
const (
	tailShown = 6 // digits shown, or as many more as tell those shown apart
	tailLeast = 4 // digits that a name must have
)

// lookupBound is how many of the newest tasks are searched for a short name, in
// a hundred requests: some two seconds. A name of six digits is that of another
// of so many tasks, too, in one case of 335.
const lookupBound = 50_000

// digits returns an id without its dashes.
func digits(id task.ID) string { return strings.ReplaceAll(id.String(), "-", "") }

// tails returns what shortens ids so that those given stay apart.
func tails(ids []task.ID) func(task.ID) string {
	n := tailShown
	for ; n < 32; n++ {
		seen := make(map[string]task.ID, len(ids))
		clash := false
		for _, id := range ids {
			short := digits(id)[32-n:]
			other, there := seen[short]
			clash = clash || there && other != id
			seen[short] = id
		}
		if !clash {
			break
		}
	}
	return func(id task.ID) string { return digits(id)[32-n:] }
}

// short returns the name of a task that is shown alone.
func short(id task.ID) string { return digits(id)[32-tailShown:] }

// name is a task's id as somebody typed it.
type name struct {
	typed string
	tail  string // "": id is the whole one
	id    task.ID
}

func parseName(typed string) (name, error) {
	if id, err := task.ParseID(typed); err == nil {
		return name{typed: typed, id: id}, nil
	}
	tail := strings.ToLower(strings.ReplaceAll(typed, "-", ""))
	if len(tail) < tailLeast || len(tail) > 32 || strings.Trim(tail, "0123456789abcdef") != "" {
		return name{}, misused("%q is no id of a task: at least the last %d characters of one are needed, as todo list shows them", typed, tailLeast)
	}
	return name{typed: typed, tail: tail}, nil
}

// find returns the ids of the tasks that somebody named, each once, in the
// order of their first mention.
func (s *session) find(ctx context.Context, typed ...string) ([]task.ID, error) {
	names := make([]name, len(typed))
	toLookUp := false
	var problems []error
	for i := range typed {
		var err error
		if names[i], err = parseName(typed[i]); err != nil {
			problems = append(problems, err)
		}
		toLookUp = toLookUp || names[i].tail != ""
	}
	if len(problems) > 0 {
		return nil, worst(problems)
	}
	if toLookUp {
		if err := s.lookUp(ctx, names); err != nil {
			return nil, err
		}
	}
	var ids []task.ID
	seen := map[task.ID]bool{}
	for _, n := range names {
		if !seen[n.id] {
			seen[n.id] = true
			ids = append(ids, n.id)
		}
	}
	return ids, nil
}

// findOne returns the id of the task that somebody named.
func (s *session) findOne(ctx context.Context, typed string) (task.ID, error) {
	ids, err := s.find(ctx, typed)
	if err != nil {
		return task.ID{}, err
	}
	return ids[0], nil
}

// lookUp completes the names that are tails. All of the tasks it looks
// through count, so that a tail of two is never taken for one of them.
func (s *session) lookUp(ctx context.Context, names []name) error {
	found := make([][]httpapi.Task, len(names))
	params := url.Values{"archived": {"all"}, "sort": {"-created"}}
	whole, err := s.each(ctx, params, lookupBound, func(t httpapi.Task) {
		all := digits(t.ID)
		for i, n := range names {
			if n.tail != "" && strings.HasSuffix(all, n.tail) {
				found[i] = append(found[i], t)
			}
		}
	})
	if err != nil {
		return err
	}
	var problems []error
	for i, n := range names {
		switch {
		case n.tail == "":
		case len(found[i]) == 1:
			names[i].id = found[i][0].ID
		case len(found[i]) > 1:
			problems = append(problems, ambiguous(n, found[i]))
		case whole:
			problems = append(problems, &Failure{Code: NotFound, Text: printable("there is no task " + n.typed)})
		default:
			problems = append(problems, &Failure{Code: NotFound, Text: printable(fmt.Sprintf(
				"none of the newest %d tasks ends in %s; older ones are known by their whole id, which todo show and --json print", lookupBound, n.typed))})
		}
	}
	return worst(problems)
}

func ambiguous(n name, found []httpapi.Task) error {
	ids := make([]task.ID, len(found))
	for i, t := range found {
		ids[i] = t.ID
	}
	longer := tails(ids)
	lines := []string{printable(n.typed + " is the end of several ids:")}
	for _, t := range found[:min(len(found), 10)] {
		lines = append(lines, "  "+longer(t.ID)+"  "+printable(t.Title))
	}
	return &Failure{Code: Usage, Text: strings.Join(lines, "\n")}
}

// worst joins problems into one, whose exit code is that of the first; nil if
// there are none.
func worst(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	lines := make([]string, len(problems))
	var first *Failure
	for i, err := range problems {
		var f *Failure
		errors.As(failed(err), &f)
		if first == nil {
			first = f.with("")
		}
		first.unsigned = first.unsigned || f.unsigned
		lines[i] = f.Text
	}
	return first.with(strings.Join(lines, "\n"))
}

// each calls do with every task of a list, up to most, 0 for no bound; whole
// is false if there are more.
func (s *session) each(ctx context.Context, params url.Values, most int, do func(httpapi.Task)) (whole bool, err error) {
	return s.pages(ctx, params, most, func(l httpapi.List) error {
		for _, t := range l.Tasks {
			do(t)
		}
		return nil
	})
}

// pages calls do with every page of a list, up to most tasks, 0 for no bound;
// whole is false if there are more.
func (s *session) pages(ctx context.Context, params url.Values, most int, do func(httpapi.List) error) (whole bool, err error) {
	size, seen := task.MaxLimit, 0
	if most > 0 {
		size = min(size, most)
	}
	params.Set("limit", fmt.Sprint(size))
	page, err := s.client.List(ctx, params, "")
	for ; err == nil; page, err = s.client.Next(ctx, page) {
		more := page.Next != ""
		if most > 0 && seen+len(page.Tasks) > most {
			page.Tasks, more = page.Tasks[:most-seen], true
		}
		seen += len(page.Tasks)
		if err := do(page); err != nil {
			return false, err
		}
		if !more || seen == most {
			return !more, nil
		}
	}
	return false, err
}

// isGone reports whether an error is the answer that there is no such thing.
func isGone(err error) bool {
	var p *httpapi.Problem
	return errors.As(err, &p) && p.Status == http.StatusNotFound
}

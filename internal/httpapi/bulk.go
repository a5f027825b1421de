package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

const (
	bulkPath             = tasksPath + "/bulk"
	archiveCompletedPath = tasksPath + "/archive-completed"
)

// Outcome is what became of one task of a bulk.
type Outcome struct {
	ID     task.ID            `json:"id"`
	Result task.OutcomeResult `json:"result"`
	Detail string             `json:"detail,omitempty"` // why it was refused
	Tasks  []task.ID          `json:"tasks,omitempty"`  // those in the way
}

// bulk does one thing to many tasks.
func bulk(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	b, err := decodeBulk(r.body)
	if err = both(p.err(), err); err != nil {
		return err
	}
	do := func(c task.Call) (task.Result, error) { return r.api.Tasks.Bulk(r.Context(), c, b) }
	if !b.DryRun {
		return r.answerWrite(w, do, func(r task.Result) answer { return outcomes(r, false) })
	}
	if _, _, err := r.idempotencyKey(); err != nil {
		return err
	}
	result, err := do(r.call)
	if err == nil {
		outcomes(result, true).write(w)
	}
	return err
}

// outcomes is an answer that says what became of each, or would have.
func outcomes(r task.Result, dry bool) answer {
	shown := make([]Outcome, len(r.Outcomes))
	for i, o := range r.Outcomes {
		shown[i] = Outcome(o)
	}
	body, err := json.Marshal(map[string]any{"dry_run": dry, "results": shown})
	if err != nil {
		body = nil // cannot happen: strings
	}
	return answer{Status: http.StatusOK, Body: body}
}

// archiveCompleted archives all completed tasks.
func archiveCompleted(w http.ResponseWriter, r *request) error {
	if err := both(r.query().err(), r.noBody()); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.ArchiveCompleted(r.Context(), c)
	}, func(result task.Result) answer {
		return answer{Status: http.StatusOK, Body: fmt.Appendf(nil, `{"archived":%d}`, result.Count)}
	})
}

// decodeBulk reads a bulk. The error is task.Faults, listing everything wrong
// with it.
func decodeBulk(body []byte) (b task.Bulk, err error) {
	d := newDecoder(body, forOverride)
	given, ok, err := d.only(`{"action": "complete", "ids": ["…"]}`, func(name string) (err error) {
		if name == "set" {
			b.Set, err = d.object()
			return err
		}
		return d.values(func(name string, v jsontext.Value) error { return bulkMember(&b, name, v) })(name)
	})
	if ok {
		d.checkBulk(b, given)
	}
	return b, d.end(err)
}

// bulkMember reads one member of a bulk, and says what is wrong with it.
func bulkMember(b *task.Bulk, name string, v jsontext.Value) (wrong error) {
	switch name {
	case "action":
		b.Action, wrong = parsed(v, oneOf(task.BulkActions...))
	case "ids":
		if b.IDs, wrong = list(id)(v); wrong == nil && len(b.IDs) == 0 {
			wrong = errors.New("must have at least one item")
		}
	case "filter":
		b.Filter, wrong = filter(v)
	case "dry_run":
		b.DryRun, wrong = jsonvalue.Boolean(v)
	default:
		wrong = errors.New("is not a field of a bulk")
	}
	return wrong
}

// checkBulk adds what is wrong with the members together.
func (d *decoder) checkBulk(b task.Bulk, given map[string]bool) {
	if !given["action"] {
		d.fault("/action", errors.New("is required"))
	}
	switch {
	case given["ids"] && given["filter"]:
		d.fault("/filter", errors.New("cannot be given beside ids"))
	case !given["ids"] && !given["filter"]:
		d.fault("", errors.New("must have ids or a filter"))
	}
	switch {
	case b.Action == task.BulkUpdate && !given["set"]:
		d.fault("/set", errors.New("is required"))
	case b.Action != "" && b.Action != task.BulkUpdate && given["set"]:
		d.fault("/set", fmt.Errorf("goes with the action %s alone", task.BulkUpdate))
	}
}

// filterParams are the query parameters of a list that say which tasks it has.
var filterParams = listParams[:slices.Index(listParams, "sort")]

// filter reads the members that a list has as query parameters. One that admits
// every task is none: that must never be meant by accident.
func filter(v jsontext.Value) (*task.Filter, error) {
	p := &params{values: url.Values{}, member: true}
	if jsonvalue.Members(v, p.take) != nil {
		return nil, errors.New(`must be an object such as {"status": "completed"}`)
	}
	f := p.filter()
	if len(p.faults) == 0 && all(f) {
		return nil, errors.New("must have a condition that not every task meets")
	}
	return &f, p.err()
}

// take reads a member as the query parameter of its name.
func (p *params) take(name string, v jsontext.Value) {
	known := slices.Contains(filterParams, name) || slices.Contains(filterParams, "*"+name)
	var err error
	switch kind := v.Kind(); {
	case !known:
		err = errors.New("is not a filter")
	case name == "tag" && kind == '[':
		if p.values[name], err = list(jsonvalue.Text)(v); err == nil && len(p.values[name]) == 0 {
			err = errors.New("must name a tag") // none would be no condition
		}
	case (name == "blocked" || name == "archived") && (kind == 't' || kind == 'f'):
		p.values[name] = []string{string(v)}
	default:
		var s string
		s, err = jsonvalue.Text(v)
		p.values[name] = []string{s}
	}
	if err != nil {
		delete(p.values, name)
		p.fault(name, err)
	}
}

// all reports whether a filter says nothing beside whether archived tasks
// count.
func all(f task.Filter) bool {
	return f.Archived != task.Yes && !f.HasText && f.Status == task.Either && f.Priority == 0 && f.Category == "" && len(f.Tags) == 0 &&
		f.Due == "" && f.DueAfter.IsZero() && f.DueBefore.IsZero() && f.Parent.IsZero() && !f.RootsOnly && f.Blocked == task.Either
}

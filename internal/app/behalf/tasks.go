// Package behalf has tools use tasks on a caller's behalf: they ask the service's
// own endpoints, with the caller's own credential, and so may do exactly what the
// caller may.
package behalf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// Tasks is the service as the tools of assistants need it, by a client of it.
type Tasks struct {
	Client *httpapi.Client
	Zone   string // the caller's, an IANA name; "": as their settings say
	Now    func() time.Time
}

var _ assist.Tasks = Tasks{}

// List implements assist.Reader.
func (t Tasks) List(ctx context.Context, params url.Values) (assist.Page, error) {
	l, err := t.Client.List(ctx, params, "")
	if err != nil {
		return assist.Page{}, refused(err)
	}
	page := assist.Page{Tasks: make([]assist.Task, len(l.Tasks))}
	for i := range l.Tasks {
		page.Tasks[i] = seen(l.Tasks[i])
	}
	if next, err := url.Parse(l.Next); err == nil {
		page.Next = next.Query().Get("cursor")
	}
	return page, nil
}

// Get implements assist.Reader.
func (t Tasks) Get(ctx context.Context, id task.ID) (assist.Task, error) {
	return one(t.Client.Get(ctx, id))
}

// Numbers implements assist.Reader.
func (t Tasks) Numbers(ctx context.Context) (json.RawMessage, error) {
	s, err := t.Client.Stats(ctx)
	if err != nil {
		return nil, refused(err)
	}
	numbers := struct {
		httpapi.Stats
		OldestOverdue *oldest `json:"oldest_overdue"` // in place of the whole task
	}{Stats: s}
	if o := s.OldestOverdue; o != nil {
		numbers.OldestOverdue = &oldest{o.ID, o.Title, o.Due.String(), o.DaysOverdue}
	}
	return json.Marshal(numbers)
}

type oldest struct {
	ID          task.ID `json:"id"`
	Title       string  `json:"title"`
	Due         string  `json:"due"`
	DaysOverdue int     `json:"days_overdue"`
}

// Trends implements assist.Reader.
func (t Tasks) Trends(ctx context.Context) (json.RawMessage, error) {
	trends, err := t.Client.Trends(ctx)
	if err != nil {
		return nil, refused(err)
	}
	return json.Marshal(trends)
}

// Steps implements assist.Reader.
func (t Tasks) Steps(ctx context.Context) ([]assist.Step, error) {
	operations, err := t.Client.Operations(ctx)
	if err != nil {
		return nil, refused(err)
	}
	steps := make([]assist.Step, len(operations))
	for i, o := range operations {
		steps[i] = assist.Step{Operation: o.Operation, At: o.At, Actor: o.Actor, Action: o.Action, Tasks: o.Tasks, Titles: o.Titles}
		if o.UndoneBy != nil {
			steps[i].UndoneBy = *o.UndoneBy
		}
	}
	return steps, nil
}

// View implements assist.Reader.
func (t Tasks) View(ctx context.Context) (task.View, error) {
	name := t.Zone
	if name == "" {
		settings, err := t.Client.Settings(ctx)
		if err != nil {
			return task.View{}, refused(err)
		}
		name = settings.TimeZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return task.View{}, fmt.Errorf("loading the caller's time zone: %w", err)
	}
	return task.View{Now: t.Now(), Zone: zone, URL: t.Client.Base}, nil
}

// Create implements assist.Writer.
func (t Tasks) Create(ctx context.Context, p task.Patch) (assist.Task, error) {
	return one(t.Client.Create(ctx, p))
}

// Update implements assist.Writer.
func (t Tasks) Update(ctx context.Context, id task.ID, p task.Patch) (assist.Task, error) {
	return one(t.Client.Update(ctx, id, p))
}

// Complete implements assist.Writer.
func (t Tasks) Complete(ctx context.Context, id task.ID, force bool) (assist.Task, error) {
	return one(t.Client.Complete(ctx, id, force))
}

// Delete implements assist.Writer.
func (t Tasks) Delete(ctx context.Context, id task.ID, promote bool) error {
	return refused(t.Client.Delete(ctx, id, promote))
}

// Bulk implements assist.Writer.
func (t Tasks) Bulk(ctx context.Context, b assist.Bulk) ([]task.Outcome, error) {
	became, err := t.Client.Bulk(ctx, httpapi.Bulk(b))
	if err != nil {
		return nil, refused(err)
	}
	outcomes := make([]task.Outcome, len(became))
	for i, o := range became {
		outcomes[i] = task.Outcome(o)
	}
	return outcomes, nil
}

// Undo implements assist.Writer.
func (t Tasks) Undo(ctx context.Context, operation int64) (assist.Step, error) {
	u, err := t.Client.Undo(ctx, operation)
	if err != nil {
		return assist.Step{}, refused(err)
	}
	return assist.Step{Operation: u.Operation, At: u.At, Actor: u.Actor, Action: u.Action, Tasks: u.Tasks, Titles: u.Titles}, nil
}

// one returns a task that was answered.
func one(t httpapi.Task, err error) (assist.Task, error) {
	if err != nil {
		return assist.Task{}, refused(err)
	}
	return seen(t), nil
}

// seen returns a task as assistants are told of it.
func seen(t httpapi.Task) assist.Task {
	s := assist.Task{Task: t.Task, Overdue: t.Overdue, DaysOverdue: t.DaysOverdue, Blocked: t.Blocked}
	if t.Next != nil {
		next := seen(*t.Next)
		s.Next = &next
	}
	return s
}

// kinds are what the service's refusals mean to an assistant.
var kinds = map[int]assist.RefusalKind{
	http.StatusBadRequest:            assist.Invalid,
	http.StatusRequestEntityTooLarge: assist.Invalid,
	http.StatusUnauthorized:          assist.Denied,
	http.StatusForbidden:             assist.Forbidden,
	http.StatusNotFound:              assist.NotFound,
	http.StatusConflict:              assist.Conflict,
	http.StatusPreconditionFailed:    assist.Conflict,
	http.StatusTooManyRequests:       assist.Busy,
	http.StatusServiceUnavailable:    assist.Unavailable,
	http.StatusBadGateway:            assist.Uncertain, // the front door passed the request on
	http.StatusGatewayTimeout:        assist.Uncertain,
}

// refused puts an error of the client in terms of the tools; nil stays nil.
func refused(err error) error {
	var p *httpapi.Problem
	var network *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		return refusal(p)
	case errors.As(err, &network):
		return unreachable(network)
	}
	return err
}

func refusal(p *httpapi.Problem) *assist.Refusal {
	r := &assist.Refusal{Kind: assist.Failed, Detail: p.Detail, Faults: p.Errors, Tasks: p.Tasks}
	if kind, ok := kinds[p.Status]; ok {
		r.Kind = kind
	}
	if p.Detail == task.ErrUnknownOutcome.Error() {
		r.Kind = assist.Uncertain
	}
	if p.Status >= http.StatusInternalServerError {
		r.Request = p.Instance
	}
	return r
}

// unreachable says whether a request that the network failed may have been
// carried out: not if nobody was there to take it.
func unreachable(err *url.Error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("%w: %w", &assist.Refusal{Kind: assist.Unavailable, Detail: "the task service cannot be reached"}, err)
	}
	return fmt.Errorf("%w: %w", &assist.Refusal{Kind: assist.Uncertain, Detail: "the task service did not answer"}, err)
}

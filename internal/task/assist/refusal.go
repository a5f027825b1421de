package assist

import (
	"context"
	"errors"
	"strings"
	"time"

	"todo-app/internal/task"
)

// Refusal is the service's no, in terms that decide what to do about it.
type Refusal struct {
	Kind    RefusalKind
	Detail  string
	Faults  task.Faults // of Invalid
	Tasks   []task.ID   // those in the way
	Request string      // its id, for whoever looks into it
}

// Error returns the detail.
func (r *Refusal) Error() string { return r.Detail }

// RefusalKind is what a refusal is about.
type RefusalKind string

// The kinds of refusals.
const (
	Invalid     RefusalKind = "invalid_arguments"
	NotFound    RefusalKind = "not_found"
	Ambiguous   RefusalKind = "ambiguous" // Tasks are those that it could be
	Conflict    RefusalKind = "conflict"
	Denied      RefusalKind = "not_signed_in"
	Forbidden   RefusalKind = "not_allowed"
	Busy        RefusalKind = "too_many_requests"
	Unavailable RefusalKind = "unavailable"     // nothing was done
	Uncertain   RefusalKind = "outcome_unknown" // it may have been done
	Failed      RefusalKind = "failed"
)

// advice says what to do about each kind.
var advice = map[RefusalKind]string{
	Invalid:     "Correct what is named and call the tool again.",
	NotFound:    "Use the id of a task from list_tasks or search_tasks; archived tasks are listed with archived=\"all\".",
	Ambiguous:   "Call again with the whole id of the task that is meant.",
	Conflict:    "Tell the user what is in the way.",
	Denied:      "Tell the user that the credential of this connection is missing or no longer taken, and has to be replaced.",
	Forbidden:   "Tell the user that the credential of this connection may not do this; calling again does not help.",
	Busy:        "Wait a few seconds, then call again. Many single calls are better made as one of bulk_tasks.",
	Unavailable: "Nothing was changed. Call again in a few seconds; if that fails, too, tell the user.",
	Uncertain:   "It may have been done or not: look with list_tasks before calling again.",
	Failed:      "Tell the user; nothing in the arguments explains it.",
}

// refused is the answer that says no.
type refused struct {
	Error    RefusalKind `json:"error"`
	Message  string      `json:"message"`
	WhatToDo string      `json:"what_to_do"`
	Faults   []fault     `json:"faults,omitempty"`
	Tasks    []mention   `json:"tasks,omitempty"`
	Request  string      `json:"request,omitempty"`
}

type fault struct {
	Parameter string `json:"parameter"` // "" for the arguments as a whole
	Problem   string `json:"problem"`
}

// mention is a task by name.
type mention struct {
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
}

const notRight = "the arguments are not right"

// maxNamed is how many of the tasks in the way are looked up for their titles.
const maxNamed = 5

// refused returns the answer for an error.
func (c *call) refused(ctx context.Context, t Tool, err error) refused {
	r := refusalOf(err)
	a := refused{Error: r.Kind, Message: r.Detail, WhatToDo: advice[r.Kind], Request: r.Request}
	if len(r.Faults) > 0 { // which say it all, by parameter
		a.Message = notRight
	}
	if r.Kind == Conflict && t.conflict != "" {
		a.WhatToDo = t.conflict
	}
	for _, f := range r.Faults[:min(len(r.Faults), maxFaults)] {
		a.Faults = append(a.Faults, fault{strings.ReplaceAll(strings.TrimPrefix(f.Pointer, "/"), "/", "."), strings.TrimPrefix(f.Detail, "query parameter ")})
	}
	for i, id := range r.Tasks {
		m := mention{ID: id.String()}
		if i < maxNamed {
			if found, err := c.Get(ctx, id); err == nil {
				m.Title = found.Title
			}
		}
		a.Tasks = append(a.Tasks, m)
	}
	return a
}

// refusalOf gives any error its kind. What is not known to be fit for others
// says nothing.
func refusalOf(err error) *Refusal {
	var r *Refusal
	var faults task.Faults
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &faults):
		return &Refusal{Kind: Invalid, Detail: notRight, Faults: faults}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &Refusal{Kind: Uncertain, Detail: "it took too long"}
	}
	return &Refusal{Kind: Failed, Detail: "something went wrong here"}
}

// invalid is one fault of the arguments.
func invalid(parameter, problem string) error {
	return task.Faults{{Pointer: "/" + parameter, Detail: problem}}
}

// stamp writes a moment as the caller's clocks show it.
func stamp(at time.Time, zone *time.Location) string { return at.In(zone).Format(time.RFC3339) }

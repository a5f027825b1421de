package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"todo-app/internal/cli/contexts"
	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// The exit codes of the todo command, by what a script would do next.
const (
	OK          = 0
	Failed      = 1   // none of the others
	Usage       = 2   // the command line or what it says is wrong
	NotFound    = 3   // no such task, template, operation or context
	Conflict    = 4   // the tasks as they stand forbid it
	Unreachable = 5   // the service cannot be reached or cannot answer now
	Denied      = 6   // not signed in, or not allowed
	Interrupted = 130 // by Ctrl-C, as shells count it
)

// Failure is an error with its exit code, in words for people. The words may
// have several lines, and no control characters from elsewhere.
type Failure struct {
	Code int
	Text string

	unsigned bool // the service does not know who asks
}

// with returns the failure in other words.
func (f *Failure) with(text string) *Failure {
	other := *f
	other.Text = text
	return &other
}

// Error implements error.
func (f *Failure) Error() string { return f.Text }

// misused is a fault in what was typed.
func misused(format string, args ...any) error {
	return &Failure{Code: Usage, Text: printable(fmt.Sprintf(format, args...))}
}

// failed puts an error in words and gives it its exit code; nil stays nil.
func failed(err error) error {
	var f *Failure
	var p *httpapi.Problem
	var faults task.Faults
	var network *url.Error
	switch {
	case err == nil, errors.As(err, &f):
		return err
	case errors.Is(err, context.Canceled):
		return &Failure{Code: Interrupted, Text: "interrupted"}
	case errors.As(err, &p):
		return refused(p)
	case errors.As(err, &faults):
		return &Failure{Code: Usage, Text: listed(faults)}
	case errors.Is(err, contexts.ErrUnknown):
		return &Failure{Code: NotFound, Text: printable(err.Error())}
	case errors.As(err, &network):
		return unreachable(network)
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Code: Unreachable, Text: "the service did not answer in time"}
	}
	return &Failure{Code: Failed, Text: printable(err.Error())}
}

// failed puts an error of the place's service in words, and says how to sign in
// there where that is what is missing.
func (at place) failed(err error) error {
	err = failed(err)
	if f := new(Failure); errors.As(err, &f) && f.unsigned {
		return f.with(f.Text + "\nSign in with: todo login " + terminal.Line(at.url) + at.instead)
	}
	return err
}

// refused puts the service's refusal in words.
func refused(p *httpapi.Problem) error {
	f := &Failure{Code: Failed, Text: printable(p.Detail)}
	switch {
	case p.Status == http.StatusBadRequest || p.Status == http.StatusRequestEntityTooLarge:
		f.Code = Usage
	case p.Status == http.StatusNotFound:
		f.Code = NotFound
	case p.Status == http.StatusConflict || p.Status == http.StatusPreconditionFailed:
		f.Code = Conflict
	case p.Status == http.StatusUnauthorized:
		f.Code, f.unsigned = Denied, true
	case p.Status == http.StatusForbidden:
		f.Code = Denied
	case p.Status == http.StatusTooManyRequests || p.Status >= http.StatusBadGateway && p.Status <= http.StatusGatewayTimeout:
		f.Code = Unreachable
	}
	if len(p.Errors) > 0 {
		f.Text = listed(p.Errors)
	}
	if len(p.Tasks) > 0 {
		short := tails(p.Tasks)
		names := make([]string, len(p.Tasks))
		for i, id := range p.Tasks {
			names[i] = short(id)
		}
		f.Text += ": " + strings.Join(names, ", ")
	}
	if p.Status >= http.StatusInternalServerError && p.Instance != "" {
		f.Text += printable(" (request " + p.Instance + ")")
	}
	return f
}

// listed writes faults down, each on a line of its own if there are several.
func listed(faults task.Faults) string {
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = printable(flagged(strings.TrimPrefix(f.Pointer, "/")) + " " + f.Detail)
		if rest, ok := strings.CutPrefix(f.Detail, "query parameter "); ok { // names itself
			name, rest, _ := strings.Cut(rest, " ")
			lines[i] = printable(flagged(name) + " " + rest)
		} else if f.Pointer == "" {
			lines[i] = printable(f.Detail)
		}
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%d things are wrong:\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// flagOf is what the command line has for the API's fields and parameters,
// where that is not the same with dashes.
var flagOf = map[string]string{
	"description": "note", "parent_id": "parent", "recurrence": "repeat", "recurrence/rule": "repeat", "recurrence/from": "repeat-from",
	"recurrence/skip_if_open": "skip-if-open", "reminders": "remind", "tags": "tag", "q": "text", "from_task": "from",
}

// flagged returns the command line's name of a field, with its place in a list.
func flagged(field string) string {
	name, place := field, ""
	if i := strings.LastIndexByte(field, '/'); i > 0 && strings.Trim(field[i+1:], "0123456789") == "" {
		name, place = field[:i], field[i:]
	}
	if flag, ok := flagOf[name]; ok {
		return flag + place
	}
	return strings.ReplaceAll(name, "_", "-") + place
}

// ofFields returns a sentence about a field with the command line's name of it.
func ofFields(detail string) string {
	if pointer, rest, ok := strings.Cut(detail, " "); ok && strings.HasPrefix(pointer, "/") {
		return flagged(pointer[1:]) + " " + rest
	}
	return detail
}

// unreachable puts a failure of the network in words.
func unreachable(err *url.Error) error {
	where := err.URL
	if u, parsed := url.Parse(err.URL); parsed == nil {
		where = u.Scheme + "://" + u.Host
	}
	reason := fmt.Sprintf("%s cannot be reached: %v; TODO_URL or todo login says where else the service is", where, err.Err)
	if err.Timeout() {
		reason = where + " did not answer in time; --timeout says how long that may be"
	}
	return &Failure{Code: Unreachable, Text: printable(reason)}
}

// printable keeps an error on one line that gives a terminal no orders.
func printable(s string) string { return terminal.Line(strings.ReplaceAll(s, "\n", " ")) }

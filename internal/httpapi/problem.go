package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

// Problem is an error as the client sees it (RFC 9457). As an error in Go it
// is one whose status has been decided.
type Problem struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail"`
	Instance string       `json:"instance"` // the request id
	Errors   []task.Fault `json:"errors,omitempty"`
	Tasks    []task.ID    `json:"tasks,omitempty"` // those in the way of a conflict
	// Conversation is the one in which something was said that has no answer.
	Conversation *task.ID     `json:"conversation_id,omitempty"`
	Tokens       []QuickToken `json:"tokens,omitempty"` // what is understood of a text that is not, as a whole
	// Challenge is the WWW-Authenticate that goes with it (RFC 6750), "" if none.
	Challenge string `json:"-"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// retryAfter is how many seconds a client is asked to wait when storage is
// away: about what a failover takes at best.
const retryAfter = 2

// meanings says which status each of the domain's errors has, and how it is
// put to the client. The first that fits counts.
var meanings = []struct {
	is     func(error) bool
	status int
	detail string
}{
	{is(task.ErrNoAPIKey), http.StatusNotFound, task.ErrNoAPIKey.Error()},
	{is(task.ErrNoCalendar), http.StatusNotFound, task.ErrNoCalendar.Error()},
	{is(task.ErrNoOperation), http.StatusNotFound, task.ErrNoOperation.Error()},
	{is(task.ErrNoTemplate), http.StatusNotFound, task.ErrNoTemplate.Error()},
	{is(chat.ErrNoConversation), http.StatusNotFound, chat.ErrNoConversation.Error()},
	{is(chat.ErrNoConfirmation), http.StatusNotFound, chat.ErrNoConfirmation.Error()},
	{is(chat.ErrDropped), http.StatusConflict, chat.ErrDropped.Error()},
	{is(chat.ErrDone), http.StatusConflict, chat.ErrDone.Error()},
	{is(chat.ErrTurnOpen), http.StatusConflict, chat.ErrTurnOpen.Error()},
	{is(chat.ErrNotLast), http.StatusConflict, chat.ErrNotLast.Error()},
	{is(chat.ErrOvertaken), http.StatusConflict, chat.ErrOvertaken.Error()},
	{is(chat.ErrApart), http.StatusConflict, chat.ErrApart.Error()},
	{is(chat.ErrCrowded), http.StatusTooManyRequests, chat.ErrCrowded.Error()},
	{is(chat.ErrFull), http.StatusConflict, chat.ErrFull.Error()},
	{is(task.ErrNotFound), http.StatusNotFound, task.ErrNotFound.Error()},
	{is(task.ErrStale), http.StatusPreconditionFailed, task.ErrStale.Error()},
	{is(task.ErrTokenExpired), http.StatusGone, task.ErrTokenExpired.Error()},
	{is(task.ErrKeyReused), http.StatusConflict, task.ErrKeyReused.Error()},
	{is(task.ErrCrowded), http.StatusTooManyRequests, task.ErrCrowded.Error()},
	{is(task.ErrUnknownOutcome), http.StatusServiceUnavailable, task.ErrUnknownOutcome.Error()},
	{is(task.ErrUnavailable), http.StatusServiceUnavailable, "the task storage cannot be reached at the moment; nothing is wrong with the request"},
	{is(context.DeadlineExceeded), http.StatusServiceUnavailable, "the request took too long"},
	{is(context.Canceled), statusClientGone, "the client went away"},
}

// statusClientGone is nginx's number for a client that closed the connection
// before its answer; it is seen in metrics only.
const statusClientGone = 499

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// problemOf gives an error its status and its public face. What is not known
// to be fit for clients becomes a 500 that says nothing.
func problemOf(err error) *Problem {
	var p *Problem
	var faults task.Faults
	var conflict *task.Conflict
	var model *chat.Failure
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &faults):
		return badRequest(faults)
	case errors.As(err, &conflict):
		return &Problem{Status: http.StatusConflict, Detail: conflict.Detail, Tasks: conflict.Tasks}
	case errors.As(err, &model):
		return &Problem{Status: http.StatusServiceUnavailable, Detail: model.Error()}
	}
	for _, m := range meanings {
		if m.is(err) {
			return &Problem{Status: m.status, Detail: m.detail}
		}
	}
	return &Problem{Status: http.StatusInternalServerError, Detail: "something went wrong here; the request id helps to find out what"}
}

// tooMuch tells of a request about very many tasks that its time was not enough
// for. Without a key it is only a commit of unknown outcome that may have had an
// effect, and that has its own words.
func (r *request) tooMuch(err error) string {
	if errors.Is(err, task.ErrUnknownOutcome) {
		return task.ErrUnknownOutcome.Error()
	}
	detail := fmt.Sprintf("it takes longer than the %.0f seconds that there are for it", bulkTime.Seconds())
	if r.Header.Get("Idempotency-Key") == "" {
		return detail + ": nothing was done; ask again when there is less to do here, or about fewer tasks"
	}
	return detail + ": ask again with the same key when there is less to do here, or about fewer tasks"
}

// because is what a log is told of an error; of a model that failed why it did, too.
func because(err error) []zap.Field {
	fields := []zap.Field{zap.Error(err)}
	if model := new(chat.Failure); errors.As(err, &model) {
		fields = append(fields, zap.NamedError("cause", model.Cause))
	}
	return fields
}

// maxFaults bounds the faults one answer lists; a body of a thousand bad
// tasks is understood from the first hundred.
const maxFaults = 100

func badRequest(faults task.Faults) *Problem {
	p := &Problem{Status: http.StatusBadRequest, Errors: faults[:min(len(faults), maxFaults)]}
	sentences := make([]string, min(len(faults), 3))
	for i := range sentences {
		sentences[i] = strings.TrimSpace(faults[i].Pointer + " " + faults[i].Detail)
		if strings.HasPrefix(faults[i].Detail, "query parameter ") { // names itself
			sentences[i] = faults[i].Detail
		}
	}
	p.Detail = strings.Join(sentences, "; ")
	if more := len(faults) - 3; more > 0 {
		p.Detail += fmt.Sprintf("; and %d more", more)
	}
	return p
}

// fail is the one place that answers errors and logs them.
func (a *API) fail(w *recorder, r *request, err error) {
	var replay *task.Replay
	if errors.As(err, &replay) {
		writeKept(w, replay.Answer)
		return
	}
	p := a.problem(r, err)
	if w.code != 0 {
		panic(http.ErrAbortHandler) // the answer had begun: nobody may take it for whole
	}
	if p.Status == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "1") // by then most of what is in the way may be done
	}
	if again := askAgain(p, err); again > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(again))
	}
	if p.Challenge != "" {
		w.Header().Set("WWW-Authenticate", p.Challenge)
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = nil // cannot happen: strings and numbers
	}
	write(w, p.Status, "application/problem+json", body)
}

// askAgain returns after how many seconds a request may be made again that had
// a problem, 0 if it should not be.
func askAgain(p Problem, err error) int {
	if p.Status == http.StatusServiceUnavailable && !errors.Is(err, task.ErrUnknownOutcome) || errors.Is(err, chat.ErrTurnOpen) {
		return retryAfter
	}
	return 0
}

// problem returns an error as the client of a request sees it, and logs it.
func (a *API) problem(r *request, err error) Problem {
	p := *problemOf(err)
	if r.bulky && p.Status == http.StatusServiceUnavailable && errors.Is(r.Context().Err(), context.DeadlineExceeded) {
		p.Detail = r.tooMuch(err)
	}
	p.Type, p.Title, p.Instance = "about:blank", http.StatusText(p.Status), r.id
	fields := []zap.Field{zap.Int("status", p.Status), zap.String("method", r.Method), zap.String("path", unsecret(r.URL.Path))}
	fields = append(fields, because(err)...)
	if p.Status >= 500 {
		a.logger(r).Error("request not answered", fields...)
	} else if a.Log.Core().Enabled(zap.DebugLevel) {
		a.logger(r).Debug("request refused", fields...)
	}
	return p
}

package httpapi

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"todo-app/internal/task"
)

// Action is what an inbound event asks for.
type Action string

// The actions, named as in the types of the events.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update"
	ActionDelete Action = "delete"
)

// Command is an inbound event, read but not yet carried out.
type Command struct {
	Action  Action
	Key     string // the same for a redelivery of the event and for no other event
	Subject string // the task, except for ActionCreate
	Data    []byte // JSON
	Trace   string
}

// Events returns the endpoint that takes CloudEvents, for the functions that
// carry out these actions. A process that is several functions has it once.
func (a *API) Events(actions ...Action) []Endpoint {
	return []Endpoint{{Method: http.MethodPost, Path: "/{$}", handle: func(w http.ResponseWriter, r *request) error {
		return receiveEvents(w, r, actions)
	}}}
}

// receiveEvents carries out one event or a batch, in order. Each is done once
// however often it comes, so a batch that was refused half-way can come again.
func receiveEvents(w http.ResponseWriter, r *request, actions []Action) error {
	if err := r.query().err(); err != nil {
		return err
	}
	if err := r.checkEncoding(); err != nil {
		return err
	}
	if r.Header.Get("Idempotency-Key") != "" {
		return &Problem{Status: http.StatusBadRequest, Detail: "an event is known by its source and id: it takes no Idempotency-Key"}
	}
	if err := r.readAll(); err != nil {
		return err
	}
	commands, err := r.api.Receive(r.Request, r.body)
	if err != nil {
		return err
	}
	defer r.api.Changed(r.call.Owner)
	batch := strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/cloudevents-batch")
	for i, c := range commands {
		if err := r.carryOut(c, actions); err != nil && batch {
			return inBatch(i, err)
		} else if err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// inBatch has a refusal say which event it is about.
func inBatch(i int, err error) error {
	at := "/" + strconv.Itoa(i)
	if faults := task.AsFaults(err); faults != nil {
		return faults.Under(at)
	}
	if p := *problemOf(err); p.Status < http.StatusInternalServerError {
		p.Detail = at + " of the batch: " + p.Detail
		return &p
	}
	return err
}

func (r *request) carryOut(c Command, actions []Action) error {
	if !slices.Contains(actions, c.Action) {
		return task.Faults{{Pointer: "/type", Detail: fmt.Sprintf("events to %s go to the %s function", c.Action, c.Action)}}
	}
	call := r.call
	if c.Trace != "" {
		call.Trace = c.Trace
	}
	call.Once = &task.Once{Key: c.Key, Digest: sha256.Sum256([]byte(c.Key)), Answer: func(task.Result) []byte { return nil }}
	err := r.run(c, call)
	var done *task.Replay
	if errors.As(err, &done) {
		return nil
	}
	return err
}

func (r *request) run(c Command, call task.Call) error {
	ctx := r.Context()
	if c.Action == ActionCreate {
		drafts, several, err := decodeTasks(c.Data, forCreate)
		if err != nil {
			return inData(err)
		}
		_, err = r.api.Tasks.Create(ctx, call, drafts, several)
		return inData(err)
	}
	id, err := task.ParseID(c.Subject)
	if err != nil {
		return task.Faults{{Pointer: "/subject", Detail: err.Error()}}
	}
	if c.Action == ActionDelete {
		_, err = r.api.Tasks.Delete(ctx, call, id, false, nil)
		return err
	}
	patch, err := decodeTask(c.Data, forChange)
	if err != nil {
		return inData(err)
	}
	_, err = r.api.Tasks.Update(ctx, call, id, task.Edit{Patch: patch})
	return inData(err)
}

// inData moves faults to where the task stands in an event.
func inData(err error) error {
	if faults := task.AsFaults(err); faults != nil {
		return faults.Under("/data")
	}
	return err
}

package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/task"
)

const undoPath = "/api/v1/undo"

// Operation is a step of what the caller did.
type Operation struct {
	Operation int64       `json:"operation"` // its number: later ones have higher ones
	At        time.Time   `json:"at"`
	Actor     string      `json:"actor"`
	Action    task.Action `json:"action"`
	Tasks     int         `json:"tasks"`     // how many it was about
	Titles    []string    `json:"titles"`    // of the first of them
	Undone    bool        `json:"undone"`    // and can be redone
	UndoneBy  *int64      `json:"undone_by"` // the operation to name for that
}

// Undone is an undo or a redo.
type Undone struct {
	Operation int64       `json:"operation"` // its number
	At        time.Time   `json:"at"`
	Actor     string      `json:"actor"`
	Action    task.Action `json:"action"` // undone or redone
	Of        int64       `json:"of"`     // the operation that was
	Tasks     int         `json:"tasks"`
	Titles    []string    `json:"titles"`
}

// getUndo answers with what can be undone, the newest first.
func getUndo(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	steps, err := r.api.Tasks.Operations(r.Context(), r.call)
	if err != nil {
		return err
	}
	shown := make([]Operation, len(steps))
	for i, o := range steps {
		shown[i] = Operation{
			Operation: o.ID, At: o.At, Actor: o.Actor, Action: o.Action, Tasks: o.Tasks, Titles: orEmpty(o.Titles), Undone: o.UndoneBy != 0,
		}
		if o.UndoneBy != 0 {
			shown[i].UndoneBy = &steps[i].UndoneBy
		}
	}
	body, err := json.Marshal(shown)
	if err == nil {
		r.writeTagged(w, body, stackTag(steps))
	}
	return err
}

// stackTag is the validator of a stack: which steps it has, and which of them
// are undone. Nothing else of a step ever changes.
func stackTag(steps []task.Operation) string {
	var b []byte
	for _, o := range steps {
		b = fmt.Appendln(b, o.ID, o.UndoneBy, o.At.UnixMicro())
	}
	return "U~" + hashOf(b)
}

// hashOf returns a validator of a body by what it says.
func hashOf(body []byte) string {
	h := fnv.New64a()
	h.Write(body)
	return strconv.FormatUint(h.Sum64(), 36)
}

// postUndo undoes a step, or redoes it.
func postUndo(w http.ResponseWriter, r *request) error {
	p := r.query()
	operation, err := r.operation()
	if err = both(p.err(), err); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.Undo(r.Context(), c, operation)
	}, func(result task.Result) answer {
		o := result.Step
		body, err := json.Marshal(Undone{o.ID, o.At, o.Actor, o.Action, o.Undoes, o.Tasks, orEmpty(o.Titles)})
		if err != nil {
			body = nil // cannot happen: strings, numbers and times of four-digit years
		}
		return answer{Status: http.StatusOK, Body: body}
	})
}

// operation reads which operation a body names; one that is left away names
// none.
func (r *request) operation() (int64, error) {
	if r.Header.Get("Content-Type") == "" {
		return 0, r.noBody()
	}
	if err := r.readBody(jsonType); err != nil {
		return 0, err
	}
	var operation int64
	d := newDecoder(r.body, forChange)
	_, _, err := d.only(`{"operation": 7}`, d.values(func(name string, v jsontext.Value) error {
		switch {
		case name != "operation":
			return errors.New("is not known here")
		case json.Unmarshal(v, &operation) != nil || operation < 1:
			return errors.New("must be the number of an operation")
		}
		return nil
	}))
	return operation, d.end(err)
}

// Operations returns what can be undone or redone, the newest first.
func (c *Client) Operations(ctx context.Context) (steps []Operation, err error) {
	_, err = c.do(ctx, http.MethodGet, undoPath, nil, "", &steps)
	return steps, err
}

// Undo undoes the newest operation that is not undone yet (0), or the one
// named. Naming an undo redoes.
func (c *Client) Undo(ctx context.Context, operation int64) (done Undone, err error) {
	var body []byte
	if operation != 0 {
		body = []byte(`{"operation":` + strconv.FormatInt(operation, 10) + `}`)
	}
	_, err = c.do(ctx, http.MethodPost, undoPath, body, "", &done)
	return done, err
}

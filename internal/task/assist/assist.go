// Package assist is what an assistant can do with somebody's tasks: tools with
// names, schemas and hints, in words for a model. It knows no protocol; each
// face for assistants offers the same tools.
//
// An answer is one short JSON object. A refusal is one, too: it names what is
// wrong and what to do about it, because a model that is only told "bad
// request" asks the same again. What tasks say is data in those objects, never
// part of a sentence of ours.
package assist

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"todo-app/internal/task"
)

// Tasks is what the tools need of the service, on behalf of one caller. Its
// errors are *Refusal where the service has answered.
type Tasks interface {
	Reader
	Writer
}

// Reader is what reading needs. Params are those of a list in the contract.
type Reader interface {
	List(ctx context.Context, params url.Values) (Page, error)
	Get(ctx context.Context, id task.ID) (Task, error)
	// Numbers and Trends are reports, as the contract has them in JSON.
	Numbers(ctx context.Context) (json.RawMessage, error)
	Trends(ctx context.Context) (json.RawMessage, error)
	// Steps are what can be undone or redone, the newest first.
	Steps(ctx context.Context) ([]Step, error)
	// View returns the caller's now and zone.
	View(ctx context.Context) (task.View, error)
}

// Writer is what writing needs.
type Writer interface {
	Create(ctx context.Context, p task.Patch) (Task, error)
	Update(ctx context.Context, id task.ID, p task.Patch) (Task, error)
	Complete(ctx context.Context, id task.ID, force bool) (Task, error)
	Delete(ctx context.Context, id task.ID, promote bool) error
	Bulk(ctx context.Context, b Bulk) ([]task.Outcome, error)
	// Undo reverses the newest step, or the one named; 0 names none.
	Undo(ctx context.Context, operation int64) (Step, error)
}

// Task is a task as its owner sees it.
type Task struct {
	task.Task
	Overdue     bool
	DaysOverdue int
	Blocked     bool
	Next        *Task // of a recurring task just completed: the next occurrence
}

// Page is a part of a list.
type Page struct {
	Tasks []Task
	Next  string // the cursor of the page after it, "" on the last
}

// Bulk is one action on many tasks: on those with the ids, or on those that a
// list with the Filter has.
type Bulk struct {
	Action task.BulkAction
	IDs    []task.ID
	Filter url.Values
	Set    task.Patch
	DryRun bool
}

// Step is one step of what the owner did.
type Step struct {
	Operation int64
	At        time.Time
	Actor     string
	Action    task.Action
	Tasks     int
	Titles    []string
	UndoneBy  int64 // the undo of it, 0 if it is not undone
}

// Tool is one thing that an assistant can do.
type Tool struct {
	Name        string // as models call it
	Title       string // as people read it
	Description string // for the model
	Params      []Param

	ReadOnly    bool // changes nothing
	Destructive bool // takes away or overwrites something
	Idempotent  bool // again with the same arguments changes nothing more

	// conflict says what to do where the tasks as they stand are in the way.
	conflict string
	do       func(ctx context.Context, c *call, a args) (any, error)
	// plan is of tools that take away, or change many tasks: see Plan.
	plan func(ctx context.Context, c *call, a args) (*Plan, any, error)
}

// Result is what a tool answers.
type Result struct {
	JSON    []byte // an object
	Refused bool   // it says what is wrong
	Changed bool   // something was changed, or nobody knows whether it was
}

// Tools returns all tools, the most usual first.
func Tools() []Tool {
	return []Tool{
		addTask(), listTasks(), searchTasks(), today(), updateTask(), completeTask(), deleteTask(), bulkTasks(), undo(), stats(),
	}
}

// Reading returns the tools that change nothing.
func Reading() []Tool {
	return slices.DeleteFunc(Tools(), func(t Tool) bool { return !t.ReadOnly })
}

// Call has the tool do what the arguments, a JSON object, say. Whatever goes
// wrong is in the result; cause is what a log should know of it.
func (t Tool) Call(ctx context.Context, tasks Tasks, arguments []byte) (r Result, cause error) {
	c := &call{Tasks: tasks}
	a, err := decode(t.Params, arguments)
	var answer any
	if err == nil {
		answer, err = t.do(ctx, c, a)
	}
	if err != nil {
		no := c.refused(ctx, t, err)
		return Result{JSON: encode(no), Refused: true, Changed: no.Error == Uncertain && c.sent}, err
	}
	return Result{JSON: encode(answer), Changed: c.wrote}, nil
}

// call is one use of a tool.
type call struct {
	Tasks
	view  *task.View // as it was asked for
	sent  bool       // a write is
	wrote bool       // something is changed
}

// viewed returns the caller's view, asked for once.
func (c *call) viewed(ctx context.Context) (task.View, error) {
	if c.view == nil {
		v, err := c.View(ctx)
		if err != nil {
			return v, err
		}
		c.view = &v
	}
	return *c.view, nil
}

// encode writes an answer down, with < and & as they are: no browser reads it.
func encode(answer any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(answer); err != nil {
		return []byte(`{"message":"the answer could not be written down"}`) // cannot happen: strings, numbers and JSON that was read
	}
	return bytes.TrimSpace(b.Bytes())
}

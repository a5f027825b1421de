package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"todo-app/internal/task"
)

// Delete returns the endpoints of the delete function.
func (a *API) Delete() []Endpoint {
	return []Endpoint{
		{Method: http.MethodDelete, Path: taskPath, handle: deleteTask},
		{Method: http.MethodDelete, Path: tasksPath, handle: deleteTasks, bulky: true},
		{Method: http.MethodDelete, Path: keyPath, handle: deleteKey},
		{Method: http.MethodDelete, Path: templatePath, handle: deleteTemplate},
		{Method: http.MethodDelete, Path: calendarPath, handle: deleteCalendar},
	}
}

// deleteTask removes a task with its subtasks, or promotes those to roots.
func deleteTask(w http.ResponseWriter, r *request) error {
	id, err := r.taskID()
	if err != nil {
		return err
	}
	p := r.query("subtasks")
	what, _ := read(p, "subtasks", oneOf("delete", "promote"))
	if err := p.err(); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.Delete(r.Context(), c, id, what == "promote", entityTags(r.Request, "If-Match", false))
	}, func(task.Result) answer {
		return answer{Status: http.StatusNoContent}
	})
}

// maxIDs is how many ids one request may name.
const maxIDs = 1000

// errNoVersion refuses a precondition on many tasks, rather than deleting
// what the caller meant to protect.
var errNoVersion = &Problem{Status: http.StatusPreconditionFailed, Detail: "a list of tasks has no version that If-Match could name"}

// deleteTasks removes the tasks that exactly one parameter selects.
func deleteTasks(w http.ResponseWriter, r *request) error {
	p := r.query("ids", "status", "all")
	var s task.Selection
	selections := 0
	if ids, given := read(p, "ids", parseIDs); given {
		s.IDs, selections = ids, selections+1
	}
	if _, given := read(p, "status", oneOf("completed")); given {
		s.Completed, selections = true, selections+1
	}
	if _, given := read(p, "all", oneOf("true")); given {
		s.All, selections = true, selections+1
	}
	if selections != 1 {
		p.faults = append(p.faults, task.Fault{Pointer: "", Detail: "exactly one of the query parameters ids, status=completed and all=true says what to delete"})
	}
	if err := p.err(); err != nil {
		return err
	}
	if tags := entityTags(r.Request, "If-Match", false); tags != nil && !slices.Contains(tags, "*") {
		return errNoVersion
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.DeleteMany(r.Context(), c, s)
	}, func(result task.Result) answer {
		return answer{Status: http.StatusOK, Body: []byte(`{"deleted":` + strconv.Itoa(result.Count) + `}`)}
	})
}

func parseIDs(s string) ([]task.ID, error) {
	parts := strings.Split(s, ",")
	if len(parts) > maxIDs {
		return nil, fmt.Errorf("must be at most %d ids", maxIDs)
	}
	ids := make([]task.ID, len(parts))
	for i, part := range parts {
		id, err := task.ParseID(part)
		if err != nil {
			return nil, errors.New("must be ids with commas between them; " + strconv.Quote(short(part)) + " is none")
		}
		ids[i] = id
	}
	return ids, nil
}

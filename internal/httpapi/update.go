package httpapi

import (
	"context"
	"net/http"

	"todo-app/internal/task"
)

// Update returns the endpoints of the update function.
func (a *API) Update() []Endpoint {
	return []Endpoint{
		{Method: http.MethodPut, Path: taskPath, handle: replaceTask},
		{Method: http.MethodPatch, Path: taskPath, handle: patchTask},
		{Method: http.MethodPost, Path: taskPath + "/complete", handle: completeTask},
		{Method: http.MethodPost, Path: taskPath + "/reopen", handle: reopenTask},
		{Method: http.MethodPost, Path: taskPath + "/archive", handle: archiveTask},
		{Method: http.MethodPost, Path: taskPath + "/unarchive", handle: unarchiveTask},
		{Method: http.MethodPost, Path: taskPath + "/skip", handle: skipTask},
		{Method: http.MethodPut, Path: settingsPath, handle: putSettings},
		{Method: http.MethodPost, Path: bulkPath, handle: bulk, bulky: true},
		{Method: http.MethodPost, Path: archiveCompletedPath, handle: archiveCompleted, bulky: true},
		{Method: http.MethodPost, Path: undoPath, handle: postUndo, bulky: true},
		{Method: http.MethodPut, Path: templatePath, handle: putTemplate},
	}
}

// replaceTask sets every field of a task; those absent to their defaults.
func replaceTask(w http.ResponseWriter, r *request) error {
	return r.changeTask(w, true, jsonType)
}

// patchTask sets the fields that are given (RFC 7396).
func patchTask(w http.ResponseWriter, r *request) error {
	return r.changeTask(w, false, patchType, jsonType)
}

func (r *request) changeTask(w http.ResponseWriter, whole bool, types ...string) error {
	id, err := r.taskID()
	if err != nil {
		return err
	}
	p := r.query("force")
	force, _ := p.flag("force")
	if err := r.readBody(types...); err != nil {
		return err
	}
	patch, err := decodeTask(r.body, forChange)
	if err = both(p.err(), err); err != nil {
		return err
	}
	return r.answerEdit(w, r.api.Tasks.Update, id, task.Edit{Patch: patch, Whole: whole, Force: force})
}

// completeTask marks a task done.
func completeTask(w http.ResponseWriter, r *request) error {
	p := r.query("force")
	force, _ := p.flag("force")
	return r.act(w, p, r.api.Tasks.Complete, task.Edit{Force: force})
}

// reopenTask marks a task open again.
func reopenTask(w http.ResponseWriter, r *request) error {
	return r.act(w, r.query(), r.api.Tasks.Reopen, task.Edit{})
}

// archiveTask puts a task away.
func archiveTask(w http.ResponseWriter, r *request) error {
	return r.act(w, r.query(), r.api.Tasks.Archive, task.Edit{})
}

// unarchiveTask brings a task back.
func unarchiveTask(w http.ResponseWriter, r *request) error {
	return r.act(w, r.query(), r.api.Tasks.Unarchive, task.Edit{})
}

// skipTask moves a recurring task to its next occurrence.
func skipTask(w http.ResponseWriter, r *request) error {
	return r.act(w, r.query(), r.api.Tasks.Skip, task.Edit{})
}

// edit is how the service changes one task.
type edit func(context.Context, task.Call, task.ID, task.Edit) (task.Result, error)

// act runs an action on one task, which takes no body.
func (r *request) act(w http.ResponseWriter, p *params, do edit, e task.Edit) error {
	id, err := r.taskID()
	if err != nil {
		return err
	}
	if err := both(p.err(), r.noBody()); err != nil {
		return err
	}
	return r.answerEdit(w, do, id, e)
}

func (r *request) answerEdit(w http.ResponseWriter, do edit, id task.ID, e task.Edit) error {
	e.Match = entityTags(r.Request, "If-Match", false)
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return do(r.Context(), c, id, e)
	}, func(result task.Result) answer {
		return oneTask(http.StatusOK, result)
	})
}

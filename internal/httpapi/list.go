package httpapi

import (
	"net/http"

	"todo-app/internal/task"
)

// List returns the endpoints of the list function.
func (a *API) List() []Endpoint {
	return []Endpoint{
		{Method: http.MethodGet, Path: tasksPath, handle: listTasks},
		{Method: http.MethodGet, Path: taskPath, handle: getTask},
		{Method: http.MethodGet, Path: taskPath + "/history", handle: getHistory},
		{Method: http.MethodGet, Path: statsPath, handle: getStats},
		{Method: http.MethodGet, Path: trendsPath, handle: getTrends},
		{Method: http.MethodGet, Path: taskPath + "/occurrences", handle: getOccurrences},
		{Method: http.MethodGet, Path: exportPath, handle: exportTasks, limit: exportTime},
		{Method: http.MethodGet, Path: calendarPath, handle: getCalendar},
		{Method: http.MethodGet, Path: feedPath, handle: readFeed, open: true},
		{Method: http.MethodGet, Path: settingsPath, handle: getSettings},
		{Method: http.MethodGet, Path: keysPath, handle: getKeys},
		{Method: http.MethodGet, Path: undoPath, handle: getUndo},
		{Method: http.MethodGet, Path: templatesPath, handle: getTemplates},
		{Method: http.MethodGet, Path: templatePath, handle: getTemplate},
	}
}

// listTasks answers with a page of the caller's tasks.
func listTasks(w http.ResponseWriter, r *request) error {
	q, err := r.listQuery()
	if err != nil {
		return err
	}
	page, err := r.api.Tasks.List(r.Context(), r.call, q, entityTags(r.Request, "If-None-Match", true))
	if err != nil {
		return err
	}
	if page.Next != "" {
		w.Header()["Link"] = []string{nextLink(r.Request, r.call.URL, page.Next)}
	}
	writeRead(w, page)
	return nil
}

// getTask answers with one of the caller's tasks.
func getTask(w http.ResponseWriter, r *request) error {
	id, err := r.taskID()
	if err != nil {
		return err
	}
	if err := r.query().err(); err != nil {
		return err
	}
	found, err := r.api.Tasks.Get(r.Context(), r.call, id, entityTags(r.Request, "If-None-Match", true))
	if err != nil {
		return err
	}
	writeRead(w, found)
	return nil
}

// defaultOccurrences is how many dates are foretold where nobody says.
const defaultOccurrences = 10

// getOccurrences answers with the next dates of one of the caller's tasks.
func getOccurrences(w http.ResponseWriter, r *request) error {
	id, err := r.taskID()
	if err != nil {
		return err
	}
	p := r.query("count")
	count, given := read(p, "count", upTo(task.MaxOccurrences))
	if err := p.err(); err != nil {
		return err
	}
	if !given {
		count = defaultOccurrences
	}
	dates, err := r.api.Tasks.Occurrences(r.Context(), r.call, id, count, entityTags(r.Request, "If-None-Match", true))
	if err != nil {
		return err
	}
	writeRead(w, dates)
	return nil
}

// taskID returns the id in the path. One that is malformed names no task.
func (r *request) taskID() (task.ID, error) {
	id, err := task.ParseID(r.PathValue("id"))
	if err != nil {
		return id, task.ErrNotFound
	}
	return id, nil
}

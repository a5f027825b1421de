package httpapi

import (
	"net/http"

	"todo-app/internal/task"
)

const (
	tasksPath = "/api/v1/tasks"
	taskPath  = "/api/v1/tasks/{id}"
)

// Create returns the endpoints of the create function.
func (a *API) Create() []Endpoint {
	return []Endpoint{
		{Method: http.MethodPost, Path: tasksPath, handle: createTasks},
		{Method: http.MethodPost, Path: quickPath, handle: quickAdd},
		{Method: http.MethodPost, Path: importPath, handle: importTasks, limit: importTime},
		{Method: http.MethodPost, Path: calendarPath, handle: createCalendar},
		{Method: http.MethodPost, Path: keysPath, handle: createKey},
		{Method: http.MethodPost, Path: templatesPath, handle: createTemplate},
		{Method: http.MethodPost, Path: templateTasksPath, handle: useTemplate},
	}
}

// createTasks adds the task in the body, or all of an array of them.
func createTasks(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	drafts, several, err := decodeTasks(r.body, forCreate)
	if err = both(p.err(), err); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.Create(r.Context(), c, drafts, several)
	}, func(result task.Result) answer {
		if several {
			return manyTasks(http.StatusCreated, result)
		}
		return oneTask(http.StatusCreated, result)
	})
}

// both joins the faults of two readings, so that all are listed at once.
func both(a, b error) error {
	if fa, fb := task.AsFaults(a), task.AsFaults(b); fa != nil && fb != nil {
		return append(fa, fb...)
	}
	if a != nil {
		return a
	}
	return b
}

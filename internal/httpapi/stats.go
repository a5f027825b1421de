package httpapi

import (
	"net/http"

	"todo-app/internal/task"
)

const (
	statsPath  = "/api/v1/stats"
	trendsPath = statsPath + "/trends"
)

// getStats answers with how the caller's tasks stand.
func getStats(w http.ResponseWriter, r *request) error { return report(w, r, task.ReportStats) }

// getTrends answers with how they have been going.
func getTrends(w http.ResponseWriter, r *request) error { return report(w, r, task.ReportTrends) }

func report(w http.ResponseWriter, r *request, what task.Report) error {
	if err := r.query().err(); err != nil {
		return err
	}
	found, err := r.api.Tasks.Report(r.Context(), r.call, what, entityTags(r.Request, "If-None-Match", true))
	if err != nil {
		return err
	}
	writeRead(w, found)
	return nil
}

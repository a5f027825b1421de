package httpapi

import (
	"encoding/json"
	"net/http"
)

const scalingPath = "/api/v1/ops/scaling"

// getScaling answers with how the functions scale.
func getScaling(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	body, err := json.Marshal(r.api.Scaling(r.Context()))
	if err == nil {
		w.Header()["Cache-Control"] = []string{"no-store"}
		write(w, http.StatusOK, jsonType, body)
	}
	return err
}

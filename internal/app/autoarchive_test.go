package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
)

func TestTheSweepArchivesWhatHasBeenDoneForLong(t *testing.T) {
	db := server.New(t)
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)})
	create(t, h, "open")
	if w := do(h, http.MethodPost, "/api/v1/tasks", `{"title":"done","completed":true}`); w.Code != http.StatusCreated {
		t.Fatal(w.Body)
	}
	if w := do(h, http.MethodPut, "/api/v1/settings", `{"time_zone":"UTC","auto_archive_days":5}`); w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	sweeper, err := app.NewSweeper(t.Context(), app.Settings{DatabaseURL: db.URL(postgres.SweepRole)}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer sweeper.Close(context.Background())
	archived := func(want ...string) {
		t.Helper()
		if err := sweeper.Sweep(t.Context(), false); err != nil {
			t.Error(err)
		}
		var tasks []struct{ Title string }
		if err := json.Unmarshal(do(h, http.MethodGet, "/api/v1/tasks?archived=true", "").Body.Bytes(), &tasks); err != nil {
			t.Fatal(err)
		}
		if len(tasks) != len(want) || len(want) > 0 && tasks[0].Title != want[0] {
			t.Errorf("archived are %v, want %v", tasks, want)
		}
	}
	archived()
	admin, err := pgx.Connect(t.Context(), db.URL(pgserver.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	for _, sql := range []string{`update tasks set updated_at = now() - interval '5 days'`, `update owners set auto_archive_at = now()`} {
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	archived("done")
	archived("done")
	var later bool
	if err := admin.QueryRow(t.Context(), `select auto_archive_at > now() + interval '4 days' from owners`).Scan(&later); err != nil || !later {
		t.Error("the owner is looked at again although there can be nothing to archive", err)
	}
}

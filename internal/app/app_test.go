package app_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
)

var everything = []app.Function{app.Create, app.List, app.Update, app.Delete, app.Health}

// joined returns all functions in one, on a database.
func joined(t *testing.T, s app.Settings) (*app.App, http.Handler) {
	t.Helper()
	s.Auth = []function.Auth{function.None} // requests of tests have any name
	s.DatabaseConns, s.Zone, s.Source = 4, cmp.Or(s.Zone, time.UTC), "/test"
	a, err := app.New(t.Context(), s, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := a.Close(ctx); err != nil {
			t.Error("closing:", err)
		}
	})
	a.ReportTotals()
	return a, a.Handler(everything...)
}

func do(h http.Handler, method, target, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func create(t *testing.T, h http.Handler, title string) string {
	t.Helper()
	w := do(h, "POST", "/api/v1/tasks", `{"title":"`+title+`"}`)
	var made struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); w.Code != http.StatusCreated || err != nil {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return made.ID
}

func TestForwardedHeadersCountFromTrustedPeersOnlyAndOnlyIfTheyAreSane(t *testing.T) {
	db := server.New(t)
	peers := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole), Settings: function.Settings{TrustedProxies: peers}})
	_, fixed := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole), Settings: function.Settings{TrustedProxies: peers, PublicURL: "https://todo.example"}})
	for _, c := range []struct {
		what, peer, proto, host string
		want                    string
	}{
		{"a trusted peer", "10.1.2.3:999", "https", "outer.example", "https://outer.example"},
		{"a trusted peer on IPv6", "[fd00::1]:999", "https", "outer.example:8443", "https://outer.example:8443"},
		{"a trusted peer on mapped IPv4", "[::ffff:10.1.2.3]:999", "https", "outer.example", "https://outer.example"},
		{"a chain of proxies", "10.1.2.3:999", "https, http", "outer.example, inner.example", "https://outer.example"},
		{"a stranger", "192.0.2.1:999", "https", "evil.example", "http://asked.example"},
		{"this machine, which is not in the list", "127.0.0.1:999", "https", "evil.example", "http://asked.example"},
		{"no peer at all", "@", "https", "evil.example", "http://asked.example"},
		{"a scheme that runs", "10.1.2.3:999", "javascript", "outer.example", "http://outer.example"},
		{"a host with a path", "10.1.2.3:999", "https", "outer.example/x", "https://asked.example"},
		{"a host that breaks out", "10.1.2.3:999", "https", `a"><script>`, "https://asked.example"},
		{"a host with a user", "10.1.2.3:999", "https", "user@outer.example", "https://asked.example"},
		{"a host with a line end", "10.1.2.3:999", "https", "a\r\nX: y", "https://asked.example"},
		{"a host beyond measure", "10.1.2.3:999", "https", strings.Repeat("a", 300), "https://asked.example"},
		{"only a scheme", "10.1.2.3:999", "https", "", "https://asked.example"},
		{"only a host", "10.1.2.3:999", "", "outer.example", "http://outer.example"},
		{"neither", "10.1.2.3:999", "", "", "http://asked.example"},
	} {
		forwarded := func(r *http.Request) {
			r.RemoteAddr, r.Host = c.peer, "asked.example"
			for name, value := range map[string]string{"X-Forwarded-Proto": c.proto, "X-Forwarded-Host": c.host} {
				if value != "" {
					r.Header[name] = []string{value}
				}
			}
		}
		w := do(h, "POST", "/api/v1/tasks", `{"title":"a"}`, forwarded)
		if got, _, _ := strings.Cut(w.Header().Get("Location"), "/api/"); got != c.want {
			t.Errorf("%s: %q, want %q (%d)", c.what, got, c.want, w.Code)
		}
		w = do(fixed, "POST", "/api/v1/tasks", `{"title":"a"}`, forwarded)
		if !strings.HasPrefix(w.Header().Get("Location"), "https://todo.example/api/") {
			t.Errorf("%s: %q under a public URL", c.what, w.Header().Get("Location"))
		}
	}
}

func TestReadinessFollowsTheSchemaAndNotTheDatabase(t *testing.T) {
	db := server.New(t)
	admin, err := pgx.Connect(t.Context(), db.URL(pgserver.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	exec := func(sql string) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	probe := func(what string, h http.Handler, want int) *httptest.ResponseRecorder {
		t.Helper()
		w := do(h, "GET", "/health/ready", "")
		if w.Code != want {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
		if live := do(h, "GET", "/health/live", ""); live.Code != http.StatusOK {
			t.Errorf("%s: not even alive: %d", what, live.Code)
		}
		return w
	}
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)})
	exec("insert into schema_migrations (version, name, serves) values (99, 'later', 99)")
	if w := probe("a schema that excludes this build", h, http.StatusServiceUnavailable); !strings.Contains(w.Body.String(), "serves builds from 99") {
		t.Error(w.Body)
	}
	exec("delete from schema_migrations where version = 99")
	probe("once the schema serves again", h, http.StatusOK)
	exec("alter database " + db.Name + " connection limit 0")
	exec("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'todo_app' and datname = current_database()")
	probe("found usable, then out of reach", h, http.StatusOK)

	_, away := joined(t, app.Settings{DatabaseURL: "postgres://todo_app@127.0.0.1:1/none?sslmode=disable"})
	probe("never within reach", away, http.StatusOK)
	for _, h := range []http.Handler{h, away} {
		w := do(h, "GET", "/api/v1/tasks", "")
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("a request meanwhile: %d %v %s", w.Code, w.Header(), w.Body)
		}
		if w := do(h, "GET", "/ready", ""); w.Code != http.StatusServiceUnavailable {
			t.Errorf("the public /ready says %d", w.Code)
		}
	}
	exec("alter database " + db.Name + " connection limit -1")
	if w := do(h, "GET", "/api/v1/tasks", ""); w.Code != http.StatusOK {
		t.Errorf("within reach again: %d %s", w.Code, w.Body)
	}

	_, super := joined(t, app.Settings{DatabaseURL: db.URL(pgserver.Superuser)})
	probe("a login that row-level security does not bind", super, http.StatusServiceUnavailable)
	_, acting := joined(t, app.Settings{DatabaseURL: db.URL(pgserver.Superuser), DatabaseRole: postgres.AppRole})
	probe("the same, acting as the application", acting, http.StatusOK)

	exec("drop schema public cascade; create schema public")
	_, fresh := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)})
	probe("no schema yet", fresh, http.StatusServiceUnavailable)
	exec("grant usage on schema public to public")
	if _, err := migrations.Up(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	probe("right after the migration", fresh, http.StatusOK)
}

func TestTheTotalsInTheMetricsAreRightAtOnce(t *testing.T) {
	db := server.New(t)
	site := app.Settings{DatabaseURL: db.URL(postgres.AppRole)}
	scrape := func(h http.Handler, want ...string) {
		t.Helper()
		text := do(h, "GET", "/metrics", "").Body.String()
		for _, line := range want {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("no %q in\n%s", line, text)
			}
		}
	}
	_, h := joined(t, site)
	var ids []string
	for range 5 {
		ids = append(ids, create(t, h, "a"))
	}
	for i, c := range []struct{ method, target, body string }{
		{"POST", "/api/v1/tasks/" + ids[0] + "/complete", ""},
		{"POST", "/api/v1/tasks/" + ids[1] + "/complete", ""},
		{"PATCH", "/api/v1/tasks/" + ids[2], `{"archived":true}`},
		{"DELETE", "/api/v1/tasks/" + ids[3], ""},
	} {
		if w := do(h, c.method, c.target, c.body); w.Code >= 300 {
			t.Fatalf("%d: %d %s", i, w.Code, w.Body)
		}
	}
	scrape(h, `todo_tasks_total{status="pending"} 1`, `todo_tasks_total{status="completed"} 2`,
		`todo_tasks_total{status="archived"} 1`, `todo_outbox_events 9`, `todo_cold_starts_total 1`, `todo_busiest_requests 1`,
		`todo_database_connections{state="used"} 0`)
	for name, least := range map[string]int{"todo_postgres_connections": 1, "todo_postgres_connections_max": 10, "todo_postgres_bytes": 1 << 20, `todo_database_connections{state="idle"}`: 1} {
		_, rest, _ := strings.Cut(do(h, "GET", "/metrics", "").Body.String(), "\n"+name+" ")
		value, _, _ := strings.Cut(rest, "\n")
		if n, err := strconv.Atoi(value); err != nil || n < least {
			t.Errorf("%s is %q", name, value)
		}
	}
	if w := do(h, "DELETE", "/api/v1/tasks?status=completed", ""); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := do(h, "POST", "/api/v1/tasks/"+ids[4]+"/complete", ""); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	_, other := joined(t, site) // another process: the first reads the totals again after a while only
	scrape(other, `todo_tasks_total{status="pending"} 0`, `todo_tasks_total{status="completed"} 1`, `todo_tasks_total{status="archived"} 1`)

	_, away := joined(t, app.Settings{DatabaseURL: "postgres://todo_app@127.0.0.1:1/none?sslmode=disable"})
	w := do(away, "GET", "/metrics", "")
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "todo_tasks_total") {
		t.Errorf("out of reach: %d with totals that nobody could know", w.Code)
	}
}

func TestEachFunctionAnswersItsOwnPathsAndTheProbes(t *testing.T) {
	db := server.New(t)
	a, _ := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)})
	const id = "/api/v1/tasks/0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"
	own := map[app.Function][2]string{
		app.Create: {"POST", "/api/v1/tasks"}, app.List: {"GET", "/api/v1/tasks"}, app.Update: {"PATCH", id},
		app.Delete: {"DELETE", id}, app.Health: {"GET", "/health"},
	}
	for f := range own {
		h := a.Handler(f)
		for _, probe := range []string{"/health/live", "/health/ready", "/health/startup"} {
			if w := do(h, "GET", probe, ""); w.Code != http.StatusOK {
				t.Errorf("%s answers %s with %d", f, probe, w.Code)
			}
		}
		for of, path := range own {
			w := do(h, path[0], path[1], "")
			strange := w.Code == http.StatusMethodNotAllowed || strings.Contains(w.Body.String(), "there is nothing at")
			if strange == (f == of) {
				t.Errorf("%s answers %v with %d %s", f, path, w.Code, w.Body)
			}
		}
	}
}

func TestSettingsThatCannotBeUsedAreRefusedWithoutTheirSecrets(t *testing.T) {
	for what, s := range map[string]app.Settings{
		"database": {DatabaseURL: "postgres://user:hunter2@host:port/db"},
		"Redis":    {DatabaseURL: someDatabase, RedisURL: "http://:hunter2@host", RedisConns: 1},
		"K_SINK":   {DatabaseURL: someDatabase, Sink: "ftp://user:hunter2@host", Source: "/x"},
	} {
		s.DatabaseConns, s.Zone = 1, time.UTC
		_, err := app.New(t.Context(), s, zap.NewNop())
		if err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTheSweepFiresRemindersAndDeliversThem(t *testing.T) {
	db := server.New(t)
	got := make(chan string, 10)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		got <- r.Header.Get("Ce-Type") + " " + r.Header.Get("Ce-Reminder")
	}))
	defer sink.Close()
	zone, err := time.LoadLocation("Pacific/Kiritimati")
	if err != nil {
		t.Fatal(err)
	}
	settings := app.Settings{DatabaseURL: db.URL(postgres.AppRole), Zone: zone}
	_, h := joined(t, settings)
	if w := do(h, "POST", "/api/v1/tasks", `{"title":"x","due":"2099-06-01","reminders":["PT0S"]}`); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	settings.DatabaseURL, settings.Sink, settings.Source = db.URL(postgres.SweepRole), sink.URL, "/test"
	sweeper, err := app.NewSweeper(t.Context(), settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer sweeper.Close(context.Background())
	midnight := time.Date(2099, 6, 1, 0, 0, 0, 0, zone) // the owner has set no zone, so the default counts
	for i, want := range []string{"todo.task.created.v1 ", "todo.reminder.due.v1 PT0S", ""} {
		sweeper.Now = func() time.Time { return midnight.Add(time.Duration(i-1) * time.Second) }
		if err := sweeper.Sweep(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var arrived string
		if len(got) > 0 {
			arrived = <-got
		}
		if arrived != want || len(got) > 0 {
			t.Errorf("sweep %d: %q and %d more, want %q", i, arrived, len(got), want)
		}
	}
}

// docs/operations.md promises it of a sweep that is begun each minute.
func TestNoReminderIsLaterThanThePauseBetweenTwoSweeps(t *testing.T) {
	db := server.New(t)
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole), Zone: time.UTC})
	begin := time.Date(2099, 6, 1, 9, 0, 0, 0, time.UTC)
	for i := range 40 {
		moment := begin.Add(time.Duration(i) * 17 * time.Second).Format(time.RFC3339)
		if w := do(h, "POST", "/api/v1/tasks", `{"title":"x","reminders":["`+moment+`"]}`); w.Code != http.StatusCreated {
			t.Fatal(w.Code, w.Body)
		}
	}
	sweeper, err := app.NewSweeper(t.Context(), app.Settings{DatabaseURL: db.URL(postgres.SweepRole), Zone: time.UTC}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer sweeper.Close(context.Background())
	for minute := range 13 {
		sweeper.Now = func() time.Time { return begin.Add(time.Duration(minute) * time.Minute) }
		if err := sweeper.Sweep(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	var fired int
	var latest time.Duration
	err = db.Pool(t, pgserver.Superuser).QueryRow(t.Context(),
		`select count(*), max(at - (task->>'reminder')::timestamptz) from outbox where change = 'reminded'`).Scan(&fired, &latest)
	if err != nil || fired != 40 || latest >= time.Minute || latest < 30*time.Second {
		t.Errorf("%d reminders, the latest by %s, %v", fired, latest, err)
	}
}

func TestTheSweepDeliversWhatWasLeftAndRemovesWhatExpired(t *testing.T) {
	db := server.New(t)
	got := make(chan string, 10)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		got <- r.Header.Get("Ce-Type")
	}))
	defer sink.Close()
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)}) // without a sink: its events are left
	create(t, h, "a")
	sweeper, err := app.NewSweeper(t.Context(), app.Settings{DatabaseURL: db.URL(postgres.SweepRole), Sink: sink.URL, Source: "/test"}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer sweeper.Close(context.Background())
	if err := sweeper.Sweep(t.Context(), false); err != nil {
		t.Error(err)
	}
	if len(got) != 1 || <-got != "todo.task.created.v1" {
		t.Error("the event did not arrive once")
	}
	if err := sweeper.Sweep(t.Context(), false); err != nil || len(got) != 0 {
		t.Errorf("swept again: %d more, %v", len(got), err)
	}
	// Without a sink nobody waits for events, so they do not pile up.
	create(t, h, "b")
	idle, err := app.NewSweeper(t.Context(), app.Settings{DatabaseURL: db.URL(postgres.SweepRole)}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close(context.Background())
	if err := idle.Sweep(t.Context(), true); err != nil {
		t.Error(err)
	}
	if err := sweeper.Sweep(t.Context(), false); err != nil || len(got) != 0 {
		t.Errorf("after an idle sweep: %d, %v", len(got), err)
	}
}

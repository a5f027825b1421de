package migrations_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
	"todo-app/internal/task"
)

// released is how many steps the first release had.
const released = 2

// TestTasksOfTheFirstReleaseLiveOnAfterAnUpgrade goes from its schema,
// and rows as it wrote them, to the present one.
func TestTasksOfTheFirstReleaseLiveOnAfterAnUpgrade(t *testing.T) {
	conn := database(t, "upgraded")
	if err := migrations.Roles(t.Context(), conn, both...); err != nil {
		t.Fatal(err)
	}
	steps, err := migrations.All()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, `create table schema_migrations (version integer primary key, name text not null, serves integer not null, applied_at timestamptz not null default now())`)
	for _, name := range []string{"0001_tasks.sql", "0002_changes.sql"} {
		step, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		exec(t, conn, string(step))
	}
	for _, m := range steps[:released] {
		exec(t, conn, `insert into schema_migrations (version, name, serves) values ($1, $2, $3)`, m.Version, m.Name, m.Serves)
	}
	rows, err := os.ReadFile("testdata/first_release.sql")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, strings.ReplaceAll(string(rows), "OWNER", "alice"))
	if applied, err := migrations.Up(t.Context(), conn); err != nil || len(applied) != len(steps)-released {
		t.Fatalf("%d steps, %v", len(applied), err)
	}

	zones := &task.Zones{}
	zone := func(o task.Owner) *time.Location { return zones.Of(o, time.UTC) }
	sweeper := &postgres.Sweeper{Pool: pool(t, "todo_sweep"), Nonce: rand.Int64, Zone: zone}
	remind := func(at string, want int) {
		t.Helper()
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := sweeper.Remind(t.Context(), now); err != nil || n != want {
			t.Errorf("%d reminders at %s, %v", n, at, err)
		}
	}
	remind("2099-01-30T07:59:59Z", 0)
	remind("2099-01-30T08:00:00Z", 1)
	now := time.Date(2099, 1, 31, 12, 0, 0, 0, time.UTC)
	tasks := &task.Service{
		Store: &postgres.Store{Pool: pool(t, "todo_app"), Nonce: rand.Int64}, Zone: time.UTC, Zones: zones,
		Now: func() time.Time { return now }, NewID: func() task.ID { return task.ID(uuid.Must(uuid.NewV7())) },
	}
	call := task.Call{Owner: "alice"}
	shows := func(what string, read func() (task.Rendered, error), want string) {
		t.Helper()
		found, err := read()
		if err != nil || !strings.Contains(string(found.Body), want) {
			t.Errorf("%s: %s, %v; not %s", what, found.Body, err, want)
		}
	}
	list := func(f task.Filter) func() (task.Rendered, error) {
		return func() (task.Rendered, error) {
			return tasks.List(t.Context(), call, task.Query{Filter: f, Sort: task.SortCreated, Limit: 10}, nil)
		}
	}
	shows("a search", list(task.Filter{Text: "trans", HasText: true}), `"title":"Pay rent"`)
	shows("a tag", list(task.Filter{Tags: []string{"flat"}}), `"title":"Pay rent"`)
	shows("what waits", list(task.Filter{Blocked: task.Yes}), `"title":"File it"`)
	shows("the archive", list(task.Filter{Archived: task.Yes}), `"title":"Last year's taxes"`)
	shows("the statistics", func() (task.Rendered, error) { return tasks.Report(t.Context(), call, task.ReportStats, nil) },
		`"total":5,"active":4,"pending":3,"completed":1,"archived":1`)
	history, err := tasks.History(t.Context(), call, repeats, task.Place{})
	if err != nil || len(history.Records) == 0 || history.Records[0].Change != task.Created {
		t.Errorf("the history is %+v, %v", history, err)
	}

	done, err := tasks.Complete(t.Context(), call, repeats, task.Edit{Force: true})
	if err != nil || len(done.Tasks) != 2 {
		t.Fatal(done.Tasks, err)
	}
	if next := done.Tasks[1]; next.Due.String() != "2099-02-28" || next.Recurrence.Rule != "FREQ=MONTHLY;BYMONTHDAY=-1" {
		t.Errorf("the next is due %s by %s", next.Due, next.Recurrence.Rule)
	}
	remind("2099-02-27T08:00:00Z", 1)
	if _, err := tasks.Undo(t.Context(), call, 0); err != nil {
		t.Error(err)
	}
	shows("what is open after the undo", list(task.Filter{Text: "rent", HasText: true}), `"due":"2099-01-31"`)
	if _, err := tasks.Undo(t.Context(), call, 0); err == nil {
		t.Error("what was done before there were steps was undone")
	}
}

// repeats is the id of the task in testdata/first_release.sql that does.
var repeats = func() task.ID {
	id, err := task.ParseID("019ca700-0000-7000-8000-000000000001")
	if err != nil {
		panic(err)
	}
	return id
}()

// pool connects to the database of the test as a role.
func pool(t testing.TB, role string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), server.URL(role, "upgraded"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

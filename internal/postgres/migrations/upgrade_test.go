package migrations_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
	"todo-app/internal/task"
)

// schemaAt makes the schema of a database as so many steps had it.
func schemaAt(t testing.TB, conn *pgx.Conn, steps int) {
	t.Helper()
	if err := migrations.Roles(t.Context(), conn, both...); err != nil {
		t.Fatal(err)
	}
	all, err := migrations.All()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, `create table schema_migrations (version integer primary key, name text not null, serves integer not null, applied_at timestamptz not null default now())`)
	for _, m := range all[:steps] {
		step, err := os.ReadFile(fmt.Sprintf("%04d_%s.sql", m.Version, m.Name))
		if err != nil {
			t.Fatal(err)
		}
		exec(t, conn, string(step))
		exec(t, conn, `insert into schema_migrations (version, name, serves) values ($1, $2, $3)`, m.Version, m.Name, m.Serves)
	}
}

// upgraded is what an owner had under an earlier schema, in the present one.
type upgraded struct {
	t       *testing.T
	tasks   *task.Service
	call    task.Call
	sweeper *postgres.Sweeper
	now     time.Time
}

// upgrade makes a schema as so many steps had it, puts rows there as that wrote
// them, and goes on to the present one.
func upgrade(t *testing.T, steps int, file string, now time.Time) *upgraded {
	t.Helper()
	conn := database(t, "upgraded")
	schemaAt(t, conn, steps)
	rows, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, strings.ReplaceAll(string(rows), "OWNER", "alice"))
	if applied, err := migrations.Up(t.Context(), conn); err != nil || len(applied) != latest(t)-steps {
		t.Fatalf("%d steps, %v", len(applied), err)
	}
	zones := &task.Zones{}
	u := &upgraded{t: t, call: task.Call{Owner: "alice"}, now: now}
	u.sweeper = &postgres.Sweeper{Pool: pool(t, "todo_sweep"), Nonce: rand.Int64, Zone: func(o task.Owner) *time.Location { return zones.Of(o, time.UTC) }}
	u.tasks = &task.Service{
		Store: &postgres.Store{Pool: pool(t, "todo_app"), Nonce: rand.Int64}, Zone: time.UTC, Zones: zones,
		Now: func() time.Time { return u.now }, NewID: func() task.ID { return task.ID(uuid.Must(uuid.NewV7())) },
	}
	return u
}

// remind fires what is due, and checks how much that is.
func (u *upgraded) remind(at string, want int) {
	u.t.Helper()
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		u.t.Fatal(err)
	}
	if n, err := u.sweeper.Remind(u.t.Context(), now); err != nil || n != want {
		u.t.Errorf("%d reminders at %s, %v", n, at, err)
	}
}

// shows checks that an answer contains something.
func (u *upgraded) shows(what string, read func() (task.Rendered, error), want string) {
	u.t.Helper()
	found, err := read()
	if err != nil || !strings.Contains(string(found.Body), want) {
		u.t.Errorf("%s: %s, %v; not %s", what, found.Body, err, want)
	}
}

func (u *upgraded) list(f task.Filter) func() (task.Rendered, error) {
	return func() (task.Rendered, error) {
		return u.tasks.List(u.t.Context(), u.call, task.Query{Filter: f, Sort: task.SortCreated, Limit: 10}, nil)
	}
}

func (u *upgraded) report() (task.Rendered, error) {
	return u.tasks.Report(u.t.Context(), u.call, task.ReportStats, nil)
}

// TestTasksOfTheFirstReleaseLiveOnAfterAnUpgrade goes from its schema, of two
// steps, and rows as it wrote them, to the present one.
func TestTasksOfTheFirstReleaseLiveOnAfterAnUpgrade(t *testing.T) {
	u := upgrade(t, 2, "first_release.sql", time.Date(2099, 1, 31, 12, 0, 0, 0, time.UTC))
	tasks, call, remind, shows, list := u.tasks, u.call, u.remind, u.shows, u.list
	remind("2099-01-30T07:59:59Z", 0)
	remind("2099-01-30T08:00:00Z", 1)
	shows("a search", list(task.Filter{Text: "trans", HasText: true}), `"title":"Pay rent"`)
	shows("a tag", list(task.Filter{Tags: []string{"flat"}}), `"title":"Pay rent"`)
	shows("what waits", list(task.Filter{Blocked: task.Yes}), `"title":"File it"`)
	shows("the archive", list(task.Filter{Archived: task.Yes}), `"title":"Last year's taxes"`)
	shows("the statistics", u.report, `"total":5,"active":4,"pending":3,"completed":1,"archived":1`)
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

// TestWhatThereWasBeforeHistoriesHadABoundLivesOnAfterAnUpgrade goes from a
// later schema, and all that its build kept beside tasks, to the present one.
func TestWhatThereWasBeforeHistoriesHadABoundLivesOnAfterAnUpgrade(t *testing.T) {
	u := upgrade(t, 14, "before_long_histories.sql", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	u.shows("a search", u.list(task.Filter{Text: "trans", HasText: true}), `"title":"Pay rent"`)
	u.shows("a tag", u.list(task.Filter{Tags: []string{"flat"}}), `"title":"Pay rent"`)
	u.shows("what waits", u.list(task.Filter{Blocked: task.Yes}), `"title":"File it"`)
	u.shows("the archive", u.list(task.Filter{Archived: task.Yes}), `"title":"Last year's taxes"`)
	u.shows("the statistics", u.report, `"total":8,"active":7,"pending":5,"completed":2,"archived":1`)

	var told []string
	since := task.Place{Epoch: 3619796392480880, Generation: 13, Seq: 13}
	changes, err := u.tasks.Changes(t.Context(), u.call, &since, nil)
	must(nil, err)
	for _, r := range changes.Records {
		told = append(told, string(r.Change)+" "+r.Task.Title)
	}
	if diff := cmp.Diff([]string{"updated File it", "created Made once", "deleted Old plan"}, told); diff != "" {
		t.Error("the changes since a token of then: ", diff)
	}
	once := &task.Once{Key: "a key", Digest: [32]byte{1}}
	var replay *task.Replay
	if _, err := u.tasks.Create(t.Context(), task.Call{Owner: "alice", Once: once}, nil, true); !errors.As(err, &replay) || string(replay.Answer) != "kept" {
		t.Error("a request of then, once more:", err)
	}

	must(u.tasks.Undo(t.Context(), u.call, 0)) // a step of then
	u.shows("what was deleted then", u.list(task.Filter{Tags: []string{"plan"}}), `"title":"Old plan"`)
	must(u.tasks.CreateFromTemplate(t.Context(), u.call, "weekly report", task.Patch{}, nil))
	must(u.tasks.Undo(t.Context(), u.call, 0)) // and one of now
	done, err := u.tasks.Complete(t.Context(), u.call, repeats, task.Edit{Force: true})
	must(nil, err)
	if len(done.Tasks) != 2 || done.Tasks[1].Due.String() != "2026-04-30" {
		t.Errorf("the next is %+v", done.Tasks)
	}
	u.remind("2026-04-29T06:59:59Z", 0)
	u.remind("2026-04-29T07:00:00Z", 1)
	history, err := u.tasks.History(t.Context(), u.call, repeats, task.Place{})
	if err != nil || len(history.Records) != 2 || history.Records[0].Change != task.Created || history.Records[1].Change != task.Completed {
		t.Errorf("the history is %+v, %v", history.Records, err)
	}
	u.shows("the statistics afterwards", u.report, `"total":11,"active":10,"pending":7,"completed":3,"archived":1`)

	p, err := u.sweeper.Purge(t.Context(), time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC), true)
	if err != nil || p.Keys != 1 || p.Operations != 21 || p.Histories != 1 || p.Records != 0 {
		t.Errorf("what has served its time: %+v, %v", p, err)
	}
}

// repeats is the id of the task in both files of testdata that does.
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

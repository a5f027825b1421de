package migrations_test

import (
	"math/rand/v2"
	"os"
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

// TestTasksOfTheFirstReleaseRepeatAndRemindAfterAnUpgrade goes from its schema,
// and rows as it wrote them, to the present one.
func TestTasksOfTheFirstReleaseRepeatAndRemindAfterAnUpgrade(t *testing.T) {
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
	id := task.ID(uuid.Must(uuid.NewV7()))
	exec(t, conn, `insert into owners (owner_id, generation, pending) values ('alice', 1, 1)`)
	exec(t, conn, `
		insert into tasks (owner_id, id, version, created_at, updated_at, title, title_key, description, priority, category, tags, due_at,
		  due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, depends_on, position, open_dependencies)
		values ('alice', $1, 1, now(), now(), 'rent', 'rent', '', 2, 'other', '{}', '2099-01-31 00:00+00',
		  true, '{-PT15H}', 'monthly', 'due', false, '{}', 1, 0)`, [16]byte(id))
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
	remind("2099-01-30T08:59:59Z", 0)
	remind("2099-01-30T09:00:00Z", 1)
	now := time.Date(2099, 1, 31, 12, 0, 0, 0, time.UTC)
	tasks := &task.Service{
		Store: &postgres.Store{Pool: pool(t, "todo_app"), Nonce: rand.Int64}, Zone: time.UTC, Zones: zones,
		Now: func() time.Time { return now }, NewID: func() task.ID { return task.ID(uuid.Must(uuid.NewV7())) },
	}
	done, err := tasks.Complete(t.Context(), task.Call{Owner: "alice"}, id, task.Edit{})
	if err != nil || len(done.Tasks) != 2 {
		t.Fatal(done.Tasks, err)
	}
	if next := done.Tasks[1]; next.Due.String() != "2099-02-28" || next.Recurrence.Rule != "FREQ=MONTHLY;BYMONTHDAY=-1" {
		t.Errorf("the next is due %s by %s", next.Due, next.Recurrence.Rule)
	}
	remind("2099-02-27T09:00:00Z", 1)
}

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

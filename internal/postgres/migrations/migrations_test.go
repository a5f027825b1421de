package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres/migrations"
)

// server is a PostgreSQL without any role of ours; every test has its own
// names for databases.
var server *pgserver.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "todo-pg-")
	if err == nil {
		defer os.RemoveAll(dir)
		server, err = pgserver.Start(context.Background(), pgserver.Config{Dir: dir, NoSync: true})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	defer server.Stop(context.Background())
	return m.Run()
}

func connect(t testing.TB, user, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL(user, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// database makes an empty one for a test.
func database(t testing.TB, name string) *pgx.Conn {
	t.Helper()
	admin := connect(t, pgserver.Superuser, "postgres")
	exec(t, admin, "create database "+name)
	t.Cleanup(func() { exec(t, admin, "drop database "+name+" with (force)") })
	return connect(t, pgserver.Superuser, name)
}

func exec(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.WithoutCancel(t.Context()), sql, args...); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
}

func ask[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	rows, _ := conn.Query(t.Context(), sql, args...)
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return value
}

var both = []migrations.Role{{Name: "todo_app", Password: "it's \\ secret"}, {Name: "todo_sweep", Password: "another"}}

// prepare does what an installer does.
func prepare(t testing.TB, conn *pgx.Conn) []migrations.Migration {
	t.Helper()
	err := migrations.Roles(t.Context(), conn, both...)
	if err != nil {
		t.Fatal(err)
	}
	applied, err := migrations.Up(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func latest(t testing.TB) int {
	t.Helper()
	steps, err := migrations.All()
	if err != nil || len(steps) == 0 {
		t.Fatal(err)
	}
	return len(steps)
}

// forgetRoles makes the cluster one that has never seen the application.
func forgetRoles(t testing.TB) {
	t.Helper()
	admin := connect(t, pgserver.Superuser, "postgres")
	for _, r := range both {
		exec(t, admin, "drop role if exists "+r.Name)
	}
}

func TestTenStartersAtOnceOnSeveralEmptyDatabasesApplyEachStepOnce(t *testing.T) {
	forgetRoles(t)
	const databases, starters = 3, 10
	for d := range databases {
		database(t, fmt.Sprint("crowded_", d))
	}
	var mu sync.Mutex
	applied := map[string]int{}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range databases * starters {
		name := fmt.Sprint("crowded_", i%databases)
		conn := connect(t, pgserver.Superuser, name)
		all.Go(func() {
			<-start
			if err := migrations.Roles(t.Context(), conn, both...); err != nil {
				t.Error("making the roles:", err)
				return
			}
			steps, err := migrations.Up(t.Context(), conn)
			if err != nil {
				t.Error("migrating:", err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, m := range steps {
				applied[fmt.Sprint(name, " ", m.Version)]++
			}
		})
	}
	close(start)
	all.Wait()
	if len(applied) != databases*latest(t) {
		t.Errorf("applied were %v", applied)
	}
	for step, times := range applied {
		if times != 1 {
			t.Errorf("%s was applied %d times", step, times)
		}
	}
	for d := range databases {
		conn := connect(t, pgserver.Superuser, fmt.Sprint("crowded_", d))
		if n := ask[int](t, conn, "select count(*)::int from schema_migrations"); n != latest(t) {
			t.Errorf("%d steps are recorded", n)
		}
	}
}

func TestANewDatabaseIsReadyForItsRolesAndNotForOthers(t *testing.T) {
	conn := database(t, "fresh")
	if applied := prepare(t, conn); len(applied) != latest(t) {
		t.Errorf("applied %v", applied)
	}
	if again := prepare(t, conn); len(again) != 0 {
		t.Errorf("applied again: %v", again)
	}
	app := connect(t, "todo_app", "fresh")
	if n := ask[int](t, app, "select count(*)::int from tasks"); n != 0 {
		t.Error(n)
	}
	for _, r := range both {
		if kept := ask[string](t, conn, "select left(rolpassword, 13) from pg_authid where rolname = $1", r.Name); kept != "SCRAM-SHA-256" {
			t.Errorf("the password of %s is kept as %s", r.Name, kept)
		}
		before := ask[string](t, conn, "select rolpassword from pg_authid where rolname = $1", r.Name)
		if err := migrations.Roles(t.Context(), conn, migrations.Role{Name: r.Name}); err != nil {
			t.Error(err)
		}
		if ask[string](t, conn, "select rolpassword from pg_authid where rolname = $1", r.Name) != before {
			t.Error("an empty password replaced the one there was")
		}
	}
}

func TestAPlainOwnerWhoMayMakeRolesCanInstall(t *testing.T) {
	forgetRoles(t)
	admin := connect(t, pgserver.Superuser, "postgres")
	exec(t, admin, "create role plain login createrole")
	exec(t, admin, "create database plains owner plain")
	t.Cleanup(func() {
		exec(t, admin, "drop database plains with (force)")
		exec(t, admin, "drop role if exists todo_app, todo_sweep")
		exec(t, admin, "drop role plain")
	})
	conn := connect(t, "plain", "plains")
	prepare(t, conn)
	exec(t, conn, "set role todo_app")
	exec(t, conn, "select count(*) from tasks")
	exec(t, conn, "set role todo_sweep")
	exec(t, conn, "select count(*) from outbox")
}

func TestANewerSchemaThatServesThisBuildIsLeftAlone(t *testing.T) {
	conn := database(t, "newer")
	prepare(t, conn)
	exec(t, conn, "insert into schema_migrations (version, name, serves) values ($1, 'later', $2)", latest(t)+2, latest(t))
	if applied := prepare(t, conn); len(applied) != 0 {
		t.Errorf("applied %v", applied)
	}
	if v := ask[int](t, conn, "select max(version) from schema_migrations"); v != latest(t)+2 {
		t.Errorf("the schema is at %d", v)
	}
}

func TestANewerSchemaThatExcludesThisBuildIsRefusedAndSaysSo(t *testing.T) {
	conn := database(t, "excluding")
	prepare(t, conn)
	exec(t, conn, "insert into schema_migrations (version, name, serves) values ($1, 'later', $2)", latest(t)+2, latest(t)+1)
	_, err := migrations.Up(t.Context(), conn)
	want := fmt.Sprintf("the schema is at version %d and serves builds from %d on; this build knows %d: use a newer one", latest(t)+2, latest(t)+1, latest(t))
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	locked(t, conn, 0)
}

// locked checks how many hold or await the lock of migrations.
func locked(t *testing.T, conn *pgx.Conn, want int) {
	t.Helper()
	if n := ask[int](t, conn, "select count(*)::int from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"); n != want {
		t.Errorf("%d hold or await the lock", n)
	}
}

func TestAStepThatFailsLeavesNothing(t *testing.T) {
	conn := database(t, "failing")
	if err := migrations.Roles(t.Context(), conn, both...); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "create table outbox_leases (in_the_way int)")
	applied, err := migrations.Up(t.Context(), conn)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42P07" || !strings.Contains(err.Error(), "applying migration 1 tasks") || len(applied) != 0 {
		t.Errorf("got %v, %v", applied, err)
	}
	rows, _ := conn.Query(t.Context(), "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1")
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if diff := cmp.Diff([]string{"outbox_leases", "schema_migrations"}, tables); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if n := ask[int](t, conn, "select count(*)::int from schema_migrations"); n != 0 {
		t.Errorf("%d steps are recorded", n)
	}
	locked(t, conn, 0)
	exec(t, conn, "drop table outbox_leases")

	// Nor does one that succeeds and cannot be recorded.
	exec(t, conn, "alter table schema_migrations add constraint in_the_way check (version <> 1)")
	if _, err := migrations.Up(t.Context(), conn); !errors.As(err, &pg) || pg.Code != "23514" {
		t.Errorf("got %v", err)
	}
	if ask[bool](t, conn, "select to_regclass('tasks') is not null") {
		t.Error("the step's tables are there and the step is not recorded")
	}
	exec(t, conn, "alter table schema_migrations drop constraint in_the_way")
	if applied := prepare(t, conn); len(applied) != latest(t) {
		t.Error("it cannot be tried again")
	}
}

func TestAStarterThatIsKilledWhileItMigratesHoldsNobodyUp(t *testing.T) {
	conn := database(t, "killed")
	if err := migrations.Roles(t.Context(), conn, both...); err != nil {
		t.Fatal(err)
	}
	// A lock in the way of the first step stops the first starter halfway.
	blocker := connect(t, pgserver.Superuser, "killed")
	exec(t, blocker, "create table schema_migrations (version integer primary key, name text not null, serves integer not null, applied_at timestamptz not null default now())")
	tx, err := blocker.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "lock table schema_migrations in exclusive mode"); err != nil {
		t.Fatal(err)
	}
	first := connect(t, pgserver.Superuser, "killed")
	pid := first.PgConn().PID()
	ended := make(chan error, 1)
	go func() {
		_, err := migrations.Up(context.Background(), first)
		ended <- err
	}()
	deadline := time.Now().Add(20 * time.Second)
	for !ask[bool](t, conn, "select exists (select from pg_locks where pid = $1 and not granted)", pid) {
		if time.Now().After(deadline) {
			t.Fatal("the first starter never came to the lock")
		}
	}
	exec(t, conn, "select pg_terminate_backend($1)", pid)
	if err := <-ended; err == nil {
		t.Error("the killed starter succeeded")
	}
	tx.Rollback(t.Context())
	if applied := prepare(t, conn); len(applied) != latest(t) {
		t.Errorf("the next starter applied %v", applied)
	}
}

func TestStatusTellsWhatIsAppliedAndWhatIsPending(t *testing.T) {
	conn := database(t, "status")
	all, err := migrations.All()
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Options{cmpopts.IgnoreUnexported(migrations.Migration{}), cmpopts.IgnoreFields(migrations.Migration{}, "Applied")}
	check := func(when string, want []migrations.Migration, applied int) {
		t.Helper()
		got, err := migrations.Status(t.Context(), conn)
		if diff := cmp.Diff(want, got, same); err != nil || diff != "" {
			t.Errorf("%s: %v %s", when, err, diff)
		}
		for i, m := range got {
			if m.Applied.IsZero() == (i < applied) {
				t.Errorf("%s step %d was applied at %v", when, m.Version, m.Applied)
			}
		}
	}
	check("of an empty database", all, 0)
	prepare(t, conn)
	check("of a migrated one", all, len(all))
	exec(t, conn, "insert into schema_migrations (version, name, serves) values ($1, 'later', 1)", len(all)+1)
	check("of a newer one", append(all, migrations.Migration{Version: len(all) + 1, Name: "later", Serves: 1}), len(all)+1)
}

func TestAStepMustSayWhichBuildsItServesAndFollowTheOneBefore(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for says, files := range map[string]fstest.MapFS{
		"the first line must be":          {"0001_a.sql": file("create table a ();\n-- serves: 1\n")},
		"first line must be":              {"0001_a.sql": file("-- serves: all\n")},
		"-- serves:":                      {"0001_a.sql": file("")},
		"step 2 is missing":               {"0001_a.sql": file("-- serves: 1\n"), "0003_b.sql": file("-- serves: 1\n")},
		"step 1 is missing":               {"0002_a.sql": file("-- serves: 1\n")},
		"must begin with its number":      {"first.sql": file("-- serves: 1\n")},
		"migration 0002_b.sql: the first": {"0001_a.sql": file("-- serves: 1\n"), "0002_b.sql": file("select 1\n")},
	} {
		if _, err := migrations.Load(files); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	steps, err := migrations.Load(fstest.MapFS{"0001_a_b.sql": file("-- serves: 1\nselect 1"), "0002_c.sql": file("-- serves: 1\n")})
	if err != nil || len(steps) != 2 || steps[0].Name != "a_b" || steps[1].Version != 2 || steps[1].Serves != 1 {
		t.Errorf("got %+v, %v", steps, err)
	}
}

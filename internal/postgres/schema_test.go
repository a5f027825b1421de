package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
	"todo-app/internal/task"
)

func TestTheSchemaThisBuildNeedsIsTheLastMigration(t *testing.T) {
	steps, err := migrations.All()
	if err != nil {
		t.Fatal(err)
	}
	if last := steps[len(steps)-1].Version; last != postgres.SchemaVersion {
		t.Errorf("the last migration is %d and the code is written for %d", last, postgres.SchemaVersion)
	}
}

func TestASchemaIsRefusedOnlyIfItDoesNotServeThisBuild(t *testing.T) {
	t.Parallel()
	const newer = `insert into schema_migrations (version, name, serves) values ($1, 'later', $2)`
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *site)
		role    string
		says    string // "" if it can be used
	}{
		{"the present one", func(*testing.T, *site) {}, postgres.AppRole, ""},
		{"none at all", func(t *testing.T, s *site) { s.exec(t, `drop schema public cascade; create schema public`) },
			postgres.AppRole, "run todo migrate up"},
		{"an older one", func(t *testing.T, s *site) {
			s.exec(t, `delete from schema_migrations where version = $1`, postgres.SchemaVersion)
		},
			postgres.AppRole, "run todo migrate up"},
		{"a newer one that serves", func(t *testing.T, s *site) { s.exec(t, newer, postgres.SchemaVersion+3, postgres.SchemaVersion) },
			postgres.AppRole, ""},
		{"a newer one that does not", func(t *testing.T, s *site) { s.exec(t, newer, postgres.SchemaVersion+3, postgres.SchemaVersion+1) },
			postgres.AppRole, "serves builds from"},
		{"an even newer one after one that does not", func(t *testing.T, s *site) {
			s.exec(t, newer, postgres.SchemaVersion+2, postgres.SchemaVersion+1)
			s.exec(t, newer, postgres.SchemaVersion+3, postgres.SchemaVersion)
		}, postgres.AppRole, "serves builds from"},
		{"the superuser's", func(*testing.T, *site) {}, pgserver.Superuser, "bypasses row-level security"},
		{"the tables' owner's", func(t *testing.T, s *site) {
			s.exec(t, `create role tables_owner login`)
			t.Cleanup(func() {
				s.exec(t, `reassign owned by tables_owner to postgres; drop owned by tables_owner; drop role tables_owner`)
			})
			s.exec(t, `alter table tasks owner to tables_owner; alter table schema_migrations owner to tables_owner`)
		}, "tables_owner", "bypasses row-level security"},
		{"a login that bypasses", func(t *testing.T, s *site) {
			s.exec(t, `create role bypassing login bypassrls; grant todo_app to bypassing`)
			t.Cleanup(func() { s.exec(t, `drop role bypassing`) })
		}, "bypassing", "bypasses row-level security"},
		{"a stranger's", func(t *testing.T, s *site) {
			s.exec(t, `create role stranger login`)
			t.Cleanup(func() { s.exec(t, `drop role stranger`) })
		}, "stranger", "may not use the schema"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			c.prepare(t, s)
			err := postgres.CheckSchema(t.Context(), s.Pool(t, c.role))
			var unusable *postgres.SchemaError
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (!errors.As(err, &unusable) || !strings.Contains(unusable.Detail, c.says)):
				t.Errorf("got %v", err)
			case errors.Is(err, task.ErrUnavailable):
				t.Error("taken for an outage")
			}
		})
	}
}

func TestASuperuserWhoActsAsTheApplicationIsBound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pool := s.open(t, pgserver.Superuser, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["role"] = postgres.AppRole })
	if err := postgres.CheckSchema(t.Context(), pool); err != nil {
		t.Error(err)
	}
	s.populate(t, "alice")
	var n int
	if err := pool.QueryRow(t.Context(), "select count(*) from tasks").Scan(&n); err != nil || n != 0 {
		t.Errorf("it sees %d tasks, %v", n, err)
	}
}

func TestADatabaseThatIsStartingOrRefusesIsAnOutageAndNotAWrongSchema(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, `alter database `+s.Name+` connection limit 0`)
	s.kill(t)
	if err := postgres.CheckSchema(t.Context(), s.pool); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
}

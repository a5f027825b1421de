package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
	"todo-app/internal/postgres/postgrestest"
)

// askingForPasswords runs a PostgreSQL of which the role of functions needs a
// password, and returns what sets it.
func askingForPasswords(t *testing.T) (url string, set func(password string)) {
	t.Helper()
	server, conn := postgrestest.Own(t, nil)
	set = func(password string) {
		t.Helper()
		if err := migrations.Roles(t.Context(), conn, migrations.Role{Name: postgres.AppRole, Password: password}, migrations.Role{Name: postgres.SweepRole}); err != nil {
			t.Fatal(err)
		}
	}
	set("old")
	rules := fmt.Sprintf("local all %s scram-sha-256\nlocal all all trust\n", postgres.AppRole)
	var file string
	if err := conn.QueryRow(t.Context(), "show hba_file").Scan(&file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil { // whose it is stays
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "select pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
	return server.URL(postgres.AppRole, "postgres"), set
}

func TestAPasswordIsChangedWhileBothAreKnown(t *testing.T) {
	t.Parallel()
	url, set := askingForPasswords(t)
	connect := func(passwords ...string) error {
		pool, err := postgres.Open(t.Context(), postgres.Options{URL: url, Passwords: passwords, MaxConns: 2, Name: t.Name()})
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		return pool.Ping(t.Context())
	}
	refused := func(passwords ...string) bool {
		var pg *pgconn.PgError
		return errors.As(connect(passwords...), &pg) && pg.Code == "28P01"
	}
	eventually(t, "passwords are asked for", func() bool { return refused("new") })
	for _, good := range []string{"old", "new"} {
		set(good)
		for _, both := range [][]string{{"new", "old"}, {"old", "new"}, {"none", "new", "old"}} {
			if err := connect(both...); err != nil {
				t.Errorf("%s is good, %v are known: %v", good, both, err)
			}
		}
		if !refused("none", "other") {
			t.Error("no password was needed")
		}
	}
	if !refused("old") {
		t.Error("the password was not changed")
	}
}

package postgres_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
)

// backup runs the chart's script as a role on a database, with the dumps in a
// folder where there is one already, and returns how many there are afterwards.
func backup(t *testing.T, url, role string) (dumps int, output string, err error) {
	t.Helper()
	script, err := os.ReadFile("../../chart/files/backup.sh")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var programs string
	if err := conn.QueryRow(t.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&programs); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, name := range []string{"todo-20260101T000000Z.dump", "password"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("any"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := conn.Config()
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(string(script), "/dumps", folder))
	cmd.Env = append(os.Environ(), "PG_BIN="+programs, "KEEP=7", "PASSWORD_FILE="+filepath.Join(folder, "password"),
		"PGHOST="+at.Host, fmt.Sprint("PGPORT=", at.Port), "PGUSER="+role, "PGDATABASE="+at.Database)
	out, err := cmd.CombinedOutput()
	found, _ := filepath.Glob(filepath.Join(folder, "todo-*.dump"))
	return len(found), string(out), err
}

// TestABackupOfNothingIsLeftOutAndOneThatCannotLookFails: what cannot be asked
// whether there is anything has not said that there is nothing.
func TestABackupOfNothingIsLeftOutAndOneThatCannotLookFails(t *testing.T) {
	t.Parallel()
	empty, owned := server.New(t), server.New(t)
	if _, err := owned.Pool(t, pgserver.Superuser).Exec(t.Context(), "insert into owners (owner_id) values ('alice')"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url, role string
		dumps           int
		fails           bool
	}{
		{"it may not log in", owned.URL(pgserver.Superuser), "nobody", 1, true},
		{"there is no schema", server.URL(pgserver.Superuser, "postgres"), pgserver.Superuser, 1, false},
		{"there is no owner", empty.URL(pgserver.Superuser), pgserver.Superuser, 1, false},
		{"there is an owner", owned.URL(pgserver.Superuser), pgserver.Superuser, 2, false},
	} {
		if dumps, output, err := backup(t, c.url, c.role); dumps != c.dumps || (err != nil) != c.fails {
			t.Errorf("%s: %d dumps, %v: %s", c.name, dumps, err, output)
		}
	}
}

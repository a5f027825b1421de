//go:build otel

package storage_test

import (
	"strconv"
	"testing"

	"todo-app/internal/telemetry/storage"
)

func TestAStatementIsNamedAfterWhatItDoesAndToWhat(t *testing.T) {
	for sql, want := range map[string]string{
		"select title from tasks where id = $1":                                   "select tasks",
		"\n  -- from comments\n  SELECT a\n  FROM \"quoted\", owners":             "select owners",
		"with inserted as (insert into tasks (a) values ($1)) select 1 from b":    "insert tasks",
		"insert into outbox (a) values ('from hunter2') on conflict do update":    "insert outbox",
		"update owners set a = (select b from c)":                                 "update owners",
		"select 1 from owners for no key update":                                  "select owners",
		"delete from only keys where a is distinct from b":                        "delete keys",
		"select o.a from (select set_config('a', $1, true)) n left join owners o": "select owners",
		"select set_config('app.owner', $1, true)":                                "select set_config",
		"select 1": "select", "begin read only": "begin", "commit": "commit", "": "statement", "'": "statement", "é": "statement", "(": "(",
	} {
		if got := storage.NameOf(sql); got != want {
			t.Errorf("%q is named %q, not %q", sql, got, want)
		}
	}
}

func TestNamesAreKeptWithoutGrowingForEver(t *testing.T) {
	var n storage.Names
	for i := range 2 * storage.Most {
		if got := n.Of("select a from t -- " + strconv.Itoa(i)); got != "select t" {
			t.Fatal(got)
		}
	}
	if kept := n.Kept(); kept != storage.Most {
		t.Errorf("%d are kept", kept)
	}
}

func FuzzANameHasNothingOfWhatIsQuoted(f *testing.F) {
	f.Add("select 'a' from b")
	f.Add("insert into \"")
	f.Add("-- x")
	f.Fuzz(func(t *testing.T, sql string) {
		if name := storage.NameOf(sql); name == "" {
			t.Errorf("%q has no name", sql)
		}
	})
}

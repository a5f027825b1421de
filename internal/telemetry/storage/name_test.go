//go:build otel

package storage

import "testing"

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
		if got := nameOf(sql); got != want {
			t.Errorf("%q is named %q, not %q", sql, got, want)
		}
	}
}

func TestNamesAreKeptWithoutGrowingForEver(t *testing.T) {
	var n names
	for i := range 2 * most {
		n.of("select a from t" + string(rune('a'+i%26)) + " -- " + string(rune(i+1000)))
	}
	kept := 0
	n.known.Range(func(any, any) bool { kept++; return true })
	if kept != most {
		t.Errorf("%d are kept", kept)
	}
}

func FuzzANameHasNothingOfWhatIsQuoted(f *testing.F) {
	f.Add("select 'a' from b")
	f.Add("insert into \"")
	f.Add("-- x")
	f.Fuzz(func(t *testing.T, sql string) {
		if name := nameOf(sql); name == "" {
			t.Errorf("%q has no name", sql)
		}
	})
}

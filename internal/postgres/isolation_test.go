package postgres_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

const insufficientPrivilege = "42501"

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// asks reads a list as the superuser.
func asks(t testing.TB, s *site, sql string, args ...any) []string {
	t.Helper()
	rows, _ := s.admin.Query(t.Context(), sql, args...)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return list
}

// owned lists the tables whose rows belong to an owner.
func owned(t testing.TB, s *site) []string {
	return asks(t, s, `
		select c.relname::text
		from pg_class c
		join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace
		  and c.relkind in ('r', 'p')
		  and a.attname = 'owner_id'
		  and not a.attisdropped
		order by 1`)
}

func TestEveryTableWithAnOwnerHasRowLevelSecurityAndAPolicyForFunctions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	// What a migration to come could forget, one way each.
	s.exec(t, `create table forgot_it (owner_id text)`)
	s.exec(t, `create table forgot_the_policy (owner_id text)`)
	s.exec(t, `alter table forgot_the_policy enable row level security`)
	s.exec(t, `create table lets_all_see (owner_id text)`)
	s.exec(t, `alter table lets_all_see enable row level security`)
	s.exec(t, `create policy all_rows on lets_all_see using (true)`)
	open := asks(t, s, `
		select c.relname::text
		from pg_class c
		join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace
		  and c.relkind in ('r', 'p')
		  and a.attname = 'owner_id'
		  and not a.attisdropped
		  and not (
		    c.relrowsecurity
		    and exists (select from pg_policies p where p.tablename = c.relname and 'todo_app' = any(p.roles))
		    and not exists (
		      select from pg_policies p
		      where p.tablename = c.relname
		        and p.roles && array['todo_app', 'public']::name[]
		        and (p.qual is distinct from '(owner_id = NULLIF(current_setting(''app.owner''::text, true), ''''::text))'
		          or p.with_check is not null or p.cmd <> 'ALL')))
		order by 1`)
	if diff := cmp.Diff([]string{"forgot_it", "forgot_the_policy", "lets_all_see"}, open); diff != "" {
		t.Error("tables that another owner can read (-expected +found):", diff)
	}
	if tables := owned(t, s); len(tables) < 7+3 {
		t.Error("looked at no more than", tables)
	}
}

func TestOutsideTablesOfOwnersFunctionsSeeTheSchemaVersionPublicKeysAndTheirOwnUseAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	readable := asks(t, s, `
		select c.relname::text
		from pg_class c
		where c.relnamespace = 'public'::regnamespace
		  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
		  and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'owner_id')
		  and case when c.relkind = 'S' then has_sequence_privilege('todo_app', c.oid, 'usage, select, update')
		      else has_table_privilege('todo_app', c.oid, 'select, insert, update, delete, truncate') end
		order by 1`)
	if diff := cmp.Diff([]string{"function_notes", "function_use", "key_sets", "schema_migrations"}, readable); diff != "" {
		t.Error(diff)
	}
	for _, right := range []string{"insert", "update", "delete", "truncate", "references", "trigger"} {
		if ask[bool](t, s, `select has_table_privilege('todo_app', 'schema_migrations', $1)`, right) {
			t.Errorf("todo_app has %s on schema_migrations", right)
		}
	}
	for _, table := range owned(t, s) {
		if ask[bool](t, s, `select has_table_privilege('todo_app', $1, 'truncate, references, trigger')`, table) {
			t.Errorf("todo_app may get at %s past row-level security", table)
		}
	}
}

func TestWithoutAnOwnerNothingIsVisibleInAnyTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.populate(t, "alice")
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	count := func(table string) (n int) {
		if err := conn.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil {
			t.Fatal(table, err)
		}
		return n
	}
	for _, when := range []string{"on a new connection", "after a transaction that named an owner"} {
		for _, table := range owned(t, s) {
			if n := count(table); n != 0 {
				t.Errorf("%s %s shows %d rows", when, table, n)
			}
			if ask[int](t, s, "select count(*)::int from "+table) == 0 {
				t.Errorf("%s is empty: this test shows nothing", table)
			}
		}
		var name string
		if err := conn.QueryRow(t.Context(), "select set_config('app.owner', 'alice', true)").Scan(&name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARowForAnotherOwnerIsRefusedByEveryTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.populate(t, "alice")
	s.populate(t, "bob")
	for _, owner := range []string{"", "bob"} {
		for _, table := range owned(t, s) {
			columns := ask[string](t, s, `
				select string_agg(quote_ident(attname), ', ' order by attnum)
				from pg_attribute
				where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''`, table)
			row := ask[string](t, s, `select to_jsonb(r)::text from `+table+` r where owner_id = 'alice' limit 1`)
			for what, sql := range map[string]string{
				"insert": fmt.Sprintf(`insert into %s (%s) select %[2]s from jsonb_populate_record(null::%[1]s, $1::jsonb)`, table, columns),
				"update": fmt.Sprintf(`update %s set owner_id = 'alice' where $1::jsonb is not null`, table),
				"delete": fmt.Sprintf(`delete from %s where owner_id = ($1::jsonb)->>'owner_id'`, table),
			} {
				tag, err := s.asOwner(t, owner, sql, row)
				hidden := err == nil && tag.RowsAffected() == 0 && (what == "delete" || owner == "")
				if !hidden && code(err) != insufficientPrivilege {
					t.Errorf("as %q, %s of alice's row in %s: %v, %v", owner, what, table, tag, err)
				}
			}
		}
	}
}

// asOwner runs a statement as a function would for an owner, and undoes it.
func (s *site) asOwner(t testing.TB, owner, sql string, args ...any) (pgconn.CommandTag, error) {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "select set_config('app.owner', $1, true)", owner); err != nil {
		t.Fatal(err)
	}
	return tx.Exec(t.Context(), sql, args...)
}

// ownerCondition is how statements say whose rows they mean.
var ownerCondition = regexp.MustCompile(`(\w+\.)?owner_id = (\w+\.owner_id|\$1)`)

// everyStatement has the application do all that it can, and returns what it
// sent to the database for it.
func everyStatement(t *testing.T, s *site, tr *tracer, owner string) []statement {
	tasks := s.populate(t, owner)
	call := task.Call{Owner: owner}
	id := tasks[0].ID
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []task.Query{
		{}, {Tree: true}, {Filter: task.Filter{Text: "first", HasText: true}}, {Filter: task.Filter{Tags: []string{"shared"}}},
		{Filter: task.Filter{Archived: task.Either}}, {Filter: task.Filter{Due: task.DueOverdue}}, {Filter: task.Filter{Parent: id}},
		{Filter: task.Filter{Blocked: task.Yes}}, {Filter: task.Filter{Category: "other"}},
	} {
		s.list(t, owner, q)
	}
	must(s.tasks.Get(t.Context(), call, id, nil))
	must(s.tasks.Update(t.Context(), call, tasks[3].ID, task.Edit{Patch: task.Patch{
		DependsOn: task.Value([]task.ID{id}), Title: task.Value(owner + " renamed"), ParentID: task.Value(id)}}))
	must(s.tasks.Complete(t.Context(), call, id, task.Edit{}))
	must(nil, s.tasks.SetSettings(t.Context(), call, task.Settings{Zone: "Europe/Berlin", AutoArchiveDays: 1}, nil))
	must(s.tasks.Report(t.Context(), call, task.ReportStats, nil))
	must(s.tasks.ArchiveOld(t.Context(), owner))
	must(s.tasks.Bulk(t.Context(), call, task.Bulk{Action: task.BulkArchive, Filter: &task.Filter{Text: "fourth", HasText: true, Tags: []string{"tag"}}}))
	must(s.tasks.ArchiveCompleted(t.Context(), call))
	must(s.tasks.ReplaceTemplate(t.Context(), call, "the template", task.TemplateDraft{Patch: titled("or that")}, nil, nil))
	must(s.tasks.CreateFromTemplate(t.Context(), call, "the template", task.Patch{}, nil))
	must(s.tasks.Template(t.Context(), call, "the template"))
	_, _, err := s.tasks.Templates(t.Context(), call, "", 10)
	must(nil, err)
	must(s.tasks.DeleteTemplate(t.Context(), call, "the template", nil))
	must(s.tasks.Delete(t.Context(), call, tasks[1].ID, false, nil))
	must(s.tasks.DeleteMany(t.Context(), call, task.Selection{Completed: true}))
	once := &task.Once{Key: "the key", Digest: [32]byte{1}, Answer: func(task.Result) []byte { return nil }}
	var replay *task.Replay
	if _, err := s.tasks.Create(t.Context(), task.Call{Owner: owner, Once: once}, []task.Patch{titled(owner + " keyed")}, false); !errors.As(err, &replay) {
		t.Fatal("no replay:", err)
	}
	s.talk(t, owner)
	s.exec(t, "delete from outbox_leases")
	outbox := &postgres.Outbox{Pool: s.pool, NewID: freshID}
	c, _, err := outbox.Claim(t.Context(), owner, 10, time.Minute)
	must(c, err)
	must(nil, outbox.Refused(t.Context(), c, c.Events[0].ID, "a reason"))
	must(nil, outbox.Delivered(t.Context(), c, []task.ID{c.Events[1].ID}))
	must(nil, outbox.Release(t.Context(), c, 0))
	return tr.take()
}

func TestAStatementThatForgetsItsOwnerStillReachesNobodyElse(t *testing.T) {
	t.Parallel()
	var tr tracer
	s := newSite(t, tr.into)
	// Both owners get the same ids, so that conditions on ids spare neither.
	s.exec(t, `alter table outbox alter event_id set default '00000000-0000-7000-8000-000000000001'`)
	again := func() {
		n := byte(0)
		s.tasks.NewID = func() task.ID { n++; return task.ID{6: 0x70, 8: 0x80, 15: n} }
	}
	again()
	s.populate(t, "bob")
	again()
	tr.take()
	sent := everyStatement(t, s, &tr, "alice")
	for _, table := range owned(t, s) {
		if table != "owners" {
			s.exec(t, `delete from `+table+` where owner_id = 'alice'`)
		}
	}
	again()
	s.populate(t, "alice")

	conn, err := s.admin.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	seen, reached := map[string]bool{}, 0
	for _, st := range sent {
		if seen[st.sql] || !ownerCondition.MatchString(st.sql) {
			continue
		}
		seen[st.sql] = true
		careless := ownerCondition.ReplaceAllString(st.sql, "$$1::text is not null")
		right := outcome(t, s, conn.Conn(), postgres.AppRole, st.sql, st.args)
		if diff := cmp.Diff(right, outcome(t, s, conn.Conn(), postgres.AppRole, careless, st.args)); diff != "" {
			t.Errorf("row-level security lets more through (-asked +got) %s\n%s", diff, careless)
		}
		if !cmp.Equal(right, outcome(t, s, conn.Conn(), "none", careless, st.args)) {
			reached++
		}
	}
	if len(seen) < 20 || reached < 20 {
		t.Errorf("of %d statements only %d reach bob where nothing binds them: this test shows too little", len(seen), reached)
	}
}

// outcome runs a statement for alice, undoes it, and returns what it showed
// and what it left of bob's.
func outcome(t *testing.T, s *site, conn *pgx.Conn, role, sql string, args []any) []string {
	t.Helper()
	ctx := t.Context()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "select set_config('role', $1, true), set_config('app.owner', 'alice', true)", role); err != nil {
		t.Fatal(err)
	}
	step, err := tx.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := step.Query(ctx, sql, args...)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		values, err := row.Values()
		return fmt.Sprint(values), err
	})
	if code(err) == "23505" { // the row is there already
		found, err = append(found, "refused: unique"), step.Rollback(ctx)
	}
	if err != nil {
		t.Fatalf("as %s: %v\n%s", role, err, sql)
	}
	slices.Sort(found)
	if _, err := tx.Exec(ctx, "set local role none"); err != nil {
		t.Fatal(err)
	}
	for _, table := range owned(t, s) {
		rows, _ := tx.Query(ctx, "select to_jsonb(r)::text from "+table+" r where owner_id = 'bob' order by 1")
		left, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		found = append(append(found, table), left...)
	}
	return found
}

func TestTheSweepSeesOutboxLeasesKeysAndAlarmsOfAllOwnersAndNothingElseOfOwnersItDoesNotName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.populate(t, "alice")
	s.populate(t, "bob")
	sweep := s.Pool(t, postgres.SweepRole)
	for _, table := range owned(t, s) {
		rows, _ := sweep.Query(t.Context(), "select distinct owner_id from "+table+" order by 1")
		owners, err := pgx.CollectRows(rows, pgx.RowTo[string])
		switch table {
		case "outbox", "outbox_leases", "idempotency_keys", "reminders":
			if diff := cmp.Diff([]string{"alice", "bob"}, owners); err != nil || diff != "" {
				t.Errorf("%s: %v %s", table, err, diff)
			}
		default:
			if code(err) != insufficientPrivilege && (err != nil || len(owners) > 0) {
				t.Errorf("the sweep read %s: %v, %v", table, owners, err)
			}
		}
		if right := ask[bool](t, s, "select has_table_privilege('todo_sweep', $1, 'truncate, references, trigger')", table); right {
			t.Errorf("the sweep may do more to %s than it needs", table)
		}
	}
}

func TestTheRolesOwnNothingAndBypassNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, role := range []string{postgres.AppRole, postgres.SweepRole} {
		if ask[bool](t, s, `
			select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
			from pg_roles where rolname = $1`, role) {
			t.Errorf("%s has an attribute that a login of functions must not have", role)
		}
		if owns := asks(t, s, `
			select pg_describe_object(classid, objid, objsubid)
			from pg_shdepend
			where refclassid = 'pg_authid'::regclass
			  and refobjid = $1::text::regrole
			  and deptype = 'o'`, role); len(owns) > 0 {
			t.Errorf("%s owns %v", role, owns)
		}
		if of := asks(t, s, `select roleid::regrole::text from pg_auth_members where member = $1::text::regrole`, role); len(of) > 0 {
			t.Errorf("%s is a member of %v", role, of)
		}
		if ask[bool](t, s, `select has_schema_privilege($1, 'public', 'create')`, role) {
			t.Errorf("%s may create tables", role)
		}
	}
}

func TestFunctionsThatSeeAllOwnersAreClosedToStrangersAndToOtherSearchPaths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, `create function careless() returns int language sql security definer as 'select 1'`)
	found := asks(t, s, `
		select p.proname::text
		from pg_proc p
		where p.pronamespace = 'public'::regnamespace
		  and p.prosecdef
		  and (has_function_privilege('public', p.oid, 'execute')
		    or p.proconfig is null
		    or not 'search_path=pg_catalog, pg_temp' = any(p.proconfig))`)
	if diff := cmp.Diff([]string{"careless"}, found); diff != "" {
		t.Error(diff)
	}
	if n := ask[int](t, s, `select count(*)::int from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`); n < 2 {
		t.Error("there is nothing here to look at")
	}
	// Where they do cross owners, they give away sums and what was named only.
	s.populate(t, "alice")
	s.populate(t, "bob")
	for _, sql := range []string{"select to_jsonb(r)::text from task_totals() r", "select to_jsonb(r)::text from outbox_backlog() r"} {
		rows, _ := s.pool.Query(t.Context(), sql)
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(list) != 1 || strings.Contains(list[0], "alice") || strings.Contains(list[0], "bob") {
			t.Errorf("%s: %v, %v", sql, list, err)
		}
	}
}

func TestATaskOfAnotherOwnerIsNoParentAndNoDependency(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hers := s.add(t, "alice", titled("hers"))[0]
	his := s.add(t, "bob", titled("his"))[0]
	// Foreign keys are checked past row-level security, so they name the owner.
	for _, sql := range []string{
		`update tasks set parent_id = $2 where owner_id = 'bob' and id = $1`,
		`insert into task_dependencies (owner_id, task_id, depends_on_id) values ('bob', $1, $2)`,
		`insert into task_dependencies (owner_id, task_id, depends_on_id) values ('bob', $2, $1)`,
	} {
		if _, err := s.asOwner(t, "bob", sql, his.ID.String(), hers.ID.String()); code(err) != "23503" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	var faults task.Faults
	p := titled("child")
	p.ParentID = task.Value(hers.ID)
	if _, err := s.tasks.Create(t.Context(), task.Call{Owner: "bob"}, []task.Patch{p}, false); !errors.As(err, &faults) {
		t.Error("a foreign parent:", err)
	}
	if _, err := s.tasks.Delete(t.Context(), task.Call{Owner: "bob"}, hers.ID, false, nil); !errors.Is(err, task.ErrNotFound) {
		t.Error("deleting a foreign task:", err)
	}
}

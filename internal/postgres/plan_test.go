package postgres_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// The crowd: one owner with many tasks among many with few, which is what
// misleads a planner that goes by the average owner.
const (
	many      = 20_000 // tasks of "alice"
	neighbors = 15_000 // other owners
	each      = 2      // tasks of each of them
)

const (
	pageReads   = 20 * task.DefaultLimit // rows read for a page of a dense filter or of any order
	searchReads = 2*4000 + pageReads     // a search counts each term, and then may fetch what a rare one finds
)

// crowded returns a site with the crowd in it, analyzed, and a pool of one
// connection, whose prepared statements therefore grow old.
func crowded(t *testing.T, tweaks ...func(*pgxpool.Config)) *site {
	t.Helper()
	s := newSite(t, append(tweaks, func(c *pgxpool.Config) { c.MaxConns = 1 })...)
	s.exec(t, `insert into owners (owner_id, generation, pending) select 'alice', 1, $1::int`, many)
	s.exec(t, `insert into owners (owner_id, generation, pending) select 'n' || n, 1, $2::int from generate_series(1, $1::int) n`, neighbors, each)
	s.exec(t, `
		insert into tasks (owner_id, id, version, created_at, updated_at, title, title_key, description, completed_at, priority,
		  category, tags, due_at, due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, parent_id,
		  depends_on, position, archived_at, open_dependencies)
		select o.owner_id, gen_random_uuid(), 1, at, at + interval '1 minute', title, title, 'description of ' || title,
		  case when n % 3 = 0 then at + interval '2 minutes' end,
		  case when n % 1000 = 1 then 1 when n % 7 < 3 then 2 else 3 end,
		  case when n % 1000 = 2 then 'rare' else 'common' end,
		  array['all'] || case when n % 1000 = 4 then array['rare'] else '{}' end
		    || case when n % 10 = 5 then array['tenth'] else '{}' end
		    || case when n % 3 = 0 or n % 500 = 1 then array['mostly done'] else '{}' end,
		  case when n % 11 < 3 then 'infinity' else $1::timestamptz + ((n * 7919) % 20000 - 10000) * interval '17 minutes' end,
		  n % 8 = 1, '{}', '', '', false, null, '{}', (n * 104729) % 20011,
		  case when n % 10 = 9 then at + interval '3 minutes' end,
		  case when n % 1000 = 5 then 1 else 0 end
		from (select 'alice' owner_id, generate_series(1, $2::int) n
		  union all
		  select 'n' || m, (m * $4::int + n) % 20011 from generate_series(1, $3::int) m, generate_series(1, $4::int) n) o,
		  lateral (select $1::timestamptz - n * interval '1 hour' as at,
		    'title ' || lpad(((n * 7919) % 20011)::text, 6, '0') as title) made`, time.Now(), many, neighbors, each)
	// A few of alice's become subtasks of one.
	s.exec(t, `
		with parent as (select id from tasks where owner_id = 'alice' and state = 0 order by created_at limit 1)
		update tasks set parent_id = (select id from parent)
		where owner_id = 'alice' and (position::int % 1000) = 7 and id <> (select id from parent)`)
	s.exec(t, `
		insert into task_terms (owner_id, task_id, term)
		select owner_id, id, unnest(array['title', 'word' || (position::int % 5000)])
		from tasks`)
	s.exec(t, `
		insert into task_terms (owner_id, task_id, term)
		select owner_id, id, 'seldom' from tasks where 'rare' = any(tags)`)
	s.exec(t, `
		insert into task_tags (owner_id, tag, state, created_at, task_id)
		select owner_id, unnest(tags), state, created_at, id from tasks`)
	s.exec(t, `
		with linked as (
		  insert into task_dependencies (owner_id, task_id, depends_on_id)
		  select owner_id, id, on_id
		  from (select owner_id, id, row_number() over w as n, lag(id) over w as on_id from tasks window w as (partition by owner_id order by id)) pairs
		  where n % 4 = 0
		  returning *)
		update tasks t set depends_on = array[depends_on_id] from linked l where t.owner_id = l.owner_id and t.id = l.task_id`)
	s.exec(t, `vacuum analyze`)
	return s
}

// plan is one statement as PostgreSQL ran it.
type plan struct {
	Query string `json:"Query Text"`
	Plan  node
}

type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Cond     string  `json:"Index Cond"`
	Filter   string  `json:"Filter"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Recheck  float64 `json:"Rows Removed by Index Recheck"`
	Plans    []node
}

// watcher receives the plans of everything that its pool runs, as it ran:
// with the role, the parameters and the plan cache of the application.
type watcher struct {
	mu    sync.Mutex
	plans []plan
	bad   error
}

func (w *watcher) into(c *pgxpool.Config) {
	c.ConnConfig.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		_, text, found := strings.Cut(n.Message, "plan:\n")
		if !found {
			return
		}
		var p plan
		err := json.Unmarshal([]byte(text), &p)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.plans, w.bad = append(w.plans, p), err
	}
}

// take returns the plans since it was last asked.
func (w *watcher) take(t *testing.T) []plan {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bad != nil {
		t.Fatal("reading a plan:", w.bad)
	}
	plans := w.plans
	w.plans = nil
	return plans
}

// watched is a crowded site whose application tells its plans.
func watched(t *testing.T) (*site, *watcher) {
	t.Helper()
	w := &watcher{}
	s := crowded(t, w.into)
	s.explain(t)
	return s, w
}

// explain has new connections tell their plans.
func (s *site) explain(t *testing.T) {
	t.Helper()
	if _, err := s.admin.Exec(t.Context(), "load 'auto_explain'"); code(err) == "58P01" {
		t.Fatal("auto_explain is not installed: it comes with PostgreSQL's contrib modules")
	}
	for name, value := range map[string]string{
		"session_preload_libraries":          "auto_explain",
		"auto_explain.log_min_duration":      "0",
		"auto_explain.log_analyze":           "on",
		"auto_explain.log_timing":            "off",
		"auto_explain.log_format":            "json",
		"auto_explain.log_level":             "notice",
		"auto_explain.log_nested_statements": "on",
		"client_min_messages":                "notice",
	} {
		s.exec(t, fmt.Sprintf("alter database %s set %s = '%s'", s.Name, name, value))
	}
}

// reads adds up the rows that a plan took from tables, wanted or not, and
// tells of each way of reading that grows with what an owner has.
func (p plan) reads() (rows float64, faults []string) {
	var walk func(n node)
	walk = func(n node) {
		scan := strings.HasSuffix(n.Type, " Scan") && (n.Relation != "" || n.Index != "")
		switch {
		case scan && n.Type == "Seq Scan":
			faults = append(faults, "reads all of "+n.Relation)
		case scan && n.Cond != "" && !strings.Contains(n.Cond, "owner_id = "):
			faults = append(faults, "ranges over "+n.Index+" without the owner: "+n.Cond)
		case n.Index == "task_terms_by_term" && strings.Contains(n.Cond, "task_id = "):
			faults = append(faults, "looks for one task among all that have the word: "+n.Cond)
		case scan && n.Index != "" && n.Cond == "":
			faults = append(faults, "reads all of "+n.Index)
		}
		if scan {
			rows += (n.Rows + n.Filtered + n.Recheck) * n.Loops
		}
		for _, child := range n.Plans {
			walk(child)
		}
	}
	walk(p.Plan)
	return rows, faults
}

// check holds what a request ran against a bound on the rows read.
func check(t *testing.T, plans []plan, most float64) {
	t.Helper()
	var rows float64
	for _, p := range plans {
		n, faults := p.reads()
		rows += n
		for _, fault := range faults {
			t.Errorf("%s in\n%s", fault, p.Query)
		}
	}
	if rows > most {
		t.Errorf("%.0f rows were read, at most %.0f should be, in%s", rows, most, costliest(plans))
	}
	if rows == 0 || len(plans) == 0 {
		t.Errorf("nothing was read in %d statements", len(plans))
	}
}

// costliest tells of the statement that read most, node by node.
func costliest(plans []plan) string {
	var b strings.Builder
	var walk func(indent string, n node)
	walk = func(indent string, n node) {
		fmt.Fprintf(&b, "\n%s%s %s%s rows %.0f removed %.0f loops %.0f", indent, n.Type, n.Relation, n.Index, n.Rows, n.Filtered+n.Recheck, n.Loops)
		fmt.Fprintf(&b, " cond %q filter %q", n.Cond, n.Filter)
		for _, child := range n.Plans {
			walk(indent+"  ", child)
		}
	}
	p := slices.MaxFunc(plans, func(p, q plan) int {
		a, _ := p.reads()
		b, _ := q.reads()
		return int(a - b)
	})
	b.WriteString(p.Query)
	walk("", p.Plan)
	return b.String()
}

// age reads a page as often for a small owner that the connection comes to
// the plan it will keep for everyone.
func (s *site) age(t *testing.T, q task.Query) {
	t.Helper()
	for range 7 {
		s.list(t, "n77", q)
	}
}

// plans returns how a page of the large owner is read.
func (s *site) plans(t *testing.T, w *watcher, q task.Query) []plan {
	t.Helper()
	w.take(t)
	s.list(t, "alice", q)
	return w.take(t)
}

func TestWhatARequestReadsDoesNotGrowWithWhatItsOwnerHas(t *testing.T) {
	s, w := watched(t) // one for all: it takes a while to fill
	t.Run("lists", func(t *testing.T) { listsReadNoFurtherThanThePage(t, s, w) })
	t.Run("others", func(t *testing.T) { othersReadWhatTheyAreAbout(t, s, w) })
}

func listsReadNoFurtherThanThePage(t *testing.T, s *site, w *watcher) {
	now := time.Now()
	due := func(hours int) task.Due {
		return task.Due{At: now.Add(time.Duration(hours) * time.Hour).UTC().Truncate(time.Microsecond)}
	}
	parent, err := task.ParseID(ask[string](t, s, `select parent_id::text from tasks where owner_id = 'alice' and parent_id is not null limit 1`))
	if err != nil {
		t.Fatal(err)
	}
	s.age(t, task.Query{Filter: task.Filter{Text: "seldom", HasText: true}})
	for _, sort := range task.Sorts {
		for _, desc := range []bool{false, true} {
			order := fmt.Sprint("sort ", sort, " desc ", desc)
			t.Run(order, func(t *testing.T) {
				q := task.Query{Sort: sort, Desc: desc, Limit: task.DefaultLimit}
				s.age(t, q)
				check(t, s.plans(t, w, q), pageReads)
				s.walk(t, &q, many/4)
				s.age(t, q)
				check(t, s.plans(t, w, q), pageReads)
			})
			for name, f := range map[string]task.Filter{
				"pending":         {Status: task.No},
				"completed":       {Status: task.Yes},
				"archived":        {Archived: task.Yes},
				"archived or not": {Archived: task.Either},
				"high":            {Priority: task.High},
				"low":             {Priority: task.Low},
				"rare category":   {Category: "rare"},
				"most's category": {Category: "common"},
				"no category":     {Category: "none of them"},
				"overdue":         {Due: task.DueOverdue},
				"today":           {Due: task.DueToday},
				"week":            {Due: task.DueWeek},
				"undated":         {Due: task.DueNone},
				"due after":       {DueAfter: due(-1)},
				"due between":     {DueAfter: due(-12), DueBefore: due(12)},
				"subtasks":        {Parent: parent},
				"roots":           {RootsOnly: true},
				"blocked":         {Blocked: task.Yes},
				"not blocked":     {Blocked: task.No},
				"two of them":     {Category: "common", Priority: task.High},
			} {
				t.Run(order+" "+name, func(t *testing.T) {
					check(t, s.plans(t, w, task.Query{Filter: f, Sort: sort, Desc: desc, Limit: task.DefaultLimit}), pageReads)
				})
			}
			if desc != (sort == task.SortCreated || sort == task.SortDue) {
				continue // a search picks its way by its terms alone: half the orders will do
			}
			for name, f := range map[string]task.Filter{
				"rare word":                     {Text: "seldom"},
				"beginning of a word":           {Text: "sel"},
				"common word":                   {Text: "title"},
				"common and rare":               {Text: "title seldom"},
				"unknown word":                  {Text: "nowhere"},
				"rare tag":                      {Tags: []string{"rare"}},
				"common tag":                    {Tags: []string{"all"}},
				"both tags":                     {Tags: []string{"all", "rare"}},
				"tag and word":                  {Tags: []string{"all"}, Text: "title"},
				"rare word and category":        {Text: "seldom", Category: "common"},
				"common word and rare category": {Text: "title", Category: "rare"},
			} {
				t.Run(order+" "+name, func(t *testing.T) {
					f.HasText = f.Text != ""
					check(t, s.plans(t, w, task.Query{Filter: f, Sort: sort, Desc: desc, Limit: task.DefaultLimit}), searchReads+pageReads)
				})
			}
		}
	}
	for _, desc := range []bool{false, true} {
		for name, f := range map[string]task.Filter{
			"of one task in ten":     {Tags: []string{"tenth"}},
			"of every task":          {Tags: []string{"all"}},
			"of tasks mostly done":   {Tags: []string{"mostly done"}, Status: task.No, Archived: task.No},
			"with a common word":     {Tags: []string{"tenth"}, Text: "title", HasText: true, Archived: task.No},
			"with a common category": {Tags: []string{"tenth"}, Category: "common", Archived: task.No},
		} {
			t.Run(fmt.Sprint("tag ", name, " desc ", desc), func(t *testing.T) {
				q := task.Query{Filter: f, Sort: task.SortCreated, Desc: desc, Limit: task.DefaultLimit}
				s.age(t, q)
				check(t, s.plans(t, w, q), pageReads)
			})
		}
		t.Run(fmt.Sprint("tag, far down, desc ", desc), func(t *testing.T) {
			q := task.Query{Filter: task.Filter{Tags: []string{"tenth"}}, Sort: task.SortCreated, Desc: desc, Limit: task.DefaultLimit}
			s.walk(t, &q, many/10/2)
			s.age(t, q)
			check(t, s.plans(t, w, q), pageReads)
		})
	}
	t.Run("common word", func(t *testing.T) {
		q := task.Query{Filter: task.Filter{Text: "title", HasText: true, Archived: task.No}, Sort: task.SortTitle, Limit: task.DefaultLimit}
		s.age(t, q)
		check(t, s.plans(t, w, q), pageReads+pageReads/2)
	})
	t.Run("tree", func(t *testing.T) {
		check(t, s.plans(t, w, task.Query{Tree: true, Sort: task.SortCreated, Limit: task.DefaultLimit}), pageReads)
	})
}

// walk goes some tasks deep into a list.
func (s *site) walk(t *testing.T, q *task.Query, depth int) {
	t.Helper()
	for range depth / task.MaxLimit {
		far := *q
		far.Limit = task.MaxLimit
		r := s.list(t, "alice", far)
		next, err := q.ParseCursor(r.Next)
		if err != nil {
			t.Fatal(err)
		}
		q.After = next
	}
}

func othersReadWhatTheyAreAbout(t *testing.T, s *site, w *watcher) {
	call := task.Call{Owner: "alice"}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, op := range []struct {
		name string
		do   func(task.Call, task.Task)
	}{
		{"get", func(c task.Call, a task.Task) { must(s.tasks.Get(t.Context(), c, a.ID, nil)) }},
		{"create", func(c task.Call, a task.Task) {
			p := titled("child")
			p.ParentID, p.DependsOn = task.Value(a.ID), task.Value([]task.ID{a.ID})
			must(s.tasks.Create(t.Context(), c, []task.Patch{p}, false))
		}},
		{"update", func(c task.Call, a task.Task) {
			must(s.tasks.Update(t.Context(), c, a.ID, task.Edit{Patch: task.Patch{Title: task.Value("other " + freshID().String())}}))
		}},
		{"depend", func(c task.Call, a task.Task) {
			b := s.add(t, c.Owner, titled("b"))[0]
			must(s.tasks.Update(t.Context(), c, a.ID, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{b.ID})}}))
		}},
		{"complete", func(c task.Call, a task.Task) { must(s.tasks.Complete(t.Context(), c, a.ID, task.Edit{Force: true})) }},
		{"delete", func(c task.Call, a task.Task) { must(s.tasks.Delete(t.Context(), c, a.ID, false, nil)) }},
	} {
		t.Run(op.name, func(t *testing.T) {
			s.pool.Reset() // a new connection has no plans yet
			for range 7 {
				op.do(task.Call{Owner: "n77"}, s.add(t, "n77", titled("small"))[0])
			}
			large := s.add(t, "alice", titled("large"))[0]
			w.take(t)
			op.do(call, large)
			plans := slices.DeleteFunc(w.take(t), func(p plan) bool { // a constraint's own, and the one row it looks for
				return strings.Contains(p.Query, `ONLY "public"`)
			})
			check(t, plans, 100)
		})
	}
}

// A table that was just filled has no statistics, and its owners are thought to
// have few rows: a plan that reads all of them costs more with every chunk.
func TestAChunkOfAnImportFindsWhatItKnowsWithoutReadingTheRest(t *testing.T) {
	const before, chunk = 3000, 200
	w := &watcher{}
	s := newSite(t, w.into, func(c *pgxpool.Config) { c.MaxConns = 1 })
	s.exec(t, "alter table tasks set (autovacuum_enabled = off)")
	s.exec(t, "alter table imports set (autovacuum_enabled = off)")
	s.explain(t)
	s.pool.Reset()
	importer := s.tasks.Importer(task.Call{Owner: "alice"}, task.ImportTell{
		Result: func(int, task.ImportResult, task.ID, error) {},
		Note:   func(_ int, pointer, detail string) { t.Error(pointer, detail) },
	})
	for n := range before + chunk {
		if n == before {
			w.take(t)
		}
		p, err := titled(fmt.Sprint("task ", n)).NewTask()
		if err != nil {
			t.Fatal(err)
		}
		r := task.ImportRecord{Position: n + 1, Source: fmt.Sprint("s", n), Name: fmt.Sprint(n), Patch: p}
		if n >= before {
			r.DependsOn = []string{fmt.Sprint(n - before)}
		}
		if err := importer.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	var looked []plan
	for _, p := range w.take(t) {
		if strings.Contains(p.Query, "wanted") {
			looked = append(looked, p)
		}
	}
	if len(looked) != 2 {
		t.Fatalf("%d statements looked for what is there", len(looked))
	}
	check(t, looked, 2*chunk)
}

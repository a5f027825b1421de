package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// List implements task.Store.
func (s *Store) List(ctx context.Context, owner string, _ task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	l := listing{Query: q, view: v, terms: searched(q.Filter), driver: -1}
	if q.HasText && len(words(q.Text)) == 0 {
		l.nothing = true
	}
	if len(l.terms)-len(q.Tags) > maxSearchWords {
		return task.Rendered{}, task.Faults{{Pointer: "/q", Detail: fmt.Sprintf("query parameter q must be at most %d words", maxSearchWords)}}
	}
	if err := s.find(ctx, owner, &l); err != nil {
		return task.Rendered{}, err
	}
	return l.page.Render(v, q), nil
}

// find reads the page. A tag has the order of its own to be read in. What few
// tasks have is searched from its own end; what many have turns up at the
// beginning of the order, at the same cost however many they are. Only what
// lies between is worth weighing.
func (s *Store) find(ctx context.Context, owner string, l *listing) error {
	if len(l.terms) == 0 {
		return s.page(ctx, owner, l)
	}
	near := nearPages * (l.Limit + 1)
	if _, ok := l.orderedTag(); !ok {
		if err := s.pickDriver(ctx, owner, l, near); err != nil {
			return err
		}
	}
	if l.driver < 0 {
		l.reach = near
		if err := s.page(ctx, owner, l); err != nil || l.settled {
			return err
		}
		l.reach = 0
		if err := s.pickDriver(ctx, owner, l, math.MaxInt32); err != nil {
			return err
		}
	}
	return s.page(ctx, owner, l)
}

// nearPages is how far the beginning of an order goes: a filter that lets
// every fourth task through fills a page there.
const nearPages = 4

func (s *Store) page(ctx context.Context, owner string, l *listing) error {
	sql, err := l.statement(owner)
	if err != nil {
		return err
	}
	as := actAs
	if l.selective {
		as = actAsPlanned
	}
	return translate("listing tasks", s.read(ctx, as, owner, sql, l.args, l.scan))
}

// getTask finds the task and the generation it is read at in one snapshot; a
// row without a task carries the generation alone.
const getTask = `
select
  o.generation,
  o.nonce,` + taskColumns + `
from owners o
left join tasks t on t.owner_id = o.owner_id and t.id = $2
where o.owner_id = $1`

// Get implements task.Store.
func (s *Store) Get(ctx context.Context, owner string, _ task.Generation, v task.View, id task.ID) (task.Rendered, error) {
	var g task.Generation
	var t task.Task
	err := s.read(ctx, actAs, owner, getTask, []any{owner, uuid(id)}, func(rows pgx.Rows) error {
		g, t = task.Generation{}, task.Task{} // a second try begins afresh
		for rows.Next() {
			dest := append([]any{&g.Count, &g.Nonce}, fields(&t)...)
			if err := scanFound(rows, dest, 2); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return task.Rendered{}, translate("reading a task", err)
	}
	if t.ID.IsZero() {
		return task.Rendered{}, task.ErrNotFound
	}
	return t.Render(v, g), nil
}

const getKept = `
select ` + taskColumns + `
from tasks
where owner_id = $1
  and id = $2`

// Task implements task.Store.
func (s *Store) Task(ctx context.Context, owner string, id task.ID) (t task.Task, err error) {
	err = s.read(ctx, actAs, owner, getKept, []any{owner, uuid(id)}, func(rows pgx.Rows) (err error) {
		t, err = pgx.CollectExactlyOneRow(rows, scanTask)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return task.Task{}, task.ErrNotFound
	}
	return t, translate("reading a task", err)
}

// scanFound scans a row whose columns from the one numbered by first on are
// all null where there was nothing to find; those are left alone then.
func scanFound(rows pgx.Rows, dest []any, first int) error {
	if rows.RawValues()[first] == nil {
		clear(dest[first:])
	}
	return rows.Scan(dest...)
}

// maxSearchWords bounds the conditions of one search; runs of letters count,
// whatever stands between them.
const maxSearchWords = 20

// term is one thing that a task must be findable by.
type term struct {
	text string
	tag  bool // rather than the beginning of a word
}

// searched returns the terms a filter asks for, words before tags.
func searched(f task.Filter) []term {
	var found []term
	for _, word := range words(f.Text) {
		found = append(found, term{text: word})
	}
	for _, tag := range f.Tags {
		found = append(found, term{text: tag, tag: true})
	}
	return found
}

// countTerms counts the tasks that each term finds, up to where another way is
// cheaper. A rare term is best searched from its own end: all its tasks are
// fetched and sorted, c of them. A common one by walking the order, where a
// page of p tasks turns up among the first p × n/c of the owner's n. A task
// that is walked past costs w times one fetched by its id, so that the two
// ways cost the same where c is about the root of w × p × n.
const countTerms = `
with most as (
  select least($8::int, 100 + sqrt($6::float8 * $7::int * (pending + done + archived))::bigint) as tasks
  from owners
  where owner_id = $1
)
select
  t.n,
  (select count(*)
   from (select
         from task_terms
         where owner_id = $1
           and term >= t.low
           and term < t.high
         limit most.tasks) counted),
  most.tasks
from unnest($2::text[] collate "C", $3::text[] collate "C") with ordinality as t (low, high, n)
cross join most
union all
select
  cardinality($2::text[]) + t.n,
  (select count(*)
   from (select
         from unnest($5::smallint[]) as s (each_state)
         cross join lateral (
           select
           from task_tags
           where owner_id = $1
             and tag = t.tag
             and state = s.each_state
           limit most.tasks) one
         limit most.tasks) counted),
  most.tasks
from unnest($4::text[] collate "C") with ordinality as t (tag, n)
cross join most`

// What walking past a task costs, in tasks fetched: a word has to be looked
// for, a tag is seen.
const (
	walkedForWord = 2.0
	walkedForTag  = 0.5
)

// actAsCounting is actAs for a count that must stop at its limit, where a
// bitmap would first gather all there is and a table be read from its start.
const actAsCounting = `
select
  set_config('app.owner', $1, true),
  set_config('enable_bitmapscan', 'off', true),
  set_config('enable_seqscan', 'off', true)`

// pickDriver finds the rarest of the terms, if it is rare at all: of fewer
// tasks than most. It only chooses between ways to the same answer, so it need
// not be of one snapshot with the answer.
func (s *Store) pickDriver(ctx context.Context, owner string, l *listing, most int) error {
	low, high, tags := []string{}, []string{}, []string{}
	walked := walkedForTag
	for _, t := range l.terms {
		if t.tag {
			tags = append(tags, t.text)
			continue
		}
		low, high = append(low, t.text), append(high, after(t.text))
		walked = walkedForWord
	}
	args := []any{owner, low, high, tags, l.states(), walked, l.Limit, most}
	return translate("searching tasks", s.read(ctx, actAsCounting, owner, countTerms, args, func(rows pgx.Rows) error {
		var n, count, least int
		l.driver = -1
		_, err := pgx.ForEachRow(rows, []any{&n, &count, &most}, func() error {
			if count < most && (l.driver < 0 || count < least) {
				l.driver, least = n-1, count
			}
			return nil
		})
		return err
	}))
}

// listing is one list being read.
type listing struct {
	task.Query
	view    task.View
	terms   []term
	reach   int  // look at so many tasks of the order only; 0: at all
	driver  int  // which of the terms to search from; -1: none, walk the order
	nothing bool // the filter admits no task

	args      []any
	selective bool // the best plan depends on the values asked for

	page    task.Page
	settled bool // the page is what the whole order would give
}

// maxPage is the text, in bytes, beyond which a page takes no further task and
// ends early: 500 tasks with the longest descriptions are 40 MB.
const maxPage = 4 << 20

// scan reads the page. A row without a task carries the generation alone. One
// row is scanned into for all, so that where to is worked out once.
func (l *listing) scan(rows pgx.Rows) error {
	l.page, l.settled = task.Page{}, false // a second try begins afresh
	var t task.Task
	var child bool
	var titleKey string
	g := &l.page.Generation
	columns := append([]any{&g.Count, &g.Nonce, (*moment)(&l.page.NextDue), &l.settled, &child, &titleKey}, fields(&t)...)
	dest := make([]any, len(columns))
	full, children, size := false, 0, 0
	var lastKey string
	for rows.Next() {
		if full && !l.Tree {
			continue
		}
		t = task.Task{}
		copy(dest, columns)
		if err := scanFound(rows, dest, 4); err != nil {
			return err
		}
		switch {
		case t.ID.IsZero():
		case child:
			if l.page.Children == nil {
				l.page.Children = make(map[task.ID][]task.Task)
			}
			l.page.Children[t.ParentID] = append(l.page.Children[t.ParentID], t)
		case full:
		case len(l.page.Tasks) == l.Limit || size > maxPage || l.Tree && children >= task.MaxChildren:
			last := l.page.Tasks[len(l.page.Tasks)-1]
			l.page.Next, full = task.Position{Key: keyOf(l.Sort, last, lastKey), ID: last.ID}, true
		default:
			if l.page.Tasks == nil {
				l.page.Tasks = make([]task.Task, 0, min(l.Limit, 64))
			}
			l.page.Tasks = append(l.page.Tasks, t)
			lastKey = titleKey
			children += t.Subtasks.Total
			size += len(t.Title) + len(t.Description)
		}
	}
	l.settled = l.settled || full
	return rows.Err()
}

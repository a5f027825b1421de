package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"todo-app/internal/task"
)

// statement returns the SQL of a list, put together from constant fragments,
// one per condition asked for, so that each shape is planned for the index
// that serves it; values are parameters always. Generation and tasks come
// from this one statement, so from one snapshot. One row more than the page
// tells whether there is another page.
func (l *listing) statement(owner string) (string, error) {
	l.args, l.selective = nil, false
	l.arg(owner) // $1 throughout
	rows, settled, err := l.rows()
	if err != nil {
		return "", err
	}
	if l.Tree {
		rows = l.withChildren(rows)
	}
	titleKey := "''"
	if l.Sort == task.SortTitle {
		titleKey = "t.title_key"
	}
	return `
select
  o.generation,
  o.nonce,
  ` + l.nextDue() + `,
  ` + settled + `,
  t.child,
  ` + titleKey + `,` + taskColumns + `
from owners o
left join lateral (` + rows + `) t on true
where o.owner_id = $1
order by t.child, ` + l.order("t."), nil
}

// arg adds a parameter and returns its placeholder.
func (l *listing) arg(value any) string {
	l.args = append(l.args, value)
	return "$" + strconv.Itoa(len(l.args))
}

// sortColumn is what each sort orders by, before the id.
var sortColumn = map[task.Sort]string{
	task.SortCreated:  "created_at",
	task.SortUpdated:  "updated_at",
	task.SortDue:      "due_at",
	task.SortPriority: "priority",
	task.SortTitle:    "title_key",
	task.SortOrder:    "position",
}

func (l *listing) order(prefix string) string { return l.orderBy(prefix, "id") }

func (l *listing) orderBy(prefix, id string) string {
	direction := ""
	if l.Desc {
		direction = " desc"
	}
	return prefix + sortColumn[l.Sort] + direction + ", " + prefix + id + direction
}

const pageColumns = "false as child, title_key," + taskColumns

// rows reads the tasks of the page, and tells whether they are all there are.
func (l *listing) rows() (rows, settled string, err error) {
	if l.reach > 0 {
		return l.near()
	}
	where := l.conditions()
	beyond, err := l.beyond("id")
	if l.driver >= 0 {
		return l.sorted(where + beyond), "true", err
	}
	return l.ordered(pageColumns, "tasks", where+beyond, "id", l.arg(l.Limit+1)), "true", err
}

// sorted reads all tasks that fit and sorts them: for few, each fetched by its
// id once rather than once for every state.
func (l *listing) sorted(where string) string {
	return `
  select ` + pageColumns + `
  from tasks
  where owner_id = $1
    and state = any(` + l.arg(l.states()) + `::smallint[])` + where + `
  order by ` + l.order("") + `
  limit ` + l.arg(l.Limit+1)
}

// ordered reads the first of the order from a table, whose name for a task's
// id is id. Its indexes lead with the state, so that several states are as
// many ordered ranges, each read no further than the limit goes.
func (l *listing) ordered(columns, table, where, id, limit string) string {
	states := l.states()
	one := `
  select ` + columns + `
  from ` + table + `
  where owner_id = $1
    and state = %s` + where + `
  order by ` + l.orderBy("", id) + `
  limit ` + limit
	if len(states) == 1 {
		return fmt.Sprintf(one, l.arg(states[0]))
	}
	return `
  select r.*
  from unnest(` + l.arg(states) + `::smallint[]) as s (each_state)
  cross join lateral (` + fmt.Sprintf(one, "s.each_state") + `) r
  order by ` + l.order("r.") + `
  limit ` + limit
}

// near reads the tasks that fit among the first of the order, as many as
// l.reach: of the order that a tag's own tasks have, where there is one. They
// settle the page if it is full, or if the order has no more. "offset 0" has
// each task looked at only once it is its turn.
func (l *listing) near() (rows, settled string, err error) {
	table, columns, id, tag := "tasks", "id, "+sortColumn[l.Sort], "id", ""
	asked := l.terms
	if t, ok := l.orderedTag(); ok {
		table, columns, id, tag = "task_tags", "task_id as id, created_at", "task_id", "\n    and tag = "+l.arg(t.text)
		l.terms = asked[:len(asked)-1]
	}
	where := l.conditions()
	l.terms = asked
	// A plan for any word would look for a task among all that have the word.
	l.selective = !asked[0].tag
	beyond, err := l.beyond(id)
	if err != nil {
		return "", "", err
	}
	limit := l.arg(l.Limit + 1)
	if where == "" {
		return l.fitting(l.ordered(columns, table, tag+beyond, id, limit), where, limit), "true", nil
	}
	reach := l.arg(l.reach)
	first := l.ordered(columns, table, tag+beyond, id, reach)
	return l.fitting(first, where, limit), "(select count(*) < " + reach + " from (" + first + ") looked_at)", nil
}

// orderedTag returns a tag asked for whose tasks are kept in the order asked for.
func (l *listing) orderedTag() (term, bool) {
	last := l.terms[len(l.terms)-1]
	return last, last.tag && l.Sort == task.SortCreated
}

// fitting reads of the first tasks those that fit.
func (l *listing) fitting(first, where, limit string) string {
	return `
  select r.*
  from (` + first + `) f
  cross join lateral (
    select ` + pageColumns + `
    from tasks
    where owner_id = $1
      and id = f.id` + where + `
    offset 0) r
  order by ` + l.order("f.") + `
  limit ` + limit
}

// withChildren adds the subtasks of the roots in rows, those of as many roots
// as one page may carry.
func (l *listing) withChildren(rows string) string {
	columns := "title_key," + taskColumns
	return `
  with page as materialized (` + rows + `),
  carried as (
    select id, sum(subtasks_total) over (order by ` + l.order("") + `) - subtasks_total as before
    from page
  )
  select child, ` + columns + ` from page
  union all
  select true, ` + columns + `
  from tasks
  where owner_id = $1
    and parent_id in (select id from carried where before < ` + l.arg(task.MaxChildren) + `)
    and state = any(` + l.arg(statesOf(l.Archived, task.Either)) + `::smallint[])`
}

// nextDue reads the owner's next due moment where the clock may bring more
// tasks into the list, else nothing.
func (l *listing) nextDue() string {
	if l.Due != task.DueOverdue {
		return "null::timestamptz"
	}
	return `(
    select min(next.due_at)
    from unnest(` + l.arg(l.states()) + `::smallint[]) as s (each_state)
    cross join lateral (
      select due_at
      from tasks
      where owner_id = $1
        and state = s.each_state
        and due_at >= ` + l.arg(l.view.Now) + `
        and due_at < 'infinity'
      order by due_at
      limit 1) next)`
}

// states returns the states that the filter admits.
func (l *listing) states() []int16 {
	completed := l.Status
	if l.Due == task.DueOverdue || l.Blocked == task.Yes {
		if completed == task.Yes { // only what is open can be either
			l.nothing = true
		}
		completed = task.No
	}
	return statesOf(l.Archived, completed)
}

func statesOf(archived, completed task.Choice) []int16 {
	var states []int16
	for s := task.Pending; s <= task.ArchivedDone; s++ {
		if admits(archived, s&task.ArchivedPending != 0) && admits(completed, s&task.Done != 0) {
			states = append(states, int16(s))
		}
	}
	return states
}

func admits(c task.Choice, has bool) bool {
	return c == task.Either || (c == task.Yes) == has
}

// conditions returns the filter beside the states, each condition behind an
// "and" of its own.
func (l *listing) conditions() string {
	var b strings.Builder
	and := func(format string, args ...any) {
		fmt.Fprintf(&b, "\n    and "+format, args...)
		l.selective = true
	}
	if l.states(); l.nothing {
		and("false")
	}
	for i, t := range l.terms {
		and("%s", l.has(t, i == l.driver))
	}
	if l.Priority != 0 {
		and("priority = %s", l.arg(int16(l.Priority)))
	}
	if l.Category != "" {
		and("category = %s", l.arg(l.Category))
	}
	if l.Due == task.DueNone {
		and("due_at = 'infinity'")
	}
	for _, r := range l.Ranges(l.view) {
		l.within(r, and)
	}
	if !l.Parent.IsZero() {
		and("parent_id = %s", l.arg(uuid(l.Parent)))
	}
	if l.RootsOnly || l.Tree {
		and("parent_id is null")
	}
	switch l.Blocked {
	case task.Yes:
		and("open_dependencies > 0")
	case task.No:
		and("(open_dependencies = 0 or completed_at is not null)")
	}
	return b.String()
}

// beyond returns the condition that a row is behind the place in the order
// where the last page ended. It leaves the plan as it is.
func (l *listing) beyond(id string) (string, error) {
	if l.After.ID.IsZero() {
		return "", nil
	}
	key, err := l.parseKey(l.After.Key)
	if err != nil {
		return "", task.Faults{{Pointer: "/cursor", Detail: "query parameter cursor is damaged: begin again without it"}}
	}
	side := ">"
	if l.Desc {
		side = "<"
	}
	return fmt.Sprintf("\n    and (%s, %s) %s (%s, %s)", sortColumn[l.Sort], id, side, l.arg(key), l.arg(uuid(l.After.ID))), nil
}

// has returns the condition that a task can be found by a term.
func (l *listing) has(t term, drives bool) string {
	switch {
	case t.tag && drives:
		return "id = any(array(select task_id from task_tags where owner_id = $1 and tag = " + l.arg(t.text) +
			" and state = any(" + l.arg(l.states()) + "::smallint[])))"
	case t.tag:
		return l.arg(t.text) + " = any(tags)"
	}
	match := fmt.Sprintf("term >= %s and term < %s", l.arg(t.text), l.arg(after(t.text)))
	if drives {
		return "id = any(array(select task_id from task_terms where owner_id = $1 and " + match + "))"
	}
	// "offset 0" keeps the planner from turning the probe into a join.
	return "exists (select from task_terms w where w.owner_id = $1 and w.task_id = tasks.id and " + match + " offset 0)"
}

// within adds the conditions of one range of dues: the widest bounds first,
// which an index can use, then dates and moments each by their own.
func (l *listing) within(r task.DueRange, and func(string, ...any)) {
	if !r.From.IsZero() {
		and("due_at >= least(%s::timestamptz, %s)", l.arg(r.FromDate), l.arg(r.From))
		and("due_at >= case when due_all_day then %s::timestamptz else %s end", l.arg(r.FromDate), l.arg(r.From))
	}
	if r.To.IsZero() {
		and("due_at < 'infinity'")
		return
	}
	and("due_at < greatest(%s::timestamptz, %s)", l.arg(r.ToDate), l.arg(r.To))
	and("due_at < case when due_all_day then %s::timestamptz else %s end", l.arg(r.ToDate), l.arg(r.To))
}

// keyOf writes down where a task stands in an order, for a cursor.
func keyOf(sort task.Sort, t task.Task, titleKey string) string {
	switch sort {
	case task.SortUpdated:
		return micros(t.UpdatedAt)
	case task.SortDue:
		return micros(t.Due.At)
	case task.SortPriority:
		return strconv.Itoa(int(t.Priority))
	case task.SortTitle:
		return titleKey
	case task.SortOrder:
		return strconv.FormatFloat(t.Order, 'g', -1, 64)
	}
	return micros(t.CreatedAt)
}

func micros(t time.Time) string {
	if t.IsZero() {
		return "infinity"
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

// parseKey reads what keyOf wrote.
func (l *listing) parseKey(key string) (any, error) {
	switch l.Sort {
	case task.SortPriority:
		n, err := strconv.ParseInt(key, 10, 16)
		return int16(n), err
	case task.SortTitle:
		return key, nil
	case task.SortOrder:
		return strconv.ParseFloat(key, 64)
	}
	if key == "infinity" {
		return pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}, nil
	}
	n, err := strconv.ParseInt(key, 10, 64)
	at := time.UnixMicro(n).UTC()
	if at.Year() < 1 || at.Year() > 9999 {
		err = strconv.ErrRange
	}
	return at, err
}

package task

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// Rendered is the answer to a read in its wire form, with what validates it.
type Rendered struct {
	Generation  Generation // the state it is an answer about
	Body        []byte     // JSON
	ETag        string     // strong, without quotes
	Next        string     // cursor of the next page, "" on the last
	Until       time.Time
	NotModified bool // the caller has it already; there is no Body
}

// Fresh reports whether the answer still reads right at a moment: Until is
// when the clock first changes it, zero for never.
func (r Rendered) Fresh(now time.Time) bool { return r.Until.IsZero() || now.Before(r.Until) }

// Page is what storage found for a query, all in one snapshot.
type Page struct {
	Generation Generation
	Tasks      []Task
	Children   map[ID][]Task // for a tree: the subtasks of each root
	Next       Position      // where the next page begins; zero on the last
	NextDue    time.Time     // for the overdue filter: see Filter.until
}

// Render writes a page down for a reader.
func (p Page) Render(v View, q Query) Rendered {
	r := Rendered{Generation: p.Generation, Until: q.until(v, p.NextDue)}
	b := make([]byte, 0, p.size(v))
	b = append(b, '[')
	for i := range p.Tasks {
		if i > 0 {
			b = append(b, ',')
		}
		t := &p.Tasks[i]
		b = t.AppendJSON(b, v)
		r.Until = earlier(r.Until, t.Until(v))
		if q.Tree {
			b = p.appendChildren(b[:len(b)-1], v, t.ID, &r.Until)
		}
	}
	r.Body = append(b, ']')
	r.ETag = q.ETag(p.Generation, v, r.Until)
	if !p.Next.ID.IsZero() {
		r.Next = q.Cursor(p.Next)
	}
	return r
}

// size guesses the length of the page's JSON, rather too much than too little.
func (p Page) size(v View) int {
	n := 2
	for i := range p.Tasks {
		n += p.Tasks[i].size(v)
	}
	for _, children := range p.Children {
		for i := range children {
			n += children[i].size(v)
		}
	}
	return n
}

// appendChildren puts a root's subtasks into its object, reopened by the caller.
func (p Page) appendChildren(b []byte, v View, root ID, until *time.Time) []byte {
	b = append(b, `,"children":[`...)
	children := p.Children[root]
	for i := range children {
		if i > 0 {
			b = append(b, ',')
		}
		b = children[i].AppendJSON(b, v)
		*until = earlier(*until, children[i].Until(v))
	}
	return append(b, "]}"...)
}

// Render writes one task down for a reader, as it is at generation g.
func (t Task) Render(v View, g Generation) Rendered {
	return Rendered{Generation: g, Body: t.AppendJSON(make([]byte, 0, t.size(v)), v), ETag: t.ETag(v), Until: t.Until(v)}
}

// ETag returns the strong validator "V-D": the task's version, and a digest
// of everything shown that can change without a write to the task.
func (t Task) ETag(v View) string {
	h := fnv.New32a()
	fmt.Fprint(h, format, t.DaysOverdue(v), t.Overdue(v), t.Blocked(), t.Subtasks, v.URL)
	return strconv.FormatInt(t.Version, 10) + "-" + strconv.FormatUint(uint64(h.Sum32()), 36)
}

// GetKey names the rendering of one task for v, as Query.Key does for a page.
func GetKey(id ID, v View) string {
	return fmt.Sprintf("task %d %s %s %q", format, id, v.Zone, v.URL)
}

// Matches reports whether a version is one of those named by If-Match's
// entity tags. Only the version in a task's tag counts, so that an unrelated
// write never refuses one; a tag of another form matches nothing.
func Matches(version int64, tags []string) bool {
	for _, tag := range tags {
		if tag == "*" {
			return true
		}
		number, _, ok := strings.Cut(tag, "-")
		if ok && number == strconv.FormatInt(version, 10) {
			return true
		}
	}
	return false
}

package task

import (
	"encoding/base64"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter says which tasks a list holds; its zero value admits every task. All
// conditions must hold.
type Filter struct {
	Text      string // words, each of which must begin a word of the task
	HasText   bool   // Text was given: without any word in it, nothing matches
	Status    Choice // pending or completed
	Archived  Choice // archived or not
	Priority  Priority
	Category  string
	Tags      []string
	Due       DueWindow
	DueAfter  Due
	DueBefore Due
	Parent    ID
	RootsOnly bool
	Blocked   Choice
}

// Choice narrows a list by a property that a task has or has not.
type Choice int8

// Either admits all tasks, Yes those with the property, No those without.
const (
	Either Choice = iota
	Yes
	No
)

// DueWindow is a stretch of time relative to the reader's now and zone.
type DueWindow string

// The windows: overdue tasks; whole days from the reader's midnight on; the
// seven days from today on; today up to the same day next month; no due.
const (
	DueOverdue  DueWindow = "overdue"
	DueToday    DueWindow = "today"
	DueTomorrow DueWindow = "tomorrow"
	DueWeek     DueWindow = "week"
	DueMonth    DueWindow = "month"
	DueNone     DueWindow = "none"
)

// DueWindows lists the windows in the order of the contract.
var DueWindows = []DueWindow{DueOverdue, DueToday, DueTomorrow, DueWeek, DueMonth, DueNone}

// Sort names what a list is ordered by. Ties are broken by id, so that every
// order is total.
type Sort string

// The sort keys. Undated tasks come last under SortDue, a date standing at
// 00:00 UTC; SortPriority puts high first; SortTitle ignores case and accents.
const (
	SortCreated  Sort = "created"
	SortUpdated  Sort = "updated"
	SortDue      Sort = "due"
	SortPriority Sort = "priority"
	SortTitle    Sort = "title"
	SortOrder    Sort = "order"
)

// Sorts lists the sort keys in the order of the contract.
var Sorts = []Sort{SortCreated, SortUpdated, SortDue, SortPriority, SortTitle, SortOrder}

// Query asks for one page of a list.
type Query struct {
	Filter
	Sort  Sort
	Desc  bool
	Limit int // 1 to MaxLimit
	After Position
	Tree  bool // roots only, each with its subtasks under "children"
}

// The bounds of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
	// MaxChildren bounds the subtasks that one page of a tree carries beyond
	// the first root's: the page ends early and the next begins there.
	MaxChildren = 2000
)

// Position is a place in a total order: the sort key and the id of the last
// task before it. The key's form is storage's own. Zero: the beginning.
type Position struct {
	Key string
	ID  ID
}

// appendIdentity writes the query down so that two are equal if and only if
// they ask for the same; page size and place in the list are no part of it.
// Every hot read comes through here, hence no fmt.
func (q Query) appendIdentity(b []byte) []byte {
	b = append(append(b, q.Sort...), ' ')
	for _, flag := range [...]bool{q.Desc, q.Tree, q.HasText, q.RootsOnly} {
		b = strconv.AppendBool(b, flag)
	}
	for _, choice := range [...]int8{int8(q.Status), int8(q.Archived), int8(q.Blocked), int8(q.Priority)} {
		b = append(b, ' ', '0'+byte(choice))
	}
	b = strconv.AppendQuote(b, q.Text)
	b = strconv.AppendQuote(b, q.Category)
	tags := q.Tags
	if len(tags) > 1 {
		tags = slices.Clone(tags)
		slices.Sort(tags)
		tags = slices.Compact(tags)
	}
	for _, tag := range tags {
		b = strconv.AppendQuote(b, tag)
	}
	b = append(append(b, ' '), q.Due...)
	for _, d := range [...]Due{q.DueAfter, q.DueBefore} {
		b = append(append(b, ' '), d.String()...)
	}
	return q.Parent.append(append(b, ' '))
}

// Key names the page that v would be shown: two reads with the same key of the
// same generation have the same answer until the clock changes it. It carries
// the format, so that no revision is shown another's rendering.
func (q Query) Key(v View) string {
	b := append(make([]byte, 0, 256), "list "...)
	b = strconv.AppendInt(b, format, 10)
	b = q.appendIdentity(append(b, ' '))
	b = strconv.AppendInt(append(b, ' '), int64(q.Limit), 10)
	b = strconv.AppendQuote(b, q.After.Key)
	b = q.After.ID.append(b)
	b = append(append(b, ' '), v.Zone.String()...)
	return string(append(append(b, ' '), v.URL...))
}

// format numbers the JSON form of a task: raise it whenever AppendJSON, the
// cursor or the validators change.
const format = 1

var errCursor = errors.New("was not issued for this list: begin again without a cursor")

// Cursor returns the opaque text that stands for p in this list.
func (q Query) Cursor(p Position) string {
	b := binaryHash(q.appendIdentity(nil))
	b = append(b, p.ID[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, p.Key...))
}

// ParseCursor reads a cursor issued by Cursor for the same list; one from
// another filter or order is refused.
func (q Query) ParseCursor(s string) (Position, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	hash := binaryHash(q.appendIdentity(nil))
	if err != nil || len(b) < len(hash)+len(ID{}) || string(b[:len(hash)]) != string(hash) {
		return Position{}, errCursor
	}
	b = b[len(hash):]
	return Position{ID: ID(b[:16]), Key: string(b[16:])}, nil
}

func binaryHash(b []byte) []byte {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum(nil)
}

// DueRange is a filter on due, resolved for one reader. All-day dues are
// compared by date, moments by moment. A zero bound is open.
type DueRange struct {
	FromDate, ToDate time.Time // midnight UTC; from inclusive, to exclusive
	From, To         time.Time // from inclusive, to exclusive
}

// Ranges resolves the conditions on due for a reader; each must hold.
func (f Filter) Ranges(v View) []DueRange {
	var ranges []DueRange
	today := v.Today()
	days := func(from, to time.Time) {
		ranges = append(ranges, DueRange{from, to, v.StartOf(from), v.StartOf(to)})
	}
	switch f.Due {
	case DueOverdue:
		ranges = append(ranges, DueRange{ToDate: today, To: v.Now})
	case DueToday:
		days(today, today.AddDate(0, 0, 1))
	case DueTomorrow:
		days(today.AddDate(0, 0, 1), today.AddDate(0, 0, 2))
	case DueWeek:
		days(today, today.AddDate(0, 0, 7))
	case DueMonth:
		days(today, nextMonth(today))
	}
	if !f.DueAfter.IsZero() {
		ranges = append(ranges, v.after(f.DueAfter))
	}
	if !f.DueBefore.IsZero() {
		ranges = append(ranges, v.before(f.DueBefore))
	}
	return ranges
}

// nextMonth returns the same day of the next month, or its last day.
func nextMonth(date time.Time) time.Time {
	y, m, d := date.Date()
	last := time.Date(y, m+2, 0, 0, 0, 0, 0, time.UTC)
	return time.Date(y, m+1, min(d, last.Day()), 0, 0, 0, 0, time.UTC)
}

func (v View) after(d Due) DueRange {
	if d.AllDay {
		next := d.At.AddDate(0, 0, 1)
		return DueRange{FromDate: next, From: v.StartOf(next)}
	}
	return DueRange{
		FromDate: dateOf(d.At.In(v.Zone)).AddDate(0, 0, 1),
		From:     past(d.At),
	}
}

func (v View) before(d Due) DueRange {
	if d.AllDay {
		return DueRange{ToDate: d.At, To: v.StartOf(d.At)}
	}
	return DueRange{ToDate: dateOf(d.At.In(v.Zone)), To: d.At}
}

// until returns the first moment at which the filter itself may admit other
// tasks without a write. nextDue is the owner's earliest due moment from now
// on, zero for none, which only the overdue filter asks for.
func (f Filter) until(v View, nextDue time.Time) time.Time {
	switch f.Due {
	case DueOverdue:
		if !nextDue.IsZero() {
			nextDue = past(nextDue)
		}
		return earlier(v.Tomorrow(), nextDue)
	case DueToday, DueTomorrow, DueWeek, DueMonth:
		return v.Tomorrow()
	}
	return time.Time{}
}

// Generation identifies the state of everything an owner has: each write
// makes a new one. The nonce keeps apart two states that a restored database
// would count alike.
type Generation struct {
	Count int64
	Nonce int64
}

// String returns a short form in URL-safe characters.
func (g Generation) String() string {
	return strconv.FormatInt(g.Count, 36) + "." + strconv.FormatUint(uint64(g.Nonce), 36)
}

// ETag returns the strong validator of a page: generation, what was asked,
// and when the clock next changes the answer. Until is the zero time for never.
func (q Query) ETag(g Generation, v View, until time.Time) string {
	return validator(q.Key(v), g, until)
}

// Current reports whether a page's validator still describes what v would be
// shown at generation g, which needs no look at the page.
func (q Query) Current(etag string, g Generation, v View) bool { return current(etag, q.Key(v), g, v) }

// validator is ETag for what a key names.
func validator(key string, g Generation, until time.Time) string {
	var clock int64
	if !until.IsZero() {
		clock = until.UnixMicro()
	}
	hash := base64.RawURLEncoding.EncodeToString(binaryHash([]byte(key)))
	return strings.Join([]string{"L", g.String(), hash, strconv.FormatInt(clock, 36)}, "~")
}

// current is Current for what a key names.
func current(etag, key string, g Generation, v View) bool {
	cut := strings.LastIndexByte(etag, '~')
	if cut < 0 {
		return false
	}
	clock, err := strconv.ParseInt(etag[cut+1:], 36, 64)
	if err != nil || clock != 0 && v.Now.UnixMicro() >= clock {
		return false
	}
	var until time.Time
	if clock != 0 {
		until = time.UnixMicro(clock)
	}
	return etag == validator(key, g, until)
}

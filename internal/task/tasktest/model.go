package tasktest

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"todo-app/internal/task"
)

// matches says whether the filter admits the task at a moment, in that
// moment's zone.
func (k known) matches(f task.Filter, now time.Time) bool {
	return chosen(f.Status, k.Completed()) &&
		chosen(f.Archived, k.Archived()) &&
		chosen(f.Blocked, k.open > 0 && !k.Completed()) &&
		(f.Priority == 0 || f.Priority == k.Priority) &&
		(f.Category == "" || f.Category == k.Category) &&
		(f.Parent.IsZero() || f.Parent == k.ParentID) &&
		(!f.RootsOnly || k.ParentID.IsZero()) &&
		!slices.ContainsFunc(f.Tags, func(tag string) bool { return !slices.Contains(k.Tags, tag) }) &&
		(!f.HasText || k.says(f.Text)) &&
		(f.Due == "" || k.isDue(f.Due, now)) &&
		(f.DueAfter.IsZero() || k.dueFrom(f.DueAfter, now, 1)) &&
		(f.DueBefore.IsZero() || k.dueFrom(f.DueBefore, now, -1))
}

func chosen(c task.Choice, has bool) bool {
	return c == task.Either || c == task.Yes && has || c == task.No && !has
}

// says is whether each word of text begins one of the task's.
func (k known) says(text string) bool {
	asked := strings.FieldsFunc(norm.NFKD.String(cases.Fold().String(norm.NFKD.String(text))), func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
	})
	for _, word := range asked {
		word = strings.ReplaceAll(word, "\u0301", "")
		if !slices.ContainsFunc(k.words, func(w string) bool { return strings.HasPrefix(w, word) }) {
			return false
		}
	}
	return len(asked) > 0
}

// day is the date of the task's due as its reader's calendar has it.
func day(d task.Due, zone *time.Location) time.Time {
	at := d.At
	if !d.AllDay {
		at = at.In(zone)
	}
	return date(at)
}

func date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func (k known) isDue(window task.DueWindow, now time.Time) bool {
	if window == task.DueNone || k.Due.IsZero() {
		return window == task.DueNone && k.Due.IsZero()
	}
	today, on := date(now), day(k.Due, now.Location())
	days := int(on.Sub(today) / (24 * time.Hour))
	switch window {
	case task.DueOverdue:
		return !k.Completed() && (days < 0 || !k.Due.AllDay && k.Due.At.Before(now))
	case task.DueToday:
		return days == 0
	case task.DueTomorrow:
		return days == 1
	case task.DueWeek:
		return 0 <= days && days < 7
	}
	// Until the same day next month, or its last: March 10 to April 9.
	return days >= 0 && (on.Month() == now.Month() || on.Month() == now.Month()+1 && on.Day() < now.Day())
}

// dueFrom says whether the task is due after a bound (direction 1) or before
// it (-1). Where one of the two is a whole day, days are compared.
func (k known) dueFrom(bound task.Due, now time.Time, direction int) bool {
	switch {
	case k.Due.IsZero():
		return false
	case bound.AllDay || k.Due.AllDay:
		return day(k.Due, now.Location()).Compare(day(bound, now.Location())) == direction
	}
	return k.Due.At.Compare(bound.At) == direction
}

// compare orders two tasks before their ids do.
func (k known) compare(other known, sort task.Sort) int {
	switch sort {
	case task.SortCreated:
		return k.CreatedAt.Compare(other.CreatedAt)
	case task.SortUpdated:
		return k.UpdatedAt.Compare(other.UpdatedAt)
	case task.SortPriority:
		return cmp.Compare(k.Priority, other.Priority)
	case task.SortTitle:
		return strings.Compare(k.folded, other.folded)
	case task.SortOrder:
		return cmp.Compare(k.Order, other.Order)
	}
	switch {
	case k.Due.IsZero() || other.Due.IsZero():
		return cmp.Compare(yes(k.Due.IsZero()), yes(other.Due.IsZero()))
	}
	return k.Due.At.Compare(other.Due.At)
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

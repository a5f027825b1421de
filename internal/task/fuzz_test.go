package task_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"todo-app/internal/task"
)

// FuzzParseRule holds that a rule that is taken is in its normal form.
func FuzzParseRule(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		rule, err := task.ParseRule(s)
		if err != nil {
			checkDetail(t, err)
			return
		}
		again, err := task.ParseRule(rule)
		if err != nil || again != rule || len(rule) > 500 || strings.Trim(rule, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=;,+-") != "" {
			t.Errorf("%q became %q, and that %q, %v", s, rule, again, err)
		}
	})
}

// FuzzSeries holds that any rule that is taken, from any due in any zone, gives
// dates in order that Next gives one by one, and ends.
func FuzzSeries(f *testing.F) {
	f.Fuzz(func(t *testing.T, rule, anchor, zone string, fromCompletion, skip bool, after int64) {
		rule, err := task.ParseRule(rule)
		begin, bad := task.ParseDue(anchor)
		in, unknown := new(task.Zones).Load(zone)
		if err != nil || bad != nil || unknown != nil {
			return
		}
		r := task.Recurrence{Rule: rule, From: task.FromDue, SkipIfOpen: skip}
		if fromCompletion {
			r.From = task.FromCompletion
		}
		s, err := r.Anchored(begin, in)
		if err != nil {
			checkDetail(t, err)
			return
		}
		if _, err := task.ParseRule(s.Rule); err != nil || strings.ToLower(s.Rule) == s.Rule {
			t.Errorf("%q became %q, %v", rule, s.Rule, err)
		}
		at := begin.At.Add(time.Duration(after) * time.Millisecond)
		for _, from := range []task.Due{begin, {At: at}} {
			dates := s.Occurrences(from, 20)
			for i, d := range dates {
				if next, ok := s.Next(from); !ok || !next.Equal(d) {
					t.Errorf("%q from %s: %s is followed by %s, not %s", s.Rule, begin, from, next, d)
				}
				if d.AllDay != begin.AllDay || i > 0 && !d.At.After(from.At) || d.At.Year() > 9999 || d.At.Before(begin.At) {
					t.Errorf("%q from %s: %s follows %s", s.Rule, begin, d, from)
				}
				from = d
			}
		}
		next, date, ok := s.Follow(begin, at)
		if _, err := task.ParseRule(next.Rule); ok && (err != nil || !date.At.After(begin.At) && !fromCompletion) {
			t.Errorf("%q from %s is followed by %s by %q, %v", s.Rule, begin, date, next.Rule, err)
		}
		if n := len(s.Projected(begin, at, 5)); n > 5 || n > 0 != ok && !begin.At.After(at) {
			t.Errorf("%q from %s: %d projected, goes on: %t", s.Rule, begin, n, ok)
		}
	})
}

// FuzzParseReminder holds that a reminder is an offset that is kept as it is,
// or a moment that is read back.
func FuzzParseReminder(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		r, err := task.ParseReminder(s)
		if err != nil {
			checkDetail(t, err)
			return
		}
		again, err := task.ParseReminder(string(r))
		if err != nil || again != r {
			t.Errorf("%q became %q, and that %q, %v", s, r, again, err)
		}
		at, err := time.Parse(time.RFC3339Nano, string(r))
		if err == nil && (at.Location() != time.UTC || at.Year() < 1900 || at.Year() > 9999) || err != nil && string(r) != s {
			t.Errorf("%q became %q", s, r)
		}
	})
}

// FuzzParseDue holds that a due reads back as what it is written as.
func FuzzParseDue(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		d, err := task.ParseDue(s)
		if err != nil {
			checkDetail(t, err)
			return
		}
		again, err := task.ParseDue(d.String())
		if err != nil || !again.Equal(d) || d.At.Year() < 1900 || d.At.Year() > 9999 || d.At.Nanosecond()%1000 != 0 || d.AllDay && !d.At.Equal(midnightUTC(d.At)) {
			t.Errorf("%q became %s, and that %s, %v", s, d, again, err)
		}
	})
}

// FuzzCursor holds that a cursor that is taken is one that was issued.
func FuzzCursor(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		q := task.Query{Sort: task.SortCreated}
		p, err := q.ParseCursor(s)
		if err != nil {
			checkDetail(t, err)
			return
		}
		s = strings.NewReplacer("\r", "", "\n", "").Replace(s) // base64 passes over line breaks
		if got := q.Cursor(p); got != s {
			t.Errorf("%q was taken for %q", s, got)
		}
	})
}

// checkDetail wants an error that a caller can be shown.
func checkDetail(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); !utf8.ValidString(text) || text == "" || len(text) > 4096 {
		t.Errorf("%q", text)
	}
}

package httpapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/task"
)

// FuzzBodies reads bodies as each operation does. What is accepted is written
// and read again, and stays what it is.
func FuzzBodies(f *testing.F) {
	zones := &task.Zones{}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, source := range []source{forCreate, forChange} {
			patches, several, err := decodeTasks(body, source)
			if err != nil {
				checkFaults(t, err)
				continue
			}
			if !several && len(patches) != 1 || len(patches) < 1 || len(patches) > task.MaxCreate {
				t.Fatalf("%d tasks, several %t", len(patches), several)
			}
			for _, p := range patches {
				if source == forCreate {
					if _, err := p.NewTask(); err != nil {
						t.Fatalf("accepted, but %v", err)
					}
				}
				again(t, p, source)
			}
		}
		if s, err := decodeSettings(body, zones); err != nil {
			checkFaults(t, err)
		} else if _, err := zones.Load(s.Zone); err != nil {
			t.Fatal(err)
		}
	})
}

// again writes a patch, reads it and compares.
func again(t *testing.T, p task.Patch, source source) {
	t.Helper()
	written, err := encodePatch(p)
	if err != nil {
		t.Fatal(err)
	}
	read, err := decodeTask(written, source)
	if err != nil {
		t.Fatalf("%s is refused: %v", written, err)
	}
	if diff := cmp.Diff(p, read); diff != "" {
		t.Fatalf("%s reads as something else (-want +got):\n%s", written, diff)
	}
}

// checkFaults holds an error to being faults that a client can read.
func checkFaults(t *testing.T, err error) {
	t.Helper()
	var faults task.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("the error is %#v", err)
	}
	for _, fault := range faults {
		if fault.Detail == "" || fault.Pointer != "" && fault.Pointer[0] != '/' {
			t.Errorf("a fault at %q says %q", fault.Pointer, fault.Detail)
		}
		if utf8.RuneCountInString(fault.Pointer) > 300 || utf8.RuneCountInString(fault.Detail) > 1500 {
			t.Errorf("a fault takes %d and %d characters", len(fault.Pointer), len(fault.Detail))
		}
	}
}

// FuzzPatches writes patches as the client does. What the rules of a task
// allow arrives as it was, and nothing else arrives.
func FuzzPatches(f *testing.F) {
	f.Fuzz(func(t *testing.T, set, null uint16, text, tags string, priority int8, at int64, allDay bool, order float64, id []byte) {
		if !utf8.ValidString(text) || !utf8.ValidString(tags) || order-order != 0 {
			return // JSON cannot carry it
		}
		var one task.ID
		copy(one[:], id)
		due := task.Due{At: time.UnixMicro(at % (1 << 52)).UTC(), AllDay: allDay}
		if allDay {
			due.At = due.At.Truncate(24 * time.Hour)
		}
		n := 0
		p := task.Patch{
			Title:       fuzzed(set, null, &n, text),
			Description: fuzzed(set, null, &n, text+tags),
			Completed:   fuzzed(set, null, &n, allDay),
			Priority:    fuzzed(set, null, &n, task.Priority(priority)),
			Category:    fuzzed(set, null, &n, tags),
			Tags:        fuzzed(set, null, &n, strings.Split(tags, ",")),
			Due:         fuzzed(set, null, &n, due),
			Reminders:   fuzzed(set, null, &n, []task.Reminder{"-PT30M", task.Reminder(due.At.Format(time.RFC3339Nano))}),
			Recurrence: fuzzed(set, null, &n, task.RecurrencePatch{
				Rule: fuzzed(set>>2, null>>1, &n, "FREQ=DAILY"), From: fuzzed(set>>1, null>>2, &n, task.FromCompletion), SkipIfOpen: fuzzed(set>>3, null>>3, &n, allDay),
			}),
			ParentID:  fuzzed(set, null, &n, one),
			DependsOn: fuzzed(set, null, &n, []task.ID{one, {1}}),
			Order:     fuzzed(set, null, &n, order),
			Archived:  fuzzed(set, null, &n, !allDay),
		}
		allowed := p
		err := allowed.Normalize()
		outside := due.At.Year() < 1900 || due.At.Year() > 9999
		switch {
		case p.Priority.Set && !p.Priority.Null && p.Priority.Value.String() == "",
			(p.Due.Set && !p.Due.Null || p.Reminders.Set && !p.Reminders.Null) && outside,
			(p.ParentID.Set && !p.ParentID.Null || p.DependsOn.Set && !p.DependsOn.Null) && one.IsZero():
			return // values that only a program that is wrong makes
		}
		written, bad := encodePatch(p)
		if bad != nil {
			t.Fatal(bad)
		}
		read, refused := decodeTask(written, forChange)
		if (err == nil) != (refused == nil) {
			t.Fatalf("%s: the rules say %v, the reader says %v", written, err, refused)
		}
		if diff := cmp.Diff(p, read); refused == nil && diff != "" {
			t.Fatalf("%s reads as something else (-want +got):\n%s", written, diff)
		}
	})
}

// fuzzed is the field numbered n: set if its bit is, null if that bit is too.
func fuzzed[T any](set, null uint16, n *int, v T) task.Field[T] {
	bit := uint16(1) << *n
	*n++
	switch {
	case set&bit == 0:
		return task.Field[T]{}
	case null&bit != 0:
		return task.Null[T]()
	}
	return task.Value(v)
}

// reading is a request for a list.
func reading(query string) *request {
	r := httptest.NewRequest(http.MethodGet, tasksPath, nil)
	r.URL.RawQuery = query
	return &request{Request: r, api: &API{Tasks: &task.Service{Zones: &task.Zones{}}}}
}

// FuzzQueries reads the query of a list. What is accepted means the same when
// it is written in another order.
func FuzzQueries(f *testing.F) {
	view := task.View{Zone: time.UTC}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := reading(query).listQuery()
		if err != nil {
			checkFaults(t, err)
			return
		}
		if q.Limit < 1 || q.Limit > task.MaxLimit || !slices.Contains(task.Sorts, q.Sort) {
			t.Fatalf("accepted as %+v", q)
		}
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		for name := range values {
			if name != "tz" && !slices.Contains(listParams, name) && !slices.Contains(listParams, "*"+name) {
				t.Fatalf("%q was passed over", name)
			}
		}
		same, err := reading(values.Encode()).listQuery()
		if err != nil || q.Key(view) != same.Key(view) {
			t.Fatalf("%q is read as %s, and %q as %s (%v)", query, q.Key(view), values.Encode(), same.Key(view), err)
		}
	})
}

// FuzzCursors leads from place to cursor and back, and refuses every other
// text.
func FuzzCursors(f *testing.F) {
	f.Fuzz(func(t *testing.T, text, key string, id []byte, tag string) {
		base := url.Values{"sort": {"title"}, "tag": {"x" + tag}}
		q, err := reading(base.Encode()).listQuery()
		if err != nil {
			return
		}
		place := task.Position{Key: key}
		copy(place.ID[:], id)
		with := func(cursor string) (task.Position, error) {
			params := url.Values{"sort": base["sort"], "tag": base["tag"], "cursor": {cursor}}
			read, err := reading(params.Encode()).listQuery()
			return read.After, err
		}
		if got, err := with(q.Cursor(place)); err != nil || got != place {
			t.Fatalf("%+v came back as %+v, %v", place, got, err)
		}
		got, err := with(text)
		if err != nil {
			checkFaults(t, err)
		} else if q.Cursor(got) != text {
			t.Fatalf("%q is read like %q", text, q.Cursor(got))
		}
		other := url.Values{"sort": {"-title"}, "tag": base["tag"], "cursor": {q.Cursor(place)}}
		if _, err := reading(other.Encode()).listQuery(); err == nil {
			t.Fatal("a cursor was taken for another order")
		}
	})
}

// FuzzEntityTags reads If-Match and If-None-Match.
func FuzzEntityTags(f *testing.F) {
	f.Fuzz(func(t *testing.T, header string) {
		all, strong := parseTags(header, true), parseTags(header, false)
		for _, tag := range all {
			if tag == "*" && strings.Trim(header, " \t") != "*" {
				t.Fatalf("%q is taken for any", header)
			}
			if tag == "" || strings.Contains(tag, `"`) || !strings.Contains(header, tag) {
				t.Fatalf("%q holds a tag %q", header, tag)
			}
		}
		for _, tag := range strong {
			if !slices.Contains(all, tag) {
				t.Fatalf("%q is strong only", tag)
			}
		}
		if all == nil || strong == nil {
			t.Fatal("a header that is there is no header that is absent")
		}
		if slices.Equal(all, []string{"*"}) {
			return
		}
		quoted := make([]string, len(all))
		for i, tag := range all {
			quoted[i] = quote(tag)
		}
		if got := parseTags(strings.Join(quoted, ", "), false); !slices.Equal(got, all) {
			t.Fatalf("%q are read as %q", all, got)
		}
	})
}

package interchange_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

func TestACSVOfAFewColumnsIsRead(t *testing.T) {
	got := read(t, interchange.CSV, "Due;TITLE;priority;tags;colour\ntomorrow;'=Buy milk;High;\"food\nshop\";red\n\n2026-12-24T09:00:00Z;Call;;;;more\nnever;x;;;\n;;low;;\n", inBerlin(t))
	if len(got) != 5 {
		t.Fatalf("%d records: %+v", len(got), got)
	}
	if diff := cmp.Diff([]interchange.Note{{Pointer: "/colour", Detail: "the column is not carried over"}}, got[0].Notes); diff != "" {
		t.Error(diff)
	}
	milk := got[1].Patch
	if milk.Title.Value != "=Buy milk" || milk.Priority.Value != task.High || milk.Due.Value.String() != "2026-03-06" || len(milk.Tags.Value) != 2 || got[1].Faults != nil {
		t.Errorf("%+v", got[1])
	}
	if call := got[2].Patch; call.Title.Value != "Call" || call.Due.Value.String() != "2026-12-24T09:00:00Z" || len(got[2].Notes) != 1 {
		t.Errorf("%+v", call)
	}
	for i, pointer := range map[int]string{3: "/due", 4: "/title"} {
		if faults := got[i].Faults; len(faults) != 1 || faults[0].Pointer != pointer {
			t.Errorf("%d: %v", i, faults)
		}
	}
}

func TestOurOwnCSVIsReadBack(t *testing.T) {
	want := samples(t)
	got := read(t, interchange.CSV, encoded(t, interchange.CSV, interchange.Layout{}, want...), inBerlin(t))
	if len(got) != len(want) {
		t.Fatalf("%d of %d", len(got), len(want))
	}
	for i, r := range got {
		w, p := want[i], r.Patch
		if r.Faults != nil || r.Notes != nil {
			t.Errorf("%s: %v %v", w.Title, r.Faults, r.Notes)
		}
		if r.Source.ID != w.ID.String() || p.Title.Value != w.Title || p.Description.Value != strings.ReplaceAll(w.Description, "\r\n", "\n") || p.Due.Value.String() != w.Due.String() || p.Recurrence.Value.Rule.Value != w.Recurrence.Rule ||
			p.Completed.Value != w.Completed() || p.Archived.Value != w.Archived() || p.Order.Value != w.Order || !r.CompletedAt.Equal(w.CompletedAt) || !r.CreatedAt.Equal(w.CreatedAt) || !slices.Equal(p.Tags.Value, w.Tags) || len(r.DependsOn) != len(w.DependsOn) {
			t.Errorf("%d: want %+v\ngot %+v", i, w, r)
		}
	}
}

func TestACSVThatIsNoneOfTasksIsRefused(t *testing.T) {
	for content, want := range map[string]string{
		"a,b\n1,2\n":         "the file is no CSV of tasks: it has no column title",
		"title,Title\n1,2\n": "the file has the column title twice",
		"":                   "the file is no CSV of tasks: it begins with no row of column names",
	} {
		for _, err := range interchange.Decode(strings.NewReader(content), interchange.CSV, interchange.Options{}) {
			if err == nil || err.Error() != want {
				t.Errorf("%q: %v", content, err)
			}
		}
	}
}

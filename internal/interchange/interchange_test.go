package interchange_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds text to a file beside the test.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, name, got, string(want))
}

// tb is what *testing.T and *rapid.T have in common.
type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func equal[T any](t tb, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (- want, + got):\n%s", what, diff)
	}
}

func zone(t tb, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// decode reads all of a file.
func decode(f interchange.Format, file string, o interchange.Options) (records []interchange.Record, err error) {
	for r, err := range interchange.Decode(strings.NewReader(file), f, o) {
		if err != nil {
			return records, err
		}
		records = append(records, r)
	}
	return records, nil
}

// read reads a file that is right.
func read(t tb, f interchange.Format, file string, o interchange.Options) []interchange.Record {
	t.Helper()
	records, err := decode(f, file, o)
	if err != nil {
		t.Fatalf("%v in\n%.500s", err, file)
	}
	return records
}

// one reads a file of one record.
func one(t tb, f interchange.Format, file string, o interchange.Options) interchange.Record {
	t.Helper()
	records := read(t, f, file, o)
	if len(records) != 1 {
		t.Fatalf("%d records in\n%s\n%+v", len(records), file, records)
	}
	return records[0]
}

// brief says of a record what matters in most tests.
type brief struct {
	Title, Description, Due, Rule, Category string
	Tags                                    []string
	Priority                                string
	Notes                                   []string
	Faults                                  []string
}

func briefly(r interchange.Record) brief {
	return brief{
		Title: r.Patch.Title.Value, Description: r.Patch.Description.Value, Due: r.Patch.Due.Value.String(),
		Rule: r.Patch.Recurrence.Value.Rule.Value, Category: r.Patch.Category.Value, Tags: append([]string(nil), r.Patch.Tags.Value...),
		Priority: r.Patch.Priority.Value.String(), Notes: notes(r), Faults: faults(r),
	}
}

func notes(r interchange.Record) (all []string) {
	for _, n := range r.Notes {
		all = append(all, n.Pointer+" "+n.Detail)
	}
	return all
}

func faults(r interchange.Record) (all []string) {
	for _, f := range r.Faults {
		all = append(all, f.Pointer+" "+f.Detail)
	}
	return all
}

// asTask makes of a record the task that an import into nothing makes of it,
// under the record's own id.
func asTask(t tb, r interchange.Record) task.Task {
	t.Helper()
	id := func(s string) (id task.ID) {
		if err := id.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		return id
	}
	p := r.Patch
	made := task.Task{
		ID: id(r.Source.ID), Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, CompletedAt: r.CompletedAt, ArchivedAt: r.ArchivedAt,
		Title: p.Title.Value, Description: p.Description.Value, Priority: p.Priority.Value, Category: p.Category.Value, Tags: p.Tags.Value,
		Due: p.Due.Value, Reminders: p.Reminders.Value, Order: p.Order.Value, ParentID: id(r.Parent), Anchor: r.Anchor, Occurrence: r.Occurrence, NextID: r.NextID,
	}
	if rule := p.Recurrence.Value; !p.Recurrence.Null {
		made.Recurrence = task.Recurrence{Rule: rule.Rule.Value, From: rule.From.Value, SkipIfOpen: rule.SkipIfOpen.Value}
	}
	for _, other := range r.DependsOn {
		made.DependsOn = append(made.DependsOn, id(other))
	}
	if p.Completed.Value != made.Completed() || p.Archived.Value != made.Archived() {
		t.Errorf("completed %v but at %v, archived %v but at %v", p.Completed.Value, made.CompletedAt, p.Archived.Value, made.ArchivedAt)
	}
	return made
}

func fileError(t *testing.T, err error) *interchange.FileError {
	t.Helper()
	var e *interchange.FileError
	if !errors.As(err, &e) {
		t.Fatalf("%T %v is no FileError", err, err)
	}
	return e
}

// encoded writes tasks to a file.
func encoded(t tb, f interchange.Format, l interchange.Layout, tasks ...task.Task) string {
	t.Helper()
	var b strings.Builder
	e, err := interchange.NewEncoder(&b, f, l)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		if err := e.Task(&tasks[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func date(t tb, s string) task.Due {
	t.Helper()
	due, err := task.ParseDue(s)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func at(t tb, s string) time.Time { return date(t, s).At }

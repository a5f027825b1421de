package tasktest

import (
	"errors"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// equal wants the same, but for what nothing asks for except an undo.
func equal[T any](t rapid.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(task.Task{}, "Operation"), cmpopts.IgnoreFields(task.Template{}, "Operation")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func isError(t rapid.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got the error %v, want %v", what, got, want)
	}
}

// isFaulty wants faults at exactly these pointers.
func isFaulty(t rapid.TB, what string, err error, pointers ...string) {
	t.Helper()
	var got []string
	for _, f := range task.AsFaults(err) {
		got = append(got, f.Pointer)
	}
	if !slices.Equal(got, pointers) {
		t.Errorf("%s: faults at %q, want %q (%v)", what, got, pointers, err)
	}
}

// isConflict wants a conflict with exactly these tasks in the way.
func isConflict(t rapid.TB, what string, err error, inTheWay ...task.ID) {
	t.Helper()
	var c *task.Conflict
	if !errors.As(err, &c) {
		t.Errorf("%s: got the error %v, want a conflict", what, err)
		return
	}
	equal(t, what+": tasks in the way", c.Tasks, inTheWay)
}

// titled is a draft with nothing but a title.
func titled(title string) task.Patch { return task.Patch{Title: task.Value(title)} }

// under is a draft of a subtask.
func under(parent task.ID, title string) task.Patch {
	return task.Patch{Title: task.Value(title), ParentID: task.Value(parent)}
}

// after is a draft of a task that depends on others.
func after(title string, ids ...task.ID) task.Patch {
	return task.Patch{Title: task.Value(title), DependsOn: task.Value(ids)}
}

var completed, reopened = task.Patch{Completed: task.Value(true)}, task.Patch{Completed: task.Value(false)}

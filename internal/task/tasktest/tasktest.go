// Package tasktest is what every store of tasks must do, whatever it is made
// of. It asks through task.Service, as every caller does.
package tasktest

import (
	"slices"
	"testing"

	"todo-app/internal/task"
)

// Run holds a store to all of it. Open is called once: each test is an owner
// of its own in that store, and several run at a time.
func Run(t *testing.T, open func(testing.TB) task.Store) {
	b := &bench{store: open(t)}
	all := slices.Concat(reading, writing, deleting, texts, searching, filtering, paging, relating, racing, repeating, owning, telling, counting, recurring, archiving, carrying, templating)
	for _, each := range all {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			each.run(t, b)
		})
	}
}

// test is one thing that a store must do; its name says what.
type test struct {
	name string
	run  func(*testing.T, *bench)
}

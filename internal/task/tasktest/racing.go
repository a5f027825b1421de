package tasktest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"todo-app/internal/task"
)

const rounds = 40

var racing = []test{
	{"two writers of different fields both win", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(titled("0")).ID
		for i := 1; i <= rounds; i++ {
			text := fmt.Sprint(i)
			together(
				func() { u.update(id, task.Edit{Patch: titled(text)}) },
				func() { u.update(id, task.Edit{Patch: task.Patch{Description: task.Value(text)}}) },
				func() { u.update(id, task.Edit{Patch: task.Patch{Order: task.Value(float64(i))}}) },
			)
			got := u.get(id)
			if got.Title != text || got.Description != text || got.Order != float64(i) || got.Version != int64(1+3*i) {
				t.Fatalf("round %d: title %q, description %q, order %v, version %d", i, got.Title, got.Description, got.Order, got.Version)
			}
		}
	}},
	{"of two writers with one If-Match, one wins", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(titled("0")).ID
		for range rounds {
			tag := u.read(id).ETag
			var errs [2]error
			together(
				func() {
					_, errs[0] = u.update(id, task.Edit{Patch: titled("a" + tag), Match: []string{tag}})
				},
				func() {
					_, errs[1] = u.update(id, task.Edit{Patch: titled("b" + tag), Match: []string{tag}})
				},
			)
			if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs[:]...), task.ErrStale) {
				t.Fatalf("errors: %v and %v", errs[0], errs[1])
			}
		}
	}},
	{"of two opposite dependencies, one is made", func(t *testing.T, b *bench) {
		u := b.user(t)
		for range rounds {
			pair := u.createAll(titled("a"), titled("b"))
			errs := u.opposite(pair, func(other task.ID) task.Patch { return task.Patch{DependsOn: task.Value([]task.ID{other})} })
			for i, err := range errs {
				if err != nil {
					isConflict(t, "the second dependency", err, pair[1-i].ID)
				}
			}
			kept := u.stored(pair[0].ID, pair[1].ID)
			equal(t, "dependencies made", len(kept[pair[0].ID].DependsOn)+len(kept[pair[1].ID].DependsOn), 1)
		}
	}},
	{"of two tasks that become each other's subtask, one does", func(t *testing.T, b *bench) {
		u := b.user(t)
		for range rounds {
			pair := u.createAll(titled("a"), titled("b"))
			errs := u.opposite(pair, func(other task.ID) task.Patch { return task.Patch{ParentID: task.Value(other)} })
			for _, err := range errs {
				if err != nil {
					isFaulty(t, "the second move", err, "/parent_id")
				}
			}
			kept := u.stored(pair[0].ID, pair[1].ID)
			equal(t, "roots left", yes(kept[pair[0].ID].ParentID.IsZero())+yes(kept[pair[1].ID].ParentID.IsZero()), 1)
		}
	}},
	{"the last place among subtasks is given once", func(t *testing.T, b *bench) {
		u := b.user(t)
		root := u.create(titled("root"))
		drafts := make([]task.Patch, task.MaxSubtasks-1)
		for i := range drafts {
			drafts[i] = under(root.ID, "x")
		}
		u.createAll(drafts...)
		var made [4]error
		var all []func()
		for i := range made {
			all = append(all, func() {
				_, made[i] = u.service.Create(ctx(), u.call, []task.Patch{under(root.ID, "last")}, false)
			})
		}
		together(all...)
		won := 0
		for _, err := range made {
			if err == nil {
				won++
			} else {
				isFaulty(t, "one too many", err, "/parent_id")
			}
		}
		equal(t, "subtasks created", won, 1)
		equal(t, "subtasks counted", u.get(root.ID).Subtasks.Total, task.MaxSubtasks)
	}},
	{"a task completed while its dependency is reopened is not both done and blocked", func(t *testing.T, b *bench) {
		u := b.user(t)
		for range rounds {
			target := u.create(completedDraft)
			waiting := u.create(after("waiting", target.ID))
			var err error
			together(
				func() { _, err = u.update(waiting.ID, task.Edit{Patch: completed}) },
				func() { u.update(target.ID, task.Edit{Patch: reopened}) },
			)
			if err != nil {
				isConflict(t, "completing", err, target.ID)
			}
			equal(t, "open dependencies", u.stored(waiting.ID)[waiting.ID].OpenDependencies, 1)
		}
	}},
	{"counters are right after many writers at once", func(t *testing.T, b *bench) {
		u := b.user(t)
		root, target := u.create(titled("root")), u.create(titled("target"))
		var all []func()
		for i := range 8 {
			all = append(all, func() {
				for range 6 {
					r, err := u.service.Create(ctx(), u.call, []task.Patch{{Title: task.Value("x"), ParentID: task.Value(root.ID), DependsOn: task.Value([]task.ID{target.ID})}}, false)
					if err != nil {
						t.Errorf("creating: %v", err)
						return
					}
					switch id := r.Tasks[0].ID; i % 4 {
					case 0:
						_, err = u.service.Complete(ctx(), u.call, id, task.Edit{Force: true})
					case 1:
						_, err = u.service.Delete(ctx(), u.call, id, false, nil)
					case 2:
						_, err = u.service.Update(ctx(), u.call, target.ID, task.Edit{Patch: task.Patch{Completed: task.Value(i%8 == 2)}})
					}
					if err != nil {
						t.Errorf("writer %d: %v", i, err)
					}
				}
			})
		}
		together(all...)
		u.change(target.ID, reopened)
		equal(t, "subtasks", u.get(root.ID).Subtasks, task.Progress{Total: 36, Completed: 12})
		equal(t, "blocked tasks", len(u.list(matching(task.Filter{Blocked: task.Yes}))), 24)
	}},
	{"a read that follows a write sees it, while others read and write", func(t *testing.T, b *bench) {
		u := b.user(t)
		shared := u.create(titled("shared")).ID
		var all []func()
		for i := range 6 {
			all = append(all, func() {
				for j := range rounds / 2 {
					if err := u.readsOwnWrites(shared, fmt.Sprintf("writer %d time %d", i, j)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		together(all...)
	}},
}

var completedDraft = task.Patch{Title: task.Value("x"), Completed: task.Value(true)}

// opposite applies to each of two tasks, at once, the patch that names the other.
func (u *user) opposite(pair []task.Task, patch func(other task.ID) task.Patch) [2]error {
	var errs [2]error
	together(
		func() { _, errs[0] = u.update(pair[0].ID, task.Edit{Patch: patch(pair[1].ID)}) },
		func() { _, errs[1] = u.update(pair[1].ID, task.Edit{Patch: patch(pair[0].ID)}) },
	)
	return errs
}

// readsOwnWrites creates, changes and deletes a task and bumps a shared one,
// and says what reads did not see of it.
func (u *user) readsOwnWrites(shared task.ID, text string) error {
	r, err := u.service.Create(ctx(), u.call, []task.Patch{titled(text)}, false)
	if err != nil {
		return err
	}
	id := r.Tasks[0].ID
	if err := u.sees(id, text); err != nil {
		return fmt.Errorf("after creating: %w", err)
	}
	if _, err := u.update(id, task.Edit{Patch: titled(text + " changed")}); err != nil {
		return err
	}
	if err := u.sees(id, text+" changed"); err != nil {
		return fmt.Errorf("after changing: %w", err)
	}
	bumped, err := u.update(shared, task.Edit{Patch: titled(text)})
	if err != nil {
		return err
	}
	read, err := u.service.Get(ctx(), u.call, shared, nil)
	if err != nil {
		return err
	}
	var s shown
	if err := s.UnmarshalJSON(read.Body); err != nil || s.Version < bumped.Version {
		return fmt.Errorf("version %d read after version %d was written (%w)", s.Version, bumped.Version, err)
	}
	if _, err := u.service.Delete(ctx(), u.call, id, false, nil); err != nil {
		return err
	}
	if err := u.sees(id, ""); err != nil {
		return fmt.Errorf("after deleting: %w", err)
	}
	return nil
}

// sees says whether list and get show a task under a title, or not at all if
// that is "".
func (u *user) sees(id task.ID, title string) error {
	r, err := u.service.List(ctx(), u.call, every(), nil)
	if err != nil {
		return err
	}
	var page []shown
	decode(u, r.Body, &page)
	listed := ""
	for _, s := range page {
		if s.ID == id {
			listed = s.Title
		}
	}
	read := ""
	if r, err := u.service.Get(ctx(), u.call, id, nil); err == nil {
		var s shown
		decode(u, r.Body, &s)
		read = s.Title
	} else if !errors.Is(err, task.ErrNotFound) {
		return err
	}
	if listed != title || read != title {
		return fmt.Errorf("listed as %q, read as %q, want %q", listed, read, title)
	}
	return nil
}

// together runs functions at once and waits for all.
func together(do ...func()) {
	start := make(chan struct{})
	var running sync.WaitGroup
	for _, f := range do {
		running.Go(func() { <-start; f() })
	}
	close(start)
	running.Wait()
}

package task

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// MaxOccurrences bounds how many dates of a recurring task are foretold.
const MaxOccurrences = 100

// rooted returns the task with the series that its rule stands for: builds
// that knew of none left it to begin with the due.
func (t Task) rooted() Task {
	switch {
	case t.Recurrence.IsZero():
		t.Anchor, t.Occurrence = Due{}, Due{}
	case t.Anchor.IsZero():
		t.Anchor, t.Occurrence = t.Due, t.Due
	}
	return t
}

// continues reports whether a patch leaves the task's series as it is: unless
// it says something of the recurrence or, as a whole task, something else.
func (p Patch) continues(old, new Task, whole bool) bool {
	if whole {
		return new.Recurrence == old.Recurrence
	}
	return !p.Recurrence.Null && p.Recurrence.Value == RecurrencePatch{}
}

// anchor begins the series of a recurring task that has none, at its due.
func (t *Task) anchor(zone *time.Location, left *patience) error {
	if t.Recurrence.IsZero() || t.Due.IsZero() || !t.Anchor.IsZero() {
		return nil
	}
	s, err := t.Recurrence.anchored(t.Due, zone, left)
	if err == nil {
		t.Recurrence, t.Anchor, t.Occurrence = s.Recurrence, s.Anchor, s.Anchor
	}
	return err
}

// follow moves the task to the occurrence after its own, when that is completed
// or skipped at a moment; not ok if it was the last, or too little is left to
// find the next.
func (t *Task) follow(at time.Time, zone *time.Location, left *patience) (ok bool) {
	next, due, ok := Series{t.Recurrence, t.Anchor, zone}.follow(t.Occurrence, at, left)
	if ok {
		t.Recurrence, t.Anchor, t.Occurrence, t.Due = next.Recurrence, next.Anchor, due, due
	}
	return ok
}

// foretold returns the next dates of the task, as far as they can be told now.
func (t Task) foretold(n int, now time.Time, zone *time.Location) []Due {
	if t = t.rooted(); t.Recurrence.IsZero() {
		return nil
	}
	from := t.Occurrence
	if t.Recurrence.From == FromCompletion {
		from = t.Due
	}
	if t.Completed() {
		now = t.CompletedAt
		if t.Recurrence.From == FromCompletion {
			from = Due{At: now}
		}
	}
	return Series{t.Recurrence, t.Anchor, zone}.Projected(from, now, n)
}

// Occurrences returns the next n dates of one of the caller's tasks, 1 to
// MaxOccurrences, as a JSON array: none if it does not repeat, fewer if its
// series ends. ErrNotFound when there is no such task.
func (s *Service) Occurrences(ctx context.Context, c Call, id ID, n int, known []string) (Rendered, error) {
	owner, err := s.Store.Owner(ctx, c.Owner)
	if err != nil {
		return Rendered{}, err
	}
	t, err := s.Store.Task(ctx, c.Owner, id)
	if err != nil {
		return Rendered{}, err
	}
	dates := t.foretold(n, s.now(), s.zone(owner))
	body := appendList(nil, dates, func(b []byte, d Due) []byte { return d.appendJSON(b) })
	etag := "O~" + base64.RawURLEncoding.EncodeToString(binaryHash(body))
	return unless(known, Rendered{Body: body, ETag: etag}), nil
}

// Skip moves a recurring task to its next occurrence, the first that is
// foretold, without completing it; ErrNotFound, ErrStale, or a *Conflict saying
// why it has none to move to.
func (s *Service) Skip(ctx context.Context, c Call, id ID, e Edit) (Result, error) {
	return s.write(ctx, c, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
		old, err := one(ctx, tx, id, e.Match)
		if err != nil {
			return nil, err
		}
		t, at, zone := old.rooted(), v.Now, s.zone(tx.Owner())
		if t.Recurrence.From == FromCompletion { // counted from now, one that is not due yet could stay where it is
			at = Series{Zone: zone}.later(at, t.Due)
		}
		left := much
		switch {
		case t.Recurrence.IsZero():
			return nil, &Conflict{Detail: "the task does not repeat: there is no occurrence to skip"}
		case t.Completed():
			return nil, &Conflict{Detail: "the task is completed: there is nothing left to skip"}
		case !t.follow(at, zone, &left):
			return nil, &Conflict{Detail: "this is the last occurrence: complete the task or delete it"}
		}
		t.succeed(old, v.Now)
		tx.Replace(old, t)
		return []Task{t}, nil
	})
}

// repeat returns what completing a recurring task makes: its next occurrence
// and behind it the subtasks of that. It notes the next one in t; nothing is
// made if the series has ended. left is for finding out.
func (s *Service) repeat(ctx context.Context, tx Tx, v View, r related, t *Task, left *patience) ([]Task, error) {
	zone := s.zone(tx.Owner())
	future, most := *t, min(much, *left)
	mine := most
	ok := future.follow(v.Now, zone, &mine)
	*left -= most - max(mine, 0)
	switch {
	case !ok && mine <= 0 && most < much: // by itself it may go on
		return nil, &Conflict{Detail: fmt.Sprintf("the task's next occurrence cannot be made: it %v", errImpatient)}
	case !ok:
		return nil, nil
	}
	next := s.anew(*t, v.Now)
	next.Recurrence, next.Anchor, next.Occurrence, next.Due = future.Recurrence, future.Anchor, future.Occurrence, future.Due
	if err := r.room(next); err != nil {
		return nil, err
	}
	if err := next.inherit(ctx, tx, r, *t); err != nil {
		return nil, err
	}
	t.NextID = next.ID
	made := []Task{next}
	if t.Subtasks.Total == 0 {
		return made, nil
	}
	subtasks, err := tx.Subtasks(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	c, series := clock{zone: zone}, Series{Zone: zone}
	days := daysBetween(dateOf(series.local(t.Occurrence)), dateOf(series.local(next.Occurrence)))
	made = append(made, s.subtasksAnew(subtasks, next.ID, v.Now, func(d Due) Due { return c.later(d, days) })...)
	made[0].Subtasks.Total = len(made) - 1
	return made, nil
}

// anew returns an open copy of a task. Reminders at a moment, and what it
// depends on, were about the one copied.
func (s *Service) anew(t Task, now time.Time) Task {
	return Task{
		ID: s.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now,
		Title: t.Title, Description: t.Description, Priority: t.Priority, Category: t.Category, Tags: t.Tags,
		Due: t.Due, Reminders: offsets(t.Reminders), ParentID: t.ParentID, Order: t.Order,
	}
}

// subtasksAnew returns copies of subtasks under another parent, due so much
// later. Those put away, and those that repeat themselves, stay where they are.
// A copy depends on the copies of what it depended on.
func (s *Service) subtasksAnew(subtasks []Task, parent ID, now time.Time, later func(Due) Due) []Task {
	slices.SortFunc(subtasks, func(a, b Task) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
	})
	subtasks = slices.DeleteFunc(subtasks, func(t Task) bool { return t.Archived() || !t.Recurrence.IsZero() })
	copies, made := map[ID]ID{}, make([]Task, len(subtasks))
	for i, t := range subtasks {
		made[i] = s.anew(t, now)
		made[i].ParentID, made[i].Due = parent, later(t.Due)
		copies[t.ID] = made[i].ID
	}
	for i, t := range subtasks {
		for _, id := range t.DependsOn {
			if of, ok := copies[id]; ok {
				made[i].DependsOn = append(made[i].DependsOn, of)
			}
		}
		made[i].OpenDependencies = len(made[i].DependsOn)
	}
	return made
}

// next returns the occurrence that was made when the task was completed before,
// for a patch that has it completed.
func (r related) next(t Task, p Patch) []Task {
	if next, ok := r[t.NextID]; ok && p.Completed.Value {
		return []Task{next}
	}
	return nil
}

// room refuses a next occurrence that its parent may not have.
func (r related) room(next Task) error {
	if next.ParentID.IsZero() {
		return nil
	}
	p, ok := r[next.ParentID]
	if err := checkParent(next, p, ok); err != nil {
		return &Conflict{fmt.Sprintf("the task's next occurrence cannot be made: parent_id %v", err), []ID{next.ParentID}}
	}
	return nil
}

// inherit gives a next occurrence what its predecessor depended on: what is
// open still, and in place of what is completed the next occurrence of that,
// unless it is the predecessor itself, which is being completed.
func (t *Task) inherit(ctx context.Context, tx Tx, r related, predecessor Task) error {
	following, err := find(ctx, tx, func(yield func(ID)) {
		for _, id := range predecessor.DependsOn {
			yield(r[id].NextID)
		}
	})
	if err != nil {
		return err
	}
	for _, id := range predecessor.DependsOn {
		d := r[id]
		if d.Completed() {
			d = following[d.NextID]
		}
		if d.ID.IsZero() || d.ID == predecessor.ID || slices.Contains(t.DependsOn, d.ID) {
			continue
		}
		t.DependsOn = append(t.DependsOn, d.ID)
		if !d.Completed() {
			t.OpenDependencies++
		}
	}
	return nil
}

// offsets returns the reminders that are counted from the due.
func offsets(reminders []Reminder) []Reminder {
	return slices.DeleteFunc(slices.Clone(reminders), func(r Reminder) bool { return !r.relative() })
}

// later returns a due so many days later, at the same time of day; none if the
// calendar ends before.
func (c *clock) later(d Due, days int) Due {
	switch {
	case d.IsZero():
		return d
	case d.AllDay:
		d.At = d.At.AddDate(0, 0, days)
	default:
		d.At, _ = c.moment(c.shown(d.At).AddDate(0, 0, days))
	}
	if d.At.Year() > lastYear {
		return Due{}
	}
	return d
}

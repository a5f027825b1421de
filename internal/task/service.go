package task

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Service is what can be done with tasks. All faces of the application go
// through it, so the rules are here and nowhere else.
type Service struct {
	Store Store
	Now   func() time.Time
	NewID func() ID // UUIDv7, so that ids follow creation
	// NewSecret returns text that nobody can guess, with no "_" in it.
	NewSecret func() string
	Zone      *time.Location // for owners that have set none
	Zones     *Zones
}

// Caller is who asks: for whom, under which name, and how far they may go.
type Caller struct {
	Owner string
	Actor string // as histories name who did it
	Scope Scope
	// Operator says that they may be told how the service runs.
	Operator bool
}

// Call is on whose behalf something is done, and how they see tasks.
type Call struct {
	Owner string
	Actor string         // who does it, as histories name them; "": the owner
	Zone  *time.Location // nil: the owner's own
	URL   string         // as in View
	Trace string         // as in Write
	Once  *Once          // as in Write
}

// Result is what a write left: the tasks it was about, and how the caller
// sees them.
type Result struct {
	Tasks []Task // of one that was completed, behind it the next occurrence
	Count int    // tasks deleted
	View  View

	Outcomes []Outcome // of a bulk, for each of its tasks
	Step     Operation // an undo or a redo
	Template Template  // as it is then, if the write was about one
}

// now returns the time to the microsecond, the resolution of storage.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// View returns how the caller sees tasks now.
func (s *Service) View(ctx context.Context, c Call) (View, error) {
	owner, err := s.Store.Owner(ctx, c.Owner)
	return s.view(c, owner, s.now()), err
}

func (s *Service) view(c Call, o Owner, now time.Time) View {
	v := View{Now: now, Zone: c.Zone, URL: c.URL}
	if v.Zone == nil {
		v.Zone = s.zone(o)
	}
	return v
}

// zone returns an owner's own time zone: what happens to tasks goes by it,
// whoever looks from where.
func (s *Service) zone(o Owner) *time.Location { return s.Zones.Of(o, s.Zone) }

// List returns a page of the caller's tasks, or only NotModified if known,
// the entity tags the caller holds, has it.
func (s *Service) List(ctx context.Context, c Call, q Query, known []string) (Rendered, error) {
	owner, err := s.Store.Owner(ctx, c.Owner)
	if err != nil {
		return Rendered{}, err
	}
	v := s.view(c, owner, s.now())
	for _, tag := range known {
		if q.Current(tag, owner.Generation, v) {
			return Rendered{ETag: tag, NotModified: true}, nil
		}
	}
	r, err := s.Store.List(ctx, c.Owner, owner.Generation, v, q)
	return unless(known, r), err
}

// unless leaves the body away if the caller has it already.
func unless(known []string, r Rendered) Rendered {
	if r.ETag != "" && (slices.Contains(known, r.ETag) || slices.Contains(known, "*")) {
		return Rendered{ETag: r.ETag, NotModified: true}
	}
	return r
}

// Get returns one of the caller's tasks, or only NotModified if known has it;
// ErrNotFound when there is none.
func (s *Service) Get(ctx context.Context, c Call, id ID, known []string) (Rendered, error) {
	owner, err := s.Store.Owner(ctx, c.Owner)
	if err != nil {
		return Rendered{}, err
	}
	r, err := s.Store.Get(ctx, c.Owner, owner.Generation, s.view(c, owner, s.now()), id)
	return unless(known, r), err
}

// Create adds tasks, all or none. Faults point into drafts by position when
// there are several.
func (s *Service) Create(ctx context.Context, c Call, drafts []Patch, several bool) (Result, error) {
	var faults Faults
	under := func(i int) string {
		if !several {
			return ""
		}
		return "/" + strconv.Itoa(i)
	}
	for i := range drafts {
		var err error
		drafts[i], err = drafts[i].NewTask()
		faults = append(faults, AsFaults(err).Under(under(i))...)
	}
	if len(faults) > 0 {
		return Result{}, faults
	}
	return s.write(ctx, c, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
		return s.create(ctx, tx, v, drafts, under)
	})
}

// CreateFrom adds the task that read makes of the moment, as the caller's
// clocks show it. It reads inside the write: what is done once per key is also
// read once, however much later it is asked for again.
func (s *Service) CreateFrom(ctx context.Context, c Call, read func(now time.Time) (Patch, error)) (Result, error) {
	return s.write(ctx, c, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
		draft, err := read(v.Now.In(v.Zone))
		if err == nil {
			draft, err = draft.NewTask()
		}
		if err != nil {
			return nil, err
		}
		return s.create(ctx, tx, v, []Patch{draft}, func(int) string { return "" })
	})
}

// TryFrom returns the error that CreateFrom would, and adds nothing.
func (s *Service) TryFrom(ctx context.Context, c Call, read func(now time.Time) (Patch, error)) error {
	owner, err := s.Store.Owner(ctx, c.Owner)
	if err != nil {
		return err
	}
	v := s.view(c, owner, s.now())
	draft, err := read(v.Now.In(v.Zone))
	if err == nil {
		draft, err = draft.NewTask()
	}
	if err != nil {
		return err
	}
	left := much
	t := draft.apply(Task{}, v.Now, defaultCategory, 0)
	return related{}.settle(Task{}, &t, s.zone(owner), &left, false)
}

// create adds tasks made of drafts that are complete; under is where the faults
// of each belong.
func (s *Service) create(ctx context.Context, tx Tx, v View, drafts []Patch, under func(int) string) ([]Task, error) {
	related, err := find(ctx, tx, func(yield func(ID)) {
		for _, p := range drafts {
			yield(p.ParentID.Value)
			forEach(p.DependsOn.Value, yield)
		}
	})
	if err != nil {
		return nil, err
	}
	var faults Faults
	left := muchMore
	tasks := make([]Task, len(drafts))
	for i, p := range drafts {
		t := Task{ID: s.NewID(), Version: 1, CreatedAt: v.Now, UpdatedAt: v.Now}
		t = p.apply(t, v.Now, related.category(p.ParentID.Value), defaultOrder(v.Now, i))
		if err := related.settle(Task{}, &t, s.zone(tx.Owner()), &left, false); err != nil {
			if _, bad := err.(Faults); !bad {
				return nil, err
			}
			faults = append(faults, AsFaults(err).Under(under(i))...)
		}
		tasks[i] = t
		related.countSubtask(t.ParentID)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	tx.Insert(tasks)
	return tasks, nil
}

// defaultOrder places a new task last. It comes from the clock, not from the
// highest order so far, which two writers would both read.
func defaultOrder(now time.Time, i int) float64 { return float64(now.UnixMicro() + int64(i)) }

// Edit is how a task is changed.
type Edit struct {
	Patch Patch
	Whole bool     // absent fields go back to their defaults
	Force bool     // complete in spite of open dependencies
	Match []string // entity tags of If-Match; nil: any version

	left *patience // for the rules of all tasks that one write changes so
}

// Update changes one task. Changing nothing keeps its version. Completing one
// that repeats makes its next occurrence, once. ErrNotFound, ErrStale, Faults,
// or a *Conflict naming the tasks in the way.
func (s *Service) Update(ctx context.Context, c Call, id ID, e Edit) (Result, error) {
	if err := e.normalize(); err != nil {
		return Result{}, err
	}
	return s.write(ctx, c, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
		old, err := one(ctx, tx, id, e.Match)
		if err != nil {
			return nil, err
		}
		left := much
		e.left = &left
		return s.change(ctx, tx, v, old, e)
	})
}

// normalize completes the patch of a whole task, and normalizes it.
func (e *Edit) normalize() error {
	if e.Whole {
		e.Patch = e.Patch.whole()
	}
	err := e.Patch.Normalize()
	if e.Whole && !e.Patch.Title.Set {
		err = append(Faults{{"/title", "is required"}}, AsFaults(err)...)
	}
	return err
}

// change carries out an edit that is normalized. It returns the task as it is
// then, and behind it the next occurrence if the edit says it is completed.
func (s *Service) change(ctx context.Context, tx Tx, v View, old Task, e Edit) ([]Task, error) {
	old = old.rooted()
	p, base := e.Patch, old
	if e.Whole { // nothing of what is replaced shows through
		base.Recurrence = Recurrence{}
	}
	t := p.apply(base, v.Now, old.Category, defaultOrder(v.Now, 0))
	if !p.continues(old, t, e.Whole) {
		t.Anchor, t.Occurrence = Due{}, Due{}
	}
	completing := t.Completed() && !old.Completed()
	related, err := find(ctx, tx, func(yield func(ID)) {
		if t.ParentID != old.ParentID || p.Category.Null || completing {
			yield(t.ParentID)
		}
		if !slices.Equal(t.DependsOn, old.DependsOn) || completing {
			forEach(t.DependsOn, yield)
		}
		if p.Completed.Value {
			yield(t.NextID)
		}
	})
	if err != nil {
		return nil, err
	}
	if p.Category.Null {
		t.Category = related.category(t.ParentID)
	}
	if err := related.settle(old, &t, s.zone(tx.Owner()), e.left, e.Force); err != nil {
		return nil, err
	}
	next := related.next(t, p)
	if sameContent(old, t) {
		return append([]Task{old}, next...), nil
	}
	if err := acyclic(ctx, tx, old, t); err != nil {
		return nil, err
	}
	var made []Task
	if completing && !t.Recurrence.IsZero() && len(next) == 0 {
		if made, err = s.repeat(ctx, tx, v, related, &t, e.left); err != nil {
			return nil, err
		}
		next = made[:min(len(made), 1)]
	}
	t.succeed(old, v.Now)
	tx.Replace(old, t)
	if len(made) > 0 {
		tx.Insert(made)
	}
	return append([]Task{t}, next...), nil
}

// succeed makes the task the version after old.
func (t *Task) succeed(old Task, now time.Time) {
	t.Version, t.UpdatedAt = old.Version+1, now
	if t.UpdatedAt.Before(old.UpdatedAt) { // another pod's clock is ahead, or this write waited
		t.UpdatedAt = old.UpdatedAt
	}
}

// Complete marks a task done; ErrNotFound, or a *Conflict naming its open
// dependencies unless e.Force. A completed task stays as it is. What repeats is
// answered with its next occurrence, either way.
func (s *Service) Complete(ctx context.Context, c Call, id ID, e Edit) (Result, error) {
	e.Patch = Patch{Completed: Value(true)}
	return s.Update(ctx, c, id, e)
}

// Reopen marks a task open again. An open task stays as it is.
func (s *Service) Reopen(ctx context.Context, c Call, id ID, e Edit) (Result, error) {
	e.Patch = Patch{Completed: Value(false)}
	return s.Update(ctx, c, id, e)
}

// Archive puts a task away. One that is away already stays as it is.
func (s *Service) Archive(ctx context.Context, c Call, id ID, e Edit) (Result, error) {
	e.Patch = Patch{Archived: Value(true)}
	return s.Update(ctx, c, id, e)
}

// Unarchive brings a task back. One that is not away stays as it is.
func (s *Service) Unarchive(ctx context.Context, c Call, id ID, e Edit) (Result, error) {
	e.Patch = Patch{Archived: Value(false)}
	return s.Update(ctx, c, id, e)
}

// Delete removes a task, and its subtasks unless they are promoted to roots;
// others that depended on them no longer do. ErrNotFound or ErrStale.
func (s *Service) Delete(ctx context.Context, c Call, id ID, promote bool, match []string) (Result, error) {
	return s.delete(ctx, c, Selection{IDs: []ID{id}}, promote, func(ctx context.Context, tx Tx) error {
		_, err := one(ctx, tx, id, match)
		return err
	})
}

// DeleteMany removes the selected tasks with their subtasks, as Delete does,
// and counts them. Ids that name nothing are no fault.
func (s *Service) DeleteMany(ctx context.Context, c Call, sel Selection) (Result, error) {
	return s.delete(ctx, c, sel, false, func(context.Context, Tx) error { return nil })
}

func (s *Service) delete(ctx context.Context, c Call, sel Selection, promote bool, check func(context.Context, Tx) error) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) (err error) {
		if err = check(ctx, tx); err == nil {
			r.Count, err = tx.Delete(ctx, sel, promote)
		}
		return err
	})
}

// write is run for what is about tasks alone.
func (s *Service) write(ctx context.Context, c Call, do func(context.Context, Tx, View) ([]Task, error)) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) (err error) {
		r.Tasks, err = do(ctx, tx, r.View)
		return err
	})
}

// run runs do under the owner's lock and, where the call is to happen once,
// stores its answer along with the change. Do finds the view in the result, and
// leaves the rest there.
func (s *Service) run(ctx context.Context, c Call, do func(context.Context, Tx, *Result) error) (Result, error) {
	var r Result
	w := Write{Owner: c.Owner, Actor: c.Actor, At: s.now(), Zone: s.zone, Trace: c.Trace, Once: c.Once}
	err := s.Store.Write(ctx, w, func(tx Tx) (answer []byte, err error) {
		r = Result{View: s.view(c, tx.Owner(), w.At)}
		if err = do(ctx, tx, &r); err == nil && c.Once != nil {
			answer = c.Once.Answer(r)
		}
		return answer, err
	})
	return r, err
}

package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// importChunk is a chunk on its way into a write: what it leaves counts once that
// is done.
type importChunk struct {
	*Importer
	related related
	names   map[uint64]ID // of the chunk's own
	tasks   []Task
	pending []pendingRelations
	told    []func()
	left    patience // for their rules
}

// settled makes what the write did known.
func (c *importChunk) settled() {
	for name, id := range c.names {
		if _, taken := c.known[name]; !taken {
			c.known[name] = id
		}
	}
	for _, p := range c.pending {
		names := len(p.deps) + 1
		if c.forward += names; c.forward > maxForward {
			c.forward -= names
			c.tell.Note(p.position, "", "its relations to later records are not carried over: the file has too many of that kind")
			continue
		}
		c.Importer.pending = append(c.Importer.pending, p)
	}
	for _, tell := range c.told {
		tell()
	}
}

func (c *importChunk) result(r ImportRecord, result ImportResult, id ID, why error) {
	c.told = append(c.told, func() { c.tell.Result(r.Position, result, id, why) })
}

func (c *importChunk) note(at place, pointer, format string, args ...any) {
	pointer = cmp.Or(at.pointers[pointer], pointer)
	c.told = append(c.told, func() { c.tell.Note(at.position, pointer, fmt.Sprintf(format, args...)) })
}

// find returns the task that a name stands for, if it has come already.
func (c *importChunk) find(name uint64) (ID, bool) {
	id, ok := c.known[name]
	if !ok {
		id, ok = c.names[name]
	}
	return id, ok
}

// Why records are skipped.
var (
	errImported = errors.New("was imported before")
	errThere    = errors.New("is here already")
)

func (c *importChunk) take(ctx context.Context, tx Tx, v View) error {
	sources := make([]string, len(c.chunk))
	for n, r := range c.chunk {
		sources[n] = r.Source
	}
	before, err := tx.Imported(ctx, sources)
	if err != nil {
		return err
	}
	if c.related, err = find(ctx, tx, func(yield func(ID)) { c.wanted(before, yield) }); err != nil {
		return err
	}
	if c.related == nil {
		c.related = related{}
	}
	made := map[string]ID{}
	for n, r := range c.chunk {
		name := c.hash(r.Name)
		if _, twice := c.names[name]; !twice {
			c.names[name] = ID{}
		}
		id, why := c.present(r, before, made)
		if why == nil {
			if id, why = c.make(tx, v, n, r); why != nil {
				c.forget(name)
				c.result(r, ImportRefused, ID{}, why)
				continue
			}
			made[r.Source] = id
			c.result(r, ImportCreated, id, nil)
		} else {
			c.result(r, ImportSkipped, id, why)
			c.resume(r, id, why)
		}
		if c.names[name].IsZero() {
			c.names[name] = id
		}
	}
	if len(c.tasks) > 0 {
		tx.Insert(c.tasks)
		tx.SetImported(made)
	}
	return nil
}

// forget takes back the place of a name whose record became nothing.
func (c *importChunk) forget(name uint64) {
	if c.names[name].IsZero() {
		delete(c.names, name)
	}
}

// wanted yields the tasks that the chunk may be about.
func (c *importChunk) wanted(before map[string]ID, yield func(ID)) {
	for _, r := range c.chunk {
		yield(r.ID)
		yield(r.Own)
		yield(r.NextID)
		yield(before[r.Source])
		if r.Parent != "" {
			yield(c.known[c.hash(r.Parent)])
		}
		for _, name := range r.DependsOn {
			yield(c.known[c.hash(name)])
		}
	}
}

// present returns the task that a record has become before, and why it is
// skipped; nil if it is new.
func (c *importChunk) present(r ImportRecord, before, made map[string]ID) (ID, error) {
	if id, ok := before[r.Source]; ok {
		return id, errImported
	}
	if id, ok := made[r.Source]; ok {
		return id, errImported
	}
	for _, id := range []ID{r.ID, r.Own} {
		if _, ok := c.related[id]; ok && !id.IsZero() {
			return id, errThere
		}
	}
	return ID{}, nil
}

// make adds the task of a record to what is to be inserted. The error is
// Faults.
func (c *importChunk) make(tx Tx, v View, n int, r ImportRecord) (ID, error) {
	p := pendingRelations{place: r.place()}
	parent, deps := c.relations(r, &p)
	t := Task{ID: r.ID, Version: 1}
	if t.ID.IsZero() {
		t.ID = c.service.NewID()
	}
	t = r.Patch.apply(t, v.Now, c.related.category(parent), defaultOrder(v.Now, n))
	c.date(&t, v.Now, r)
	if t.Recurrence.IsZero() && t.Recurrence != (Recurrence{}) || !t.Recurrence.IsZero() && t.Due.IsZero() {
		return ID{}, Faults{{cmp.Or(r.Pointers["/recurrence"], "/recurrence"), "needs a rule, and a due to repeat from"}}
	}
	zone := c.service.zone(tx.Owner())
	c.resumeSeries(&t, r, zone)
	switch err := t.anchor(zone, &c.left); {
	case err == errImpatient:
		return ID{}, Faults{{cmp.Or(r.Pointers["/recurrence/rule"], "/recurrence/rule"), err.Error()}}
	case err != nil:
		c.note(r.place(), "/recurrence/rule", "is not carried over: it %v", err)
		t.Recurrence = Recurrence{}
	}
	c.follow(&t, r, &p)
	c.adopt(&t, r.place(), parent)
	c.await(&t, deps)
	c.tasks = append(c.tasks, t)
	c.related[t.ID] = t
	c.related.countSubtask(t.ParentID)
	if p.id = t.ID; p.parent != 0 || p.next != 0 || len(p.deps) > 0 {
		c.pending = append(c.pending, p)
	}
	return t.ID, nil
}

// resumeSeries has a task that repeats go on with the series of the file.
func (c *importChunk) resumeSeries(t *Task, r ImportRecord, zone *time.Location) {
	if r.Anchor.IsZero() || t.Recurrence.IsZero() {
		return
	}
	s, err := t.Recurrence.anchored(r.Anchor, zone, &c.left)
	if err != nil || r.Occurrence.IsZero() || r.Occurrence.AllDay != r.Anchor.AllDay || r.Occurrence.At.Before(r.Anchor.At) {
		c.note(r.place(), "/series", "is none of this rule: it begins anew with the due")
		return
	}
	t.Recurrence, t.Anchor, t.Occurrence = s.Recurrence, s.Anchor, r.Occurrence
}

// follow has a task followed by the occurrence that the file says completing
// it has made: a task of the owner's, or of a record that has come, or has yet
// to: then whether it does is seen at the end.
func (c *importChunk) follow(t *Task, r ImportRecord, p *pendingRelations) {
	if r.NextID.IsZero() {
		return
	}
	name := c.hash(r.NextID.String())
	id, come := c.find(name)
	_, there := c.related[r.NextID]
	switch {
	case r.NextID == t.ID:
		c.note(r.place(), "/next_id", "is not carried over: it is the task itself")
	case come && !id.IsZero():
		t.NextID = id
	case there:
		t.NextID = r.NextID
	default:
		t.NextID, p.next = r.NextID, name
	}
}

// relations returns the tasks that a record names, and leaves in p the names
// that have not come yet.
func (c *importChunk) relations(r ImportRecord, p *pendingRelations) (parent ID, deps []ID) {
	if r.Parent != "" {
		name := c.hash(r.Parent)
		if id, ok := c.find(name); ok && !id.IsZero() {
			parent = id
		} else {
			p.parent = name
		}
	}
	for _, other := range r.DependsOn {
		name := c.hash(other)
		if id, ok := c.find(name); ok && !id.IsZero() {
			deps = append(deps, id)
		} else {
			p.deps = append(p.deps, name)
		}
	}
	return parent, deps
}

// resume has an earlier import's relations set that were still to come when it
// broke off: of a task that it made and nobody has changed since.
func (c *importChunk) resume(r ImportRecord, id ID, why error) {
	t, ok := c.related[id]
	if why != errImported || !ok || t.Version > 1 {
		return
	}
	p := pendingRelations{place: r.place(), id: id, again: true}
	if r.Parent != "" && t.ParentID.IsZero() {
		p.parent = c.hash(r.Parent)
	}
	for _, name := range r.DependsOn {
		p.deps = append(p.deps, c.hash(name))
	}
	if len(p.deps) == len(t.DependsOn) {
		p.deps = nil
	}
	if p.parent != 0 || p.deps != nil {
		c.pending = append(c.pending, p)
	}
}

// date gives a task the times that the file tells of it.
func (c *importChunk) date(t *Task, now time.Time, r ImportRecord) {
	past := func(pointer string, at time.Time) time.Time {
		if at.UTC().Truncate(time.Microsecond).After(now) {
			c.note(r.place(), pointer, "is yet to come: it was taken for the time of the import")
		}
		return notAfter(now, at)
	}
	t.CreatedAt = past("/created_at", r.CreatedAt)
	if t.Completed() {
		t.CompletedAt = past("/completed_at", r.CompletedAt)
	}
	if t.Archived() {
		t.ArchivedAt = past("/archived_at", r.ArchivedAt)
	}
	if t.UpdatedAt = past("/updated_at", r.UpdatedAt); t.UpdatedAt.Before(t.CreatedAt) {
		t.UpdatedAt = t.CreatedAt
	}
}

// adopt puts a task below another, if that may be. An archived one may be: the
// task was there before.
func (c *importChunk) adopt(t *Task, at place, id ID) {
	if id.IsZero() {
		return
	}
	parent, ok := c.related[id]
	parent.ArchivedAt = time.Time{}
	child := *t
	child.ParentID = id
	if err := checkParent(child, parent, ok); err != nil {
		c.note(at, "/parent_id", "is not carried over: it %v", err)
		return
	}
	t.ParentID = id
}

// await has a task depend on others that are there.
func (c *importChunk) await(t *Task, ids []ID) {
	for _, id := range ids {
		d, ok := c.related[id]
		if !ok || id == t.ID || slices.Contains(t.DependsOn, id) || len(t.DependsOn) == MaxDependsOn {
			continue
		}
		t.DependsOn = append(t.DependsOn, id)
		if !d.Completed() {
			t.OpenDependencies++
		}
	}
}

// link sets what relations of tasks are pending.
func (c *importChunk) link(ctx context.Context, tx Tx, batch []pendingRelations) (err error) {
	c.related, err = find(ctx, tx, func(yield func(ID)) {
		for _, p := range batch {
			yield(p.id)
			yield(c.known[p.parent])
			for _, name := range p.deps {
				yield(c.known[name])
			}
		}
	})
	if err != nil {
		return err
	}
	for _, p := range batch {
		old, ok := c.related[p.id]
		if !ok { // deleted meanwhile
			continue
		}
		if err := c.relate(ctx, tx, p, old); err != nil {
			return err
		}
	}
	return nil
}

func (c *importChunk) relate(ctx context.Context, tx Tx, p pendingRelations, old Task) error {
	t := old
	t.DependsOn = slices.Clone(old.DependsOn)
	c.adopt(&t, p.place, c.named(p, "/parent_id", p.parent))
	if p.next != 0 {
		t.NextID = c.named(p, "/next_id", p.next)
	}
	ids := make([]ID, len(p.deps))
	for n, name := range p.deps {
		ids[n] = c.named(p, "/depends_on", name)
	}
	c.await(&t, ids)
	var circle *Conflict
	if err := acyclic(ctx, tx, old, t); errors.As(err, &circle) {
		c.note(p.place, "/depends_on", "is not carried over: %s", circle.Detail)
		t.DependsOn, t.OpenDependencies = old.DependsOn, old.OpenDependencies
	} else if err != nil {
		return err
	}
	if sameContent(old, t) && old.NextID == t.NextID {
		return nil
	}
	t.Version++
	tx.Replace(old, t)
	c.related[t.ID] = t
	if t.ParentID != old.ParentID {
		c.related.countSubtask(t.ParentID)
	}
	return nil
}

// named returns the task that a name has come to stand for, and notes when it
// stands for none.
func (c *importChunk) named(p pendingRelations, pointer string, name uint64) ID {
	id, ok := c.known[name]
	if name != 0 && !ok && !p.again {
		c.note(p.place, pointer, "is not carried over: what it names is no record of the file, or one that was refused")
	}
	return id
}

package task_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"todo-app/internal/task"
)

// memory keeps one owner's tasks, and derives nothing: enough for the rules
// that need no storage. What every store must do is in tasktest.
type memory struct {
	owner    task.Owner
	tasks    []task.Task
	fails    map[string]error // by method
	reads    int              // how often a list or a task was asked for
	wrote    []task.Write
	kept     []byte // the answer of the last write
	zone     string // set by the write going on
	log      task.Changes
	looked   func() // when an owner is asked for
	keys     []task.APIKey
	sketches []task.Template
	undo     undoable
	imported map[string]task.ID
	calendar task.Calendar
	digest   string
}

var (
	_ task.Store = (*memory)(nil)
	_ task.Tx    = memoryTx{}
)

func (m *memory) Owner(context.Context, string) (task.Owner, error) {
	if m.looked != nil {
		m.looked()
	}
	return m.owner, m.fails["Owner"]
}

func (m *memory) List(_ context.Context, _ string, _ task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	m.reads++
	return task.Page{Generation: m.owner.Generation, Tasks: m.tasks}.Render(v, q), m.fails["List"]
}

func (m *memory) Get(_ context.Context, _ string, g task.Generation, v task.View, id task.ID) (task.Rendered, error) {
	m.reads++
	for _, t := range m.tasks {
		if t.ID == id {
			return t.Render(v, g), nil
		}
	}
	return task.Rendered{}, task.ErrNotFound
}

func (m *memory) Report(_ context.Context, _ string, g task.Generation, v task.View, r task.Report) (task.Rendered, error) {
	m.reads++
	return task.Stats{Generation: g}.Render(v, r), m.fails["Report"]
}

func (m *memory) Task(_ context.Context, _ string, id task.ID) (task.Task, error) {
	for _, t := range m.tasks {
		if t.ID == id {
			return t, m.fails["Task"]
		}
	}
	return task.Task{}, task.ErrNotFound
}

func (m *memory) Changes(_ context.Context, _ string, after task.Place, most int) (task.Changes, error) {
	m.reads++
	c := m.log
	c.Records = slices.DeleteFunc(slices.Clone(c.Records), func(r task.Record) bool { return r.Place.Generation <= after.Generation })
	c.Through = task.Place{Epoch: c.Through.Epoch, Generation: m.owner.Generation.Count, Seq: 1<<63 - 1}
	return c, m.fails["Changes"]
}

func (m *memory) History(ctx context.Context, owner string, _ task.ID, after task.Place, most int) (task.Changes, error) {
	c, _ := m.Changes(ctx, owner, after, most)
	return c, m.fails["History"]
}

func (m *memory) Dated(_ context.Context, _ string, since time.Time, most int, each func(*task.Task) error) error {
	for i := range m.tasks {
		if t := &m.tasks[i]; most > 0 && !t.Archived() && !t.Due.At.Before(since) {
			if err := each(t); err != nil {
				return err
			}
			most--
		}
	}
	return m.fails["Dated"]
}

func (m *memory) Calendar(context.Context, string) (task.Calendar, error) { return m.calendar, nil }

func (m *memory) CalendarOwner(_ context.Context, digest []byte) (string, error) {
	if string(digest) != m.digest {
		return "", task.ErrNoCalendar
	}
	return "alice", nil
}

func (m *memory) Snapshot(_ context.Context, _ string, tell task.Telling) error {
	err := tell.Owner(m.owner)
	for i := range m.sketches {
		err = errors.Join(err, tell.Template(&m.sketches[i]))
	}
	for i := range m.tasks {
		err = errors.Join(err, tell.Task(&m.tasks[i]))
	}
	return err
}

func (m *memory) Write(_ context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	before := slices.Clone(m.tasks)
	m.zone = m.owner.Zone
	answer, err := do(memoryTx{m})
	if err != nil {
		m.tasks = before
		return err
	}
	m.owner.Zone, m.kept, m.wrote = m.zone, answer, append(m.wrote, w)
	m.owner.Generation.Count++
	return nil
}

// undoable is what a memory says of steps, as tests have it.
type undoable struct {
	steps    []task.Operation
	prints   map[int64][]task.Footprint
	beside   map[int64]task.Beside
	breach   task.Breach
	breached []task.ID
	edges    task.Edges
}

func (m *memory) Operations(context.Context, string, time.Time) ([]task.Operation, error) {
	return m.undo.steps, m.fails["Operations"]
}

func (tx memoryTx) Operations(context.Context, time.Time) ([]task.Operation, error) {
	return tx.m.undo.steps, tx.m.fails["Operations"]
}

func (tx memoryTx) Touched(_ context.Context, operation int64) (ids []task.ID, err error) {
	for i := range tx.m.undo.prints[operation] {
		ids = append(ids, id(byte(i)))
	}
	return ids, tx.m.fails["Touched"]
}

func (tx memoryTx) Footprints(_ context.Context, operation int64, ids []task.ID) (prints []task.Footprint, err error) {
	for _, each := range ids {
		prints = append(prints, tx.m.undo.prints[operation][each[15]])
	}
	return prints, tx.m.fails["Footprints"]
}

func (tx memoryTx) Beside(_ context.Context, operation int64) (task.Beside, error) {
	return tx.m.undo.beside[operation], tx.m.fails["Beside"]
}

func (tx memoryTx) Restore(_ context.Context, prints []task.Footprint) error {
	for _, f := range prints {
		if f.Now != nil {
			tx.m.tasks = slices.DeleteFunc(slices.Clone(tx.m.tasks), func(t task.Task) bool { return t.ID == f.Now.ID })
		}
		if f.Before != nil {
			tx.m.tasks = append(tx.m.tasks, *f.Before)
		}
	}
	return tx.m.fails["Restore"]
}

func (tx memoryTx) Settle(context.Context) (task.Breach, []task.ID, error) {
	return tx.m.undo.breach, tx.m.undo.breached, tx.m.fails["Settle"]
}

func (tx memoryTx) Dependencies(context.Context, []task.ID) (task.Edges, error) {
	return tx.m.undo.edges, tx.m.fails["Dependencies"]
}

func (tx memoryTx) RestoreSettings(s task.OwnersSettings) {
	tx.m.zone, tx.m.owner.AutoArchiveDays, tx.m.owner.SettingsOperation = s.Zone, s.AutoArchiveDays, s.Operation
}

func (tx memoryTx) RestoreTemplate(old, new *task.Template) { tx.SetTemplate(old, new) }

func (tx memoryTx) Reversed(step task.Operation, redo bool) task.Operation {
	return task.Operation{ID: 99, Undoes: step.ID, Action: map[bool]task.Action{false: task.ActUndone, true: task.ActRedone}[redo]}
}

// memoryTx is a write to a memory.
type memoryTx struct{ m *memory }

func (tx memoryTx) Owner() task.Owner   { return tx.m.owner }
func (tx memoryTx) SetZone(name string) { tx.m.zone = name }

func (tx memoryTx) SetAutoArchive(days int) { tx.m.owner.AutoArchiveDays = days }

func (tx memoryTx) Unchanged(_ context.Context, since time.Time, most int) (found []task.Task, err error) {
	for _, t := range tx.m.tasks {
		if t.State() == task.Done && !t.UpdatedAt.After(since) && len(found) < most {
			found = append(found, t)
		}
	}
	return found, tx.m.fails["Unchanged"]
}

func (m *memory) APIKeys(context.Context, string) ([]task.APIKey, error) {
	return m.keys, m.fails["APIKeys"]
}

func (tx memoryTx) APIKeys(ctx context.Context) ([]task.APIKey, error) { return tx.m.APIKeys(ctx, "") }
func (tx memoryTx) InsertAPIKey(k task.APIKey)                         { tx.m.keys = append(tx.m.keys, k) }
func (tx memoryTx) DeleteAPIKey(id task.ID) {
	tx.m.keys = slices.DeleteFunc(tx.m.keys, func(k task.APIKey) bool { return k.ID == id })
}

func (m *memory) Templates(_ context.Context, _, after string, most int) (found []task.Template, err error) {
	for _, t := range m.sketches {
		if t.Name > after && len(found) < most {
			found = append(found, t)
		}
	}
	return found, m.fails["Templates"]
}

func (m *memory) Template(_ context.Context, _, name string) (task.Template, error) {
	for _, t := range m.sketches {
		if t.Name == name {
			return t, nil
		}
	}
	return task.Template{}, task.ErrNoTemplate
}

func (tx memoryTx) Template(ctx context.Context, name string) (*task.Template, error) {
	t, err := tx.m.Template(ctx, "", name)
	if err != nil {
		return nil, tx.m.fails["Template"]
	}
	return &t, tx.m.fails["Template"]
}

func (tx memoryTx) CountTemplates(context.Context) (int, error) {
	return len(tx.m.sketches), tx.m.fails["CountTemplates"]
}

func (tx memoryTx) SetTemplate(old, new *task.Template) {
	tx.m.sketches = slices.DeleteFunc(slices.Clone(tx.m.sketches), func(t task.Template) bool { return old != nil && t.Name == old.Name })
	if new != nil {
		tx.m.sketches = append(tx.m.sketches, *new)
	}
}

func (tx memoryTx) Find(_ context.Context, ids ...task.ID) (found []task.Task, err error) {
	for _, t := range tx.m.tasks {
		if slices.Contains(ids, t.ID) {
			found = append(found, t)
		}
	}
	return found, tx.m.fails["Find"]
}

func (tx memoryTx) Subtasks(_ context.Context, parent task.ID) (found []task.Task, err error) {
	for _, t := range tx.m.tasks {
		if t.ParentID == parent {
			found = append(found, t)
		}
	}
	return found, tx.m.fails["Subtasks"]
}

func (tx memoryTx) Matching(_ context.Context, _ task.View, f task.Filter, most int) (found []task.ID, err error) {
	for _, t := range tx.m.tasks {
		if (f.Status == task.Either || t.Completed() == (f.Status == task.Yes)) && len(found) < most {
			found = append(found, t.ID)
		}
	}
	return found, tx.m.fails["Matching"]
}

func (tx memoryTx) Reaches(ctx context.Context, from []task.ID, to task.ID) (bool, error) {
	found, err := tx.Find(ctx, from...)
	for _, t := range found {
		if onward, _ := tx.Reaches(ctx, t.DependsOn, to); onward || t.ID == to {
			return true, tx.m.fails["Reaches"]
		}
	}
	return false, errors.Join(err, tx.m.fails["Reaches"])
}

func (tx memoryTx) Imported(ctx context.Context, sources []string) (map[string]task.ID, error) {
	found := map[string]task.ID{}
	for _, source := range sources {
		id, ok := tx.m.imported[source]
		if there, _ := tx.Find(ctx, id); ok && len(there) > 0 {
			found[source] = id
		}
	}
	return found, tx.m.fails["Imported"]
}

func (tx memoryTx) SetCalendar(digest []byte, at time.Time) {
	tx.m.digest, tx.m.calendar = string(digest), task.Calendar{CreatedAt: at}
}

func (tx memoryTx) SetImported(tasks map[string]task.ID) {
	tx.m.imported = maps.Clone(tx.m.imported)
	if tx.m.imported == nil {
		tx.m.imported = map[string]task.ID{}
	}
	maps.Copy(tx.m.imported, tasks)
}

func (tx memoryTx) Insert(tasks []task.Task) { tx.m.tasks = append(tx.m.tasks, tasks...) }

func (tx memoryTx) Replace(old, new task.Task) {
	tx.m.tasks = slices.Clone(tx.m.tasks)
	tx.m.tasks[slices.IndexFunc(tx.m.tasks, func(t task.Task) bool { return t.ID == old.ID })] = new
}

func (tx memoryTx) ReplaceAll(old, new []task.Task) {
	for i := range old {
		tx.Replace(old[i], new[i])
	}
}

func (tx memoryTx) Delete(_ context.Context, s task.Selection, _ bool) (int, error) {
	before := len(tx.m.tasks)
	tx.m.tasks = slices.DeleteFunc(slices.Clone(tx.m.tasks), func(t task.Task) bool {
		return s.All || s.Completed && t.Completed() && !t.Archived() || slices.Contains(s.IDs, t.ID)
	})
	return before - len(tx.m.tasks), tx.m.fails["Delete"]
}

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// site is a service over a memory with a clock that stands still.
type site struct {
	*task.Service
	*memory
	now  time.Time
	call task.Call
}

func newSite() *site {
	s := &site{memory: &memory{fails: map[string]error{}}, now: noon.Add(123 * time.Nanosecond), call: task.Call{Owner: "alice", URL: "https://todo.example"}}
	var ids byte
	s.Service = &task.Service{
		Store:     s.memory,
		Now:       func() time.Time { return s.now },
		NewID:     func() task.ID { ids++; return id(ids) },
		NewSecret: func() string { return "SECRET" },
		Zone:      time.UTC,
		Zones:     &task.Zones{},
	}
	return s
}

func (s *site) create(t *testing.T, drafts ...task.Patch) []task.Task {
	t.Helper()
	r, err := s.Service.Create(t.Context(), s.call, drafts, true)
	if err != nil {
		t.Fatal(err)
	}
	return r.Tasks
}

func (s *site) update(t *testing.T, id task.ID, e task.Edit) (task.Task, error) {
	t.Helper()
	r, err := s.Service.Update(t.Context(), s.call, id, e)
	if err != nil {
		return task.Task{}, err
	}
	return r.Tasks[0], nil
}

func id(n byte) task.ID { return task.ID{6: 0x70, 8: 0x80, 15: n} }

func titled(title string) task.Patch { return task.Patch{Title: task.Value(title)} }

func due(t testing.TB, s string) task.Due {
	t.Helper()
	d, err := task.ParseDue(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func pointers(err error) []string {
	var list []string
	for _, f := range task.AsFaults(err) {
		list = append(list, f.Pointer)
	}
	return list
}

// failsLater is a memory that is gone when a write has looked for tasks so many
// times.
type failsLater struct {
	*memory
	after int
}

func (m *failsLater) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	return m.memory.Write(ctx, w, func(tx task.Tx) ([]byte, error) { return do(&goneTx{Tx: tx, left: m.after}) })
}

type goneTx struct {
	task.Tx
	left int
}

func (tx *goneTx) Find(ctx context.Context, ids ...task.ID) ([]task.Task, error) {
	if tx.left == 0 {
		return nil, task.ErrUnavailable
	}
	tx.left--
	return tx.Tx.Find(ctx, ids...)
}

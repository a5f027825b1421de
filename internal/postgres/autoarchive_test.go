package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

const day = 24 * time.Hour

// chooses has an owner's completed tasks archived after some days.
func (s *site) chooses(t testing.TB, owner string, days int) {
	t.Helper()
	err := s.tasks.SetSettings(t.Context(), task.Call{Owner: owner}, task.Settings{Zone: "UTC", AutoArchiveDays: days}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

func completed(title string) task.Patch {
	draft := titled(title)
	draft.Completed = task.Value(true)
	return draft
}

func TestTheSweepLooksAtAnOwnerOnlyWhenThereCanBeSomethingToArchive(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sweeper := &postgres.Sweeper{Pool: s.Pool(t, postgres.SweepRole)}
	now := time.Now()
	s.add(t, "nobody asked", completed("a"))
	s.chooses(t, "idle", 3)
	s.add(t, "busy", completed("b"))
	s.chooses(t, "busy", 2)
	due := func(when time.Time, want ...string) (found []postgres.Due) {
		t.Helper()
		owners := []string{}
		for last := (postgres.Due{}); ; {
			page, err := sweeper.AutoArchiveDue(t.Context(), when, last)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			found, last = append(found, page...), page[len(page)-1]
		}
		for _, d := range found {
			owners = append(owners, d.Owner)
		}
		if diff := cmp.Diff(want, owners); diff != "" {
			t.Errorf("due (-want +got):\n%s", diff)
		}
		return found
	}
	later := now.Add(time.Hour)
	for _, d := range due(later, "idle", "busy") {
		if err := sweeper.AutoArchived(t.Context(), now, d); err != nil {
			t.Fatal(err)
		}
	}
	due(later, []string{}...)
	due(now.Add(2*day+time.Hour), "busy")
	due(now.Add(3*day+time.Hour), "busy", "idle")
	// Settings that changed meanwhile are not put off.
	d := due(now.Add(2*day+time.Hour), "busy")[0]
	s.chooses(t, "busy", 1)
	if err := sweeper.AutoArchived(t.Context(), now, d); err != nil {
		t.Fatal(err)
	}
	due(later, "busy")
	s.chooses(t, "busy", 0)
	due(later.Add(100*day), "idle")
}

// imports adds tasks that were done, and last changed, at a moment.
func (s *site) imports(t testing.TB, owner string, at time.Time, titles ...string) {
	t.Helper()
	importer := s.tasks.Importer(task.Call{Owner: owner}, task.ImportTell{
		Result: func(int, task.ImportResult, task.ID, error) {},
		Note:   func(_ int, pointer, detail string) { t.Error(pointer, detail) },
	})
	for i, title := range titles {
		p, err := completed(title).NewTask()
		if err != nil {
			t.Fatal(err)
		}
		r := task.ImportRecord{Position: i + 1, Source: title, Name: title, Patch: p, CreatedAt: at, UpdatedAt: at, CompletedAt: at}
		if err := importer.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := importer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsImportedIsLookedAtWhenItHasStayedLongEnough(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sweeper := &postgres.Sweeper{Pool: s.Pool(t, postgres.SweepRole)}
	now := time.Now()
	s.chooses(t, "alice", 30)
	round := func(when time.Time, want int) {
		t.Helper()
		due, err := sweeper.AutoArchiveDue(t.Context(), when, postgres.Due{})
		if err != nil || len(due) != want {
			t.Errorf("after %v there are %d owners to look at, %v; want %d", when.Sub(now), len(due), err, want)
		}
		for _, d := range due {
			if err := sweeper.AutoArchived(t.Context(), now, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	round(time.Now(), 1)
	s.add(t, "alice", completed("now"))
	s.imports(t, "alice", now.Add(-29*day), "not long ago")
	s.imports(t, "bob", now.Add(-700*day), "of who keeps all")
	round(now.Add(day-time.Hour), 0)
	round(now.Add(day+time.Hour), 1)
	s.imports(t, "alice", now.Add(-700*day), "years ago", "years ago, too")
	round(now, 1)
	s.exec(t, "delete from tasks")
	s.imports(t, "alice", now.Add(-800*day), "years ago, and not archived yet")
	round(now, 1)
	round(now, 1)

	// What a write adds while the sweep waits for it is seen.
	s.exec(t, "delete from tasks")
	s.chooses(t, "alice", 30)
	due, err := sweeper.AutoArchiveDue(t.Context(), time.Now(), postgres.Due{})
	if err != nil || len(due) != 1 {
		t.Fatal(due, err)
	}
	ended := make(chan error, 1)
	err = s.store.Write(t.Context(), task.Write{Owner: "alice", At: now}, func(tx task.Tx) ([]byte, error) {
		go func() { ended <- sweeper.AutoArchived(t.Context(), now, due[0]) }()
		eventually(t, "the sweep waits for the owner", func() bool {
			return ask[bool](t, s, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`)
		})
		n := sample(now.Add(-29 * day))
		n.CompletedAt = n.UpdatedAt
		tx.Insert([]task.Task{n})
		return nil, nil
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	round(now.Add(day-time.Hour), 0)
	round(now.Add(day+time.Hour), 1)
}

func TestSweepsAtOnceArchiveEachTaskOnceAndNeverAnothersTasks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var drafts []task.Patch
	for range task.MaxAutoArchived + 20 {
		drafts = append(drafts, completed("done"))
	}
	s.add(t, "alice", drafts...)
	s.add(t, "alice", titled("open"))
	s.add(t, "bob", completed("his"))
	s.chooses(t, "alice", 1)
	s.exec(t, `update tasks set updated_at = now() - interval '2 days'`)
	_, sweep := joined(s.Pool(t, postgres.SweepRole))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				n, err := sweep.ArchiveOld(t.Context(), "alice")
				if err != nil {
					t.Error(err)
				}
				if n < task.MaxAutoArchived {
					return
				}
			}
		})
	}
	all.Wait()
	for what, want := range map[string]int{
		`select count(*)::int from tasks where state = 3 and version = 2`:                                          len(drafts),
		`select count(*)::int from tasks where state = 3 and owner_id <> 'alice'`:                                  0,
		`select count(*)::int from outbox where change = 'archived'`:                                               len(drafts),
		`select count(*)::int from changes where change = 'archived' and actor = 'auto-archive'`:                   len(drafts),
		`select archived::int from owners where owner_id = 'alice'`:                                                len(drafts),
		`select done::int from owners where owner_id = 'alice'`:                                                    0,
		`select sum(tasks)::int from tallies where owner_id = 'alice' and state = 3`:                               len(drafts),
		`select count(distinct generation)::int from changes where change = 'archived' and actor = 'auto-archive'`: 2,
	} {
		if got := ask[int](t, s, what); got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
}

func TestTheSweepSeesTheTasksOfTheOwnerItNamesAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add(t, "alice", titled("hers"))
	pool := s.Pool(t, postgres.SweepRole)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	for _, owner := range []string{"", "bob"} {
		for _, table := range []string{"owners", "tasks", "task_tags", "tallies", "time_tallies"} {
			var n int
			if _, err := tx.Exec(t.Context(), "select set_config('app.owner', $1, true)", owner); err != nil {
				t.Fatal(err)
			}
			if err := tx.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("as %q the sweep sees %d rows of %s, %v", owner, n, table, err)
			}
		}
	}
}

package task_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"todo-app/internal/task"
)

// intake takes records for a test and notes what is told of them.
type intake struct {
	t    *testing.T
	site *site
	told []string
}

func (i *intake) Result(position int, r task.ImportResult, id task.ID, why error) {
	i.told = append(i.told, fmt.Sprint(position, " ", r, because(why)))
}

func (i *intake) Note(position int, pointer, detail string) {
	i.told = append(i.told, fmt.Sprint(position, " note ", pointer, " ", detail))
}

func because(why error) string {
	switch faults := task.AsFaults(why); {
	case faults != nil:
		return fmt.Sprint(": ", pointers(why))
	case why != nil:
		return ": " + why.Error()
	}
	return ""
}

// take imports records as a file has them, positions from 1.
func (i *intake) take(records ...task.ImportRecord) []string {
	i.t.Helper()
	i.told = nil
	importer := i.site.Service.Importer(i.site.call, task.ImportTell{Result: i.Result, Note: i.Note})
	for n, r := range records {
		r.Position = n + 1
		if r.Source == "" {
			r.Source = "test:" + r.Name
		}
		if err := importer.Add(i.t.Context(), r); err != nil {
			i.t.Fatal(err)
		}
	}
	if err := importer.Close(i.t.Context()); err != nil {
		i.t.Fatal(err)
	}
	return i.told
}

func named(name string) task.ImportRecord {
	p, _ := titled(name).NewTask()
	return task.ImportRecord{Name: name, Patch: p}
}

// below returns a record under another, that depends on some.
func below(name, parent string, dependsOn ...string) task.ImportRecord {
	r := named(name)
	r.Parent, r.DependsOn = parent, dependsOn
	return r
}

func (s *site) titled(title string) task.Task {
	return s.tasks[slices.IndexFunc(s.tasks, func(t task.Task) bool { return t.Title == title })]
}

func TestARecordBecomesATaskOnceHoweverOftenItComes(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	a := named("a")
	a.CreatedAt, a.UpdatedAt = noon.Add(-time.Hour), noon.Add(-time.Minute)
	a.Patch.Completed, a.CompletedAt = task.Value(true), noon.Add(-2*time.Minute)
	a.Patch.Archived, a.ArchivedAt = task.Value(true), noon.Add(-time.Minute)
	b := named("b")
	equal(t, "told", i.take(a, b, a), []string{"1 created", "2 created", "3 skipped: was imported before"})
	got := s.titled("a")
	equal(t, "times", []time.Time{got.CreatedAt, got.UpdatedAt, got.CompletedAt, got.ArchivedAt}, []time.Time{a.CreatedAt, a.UpdatedAt, a.CompletedAt, a.ArchivedAt})
	equal(t, "times of what tells none", []time.Time{s.titled("b").CreatedAt, s.titled("b").UpdatedAt}, []time.Time{noon, noon})
	equal(t, "told again", i.take(a, b), []string{"1 skipped: was imported before", "2 skipped: was imported before"})
	s.tasks = s.tasks[1:]
	equal(t, "told when it is gone", i.take(a, b), []string{"1 created", "2 skipped: was imported before"})
	equal(t, "tasks", len(s.tasks), 2)
	equal(t, "an empty file", i.take(), nil)
}

func TestATaskOfAnOwnExportKeepsItsID(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	there := s.create(t, titled("there"))[0]
	again, gone := named("again"), named("gone")
	again.ID, gone.ID = there.ID, id(77)
	equal(t, "told", i.take(again, gone), []string{"1 skipped: is here already", "2 created"})
	equal(t, "id", s.titled("gone").ID, id(77))
}

func TestACopyOfATaskThatIsThereIsSkippedAndOneOfAStrangersIsNew(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	there := s.create(t, titled("there"))[0]
	copied, strange, child := named("copied"), named("strange"), below("child", "copied")
	copied.Own, strange.Own = there.ID, id(77)
	equal(t, "told", i.take(copied, strange, child), []string{"1 skipped: is here already", "2 created", "3 created"})
	equal(t, "what stands for the copy", s.titled("child").ParentID, there.ID)
	if s.titled("strange").ID == id(77) {
		t.Error("a stranger's id was taken over")
	}
}

func TestTimesYetToComeAreTakenForThePresent(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	r := named("a")
	r.CreatedAt, r.UpdatedAt = noon.Add(time.Hour), noon.Add(-time.Hour)
	equal(t, "told", i.take(r), []string{"1 note /created_at is yet to come: it was taken for the time of the import", "1 created"})
	equal(t, "times", []time.Time{s.tasks[0].CreatedAt, s.tasks[0].UpdatedAt}, []time.Time{noon, noon})
}

func TestRelationsOfAFileLeadToWhatItsRecordsHaveBecome(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	done := named("done")
	done.Patch.Completed = task.Value(true)
	away := named("away")
	away.Patch.Archived = task.Value(true)
	away.Patch.Category = task.Value("home")
	told := i.take(
		below("first", "away", "second", "done", "done"), // all of them are yet to come
		done, away,
		below("second", "away", "done"),
	)
	equal(t, "told", told, []string{"1 created", "2 created", "3 created", "4 created"})
	first, second := s.titled("first"), s.titled("second")
	equal(t, "parents", []task.ID{first.ParentID, second.ParentID}, []task.ID{s.titled("away").ID, s.titled("away").ID})
	equal(t, "dependencies", first.DependsOn, []task.ID{second.ID, s.titled("done").ID})
	equal(t, "open ones", []int{first.OpenDependencies, second.OpenDependencies}, []int{1, 0})
	equal(t, "the parent's category", second.Category, "home")
	equal(t, "when it was changed", first.UpdatedAt, noon)
}

func TestRelationsThatMayNotBeAreLeftAway(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	told := i.take(
		named("root"), below("child", "root"), below("grandchild", "child"),
		below("own parent", "own parent"),
		below("lost", "nobody", "nobody either"),
		below("x", "", "y"), below("y", "", "z"), below("z", "", "x"),
		below("same", "", "same"),
	)
	created := 0
	told = slices.DeleteFunc(told, func(s string) bool {
		plain := len(s) == len("1 created")
		if plain {
			created++
		}
		return plain
	})
	equal(t, "created", created, 9)
	equal(t, "noted", told, []string{
		"3 note /parent_id is not carried over: it names a subtask, and subtasks have none of their own",
		"4 note /parent_id is not carried over: it must not be the task itself",
		"5 note /parent_id is not carried over: what it names is no record of the file, or one that was refused",
		"5 note /depends_on is not carried over: what it names is no record of the file, or one that was refused",
		"7 note /depends_on is not carried over: the dependencies would form a cycle: one of them already depends on this task",
	})
}

func TestARecordThatMayBeNoTaskIsRefusedAndTheOthersAreTaken(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	undated := named("undated")
	undated.Patch.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value("daily")})
	undated.Name = "twice"
	other := named("other")
	other.Name = "twice"
	child := below("child", "twice")
	equal(t, "told", i.take(undated, other, child), []string{"1 refused: [/recurrence]", "2 created", "3 created"})
	equal(t, "parent", s.titled("child").ParentID, s.titled("other").ID)
}

func TestOfTwoRecordsWithOneNameTheFirstHasIt(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	first, second := named("first"), named("second")
	first.Name, second.Name, second.Source = "same", "same", "test:second"
	i.take(first, second, below("child", "same"))
	equal(t, "parent", s.titled("child").ParentID, s.titled("first").ID)
}

func TestRelationsThatAnImportLeftWhenItBrokeOffAreSetByTheNext(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	records := []task.ImportRecord{below("a", "b", "c"), named("b"), named("c")}
	importer := s.Service.Importer(s.call, task.ImportTell{Result: i.Result, Note: i.Note})
	for _, r := range records {
		r.Source = "test:" + r.Name
		if err := importer.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := importer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "before", s.titled("a").ParentID, task.ID{})
	i.take(records...)
	a := s.titled("a")
	equal(t, "after", []task.ID{a.ParentID, a.DependsOn[0]}, []task.ID{s.titled("b").ID, s.titled("c").ID})
	wrote := a.Version
	i.take(records...)
	equal(t, "and left alone then", s.titled("a").Version, wrote)

	// Who has changed it meanwhile wants it so.
	s.tasks = nil
	importer = s.Service.Importer(s.call, task.ImportTell{Result: i.Result, Note: i.Note})
	for _, r := range records {
		r.Source = "test:" + r.Name
		if err := importer.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := importer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.update(t, s.titled("a").ID, task.Edit{Patch: titled("a")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.update(t, s.titled("a").ID, task.Edit{Patch: task.Patch{Priority: task.Value(task.High)}}); err != nil {
		t.Fatal(err)
	}
	i.take(records...)
	equal(t, "changed meanwhile", s.titled("a").ParentID, task.ID{})
}

func TestAFileOfManyRecordsIsTakenInChunks(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	var records []task.ImportRecord
	for n := range 450 {
		records = append(records, below(fmt.Sprint(n), "", fmt.Sprint(n+1)))
	}
	ids := 0
	s.Service.NewID = func() task.ID { ids++; return task.ID{6: 0x70, 8: 0x80, 14: byte(ids >> 8), 15: byte(ids)} }
	i.take(records...)
	equal(t, "writes", len(s.wrote), 3+3)
	equal(t, "linked", s.titled("7").DependsOn, []task.ID{s.titled("8").ID})
	long := named("long")
	long.Patch.Description = task.Value(string(make([]byte, 300_000)))
	s.wrote = nil
	i.take(long, below("long too", ""), long, named("short"))
	equal(t, "writes of long ones", len(s.wrote), 2)
}

func TestAFileMayNotHaveEndlesslyManyRecords(t *testing.T) {
	s := newSite()
	noted := 0
	importer := s.Service.Importer(s.call, task.ImportTell{
		Result: func(int, task.ImportResult, task.ID, error) {}, Note: func(int, string, string) { noted++ },
	})
	r := named("same")
	r.Source, r.DependsOn = "test:same", []string{"later", "still later", "last"}
	var err error
	for n := 0; err == nil && n <= task.MaxImport; n++ {
		err = importer.Add(t.Context(), r)
	}
	if !errors.Is(err, task.ErrImportTooLong) {
		t.Error(err)
	}
	if noted == 0 {
		t.Error("more relations to later records are kept than there is room for")
	}
}

func TestAnImportEndsWithWhatKeepsItFromWriting(t *testing.T) {
	away := errors.New("away")
	for _, method := range []string{"Imported", "Find"} {
		s := newSite()
		s.fails[method] = away
		i := &intake{t: t, site: s}
		importer := s.Service.Importer(s.call, task.ImportTell{Result: i.Result, Note: i.Note})
		r := named("a")
		r.ID = id(7)
		if err := importer.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := importer.Close(t.Context()); !errors.Is(err, away) || len(i.told) > 0 || len(s.tasks) > 0 {
			t.Error(method, err, i.told)
		}
	}
	for _, method := range []string{"Find", "Reaches"} { // when it comes to later records
		s := newSite()
		i := &intake{t: t, site: s}
		importer := s.Service.Importer(s.call, task.ImportTell{Result: i.Result, Note: i.Note})
		for _, r := range []task.ImportRecord{below("a", "", "b"), named("b")} {
			r.Source = r.Name
			if err := importer.Add(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if err := importer.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.fails[method] = away
		if err := importer.Close(t.Context()); !errors.Is(err, away) {
			t.Error(method, err)
		}
	}
}

// unsure is a memory whose commits are not known to have happened.
type unsure struct {
	*memory
	times int
}

func (m *unsure) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	err := m.memory.Write(ctx, w, do)
	if m.times--; m.times >= 0 && err == nil {
		err = task.ErrUnknownOutcome
	}
	return err
}

func TestAChunkOfUnknownOutcomeIsTakenAgain(t *testing.T) {
	s := newSite()
	s.Service.Store = &unsure{s.memory, 2}
	i := &intake{t: t, site: s}
	equal(t, "told", i.take(named("a")), []string{"1 skipped: was imported before"})
	equal(t, "tasks", len(s.tasks), 1)
	s.Service.Store = &unsure{s.memory, 3}
	importer := s.Service.Importer(s.call, task.ImportTell{Result: i.Result, Note: i.Note})
	if err := importer.Add(t.Context(), named("b")); err != nil {
		t.Fatal(err)
	}
	if err := importer.Flush(t.Context()); !errors.Is(err, task.ErrUnknownOutcome) {
		t.Error(err)
	}
}

func TestATaskDeletedWhileItsRelationsArePendingStaysSo(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	importer := s.Service.Importer(s.call, task.ImportTell{Result: i.Result, Note: i.Note})
	for _, r := range []task.ImportRecord{below("a", "c"), below("b", "", "c"), named("c")} {
		r.Source = r.Name
		if err := importer.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := importer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.tasks = []task.Task{s.titled("b")}
	if err := importer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "what is left", len(s.tasks), 1)
	equal(t, "its version", s.tasks[0].Version, 1)
}

func TestSettingsOfAFileAreTheOwnersWhoHasChosenNone(t *testing.T) {
	s := newSite()
	for _, c := range []struct{ chosen, file, adopted task.Settings }{
		{task.Settings{}, task.Settings{Zone: "Asia/Tokyo", AutoArchiveDays: 7}, task.Settings{Zone: "Asia/Tokyo", AutoArchiveDays: 7}},
		{task.Settings{Zone: "Asia/Tokyo"}, task.Settings{Zone: "Europe/Berlin", AutoArchiveDays: 7}, task.Settings{AutoArchiveDays: 7}},
		{task.Settings{AutoArchiveDays: 3}, task.Settings{Zone: "Europe/Berlin", AutoArchiveDays: 7}, task.Settings{Zone: "Europe/Berlin"}},
		{task.Settings{}, task.Settings{AutoArchiveDays: 7}, task.Settings{AutoArchiveDays: 7}},
	} {
		s.owner.Zone, s.owner.AutoArchiveDays = c.chosen.Zone, c.chosen.AutoArchiveDays
		adopted, err := s.Service.AdoptSettings(t.Context(), s.call, c.file)
		if adopted != c.adopted || err != nil {
			t.Errorf("%+v over %+v: %+v, %v", c.file, c.chosen, adopted, err)
		}
	}
	_, err := s.Service.AdoptSettings(t.Context(), s.call, task.Settings{Zone: "Nowhere", AutoArchiveDays: -1})
	equal(t, "faults", pointers(err), []string{"/time_zone", "/auto_archive_days"})
}

func TestATemplateOfAFileIsKeptUnlessThereIsOneOfItsName(t *testing.T) {
	s := newSite()
	now := s.now.Truncate(time.Microsecond)
	then, ahead := now.Add(-time.Hour), now.Add(time.Hour)
	from := task.ImportTemplate{TemplateDraft: packing, CreatedAt: then, UpdatedAt: ahead}
	for _, there := range []bool{false, true} {
		skipped, err := s.Service.AdoptTemplate(t.Context(), s.call, from, inDays)
		if (skipped != nil) != there || err != nil {
			t.Error(skipped, err)
		}
	}
	kept, err := s.Service.Template(t.Context(), s.call, "packing")
	equal(t, "error", err, nil)
	equal(t, "times", []time.Time{kept.CreatedAt, kept.UpdatedAt}, []time.Time{then, now})
	equal(t, "due", kept.Due, packing.Due)
	from.Name, from.CreatedAt, from.UpdatedAt = "backwards", then, then.Add(-time.Hour)
	if _, err := s.Service.AdoptTemplate(t.Context(), s.call, from, inDays); err != nil {
		t.Error(err)
	}
	kept, err = s.Service.Template(t.Context(), s.call, "backwards")
	equal(t, "times that go backwards", []any{kept.CreatedAt, kept.UpdatedAt, err}, []any{then, then, nil})

	_, err = s.Service.AdoptTemplate(t.Context(), s.call, task.ImportTemplate{TemplateDraft: task.TemplateDraft{Name: ".", Due: "soon"}}, inDays)
	equal(t, "faults", pointers(err), []string{"/title", "/due", "/name"})
	s.fails["Template"] = errors.New("broken")
	from.Name = "other"
	if _, err := s.Service.AdoptTemplate(t.Context(), s.call, from, inDays); !errors.Is(err, s.fails["Template"]) {
		t.Error(err)
	}
	delete(s.fails, "Template")
	s.sketches = make([]task.Template, task.MaxTemplates)
	var full *task.Conflict
	if _, err := s.Service.AdoptTemplate(t.Context(), s.call, from, inDays); !errors.As(err, &full) {
		t.Error(err)
	}
}

func TestATaskWhoseRuleCannotBeFollowedIsTakenWithoutIt(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	p := titled("never")
	p.Due, p.Recurrence = task.Value(task.Due{At: noon}), task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")})
	p, err := p.NewTask()
	if err != nil {
		t.Fatal(err)
	}
	r := task.ImportRecord{Name: "never", Patch: p, Pointers: map[string]string{"/recurrence/rule": "/RRULE"}}
	equal(t, "told", i.take(r), []string{"1 note /RRULE is not carried over: it gives no date after the due", "1 created"})
	equal(t, "rule", s.titled("never").Recurrence, task.Recurrence{})
	equal(t, "due", s.titled("never").Due, task.Due{At: noon})
}

// Rules that take long to follow keep an owner's others waiting: after some of
// them in a chunk the others are refused, to be sent again.
func TestOfManyRulesThatTakeLongSomeAreLeftForLater(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	var records []task.ImportRecord
	for n := range 30 {
		r := named(fmt.Sprint(n))
		r.Patch.Due = task.Value(due(t, "2026-03-10T10:00:01Z"))
		r.Patch.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=SECONDLY;INTERVAL=9973;BYMONTH=2;BYMONTHDAY=29;BYHOUR=0;BYMINUTE=0;BYSECOND=0")})
		r.Pointers = map[string]string{"/recurrence/rule": "/RRULE"}
		records = append(records, r)
	}
	told := i.take(records...)
	equal(t, "the first", told[:2], []string{"1 note /RRULE is not carried over: it gives no date after the due", "1 created"})
	equal(t, "the last", told[len(told)-1], "30 refused: [/RRULE]")
}

// What follows a task that is done is looked for among the file's and the
// owner's own: a file that names another's, or none, is not believed.
func TestWhatFollowsATaskIsOneOfTheFileOrOfTheOwner(t *testing.T) {
	s := newSite()
	i := &intake{t: t, site: s}
	there := s.create(t, titled("there"))[0]
	next := func(name string, own, next task.ID) task.ImportRecord {
		r := named(name)
		r.ID, r.NextID, r.Name = own, next, own.String()
		return r
	}
	told := i.take(next("before", id(71), task.ID{}), next("a", id(72), id(71)), next("b", id(73), there.ID), next("c", id(74), id(78)),
		next("d", id(75), id(99)), next("e", id(76), id(76)), next("f", id(77), id(78)), next("after", id(78), task.ID{}))
	equal(t, "told", told, []string{
		"1 created", "2 created", "3 created", "4 created", "5 created",
		"6 note /next_id is not carried over: it is the task itself", "6 created", "7 created", "8 created",
		"5 note /next_id is not carried over: what it names is no record of the file, or one that was refused",
	})
	got := map[string]task.ID{}
	for _, each := range s.tasks {
		got[each.Title] = each.NextID
	}
	equal(t, "what follows", got, map[string]task.ID{
		"there": {}, "before": {}, "a": id(71), "b": there.ID, "c": id(78), "d": {}, "e": {}, "f": id(78), "after": {},
	})
	equal(t, "what was as the file had it", s.titled("c").Version, int64(1))
}

func TestASeriesGoesOnWhereTheFileHasIt(t *testing.T) {
	day := func(s string) task.Due {
		d, err := task.ParseDue(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for name, c := range map[string]struct {
		anchor, occurrence string
		kept               bool
	}{
		"one moved":          {"2026-03-02", "2026-03-16", true},
		"of another kind":    {"2026-03-02", "2026-03-16T09:00:00Z", false},
		"before it begins":   {"2026-03-02", "2026-02-23", false},
		"without occurrence": {"2026-03-02", "", false},
		"that has ended":     {"2027-03-02", "2027-03-09", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			i := &intake{t: t, site: s}
			p := titled("again")
			p.Due, p.Recurrence = task.Value(day("2026-03-17")), task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=WEEKLY;UNTIL=20261231")})
			p, err := p.NewTask()
			if err != nil {
				t.Fatal(err)
			}
			r := task.ImportRecord{Name: "again", Patch: p, Anchor: day(c.anchor)}
			if c.occurrence != "" {
				r.Occurrence = day(c.occurrence)
			}
			told := i.take(r)
			got, anchor, occurrence := s.titled("again"), day("2026-03-17"), day("2026-03-17")
			if c.kept {
				anchor, occurrence = r.Anchor, r.Occurrence
			}
			equal(t, "anchor", got.Anchor, anchor)
			equal(t, "occurrence", got.Occurrence, occurrence)
			equal(t, "notes", len(told) == 1, c.kept)
		})
	}
}

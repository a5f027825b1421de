package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// morning is when the clocks of these tests begin.
var morning = time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)

// at sets the clock of the site's writes.
func (s *site) at(now time.Time) { s.tasks.Now = func() time.Time { return now } }

func (s *site) sweeper(pool *pgxpool.Pool) *postgres.Sweeper {
	zones := &task.Zones{}
	return &postgres.Sweeper{Pool: pool, Nonce: rand.Int64, Zone: func(o task.Owner) *time.Location { return zones.Of(o, time.UTC) }}
}

// remind sweeps at a moment.
func (s *site) remind(t testing.TB, now time.Time) int {
	t.Helper()
	n, err := s.sweeper(s.Pool(t, postgres.SweepRole)).Remind(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// alarms lists what is kept, in order.
func (s *site) alarms(t testing.TB) []string {
	t.Helper()
	return asks(t, s, `
		select to_char(r.at at time zone 'UTC', 'DD HH24:MI') || ' ' || r.reminder || coalesce(' ' || t.title, '')
		from reminders r
		left join tasks t on t.owner_id = r.owner_id and t.id = r.task_id
		order by r.at, r.reminder, t.title`)
}

// fired lists the events of reminders, in the order of delivery.
func (s *site) fired(t testing.TB) []string {
	t.Helper()
	return asks(t, s, `select owner_id || ' ' || (task->>'title') || ' ' || (task->>'reminder') from outbox where change = 'reminded' order by owner_id, generation, seq`)
}

func same(t rapid.TB, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), append([]string{}, got...)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// reminding is a draft with a due and reminders.
func reminding(title, due string, reminders ...task.Reminder) task.Patch {
	p := titled(title)
	p.Reminders = task.Value(reminders)
	if due != "" {
		d, err := task.ParseDue(due)
		if err != nil {
			panic(err) // a test says what is no due
		}
		p.Due = task.Value(d)
	}
	return p
}

func (s *site) change(t testing.TB, owner string, id task.ID, p task.Patch) task.Task {
	t.Helper()
	r, err := s.tasks.Update(t.Context(), task.Call{Owner: owner}, id, task.Edit{Patch: p})
	if err != nil {
		t.Fatal(err)
	}
	return r.Tasks[0]
}

func TestAlarmsAreKeptByWhatIsWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	x := s.add(t, "alice", reminding("x", "2026-03-10T12:00:00Z", "-PT30M", "-P1D", "PT0S", "2026-03-10T09:00:00Z", "2026-03-09T09:00:00Z"), reminding("asleep", "", "-PT5M"))[0]
	all := []string{"10 09:00 2026-03-10T09:00:00Z x", "10 11:30 -PT30M x", "10 12:00 PT0S x"}
	same(t, "after a create", s.alarms(t), all...)
	kept := ask[string](t, s, `select min(xmin::text) from reminders`)
	s.change(t, "alice", x.ID, titled("x"))
	s.change(t, "alice", x.ID, task.Patch{Description: task.Value("new"), Reminders: task.Value(append(x.Reminders, "-PT1M"))})
	same(t, "after another reminder", s.alarms(t), all[0], all[1], "10 11:59 -PT1M x", all[2])
	if again := ask[string](t, s, `select min(xmin::text) from reminders where reminder <> '-PT1M'`); again != kept {
		t.Error("alarms that stayed were written anew")
	}
	x = s.change(t, "alice", x.ID, task.Patch{Due: task.Value(task.Due{At: morning.Add(48 * time.Hour)}), Reminders: task.Value(x.Reminders[:4])})
	moved := []string{all[0], "11 08:00 -P1D x", "12 07:30 -PT30M x", "12 08:00 PT0S x"}
	same(t, "after another due", s.alarms(t), moved...)
	for _, away := range []task.Patch{{Completed: task.Value(true)}, {Archived: task.Value(true)}} {
		s.change(t, "alice", x.ID, away)
		same(t, "of a task that is done or away", s.alarms(t))
		s.change(t, "alice", x.ID, task.Patch{Completed: task.Value(false), Archived: task.Value(false)})
		same(t, "of a task that is back", s.alarms(t), moved...)
	}
	s.change(t, "alice", x.ID, task.Patch{Due: task.Null[task.Due]()})
	same(t, "without a due", s.alarms(t), all[0])
	if _, err := s.tasks.Delete(t.Context(), task.Call{Owner: "alice"}, x.ID, false, nil); err != nil {
		t.Fatal(err)
	}
	same(t, "of a task that is gone", s.alarms(t))
}

func TestARecurringTaskRemindsOfItsNextOccurrence(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	draft := reminding("x", "2026-03-10", "-PT15H", "PT9H")
	draft.Reminders.Value = []task.Reminder{"-PT15H", "PT0S"}
	draft.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value("weekly")})
	x := s.add(t, "alice", draft)[0]
	same(t, "of a day that has begun", s.alarms(t))
	if _, err := s.tasks.Complete(t.Context(), task.Call{Owner: "alice"}, x.ID, task.Edit{}); err != nil {
		t.Fatal(err)
	}
	same(t, "of the next", s.alarms(t), "16 09:00 -PT15H x", "17 00:00 PT0S x")
}

func TestAReminderIsFiredWhenItsMomentHasComeAndOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	x := s.add(t, "alice", reminding("x", "2026-03-10T09:00:00Z", "-PT30M", "PT0S"))[0]
	s.add(t, "bob", reminding("y", "2026-03-10T08:30:00Z", "PT0S"))
	before := ask[int64](t, s, `select generation from owners where owner_id = 'alice'`)
	half := morning.Add(30 * time.Minute)
	if n := s.remind(t, half.Add(-time.Microsecond)); n != 0 {
		t.Errorf("%d came early", n)
	}
	if n := s.remind(t, half); n != 2 {
		t.Errorf("%d came in time", n)
	}
	same(t, "fired", s.fired(t), "alice x -PT30M", "bob y PT0S")
	same(t, "left", s.alarms(t), "10 09:00 PT0S x")
	if n := s.remind(t, half.Add(time.Minute)); n != 0 {
		t.Errorf("%d came again", n)
	}
	s.change(t, "alice", x.ID, titled("x, later")) // what was fired does not come back
	s.at(half.Add(2 * time.Minute))
	s.change(t, "alice", x.ID, task.Patch{Completed: task.Value(true)})
	s.change(t, "alice", x.ID, task.Patch{Completed: task.Value(false)})
	same(t, "after a change", s.alarms(t), "10 09:00 PT0S x, later")

	changes, err := s.store.Changes(t.Context(), "alice", task.Place{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range changes.Records {
		told = append(told, fmt.Sprint(r.Change, " by ", r.Actor, " at ", r.Place.Generation-before, " ", r.Task.Title))
	}
	same(t, "the feed", told, "created by alice at 0 x", "reminded by reminder at 1 x", "updated by alice at 2 x, later",
		"completed by alice at 3 x, later", "reopened by alice at 4 x, later")
	if r := changes.Records[1]; !r.At.Equal(half) || r.Task.Version != 1 || len(r.Task.Reminders) != 2 || r.Task.Title != r.Before.Title {
		t.Errorf("the record is %+v", r)
	}
	outbox, _ := s.outboxes(t)
	events := claim(t, outbox, "alice", 10).Events
	if e := events[1]; e.Change != task.Reminded || e.Reminder != "-PT30M" || e.Task.ID != x.ID || !e.At.Equal(half) {
		t.Errorf("the event is %+v", e)
	}
}

func TestALateSweepFiresAllThatWasDueInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	var drafts []task.Patch
	var want []string
	for i := range 700 { // more than one transaction takes
		drafts = append(drafts, reminding(fmt.Sprintf("%03d", i), morning.Add(time.Duration(i+1)*time.Second).Format(time.RFC3339), "PT0S"))
		want = append(want, fmt.Sprintf("alice %03d PT0S", i))
	}
	s.add(t, "alice", drafts...)
	if n := s.remind(t, morning.Add(72*time.Hour)); n != 700 {
		t.Errorf("fired %d", n)
	}
	same(t, "fired", s.fired(t), want...)
}

func TestHoweverManySweepAtOnceAndAreCutOffEachReminderIsFiredOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	var want []string
	const owners, tasks = 6, 60
	for o := range owners {
		owner := fmt.Sprint("owner", o)
		var drafts []task.Patch
		for i := range tasks {
			drafts = append(drafts, reminding(fmt.Sprintf("%02d", i), "2026-03-10T09:00:00Z", "PT0S", "-PT1M"))
			want = append(want, fmt.Sprintf("%s %02d -PT1M", owner, i), fmt.Sprintf("%s %02d PT0S", owner, i))
		}
		s.add(t, owner, drafts...)
	}
	stop := make(chan struct{})
	var meddling, sweeping sync.WaitGroup
	meddling.Go(func() { // whatever they are at, some connection of theirs ends
		for {
			select {
			case <-stop:
				return
			default:
				s.admin.Exec(context.Background(), `select pg_terminate_backend(pid) from (
					select pid from pg_stat_activity where datname = current_database() and usename = 'todo_sweep' order by random() limit 1) one`)
			}
		}
	})
	var cut atomic.Int64
	for range 5 {
		sweeper := s.sweeper(s.Pool(t, postgres.SweepRole))
		sweeping.Go(func() {
			for n := range 12 {
				if _, err := sweeper.Remind(context.Background(), morning.Add(time.Duration(n)*10*time.Minute)); err != nil {
					cut.Add(1)
				}
			}
		})
	}
	sweeping.Wait()
	close(stop)
	meddling.Wait()
	s.remind(t, morning.Add(2*time.Hour))
	got := s.fired(t)
	slices.Sort(got)
	slices.Sort(want)
	same(t, "fired", got, want...)
	same(t, "left", s.alarms(t))
	t.Logf("%d of 60 sweeps were cut off", cut.Load())
	if n := ask[int64](t, s, `select count(*) from changes where change = 'reminded'`); n != owners*tasks*2 {
		t.Errorf("%d records for %d reminders", n, owners*tasks*2)
	}
}

func TestOfSweepsThatFindTheSameReminderOneFiresIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sweeper := s.sweeper(s.Pool(t, postgres.SweepRole))
	for round := range 30 {
		now := morning.Add(time.Duration(round) * time.Hour)
		s.at(now)
		s.add(t, "alice", reminding("x", now.Add(time.Minute).Format(time.RFC3339), "PT0S", "-PT30S"))
		var sweeping sync.WaitGroup
		var fired atomic.Int64
		begin := make(chan struct{})
		for range 4 {
			sweeping.Go(func() {
				<-begin
				n, err := sweeper.Remind(context.Background(), now.Add(time.Minute))
				fired.Add(int64(n))
				if err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		sweeping.Wait()
		if n := fired.Load(); n != 2 {
			t.Fatalf("round %d: fired %d", round, n)
		}
	}
	if n := len(s.fired(t)); n != 60 {
		t.Errorf("%d events", n)
	}
}

func TestWholeDaysBeginWhereTheOwnerLives(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	s.add(t, "alice", reminding("x", "2026-03-12", "-PT1H"), reminding("y", "2026-03-12T12:00:00Z", "-PT1H"))
	same(t, "by default", s.alarms(t), "11 23:00 -PT1H x", "12 11:00 -PT1H y")
	if err := s.tasks.SetSettings(t.Context(), task.Call{Owner: "alice"}, task.Settings{Zone: "Asia/Tokyo"}, nil); err != nil {
		t.Fatal(err)
	}
	if n := s.remind(t, morning); n != 0 {
		t.Errorf("fired %d by moving", n)
	}
	if n := s.remind(t, time.Date(2026, 3, 11, 14, 0, 0, 0, time.UTC)); n != 1 { // midnight in Tokyo is at 15:00
		t.Errorf("fired %d an hour before midnight in Tokyo", n)
	}
	if n := s.remind(t, time.Date(2026, 3, 12, 10, 0, 0, 0, time.UTC)); n != 0 {
		t.Errorf("fired %d an hour before midnight of before", n)
	}
	same(t, "left", s.alarms(t), "12 11:00 -PT1H y")
	s.add(t, "alice", reminding("z", "2026-03-13", "PT0S"))
	same(t, "by the new zone", s.alarms(t), "12 11:00 -PT1H y", "12 15:00 PT0S z")
}

func TestAZoneThatWaitsForASweepBringsNothingBackThatItFired(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	s.add(t, "alice", reminding("x", "2026-03-10T09:00:00Z", "PT0S"))
	nine := morning.Add(time.Hour)
	fired := s.remind(t, nine)
	s.at(nine.Add(-50 * time.Millisecond))
	free := s.lockOwner(t)
	begun, ended := time.Now(), make(chan error, 1)
	go func() {
		ended <- s.tasks.SetSettings(t.Context(), task.Call{Owner: "alice"}, task.Settings{Zone: "Asia/Tokyo"}, nil)
	}()
	eventually(t, "it waits until after nine", func() bool {
		return ask[bool](t, s, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`) &&
			time.Since(begun) > 60*time.Millisecond
	})
	free()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if again := s.remind(t, nine.Add(time.Minute)); fired != 1 || again != 0 {
		t.Errorf("fired %d, and then %d", fired, again)
	}
}

func TestWhatBuildsBeforeWroteRemindsToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	x := s.add(t, "alice", reminding("x", "2026-03-10T12:00:00Z", "-PT30M"))[0]
	y := s.add(t, "alice", reminding("y", "2026-03-10T12:00:00Z", "-PT30M"))[0]
	// They change tasks and leave the table alone.
	now := time.Now()
	s.exec(t, `update tasks set due_at = $2 where id = $1`, [16]byte(x.ID), now.Add(time.Hour))
	s.exec(t, `update tasks set completed_at = $2 where id = $1`, [16]byte(y.ID), now)
	if n := s.remind(t, now.Add(time.Minute)); n != 0 {
		t.Errorf("fired %d of what has changed since", n)
	}
	if n := s.remind(t, now.Add(30*time.Minute)); n != 1 {
		t.Errorf("fired %d", n)
	}
	same(t, "fired", s.fired(t), "alice x -PT30M")
	same(t, "left", s.alarms(t))
	s.exec(t, `insert into reminders (owner_id, task_id, at, reminder) values ('alice', gen_random_uuid(), now(), '-PT30M')`)
	if n := s.remind(t, now.Add(time.Hour)); n != 0 {
		t.Errorf("fired %d of a task that is gone", n)
	}
	same(t, "left", s.alarms(t))
}

func TestAnOwnerWhoIsBusyKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(morning)
	for _, owner := range []string{"alice", "bob", "carol"} {
		s.add(t, owner, reminding("x", "2026-03-10T09:00:00Z", "PT0S"))
	}
	enough := errors.New("enough")
	s.tasks.Store.Write(t.Context(), task.Write{Owner: "alice", At: morning}, func(task.Tx) ([]byte, error) {
		if n := s.remind(t, morning.Add(time.Hour)); n != 2 {
			t.Errorf("fired %d while one was busy", n)
		}
		return nil, enough
	})
	s.exec(t, `update reminders set owner_id = 'nobody'`)
	if _, err := s.sweeper(s.Pool(t, postgres.SweepRole)).Remind(t.Context(), morning.Add(time.Hour)); err == nil {
		t.Error("an owner without a row is no error")
	}
	s.exec(t, `update reminders set owner_id = 'alice'`)
	if n := s.remind(t, morning.Add(time.Hour)); n != 1 {
		t.Errorf("fired %d afterwards", n)
	}
}

func TestWhateverIsWrittenAndWhenEachReminderIsFiredOnceAndThoseToComeAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sweeper, owners := s.sweeper(s.Pool(t, postgres.SweepRole)), 0
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		owners++
		o := &reminded{site: s, t: outer, call: task.Call{Owner: fmt.Sprint("owner", owners)}, sweeper: sweeper, now: morning, zone: time.UTC}
		s.tasks.Now = func() time.Time { return o.now }
		t.Repeat(map[string]func(*rapid.T){
			"create": o.create, "change": o.change, "delete": o.remove, "move": o.move, "wait": o.wait, "": o.check,
		})
	})
}

// reminded is an owner, and what is known of the tasks.
type reminded struct {
	*site
	t       testing.TB // of looking
	call    task.Call
	sweeper *postgres.Sweeper
	now     time.Time
	zone    *time.Location
	known   []task.Task
	due     int // reminders that have come due so far
}

var (
	drawnDue       = rapid.SampledFrom([]string{"2026-03-10", "2026-03-11", "2026-03-12", "2026-03-10T08:00:00Z", "2026-03-10T20:00:00Z", "2026-03-29T01:30:00Z"})
	drawnReminders = rapid.SliceOfN(rapid.SampledFrom([]task.Reminder{"PT0S", "-PT30M", "-P1D", "-PT24H", "-P1W", "2026-03-10T14:00:00Z"}), 0, 4)
)

func (o *reminded) create(t *rapid.T) {
	p := reminding("x", drawnDue.Draw(t, "due"), drawnReminders.Draw(t, "reminders")...)
	if rapid.Bool().Draw(t, "repeats") {
		p.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=DAILY;COUNT=3")})
	}
	r, err := o.tasks.Create(t.Context(), o.call, []task.Patch{p}, false)
	if err != nil {
		t.Fatal(err)
	}
	o.known = append(o.known, r.Tasks...)
}

func (o *reminded) pick(t *rapid.T) int {
	if len(o.known) == 0 {
		t.Skip("there are no tasks")
	}
	return rapid.IntRange(0, len(o.known)-1).Draw(t, "which")
}

func (o *reminded) change(t *rapid.T) {
	i := o.pick(t)
	p := rapid.SampledFrom([]task.Patch{
		titled("y"), {Completed: task.Value(true)}, {Completed: task.Value(false)}, {Archived: task.Value(true)}, {Archived: task.Value(false)},
		{Due: reminding("", drawnDue.Draw(t, "due")).Due}, {Reminders: task.Value(drawnReminders.Draw(t, "reminders"))},
	}).Draw(t, "patch")
	r, err := o.tasks.Update(t.Context(), o.call, o.known[i].ID, task.Edit{Patch: p})
	if err != nil {
		t.Fatal(err)
	}
	o.known[i] = r.Tasks[0]
	for _, next := range r.Tasks[1:] {
		if !slices.ContainsFunc(o.known, func(k task.Task) bool { return k.ID == next.ID }) {
			o.known = append(o.known, next)
		}
	}
}

func (o *reminded) remove(t *rapid.T) {
	i := o.pick(t)
	if _, err := o.tasks.Delete(t.Context(), o.call, o.known[i].ID, false, nil); err != nil {
		t.Fatal(err)
	}
	o.known = slices.Delete(o.known, i, i+1)
}

func (o *reminded) move(t *rapid.T) {
	name := rapid.SampledFrom([]string{"UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin"}).Draw(t, "zone")
	if err := o.tasks.SetSettings(t.Context(), o.call, task.Settings{Zone: name}, nil); err != nil {
		t.Fatal(err)
	}
	o.zone, _ = time.LoadLocation(name)
}

func (o *reminded) wait(t *rapid.T) {
	from := o.now
	o.now = from.Add(time.Duration(rapid.IntRange(1, 36*60).Draw(t, "minutes")) * time.Minute)
	o.due += len(o.alarms(func(at time.Time) bool { return at.After(from) && !at.After(o.now) }))
}

// alarms lists those of the known tasks whose moment is as wanted.
func (o *reminded) alarms(wanted func(time.Time) bool) []string {
	list := []string{}
	for _, k := range o.known {
		for _, a := range k.Alarms(o.zone) {
			if wanted(a.At) {
				list = append(list, fmt.Sprint(k.ID, " ", a.At.Unix(), " ", a.Reminder))
			}
		}
	}
	slices.Sort(list)
	return list
}

func (o *reminded) check(t *rapid.T) {
	// All that is due is so at a whole minute; what a move asks for, when that had the lock.
	if _, err := o.sweeper.Remind(t.Context(), o.now.Add(30*time.Second)); err != nil {
		t.Fatal(err)
	}
	left := asks(o.t, o.site, `select task_id || ' ' || extract(epoch from at)::bigint || ' ' || reminder from reminders where owner_id = $1`, o.call.Owner)
	slices.Sort(left)
	same(t, "left", left, o.alarms(func(at time.Time) bool { return at.After(o.now) })...)
	if n := ask[int](o.t, o.site, `select count(*)::int from outbox where owner_id = $1 and change = 'reminded'`, o.call.Owner); n != o.due {
		t.Errorf("%d were fired, %d have come due", n, o.due)
	}
}

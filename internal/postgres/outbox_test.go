package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/event"
	"todo-app/internal/postgres"
	"todo-app/internal/scaling"
	"todo-app/internal/task"
)

// outboxes returns the outbox as functions and as the sweep see it.
func (s *site) outboxes(t testing.TB) (app, sweep *postgres.Outbox) {
	return &postgres.Outbox{Pool: s.pool, NewID: freshID}, &postgres.Outbox{Pool: s.Pool(t, postgres.SweepRole), NewID: freshID}
}

func claim(t testing.TB, o *postgres.Outbox, owner string, most int) task.Claim {
	t.Helper()
	c, ok, err := o.Claim(t.Context(), owner, most, time.Minute)
	if err != nil || !ok {
		t.Fatalf("claiming of %q: %v, %v", owner, ok, err)
	}
	return c
}

func changes(c task.Claim) []string {
	var list []string
	for _, e := range c.Events {
		list = append(list, string(e.Change)+" "+e.Task.Title)
	}
	return list
}

func TestEventsLieInTheOrderOfTheCommitsAndTellEveryChangeOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app, sweep := s.outboxes(t)
	call := task.Call{Owner: "alice", Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	first := s.add(t, "alice", titled("a"), titled("b"))
	b := first[1]
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.tasks.Update(t.Context(), call, b.ID, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{first[0].ID})}}))
	must(s.tasks.Update(t.Context(), call, b.ID, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{first[0].ID})}})) // nothing
	must(s.tasks.Complete(t.Context(), call, first[0].ID, task.Edit{}))
	must(s.tasks.Reopen(t.Context(), call, first[0].ID, task.Edit{}))
	must(s.tasks.Update(t.Context(), call, first[0].ID, task.Edit{Patch: task.Patch{Archived: task.Value(true)}}))
	must(s.tasks.Delete(t.Context(), call, first[0].ID, false, nil))
	want := []string{"created a", "created b", "updated b", "completed a", "reopened a", "archived a", "updated b", "deleted a"}
	c := claim(t, app, "alice", 100)
	if diff := cmp.Diff(want, changes(c)); diff != "" {
		t.Error(diff)
	}
	generations := make([]int64, len(c.Events))
	ids := map[task.ID]bool{}
	for i, e := range c.Events {
		generations[i] = e.Generation
		ids[e.ID] = true
		if e.Owner != "alice" || i >= 2 && e.Trace != call.Trace || e.At.IsZero() {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	if !slices.IsSorted(generations) || len(ids) != len(c.Events) {
		t.Errorf("generations %v, %d ids", generations, len(ids))
	}
	if last := c.Events[len(want)-2]; len(last.Task.DependsOn) != 0 || last.Task.Version != b.Version+2 {
		t.Errorf("what lost its dependency reads %+v", last.Task)
	}
	must(nil, app.Release(t.Context(), c, 0))
	again := claim(t, sweep, "", 3)
	if diff := cmp.Diff(c.Events[:3], again.Events, cmpopts.EquateEmpty()); diff != "" {
		t.Error("claimed again, by the sweep:", diff)
	}
}

func TestManyWritersOfOneOwnerLeaveOneEventEachAndNoGenerationTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const writers, writes = 8, 10
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range writes {
				s.add(t, "alice", titled("a"))
			}
		})
	}
	all.Wait()
	app, _ := s.outboxes(t)
	c := claim(t, app, "alice", 2*writers*writes)
	for i, e := range c.Events {
		if e.Generation != int64(i)+1 {
			t.Fatalf("event %d is of generation %d", i, e.Generation)
		}
	}
	if len(c.Events) != writers*writes {
		t.Errorf("%d events of %d writes", len(c.Events), writers*writes)
	}
}

func TestTwoClaimersNeverHoldOneOwner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, sweep := s.outboxes(t)
	const owners = 12
	for i := range owners {
		s.add(t, fmt.Sprint("owner ", i), titled("a"))
	}
	var mu sync.Mutex
	held := map[string]int{}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for {
				c, ok, err := sweep.Claim(t.Context(), "", 10, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if !ok {
					return
				}
				mu.Lock()
				held[c.Owner]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for owner, times := range held {
		if times > 1 {
			t.Errorf("%s was held by %d at a time", owner, times)
		}
	}
	if len(held) != owners {
		t.Errorf("of %d owners that wait %d were found", owners, len(held))
	}
	if _, ok, err := sweep.Claim(t.Context(), "owner 3", 10, time.Minute); ok || err != nil {
		t.Error("claimed by name while held:", err)
	}
}

func TestAClaimerWhoLosesTheRaceForAnOwnerFindsTheNext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, sweep := s.outboxes(t)
	const claimers = 4 // as many as a sweep has; each must find one of as many owners
	for round := range 10 {
		for i := range claimers {
			s.add(t, fmt.Sprint("owner ", round, i), titled("a"))
		}
		start := make(chan struct{})
		var all sync.WaitGroup
		for range claimers {
			all.Go(func() {
				<-start
				if _, ok, err := sweep.Claim(t.Context(), "", 10, time.Minute); !ok || err != nil {
					t.Errorf("nothing was found while events wait: %v", err)
				}
			})
		}
		close(start)
		all.Wait()
	}
}

func TestAFunctionClaimsForTheOwnerItNamesAndSeesNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app, _ := s.outboxes(t)
	s.add(t, "alice", titled("hers"))
	s.add(t, "bob", titled("his"))
	if c, ok, err := app.Claim(t.Context(), "", 10, time.Minute); ok || err != nil {
		t.Errorf("a function looked across owners: %+v, %v", c, err)
	}
	c := claim(t, app, "bob", 10)
	if diff := cmp.Diff([]string{"created his"}, changes(c)); diff != "" {
		t.Error(diff)
	}
	hers := claim(t, app, "alice", 10)
	// Under bob's claim nothing of alice's can be touched.
	if err := app.Delivered(t.Context(), c, []task.ID{hers.Events[0].ID}); err != nil {
		t.Error(err)
	}
	if err := app.Refused(t.Context(), c, hers.Events[0].ID, "no"); err != nil {
		t.Error(err)
	}
	if n := ask[int](t, s, `select count(*)::int from outbox where refused is null`); n != 2 {
		t.Errorf("%d events are left", n)
	}
	if _, ok, err := app.Claim(t.Context(), "nobody", 10, time.Minute); ok || err != nil {
		t.Error("somebody without events:", err)
	}
	if n := ask[int](t, s, `select count(*)::int from outbox_leases`); n != 2 {
		t.Errorf("%d leases are left", n)
	}
}

func TestARefusedEventIsSetAsideAndTheNextFollows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app, sweep := s.outboxes(t)
	s.add(t, "alice", titled("a"), titled("b"), titled("c"))
	c := claim(t, app, "alice", 10)
	if err := app.Refused(t.Context(), c, c.Events[0].ID, "the sink said 400"); err != nil {
		t.Fatal(err)
	}
	if err := app.Delivered(t.Context(), c, []task.ID{c.Events[1].ID}); err != nil {
		t.Fatal(err)
	}
	if err := app.Release(t.Context(), c, 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"created c"}, changes(claim(t, sweep, "", 10))); diff != "" {
		t.Error(diff)
	}
	if reason := ask[string](t, s, `select refused from outbox where refused is not null`); reason != "the sink said 400" {
		t.Error(reason)
	}
	events, oldest, err := s.store.Backlog(t.Context())
	if err != nil || events != 1 || time.Since(oldest) > time.Minute {
		t.Errorf("the backlog is %d since %v, %v", events, oldest, err)
	}
}

func TestReleaseWithAPauseKeepsEverybodyOffUntilThen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app, sweep := s.outboxes(t)
	s.add(t, "alice", titled("a"))
	c := claim(t, app, "alice", 10)
	if err := app.Release(t.Context(), c, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []string{"", "alice"} {
		if _, ok, err := sweep.Claim(t.Context(), owner, 10, time.Minute); ok || err != nil {
			t.Errorf("of %q during the pause: %v, %v", owner, ok, err)
		}
	}
	left := ask[float64](t, s, `select extract(epoch from until - now())::float8 from outbox_leases`)
	if left < 3500 || left > 3600 {
		t.Errorf("the pause ends in %.0f s", left)
	}
	s.exec(t, `update outbox_leases set until = now()`) // time passes
	next := claim(t, sweep, "", 10)
	if err := app.Release(t.Context(), c, 0); err != nil { // of a lease that is another's by now
		t.Error(err)
	}
	if _, ok, err := app.Claim(t.Context(), "alice", 10, time.Minute); ok || err != nil {
		t.Error("a claim that ran out ended the next one's lease:", err)
	}
	if err := sweep.Release(t.Context(), next, 0); err != nil {
		t.Fatal(err)
	}
	claim(t, app, "alice", 10)
}

func TestALeaseThatRanOutIsAnothersToTake(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app, sweep := s.outboxes(t)
	s.add(t, "alice", titled("a"))
	if _, ok, err := app.Claim(t.Context(), "alice", 10, time.Millisecond); !ok || err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lease has run out", func() bool {
		_, ok, err := sweep.Claim(t.Context(), "", 10, time.Minute)
		return ok && err == nil
	})
}

func TestASnapshotReadsBackAsTheTaskItWasTakenOf(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	app, _ := s.outboxes(t)
	r := rand.New(rand.NewPCG(1, 2))
	moment := func() time.Time {
		return time.Date(1900+r.IntN(8099), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), 1000*r.IntN(1_000_000), time.UTC)
	}
	maybe := func(yes func()) {
		if r.IntN(2) == 0 {
			yes()
		}
	}
	texts := []string{"", "plain", `"quotes" and \back\slashes`, "tab\tline\nbreak\r", "Zürich ✓ 🗹", "\u2028\u2029\ufeff", "<b>&amp;</b>", "\x01\x7f", "'; drop table tasks; --", strings.Repeat("long ", 900)}
	text := func() string { return texts[r.IntN(len(texts))] }
	var made []task.Task
	for range 200 {
		n := sample(moment())
		n.UpdatedAt, n.Title, n.Description, n.Category = moment(), text(), text(), text()
		n.Priority = task.Priority(1 + r.IntN(3))
		n.Order = []float64{0, -1.5, 1e18, -1e18, 0.1, 1.0 / 3, 5e-324, 1e-7, float64(r.Int64N(1e15)) / 7}[r.IntN(9)]
		maybe(func() { n.CompletedAt = moment() })
		maybe(func() { n.ArchivedAt = moment() })
		maybe(func() { n.Tags = []string{"", "NULL", "{}", `a"b`, "ü,\\"} })
		maybe(func() { n.Due.At = moment() })
		maybe(func() {
			n.Due = task.Due{At: moment().Truncate(24 * time.Hour), AllDay: true}
			n.Reminders = []task.Reminder{"-PT1H", "P1D"}
			n.Recurrence = task.Recurrence{Rule: "FREQ=DAILY", From: "completion", SkipIfOpen: true}
		})
		if len(made) > 1 {
			maybe(func() { n.ParentID = made[0].ID })
			maybe(func() { n.DependsOn, n.OpenDependencies = []task.ID{made[1].ID, made[0].ID}, 2 })
		}
		n.Version = 1 + r.Int64N(1<<40)
		made = append(made, n)
	}
	err := s.store.Write(t.Context(), write(time.Now(), ""), func(tx task.Tx) ([]byte, error) {
		tx.Insert(made)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := claim(t, app, "alice", 1000)
	var read []task.Task
	for _, e := range c.Events {
		read = append(read, e.Task)
	}
	for i := range made {
		made[i].Operation = c.Events[0].Generation // the write sets it
	}
	if diff := cmp.Diff(made, read, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestPurgeRemovesWhatHasServedItsTimeAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sweeper := &postgres.Sweeper{Pool: s.Pool(t, postgres.SweepRole)}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, owner := range []string{"alice", "bob"} {
		s.exec(t, `insert into idempotency_keys (owner_id, key, digest, created_at) values
			($1, 'young', '', $2::timestamptz - interval '24 hours'), ($1, 'old', '', $2::timestamptz - interval '24 hours 1 second')`, owner, now)
		s.exec(t, `insert into outbox (owner_id, generation, seq, change, at, trace, task, refused) values
			($1, 1, 1, 'created', $2::timestamptz - interval '90 days', '', '{}', null),
			($1, 2, 1, 'created', $2::timestamptz - interval '29 days', '', '{}', 'young'),
			($1, 3, 1, 'created', $2::timestamptz - interval '31 days', '', '{}', 'old')`, owner, now)
		s.exec(t, `insert into outbox_leases (owner_id, token, until) values ($1, gen_random_uuid(), $2::timestamptz - $3::interval)`,
			owner, now, map[string]string{"alice": "2 hours", "bob": "1 minute"}[owner])
	}
	for _, days := range []int{34, 36} {
		hour := now.AddDate(0, 0, -days).Truncate(time.Hour)
		if err := s.store.AddUse(t.Context(), note(scaling.Use{Hour: hour, Service: "list", Requests: int64(days)}, int64(days))); err != nil {
			t.Fatal(err)
		}
	}
	s.exec(t, `update function_notes set at = $1::timestamptz - make_interval(days => sequence::int)`, now)
	p, err := sweeper.Purge(t.Context(), now, false)
	if diff := cmp.Diff(postgres.Purged{Keys: 2, Events: 2, Leases: 1, Use: 1}, p); err != nil || diff != "" {
		t.Error(err, diff)
	}
	left := asks(t, s, `
		select owner_id || ' ' || key from idempotency_keys union all
		select owner_id || ' ' || coalesce(refused, 'waits') from outbox union all
		select owner_id || ' lease' from outbox_leases union all
		select service || ' ' || requests from function_use union all
		select 'note ' || sequence from function_notes order by 1`)
	if diff := cmp.Diff([]string{"alice waits", "alice young", "alice young", "bob lease", "bob waits", "bob young", "bob young", "list 34", "note 34"}, left); diff != "" {
		t.Error(diff)
	}
	if p, err = sweeper.Purge(t.Context(), now, true); err != nil || p.Events != 2 {
		t.Error("without a sink:", p, err)
	}
}

// sink is a receiver of events that can be made to fail.
type sink struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    map[string][]int64 // versions by owner and task, as they came
	ids    map[string]string  // by event id, what it carried
	posts  int
	at     func(post int) // called for each
}

func newSink(t *testing.T) *sink {
	s := &sink{status: http.StatusAccepted, got: map[string][]int64{}, ids: map[string]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var data struct{ Version int64 }
		if err := json.Unmarshal(body, &data); err != nil {
			t.Error("an event's data:", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.posts++
		if s.at != nil {
			s.at(s.posts)
		}
		if s.status < 300 {
			key := r.Header.Get("Ce-Owner") + " " + r.Header.Get("Ce-Subject")
			s.got[key] = append(s.got[key], data.Version)
			id, what := r.Header.Get("Ce-Id"), fmt.Sprint(key, data.Version, r.Header.Get("Ce-Type"))
			if before, again := s.ids[id]; again && before != what {
				t.Errorf("event %s was %s and is %s", id, before, what)
			}
			s.ids[id] = what
		}
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func TestTwoSweepersDeliverEverythingInOrderThroughOutagesAndCancellation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	receiver := newSink(t)
	sweeper := func() *event.Deliverer {
		pool := s.open(t, postgres.SweepRole, func(c *pgxpool.Config) { c.MaxConns = 4 })
		d, err := event.NewDeliverer(&postgres.Outbox{Pool: pool, NewID: freshID}, event.Settings{Sink: receiver.URL, Source: "/test"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close(context.Background()) })
		return d
	}
	one, two := sweeper(), sweeper()
	const owners, tasks, edits = 10, 4, 5
	write := func(round int) {
		var all sync.WaitGroup
		for o := range owners {
			all.Go(func() {
				owner := fmt.Sprint("owner ", o)
				for range tasks {
					made := s.add(t, owner, titled("made"))[0]
					for e := range edits - 1 {
						title := fmt.Sprint("edit ", round, e)
						if _, err := s.tasks.Update(t.Context(), task.Call{Owner: owner}, made.ID, task.Edit{Patch: task.Patch{Title: task.Value(title)}}); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
	}
	waiting := func() int { return ask[int](t, s, `select count(*)::int from outbox`) }

	// The sink is down: nothing is lost, and writes go on.
	write(1)
	receiver.answer(http.StatusServiceUnavailable)
	var both sync.WaitGroup
	for _, d := range []*event.Deliverer{one, two} {
		both.Go(func() {
			if n, _ := d.Sweep(t.Context()); n != 0 {
				t.Errorf("with the sink down %d were delivered", n)
			}
		})
	}
	both.Wait()
	if n := waiting(); n != owners*tasks*edits {
		t.Errorf("with the sink down %d events wait", n)
	}

	// It comes back, and one of the sweepers is cancelled midway.
	s.exec(t, `delete from outbox_leases`) // the pauses are over
	receiver.answer(http.StatusAccepted)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	receiver.mu.Lock()
	midway := receiver.posts + owners*tasks*edits/3
	receiver.at = func(post int) {
		if post == midway {
			cancel()
		}
	}
	receiver.mu.Unlock()
	both.Go(func() { one.Sweep(ctx) })
	both.Go(func() { write(2) }) // while more come in
	both.Go(func() {
		if _, err := two.Sweep(t.Context()); err != nil {
			t.Error("the sweeper that went on:", err)
		}
	})
	both.Wait()
	eventually(t, "nothing waits any more", func() bool {
		s.exec(t, `delete from outbox_leases`) // a claim that was cut short has run out
		for _, d := range []*event.Deliverer{one, two} {
			both.Go(func() {
				if _, err := d.Sweep(t.Context()); err != nil {
					t.Error("a last sweep:", err)
				}
			})
		}
		both.Wait()
		return waiting() == 0
	})
	if n := len(receiver.ids); n != 2*owners*tasks*edits {
		t.Errorf("%d events arrived of %d", n, 2*owners*tasks*edits)
	}
	if len(receiver.got) != 2*owners*tasks {
		t.Errorf("events of %d tasks arrived", len(receiver.got))
	}
	for key, versions := range receiver.got {
		var firsts []int64
		for _, v := range versions {
			if !slices.Contains(firsts, v) {
				firsts = append(firsts, v)
			}
		}
		if diff := cmp.Diff([]int64{1, 2, 3, 4, 5}, firsts); diff != "" {
			t.Errorf("%s arrived as %v", key, versions)
		}
	}
}

func TestAnEventTheSinkWillNeverTakeIsSetAsideAndCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	receiver := newSink(t)
	_, outbox := s.outboxes(t)
	d, err := event.NewDeliverer(outbox, event.Settings{Sink: receiver.URL, Source: "/test"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close(context.Background())
	s.add(t, "alice", titled("a"), titled("b"))
	receiver.answer(http.StatusBadRequest)
	if n, err := d.Sweep(t.Context()); n != 0 || err != nil {
		t.Error(n, err)
	}
	if n := ask[int](t, s, `select count(*)::int from outbox where refused like '%400%'`); n != 2 {
		t.Errorf("%d events are set aside", n)
	}
	receiver.answer(http.StatusAccepted)
	s.add(t, "alice", titled("c"))
	if n, err := d.Sweep(t.Context()); n != 1 || err != nil {
		t.Error(n, err)
	}
}

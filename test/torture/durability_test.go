package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/postgres"
)

// ledger is what writers were told of their tasks, each of which has one writer.
type ledger struct {
	mu      sync.Mutex
	entries map[string]*entry // by the token, which is the task's description
}

// entry is what may have become of a task: one thing, if every write of it was
// answered.
type entry struct {
	owner, id string
	may       []fate
}

// fate is a task as it may be found; the zero value is that it is not there.
type fate struct {
	there   bool
	title   string
	version int
	done    bool
}

// writer makes tasks and changes them, one after another.
type writer struct {
	site   *site
	server *server
	ledger *ledger
	owner  string
	token  string // of its credential
	number int
	random *rand.Rand
}

// live walks tasks through their lives until it is told to stop.
func (w *writer) live(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		w.life(ctx, fmt.Sprintf("task %d of writer %d", n, w.number))
	}
}

// life ends with a write of which nobody knows what came.
func (w *writer) life(ctx context.Context, token string) {
	e := &entry{owner: w.owner, may: []fate{{}}}
	w.ledger.mu.Lock()
	w.ledger.entries[token] = e
	w.ledger.mu.Unlock()
	made := fate{there: true, title: "made", version: 1}
	body := fmt.Appendf(nil, `{"title":"made","description":%q}`, token)
	r, known := w.write(e, made, "create", http.MethodPost, "/api/v1/tasks", body)
	if !known || !e.may[0].there {
		return
	}
	var s shown
	if err := json.Unmarshal(r.body, &s); err != nil {
		w.site.t.Errorf("a task was made, and said was %d %s", r.status, r.body)
		return
	}
	e.id = s.ID
	at := "/api/v1/tasks/" + s.ID
	for step := 1; ctx.Err() == nil && step < 4; step++ {
		next := e.may[0]
		next.version++
		switch w.random.IntN(4) {
		case 0:
			next.title = fmt.Sprintf("step %d", step)
			_, known = w.write(e, next, "update", http.MethodPatch, at, fmt.Appendf(nil, `{"title":%q}`, next.title))
		case 1:
			verb := map[bool]string{false: "complete", true: "reopen"}[next.done]
			next.done = !next.done
			_, known = w.write(e, next, "update", http.MethodPost, at+"/"+verb, nil)
		case 2:
			_, known = w.write(e, fate{}, "delete", http.MethodDelete, at, nil)
		}
		if !known || !e.may[0].there {
			return
		}
	}
}

// write asks for a change that leads to a fate, and notes what is known of it
// then. A POST is repeated under its key until it is carried out, two times in
// three.
func (w *writer) write(e *entry, next fate, function, method, target string, body []byte) (r reply, known bool) {
	var headers []string
	keyed := method == http.MethodPost && w.random.IntN(3) > 0
	if keyed {
		headers = []string{"Idempotency-Key", fmt.Sprintf("%d %d", w.number, w.random.Uint64())}
	}
	ask := func() (reply, error) {
		return w.server.sent(context.Background(), function, method, target, w.token, body, headers...)
	}
	before := e.may[0]
	tried.writes.Add(1)
	for until := time.Now().Add(patience); ; tried.repeated.Add(1) {
		r, err := ask()
		unavailable := err == nil && r.status == http.StatusServiceUnavailable
		notDone := err != nil && neverSent(err) || unavailable && r.header.Get("Retry-After") != ""
		switch {
		case err == nil && r.status < 300:
			e.may = []fate{next}
			if keyed && w.random.IntN(5) == 0 {
				w.replay(ask, r)
			}
			return r, true
		case keyed && time.Now().Before(until) && (err != nil || unavailable):
			<-time.After(breath)
		case !keyed && notDone:
			tried.refused.Add(1)
			return r, true
		case err != nil || unavailable:
			tried.unknown.Add(1)
			e.may = []fate{before, next}
			return r, false
		default:
			w.site.t.Errorf("%s %s was answered %d %s", method, target, r.status, r.body)
			return r, false
		}
	}
}

// replay asks again for what was answered: the same answer, or none.
func (w *writer) replay(ask func() (reply, error), first reply) {
	again, err := ask()
	if err == nil && again.status != http.StatusServiceUnavailable && (again.status != first.status || string(again.body) != string(first.body)) {
		w.site.t.Errorf("a key was answered %d %s, and then %d %s", first.status, first.body, again.status, again.body)
	}
}

const (
	writers    = 8
	durableFor = 5 // owners
)

func TestNothingAcknowledgedIsLostAndEveryChangeIsToldOnceAtLeastAndInOrder(t *testing.T) {
	t.Parallel()
	events := startSink(t)
	s := newSite(t, 2, "K_SINK="+events.url)
	s.synced()
	l := &ledger{entries: map[string]*entry{}}
	x := &tormentor{site: s, random: rand.New(rand.NewPCG(*seed, 2))}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	open := s.open()
	for n := range writers {
		owner := fmt.Sprint("durable ", n%durableFor)
		w := &writer{site: s, server: open, ledger: l, owner: owner, token: s.credential(owner), number: n, random: rand.New(rand.NewPCG(*seed, uint64(100+n)))}
		all.Go(func() { w.live(ctx) })
	}
	eventually(t, "events are told without a sweep", func() bool { n, _ := events.count(); return n > 20 })
	for turn, until := 0, time.Now().Add(share(12, 85)); time.Now().Before(until) && !t.Failed(); turn++ {
		x.strike(turn, events)
	}
	stop()
	all.Wait()
	events.leave(false)
	s.healthy()
	l.compare(s, open)
	s.settleEvents(events)
}

// strike kills a function, PostgreSQL, or several things at once, or has the
// sink away, each in turn, and leaves some time of peace.
func (x *tormentor) strike(turn int, events *sink) {
	p, q := x.process(), x.process()
	switch turn % 4 {
	case 0:
		x.site.again(p)
		x.pause(300)
		x.site.again(q)
	case 1:
		x.site.killPostgres()
	case 2:
		x.site.say("the sink is away")
		tried.faults.Add(1)
		events.leave(true)
		x.pause(600)
		events.leave(false)
	case 3:
		p.kill()
		x.site.killPostgres()
		x.site.again(p)
		x.site.again(q)
	}
	eventually(x.site.t, "PostgreSQL answers", func() bool { return len(x.site.backends()) > 0 })
	x.pause(900)
}

// synced fails the test unless PostgreSQL waits for its disk.
func (s *site) synced() {
	s.t.Helper()
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		s.admin(database, func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, "select current_setting($1)", setting).Scan(&value)
		})
		if value != "on" {
			s.t.Errorf("%s is %s", setting, value)
		}
	}
}

// compare reads everything there is and looks for what should be.
func (l *ledger) compare(s *site, open *server) {
	s.t.Helper()
	found := map[string][]fate{}
	for n := range durableFor {
		owner := fmt.Sprint("durable ", n)
		for _, one := range open.everything(s.t, s.credential(owner)) {
			found[one.Description] = append(found[one.Description], fate{true, one.Title, one.Version, one.Completed})
		}
	}
	kept := 0
	for token, e := range l.entries {
		is := found[token]
		delete(found, token)
		if len(is) == 0 {
			is = []fate{{}}
		}
		if len(is) > 1 || !slices.Contains(e.may, is[0]) {
			tried.lost.Add(1)
			s.t.Errorf("%s (%s of %s) was left as %+v, and is %+v\nmeanwhile:\n%s", token, e.id, e.owner, e.may, is, strings.Join(s.meanwhile(s.began), "\n"))
		} else if is[0].there {
			kept++
		}
	}
	for token, is := range found {
		tried.lost.Add(1)
		s.t.Errorf("nobody made %q: %+v", token, is)
	}
	s.t.Logf("%d tasks were made or tried, %d are there as they were left", len(l.entries), kept)
}

// everything returns all tasks of an owner's, page by page.
func (s *server) everything(t testing.TB, credential string) (all []shown) {
	t.Helper()
	for target := "/api/v1/tasks?limit=500&archived=all"; target != ""; {
		var r reply
		var err error
		eventually(t, "a page is read", func() bool {
			r, err = s.sent(context.Background(), "list", http.MethodGet, target, credential, nil)
			return err == nil && r.status == http.StatusOK
		})
		var page []shown
		if err := json.Unmarshal(r.body, &page); err != nil {
			t.Errorf("%s was answered %d %s", target, r.status, r.body)
			return all
		}
		all = append(all, page...)
		link, more := strings.CutSuffix(r.header.Get("Link"), `>; rel="next"`)
		if target = ""; more {
			_, target, _ = strings.Cut(link, "https://todo.example")
		}
	}
	return all
}

// settleEvents has sweeps deliver what is left, and compares what the sink
// heard with the record of changes.
func (s *site) settleEvents(events *sink) {
	s.t.Helper()
	before, _ := events.count()
	for _, all := range s.functions {
		for _, p := range all {
			p.kill()
		}
	}
	left, was := 1, 0
	for until := time.Now().Add(patience); left > 0 && time.Now().Before(until); {
		// All who held a lease are dead: what remains of it is only time.
		s.admin(database, func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "update outbox_leases set until = now()")
			return err
		})
		s.sweep(events)
		s.admin(database, func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, "select count(*)::int from outbox").Scan(&left)
		})
		if left != was { // however many there are: they go
			was, until = left, time.Now().Add(patience)
		}
	}
	if left > 0 {
		s.t.Errorf("%d events still wait, or were set aside", left)
	}
	facts := s.facts()
	wrong := events.complaints(facts)
	tried.events.Add(int64(len(facts)))
	tried.lost.Add(int64(len(wrong)))
	if len(wrong) > 0 {
		s.t.Errorf("%d things are wrong with %d events, such as:\n%s", len(wrong), len(facts), strings.Join(wrong[:min(len(wrong), 10)], "\n"))
	}
	after, repeated := events.count()
	s.t.Logf("%d events came: %d beside the requests, %d by sweeps; %d of them again", after, before, after-before, repeated)
}

// sweep runs the program that delivers what was left over. A sink that takes
// without saying so has it fail, and the next one go on.
func (s *site) sweep(events *sink) {
	s.t.Helper()
	cmd := exec.Command(os.Args[0], "sweep")
	cmd.Env = []string{asCommand + "=1", "K_SINK=" + events.url, "DATABASE_URL=" + s.through(s.networks["writers' PostgreSQL"], postgres.SweepRole)}
	if out, err := cmd.CombinedOutput(); err != nil && !strings.Contains(string(out), "some still wait") {
		s.t.Errorf("todo sweep: %v: %s", err, out)
	}
}

// facts returns what the database says has been changed.
func (s *site) facts() (facts []fact) {
	s.t.Helper()
	s.admin(database, func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			select task_id::text, change, (coalesce(after, before) ->> 'version')::int
			from changes
			order by owner_id, generation, seq`)
		if err == nil {
			facts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f fact, err error) {
				return f, row.Scan(&f.task, &f.change, &f.version)
			})
		}
		return err
	})
	return facts
}

package postgres_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// write describes a write of alice's; an empty key is none.
func write(at time.Time, key string) task.Write {
	w := task.Write{Owner: "alice", At: at.UTC().Truncate(time.Microsecond)}
	if key != "" {
		w.Once = &task.Once{Key: key, Digest: [32]byte{7}}
	}
	return w
}

// inserting returns what adds one task and answers with its id.
func inserting(at time.Time) func(task.Tx) ([]byte, error) {
	return func(tx task.Tx) ([]byte, error) {
		n := sample(at)
		tx.Insert([]task.Task{n})
		return []byte(n.ID.String()), nil
	}
}

func sample(at time.Time) task.Task {
	at = at.UTC().Truncate(time.Microsecond)
	return task.Task{ID: freshID(), Version: 1, CreatedAt: at, UpdatedAt: at, Title: "a title", Priority: task.Medium, Category: "other", Order: 1}
}

func (s *site) countTasks(t testing.TB) int { return ask[int](t, s, "select count(*)::int from tasks") }

func (s *site) countKeys(t testing.TB) int {
	return ask[int](t, s, "select count(*)::int from idempotency_keys")
}

// kill ends the backends of the application.
func (s *site) kill(t testing.TB) {
	t.Helper()
	const ours = ` from pg_stat_activity where datname = current_database() and usename in ('todo_app', 'todo_sweep')`
	s.exec(t, `select pg_terminate_backend(pid)`+ours)
	eventually(t, "all are killed", func() bool { return ask[int](t, s, `select count(*)::int`+ours) == 0 })
}

// atRest checks that no connection is held and none of its backends is stuck.
func (s *site) atRest(t testing.TB) {
	t.Helper()
	eventually(t, "all connections are given back", func() bool { return s.pool.Stat().AcquiredConns() == 0 })
	eventually(t, "no backend is in a transaction", func() bool {
		return ask[int](t, s, `
			select count(*)::int from pg_stat_activity
			where datname = current_database() and usename = 'todo_app' and state <> 'idle'`) == 0
	})
}

func TestAnIdempotencyKeyAnswersForADayAndThenRunsAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	began := time.Now()
	if err := s.store.Write(t.Context(), write(began, "key"), inserting(began)); err != nil {
		t.Fatal(err)
	}
	var replay *task.Replay
	err := s.store.Write(t.Context(), write(began.Add(24*time.Hour), "key"), inserting(began))
	if !errors.As(err, &replay) || len(replay.Answer) != 36 {
		t.Fatal("after a day to the microsecond:", err)
	}
	other := write(began.Add(24*time.Hour), "key")
	other.Once.Digest = [32]byte{8}
	if err := s.store.Write(t.Context(), other, inserting(began)); !errors.Is(err, task.ErrKeyReused) {
		t.Error("another request within the day:", err)
	}
	other.At = other.At.Add(time.Microsecond)
	if err := s.store.Write(t.Context(), other, inserting(began)); err != nil {
		t.Error("another request after the day:", err)
	}
	err = s.store.Write(t.Context(), other, inserting(began))
	if again := (*task.Replay)(nil); !errors.As(err, &again) || bytes.Equal(again.Answer, replay.Answer) {
		t.Error("the key does not answer for the newer request:", err)
	}
	if n := s.countTasks(t); n != 2 {
		t.Errorf("%d tasks were made", n)
	}
}

func TestAWriteThatFailsLeavesNoKeyNoTaskNoEventAndNoGeneration(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	refusal := errors.New("no")
	err := s.store.Write(t.Context(), write(time.Now(), "key"), func(tx task.Tx) ([]byte, error) {
		n := sample(time.Now())
		tx.Insert([]task.Task{n})
		if found, err := tx.Find(t.Context(), n.ID); err != nil || len(found) != 1 {
			t.Error("the transaction does not see its own task:", err)
		}
		return nil, refusal
	})
	if !errors.Is(err, refusal) {
		t.Error(err)
	}
	for _, table := range owned(t, s) {
		if n := ask[int](t, s, "select count(*)::int from "+table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	s.atRest(t)
}

func TestAWriteCutShortByTheServerRunsAgainUnseenOrLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := time.Now()
	for _, key := range []string{"", "key"} {
		runs, before := 0, s.countTasks(t)
		err := s.store.Write(t.Context(), write(at, key), func(tx task.Tx) ([]byte, error) {
			if runs++; runs == 1 {
				s.kill(t)
			}
			if _, err := tx.Find(t.Context(), freshID()); err != nil {
				return nil, err
			}
			return inserting(at)(tx)
		})
		if err != nil || runs != 2 || s.countTasks(t) != before+1 {
			t.Errorf("with key %q: %v after %d runs, and %d tasks more", key, err, runs, s.countTasks(t)-before)
		}
	}

	// Killed at every try: the crash of a function between its work and its commit.
	runs, before := 0, s.countTasks(t)
	err := s.store.Write(t.Context(), write(at, "crash"), func(tx task.Tx) ([]byte, error) {
		runs++
		answer, err := inserting(at)(tx)
		s.kill(t)
		return answer, err
	})
	if !errors.Is(err, task.ErrUnavailable) || runs < 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
	if n := s.countTasks(t); n != before || s.countKeys(t) != 1 {
		t.Errorf("%d tasks and %d keys are left of it", n-before, s.countKeys(t)-1)
	}
	if err := s.store.Write(t.Context(), write(at, "crash"), inserting(at)); err != nil || s.countTasks(t) != before+1 {
		t.Error("the key cannot be used again:", err)
	}
	s.atRest(t)
}

// fill opens as many connections as the pool has, so that all are stale after
// a kill.
func (s *site) fill(t testing.TB) {
	t.Helper()
	var conns []*pgxpool.Conn
	for range s.pool.Config().MaxConns {
		conn, err := s.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		conn.Release()
	}
}

func TestCallersDoNotSeeThatAllConnectionsWereCutBetweenRequests(t *testing.T) {
	t.Parallel()
	for _, through := range []string{"socket", "TCP", "TCP with resets"} {
		t.Run(through, func(t *testing.T) {
			s := newSite(t)
			p := &proxy{reset: through == "TCP with resets"}
			cut := func() { s.kill(t) }
			if through != "socket" {
				p.start(t, s)
				s.pool = p.pool(t, s)
				s.store, s.tasks = joined(s.pool)
				cut = p.cutAll
			}
			call := task.Call{Owner: "alice"}
			made := s.add(t, "alice", titled("a"))[0]
			n := 0
			for what, do := range map[string]func() error{
				"reading the owner": func() error { _, err := s.store.Owner(t.Context(), "alice"); return err },
				"reading one": func() error {
					_, err := s.tasks.Get(t.Context(), call, made.ID, nil)
					return err
				},
				"listing": func() error {
					_, err := s.tasks.List(t.Context(), call, task.Query{Sort: task.SortDue, Limit: 5}, nil)
					return err
				},
				"searching": func() error {
					_, err := s.tasks.List(t.Context(), call, task.Query{Sort: task.SortDue, Limit: 5, Filter: task.Filter{Text: "a", HasText: true}}, nil)
					return err
				},
				"writing with a key": func() error {
					n++
					return s.store.Write(t.Context(), write(time.Now(), "key"), inserting(time.Now()))
				},
				"writing without one": func() error {
					n++
					return s.store.Write(t.Context(), write(time.Now(), ""), inserting(time.Now()))
				},
			} {
				s.fill(t)
				cut()
				if err := do(); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			if got := s.countTasks(t); got != 1+n {
				t.Errorf("%d writes left %d tasks", n, got-1)
			}
			s.atRest(t)
		})
	}
}

// proxy stands between the application and PostgreSQL on TCP.
type proxy struct {
	addr   string
	reset  bool        // cut connections with RST rather than FIN
	of     string      // how an answer ends that loses may lose; "" is COMMIT
	loses  atomic.Bool // the next such answer, with its connection
	lost   atomic.Int32
	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func (p *proxy) start(t testing.TB, s *site) {
	t.Helper()
	u, err := url.Parse(s.URL(postgres.AppRole))
	if err != nil {
		t.Fatal(err)
	}
	socket := u.Query().Get("host") + "/.s.PGSQL." + u.Query().Get("port")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr, p.conns = l.Addr().String(), map[net.Conn]bool{}
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.cutAll()
		all.Wait()
	})
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(client, socket) })
		}
	})
}

func (p *proxy) serve(client net.Conn, socket string) {
	backend, err := net.Dial("unix", socket)
	p.mu.Lock()
	p.conns[client] = true
	if err != nil || p.closed {
		p.mu.Unlock()
		p.cut(client)
		return
	}
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		io.Copy(backend, client)
		backend.Close()
	})
	p.answer(client, backend)
	p.cut(client)
	backend.Close()
	both.Wait()
}

// answer passes on what the server says, up to the answer that is to be lost.
func (p *proxy) answer(client, backend net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := backend.Read(buffer)
		if bytes.Contains(buffer[:n], []byte(cmp.Or(p.of, "COMMIT")+"\x00")) && p.loses.CompareAndSwap(true, false) {
			p.lost.Add(1)
			return
		}
		if _, writeErr := client.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

func (p *proxy) cut(client net.Conn) {
	if tcp, ok := client.(*net.TCPConn); ok && p.reset {
		tcp.SetLinger(0)
	}
	client.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	var all []net.Conn
	for c := range p.conns {
		all = append(all, c)
	}
	p.mu.Unlock()
	for _, c := range all {
		p.cut(c)
	}
}

// pool connects the application through the proxy.
func (p *proxy) pool(t testing.TB, s *site) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Options{URL: "postgres://todo_app@" + p.addr + "/" + s.Name + "?sslmode=disable", MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestACommitWhoseAnswerIsLostIsNotRepeatedUnlessAKeyMakesThatSafe(t *testing.T) {
	t.Parallel()
	for _, reset := range []bool{false, true} {
		s := newSite(t)
		p := &proxy{reset: reset}
		p.start(t, s)
		s.pool = p.pool(t, s)
		s.store, _ = joined(s.pool)
		at := time.Now()
		runs := 0
		do := func(tx task.Tx) ([]byte, error) {
			runs++
			return inserting(at)(tx)
		}
		p.loses.Store(true)
		err := s.store.Write(t.Context(), write(at, ""), do)
		if !errors.Is(err, task.ErrUnknownOutcome) || runs != 1 || p.lost.Load() != 1 {
			t.Errorf("without a key: %v after %d runs and %d answers lost", err, runs, p.lost.Load())
		}
		if n := s.countTasks(t); n != 1 {
			t.Errorf("without a key there are %d tasks", n)
		}

		p.loses.Store(true)
		err = s.store.Write(t.Context(), write(at, "key"), do)
		var replay *task.Replay
		if !errors.As(err, &replay) || len(replay.Answer) != 36 || p.lost.Load() != 2 {
			t.Errorf("with a key: %v", err)
		}
		if n := s.countTasks(t); n != 2 {
			t.Errorf("with a key there are %d tasks", n-1)
		}
		s.atRest(t)
	}
}

func TestATransactionRolledBackForAnothersSakeRunsAgain(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"40001", "40P01"} {
		for _, times := range []int{1, 100} {
			s := newSite(t)
			s.exec(t, `create sequence refusals`)
			s.exec(t, `
				create function refuse() returns trigger language plpgsql security definer as $$
				begin
				  if nextval('refusals') <= tg_argv[0]::int then -- a sequence is not rolled back
				    raise exception 'in the way' using errcode = tg_argv[1];
				  end if;
				  return new;
				end $$`)
			s.exec(t, `create trigger refuse before insert on tasks for each row execute function refuse(`+
				map[int]string{1: "1", 100: "100"}[times]+`, '`+state+`')`)
			runs := 0
			err := s.store.Write(t.Context(), write(time.Now(), ""), func(tx task.Tx) ([]byte, error) {
				runs++
				return inserting(time.Now())(tx)
			})
			if times == 1 && (err != nil || runs != 2 || s.countTasks(t) != 1) {
				t.Errorf("%s once: %v after %d runs", state, err, runs)
			}
			if times == 100 && (!errors.Is(err, task.ErrUnavailable) || runs != 3 || s.countTasks(t) != 0) {
				t.Errorf("%s for ever: %v after %d runs", state, err, runs)
			}
			s.atRest(t)
		}
	}
}

func TestARealDeadlockIsBrokenAndTheWriteSucceeds(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["application_name"] = "the victim" })
	s.exec(t, `alter database `+s.Name+` set deadlock_timeout = '20ms'`)
	a := s.add(t, "alice", titled("a"))[0]
	s.kill(t) // for the setting to count
	rival, err := s.admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer rival.Rollback(context.Background())
	for _, sql := range []string{`set local deadlock_timeout = '1min'`, `select from tasks for update`} {
		if _, err := rival.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	runs := 0
	err = s.store.Write(t.Context(), write(time.Now(), ""), func(tx task.Tx) ([]byte, error) {
		if runs++; runs == 1 {
			go func() {
				_, err := rival.Exec(context.Background(), `update owners set time_zone = 'UTC'`)
				ended <- errors.Join(err, rival.Commit(context.Background()))
			}()
			eventually(t, "the rival waits for the owner", func() bool {
				return ask[bool](t, s, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'update owners%')`)
			})
		}
		b := a
		b.Title, b.Version = "b", 2
		tx.Replace(a, b)
		return nil, nil
	})
	if err != nil || runs != 2 {
		t.Errorf("%v after %d runs", err, runs)
	}
	if err := <-ended; err != nil {
		t.Error("the rival:", err)
	}
	s.atRest(t)
}

func TestAServerThatOnlyReadsMakesWritesUnavailableUntilItWritesAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.add(t, "alice", titled("a"))[0]
	s.exec(t, `alter database `+s.Name+` set default_transaction_read_only = on`)
	s.kill(t)
	err := s.store.Write(t.Context(), write(time.Now(), "key"), inserting(time.Now()))
	if !errors.Is(err, task.ErrUnavailable) {
		t.Error("a write:", err)
	}
	if _, err := s.tasks.Get(t.Context(), task.Call{Owner: "alice"}, a.ID, nil); err != nil {
		t.Error("a read:", err)
	}
	s.fill(t) // with connections that would only read for as long as they are kept
	if _, err := s.admin.Exec(t.Context(), `begin read write; alter database `+s.Name+` reset default_transaction_read_only; commit`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.store.Write(t.Context(), write(time.Now(), ""), inserting(time.Now())); err != nil {
			t.Error("a write after it is over:", err)
		}
	}
	s.atRest(t)
}

// lockOwner holds alice's row until the test ends or free is called.
func (s *site) lockOwner(t testing.TB) (free func()) {
	t.Helper()
	tx, err := s.admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	free = sync.OnceFunc(func() { tx.Rollback(context.Background()) })
	t.Cleanup(free)
	if _, err := tx.Exec(t.Context(), `select from owners where owner_id = 'alice' for update`); err != nil {
		t.Fatal(err)
	}
	return free
}

func TestALockThatIsNotGivenEndsInUnavailableByTheDeadline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add(t, "alice", titled("a"))
	free := s.lockOwner(t)
	const limit = 300 * time.Millisecond
	var all sync.WaitGroup
	for _, key := range []string{"", "key", "", "other"} {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			began := time.Now()
			err := s.store.Write(ctx, write(began, key), inserting(began))
			if took := time.Since(began); !errors.Is(err, task.ErrUnavailable) || took > limit+time.Second {
				t.Errorf("with key %q: %v after %v", key, err, took)
			}
		})
	}
	all.Wait()
	s.atRest(t) // while the lock is still held
	free()
	if err := s.store.Write(t.Context(), write(time.Now(), "key"), inserting(time.Now())); err != nil {
		t.Error("once the lock is free:", err)
	}
	if n := s.countTasks(t); n != 2 {
		t.Errorf("%d tasks", n)
	}
}

func TestOneOwnersQueueLeavesConnectionsToOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *pgxpool.Config) { c.MaxConns = 3 })
	s.add(t, "alice", titled("a"))
	free := s.lockOwner(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.store.Write(t.Context(), write(time.Now(), ""), inserting(time.Now())); err != nil {
				t.Error("alice's write:", err)
			}
		})
	}
	eventually(t, "writes of alice's wait", func() bool { return s.pool.Stat().AcquiredConns() == 2 })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	w := write(time.Now(), "")
	w.Owner = "bob"
	if err := s.store.Write(ctx, w, inserting(time.Now())); err != nil {
		t.Error("bob's write:", err)
	}
	free()
	all.Wait()
	if n := s.countTasks(t); n != 22 {
		t.Errorf("%d tasks", n)
	}
}

func TestAStatementThatTheServerEndsForTimeIsUnavailableAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams["statement_timeout"] = "1000" })
	s.add(t, "alice", titled("a"))
	s.lockOwner(t)
	began := time.Now()
	err := s.store.Write(t.Context(), write(began, ""), inserting(began))
	if !errors.Is(err, task.ErrUnavailable) || code(err) != "57014" {
		t.Error(err)
	}
	s.atRest(t)
}

func TestACallerWhoGoesAwayIsNotTakenForAnOutage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add(t, "alice", titled("a"))
	s.lockOwner(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for t.Context().Err() == nil && !ask[bool](t, s, `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`) {
		}
	}()
	err := s.store.Write(ctx, write(time.Now(), ""), inserting(time.Now()))
	if !errors.Is(err, context.Canceled) || errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
	s.atRest(t)
}

func TestASiteWhoseRolesOrDatabaseAreNotMadeYetIsUnavailable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, tweak := range map[string]func(*pgxpool.Config){
		"no such role":     func(c *pgxpool.Config) { c.ConnConfig.User = "nobody_yet" },
		"no such database": func(c *pgxpool.Config) { c.ConnConfig.Database = "none_yet" },
	} {
		store, _ := joined(s.open(t, postgres.AppRole, tweak))
		if _, err := store.Owner(t.Context(), "alice"); !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAServerOutOfReachIsUnavailableToEveryMethodAndLeaksNothing(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	pool, err := postgres.Open(t.Context(), postgres.Options{URL: "postgres://todo_app@127.0.0.1:1/none?sslmode=disable", MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	store, tasks := joined(pool)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	outbox := &postgres.Outbox{Pool: pool, NewID: freshID}
	call := task.Call{Owner: "alice"}
	for what, do := range map[string]func() error{
		"Owner": func() error { _, err := store.Owner(ctx, "alice"); return err },
		"List": func() error {
			_, err := tasks.List(ctx, call, task.Query{Sort: task.SortDue, Limit: 5}, nil)
			return err
		},
		"Get":   func() error { _, err := tasks.Get(ctx, call, freshID(), nil); return err },
		"Write": func() error { return store.Write(ctx, write(time.Now(), "key"), inserting(time.Now())) },
		"Claim": func() error { _, _, err := outbox.Claim(ctx, "alice", 1, time.Second); return err },
		"Purge": func() error {
			_, err := (&postgres.Sweeper{Pool: pool}).Purge(ctx, time.Now(), false)
			return err
		},
		"Totals":      func() error { _, err := store.Totals(ctx); return err },
		"Backlog":     func() error { _, _, err := store.Backlog(ctx); return err },
		"CheckSchema": func() error { return postgres.CheckSchema(ctx, pool) },
	} {
		if err := do(); !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are held", n)
	}
	pool.Close()
	goleak.VerifyNone(t, leaks)
}

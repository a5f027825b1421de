package torture

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
)

// trouble is something that a site recovers from by itself.
type trouble struct {
	name          string
	begin, end    func()
	reads, writes []int // what is answered meanwhile; none: whatever the contract has
	cache         bool  // health is that Redis answers, too
}

func TestTheSiteRecoversByItselfFromWhatItDependsOnAndLeaksNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	open := s.open()
	s.busy(open, nil, nil)
	before := s.footprint(open)
	longest := map[string]time.Duration{}
	troubles := s.troubles()
	for round, until := 0, time.Now().Add(share(0, 85)); (round == 0 || time.Now().Before(until)) && !t.Failed(); round++ {
		for _, x := range troubles {
			tried.faults.Add(1)
			x.begin()
			s.busy(open, x.reads, x.writes)
			x.end()
			longest[x.name] = max(longest[x.name], s.timeToHealth(open, x.cache))
		}
	}
	for _, x := range troubles {
		t.Logf("%-40s healthy again after %v at most", x.name, longest[x.name].Round(time.Millisecond))
	}
	s.healthy()
	eventually(t, "nothing is held that was not held before", func() bool { return s.footprint(open).within(before) })
	t.Logf("before: %v; after: %v", before, s.footprint(open))
}

// troubles returns them, in order.
func (s *site) troubles() []trouble {
	everyPostgres := func(m mode) func() {
		return func() {
			for _, who := range []string{"readers", "writers"} {
				p := s.networks[who+"' PostgreSQL"]
				p.set(m)
				if m.shut {
					p.cut(true)
				}
			}
		}
	}
	gone, served := []int{http.StatusServiceUnavailable}, []int{http.StatusOK, http.StatusCreated}
	readOnly := func(set string) func() {
		return func() {
			s.admin(pgserver.Superuser, func(ctx context.Context, conn *pgx.Conn) error {
				_, err := conn.Exec(ctx, "alter database "+database+" "+set)
				// Who is connected keeps to what was so when that began. Those who found
				// a server that only reads are left to find out by themselves.
				if err == nil && set != "reset default_transaction_read_only" {
					_, err = conn.Exec(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database)
				}
				return err
			})
		}
	}
	var unlock func()
	return []trouble{
		{"PostgreSQL takes no connections", everyPostgres(mode{shut: true}), everyPostgres(mode{}), gone, gone, false},
		{"PostgreSQL swallows everything", everyPostgres(mode{hole: true}), everyPostgres(mode{}), gone, gone, false},
		{"PostgreSQL is slow", everyPostgres(mode{delay: 20 * time.Millisecond}), everyPostgres(mode{}), served, served, false},
		{"PostgreSQL only reads", readOnly("set default_transaction_read_only = on"), readOnly("reset default_transaction_read_only"), served, gone, false},
		{"PostgreSQL is killed", s.killPostgres, func() {}, nil, nil, false},
		{"every connection waits for a lock", func() { unlock = s.lockOwners() }, func() { unlock() }, served, gone, false},
		{"Redis is killed", s.redis.Kill, s.redis.Restart, served, served, true},
		{"Redis hangs", s.redis.Pause, s.redis.Resume, served, served, true},
	}
}

// crowd is how many owners ask at once, each of whom reads and writes: more
// than there are connections.
const crowd = 8

// busy has everybody read and write at once, and holds the answers to what they
// may be, and to the time that they may take.
func (s *site) busy(open *server, reads, writes []int) {
	var all sync.WaitGroup
	for n := range crowd {
		credential := s.credential(fmt.Sprint("one of a crowd ", n))
		all.Go(func() { s.expect(open, "list", http.MethodGet, credential, nil, reads) })
		all.Go(func() { s.expect(open, "create", http.MethodPost, credential, []byte(`{"title":"a"}`), writes) })
	}
	all.Wait()
}

func (s *site) expect(open *server, function, method, credential string, body []byte, may []int) {
	began := time.Now()
	r, err := open.sent(context.Background(), function, method, "/api/v1/tasks", credential, body)
	took := time.Since(began)
	if may == nil {
		may = []int{http.StatusOK, http.StatusCreated, http.StatusServiceUnavailable}
	}
	for _, status := range may {
		if err == nil && r.status == status && took < requestTime+slack {
			return
		}
	}
	s.t.Errorf("%s %s was answered %d %s, %v after %v, not one of %v", function, method, r.status, r.body, err, took, may)
}

// requestTime is what a request may take, whatever it waits for.
const requestTime = 10 * time.Second

// timeToHealth returns how long it takes until the site serves writes and reads
// again, several in a row, and perhaps the latter from Redis.
func (s *site) timeToHealth(open *server, cache bool) time.Duration {
	began, hits := time.Now(), s.hits()
	credential := s.credential("who waits for health")
	healthy := time.Time{}
	for row := 0; row < 5; {
		if time.Since(began) > patience {
			s.t.Errorf("not healthy after %v", patience)
			return patience
		}
		ok := s.answers(open, "create", http.MethodPost, credential, []byte(`{"title":"a"}`), http.StatusCreated) &&
			s.answers(open, "list", http.MethodGet, credential, nil, http.StatusOK) &&
			s.answers(open, "list", http.MethodGet, credential, nil, http.StatusOK)
		if !ok || cache && s.hits() <= hits {
			row = 0
			continue
		}
		if row++; row == 1 {
			healthy = time.Now()
		}
	}
	return healthy.Sub(began)
}

func (s *site) answers(open *server, function, method, credential string, body []byte, status int) bool {
	r, err := open.sent(context.Background(), function, method, "/api/v1/tasks", credential, body)
	return err == nil && r.status == status
}

// lockOwners holds everybody's row, so that every write waits for it with a
// connection in hand, until it is told to let go.
func (s *site) lockOwners() (unlock func()) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	conn, err := pgx.Connect(ctx, s.postgres.URL(pgserver.Superuser, database))
	if err == nil {
		_, err = conn.Exec(ctx, "begin")
	}
	if err == nil {
		_, err = conn.Exec(ctx, "select from owners for update")
	}
	if err != nil {
		s.t.Errorf("locking: %v", err)
	}
	return func() {
		if conn != nil {
			conn.Close(ctx)
		}
		cancel()
	}
}

// footprint is what the processes hold.
type footprint struct {
	goroutines, files float64
	connections       int
}

// within allows for what comes and goes by itself.
func (f footprint) within(before footprint) bool {
	few := float64(3 * len(functions))
	return f.goroutines >= 0 && f.goroutines <= before.goroutines+few && f.files <= before.files+few && f.connections <= 4*len(functions)
}

// footprint returns it without what clients keep open.
func (s *site) footprint(open *server) (f footprint) {
	open.http.CloseIdleConnections()
	for _, all := range s.functions {
		for _, p := range all {
			f.goroutines += p.gauge("go_goroutines")
			f.files += p.gauge("process_open_fds")
		}
	}
	s.admin(database, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "select count(*)::int from pg_stat_activity where usename = 'todo_app'").Scan(&f.connections)
	})
	return f
}

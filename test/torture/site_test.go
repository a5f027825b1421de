package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/jackc/pgx/v5"

	"todo-app/internal/cache/redistest"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
)

// site is the service as it is deployed: several processes of every function,
// which reach PostgreSQL and Redis through networks that can be spoilt, those
// that write through others than those that read.
type site struct {
	t         testing.TB
	postgres  *pgserver.Server
	redis     *redistest.Server
	networks  map[string]*proxy
	functions map[string][]*process
	signer    jose.Signer
	began     time.Time

	mu   sync.Mutex
	said []string // what was done to it
}

// secret signs the tokens that say whose a request is.
const secret = "a secret that is known to tests alone"

// database is the database's name.
const database = "todo"

// newSite brings a site up, with so many processes of each function and these
// settings for all of them.
func newSite(t testing.TB, each int, settings ...string) *site {
	t.Helper()
	s := &site{t: t, networks: map[string]*proxy{}, functions: map[string][]*process{}, began: time.Now()}
	go build() // meanwhile
	s.startPostgres()
	s.redis = redistest.Start(t)
	redis := s.redis.Addr()
	for _, who := range []string{"readers", "writers"} {
		s.networks[who+"' PostgreSQL"] = startProxy(t, s.dialPostgres)
		s.networks[who+"' Redis"] = startProxy(t, func() (net.Conn, error) { return net.Dial("tcp", redis) })
	}
	err := build()
	if err != nil {
		t.Fatal(err)
	}
	s.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range functions {
		who := "writers"
		if name == "list" {
			who = "readers"
		}
		for range each {
			p := &process{name: name, path: filepath.Join(programs, name), env: append([]string{
				"DATABASE_URL=" + s.through(s.networks[who+"' PostgreSQL"], postgres.AppRole),
				"REDIS_URL=redis://" + s.networks[who+"' Redis"].addr + "/0",
				"TODO_AUTH=jwt", "TODO_JWT_SECRET=" + secret, "TODO_RATE_LIMIT=off", "TODO_DATABASE_CONNS=4",
				"TODO_PUBLIC_URL=https://todo.example", // so that what one process keeps in Redis serves the others too
			}, settings...)}
			if err := p.start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.kill)
			s.functions[name] = append(s.functions[name], p)
		}
	}
	return s
}

// startPostgres runs a server that syncs what it commits, with a migrated
// database.
func (s *site) startPostgres() {
	s.t.Helper()
	dir, err := os.MkdirTemp("", "todo-torture-pg-")
	if err == nil {
		err = os.Chmod(dir, 0o755) // root's server runs as another user
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { os.RemoveAll(dir) })
	s.postgres, err = pgserver.Start(s.t.Context(), pgserver.Config{Dir: dir})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.postgres.Stop(ctx)
	})
	s.admin(pgserver.Superuser, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "create database "+database)
		return err
	})
	s.admin(database, func(ctx context.Context, conn *pgx.Conn) error {
		err := migrations.Roles(ctx, conn, migrations.Role{Name: postgres.AppRole}, migrations.Role{Name: postgres.SweepRole})
		if err == nil {
			_, err = migrations.Up(ctx, conn)
		}
		return err
	})
}

// admin does something as the superuser.
func (s *site) admin(name string, do func(context.Context, *pgx.Conn) error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.postgres.URL(pgserver.Superuser, name))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := do(ctx, conn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) dialPostgres() (net.Conn, error) {
	u, err := url.Parse(s.postgres.URL(pgserver.Superuser, database))
	if err != nil {
		return nil, err
	}
	return net.Dial("unix", u.Query().Get("host")+"/.s.PGSQL."+u.Query().Get("port"))
}

// through is how a role connects by a network.
func (s *site) through(p *proxy, role string) string {
	return "postgres://" + role + "@" + p.addr + "/" + database + "?sslmode=disable"
}

// credential returns a token of an owner's.
func (s *site) credential(owner string) string {
	s.t.Helper()
	token, err := jwt.Signed(s.signer).Claims(jwt.Claims{Subject: owner, Expiry: jwt.NewNumericDate(time.Now().Add(24 * time.Hour))}).Serialize()
	if err != nil {
		s.t.Error(err)
	}
	return token
}

// open returns what clients see of the site.
func (s *site) open() *server {
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &server{http: &http.Client{Transport: transport}, at: func(function string) string {
		some := s.functions[function]
		return some[rand.IntN(len(some))].at()
	}}
}

// say notes what is done to the site.
func (s *site) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, fmt.Sprintf("%9.3f s  %s", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...)))
}

// meanwhile returns what was done to it from a moment on.
func (s *site) meanwhile(since time.Time) (lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := since.Sub(s.began).Seconds() - 2
	for _, line := range s.said {
		var at float64
		if fmt.Sscan(line, &at); at >= from {
			lines = append(lines, line)
		}
	}
	return lines
}

// killPostgres ends the whole server with SIGKILL: the postmaster, and at once
// every process of it, which could otherwise still finish what it was doing.
// Its supervisor starts it again.
func (s *site) killPostgres() {
	s.t.Helper()
	postmaster := s.postgres.PID()
	if postmaster == 0 {
		return // it is just being started
	}
	pids := s.backends()
	for _, pid := range append([]int{postmaster}, pids...) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.say("PostgreSQL is killed, with %d processes", len(pids))
	tried.kills.Add(1)
}

// backends returns the server's processes beside the postmaster, none if it
// does not answer.
func (s *site) backends() (pids []int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.postgres.URL(pgserver.Superuser, database))
	if err != nil {
		return nil
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "select pid from pg_stat_activity")
	if err == nil {
		pids, _ = pgx.CollectRows(rows, pgx.RowTo[int])
	}
	return pids
}

// again kills a process and starts it anew.
func (s *site) again(p *process) {
	s.t.Helper()
	p.kill()
	s.say("%s at %s is killed", p.name, p.at())
	tried.kills.Add(1)
	if err := p.start(); err != nil {
		s.t.Fatal(err)
	}
}

// healthy fails the test if a process ended by itself, or had a panic.
func (s *site) healthy() {
	s.t.Helper()
	for _, all := range s.functions {
		for _, p := range all {
			p.mu.Lock()
			panics := p.panics
			p.mu.Unlock()
			if !p.alive() || panics > 0 {
				s.t.Errorf("%s: alive %v, %d lines about panics; its last words: %q", p.name, p.alive(), panics, p.lines())
			}
		}
	}
}

// hits returns how many reads Redis has answered, as the processes that run now
// count them.
func (s *site) hits() (sum float64) {
	for _, p := range s.functions["list"] {
		sum += p.gauge("todo_cache_hits_total")
	}
	return sum
}

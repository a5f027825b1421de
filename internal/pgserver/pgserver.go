//go:build unix

package pgserver

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"
)

const (
	pollEvery   = 20 * time.Millisecond
	pingTimeout = time.Second
	quitGrace   = 3 * time.Second
)

// Server is a running PostgreSQL. Its methods may be called from several goroutines.
type Server struct {
	config  Config
	dir     string // resolved Config.Dir
	data    string // PostgreSQL's own folder inside dir
	account account
	install install
	log     *zap.Logger

	owner     *os.File // locked for as long as this Server owns dir
	socketDir string

	running context.Context // ends when Stop is called
	stop    context.CancelFunc
	exits   chan error    // the first unexpected end, for Start
	done    chan struct{} // closed once nothing of the server is left

	mu      sync.Mutex
	process *os.Process // nil between two runs
}

// Start returns once the server accepts connections. The context bounds the start only; the server
// runs until Stop, or until this program ends. It fails with ErrNotInstalled when the machine has no
// PostgreSQL and with *InUseError when another process runs a server in the same folder.
func Start(ctx context.Context, config Config) (*Server, error) {
	s := &Server{
		config: config,
		log:    config.Log,
		exits:  make(chan error, 1),
		done:   make(chan struct{}),
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	s.running, s.stop = context.WithCancel(context.Background())
	if err := s.start(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("starting PostgreSQL in %s: %w", config.Dir, err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	if err := s.open(ctx); err != nil {
		s.release()
		return err
	}
	go s.supervise()
	if err := s.awaitReady(ctx); err != nil {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), quitGrace)
		defer cancel()
		_ = s.Stop(ending) // err is the one worth telling
		return err
	}
	return nil
}

// open takes the folder and brings it to where postgres itself can be run.
func (s *Server) open(ctx context.Context) error {
	dir, err := filepath.Abs(s.config.Dir)
	if err != nil {
		return err
	}
	if s.account, err = accountFor(filepath.Join(dir, dataName)); err != nil {
		return err
	}
	if s.install, err = findInstall(ctx, s.config.BinDir, filepath.Join(dir, dataName)); err != nil {
		return err
	}
	if s.dir, err = makeFolder(dir, s.account); err != nil {
		return err
	}
	s.data = filepath.Join(s.dir, dataName)
	var earlier string
	if s.owner, earlier, err = lockFolder(s.dir); err != nil {
		return err
	}
	removeSocketDir(earlier)

	claim, err := s.claim(ctx, s.stopOrphan)
	if err != nil {
		return err
	}
	defer claim.Close()
	s.dropStalePID(earlier)
	if _, err := os.Stat(s.data); os.IsNotExist(err) {
		if err := s.initdb(ctx, claim); err != nil {
			return err
		}
	}
	if s.socketDir, err = makeSocketDir(s.account); err != nil {
		return err
	}
	return recordOwner(s.owner, s.socketDir)
}

// release gives the folder back.
func (s *Server) release() {
	removeSocketDir(s.socketDir)
	if s.owner != nil {
		s.owner.Close() // and with it goes the lock
	}
}

// URL is the connection string of a role and a database, through the server's socket. It stays the
// same over restarts by supervision, and changes with every Start.
func (s *Server) URL(user, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User(user),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {s.socketDir}, "port": {s.settings()["port"]}}.Encode(),
	}
	return u.String()
}

// PID is the process id of the postmaster, or 0 while there is none.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.Pid
}

// Stop shuts the server down, ending the sessions of its clients, and waits for that. When the
// context ends first the server is killed and the context's error returned; what was committed is
// kept even then. Stopping twice does no harm.
func (s *Server) Stop(ctx context.Context) error {
	s.signal(syscall.SIGINT, s.stop)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	s.signal(syscall.SIGQUIT, nil)
	select {
	case <-s.done:
	case <-time.After(quitGrace):
		s.signal(syscall.SIGKILL, nil)
		<-s.done
	}
	return fmt.Errorf("stopping PostgreSQL in %s: %w", s.dir, ctx.Err())
}

// signal sends to the postmaster, if there is one. What is given as before happens under the lock that
// run starts processes under, so that none starts unseen.
func (s *Server) signal(sig os.Signal, before func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before != nil {
		before()
	}
	if s.process != nil {
		_ = s.process.Signal(sig) // it may have ended by itself
	}
}

func (s *Server) awaitReady(ctx context.Context) error {
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case err := <-s.exits:
			return err
		case <-ctx.Done():
			return fmt.Errorf("waiting for it to accept connections: %w (last answer: %w)", ctx.Err(), err)
		case <-time.After(pollEvery):
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	conn, err := pgconn.Connect(ctx, s.URL(Superuser, Superuser))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

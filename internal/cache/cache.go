// Package cache keeps rendered answers in Redis, in front of a task.Store.
// What is kept can never be stale: docs/adr/0001-cache-by-generation.md has
// the protocol. Redis may be absent, slow, empty or wrong about what it holds;
// answers stay right and only cost more.
package cache

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/redis/go-redis/v9"

	"todo-app/internal/task"
)

const (
	// Timeout bounds each exchange with Redis. It answers in well under a
	// millisecond; a read that waited longer would rather ask Postgres.
	Timeout = 50 * time.Millisecond
	// life is how long an answer is kept that the clock never changes. Its
	// owner's next write outdates it; this only frees the memory.
	life = time.Hour
	// largest is the largest answer kept, in bytes.
	largest = 1 << 20
	// After failures failed exchanges in a row Redis is left alone for pause,
	// then tried with one.
	failures = 5
	pause    = 2 * time.Second
)

// NewBreaker returns what has somebody leave Redis alone while it fails, and
// calls opened whenever that begins. Each use of Redis has one of its own: that
// one's exchanges are slow says nothing about another's.
func NewBreaker(opened func()) circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(failures).
		WithDelay(pause).
		WithSuccessThreshold(1). // without it the trial is as many exchanges as failures
		OnOpen(func(circuitbreaker.StateChangedEvent) { opened() }).
		Build()
}

// Open returns a client for a Redis URL, one that gives up fast and leaves
// retrying to the breaker. It connects when first used. With rediss:// the
// server is believed if ca vouches for it, or for nil what the system trusts.
func Open(url string, maxConns int, ca *x509.CertPool) (*redis.Client, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("reading the Redis URL: %w", err)
	}
	if ca != nil {
		if o.TLSConfig == nil {
			return nil, errors.New("certificates are given to verify Redis by, and its URL is without TLS: use rediss://")
		}
		o.TLSConfig.RootCAs = ca
	}
	o.MaxRetries = -1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = Timeout, Timeout, Timeout, Timeout
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.PoolSize = maxConns
	return redis.NewClient(o), nil
}

// Store is a task.Store that keeps what Next answers. Writes pass it by:
// there is nothing to invalidate.
type Store struct {
	Next    task.Store
	redis   *redis.Client
	breaker circuitbreaker.CircuitBreaker[any]
	Stats   Stats
}

var _ task.Store = (*Store)(nil)

// New puts a cache in front of next.
func New(next task.Store, client *redis.Client) *Store {
	s := &Store{Next: next, redis: client}
	s.breaker = NewBreaker(func() { s.Stats.Opened.Add(1) })
	return s
}

// Owner implements task.Store. It is never cached: knowing the owner's present
// generation is what keeps everything else from being stale.
func (s *Store) Owner(ctx context.Context, owner string) (task.Owner, error) {
	return s.Next.Owner(ctx, owner)
}

// Changes implements task.Store. Who asks has the ones before already, so there
// is nothing to keep.
func (s *Store) Changes(ctx context.Context, owner string, after task.Place, most int) (task.Changes, error) {
	return s.Next.Changes(ctx, owner, after, most)
}

// History implements task.Store.
func (s *Store) History(ctx context.Context, owner string, id task.ID, after task.Place, most int) (task.Changes, error) {
	return s.Next.History(ctx, owner, id, after, most)
}

// Snapshot implements task.Store. Nobody asks for all there is twice.
func (s *Store) Snapshot(ctx context.Context, owner string, tell task.Telling) error {
	return s.Next.Snapshot(ctx, owner, tell)
}

// Dated implements task.Store.
func (s *Store) Dated(ctx context.Context, owner string, since time.Time, most int, each func(*task.Task) error) error {
	return s.Next.Dated(ctx, owner, since, most, each)
}

// Calendar implements task.Store.
func (s *Store) Calendar(ctx context.Context, owner string) (task.Calendar, error) {
	return s.Next.Calendar(ctx, owner)
}

// CalendarOwner implements task.Store.
func (s *Store) CalendarOwner(ctx context.Context, digest []byte) (string, error) {
	return s.Next.CalendarOwner(ctx, digest)
}

// Task implements task.Store. What is kept are answers, not tasks.
func (s *Store) Task(ctx context.Context, owner string, id task.ID) (task.Task, error) {
	return s.Next.Task(ctx, owner, id)
}

// APIKeys implements task.Store. Who may do what is not for a cache to say.
func (s *Store) APIKeys(ctx context.Context, owner string) ([]task.APIKey, error) {
	return s.Next.APIKeys(ctx, owner)
}

// Templates implements task.Store. They are few and seldom read.
func (s *Store) Templates(ctx context.Context, owner, after string, most int) ([]task.Template, error) {
	return s.Next.Templates(ctx, owner, after, most)
}

// Template implements task.Store.
func (s *Store) Template(ctx context.Context, owner, name string) (task.Template, error) {
	return s.Next.Template(ctx, owner, name)
}

// Operations implements task.Store.
func (s *Store) Operations(ctx context.Context, owner string, since time.Time) ([]task.Operation, error) {
	return s.Next.Operations(ctx, owner, since)
}

// Write implements task.Store.
func (s *Store) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	return s.Next.Write(ctx, w, do)
}

// List implements task.Store.
func (s *Store) List(ctx context.Context, owner string, at task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	return s.through(ctx, owner, at, q.Key(v), v.Now, func() (task.Rendered, error) { return s.Next.List(ctx, owner, at, v, q) })
}

// Get implements task.Store.
func (s *Store) Get(ctx context.Context, owner string, at task.Generation, v task.View, id task.ID) (task.Rendered, error) {
	return s.through(ctx, owner, at, task.GetKey(id, v), v.Now, func() (task.Rendered, error) { return s.Next.Get(ctx, owner, at, v, id) })
}

// Report implements task.Store.
func (s *Store) Report(ctx context.Context, owner string, at task.Generation, v task.View, report task.Report) (task.Rendered, error) {
	return s.through(ctx, owner, at, report.Key(v), v.Now, func() (task.Rendered, error) { return s.Next.Report(ctx, owner, at, v, report) })
}

// through answers from the cache, or else from the store behind, whose answer is
// kept under the generation that it is of.
func (s *Store) through(ctx context.Context, owner string, at task.Generation, what string, now time.Time, next func() (task.Rendered, error)) (task.Rendered, error) {
	r, found := s.get(ctx, key(owner, at, what), now)
	if found == hit {
		r.Generation = at
		return r, nil
	}
	r, err := next()
	if err == nil && found == miss {
		s.put(ctx, key(owner, r.Generation, what), r, now)
	}
	return r, err
}

// key names an answer. What tells two answers apart may be long and may be
// anything a caller sends, so it goes in as a digest.
func key(owner string, g task.Generation, what string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %d %s", owner, g.Count, g.Nonce, what)
	return "todo:" + string(h.Sum(nil))
}

// outcome is what came of asking Redis.
type outcome int8

const (
	hit     outcome = iota
	miss            // it has nothing that still reads right
	trouble         // it failed just now, or was left alone: no use to put anything there
)

// get returns a kept answer that still reads right. The exchange goes on when
// the caller goes away: it is short, and says how Redis is.
func (s *Store) get(ctx context.Context, key string, now time.Time) (task.Rendered, outcome) {
	if !s.breaker.TryAcquirePermit() {
		s.Stats.Skipped.Add(1)
		return task.Rendered{}, trouble
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
	defer cancel()
	b, err := s.redis.Get(ctx, key).Bytes()
	if errors.Is(err, redis.Nil) {
		s.breaker.RecordSuccess()
		s.Stats.Misses.Add(1)
		return task.Rendered{}, miss
	}
	if !s.record(err) {
		return task.Rendered{}, trouble
	}
	r, ok := decode(key, b)
	if !ok || !r.Fresh(now) {
		s.Stats.Misses.Add(1)
		return task.Rendered{}, miss
	}
	s.Stats.Hits.Add(1)
	return r, hit
}

// put keeps an answer until the clock changes it. Failing costs the next
// reader a miss.
func (s *Store) put(ctx context.Context, key string, r task.Rendered, now time.Time) {
	keep := life
	if !r.Until.IsZero() {
		keep = min(keep, r.Until.Sub(now))
	}
	if r.Generation == (task.Generation{}) { // an owner without writes: see postgres.ownerState
		return
	}
	if keep < time.Millisecond || len(r.Body) > largest || !s.breaker.TryAcquirePermit() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Timeout)
	defer cancel()
	s.record(s.redis.Set(ctx, key, encode(key, r), keep).Err())
}

// record tells the breaker how an exchange with Redis went.
func (s *Store) record(err error) bool {
	if err != nil {
		s.breaker.RecordError(err)
		s.Stats.Errors.Add(1)
		return false
	}
	s.breaker.RecordSuccess()
	return true
}

// checksum covers the key too, so that a value under another one is damaged.
func checksum(key string, b []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(key)), crc32.IEEETable, b)
}

// encode writes an answer down: a checksum of what follows, the expiry in
// microseconds, the validator and the cursor each behind its length, then the
// body.
func encode(key string, r task.Rendered) []byte {
	b := make([]byte, crc32.Size, 32+len(r.ETag)+len(r.Next)+len(r.Body))
	var until int64
	if !r.Until.IsZero() {
		until = r.Until.UnixMicro()
	}
	b = binary.BigEndian.AppendUint64(b, uint64(until))
	b = binary.AppendUvarint(b, uint64(len(r.ETag)))
	b = append(b, r.ETag...)
	b = binary.AppendUvarint(b, uint64(len(r.Next)))
	b = append(b, r.Next...)
	b = append(b, r.Body...)
	binary.BigEndian.PutUint32(b, checksum(key, b[crc32.Size:]))
	return b
}

// decode reads what encode wrote; anything else is not ok.
func decode(key string, b []byte) (r task.Rendered, ok bool) {
	if len(b) < crc32.Size+8 || binary.BigEndian.Uint32(b) != checksum(key, b[crc32.Size:]) {
		return r, false
	}
	b = b[crc32.Size:]
	if until := int64(binary.BigEndian.Uint64(b)); until != 0 {
		r.Until = time.UnixMicro(until)
	}
	b = b[8:]
	for _, field := range []*string{&r.ETag, &r.Next} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return r, false
		}
		*field = string(b[size : size+int(n)])
		b = b[size+int(n):]
	}
	r.Body = b
	return r, len(b) > 0
}

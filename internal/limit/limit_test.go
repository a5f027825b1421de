package limit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"todo-app/internal/cache"
	"todo-app/internal/cache/redistest"
	"todo-app/internal/limit"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func TestARateIsReadAsItIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]limit.Rate{
		"50/s": {50, 20 * time.Millisecond}, "600/m": {600, 100 * time.Millisecond}, "1/h": {1, time.Hour},
		"50/s+250": {250, 20 * time.Millisecond}, "1000000/s+1000000": {1_000_000, time.Microsecond}, "1/m+1": {1, time.Minute},
	} {
		if got, err := limit.ParseRate(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "50", "50/", "/s", "0/s", "-1/s", "50/d", "50/s+", "50/s+0", "1000001/s", "50/s+1000001", "50 / s", "5e1/s", "1/s+1+1", "off"} {
		if got, err := limit.ParseRate(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

// bucket is a token bucket as textbooks have it, in exact time: the limiter has
// to allow what it allows.
type bucket struct {
	rate limit.Rate
	left time.Duration // tokens, as the time they took to come
	at   time.Time
}

func (b *bucket) take(now time.Time) bool {
	full := time.Duration(b.rate.Burst) * b.rate.Interval
	b.left = min(full, b.left+now.Sub(b.at))
	b.at = now
	if b.left < b.rate.Interval {
		return false
	}
	b.left -= b.rate.Interval
	return true
}

func TestAnAllowanceIsATokenBucket(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := limit.Rate{Burst: rapid.IntRange(1, 5).Draw(t, "burst"), Interval: time.Duration(rapid.IntRange(1, 1000).Draw(t, "interval")) * time.Millisecond}
		now := noon
		limiter := limit.Limiter{Rate: rate, Now: func() time.Time { return now }}
		model := bucket{rate: rate, left: time.Duration(rate.Burst) * rate.Interval, at: now}
		for range rapid.IntRange(1, 50).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "pause")) * time.Millisecond)
			got, want := limiter.Take(context.Background(), "alice"), model.take(now)
			full := time.Duration(rate.Burst)*rate.Interval - model.left
			left := int(model.left / rate.Interval)
			if got.OK != want || got.Full != full || got.OK && got.Remaining != left {
				t.Fatalf("at %v it is %+v, and by the model %v with %d left, full in %v", now.Sub(noon), got, want, left, full)
			}
			if !got.OK {
				if got.Retry <= 0 || got.Retry != rate.Interval-model.left {
					t.Fatalf("told to wait %v, while %v would do", got.Retry, rate.Interval-model.left)
				}
			}
		}
	})
}

func TestOneOwnerDoesNotUseUpAnothers(t *testing.T) {
	t.Parallel()
	limiter := limit.Limiter{Rate: limit.Rate{Burst: 1, Interval: time.Hour}, Now: func() time.Time { return noon }}
	for _, owner := range []string{"alice", "bob", ""} {
		for i, want := range []bool{true, false, false} {
			if got := limiter.Take(t.Context(), owner); got.OK != want {
				t.Errorf("request %d of %q: %+v", i, owner, got)
			}
		}
	}
}

func TestOwnersWithoutEndDoNotFillMemoryNorFreeTheBusy(t *testing.T) {
	t.Parallel()
	now := noon
	limiter := limit.Limiter{Rate: limit.Rate{Burst: 2, Interval: time.Hour}, Now: func() time.Time { return now }}
	for i := range 3 * limit.MaxOwners {
		if i%limit.MaxOwners == limit.MaxOwners-1 {
			now = now.Add(2 * time.Hour) // all but the busy are full again
			limiter.Take(t.Context(), "busy")
			limiter.Take(t.Context(), "busy")
		}
		limiter.Take(t.Context(), fmt.Sprint(i))
		if n := limiter.Owners(); n > limit.MaxOwners {
			t.Fatalf("%d owners are remembered", n)
		}
	}
	if a := limiter.Take(t.Context(), "busy"); a.OK {
		t.Errorf("the busy one is forgotten: %+v", a)
	}
}

func shared(t *testing.T, server *redistest.Server) *limit.Redis {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1, DialTimeout: time.Second, ContextTimeoutEnabled: true})
	t.Cleanup(func() { client.Close() })
	return &limit.Redis{Client: client, Breaker: cache.NewBreaker(func() {}), Timeout: cache.Timeout}
}

func TestProcessesShareAnAllowanceInRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rate := limit.Rate{Burst: 5, Interval: time.Hour}
	allowed, first := 0, limit.Allowance{}
	for i := range 12 {
		process := limit.Limiter{Rate: rate, Now: func() time.Time { return noon }, Shared: patient{t, shared(t, server)}}
		a := process.Take(t.Context(), "o'wner\n\x00")
		if a.OK {
			allowed++
		}
		if i == 0 {
			first = a
		}
		if !a.OK && (a.Retry <= 59*time.Minute || a.Retry > time.Hour || a.Full > 5*time.Hour || a.Full < 4*time.Hour) {
			t.Errorf("refused with %+v", a)
		}
	}
	if diff := cmp.Diff(limit.Allowance{OK: true, Remaining: 4, Full: time.Hour}, first); diff != "" || allowed != rate.Burst {
		t.Errorf("%d were allowed, the first with %s", allowed, diff)
	}
}

// patient has Redis asked until it answers: a busy machine may let it miss its
// deadline.
type patient struct {
	t    *testing.T
	next *limit.Redis
}

func (p patient) Take(ctx context.Context, owner string, r limit.Rate) (limit.Allowance, error) {
	for end := time.Now().Add(20 * time.Second); ; {
		a, err := p.next.Take(ctx, owner, r)
		if err == nil || time.Now().After(end) {
			return a, err
		}
	}
}

func TestAnAllowanceInRedisFillsAgainAndLeavesNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	one := patient{t, shared(t, server)}
	rate := limit.Rate{Burst: 1, Interval: 200 * time.Millisecond}
	if a, err := one.Take(t.Context(), "alice", rate); err != nil || !a.OK {
		t.Fatal(a, err)
	}
	eventually(t, "it is allowed again", func() bool { a, err := one.Take(t.Context(), "alice", rate); return err == nil && a.OK })
	eventually(t, "the key is gone", func() bool {
		n, err := one.next.Client.DBSize(t.Context()).Result()
		return err == nil && n == 0
	})
}

func TestWithoutRedisEachProcessHoldsTheRateByItself(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	limiter := limit.Limiter{Rate: limit.Rate{Burst: 3, Interval: time.Hour}, Now: func() time.Time { return noon }, Shared: shared(t, server)}
	server.Kill()
	allowed := 0
	began := time.Now()
	for range 100 {
		if limiter.Take(t.Context(), "alice").OK {
			allowed++
		}
	}
	if allowed != 3 {
		t.Errorf("%d were allowed", allowed)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a hundred answers without Redis took %v", took)
	}
	server.Restart()
	eventually(t, "Redis is asked again, where the allowance is whole", func() bool { return limiter.Take(t.Context(), "alice").OK })
}

func TestWhatAnotherClockLeftKeepsNobodyOutForLong(t *testing.T) {
	t.Parallel()
	one := patient{t, shared(t, redistest.Start(t))}
	rate := limit.Rate{Burst: 2, Interval: time.Minute}
	if err := one.next.Client.Set(t.Context(), limit.Key("alice"), time.Now().AddDate(10, 0, 0).UnixMicro(), 0).Err(); err != nil {
		t.Fatal(err)
	}
	if a, err := one.Take(t.Context(), "alice", rate); err != nil || a.OK || a.Retry > time.Minute || a.Full > 2*time.Minute {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestARedisThatAnswersOtherThingsIsNotBelieved(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	r := shared(t, server)
	if err := r.Client.Set(t.Context(), limit.Key("alice"), "not a time", 0).Err(); err != nil {
		t.Fatal(err)
	}
	limiter := limit.Limiter{Rate: limit.Rate{Burst: 1, Interval: time.Hour}, Now: func() time.Time { return noon }, Shared: r}
	if a := limiter.Take(t.Context(), "alice"); !a.OK {
		t.Errorf("with rubbish in Redis: %+v", a)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("not so: ", what)
		}
	}
}

package cache_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"todo-app/internal/cache"
	"todo-app/internal/cache/redistest"
	"todo-app/internal/task"
	"todo-app/internal/task/tasktest"
)

func TestTheCacheDoesWhatEveryStoreMust(t *testing.T) {
	var store *cache.Store
	t.Run("with Redis", func(t *testing.T) {
		tasktest.Run(t, func(t testing.TB) task.Store {
			store = cache.New(newStore(t), client(t, redistest.Start(t)))
			return store
		})
	})
	if s := &store.Stats; s.Hits.Load() == 0 || s.Misses.Load() == 0 {
		t.Errorf("%d hits, %d misses: this tested no cache", s.Hits.Load(), s.Misses.Load())
	}
}

func TestTheCacheDoesWhatEveryStoreMustWhateverBecomesOfRedis(t *testing.T) {
	server := redistest.Start(t)
	var store *cache.Store
	opened, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t.Run("meanwhile", func(t *testing.T) {
			tasktest.Run(t, func(t testing.TB) task.Store {
				defer close(opened)
				store = cache.New(newStore(t), client(t, server))
				return store
			})
		})
	}()
	<-opened
	stats := &store.Stats
	hits := func() uint64 { return stats.Hits.Load() }
	cares := func() uint64 { return stats.Errors.Load() + stats.Skipped.Load() }
	times := 0
	for _, change := range []func(){server.Kill, server.Restart, server.Pause, server.Resume, server.Flush, server.Pause, server.Restart} {
		change()
		times++
		// Long enough for each to matter, as reads go.
		moved, some := hits, uint64(20)
		if times == 1 || times == 3 || times == 6 {
			moved = cares
		}
		if !await(done, moved, moved()+some) {
			break
		}
	}
	<-done
	if stats.Errors.Load() == 0 || hits() == 0 {
		t.Errorf("%d errors, %d hits in %d phases: Redis never failed, or never worked", stats.Errors.Load(), hits(), times)
	}
}

// await polls until a counter has got somewhere; false if all is done before.
func await(done <-chan struct{}, counter func() uint64, to uint64) bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for counter() < to {
		select {
		case <-done:
			return false
		case <-tick.C:
		}
	}
	return true
}

func TestASecondReadIsAnsweredByRedis(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.create("x")
	list, one := s.list(), s.get(id)
	asked := s.asked.reads.Load()
	for range 3 {
		if got := s.list(); got != list {
			t.Errorf("listed %s, then %s", list, got)
		}
		if got := s.get(id); got != one {
			t.Errorf("read %s, then %s", one, got)
		}
	}
	if now := s.asked.reads.Load(); now != asked || s.cache.Stats.Hits.Load() != 6 {
		t.Errorf("the store was asked %d times more, %d hits", now-asked, s.cache.Stats.Hits.Load())
	}
}

func TestAKeptAnswerIsTheAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create("x")
	s.create("y")
	tomorrow := task.Due{At: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2), AllDay: true}
	if _, err := s.service.Create(t.Context(), s.call, []task.Patch{{Title: task.Value("z"), Due: task.Value(tomorrow)}}, false); err != nil {
		t.Fatal(err)
	}
	for _, q := range []task.Query{all, {Sort: task.SortCreated, Limit: 1}, {Sort: task.SortDue, Limit: 2}, {Filter: task.Filter{Due: task.DueWeek}, Sort: task.SortTitle, Limit: 9}} {
		var answers [2]task.Rendered
		for i := range answers {
			var err error
			if answers[i], err = s.service.List(t.Context(), s.call, q, nil); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
			t.Errorf("a kept page differs (-first +kept):\n%s", diff)
		}
	}
	if s.cache.Stats.Hits.Load() != 4 {
		t.Errorf("%d hits of 4", s.cache.Stats.Hits.Load())
	}
}

func TestAKeptReportIsTheReportUntilTheClockOrAWriteChangesIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	s.service.Now = func() time.Time { return now }
	soon := task.Patch{Title: task.Value("soon"), Due: task.Value(task.Due{At: now.Add(time.Hour)})}
	if _, err := s.service.Create(t.Context(), s.call, []task.Patch{soon}, false); err != nil {
		t.Fatal(err)
	}
	report := func(r task.Report) task.Rendered {
		t.Helper()
		answer, err := s.service.Report(t.Context(), s.call, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for _, r := range []task.Report{task.ReportStats, task.ReportTrends} {
		hits := s.cache.Stats.Hits.Load()
		first := report(r)
		for until := time.Now().Add(patience); s.cache.Stats.Hits.Load() == hits; { // Redis may be slow
			if diff := cmp.Diff(first, report(r)); diff != "" {
				t.Fatalf("a kept report differs (-first +kept):\n%s", diff)
			}
			if time.Now().After(until) {
				t.Fatalf("%s is never kept", r)
			}
		}
	}
	before := string(report(task.ReportStats).Body)
	now = now.Add(time.Hour + time.Microsecond)
	if after := string(report(task.ReportStats).Body); after == before || !strings.Contains(after, `"overdue":1,`) {
		t.Error("after the due the report is", after)
	}
	before = string(report(task.ReportTrends).Body)
	s.create("another")
	if after := string(report(task.ReportTrends).Body); after == before {
		t.Error("after a write the report is", after)
	}
}

func TestRedisKilledAndRestartedEmpty(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 3 {
		s.writesAndReads()
		s.redis.Kill()
		s.writesAndReads()
		s.redis.Restart()
		s.writesAndReads()
		hits := s.cache.Stats.Hits.Load()
		until(t, "Redis answers again", func() bool { return s.cache.Stats.Hits.Load() > hits }, s.writesAndReads)
	}
}

func TestARedisThatHangsDelaysNobodyForLong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.writesAndReads()
	s.redis.Pause()
	opened := func() bool { return s.cache.Stats.Opened.Load() > 0 }
	until(t, "Redis is left alone", opened, s.writesAndReads)
	if errors := s.cache.Stats.Errors.Load(); errors != 5 {
		t.Errorf("left alone after %d errors", errors)
	}
	skipped := s.cache.Stats.Skipped.Load()
	s.writesAndReads()
	if s.cache.Stats.Skipped.Load() == skipped {
		t.Error("Redis was not left alone")
	}
	s.redis.Resume()
	hits := s.cache.Stats.Hits.Load()
	until(t, "Redis is used again", func() bool { return s.cache.Stats.Hits.Load() > hits }, s.writesAndReads)
}

func TestOneExchangeTriesARedisThatWasLeftAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create("x")
	s.redis.Pause()
	stats := &s.cache.Stats
	read := func() { s.list() }
	until(t, "Redis is left alone", func() bool { return stats.Opened.Load() == 1 }, read)
	until(t, "it is tried", func() bool { return stats.Errors.Load() > 5 }, read)
	for range 5 {
		read()
	}
	if stats.Errors.Load() != 6 || stats.Opened.Load() != 2 {
		t.Errorf("%d errors, left alone %d times; want 6 and 2", stats.Errors.Load(), stats.Opened.Load())
	}
}

func TestACallerWhoGoesAwayIsNoFaultOfRedis(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create("x")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	owner, err := s.cache.Owner(t.Context(), s.call.Owner)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.cache.List(gone, s.call.Owner, owner.Generation, task.View{Now: time.Now(), Zone: time.UTC}, all)
	}
	if stats := &s.cache.Stats; stats.Errors.Load() != 0 || stats.Opened.Load() != 0 {
		t.Errorf("%d errors, left alone %d times", stats.Errors.Load(), stats.Opened.Load())
	}
}

func TestADamagedValueIsAMiss(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.create("x")
	direct := client(t, s.redis)
	list, one := s.list(), s.get(id)
	kept := values(t, direct)
	for again := 10; len(kept) != 2 && again > 0; again-- { // a busy machine may miss the moment that Redis is given
		s.list()
		s.get(id)
		kept = values(t, direct)
	}
	if len(kept) != 2 {
		t.Fatalf("%d values are kept, want 2", len(kept))
	}
	for name, damage := range map[string]func(key, value string) string{
		"empty":             func(_, _ string) string { return "" },
		"text":              func(_, _ string) string { return "garbage, and more of it than there are headers" },
		"zeros":             func(_, v string) string { return strings.Repeat("\x00", len(v)) },
		"plausible":         func(_, _ string) string { return strings.Repeat("\x00", 14) + "[]" },
		"cut short by one":  func(_, v string) string { return v[:len(v)-1] },
		"cut in half":       func(_, v string) string { return v[:len(v)/2] },
		"its beginning":     func(_, v string) string { return v[:9] },
		"one byte more":     func(_, v string) string { return v + "x" },
		"first byte wrong":  func(_, v string) string { return "\x7f" + v[1:] },
		"expiry wrong":      func(_, v string) string { return v[:5] + "\x7f" + v[6:] },
		"middle byte wrong": func(_, v string) string { return v[:len(v)/2] + "\x01" + v[len(v)/2+1:] },
		"last byte wrong":   func(_, v string) string { return v[:len(v)-1] + "!" },
		"another key's": func(key, _ string) string {
			for other, v := range kept {
				if other != key {
					return v
				}
			}
			return ""
		},
	} {
		for key, value := range kept {
			if err := direct.Set(t.Context(), key, damage(key, value), 0).Err(); err != nil {
				t.Fatal(err)
			}
		}
		asked := s.asked.reads.Load()
		if got := s.list(); got != list {
			t.Errorf("%s: listed %s, want %s", name, got, list)
		}
		if got := s.get(id); got != one {
			t.Errorf("%s: read %s, want %s", name, got, one)
		}
		if n := s.asked.reads.Load() - asked; n != 2 {
			t.Errorf("%s: %d reads were no hits, want 2", name, n)
		}
		if diff := cmp.Diff(kept, values(t, direct)); diff != "" {
			t.Errorf("%s: was not mended: %s", name, diff)
		}
	}
}

// values returns all that a Redis holds.
func values(t testing.TB, c *redis.Client) map[string]string {
	t.Helper()
	held := map[string]string{}
	keys, err := c.Keys(t.Context(), "*").Result()
	for _, key := range keys {
		if err == nil {
			held[key], err = c.Get(t.Context(), key).Result()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func TestARedisThatRefusesLeavesAnswersRight(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(context.Context, *redis.Client) error{
		"another type under the keys": func(ctx context.Context, c *redis.Client) error {
			for _, key := range c.Keys(ctx, "*").Val() {
				c.Del(ctx, key)
				c.LPush(ctx, key, "x")
			}
			return nil
		},
		"no memory left": func(ctx context.Context, c *redis.Client) error { return c.ConfigSet(ctx, "maxmemory", "1").Err() },
		"a password": func(ctx context.Context, c *redis.Client) error {
			return c.ConfigSet(ctx, "requirepass", "secret").Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			id := s.create("x")
			list, one := s.list(), s.get(id)
			if err := spoil(t.Context(), client(t, s.redis)); err != nil {
				t.Fatal(err)
			}
			if s.list() != list || s.get(id) != one {
				t.Error("an answer changed")
			}
			s.create("y")
			if got := s.list(); !strings.Contains(got, `"y"`) {
				t.Errorf("after a write: %s", got)
			}
		})
	}
}

func TestWritersNeedNoRedis(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	dead := redistest.Start(t)
	dead.Kill()
	writer, reader := over(t, store, dead), over(t, store, redistest.Start(t))
	for i := range 10 {
		id := writer.create(fmt.Sprint("task ", i))
		for range 2 {
			if got := reader.list(); !strings.Contains(got, id.String()) {
				t.Fatalf("task %d is missing in %s", i, got)
			}
		}
	}
	// Each task is found in the cache the second time, unless Redis did not
	// answer in time, which it may not on a busy machine, and which is counted.
	stats := &reader.cache.Stats
	hits, failed := stats.Hits.Load(), stats.Errors.Load()+stats.Skipped.Load()
	if hits == 0 || hits+failed < 10 {
		t.Errorf("%d hits of 10, and %d exchanges that failed", hits, failed)
	}
}

// held answers lists late: what it read goes on only when it is let.
type held struct {
	task.Store
	read, let chan struct{}
}

func (h *held) List(ctx context.Context, owner string, at task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	r, err := h.Store.List(ctx, owner, at, v, q)
	h.read <- struct{}{}
	<-h.let
	return r, err
}

func TestASlowFillThatRacesAWriteIsNotServedAfterIt(t *testing.T) {
	t.Parallel()
	store, server := newStore(t), redistest.Start(t)
	slow := &held{Store: store, read: make(chan struct{}), let: make(chan struct{})}
	late, s := over(t, slow, server), over(t, store, server)
	s.create("before")
	filled := make(chan string)
	go func() { filled <- late.list() }()
	<-slow.read // the old state is on its way into the cache
	id := s.create("between")
	slow.let <- struct{}{}
	if got := <-filled; strings.Contains(got, id.String()) {
		t.Errorf("the slow read saw what came after it: %s", got)
	}
	for range 2 {
		if got := s.list(); !strings.Contains(got, id.String()) {
			t.Errorf("the write is missing in %s", got)
		}
	}
}

// overtaken lets a write by in front of each list.
type overtaken struct {
	task.Store
	write func()
}

func (o *overtaken) List(ctx context.Context, owner string, at task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	o.write()
	return o.Store.List(ctx, owner, at, v, q)
}

func TestAnAnswerIsKeptUnderTheStateItIsOf(t *testing.T) {
	t.Parallel()
	store, server := newStore(t), redistest.Start(t)
	s := over(t, store, server)
	s.create("before")
	late := over(t, &overtaken{Store: store, write: func() { s.create("between") }}, server)
	list := late.list()
	if !strings.Contains(list, "between") {
		t.Errorf("the read is of an old state: %s", list)
	}
	if got := s.list(); got != list || s.cache.Stats.Hits.Load() != 1 {
		t.Errorf("a reader of that state gets %s with %d hits", got, s.cache.Stats.Hits.Load())
	}
}

func TestAnAnswerIsKeptNoLongerThanItReadsRight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	direct := client(t, s.redis)
	kept := func() time.Duration {
		t.Helper()
		direct.FlushAll(t.Context())
		s.list()
		keys := direct.Keys(t.Context(), "*").Val()
		if len(keys) != 1 {
			t.Fatalf("%d answers are kept", len(keys))
		}
		return direct.PTTL(t.Context(), keys[0]).Val()
	}
	s.create("undated")
	if d := kept(); d <= 0 || d > time.Hour {
		t.Errorf("what never changes by itself is kept for %v", d)
	}
	due := task.Due{At: time.Now().Add(10 * time.Minute).UTC().Truncate(time.Microsecond)}
	if _, err := s.service.Create(t.Context(), s.call, []task.Patch{{Title: task.Value("due"), Due: task.Value(due)}}, false); err != nil {
		t.Fatal(err)
	}
	if d := kept(); d <= 0 || d > 10*time.Minute {
		t.Errorf("what changes in ten minutes is kept for %v", d)
	}
}

func TestAVeryLargeAnswerIsNotKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var drafts []task.Patch
	for range 14 {
		drafts = append(drafts, task.Patch{Title: task.Value("x"), Description: task.Value(strings.Repeat("\U00020000", task.MaxDescription))})
	}
	if _, err := s.service.Create(t.Context(), s.call, drafts, true); err != nil {
		t.Fatal(err)
	}
	if first := s.list(); first != s.list() {
		t.Error("two reads differ")
	}
	if n := len(client(t, s.redis).Keys(t.Context(), "*").Val()); n != 0 {
		t.Errorf("%d answers are kept", n)
	}
}

func TestAURLThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "localhost:6379", "http://localhost", "redis://localhost/x"} {
		if _, err := cache.Open(url, 1, nil); err == nil {
			t.Errorf("opened %q", url)
		}
	}
}

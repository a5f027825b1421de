package limit

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/redis/go-redis/v9"
)

// Redis keeps allowances for all processes. It is asked before a request is
// served, so it is given up on fast, and left alone while it fails.
type Redis struct {
	Client  *redis.Client
	Breaker circuitbreaker.CircuitBreaker[any] // for it alone
	Timeout time.Duration                      // of each exchange
}

var errLeftAlone = errors.New("redis is left alone for a while")

// take is Rate.take in Redis, which runs it without anything in between, by
// Redis' own clock. Times are microseconds. A key lives until its allowance is
// full, when it says nothing any more.
var take = redis.NewScript(`
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
due = math.min(due, now + burst * interval) -- whatever another rate or another clock left
local following = due + interval
local over = following - now - burst * interval
if over > 0 then
  return {0, 0, due - now, over}
end
redis.call('SET', KEYS[1], string.format('%d', following), 'PX', math.ceil((following - now) / 1000))
return {1, math.floor((burst * interval - (following - now)) / interval), following - now, 0}
`)

// Take implements Shared.
func (r *Redis) Take(ctx context.Context, owner string, rate Rate) (Allowance, error) {
	if !r.Breaker.TryAcquirePermit() {
		return Allowance{}, errLeftAlone
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Timeout)
	defer cancel()
	reply, err := take.Run(ctx, r.Client, []string{key(owner)}, rate.Interval.Microseconds(), rate.Burst).Int64Slice()
	if err == nil && len(reply) != 4 {
		err = errors.New("redis answered something else than an allowance")
	}
	if err != nil {
		r.Breaker.RecordError(err)
		return Allowance{}, err
	}
	r.Breaker.RecordSuccess()
	return Allowance{
		OK: reply[0] == 1, Remaining: int(reply[1]),
		Full: time.Duration(reply[2]) * time.Microsecond, Retry: time.Duration(reply[3]) * time.Microsecond,
	}, nil
}

// key names an owner's allowance; names of owners may be anything.
func key(owner string) string {
	digest := sha256.Sum256([]byte(owner))
	return "todo:rate:" + string(digest[:])
}

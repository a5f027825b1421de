package app

import (
	"fmt"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"todo-app/internal/cache"
	"todo-app/internal/httpapi"
	"todo-app/internal/limit"
)

// bounds returns what callers may ask for. Without Redis each process holds
// owners to their rate by itself.
func bounds(s Settings, client *redis.Client) httpapi.Bounds {
	b := httpapi.Bounds{Work: s.Concurrency, Waits: s.Waits}
	if s.Rate == (limit.Rate{}) {
		return b
	}
	limiter := &limit.Limiter{Rate: s.Rate, Now: time.Now}
	if client != nil {
		limiter.Shared = &limit.Redis{Client: client, Breaker: cache.NewBreaker(func() {}), Timeout: cache.Timeout}
	}
	b.Policy = fmt.Sprintf(`"owner";q=%d;w=%d`, s.Rate.Burst, max(1, int((time.Duration(s.Rate.Burst)*s.Rate.Interval).Seconds())))
	b.Take = func(r *http.Request, owner string) httpapi.Allowance {
		return httpapi.Allowance(limiter.Take(r.Context(), owner))
	}
	return b
}

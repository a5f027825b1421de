package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"todo-app/internal/task"
)

// Keys identifies callers by API keys.
type Keys struct {
	Find Finder
	Now  func() time.Time

	mu    sync.Mutex
	known map[task.ID]known
}

// known is what the last lookup of an id said.
type known struct {
	key   task.APIKey
	err   error // task.ErrNoAPIKey or nil
	until time.Time
}

// maxKnown bounds what is remembered: ids are whatever callers send.
const maxKnown = 4096

var errKey = refused("the API key is not known, was revoked or has expired")

func (k *Keys) identify(ctx context.Context, id task.ID, secret string) (task.Caller, error) {
	now := k.Now()
	key, err := k.find(ctx, id, now)
	switch {
	case errors.Is(err, task.ErrNoAPIKey) || err == nil && !key.Opens(secret, now):
		return task.Caller{}, errKey
	case err != nil:
		return task.Caller{}, err
	}
	return task.Caller{Owner: key.Owner, Actor: key.Name, Scope: key.Scope, Operator: key.Scope == task.ScopeOps}, nil
}

// find returns a key, from memory for a while.
func (k *Keys) find(ctx context.Context, id task.ID, now time.Time) (task.APIKey, error) {
	k.mu.Lock()
	found, ok := k.known[id]
	k.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.key, found.err
	}
	found = known{until: now.Add(KeyMemory)}
	found.key, found.err = k.Find.FindAPIKey(ctx, id)
	if found.err == nil || errors.Is(found.err, task.ErrNoAPIKey) {
		k.remember(id, found)
	}
	return found.key, found.err
}

func (k *Keys) remember(id task.ID, found known) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= maxKnown {
		k.known = map[task.ID]known{}
	}
	k.known[id] = found
}

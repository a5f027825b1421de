package auth

// MaxKnown bounds Known.
const MaxKnown = maxKnown

// Known returns how many ids are remembered.
func (k *Keys) Known() int { return len(k.known) }

// The times of a KeySet.
const (
	RefreshAfter = refreshAfter
	StaleFor     = staleFor
	RetryAfter   = retryAfter
)

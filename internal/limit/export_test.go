package limit

// MaxOwners bounds Owners.
const MaxOwners = maxOwners

// Owners returns how many owners are remembered.
func (l *Limiter) Owners() int { return len(l.local.due) }

// Key names an owner's allowance in Redis.
func Key(owner string) string { return key(owner) }

// Package event carries changes to tasks out as CloudEvents, at least once and
// in order, and reads the CloudEvents that ask for a change.
package event

import (
	"context"
	"time"

	"todo-app/internal/task"
)

// Outbox keeps events until they are delivered. A lease that ended early or
// ran out makes the methods that name its claim errors or no-ops: another may
// hold the owner by then.
type Outbox interface {
	// Claim leases the undelivered events of one owner, oldest first and at
	// most so many: of the owner named, or with "" of whichever has waited
	// longest and nobody holds. It is not ok when there is nothing to claim.
	// No one else can claim that owner's events until the lease ends.
	Claim(ctx context.Context, owner string, most int, lease time.Duration) (c task.Claim, ok bool, err error)
	// Delivered forgets events of a claim that arrived.
	Delivered(ctx context.Context, c task.Claim, ids []task.ID) error
	// Refused sets an event aside that the sink will never take, with the
	// reason.
	Refused(ctx context.Context, c task.Claim, id task.ID, reason string) error
	// Release ends the lease early. Nobody can claim this owner's events
	// again until after has passed; 0 means at once.
	Release(ctx context.Context, c task.Claim, after time.Duration) error
}

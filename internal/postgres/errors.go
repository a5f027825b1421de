package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"todo-app/internal/task"
)

// SQLSTATEs that have a meaning here (PostgreSQL documentation, appendix A).
const (
	foreignKeyViolation  = "23503"
	checkViolation       = "23514"
	untranslatable       = "22021" // character_not_in_repertoire
	undefinedTable       = "42P01"
	undefinedFunction    = "42883"
	undefinedDatabase    = "3D000"
	invalidPassword      = "28P01"
	queryCanceled        = "57014"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03" // within lock_timeout
	readOnlyTransaction  = "25006" // after a failover the old primary answers this
)

// faultOf gives the constraints that a request can break their meaning.
var faultOf = map[string]task.Fault{
	"tasks_parent":               {Pointer: "/parent_id", Detail: "names no task"},
	"tasks_not_own_parent":       {Pointer: "/parent_id", Detail: "must not be the task itself"},
	"tasks_recurrence_needs_due": {Pointer: "/recurrence", Detail: "needs a due to repeat from"},
	"dependencies_target":        {Pointer: "/depends_on", Detail: "names no task"},
	"dependencies_not_self":      {Pointer: "/depends_on", Detail: "must not contain the task itself"},
}

// translate turns what the driver reports into the domain's errors. Doing
// says what was being done, for the log; callers are shown the meaning only.
func translate(doing string, err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, task.ErrUnknownOutcome), errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.As(err, &pg):
		if fault, ok := faultOf[pg.ConstraintName]; ok && (pg.Code == foreignKeyViolation || pg.Code == checkViolation) {
			return task.Faults{fault}
		}
		if pg.Code == untranslatable {
			return task.Faults{{Pointer: "", Detail: "contains a character that cannot be stored"}}
		}
		if !unavailable(pg.Code) {
			return fmt.Errorf("%s: %w", doing, err)
		}
	case !transport(err):
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, task.ErrUnavailable, err)
}

// unavailable reports whether a SQLSTATE says that the server cannot serve
// just now, rather than that the statement is wrong: connection exceptions,
// insufficient resources, operator intervention (shutdown, start-up,
// cancelled for time), rolled back for others' sake, read-only, not migrated:
// a site's functions may be there before its roles, database and tables are.
func unavailable(code string) bool {
	switch code[:2] {
	case "08", "53", "57", "40", "28":
		return true
	}
	return code == readOnlyTransaction || code == undefinedTable || code == undefinedFunction || code == undefinedDatabase
}

// transport reports whether the server was not reached or went away.
func transport(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.Timeout(err) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || closed(err) ||
		errors.Is(err, puddle.ErrClosedPool) // this process is on its way out
}

// retryable reports whether running the whole transaction again, on another
// connection if need be, may succeed. Only for work that has not committed.
func retryable(err error) bool {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, task.ErrUnknownOutcome):
		return false
	case errors.Is(err, errExpired):
		return true
	case errors.As(err, &pg):
		return rolledBack(err) || pg.Code[:2] == "08" || pg.Code[:2] == "57" && pg.Code != queryCanceled
	}
	return pgconn.SafeToRetry(err) || closed(err)
}

// cutOff reports whether a retryable error says that the server went away, or
// is no longer the one to write to, rather than that this transaction lost.
func cutOff(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code != serializationFailure && pg.Code != deadlockDetected
	}
	return !errors.Is(err, errExpired)
}

// inDoubt reports whether a failed commit may have happened all the same: the
// server went away, or said that it was going, before it said how it ended.
func inDoubt(err error) bool {
	var pg *pgconn.PgError
	return !errors.As(err, &pg) || pg.Code[:2] == "57" && pg.Code != queryCanceled || pg.Code[:2] == "08"
}

// rolledBack reports whether the server says that the transaction has no
// effect, and that another try may.
func rolledBack(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == serializationFailure || pg.Code == deadlockDetected || pg.Code == readOnlyTransaction)
}

// Package agents are the commands that agents of kagent need beside them: one
// that asks the observer for a round, in round.go, and the one act that the
// remediator may do alone, in janitor.go.
package agents

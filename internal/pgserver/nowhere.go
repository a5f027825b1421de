//go:build !unix

package pgserver

import (
	"context"
	"errors"
)

// ErrNotInstalled says that no server can be run on this system.
var ErrNotInstalled = errors.New("a PostgreSQL of its own is brought on Linux and macOS only: run it there")

// Server would be a running PostgreSQL. There is none: sessions, sockets and locks that a server is kept by are
// those of Unix.
type Server struct{}

// Start fails with ErrNotInstalled.
func Start(context.Context, Config) (*Server, error) { return nil, ErrNotInstalled }

// URL is never asked for.
func (*Server) URL(_, _ string) string { return "" }

// Stop is never asked for.
func (*Server) Stop(context.Context) error { return nil }

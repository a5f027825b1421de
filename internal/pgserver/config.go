// Package pgserver runs a private PostgreSQL as a child process: no listening port, no system
// service, one folder that holds everything. The server ends with the program that started it and
// is started again should it die sooner.
package pgserver

import "go.uber.org/zap"

// Superuser is the role that owns a new server and its one database of the same name.
const Superuser = "postgres"

// Config says where a server keeps its data and how it runs.
type Config struct {
	// Dir holds everything the server stores. It is made, with its parents, when absent.
	Dir string
	// BinDir holds postgres, initdb and pg_ctl. When empty the usual places are searched for the
	// version that made Dir, or for the newest.
	BinDir string
	// Settings are postgresql.conf parameters that override this package's own.
	Settings map[string]string
	// NoSync makes writes fast and a crash of the machine fatal to the data: for tests only.
	NoSync bool
	// Log receives the server's own lines and every unexpected end of it; nil drops them.
	Log *zap.Logger
}

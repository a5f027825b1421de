// Package postgres keeps tasks in PostgreSQL. All SQL of the application is
// here; callers see the domain's types and errors only.
package postgres

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The roles the application connects as, created with the schema. Neither
// owns anything nor bypasses row-level security.
const (
	AppRole   = "todo_app"   // functions: the rows of the owner at hand
	SweepRole = "todo_sweep" // the sweep: outbox and expired keys of all owners, and the tasks of one it names
)

// Options is how to reach the database.
type Options struct {
	URL string
	// Passwords, where there are several, are those of which one is good while it
	// is being changed; else it is the URL's own.
	Passwords []string
	Role      string         // act as this role if not "": for logins that are a member of it
	MaxConns  int            // most connections held at once
	Name      string         // shown in pg_stat_activity
	CA        *x509.CertPool // who vouches for the server, instead of those the system trusts; nil for these

	Tracer pgx.QueryTracer // is told of statements; nil: nobody is
}

const (
	// connectTimeout bounds connecting, where the URL has no connect_timeout,
	// and undoing what failed.
	connectTimeout = 2 * time.Second
	// serverTimeout ends what a client that vanished left running; requests
	// have shorter deadlines of their own.
	serverTimeout = 60 * time.Second
)

// Open returns a pool for the options; it connects when first used. The error
// says what is wrong with the URL, without its password.
func Open(ctx context.Context, o Options) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	if err := Trust(&config.ConnConfig.Config, o.CA); err != nil {
		return nil, err
	}
	config.MaxConns = int32(o.MaxConns)
	config.MinConns = 0 // a function at rest holds nothing
	config.MaxConnIdleTime = time.Minute
	config.MaxConnLifetime = 30 * time.Minute
	config.MaxConnLifetimeJitter = 5 * time.Minute
	config.ConnConfig.ConnectTimeout = cmp.Or(config.ConnConfig.ConnectTimeout, connectTimeout)
	params := config.ConnConfig.RuntimeParams
	params["application_name"] = o.Name
	params["timezone"] = "UTC"
	params["statement_timeout"] = strconv.FormatInt(serverTimeout.Milliseconds(), 10)
	params["idle_in_transaction_session_timeout"] = strconv.FormatInt(serverTimeout.Milliseconds(), 10)
	// A connection keeps its plans. One made while a table was small would read
	// all of it when it has grown; every statement here has an index to go by.
	params["enable_seqscan"] = "off"
	if o.Role != "" {
		params["role"] = o.Role
	}
	if len(o.Passwords) > 1 {
		config.BeforeConnect = (&passwords{all: o.Passwords}).choose
	}
	config.ConnConfig.ValidateConnect = refuseStandby
	config.ConnConfig.Tracer = o.Tracer
	return pgxpool.NewWithConfig(ctx, config)
}

var errUnverified = errors.New("certificates are given to verify the server by, and the sslmode of the database URL verifies nothing: use verify-full")

// Trust has connections believe a server that ca vouches for, instead of what
// the system trusts; nil changes nothing. It is an error where the URL does
// not ask for the server to be verified.
func Trust(config *pgconn.Config, ca *x509.CertPool) error {
	if ca == nil {
		return nil
	}
	all := []*tls.Config{config.TLSConfig}
	for _, f := range config.Fallbacks {
		all = append(all, f.TLSConfig)
	}
	for _, c := range all {
		if c == nil || c.InsecureSkipVerify && c.VerifyPeerCertificate == nil {
			return errUnverified
		}
		c.RootCAs = ca
	}
	return nil
}

var errStandby = errors.New("the server is a standby, which may be behind: connect to the primary")

// refuseStandby keeps reads off a server that has not heard of the last
// writes; with several hosts in the URL the next is tried. Servers report
// themselves from PostgreSQL 14 on.
func refuseStandby(_ context.Context, conn *pgconn.PgConn) error {
	if conn.ParameterStatus("in_hot_standby") == "on" {
		return errStandby
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"

	"todo-app/bench/owners"
	"todo-app/internal/postgres"
)

// statement is one that our own code was seen to send, so that a yardstick
// cannot drift from it. Those of one batch travel together.
type statement struct {
	SQL   string
	Args  []*string // as text; nil is null
	Batch int
}

// nonce is what the watched write stores, to be found among its arguments.
const nonce = 8_100_000_000_000_000_081

// watch runs one request against a database and returns what it had the
// database do.
func (w *world) watch(ctx context.Context, database string, r *http.Request) ([]statement, *recorder, error) {
	pool, err := postgres.Open(ctx, postgres.Options{URL: w.postgres.URL(postgres.AppRole, database), MaxConns: 1, Name: "watch"})
	if err != nil {
		return nil, nil, err
	}
	seen := &tracer{}
	config := pool.Config()
	pool.Close()
	config.ConnConfig.Tracer = seen
	if pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, nil, err
	}
	defer pool.Close()

	answer := &recorder{header: http.Header{}}
	owners.Handler(&postgres.Store{Pool: pool, Nonce: func() int64 { return nonce }}, zap.NewNop()).ServeHTTP(answer, r.WithContext(ctx))
	if answer.status/100 != 2 {
		return nil, nil, fmt.Errorf("watching %s %s: %d: %s", r.Method, r.URL, answer.status, answer.body.Bytes())
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Release()
	statements, err := seen.asText(ctx, conn.Conn())
	return statements, answer, err
}

// tracer notes every statement; it is a pgx.QueryTracer and pgx.BatchTracer.
type tracer struct {
	mu      sync.Mutex
	batches [][]sent
}

type sent struct {
	sql  string
	args []any
}

func (t *tracer) note(batch []sent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.batches = append(t.batches, batch)
}

// TraceQueryStart implements pgx.QueryTracer.
func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	t.note([]sent{{data.SQL, data.Args}})
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t *tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (t *tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	var batch []sent
	for _, q := range data.Batch.QueuedQueries {
		batch = append(batch, sent{q.SQL, q.Arguments})
	}
	t.note(batch)
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t *tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// asText writes every argument as its parameter's type has it in text.
func (t *tracer) asText(ctx context.Context, conn *pgx.Conn) ([]statement, error) {
	t.mu.Lock()
	batches := t.batches
	t.mu.Unlock()
	var all []statement
	for number, batch := range batches {
		for _, q := range batch {
			s := statement{SQL: strings.TrimSpace(q.sql), Batch: number, Args: make([]*string, len(q.args))}
			prepared, err := conn.Prepare(ctx, "", q.sql)
			if err != nil {
				return nil, fmt.Errorf("preparing %s: %w", q.sql, err)
			}
			for i, arg := range q.args {
				text, err := conn.TypeMap().Encode(prepared.ParamOIDs[i], pgtype.TextFormatCode, arg, []byte{}) // nil comes back for null
				if err != nil {
					return nil, fmt.Errorf("argument %d of %s: %w", i+1, q.sql, err)
				}
				if text != nil {
					value := string(text)
					s.Args[i] = &value
				}
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// recorder is an http.ResponseWriter that keeps the answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

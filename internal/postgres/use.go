package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/scaling"
)

// useColumns are a row's, in the order in which AddUse has them and scanUse
// reads them.
const useColumns = `
  hour,
  service,
  revision,
  pods,
  running_ms,
  requests,
  failed,
  busiest,
  cold_starts,
  cold_ms,
  coldest_ms,
  cpu_ms,
  memory_bytes`

const addUse = `
with news as (
  insert into function_notes as n (process, sequence, at)
  values ($14, $15, now())
  on conflict (process) do update set
    sequence = excluded.sequence,
    at = excluded.at
  where n.sequence < excluded.sequence
  returning 1)
insert into function_use as u (` + useColumns + `)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
from news
on conflict (hour, service, revision) do update set
  pods = u.pods + excluded.pods,
  running_ms = u.running_ms + excluded.running_ms,
  requests = u.requests + excluded.requests,
  failed = u.failed + excluded.failed,
  busiest = greatest(u.busiest, excluded.busiest),
  cold_starts = u.cold_starts + excluded.cold_starts,
  cold_ms = u.cold_ms + excluded.cold_ms,
  coldest_ms = greatest(u.coldest_ms, excluded.coldest_ms),
  cpu_ms = u.cpu_ms + excluded.cpu_ms,
  memory_bytes = greatest(u.memory_bytes, excluded.memory_bytes)`

// AddUse adds a note to what is kept of its revision's hour, unless it, or a
// later one of its process, was added before. So it may be tried again when
// nobody heard what became of it.
func (s *Store) AddUse(ctx context.Context, n scaling.Note) error {
	err := retry(ctx, s.Pool, func() error {
		_, err := s.Pool.Exec(ctx, addUse, n.Hour, n.Service, n.Revision, n.Pods, n.Running.Milliseconds(), n.Requests, n.Failed, n.Busiest,
			n.ColdStarts, n.Cold.Milliseconds(), n.Coldest.Milliseconds(), n.CPU.Milliseconds(), n.Memory, n.Process, n.Sequence)
		return err
	})
	return translate("noting what a function did", err)
}

const findUse = `
select` + useColumns + `
from function_use
where hour >= $1
order by hour, service, revision`

// Use returns what functions did from some hour on, oldest first.
func (s *Store) Use(ctx context.Context, since time.Time) (found []scaling.Use, err error) {
	err = retry(ctx, s.Pool, func() error {
		rows, err := s.Pool.Query(ctx, findUse, since)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, scanUse)
		return err
	})
	return found, translate("reading what functions did", err)
}

func scanUse(row pgx.CollectableRow) (u scaling.Use, err error) {
	var running, cold, coldest, cpu int64
	err = row.Scan((*moment)(&u.Hour), &u.Service, &u.Revision, &u.Pods, &running, &u.Requests, &u.Failed, &u.Busiest,
		&u.ColdStarts, &cold, &coldest, &cpu, &u.Memory)
	u.Running, u.Cold, u.Coldest, u.CPU = millis(running), millis(cold), millis(coldest), millis(cpu)
	return u, err
}

const useBegan = `
select
  service,
  min(hour)
from function_use
group by service`

// UseBegan returns the hour in which each service first noted anything, as far
// as that is kept.
func (s *Store) UseBegan(ctx context.Context) (began map[string]time.Time, err error) {
	err = retry(ctx, s.Pool, func() error {
		rows, err := s.Pool.Query(ctx, useBegan)
		if err != nil {
			return err
		}
		began = map[string]time.Time{}
		var service string
		var hour time.Time
		_, err = pgx.ForEachRow(rows, []any{&service, (*moment)(&hour)}, func() error {
			began[service] = hour
			return nil
		})
		return err
	})
	return began, translate("reading since when functions are known", err)
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// holder begins the name under which a service's connections are known to the
// server; its own name follows.
const holder = "todo-app "

// Holder returns that name, for Options.Name.
func Holder(service string) string { return holder + service }

const connectionsUsed = `
select
  current_setting('max_connections')::int,
  (select coalesce(sum(numbackends), 0)::int from pg_stat_database)`

const connectionsHeld = `
select
  application_name,
  count(*)::int
from pg_stat_activity
where datname = current_database()
  and starts_with(application_name, $1)
group by application_name`

// Connections returns how the server's connections are used. Those of services
// whose names are too long for the server to show whole are among the used and
// held by a part of the name.
func (s *Store) Connections(ctx context.Context) (c scaling.Connections, err error) {
	err = retry(ctx, s.Pool, func() error {
		if err := s.Pool.QueryRow(ctx, connectionsUsed).Scan(&c.Most, &c.Used); err != nil {
			return err
		}
		rows, err := s.Pool.Query(ctx, connectionsHeld, holder)
		if err != nil {
			return err
		}
		c.Holds = map[string]int{}
		var name string
		var n int
		_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
			c.Holds[strings.TrimPrefix(name, holder)] = n
			return nil
		})
		return err
	})
	return c, translate("reading who holds connections", err)
}

// Size returns how many bytes the database takes on its server's disk, without
// the write-ahead log.
func (s *Store) Size(ctx context.Context) (bytes int64, err error) {
	err = retry(ctx, s.Pool, func() error {
		return s.Pool.QueryRow(ctx, "select pg_database_size(current_database())").Scan(&bytes)
	})
	return bytes, translate("reading the size of the database", err)
}

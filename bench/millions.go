package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
)

// millionRows compares an owner of a million tasks among ten million of
// others with one of a thousand who is alone in a database.
func millionRows(ctx context.Context, b *bench) error {
	few, err := b.sample(ctx, "thousand")
	if err != nil {
		return err
	}
	began := time.Now()
	err = b.as(ctx, pgserver.Superuser, pgserver.Superuser, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "create database millions template thousand")
		return err
	})
	if err != nil {
		return err
	}
	if err := b.multiply(ctx, "millions"); err != nil {
		return err
	}
	b.table.note("millions: of %d tasks in one database, %d are one owner's; the others have %d each, and so has the yardstick's, alone in its database. "+
		"They are copies, at other times, of %[3]d that came through POST, made in %.0f s without their history. One client, no Redis, bench/server.",
		b.effort.all, b.effort.huge, smallTasks, time.Since(began).Seconds())
	if err := b.noteSizes(ctx, "millions"); err != nil {
		return err
	}
	server, err := b.run(ctx, "server", b.functionEnv("millions", ""))
	if err != nil {
		return err
	}
	many, err := stockOf(ctx, server, "huge", b.effort.huge)
	if err != nil {
		return err
	}
	among, err := stockOf(ctx, server, "small", smallTasks)
	if err != nil {
		return err
	}
	few.server, err = b.run(ctx, "server", b.functionEnv("thousand", ""))
	if err != nil {
		return err
	}
	if err := b.scaleBy(ctx, fmt.Sprintf("%d of %d tasks", b.effort.huge, b.effort.all), many, few); err != nil {
		return err
	}
	return b.scaleBy(ctx, fmt.Sprintf("%d of %d tasks", smallTasks, b.effort.all), among, few)
}

// sample makes a database of one owner with few tasks. The server that filled
// it is gone afterwards: a database that is copied must have no guests.
func (b *bench) sample(ctx context.Context, database string) (stock, error) {
	if err := b.database(ctx, database); err != nil {
		return stock{}, err
	}
	server, err := b.run(ctx, "server", b.functionEnv(database, ""))
	if err != nil {
		return stock{}, err
	}
	defer b.stopProcesses()
	if err := fill(ctx, server, "small", smallTasks, func(i int) map[string]any { return scaled(i, smallTasks) }); err != nil {
		return stock{}, err
	}
	if err := b.exec(ctx, database, "vacuum analyze"); err != nil {
		return stock{}, err
	}
	return stockOf(ctx, server, "small", smallTasks)
}

// copied are the tables that tasks are spread over, each with what differs
// between a task and its copy; :n is how many hours earlier the copy is, and
// how many days later its due.
var copied = []struct {
	table  string
	differ map[string]string
	only   string // those that are copied
}{
	{"tasks", map[string]string{
		"id":         copiedID("id"),
		"created_at": "created_at - :n * interval '1 hour'",
		"updated_at": "updated_at - :n * interval '1 hour'",
		"due_at":     "due_at + :n * interval '1 day'", // infinity stays
	}, "c.n >= 0"},
	{"task_terms", map[string]string{"task_id": copiedID("task_id")}, "term <> 'zirconium' or c.n = 1"}, // a rare word stays rare
	{"task_tags", map[string]string{"task_id": copiedID("task_id"), "created_at": "created_at - :n * interval '1 hour'"}, "c.n >= 0"},
	{"time_tallies", map[string]string{"at": "case when what in ('created', 'completed') then at - :n * interval '1 hour' else at + :n * interval '1 day' end"}, "c.n >= 0"},
}

// copiedID gives an id of version 7 the time of the copy.
func copiedID(column string) string {
	return "(lpad(to_hex(('x' || left(replace(" + column + "::text, '-', ''), 12))::bit(48)::bigint - :n::bigint * 3600000), 12, '0') || right(replace(" + column + "::text, '-', ''), 20))::uuid"
}

// multiply copies the sample's tasks, in the server and without the triggers,
// to an owner of very many and to others of as few.
func (b *bench) multiply(ctx context.Context, database string) error {
	return b.as(ctx, pgserver.Superuser, database, func(conn *pgx.Conn) (err error) {
		// The server is one for tests, and would do little but checkpoints.
		defer func() { err = errors.Join(err, reconfigure(context.WithoutCancel(ctx), conn, "reset max_wal_size")) }()
		if err := reconfigure(ctx, conn, "set max_wal_size = '8GB'"); err != nil {
			return err
		}
		for _, sql := range []string{
			"set session_replication_role = replica",
			"set maintenance_work_mem = '1GB'",
			"set synchronous_commit = off",
			fmt.Sprintf("create table crowd as select 'huge' as owner_id, n from generate_series(1, %d) n", b.effort.huge/smallTasks),
			fmt.Sprintf("insert into crowd select 'owner' || n, n %% 1000 from generate_series(1, %d) n", (b.effort.all-b.effort.huge)/smallTasks-1),
		} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		for _, c := range copied {
			if err := copyRows(ctx, conn, c.table, c.differ, c.only); err != nil {
				return fmt.Errorf("copying %s: %w", c.table, err)
			}
		}
		for _, sql := range []string{
			`insert into tallies
			 select c.owner_id, category, state, priority, subtask, dependent, recurring, sum(tasks)
			 from tallies cross join crowd c group by 1, 2, 3, 4, 5, 6, 7`,
			`insert into owners (owner_id, generation, nonce, time_zone, pending, done, archived)
			 select c.owner_id, 1, 0, '', sum(pending), sum(done), sum(archived) from owners cross join crowd c group by 1`,
			"drop table crowd",
			"vacuum analyze",
		} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
}

// reconfigure changes a setting of the server, for all databases.
func reconfigure(ctx context.Context, conn *pgx.Conn, change string) error {
	for _, sql := range []string{"alter system " + change, "select pg_reload_conf()"} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// copyRows gives each owner of the crowd the rows that the sample has; its
// indexes are built anew at the end, which is faster.
func copyRows(ctx context.Context, conn *pgx.Conn, table string, differ map[string]string, only string) error {
	texts := func(sql string) ([]string, error) {
		rows, err := conn.Query(ctx, sql, table)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	columns, err := texts(`select attname::text from pg_attribute
		where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`)
	if err != nil {
		return err
	}
	const secondary = " from pg_index where indrelid = $1::text::regclass and not indisunique"
	names, err := texts("select indexrelid::regclass::text" + secondary)
	if err != nil {
		return err
	}
	indexes, err := texts("select pg_get_indexdef(indexrelid)" + secondary)
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		switch value, ok := differ[column]; {
		case column == "owner_id":
			values[i] = "c.owner_id"
		case ok:
			values[i] = strings.ReplaceAll(value, ":n", "c.n")
		default:
			values[i] = column
		}
	}
	// Owner by owner, so that the primary key grows in few places at a time. A
	// scan of the table itself would have to pass all that it has been given.
	from := "crowd c cross join lateral (select * from sample s where " + only + " offset 0) t"
	if table == "time_tallies" { // copies of one owner meet in some quarters of an hour
		values[len(values)-1] = "sum(tasks)"
		from += " group by 1, 2, 3"
	}
	statements := []string{"create temp table sample as select * from " + table}
	for _, name := range names {
		statements = append(statements, "drop index "+name)
	}
	statements = append(statements,
		"insert into "+table+" ("+strings.Join(columns, ", ")+") select "+strings.Join(values, ", ")+" from "+from,
		"drop table sample")
	for _, sql := range append(statements, indexes...) {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// noteSizes tells what a task takes on disk, table by table.
func (b *bench) noteSizes(ctx context.Context, database string) error {
	const sizes = `
select relname || ' ' || round(pg_table_size(oid)::numeric / $1) || ' and indexes ' || round(pg_indexes_size(oid)::numeric / $1)
from pg_class
where relkind = 'r'
  and relnamespace = 'public'::regnamespace
  and pg_total_relation_size(oid) > $1
order by pg_total_relation_size(oid) desc`
	return b.as(ctx, pgserver.Superuser, database, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, sizes, int64(b.effort.all))
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		b.table.note("millions: bytes of a task on disk: %s.", strings.Join(lines, "; "))
		return err
	})
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
)

// importMiB is the ceiling of a process that takes a file over.
const importMiB = 100

// copyChunk puts the same rows into tables that are the same but for triggers,
// policies and relations: the least that PostgreSQL can do for what we store.
// As many go into one transaction as an import commits at a time.
const (
	bareTables = `create table bare_tasks (like tasks including all);
create table bare_terms (like task_terms including all)`
	copyTasks = `
insert into bare_tasks (owner_id, id, version, created_at, updated_at, title, title_key, description, completed_at, priority, category,
  tags, due_at, due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, depends_on, position, open_dependencies)
select owner_id, id, version, created_at, updated_at, title, title_key, description, completed_at, priority, category,
  tags, due_at, due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, depends_on, position, open_dependencies
from unnest($1::uuid[]) wanted (wanted_id)
cross join lateral (select * from tasks where owner_id = 'local' and id = wanted_id limit 1) t`
	copyTerms = `
insert into bare_terms
select w.*
from unnest($1::uuid[]) wanted (wanted_id)
cross join lateral (select * from task_terms where owner_id = 'local' and task_id = wanted_id offset 0) w`
	copyChunk = 200
)

// importRows takes files over by the create function, on one connection, and
// compares with a copy of the rows that they become.
func importRows(ctx context.Context, b *bench) error {
	const database = "import"
	if err := b.database(ctx, database); err != nil {
		return err
	}
	if err := b.exec(ctx, database, bareTables); err != nil {
		return err
	}
	create, err := b.function(ctx, "create", database, "")
	if err != nil {
		return err
	}
	size, number, most := b.effort.large/5, 0, 0.0
	var ours, theirs, cpu, bareCPU []float64
	for range min(b.effort.rounds, 3) {
		file, ids := fileOf(number, size)
		number += size
		f, peak, err := b.importing(ctx, create, file, size)
		if err != nil {
			return err
		}
		bare, err := b.copying(ctx, database, ids)
		if err != nil {
			return err
		}
		most = max(most, peak)
		ours, theirs, cpu, bareCPU = append(ours, f.rate), append(theirs, bare.rate), append(cpu, f.cpu), append(bareCPU, bare.cpu)
	}
	b.table.add(row{fmt.Sprintf("import, files of %d tasks", size), "/s", ours, theirs, aim{}})
	b.table.add(row{"import, CPU of a task", "µs", cpu, bareCPU, aim{ceiling: 1000}})
	b.table.add(row{"resident, importing: create", "MiB", []float64{most}, []float64{importMiB}, aim{ceiling: importMiB}})
	b.table.note("import: our export's format, one client, chunks of %d in a transaction each; yardstick: insert … select of the tasks and words that became of them, "+
		"into tables with the same indexes but without triggers, policies and relations. Our side also leaves records of the changes, events, numbers of the reports and the file's keys.", copyChunk)
	return nil
}

// fileOf returns an export of so many tasks, and their ids.
func fileOf(from, n int) (file []byte, ids [][16]byte) {
	var out bytes.Buffer
	out.WriteString(`{"format":"todo-app","version":1,"tasks":[`)
	for i := range n {
		d := draft(from + i)
		id := [16]byte{1, 0x90, 6: 0x70, 8: 0x80}
		id[12], id[13], id[14], id[15] = byte((from+i)>>24), byte((from+i)>>16), byte((from+i)>>8), byte(from+i)
		ids = append(ids, id)
		d["id"] = fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
		d["created_at"] = time.Date(2026, 1, 1, 0, 0, from+i, 0, time.UTC).Format(time.RFC3339)
		if i > 0 {
			out.WriteByte(',')
		}
		text, _ := json.Marshal(d) // strings and times
		out.Write(text)
	}
	out.WriteString("]}")
	return out.Bytes(), ids
}

// importing sends a file, and looks meanwhile at what the process holds.
func (b *bench) importing(ctx context.Context, p *process, file []byte, n int) (f figures, peak float64, err error) {
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		return f, 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	before, began := b.cpuTime(p), time.Now()
	done := make(chan error, 1)
	go func() { done <- sendFile(conn, file) }()
	for {
		now, _, err := resident(p.cmd.Process.Pid)
		if err != nil {
			return f, 0, err
		}
		peak = max(peak, now)
		select {
		case err := <-done:
			return b.perTask(n, began, p, before), peak, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func sendFile(conn net.Conn, file []byte) error {
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/api/v1/import", bytes.NewReader(file))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	response, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var report struct{ Created, Skipped, Refused int }
	if err := json.NewDecoder(response.Body).Decode(&report); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || report.Skipped+report.Refused > 0 {
		return fmt.Errorf("the import was answered %s: %+v", response.Status, report)
	}
	return nil
}

// copying puts the rows of tasks into the bare tables.
func (b *bench) copying(ctx context.Context, database string, ids [][16]byte) (f figures, err error) {
	err = b.as(ctx, pgserver.Superuser, database, func(conn *pgx.Conn) error {
		before, began := b.cpuTime(nil), time.Now()
		for at := 0; at < len(ids); at += copyChunk {
			chunk := ids[at:min(at+copyChunk, len(ids))]
			err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, copyTasks, chunk); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, copyTerms, chunk)
				return err
			})
			if err != nil {
				return err
			}
		}
		f = b.perTask(len(ids), began, nil, before)
		return nil
	})
	return f, err
}

// perTask returns what so many tasks took since.
func (b *bench) perTask(n int, began time.Time, p *process, cpuBefore float64) figures {
	return figures{rate: float64(n) / time.Since(began).Seconds(), cpu: (b.cpuTime(p) - cpuBefore) * 1e6 / float64(n)}
}

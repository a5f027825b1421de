package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// sink is a store that takes tasks and keeps none, so that what is held while a
// file is taken over is the importer's own.
type sink struct {
	task.Store
	taken int
	live  map[int]uint64 // by how many were taken
}

func (s *sink) Owner(context.Context, string) (task.Owner, error) { return task.Owner{}, nil }

func (s *sink) Write(_ context.Context, _ task.Write, do func(task.Tx) ([]byte, error)) error {
	_, err := do(sinkTx{sink: s})
	return err
}

type sinkTx struct {
	task.Tx
	sink *sink
}

func (sinkTx) Owner() task.Owner { return task.Owner{} }

func (sinkTx) Imported(context.Context, []string) (map[string]task.ID, error) { return nil, nil }

func (sinkTx) Find(context.Context, ...task.ID) ([]task.Task, error) { return nil, nil }

func (sinkTx) SetImported(map[string]task.ID) {}

// measured is after how many tasks it is looked at what is live.
const measured = 5_000

func (tx sinkTx) Insert(tasks []task.Task) {
	s := tx.sink
	before := s.taken
	s.taken += len(tasks)
	if before/measured != s.taken/measured {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.live[s.taken/measured] = m.HeapAlloc
	}
}

// What an import holds is its chunk, and of each record its name, its place in
// the report and its id, or the hash of its row: some 100 bytes, so that half a
// million records, the most there may be, take 50 MB.
func TestAnImportHoldsLittleOfEachRecord(t *testing.T) {
	for _, form := range []struct{ media, begin, record, end string }{
		{"application/json", `{"format":"todo-app","version":1,"tasks":[{"title":"first"}`,
			`,{"id":"0190b6a0-0000-7000-8000-%012x","title":"task %[1]d","description":"as long as it may be","created_at":"2026-01-01T00:00:00Z"}`, "]}"},
		{"text/csv", "title,description\nfirst,\n", "task %d,as long as it may be\n", ""},
	} {
		holdsLittle(t, form.media, form.begin, form.record, form.end)
	}
}

func holdsLittle(t *testing.T, media, begin, record, end string) {
	const most, tasks = 200, 5 * measured // bytes of a record
	s := &sink{live: map[int]uint64{}}
	api := start(t, func(a *httpapi.API) { a.Tasks.Store = s })
	in, out := io.Pipe()
	go func() {
		fmt.Fprint(out, begin)
		for n := range tasks - 1 {
			fmt.Fprintf(out, record, n)
		}
		fmt.Fprint(out, end)
		out.Close()
	}()
	response, err := http.Post(api.url+imports, media, in)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK || n < tasks {
		t.Fatal(response.Status, n, err)
	}
	equal(t, s.taken, tasks)
	first, last := s.live[1], s.live[tasks/measured]
	each := (float64(last) - float64(first)) / (tasks - measured)
	t.Logf("%s, live: %d KiB after %d tasks, %d KiB after %d: %.0f bytes each", media, first>>10, measured, last>>10, tasks, each)
	if each > most {
		t.Errorf("%s: %.0f bytes are held of each record, at most %d should be", media, each, most)
	}
}

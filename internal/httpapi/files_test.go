package httpapi_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

const export = "/api/v1/export"

func TestAnExportHasEveryTaskInTheFormAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.ask(t, http.MethodPut, "/api/v1/settings", `{"time_zone":"Europe/Berlin"}`)
	a := s.create(t, `{"title":"=a","due":"2026-03-05","tags":["x"]}`)
	s.create(t, `{"title":"b","completed":true,"archived":true}`)
	var told []int64
	var file bytes.Buffer
	if err := s.client.Export(t.Context(), httpapi.FileJSON, "", &file, func(n int64) { told = append(told, n) }); err != nil {
		t.Fatal(err)
	}
	var own struct {
		Settings struct {
			TimeZone string `json:"time_zone"`
		}
		Tasks []task.Task
	}
	if err := json.Unmarshal(file.Bytes(), &own); err != nil {
		t.Fatal(err)
	}
	equal(t, own.Settings.TimeZone, "Europe/Berlin")
	equal(t, []string{own.Tasks[0].Title, own.Tasks[1].Title}, []string{"=a", "b"})
	equal(t, own.Tasks[0].ID, a.ID)
	equal(t, told[len(told)-1], int64(file.Len()))

	got := s.ask(t, http.MethodGet, export+"?format=csv", "").status(t, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(got.Body)).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][1] != "'=a" {
		t.Errorf("%v, %v", rows, err)
	}
	if d := got.Header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="tasks-`) || !strings.HasSuffix(d, `.csv"`) {
		t.Error(d)
	}
	equal(t, got.Header.Get("Cache-Control"), "no-store")
	for component, want := range map[string]int{"": 2, "&component=vtodo": 2, "&component=vevent": 1} {
		got := s.ask(t, http.MethodGet, export+"?format=ics"+component, "").status(t, http.StatusOK)
		equal(t, strings.Count(got.Body, "BEGIN:VTODO")+strings.Count(got.Body, "BEGIN:VEVENT"), want)
	}
	head := s.ask(t, http.MethodHead, export+"?format=ics", "").status(t, http.StatusOK)
	equal(t, head.Header.Get("Content-Type"), "text/calendar; charset=utf-8")
	s.ask(t, http.MethodGet, export+"?format=xml&component=vevent", "").faults(t, "/format")
	s.ask(t, http.MethodGet, export+"?format=ics&component=vjournal", "").faults(t, "/component")
	s.ask(t, http.MethodGet, export+"?component=vevent", "").faults(t, "/component")
}

func TestAnExportThatCannotBeFinishedBreaksTheConnection(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is full")
	for name, writes := range map[string]int{"before it began": 0, "in the middle": 1} {
		s := start(t, func(a *httpapi.API) {
			a.WriteFile = func(to io.Writer, o httpapi.FileOptions) httpapi.FileWriter { return &breaking{to, writes, broken} }
		})
		s.create(t, `{"title":"a"}`)
		s.create(t, `{"title":"b"}`)
		plain := &httpapi.Client{Base: s.url, HTTP: &http.Client{}}
		err := plain.Export(t.Context(), httpapi.FileJSON, "", io.Discard, nil)
		var p *httpapi.Problem
		if answered := errors.As(err, &p); err == nil || answered != (writes == 0) || answered && p.Status != http.StatusInternalServerError {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// breaking is a file that fails after so many tasks.
type breaking struct {
	to   io.Writer
	left int
	err  error
}

func (f *breaking) Begin(task.View, string) error { return nil }
func (f *breaking) Close() error                  { return nil }

func (f *breaking) Task(*task.Task) error {
	if f.left--; f.left < 0 {
		return f.err
	}
	_, err := f.to.Write([]byte("a task\n"))
	return err
}

func TestAProcessGivesFewFilesAtOnceAndNoneWhenItEnds(t *testing.T) {
	t.Parallel()
	ending := make(chan struct{})
	reading, done := make(chan struct{}, 2), make(chan struct{})
	s := start(t, func(a *httpapi.API) {
		a.Ending = ending
		a.WriteFile = func(to io.Writer, o httpapi.FileOptions) httpapi.FileWriter {
			reading <- struct{}{}
			<-done
			return writeFile(to, o)
		}
	})
	s.create(t, `{"title":"a"}`)
	plain := &httpapi.Client{Base: s.url, HTTP: &http.Client{}}
	ends := make(chan error)
	for range 2 {
		go func() { ends <- plain.Export(t.Context(), httpapi.FileJSON, "", io.Discard, nil) }()
		<-reading
	}
	var p *httpapi.Problem
	if err := plain.Export(t.Context(), httpapi.FileJSON, "", io.Discard, nil); !errors.As(err, &p) || p.Status != http.StatusServiceUnavailable {
		t.Error("a third is answered", err)
	}
	close(ending)
	close(done)
	for range 2 {
		if err := <-ends; !errors.As(err, &p) || p.Status != http.StatusServiceUnavailable {
			t.Error("one of the others ends with", err)
		}
	}
}

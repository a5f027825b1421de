package httpapi_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"todo-app/internal/app"
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

func (f *breaking) Begin(task.View, task.Settings) error { return nil }
func (f *breaking) Template(*task.Template) error        { return nil }
func (f *breaking) Close() error                         { return nil }

func (f *breaking) Task(*task.Task) error {
	if f.left--; f.left < 0 {
		return f.err
	}
	_, err := f.to.Write([]byte("a task\n"))
	return err
}

// of returns a client for another owner, that does not repeat what was refused.
func (s *service) of(owner string) *httpapi.Client {
	return &httpapi.Client{Base: s.url, HTTP: &http.Client{}, Prepare: func(r *http.Request) { r.Header.Set("X-Owner", owner) }}
}

func TestAProcessGivesFewFilesAtOnceOneToAnOwnerAndNoneWhenItEnds(t *testing.T) {
	t.Parallel()
	ending := make(chan struct{})
	reading, done := make(chan struct{}, 2), make(chan struct{})
	s := start(t, func(a *httpapi.API) {
		a.Ending = ending
		a.WriteFile = func(to io.Writer, o httpapi.FileOptions) httpapi.FileWriter {
			reading <- struct{}{}
			<-done
			return app.WriteFile(to, o)
		}
	})
	export := func(owner string) error {
		return s.of(owner).Export(t.Context(), httpapi.FileJSON, "", io.Discard, nil)
	}
	ends := make(chan error)
	for _, owner := range []string{"a", "b"} {
		go func() { ends <- export(owner) }()
		<-reading
	}
	var p *httpapi.Problem
	for owner, want := range map[string]int{"a": http.StatusTooManyRequests, "c": http.StatusServiceUnavailable} {
		if err := export(owner); !errors.As(err, &p) || p.Status != want {
			t.Errorf("one more of %s is answered %v", owner, err)
		}
	}
	close(ending)
	close(done)
	for range 2 {
		if err := <-ends; !errors.As(err, &p) || p.Status != http.StatusServiceUnavailable {
			t.Error("one of the others ends with", err)
		}
	}
}

const imports = "/api/v1/import"

func TestAnOwnerHasOneFileReadAtOnce(t *testing.T) {
	t.Parallel()
	reading, done := make(chan struct{}), make(chan struct{})
	s := start(t, func(a *httpapi.API) {
		a.ReadFile = func(f httpapi.FileSource) (iter.Seq2[httpapi.FileRecord, error], error) {
			reading <- struct{}{}
			<-done
			return app.ReadFile(f)
		}
	})
	send := func(owner string) reply {
		return s.ask(t, "POST", imports, `{"1": {"id": 1, "description": "milk"}}`, "X-Owner: "+owner)
	}
	answers := make(chan reply)
	for _, owner := range []string{"a", "b"} {
		go func() { answers <- send(owner) }()
		<-reading
	}
	if got := send("a").status(t, http.StatusTooManyRequests); got.Header.Get("Retry-After") == "" {
		t.Errorf("one more of an owner's: %+v", got)
	}
	send("c").status(t, http.StatusServiceUnavailable)
	close(done)
	for range 2 {
		equal(t, (<-answers).report(t).Created, 1)
	}
	go func() { answers <- send("a") }()
	<-reading
	equal(t, (<-answers).report(t).Skipped, 1)
}

// report reads an answer to an import.
func (r reply) report(t testing.TB) (got struct {
	Format                    httpapi.FileFormat
	Created, Skipped, Refused int
	Results                   []httpapi.ImportedRecord
}) {
	t.Helper()
	if err := r.status(t, http.StatusOK).decode(&got); err != nil {
		t.Fatal(err)
	}
	return got
}

// kept is what there is of an owner's tasks, without what each change changes.
func (s *service) kept(t testing.TB) []task.Task {
	t.Helper()
	var file bytes.Buffer
	if err := s.client.Export(t.Context(), httpapi.FileJSON, "", &file, nil); err != nil {
		t.Fatal(err)
	}
	var own struct{ Tasks []task.Task }
	if err := json.Unmarshal(file.Bytes(), &own); err != nil {
		t.Fatal(err)
	}
	for i := range own.Tasks {
		own.Tasks[i].Version = 0
	}
	return own.Tasks
}

func TestAnExportThatIsImportedIsWhatWasExported(t *testing.T) {
	t.Parallel()
	from, to := start(t), start(t)
	from.ask(t, http.MethodPut, "/api/v1/settings", `{"time_zone":"Europe/Berlin"}`)
	parent := from.create(t, `{"title":"parent","description":"é\u0001\n\ud83d\ude00","priority":"low","category":"home","tags":["b","a"],"due":"2026-03-05T09:00:00+01:00","reminders":["-PT30M"],"recurrence":{"rule":"monthly","from":"completion","skip_if_open":true}}`)
	other := from.create(t, `{"title":"other","order":-0.5}`)
	child := from.create(t, `{"title":"child","parent_id":"`+parent.ID.String()+`","depends_on":["`+other.ID.String()+`"]}`)
	from.ask(t, http.MethodPost, at(child.ID)+"/complete?force=true", "").status(t, http.StatusOK)
	from.ask(t, http.MethodPatch, at(other.ID), `{"parent_id":null,"depends_on":["`+parent.ID.String()+`"],"archived":true}`).status(t, http.StatusOK)
	from.clock.set("2026-03-02T09:00:00Z")
	to.clock.set("2026-03-03T09:00:00Z")
	var file bytes.Buffer
	if err := from.client.Export(t.Context(), httpapi.FileJSON, "", &file, nil); err != nil {
		t.Fatal(err)
	}
	var sent int64
	var told []httpapi.ImportedRecord
	sum, err := to.client.Import(t.Context(), bytes.NewReader(file.Bytes()), "", func(n int64) { sent = n }, func(r httpapi.ImportedRecord) error {
		told = append(told, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, sum, httpapi.Imported{Created: 4, Format: httpapi.FileJSON})
	equal(t, sent, int64(file.Len()))
	equal(t, told[1], httpapi.ImportedRecord{Position: 2, Kind: "task", Result: task.ImportCreated, ID: &parent.ID, Errors: []task.Fault{}, Notes: []task.Fault{}})
	equal(t, to.kept(t), from.kept(t))
	equal(t, to.changed.Load(), int64(1))
	equal(t, to.get(t, parent.ID).Subtasks, from.get(t, parent.ID).Subtasks)
	var zone struct {
		Zone string `json:"time_zone"`
	}
	to.ask(t, http.MethodGet, "/api/v1/settings", "").decode(&zone)
	equal(t, zone.Zone, "Europe/Berlin")
	if sum, err = to.client.Import(t.Context(), &file, httpapi.FileJSON, nil, nil); err != nil || sum != (httpapi.Imported{Skipped: 4, Format: httpapi.FileJSON}) {
		t.Errorf("again: %+v, %v", sum, err)
	}
}

func TestAnExportAddsNothingWhereItCameFrom(t *testing.T) {
	t.Parallel()
	s := start(t)
	parent := s.create(t, `{"title":"parent","due":"2026-03-05T09:00:00Z","recurrence":{"rule":"weekly"}}`)
	s.create(t, `{"title":"child","parent_id":"`+parent.ID.String()+`"}`)
	s.ask(t, http.MethodPost, at(parent.ID)+"/complete?force=true", "").status(t, http.StatusOK)
	there := s.kept(t)
	for _, format := range []httpapi.FileFormat{httpapi.FileJSON, httpapi.FileCalendar} {
		var file bytes.Buffer
		if err := s.client.Export(t.Context(), format, "", &file, nil); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			sum, err := s.client.Import(t.Context(), bytes.NewReader(file.Bytes()), "", nil, nil)
			if err != nil || sum != (httpapi.Imported{Skipped: len(there), Format: format}) {
				t.Errorf("%s: %+v, %v", format, sum, err)
			}
		}
	}
	equal(t, s.kept(t), there)
}

const dump = `{"1":{"id":1,"description":"a","completed":true,"created_at":"2024-01-01T10:00:00","completed_at":"2024-01-02T10:00:00","depends_on":[2]},` +
	`"2":{"id":2,"description":"b","created_at":"2024-01-01T11:00:00","parent_id":1},"3":{"id":3,"description":" ","created_at":"2024-01-01T12:00:00"}}`

func TestFilesOfOthersAreTakenRecordByRecord(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.ask(t, http.MethodPost, imports+"?tz=Europe/Berlin", dump, "Idempotency-Key: ignored").report(t)
	equal(t, []int{got.Created, got.Skipped, got.Refused, len(got.Results)}, []int{2, 0, 1, 3})
	equal(t, []any{got.Format, got.Results[2].Name, got.Results[2].Title, got.Results[0].Name}, []any{httpapi.FileLegacy, "3", "", ""})
	equal(t, got.Results[2].Result, task.ImportRefused)
	if len(got.Results[2].Errors) == 0 {
		t.Errorf("it is not said why: %+v", got.Results[2])
	}
	all := map[string]task.Task{}
	for _, each := range s.kept(t) {
		all[each.Title] = each
	}
	equal(t, all["a"].DependsOn, []task.ID{all["b"].ID})
	equal(t, all["b"].ParentID, all["a"].ID)
	equal(t, all["a"].CreatedAt.Format("2006-01-02T15:04"), "2024-01-01T09:00")
	equal(t, all["a"].Completed(), true)
	got = s.ask(t, http.MethodPost, imports, dump).report(t)
	equal(t, []int{got.Created, got.Skipped, got.Refused}, []int{0, 2, 1})
	equal(t, got.Results[0].Detail, "was imported before")

	csv := "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\ntask,from Todoist,,4,1,,,,en,UTC\n"
	got = s.ask(t, http.MethodPost, imports+"?format=todoist", csv, "Content-Type: text/csv").report(t)
	equal(t, []int{got.Created, got.Skipped, got.Results[1].Position}, []int{1, 1, 2})
	equal(t, []any{got.Results[0].Kind, got.Results[1].Result}, []any{"other", task.ImportCreated}) // a column that is not carried over
	ics := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:x\r\nSUMMARY:from a calendar\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	got = s.ask(t, http.MethodPost, imports, ics, "Content-Type: text/calendar").report(t)
	equal(t, got.Created, 1)
	got = s.ask(t, http.MethodPost, imports, `{"format":"todo-app","version":1,"settings":{"time_zone":"Europe/Berlin","color":"red"},"templates":[{"name":"t","task":{"title":"x"}}],"tasks":[]}`).report(t)
	equal(t, []task.ImportResult{got.Results[0].Result, got.Results[1].Result}, []task.ImportResult{task.ImportCreated, task.ImportCreated})
	equal(t, got.Results[0].Notes[0].Pointer, "/color")
	got = s.ask(t, http.MethodPost, imports, `[{"title":"named","color":"red"}]`).report(t)
	equal(t, got.Results[0].Title, "named")
	got = s.ask(t, http.MethodPost, imports, `{"format":"todo-app","version":1,"settings":{"time_zone":"Asia/Tokyo"},"tasks":[]}`).report(t)
	equal(t, got.Results[0].Result, task.ImportSkipped)
}

func TestAFileThatCannotBeReadOnLeavesWhatCameBefore(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.ask(t, http.MethodPost, imports, `[{"title":"a"},{"title":"b"},{"tit`).status(t, http.StatusBadRequest).problem(t)
	if !strings.Contains(got.Detail, "record 3") || !strings.Contains(got.Detail, "of the records before it 2 were created") {
		t.Error(got.Detail)
	}
	equal(t, s.titles(t, ""), []string{"a", "b"})
	equal(t, s.changed.Load(), int64(1))
	whole := s.ask(t, http.MethodPost, imports, `[{"title":"a"},{"title":"b"},{"title":"c"}]`).report(t)
	equal(t, []int{whole.Created, whole.Skipped}, []int{1, 2})
	for body, detail := range map[string]string{
		"":                       "is empty",
		"hello":                  "cannot be told",
		`{"format":"other"}`:     "other",
		"\x1f\x8b\x08 and so on": "compressed",
	} {
		got := s.ask(t, http.MethodPost, imports, body, "Content-Type: application/octet-stream").status(t, http.StatusBadRequest).problem(t)
		if !strings.Contains(got.Detail, detail) || strings.Contains(got.Detail, "created") {
			t.Errorf("%q is answered with %s", body, got.Detail)
		}
	}
	s.ask(t, http.MethodPost, imports+"?format=xml", "[]").faults(t, "/format")
	s.ask(t, http.MethodPost, imports, "[]", "Content-Type: text/html").status(t, http.StatusUnsupportedMediaType)
	s.ask(t, http.MethodPost, imports, "[]", "Content-Encoding: gzip").status(t, http.StatusUnsupportedMediaType)
	s.ask(t, http.MethodPost, imports, "[]", "Idempotency-Key: é").status(t, http.StatusBadRequest)
}

func TestOfATableThatComesAgainMendedOnlyWhatIsMissingIsTaken(t *testing.T) {
	t.Parallel()
	for _, form := range []struct{ begin, row string }{{"title,priority\n", ""}, {"TYPE,CONTENT,PRIORITY\n", "task,"}} {
		s := start(t)
		take := func(rows ...string) []int {
			got := s.ask(t, http.MethodPost, imports, form.begin+form.row+strings.Join(rows, "\n"+form.row)+"\n", "Content-Type: text/csv").report(t)
			return []int{got.Created, got.Skipped, got.Refused}
		}
		equal(t, take("milk", "milk", ",x", "bread"), []int{3, 0, 1})
		equal(t, take("eggs", "milk", "milk", "butter", "bread", "milk"), []int{3, 3, 0})
		unfinished := form.begin + form.row + "milk\n" + form.row + "salt\n" + form.row + "pepper\n" + form.row + `"` + strings.Repeat("x", 2<<20)
		broken := s.ask(t, http.MethodPost, imports, unfinished, "Content-Type: text/csv").status(t, http.StatusBadRequest).problem(t)
		if !strings.Contains(broken.Detail, "of the records before it") {
			t.Error(broken.Detail)
		}
		take("milk", "salt", "pepper")
		titles := s.titles(t, "")
		slices.Sort(titles)
		equal(t, titles, []string{"bread", "butter", "eggs", "milk", "milk", "milk", "pepper", "salt"})
	}
}

func TestAnImportThatLastsLongerThanTheServersPatienceIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	s := start(t)
	const impatient = 200 * time.Millisecond // what a server gives an ordinary answer
	server := httptest.NewUnstartedServer(s.api.Handler(everything(s.api)...))
	server.Config.WriteTimeout = impatient
	server.Start()
	t.Cleanup(server.Close)
	for body, want := range map[string]int{`"x"}]}`: http.StatusOK, `"x"}] and no more`: http.StatusBadRequest} {
		in, out := io.Pipe()
		go func() {
			defer out.Close()
			io.WriteString(out, `{"format": "todo-app", "version": 1, "tasks": [{"title":`)
			<-time.After(2 * impatient)
			io.WriteString(out, body)
		}()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/import", in)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != want || len(text) == 0 {
			t.Errorf("%s: %s %s, %v", body, response.Status, text, err)
		}
	}
}

func TestAFileMayBeAsLargeAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	fits := `[{"title":"fits"}]`
	s := start(t, func(a *httpapi.API) { a.ImportMax = int64(len(fits)) })
	s.ask(t, http.MethodPost, imports, fits).report(t)
	s.ask(t, http.MethodPost, imports, fits+" ").status(t, http.StatusRequestEntityTooLarge)
	for body, status := range map[string]int{fits: http.StatusOK, fits + " ": http.StatusRequestEntityTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+imports, struct{ io.Reader }{strings.NewReader(body)}) // of unknown length
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := (&http.Client{}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		equal(t, response.StatusCode, status)
	}
}

// A client that sends all of a file before it looks for an answer is not left
// with a broken connection.
func TestAFileThatIsRefusedIsReadOnSoThatTheRefusalIsSeen(t *testing.T) {
	t.Parallel()
	const most = 16 << 20
	s := start(t, func(a *httpapi.API) { a.ImportMax = most })
	for _, c := range []struct {
		target, mediaType string
		size, status      int
	}{
		{imports + "?format=xml", "application/json", most, http.StatusBadRequest},
		{imports, "text/html", most, http.StatusUnsupportedMediaType},
		{imports, "application/json", most, http.StatusBadRequest},
		{imports, "application/json", most + most/2, http.StatusRequestEntityTooLarge},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", c.target, c.mediaType, c.size)
		if _, err := conn.Write(bytes.Repeat([]byte("["), c.size)); err != nil {
			t.Errorf("%s as %s: %v", c.target, c.mediaType, err)
			continue
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s as %s: %v", c.target, c.mediaType, err)
			continue
		}
		response.Body.Close()
		equal(t, response.StatusCode, c.status)
	}
}

func TestAFileIsNotAskedForThatWouldBeRefused(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) { a.ImportMax = 1 })
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", imports)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	equal(t, response.StatusCode, http.StatusRequestEntityTooLarge)
}

func TestACalendarIsReadAtItsPrivateAddressUntilThatIsRevoked(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	client := bearing(s.client, "write")
	none, err := client.Calendar(t.Context())
	if err != nil || none.CreatedAt != nil {
		t.Fatal(none, err)
	}
	made, err := client.CreateCalendar(t.Context())
	if err != nil || made.URL == nil || made.CreatedAt == nil {
		t.Fatal(made, err)
	}
	if _, err := client.Create(t.Context(), task.Patch{Title: task.Value("dentist"), Due: task.Value(task.Due{At: s.clock.now().Truncate(time.Hour)})}); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(*made.URL, s.url)
	got := s.ask(t, http.MethodGet, path, "").status(t, http.StatusOK)
	if strings.Count(got.Body, "BEGIN:VEVENT") != 1 || !strings.Contains(got.Body, "SUMMARY:dentist") || !strings.Contains(got.Body, "REFRESH-INTERVAL") {
		t.Error(got.Body)
	}
	equal(t, got.Header.Get("Content-Type"), "text/calendar; charset=utf-8")
	equal(t, got.Header.Get("Referrer-Policy"), "no-referrer")
	s.ask(t, http.MethodGet, path, "", "If-None-Match: "+got.Header.Get("ETag")).status(t, http.StatusNotModified)
	equal(t, strings.Count(s.ask(t, http.MethodGet, path+"?component=vtodo", "").Body, "BEGIN:VTODO"), 1)
	s.ask(t, http.MethodGet, path+"?component=x", "").faults(t, "/component")
	s.ask(t, http.MethodGet, path+"?component=vtodo", "", "If-None-Match: "+got.Header.Get("ETag")).status(t, http.StatusOK)
	if _, err := client.Create(t.Context(), task.Patch{Title: task.Value("another")}); err != nil {
		t.Fatal(err)
	}
	s.ask(t, http.MethodGet, path, "", "If-None-Match: "+got.Header.Get("ETag")).status(t, http.StatusOK)

	unknown := s.ask(t, http.MethodGet, "/calendar/unknown.ics", "").status(t, http.StatusNotFound).problem(t)
	for _, target := range []string{strings.TrimSuffix(path, ".ics"), path + "x", strings.ToLower(path)} {
		equal(t, s.ask(t, http.MethodGet, target, "").status(t, http.StatusNotFound).problem(t).Detail, unknown.Detail)
	}
	s.ask(t, http.MethodGet, path+"/x", "").status(t, http.StatusNotFound)
	again, err := client.CreateCalendar(t.Context())
	if err != nil || *again.URL == *made.URL {
		t.Fatal(again, err)
	}
	s.ask(t, http.MethodGet, path, "").status(t, http.StatusNotFound)
	second := strings.TrimPrefix(*again.URL, s.url)
	s.ask(t, http.MethodGet, second, "").status(t, http.StatusOK)
	for range 2 {
		if err := client.RevokeCalendar(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.ask(t, http.MethodGet, second, "").status(t, http.StatusNotFound)
	secret := strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")
	for _, line := range s.logs.All() {
		if text := fmt.Sprint(line.Message, line.ContextMap()); strings.Contains(text, secret) || strings.Contains(text, strings.ToLower(secret)) {
			t.Errorf("the log has the secret: %s", text)
		}
	}
	s.observed.await(t, observation{http.MethodGet, "/calendar/{feed}", http.StatusNotFound})
}

func TestAnAddressThatIsAskedForTwiceIsToldOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.ask(t, http.MethodPost, "/api/v1/calendar", "", "Idempotency-Key: once").status(t, http.StatusCreated)
	again := s.ask(t, http.MethodPost, "/api/v1/calendar", "", "Idempotency-Key: once").status(t, http.StatusCreated)
	var calendar httpapi.Calendar
	if err := first.decode(&calendar); err != nil || calendar.URL == nil {
		t.Fatal(calendar, err)
	}
	s.ask(t, http.MethodGet, strings.TrimPrefix(*calendar.URL, s.url), "").status(t, http.StatusOK)
	if err := again.decode(&calendar); err != nil || calendar.URL != nil {
		t.Error(again.Body)
	}
	s.ask(t, http.MethodPost, "/api/v1/calendar?a=b", `{"a":1}`).faults(t, "/a", "")
}

package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"todo-app/internal/app"
	"todo-app/internal/task"
)

// ofKind makes an event that asks for something, with data unless that is nil.
func ofKind(t testing.TB, id, kind, subject string, data any) cloudevents.Event {
	t.Helper()
	e := cloudevents.NewEvent()
	e.SetID(id)
	e.SetSource("https://elsewhere.example/crm")
	e.SetType("todo.task." + kind + ".v1")
	if subject != "" {
		e.SetSubject(subject)
	}
	if data != nil {
		if err := e.SetData(cloudevents.ApplicationJSON, data); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func TestEventsOfTheSDKAreCarriedOutInEveryMode(t *testing.T) {
	t.Parallel()
	type fields = map[string]any
	modes := map[string]func(*testing.T, *service, ...cloudevents.Event){
		"binary": func(t *testing.T, s *service, events ...cloudevents.Event) {
			client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(s.url), cloudevents.WithRoundTripper(s.http.Transport))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if err := client.Send(t.Context(), e); !cloudevents.IsACK(err) {
					t.Error(err)
				}
			}
		},
		"structured": func(t *testing.T, s *service, events ...cloudevents.Event) {
			client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(s.url), cloudevents.WithRoundTripper(s.http.Transport))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if err := client.Send(cloudevents.WithEncodingStructured(t.Context()), e); !cloudevents.IsACK(err) {
					t.Error(err)
				}
			}
		},
		"batched": func(t *testing.T, s *service, events ...cloudevents.Event) {
			r, err := cloudevents.NewHTTPRequestFromEvents(t.Context(), s.url, events)
			if err != nil {
				t.Fatal(err)
			}
			send(t, s.http, r).status(t, http.StatusNoContent)
		},
	}
	for name, deliver := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			create := ofKind(t, "1", "create", "", []any{fields{"title": "Zoë's", "tags": []string{"A"}}, fields{"title": "gone soon"}})
			deliver(t, s, create)
			made := s.ask(t, "GET", tasks, "").tasks(t)
			equal(t, []string{made[0].Title, made[1].Title}, []string{"Zoë's", "gone soon"})
			update := ofKind(t, "2", "update", made[0].ID.String(), fields{"title": "Zoë", "completed": true, "version": 7})
			remove := ofKind(t, "3", "delete", made[1].ID.String(), nil)
			deliver(t, s, update, remove)
			deliver(t, s, create, update, remove) // delivered again, they change nothing
			left := s.ask(t, "GET", tasks, "").tasks(t)
			equal(t, len(left), 1)
			equal(t, []any{left[0].Title, left[0].Completed(), left[0].Version}, []any{"Zoë", true, int64(2)})
			if s.changed.Load() == 0 {
				t.Error("no change was reported")
			}
		})
	}
}

const (
	structured = "Content-Type: application/cloudevents+json"
	batched    = "Content-Type: application/cloudevents-batch+json; charset=utf-8"
)

// written is an event in the JSON format; rest follows its first members.
func written(id, kind, rest string) string {
	return `{"specversion":"1.0","id":"` + id + `","source":"/s","type":"todo.task.` + kind + `.v1"` + rest + `}`
}

func TestAnEventIsKnownBySourceAndID(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := func(body, mode string) { t.Helper(); s.ask(t, "POST", "/", body, mode).status(t, http.StatusNoContent) }
	made(written("1", "create", `,"data":{"title":"a"}`), structured)
	made(written("1", "create", `,"data":{"title":"another body"}`), structured)
	made("["+written("1", "create", `,"data":{"title":"a"}`)+"]", batched)
	made(written("2", "create", `,"data":{"title":"b"}`), structured)
	made(strings.Replace(written("1", "create", `,"data":{"title":"c"}`), `"/s"`, `"/t"`, 1), structured)
	s.ask(t, "POST", "/", `{"title":"a"}`, "ce-specversion: 1.0", "ce-id: 1", "ce-source: /s", "ce-type: todo.task.create.v1").status(t, http.StatusNoContent)
	equal(t, s.titles(t, ""), []string{"a", "b", "c"})
	// A key of a request is not that of an event, whatever it says.
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Content-Type", "application/cloudevents+json")
	commands, err := app.Receive(r, []byte(written("1", "create", `,"data":{"title":"a"}`)))
	if err != nil {
		t.Fatal(err)
	}
	s.ask(t, "POST", tasks, `{"title":"d"}`, "Idempotency-Key: "+strings.TrimPrefix(commands[0].Key, "ce:")).status(t, http.StatusCreated)
	s.ask(t, "POST", tasks+"?tz=UTC", `{"title":"d"}`, "Idempotency-Key: "+commands[0].Key).status(t, http.StatusCreated)
	s.ask(t, "POST", "/", written("4", "create", `,"data":{"title":"z"}`), structured, "Idempotency-Key: key").status(t, http.StatusBadRequest)
	// One that was refused may come again.
	s.ask(t, "POST", "/", written("3", "create", `,"data":{"title":""}`), structured).faults(t, "/data/title")
	made(written("3", "create", `,"data":{"title":"e"}`), structured)
	equal(t, s.titles(t, ""), []string{"a", "b", "c", "d", "d", "e"})
}

func TestWhatIsWrongWithAnEventIsListedWithPointers(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	subject := `,"subject":"` + made.ID.String() + `"`
	for name, c := range map[string]struct {
		headers []string
		body    string
		want    []string
	}{
		"no event":              {nil, "", []string{"/specversion", "/id", "/source", "/type"}},
		"attributes":            {[]string{structured}, `{"specversion":"0.3","id":"","source":" ","type":"x"}`, []string{"/specversion", "/id", "/source", "/type"}},
		"data":                  {[]string{structured}, written("1", "create", `,"data":{"titel":"a","tags":[1]}`), []string{"/data/titel", "/data/tags/0", "/data/title"}},
		"data in binary mode":   {[]string{"ce-specversion: 1.0", "ce-id: 1", "ce-source: /s", "ce-type: todo.task.create.v1"}, `{"titel":"a"}`, []string{"/data/titel", "/data/title"}},
		"data of storage":       {[]string{structured}, written("1", "create", `,"data":{"title":"a","parent_id":"`+nobody+`"}`), []string{"/data/parent_id"}},
		"data of several":       {[]string{structured}, written("1", "create", `,"data":[{"title":"a"},{"titel":1}]`), []string{"/data/1/titel", "/data/1/title"}},
		"no data":               {[]string{structured}, written("1", "create", ""), []string{"/data"}},
		"data of an update":     {[]string{structured}, written("1", "update", subject+`,"data":{"due":"never","wat":1}`), []string{"/data/due", "/data/wat"}},
		"an update of several":  {[]string{structured}, written("1", "update", subject+`,"data":[]`), []string{"/data"}},
		"a subject":             {[]string{structured}, written("1", "update", `,"subject":"7","data":{}`), []string{"/subject"}},
		"no subject":            {[]string{structured}, written("1", "delete", ""), []string{"/subject"}},
		"a batch of one":        {[]string{batched}, "[" + written("1", "create", `,"data":{"titel":"a"}`) + "]", []string{"/0/data/titel", "/0/data/title"}},
		"a batch":               {[]string{batched}, "[" + written("of a batch", "create", `,"data":{"title":"b"}`) + "," + written("2", "update", subject+`,"data":{"wat":1}`) + "]", []string{"/1/data/wat"}},
		"attributes in a batch": {[]string{batched}, "[" + written("1", "create", `,"data":{"title":"c"}`) + `,{"id":"x"},7]`, []string{"/1/specversion", "/1/source", "/1/type", "/2"}},
		"a batch in capitals":   {[]string{"Content-Type: Application/CloudEvents-Batch+JSON"}, "[" + written("4", "create", `,"data":{"titel":"a"}`) + "]", []string{"/0/data/titel", "/0/data/title"}},
		"an empty batch":        {[]string{batched}, "[]", []string{""}},
		"too large a batch":     {[]string{batched}, list(101, func(i int) string { return written(fmt.Sprint(i), "delete", "") }), []string{""}},
		"no batch":              {[]string{batched}, "{}", []string{""}},
		"no JSON":               {[]string{structured}, "{", []string{""}},
	} {
		t.Run(name, func(t *testing.T) { s.ask(t, "POST", "/", c.body, c.headers...).faults(t, c.want...) })
	}
	equal(t, s.titles(t, ""), []string{"a", "b"}) // of a batch, those before the one refused took effect
	s.ask(t, "POST", "/", written("9", "update", `,"subject":"`+nobody+`","data":{}`), structured).status(t, http.StatusNotFound)
	missing := s.ask(t, "POST", "/", "["+written("10", "update", subject+`,"data":{}`)+","+written("11", "delete", `,"subject":"`+nobody+`"`)+"]", batched)
	if missing.status(t, http.StatusNotFound); !strings.Contains(string(missing.Body), `"/1 of the batch: `) {
		t.Errorf("it does not say which event of the batch is about no task: %s", missing.Body)
	}
	s.ask(t, "POST", "/?x=1", written("9", "create", `,"data":{"title":"z"}`), structured).faults(t, "/x")
	for _, headers := range [][]string{
		{"Content-Type: application/cloudevents+xml"}, {"Content-Type: application/cloudevents+json; charset=latin1"}, {structured, "Content-Encoding: gzip"},
	} {
		s.ask(t, "POST", "/", written("9", "create", `,"data":{"title":"z"}`), headers...).status(t, http.StatusUnsupportedMediaType)
	}
	s.ask(t, "POST", "/", written("9", "create", `,"data":{"description":"`+strings.Repeat("x", 1<<20)+`"}`), structured).status(t, http.StatusRequestEntityTooLarge)
	equal(t, s.titles(t, ""), []string{"a", "b"})
}

func TestAnEventCarriesItsTraceOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	const ofEvent, ofRequest = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-01"
	s.ask(t, "POST", "/", written("1", "create", `,"traceparent":"`+ofEvent+`","data":{"title":"a"}`), structured, "traceparent: "+ofRequest).status(t, http.StatusNoContent)
	s.ask(t, "POST", "/", written("2", "create", `,"data":{"title":"b"}`), structured, "traceparent: "+ofRequest).status(t, http.StatusNoContent)
	equal(t, s.traces(t), []string{ofEvent, ofRequest})
}

func TestAFunctionTakesTheEventsOfItsOwnOperation(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	events := map[string]string{
		"create": written("1", "create", `,"data":{"title":"b"}`),
		"update": written("2", "update", `,"subject":"`+made.ID.String()+`","data":{"title":"c"}`),
		"delete": written("3", "delete", `,"subject":"`+made.ID.String()+`"`),
	}
	for _, function := range []string{"create", "update", "delete"} {
		url, client := listen(t, s.api.Handler(functions(s.api)[function]...))
		for _, kind := range []string{"create", "update", "delete"} {
			if kind == function {
				continue
			}
			got := ask(t, client, "POST", url+"/", events[kind], structured)
			got.faults(t, "/type")
			equal(t, got.problem(t).Errors, []task.Fault{{Pointer: "/type", Detail: "events to " + kind + " go to the " + kind + " function"}})
			ask(t, client, "POST", url+"/", "["+events[kind]+"]", batched).faults(t, "/0/type")
		}
		ask(t, client, "POST", url+"/", events[function], structured).status(t, http.StatusNoContent)
	}
	equal(t, s.titles(t, ""), []string{"b"})
}

package event_test

import (
	"encoding/json"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"todo-app/internal/event"
	"todo-app/internal/task"
)

func encode(t *testing.T, source string, ev task.Event) cloudevents.Event {
	t.Helper()
	e, err := event.NewEncoder(source, event.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Encode(ev)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Validate(); err != nil {
		t.Errorf("the SDK finds the event invalid: %v", err)
	}
	return out
}

func TestEveryChangeHasATypeOfItsOwn(t *testing.T) {
	for _, c := range []task.Change{task.Created, task.Updated, task.Completed, task.Reopened, task.Archived, task.Deleted} {
		ev := change("ann", 1)
		ev.Change = c
		equal(t, encode(t, "/todo-app", ev).Type(), "todo.task."+string(c)+".v1")
	}
}

func TestTheSchemaIsAnAbsoluteURIWhateverTheSource(t *testing.T) {
	for source, want := range map[string]string{
		"/todo-app":                  "urn:todo-app:openapi:v1#/components/schemas/TaskRecord",
		"urn:todo":                   "urn:todo-app:openapi:v1#/components/schemas/TaskRecord",
		"https://todo.example":       "https://todo.example/openapi.yaml#/components/schemas/TaskRecord",
		"https://todo.example/base/": "https://todo.example/base/openapi.yaml#/components/schemas/TaskRecord",
		"http://h?q=1":               "http://h/openapi.yaml#/components/schemas/TaskRecord",
	} {
		out := encode(t, source, change("ann", 1))
		equal(t, out.Source(), source)
		equal(t, out.DataSchema(), want)
	}
}

func TestAnEncodedEventIsSoundInTheJSONFormatToo(t *testing.T) {
	ev := change("ann", 1)
	b, err := json.Marshal(encode(t, "/todo-app", ev))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Data    json.RawMessage `json:"data"`
		Subject string          `json:"subject"`
		Trace   string          `json:"traceparent"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	equal(t, string(got.Data), string(ev.Task.AppendRecord(nil)))
	equal(t, got.Subject, ev.Task.ID.String())
	equal(t, got.Trace, ev.Trace)
}

func TestAMalformedTraceAndAnUnknownOwnerAreLeftOut(t *testing.T) {
	for _, trace := range []string{"", "junk", "00-0-0-0", "a\r\nb", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"} {
		ev := change("", 1)
		ev.Trace = trace
		equal(t, len(encode(t, "/todo-app", ev).Extensions()), 0)
	}
}

func TestOverridesAreReadOrTheirFaultNamed(t *testing.T) {
	for _, none := range []string{"", " ", "{}", "null", `{"extensions":{}}`, `{"extensions":null}`} {
		o, err := event.ParseOverrides(none)
		if err != nil || len(o.Extensions) != 0 {
			t.Errorf("%q: got %v, %v", none, o, err)
		}
	}
	o, err := event.ParseOverrides(`{"extensions":{"team":"blue","owner":"them"}}`)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, o.Extensions, map[string]string{"team": "blue", "owner": "them"})
	for bad, want := range map[string]string{
		`{"extensions":{"Team":"blue"}}`:      `"Team"`,
		`{"extensions":{"a-b":"x"}}`:          `"a-b"`,
		`{"extensions":{"":"x"}}`:             `""`,
		`{"extensions":{"id":"x"}}`:           `"id"`,
		`{"extensions":{"team":""}}`:          `"team"`,
		`{"extensions":{"team":"a\u0007b"}}`:  `"team"`,
		`{"extensions":{"team":1}}`:           "JSON object such as",
		`{"attributes":{}}`:                   "attributes",
		`{} {}`:                               "more follows",
		`[]`:                                  "JSON object such as",
		`{"extensions":{"team":"blue"}`:       "JSON object such as",
		`{"extensions":{"b-1":"","a-1":"x"}}`: `"a-1"`, // the same one each time
	} {
		_, err := event.ParseOverrides(bad)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "K_CE_OVERRIDES") {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

package event_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"todo-app/internal/event"
	"todo-app/internal/task"
)

// encode returns the event as the SDK's receiver has it.
func encode(t *testing.T, source string, ev task.Event) *cloudevents.Event {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	sent := encoded(t, source, ev)
	r.Header, r.Body = sent.Header(), io.NopCloser(bytes.NewReader(sent.Data))
	got, err := cloudevents.NewEventFromHTTPRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("the SDK finds the event invalid: %v", err)
	}
	return got
}

func encoded(t *testing.T, source string, ev task.Event) event.CloudEvent {
	t.Helper()
	e, err := event.NewEncoder(source, event.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Encode(ev)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAReminderIsAnEventOfItsOwnKind(t *testing.T) {
	ev := change("ann", 1)
	ev.Change, ev.Reminder = task.Reminded, "-PT30M"
	got := encode(t, "/todo-app", ev)
	equal(t, got.Type(), "todo.reminder.due.v1")
	equal(t, got.Subject(), ev.Task.ID.String())
	equal(t, got.Extensions(), map[string]any{"owner": "ann", "traceparent": ev.Trace, "reminder": "-PT30M"})
	equal(t, string(got.Data()), string(ev.Task.AppendRecord(nil)))
}

func TestTheSDKReadsEveryAttributeAsItWasMeant(t *testing.T) {
	ev := change("ann", 1)
	ev.At = ev.At.In(time.FixedZone("", 2*60*60))
	subject, contentType := ev.Task.ID.String(), cloudevents.ApplicationJSON
	want := cloudevents.NewEvent()
	want.Context = &cloudevents.EventContextV1{
		ID: ev.ID.String(), Type: "todo.task.created.v1", Subject: &subject, DataContentType: &contentType,
		Source:     *cloudevents.ParseURIRef("/todo-app"),
		DataSchema: cloudevents.ParseURI("urn:todo-app:openapi:v1#/components/schemas/TaskRecord"),
		Time:       &cloudevents.Timestamp{Time: ev.At.UTC()},
		Extensions: map[string]any{"owner": "ann", "traceparent": ev.Trace},
	}
	want.DataEncoded = ev.Task.AppendRecord(nil)
	equal(t, encode(t, "/todo-app", ev).String(), want.String())
	equal(t, encode(t, "/todo-app", ev).Time(), want.Time())
}

func TestTextThatNoHeaderCanHoldIsPercentEncoded(t *testing.T) {
	h := encoded(t, "/todo-app", change(`Zoë "the" 100% ~\!`, 1)).Header()
	equal(t, h.Get("Ce-Owner"), `Zo%C3%AB%20%22the%22%20100%25%20~\!`)
	equal(t, encode(t, "/todo-app", change("任务 🎉", 1)).Extensions()["owner"], any("%E4%BB%BB%E5%8A%A1%20%F0%9F%8E%89"))
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
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

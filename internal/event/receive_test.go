package event_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/go-cmp/cmp"

	"todo-app/internal/event"
	"todo-app/internal/task"
)

const id = "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"

// request builds a POST from header lines, a blank line and a body.
func request(text string) *http.Request {
	head, body, _ := strings.Cut(text, "\n\n")
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		r.Header.Add(name, value)
	}
	return r
}

const (
	single = "Content-Type: application/cloudevents+json\n\n"
	batch  = "Content-Type: application/cloudevents-batch+json\n\n"
	inHead = "Content-Type: application/json\nCe-Specversion: 1.0\nCe-Id: 7\nCe-Source: /s\nCe-Type: todo.task.create.v1\n"
	core   = `"specversion":"1.0","id":"7","source":"/s","type":"todo.task.create.v1"`
	patch  = `"specversion":"1.0","id":"7","source":"/s","type":"todo.task.update.v1"`
)

func receive(t *testing.T, text string) event.Command {
	t.Helper()
	commands, err := event.Receive(request(text))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, len(commands), 1)
	return commands[0]
}

func TestEventsOfTheSDKAreReadInEveryMode(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	trace := change("", 0).Trace
	made := func(n int, kind, subject string) cloudevents.Event {
		e := cloudevents.NewEvent()
		e.SetID(fmt.Sprint("event-", n))
		e.SetSource("https://elsewhere.example/crm")
		e.SetType("todo.task." + kind + ".v1")
		if subject != "" {
			e.SetSubject(subject)
		}
		e.SetTime(at)
		e.SetExtension("traceparent", trace)
		e.SetExtension("n", 5)
		if kind != "delete" {
			if err := e.SetData(cloudevents.ApplicationJSON, map[string]any{"title": "Zoë's"}); err != nil {
				t.Fatal(err)
			}
		}
		return e
	}
	events := []cloudevents.Event{made(1, "create", ""), made(2, "update", id), made(3, "delete", id)}
	var got []event.Command
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		commands, err := event.Receive(r)
		if err != nil {
			t.Error(err)
		}
		got = append(got, commands...)
	}))
	defer s.Close()
	client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(s.URL), cloudevents.WithRoundTripper(s.Client().Transport))
	if err != nil {
		t.Fatal(err)
	}
	send := map[string]func(){
		"binary": func() {
			for _, e := range events {
				if err := client.Send(t.Context(), e); !cloudevents.IsACK(err) {
					t.Error(err)
				}
			}
		},
		"structured": func() {
			for _, e := range events {
				if err := client.Send(cloudevents.WithEncodingStructured(t.Context()), e); !cloudevents.IsACK(err) {
					t.Error(err)
				}
			}
		},
		"batched": func() {
			r, err := cloudevents.NewHTTPRequestFromEvents(t.Context(), s.URL, events)
			if err != nil {
				t.Fatal(err)
			}
			response, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		},
	}
	want := []event.Command{
		{Kind: event.Create, Data: []byte(`{"title":"Zoë's"}`), Time: at, Trace: trace},
		{Kind: event.Update, Subject: id, Data: []byte(`{"title":"Zoë's"}`), Time: at, Trace: trace},
		{Kind: event.Delete, Subject: id, Time: at, Trace: trace},
	}
	keys := map[string]int{}
	for mode, send := range send {
		t.Run(mode, func(t *testing.T) {
			got = nil
			send()
			for i := range got {
				keys[got[i].Key]++
				got[i].Key = ""
			}
			equal(t, got, want)
		})
	}
	equal(t, len(keys), 3) // an event has one key in every mode
}

func TestKeysAreShortPrintableAndDistinct(t *testing.T) {
	form := regexp.MustCompile(`^ce:[A-Za-z0-9_-]{43}$`)
	seen := map[string]string{}
	for _, pair := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"a:b", "c"}, {"a", ":bc"}, {"1", "1:1"}, {"11", ":1"}, {"é", "x"}, {"x", "é"}, {strings.Repeat("s", 9000), "1"}} {
		c := receive(t, single+fmt.Sprintf(`{"specversion":"1.0","source":%q,"id":%q,"type":"todo.task.create.v1","data":{}}`, pair[0], pair[1]))
		if !form.MatchString(c.Key) {
			t.Errorf("%q", c.Key)
		}
		if other := seen[c.Key]; other != "" {
			t.Errorf("%q and %q share a key", pair, other)
		}
		seen[c.Key] = fmt.Sprint(pair)
	}
}

func TestHeadersAreDecodedAsTheBindingSays(t *testing.T) {
	plain := receive(t, inHead+"Ce-Subject: a b%é\n\n{}")
	equal(t, plain.Subject, "a b%é") // as SDKs send that encode nothing
	equal(t, receive(t, inHead+"Ce-Subject: a%20b%25%C3%a9\n\n{}").Subject, "a b%é")
	equal(t, receive(t, inHead+`Ce-Subject: "a \"b\" c"`+"\n\n{}").Subject, `a "b" c`)
	equal(t, receive(t, single+`{`+core+`,"data":{}}`).Key, plain.Key)
}

func TestDataIsTakenAsItCame(t *testing.T) {
	for text, want := range map[string]string{
		single + `{"data": {"b" : 1,"a":2} ,` + core + `}`:                                            `{"b" : 1,"a":2}`,
		single + `{` + core + `,"data":[1]}`:                                                          `[1]`,
		single + `{` + core + `,"data_base64":"eyJhIjoxfQ=="}`:                                        `{"a":1}`,
		single + `{` + core + `,"data_base64":"eyJhIjoxfQ==","data":null}`:                            `{"a":1}`,
		single + `{` + core + `,"data":{},"datacontenttype":"application/merge-patch+json"}`:          `{}`,
		single + `{` + core + `,"data":{},"datacontenttype":"Application/JSON; charset=UTF-8"}`:       `{}`,
		"Content-Type: Application/CloudEvents+JSON; charset=utf-8\n\n{" + core + `,"data":{}}`:       `{}`,
		inHead + "\n{\"a\":\n1}\n":                                                                    "{\"a\":\n1}",
		"Ce-Specversion: 1.0\nCe-Id: 7\nCe-Source: /s\nCe-Type: todo.task.create.v1\n\n{\"x\":[]}":    `{"x":[]}`,
		single + `{` + core + `,"data":{},"extra":"1","flag":true,"n":2,"gone":null,"subject":null}`:  `{}`,
		single + `{` + core + `,"data":{},"traceparent":"junk","time":"2026-03-01T09:00:00.5+02:00"}`: `{}`,
	} {
		equal(t, string(receive(t, text).Data), want)
	}
}

func TestEverythingWrongIsSaidAtOnceAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		single + `{}`: "/specversion is required; /id is required; /source is required; /type is required",
		"\n\n{}":      "/specversion is required; /id is required; /source is required; /type is required",
		single + `{"specversion":"0.3","id":"7","source":"/s","type":"todo.task.create.v1","data":{}}`: `/specversion must be "1.0", the one version that is read`,
		single + `{"specversion":1.0,"id":7,"source":[],"type":{},"data":{}}`:                          "/specversion must be a string; /id must be a string; /source must be a string; /type must be a string",
		single + `{"specversion":"1.0","id":" ","source":"","type":"todo.task.created.v1"}`:            "/id is required; /source is required; /type must be todo.task.create.v1, todo.task.update.v1 or todo.task.delete.v1",
		single + `{` + core + `}`:                                              "/data is required: the fields of the task",
		single + `{` + core + `,"data":null}`:                                  "/data is required: the fields of the task",
		inHead + "\n":                                                          "/data is required: the fields of the task",
		inHead + "\nnull":                                                      "/data is required: the fields of the task",
		single + `{` + patch + `,"data":{}}`:                                   "/subject is required: the id of the task",
		single + `{` + patch + `,"data":{},"subject":"7"}`:                     "/subject must be a UUID such as 0190b6a0-5f3c-7000-8000-5b5e2f0c7a11",
		single + `{` + core + `,"data":{},"data_base64":"e30="}`:               "/data_base64 must not come beside data",
		single + `{` + core + `,"data_base64":1}`:                              "/data_base64 must be a string",
		single + `{` + core + `,"data_base64":"e30"}`:                          "/data_base64 must be base64",
		single + `{` + core + `,"data_base64":"eyJhIjp9"}`:                     `/data_base64/a must be JSON: invalid character '}' at start of value`,
		single + `{` + core + `,"data":"x","datacontenttype":"text/plain"}`:    "/datacontenttype must be application/json, or another JSON type, in UTF-8",
		single + `{` + core + `,"data":{},"datacontenttype":"a/b+json; c=\""}`: "/datacontenttype must be application/json, or another JSON type, in UTF-8",
		single + `{` + core + `,"data":{},"time":"yesterday"}`:                 "/time must be an RFC 3339 time such as 2026-03-01T09:00:00Z",
		single + `{` + core + `,"data":{},"subject":"a\u0000b"}`:               "/subject must be UTF-8 without control characters",
		single + `{` + core + `,"data":{},"Data":1}`:                           ` has the member "Data", which names no attribute`,
		single + `{` + core + `,"data":{},"":1}`:                               ` has the member "", which names no attribute`,
		single + `{` + core + `,"data":{},"x":{}}`:                             "/x must be a string",
		single + `{` + core + `,"data":{},"id":"8"}`:                           `/id must be JSON: duplicate object member name`,
		single + `{` + core + `,"data":{"a":1,"a":2}}`:                         `/data/a must be JSON: duplicate object member name`,
		single + `{` + core + `,"data":{"a":"\ud800"}}`:                        "/data/a must be JSON: invalid surrogate pair",
		single + `{` + core + `,"data":{"a":"` + "\xff" + `"}}`:                `/data/a must be JSON: invalid UTF-8`,
		single + `{` + core + `} {}`:                                           " must be a single JSON value",
		single + ``:                                                            " must be JSON",
		single + `7`:                                                           " must be an event, a JSON object",
		inHead + "Ce-Id: 8\n\n{}":                                              "/id is given twice",
		inHead + "Ce-: 8\nCe-Data: 1\nCe-Datacontenttype: x\n\n{}": ` has the header "Ce-", which names no attribute that a header can carry; ` +
			` has the header "Ce-Data", which names no attribute that a header can carry;  has the header "Ce-Datacontenttype", which names no attribute that a header can carry`,
		inHead + "Ce-Subject: %ff\n\n{}": "/subject must be UTF-8 without control characters",
		inHead + "\n{\"a\":}":            `/data/a must be JSON: invalid character '}' at start of value`,
		batch + `{}`:                     " must be an array of events",
		batch + `[]`:                     " must hold at least one event",
		batch + `[{` + core + `,"data":{}},{` + core + `},7]`: "/1/data is required: the fields of the task; /2 must be an event, a JSON object",
		batch + `[{` + core + `,"data":{"x":tru}}]`:           `/0/data/x must be JSON: invalid character '}' in literal true (expecting 'e')`,
		batch + `[` + strings.Repeat(`{},`, 100) + `{}]`:      " must hold at most 100 events",
	} {
		_, err := event.Receive(request(text))
		var faults task.Faults
		if !errors.As(err, &faults) {
			t.Errorf("%.200s: got %v", text, err)
			continue
		}
		// jsontext's own words may go on.
		if got := err.Error(); got != want && !(strings.Contains(want, "must be JSON") && strings.HasPrefix(got, want)) {
			t.Errorf("%.200s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestOtherEventFormatsAreRefusedAsSuch(t *testing.T) {
	for _, mediaType := range []string{"application/cloudevents+xml", "application/cloudevents", "application/cloudevents+json; charset=latin1", "application/cloudevents+json; ="} {
		if _, err := event.Receive(request("Content-Type: " + mediaType + "\n\n{}")); !errors.Is(err, event.ErrMediaType) {
			t.Errorf("%s: got %v", mediaType, err)
		}
	}
}

func TestWhatHostileRequestsAreToldStaysSmall(t *testing.T) {
	for name, text := range map[string]string{
		"deep":        single + `{` + core + `,"data":` + strings.Repeat("[", 1<<19),
		"deep, sound": single + `{` + core + `,"data":` + strings.Repeat("[", 1<<18) + strings.Repeat("]", 1<<18) + `}`,
		"long name":   single + `{` + core + `,"` + strings.Repeat("n", 1<<20) + `":{}}`,
		"long name 2": single + `{` + core + `,"` + strings.Repeat("n", 1<<20) + `":tru}`,
		"many names":  single + `{` + core + hostileMembers() + `}`,
		"long type":   single + `{"specversion":"1.0","id":"7","source":"/s","type":"` + strings.Repeat("t", 1<<20) + `","data":{}}`,
	} {
		_, err := event.Receive(request(text))
		if err == nil || len(err.Error()) > 5000 {
			t.Errorf("%s: got %.200v", name, err)
		}
	}
}

func hostileMembers() string {
	var b strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&b, `,"X%d":1`, i)
	}
	return b.String()
}

func TestABodyThatCannotBeReadIsNoFaultOfItsContent(t *testing.T) {
	r := request(single + `{` + core + `,"data":{}}`)
	r.Body = http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(strings.Repeat(" ", 100))), 10)
	var tooLarge *http.MaxBytesError
	if _, err := event.Receive(r); !errors.As(err, &tooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsDeliveredHereCanBeReadByOthersAndBack(t *testing.T) {
	var got *http.Request
	var body []byte
	d := deliverer(t, newOutbox(change("Zoë", 1)), event.Settings{Sink: "http://sink", Transport: transport(func(r *http.Request) (*http.Response, error) {
		got = r.Clone(context.Background())
		body, _ = io.ReadAll(r.Body)
		return respond(200), nil
	})})
	equal(t, sweep(t, d), 1)
	got.Header.Set("Ce-Type", "todo.task.update.v1")
	got.Body = io.NopCloser(strings.NewReader(string(body)))
	commands, err := event.Receive(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(change("Zoë", 1).Task.ID.String(), commands[0].Subject); diff != "" {
		t.Error(diff)
	}
}

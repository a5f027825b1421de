package telemetry_test

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"todo-app/internal/postgres"
)

const (
	clientTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	readTrace    = "5bf92f3577b34da6a3ce929d0e0e4736"
	refusedTrace = "6bf92f3577b34da6a3ce929d0e0e4736"
	clientSpan   = "00f067aa0ba902b7"
	tasks        = "/api/v1/tasks"
)

func parent(trace string) string { return "Traceparent: 00-" + trace + "-" + clientSpan + "-01" }

// one returns the only span of a service with a name.
func one(t *testing.T, all []span, service, name string, kind trace.Span_SpanKind) span {
	t.Helper()
	var found []span
	for _, s := range all {
		if s.service == service+"/test" && s.name == name && s.kind == kind {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q of %s in\n%s", len(found), name, service, list(all))
	}
	return found[0]
}

// list shows spans, one to a line.
func list(all []span) string {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(s.service + " " + s.kind.String() + " " + s.name + " " + s.id + " in " + s.parent + "\n")
	}
	return b.String()
}

// below returns the names of the spans of clients that lie in another.
func below(all []span, in span) (names []string) {
	within := map[string]bool{in.id: true}
	for range all { // spans come in any order
		for _, s := range all {
			if within[s.parent] && s.service == in.service {
				within[s.id] = true
			}
		}
	}
	for _, s := range all {
		if within[s.id] && s.id != in.id {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

const (
	serverKind   = trace.Span_SPAN_KIND_SERVER
	clientKind   = trace.Span_SPAN_KIND_CLIENT
	producerKind = trace.Span_SPAN_KIND_PRODUCER
)

func TestOneTraceGoesFromTheClientThroughDoorFunctionStorageAndEvent(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs functions")
	}
	s := newSite(t)
	var got answer
	usable(t, "POST", s.create.url+tasks, `{"title":"first"}`)
	usable(t, "GET", s.list.url+tasks, "")
	s.sink.next(t)

	t.Run("a write", func(t *testing.T) {
		got = ask(t, "POST", s.door.url+tasks, `{"title":"hunter2-title","tags":["hunter2-tag"]}`, parent(clientTrace), "Authorization: Bearer hunter2-token", "User-Agent: hunter2-agent")
		if got.status != http.StatusCreated {
			t.Fatal(got.status, got.body)
		}
		event := s.sink.next(t)
		kind := event.Get("Ce-Type")
		s.collector.of(t, clientTrace, "deliver "+kind)
		s.collector.until(t, "all three of the request's spans", func() bool {
			n := 0
			for _, s := range s.collector.spans {
				if s.trace == clientTrace && s.name == "POST "+tasks {
					n++
				}
			}
			return n == 3
		})
		all := s.collector.of(t, clientTrace)
		door := one(t, all, "web", "POST "+tasks, serverKind)
		passed := one(t, all, "web", "POST "+tasks, clientKind)
		create := one(t, all, "create", "POST "+tasks, serverKind)
		deliver := one(t, all, "create", "deliver "+kind, producerKind)
		if door.parent != clientSpan || passed.parent != door.id || create.parent != passed.id || deliver.parent != create.id {
			t.Error("they are not one below the other:\n", list(all))
		}
		if want := "00-" + clientTrace + "-" + door.id + "-01"; got.header.Get("Traceparent") != want {
			t.Errorf("the answer has the traceparent %s, not %s", got.header.Get("Traceparent"), want)
		}
		if want := "00-" + clientTrace + "-" + create.id + "-01"; event.Get("Ce-Traceparent") != want {
			t.Errorf("the event has the traceparent %s, not %s", event.Get("Ce-Traceparent"), want)
		}
		if want := "00-" + clientTrace + "-" + deliver.id + "-01"; event.Get("Traceparent") != want {
			t.Errorf("the delivery has the traceparent %s, not %s", event.Get("Traceparent"), want)
		}
		for _, name := range []string{"evalsha", "insert tasks", "update owners"} {
			if !slices.Contains(below(all, create), name) {
				t.Errorf("there is no %q among %q", name, below(all, create))
			}
		}
		if create.attributes["http.route"].GetStringValue() != tasks || create.attributes["http.response.status_code"].GetIntValue() != http.StatusCreated {
			t.Error("it has the attributes ", create.attributes)
		}
	})

	t.Run("a read", func(t *testing.T) {
		for range 2 { // the second is answered by Redis
			got := ask(t, "GET", s.door.url+tasks+"?q="+url.QueryEscape("hunter2-query"), "", parent(readTrace))
			if got.status != http.StatusOK {
				t.Fatal(got.status, got.body)
			}
		}
		all := s.collector.of(t, readTrace, "GET "+tasks, "get", "set")
		read := slices.IndexFunc(all, func(s span) bool { return s.service == "list/test" && s.kind == serverKind })
		if read < 0 || !slices.Contains(below(all, all[read]), "get") {
			t.Error("the list asked nothing:\n", list(all))
		}
	})

	t.Run("a path with an id", func(t *testing.T) {
		got := ask(t, "GET", s.door.url+tasks+"/hunter2-id?x=hunter2-parameter", "", parent(refusedTrace))
		all := s.collector.of(t, refusedTrace, "GET "+tasks+"/{id}")
		if got.status < 400 || one(t, all, "web", "GET "+tasks+"/{id}", serverKind).attributes["http.route"].GetStringValue() != tasks+"/{id}" {
			t.Error(got.status, list(all))
		}
	})

	t.Run("the log", func(t *testing.T) {
		got := ask(t, "POST", s.create.url+tasks, `{"title":""}`) // no trace of the client's
		id := strings.Split(got.header.Get("Traceparent")+"---", "-")[1]
		if got.status < 400 || len(id) != 32 {
			t.Fatal(got.status, got.header)
		}
		one(t, s.collector.of(t, id, "POST "+tasks), "create", "POST "+tasks, serverKind)
		logged := slices.ContainsFunc(s.create.said(""), func(line map[string]any) bool { return line["trace_id"] == id })
		if !logged {
			t.Errorf("no line of the log is of the trace %s: %v", id, s.create.said(""))
		}
	})

	t.Run("methods and paths of a client's own", func(t *testing.T) {
		ask(t, "HUNTER2", s.door.url+tasks, "", parent("7bf92f3577b34da6a3ce929d0e0e4736"))
		ask(t, "GET", s.door.url+"/hunter2-path", "", parent("8bf92f3577b34da6a3ce929d0e0e4736"))
		s.collector.of(t, "7bf92f3577b34da6a3ce929d0e0e4736", "HTTP "+tasks)
		s.collector.of(t, "8bf92f3577b34da6a3ce929d0e0e4736", "HTTP /")
	})

	for _, p := range []*process{s.door, s.create, s.list} {
		for _, probe := range []string{"/health/live", "/health/ready"} {
			if got := ask(t, "GET", p.url+probe, ""); got.status != http.StatusOK {
				t.Error(probe, got.status)
			}
		}
	}
	s.collector.until(t, "how long requests took", func() bool {
		return slices.ContainsFunc(s.collector.metrics["http.server.request.duration"], func(of map[string]string) bool { return of["http.route"] == tasks+"/{id}" })
	})
	for _, p := range []*process{s.door, s.list, s.create} {
		p.end(t)
		if p.cmd.ProcessState.ExitCode() != 0 || len(p.said("lost")) > 0 {
			t.Error(p.cmd.ProcessState, p.said("lost"))
		}
	}
	s.collector.check(t)
}

func TestASweepIsATraceAndItsDeliveriesAreOfThoseOfTheirEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs functions")
	}
	c, database, sink := newCollector(t), server.New(t), newSink(t)
	create := start(t, "otel/create", append(c.told(), "DATABASE_URL="+database.URL(postgres.AppRole))) // without a sink the event waits
	ask(t, "POST", create.url+tasks, `{"title":"first"}`, parent(clientTrace))
	sweep := start(t, "otel/todo", append(c.told(), "DATABASE_URL="+database.URL(postgres.SweepRole), "K_SINK="+sink.url), "sweep")
	sweep.ended(t)
	if sweep.cmd.ProcessState.ExitCode() != 0 {
		t.Fatal(sweep.cmd.ProcessState, sweep.wrong.String(), sweep.said(""))
	}
	kind := sink.next(t).Get("Ce-Type")
	made := one(t, c.of(t, clientTrace, "POST "+tasks, "deliver "+kind), "create", "POST "+tasks, serverKind)
	if delivered := one(t, c.of(t, clientTrace), "sweep", "deliver "+kind, producerKind); delivered.parent != made.id {
		t.Error("the delivery is below", delivered.parent)
	}
	var swept span
	c.until(t, "a sweep", func() bool {
		i := slices.IndexFunc(c.spans, func(s span) bool { return s.name == "sweep" })
		if i >= 0 {
			swept = c.spans[i]
		}
		return i >= 0
	})
	all := c.of(t, swept.trace)
	if swept.parent != "" || swept.service != "sweep/test" || swept.failed || !slices.Contains(below(all, swept), "delete idempotency_keys") {
		t.Errorf("%+v\n%s", swept, list(all))
	}
}

// check finds what should never be told.
func (c *collector) check(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := strings.Index(strings.ToLower(c.bodies.String()), "hunter2"); i >= 0 {
		t.Errorf("told: %q", c.bodies.String()[max(0, i-100):min(c.bodies.Len(), i+50)])
	}
	for _, s := range c.spans {
		if strings.Contains(s.name, "health") {
			t.Error("a probe is a span:", s.name)
		}
		if s.parent == "" && s.kind != serverKind {
			t.Error("a trace begins with", s.name)
		}
		for name := range s.attributes {
			if strings.HasPrefix(name, "url.path") || strings.HasPrefix(name, "url.full") || strings.HasPrefix(name, "db.query") || strings.HasPrefix(name, "user_agent") ||
				strings.HasPrefix(name, "client.") || strings.HasPrefix(name, "network.peer") {
				t.Errorf("%s tells %s", s.name, name)
			}
		}
	}
	for _, h := range c.headers {
		if h != "Bearer hunter2-collector" {
			t.Errorf("it was told with the credential %q", h)
		}
	}
}

// A collector that takes connections and never answers is the worst there is.
func TestACollectorThatNeverAnswersCostsNoRequestAndNoEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs functions")
	}
	hole, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hole.Close()
	metrics := freePort(t)
	p := start(t, "otel/list", []string{"DATABASE_URL=" + server.New(t).URL("todo_app"), "OTEL_EXPORTER_OTLP_ENDPOINT=http://" + hole.Addr().String(),
		"OTEL_BSP_MAX_QUEUE_SIZE=16", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=8", "OTEL_BSP_SCHEDULE_DELAY=1", "TODO_METRICS_PORT=" + metrics})
	for range 50 { // each has several spans, and they would wait 10 s for the first batch
		usable(t, "GET", p.url+tasks, "")
	}
	if got := ask(t, "GET", "http://127.0.0.1:"+metrics+"/metrics", ""); !strings.Contains(got.body, "\ntodo_spans_total{state=\"told\"} 0\n") ||
		strings.Contains(got.body, "\ntodo_spans_total{state=\"ended\"} 0\n") {
		t.Error(got.body)
	}
	p.end(t)
	if p.cmd.ProcessState.ExitCode() != 0 || len(p.said("is lost")) != 1 {
		t.Error(p.cmd.ProcessState, p.wrong.String(), p.said(""))
	}
}

func TestVariablesThatAreWrongAreListedAndVariablesThatChangeNothingAreSaid(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs functions")
	}
	database := "DATABASE_URL=" + server.New(t).URL("todo_app")
	wrong := map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:hunter2@collector", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_SAMPLER": "some", "OTEL_TRACES_EXPORTER": "zipkin",
		"OTEL_PROPAGATORS": "b3", "OTEL_BSP_MAX_QUEUE_SIZE": "-1", "OTEL_SDK_DISABLED": "perhaps",
	}
	settings := []string{database}
	for name, value := range wrong {
		settings = append(settings, name+"="+value)
	}
	refused := start(t, "otel/list", settings)
	refused.ended(t)
	for name := range wrong {
		if strings.Count(refused.wrong.String(), name+" ") != 1 {
			t.Errorf("%s is not named once in\n%s", name, &refused.wrong)
		}
	}
	if refused.cmd.ProcessState.ExitCode() != 1 || strings.Contains(refused.wrong.String(), "hunter2") {
		t.Error(refused.cmd.ProcessState, refused.wrong.String())
	}

	endpoint := "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"
	for _, c := range []struct {
		program  string
		settings []string
		said     int
	}{
		{"plain/list", nil, 0},
		{"plain/list", []string{endpoint, "OTEL_TRACES_SAMPLER=some"}, 1}, // nobody reads what it is
		{"plain/list", []string{endpoint, "OTEL_SDK_DISABLED=true"}, 0},
		{"otel/list", nil, 0},
		{"otel/list", []string{"OTEL_SERVICE_NAME=other"}, 1},
		{"otel/list", []string{endpoint, "OTEL_SDK_DISABLED=true"}, 0},
		{"otel/list", []string{endpoint, "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none"}, 1},
		{"otel/list", []string{endpoint}, 0},
	} {
		p := start(t, c.program, append(c.settings, database))
		const own = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		if got := usable(t, "GET", p.url+tasks, "", "Traceparent: "+own); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Traceparent"), own[:36]) {
			t.Error(c.program, c.settings, got.status, got.header)
		}
		p.end(t)
		if said := p.said("nothing is told to OpenTelemetry"); len(said) != c.said || c.said == 1 && !strings.Contains(strings.Join(c.settings, " "), said[0]["variables"].([]any)[0].(string)) {
			t.Error(c.program, c.settings, said)
		}
	}
}

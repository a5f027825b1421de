package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
)

// stranger sends what no client would, one request after another, and holds the
// service to three things: it never answers 500 nor anything like it, it
// answers in time, and what it took can be read.
type stranger struct {
	site       *site
	server     *server
	name       string
	owners     []string // its names so far, another after every request that nobody answered
	credential string
	random     *rand.Rand
	endpoints  map[string][]httpapi.Endpoint
	ids        []string // of tasks that it was told of
	cursors    []string
	answers    map[int]int   // by status; 0: none
	slowest    time.Duration // to be answered
	slowShot   shot
}

func newStranger(s *site, name string, random *rand.Rand) *stranger {
	x := &stranger{site: s, server: s.open(), name: name, random: random, endpoints: map[string][]httpapi.Endpoint{}, answers: map[int]int{}}
	for _, f := range functions {
		x.endpoints[f] = append(function.Endpoints(&httpapi.API{}, function.Name(f)), httpapi.Endpoint{Method: http.MethodPost, Path: "/"})
	}
	x.become()
	return x
}

// become gives it another name. What nobody answered may still be carried out,
// and change what is read after it.
func (x *stranger) become() {
	owner := fmt.Sprintf("%s, life %d", x.name, len(x.owners))
	x.owners = append(x.owners, owner)
	x.credential, x.ids, x.cursors = x.site.credential(owner), nil, nil
}

// fitting are bodies that are right for a path, or nearly.
var fitting = map[string][]string{
	"/api/v1/tasks": {
		`{"title":"a","description":"b","priority":"high","category":"c","tags":["d","e"],"due":"2026-12-01","reminders":["-PT30M"],"order":1.5}`,
		`{"title":"a","due":"2026-12-01T09:00:00+02:00","recurrence":{"rule":"FREQ=MONTHLY;BYDAY=-1FR;COUNT=5","from":"due"}}`,
		`{"title":"a","due":"2024-02-29","recurrence":"yearly","reminders":["-P1D","2026-01-01T00:00:00Z"]}`,
		`[{"title":"a"},{"title":"b","parent_id":"ID"},{"title":"c","depends_on":["ID"]}]`,
		"{\"title\":\"a\u202e\u200d\ufeff😀\"}", `{"title":"a","description":"` + strings.Repeat("é", 19_999) + `"}`,
		`{"title":"a","order":-0}`, `{"title":"a","due":"0000-01-01"}`, `{"title":"a","due":"9999-12-31T23:59:59Z","tags":["Ä","ä"]}`,
	},
	"/api/v1/tasks/{id}": {
		`{"completed":true}`, `{"title":"b","due":null}`, `{"parent_id":"ID"}`, `{"depends_on":["ID","ID"]}`, `{"depends_on":["ID"],"completed":true}`,
		`{"recurrence":"monthly","due":"2026-01-31"}`, `{"archived":true}`, `{"title":"c","category":"ß","reminders":[]}`,
	},
	"/api/v1/tasks/quick": {`{"text":"Pay rent tomorrow 9am !high @home #flat every month"}`, `{"text":"every 31st of february until yesterday"}`},
	"/api/v1/tasks/bulk": {
		`{"action":"complete","filter":{"status":"pending"}}`, `{"action":"delete","ids":["ID","ID"],"dry_run":true}`, `{"action":"update","ids":["ID"],"set":{"priority":"low"}}`,
	},
	"/api/v1/templates":              {`{"name":"t","task":{"title":"a"}}`, `{"name":"t","from_task":"ID"}`},
	"/api/v1/templates/{name}":       {`{"task":{"title":"a"}}`},
	"/api/v1/templates/{name}/tasks": {`{}`, ``},
	"/api/v1/settings":               {`{"time_zone":"Europe/Berlin","auto_archive_days":7}`, `{"time_zone":"../../etc/passwd"}`, `{"time_zone":"America/New_York"}`},
	"/api/v1/keys":                   {`{"name":"k","scope":"read"}`},
	"/api/v1/import": {
		"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:1\r\nSUMMARY:a\r\nDUE:20261201\r\nRRULE:FREQ=DAILY\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
		"TYPE,CONTENT,PRIORITY,INDENT\ntask,a @b,1,1\n", `{"tasks":[{"id":1,"title":"a"}]}`,
	},
	"/": {
		`{"specversion":"1.0","id":"1","source":"/x","type":"todo.task.create.v1","data":{"title":"a"}}`,
		`[{"specversion":"1.0","id":"2","source":"/x","type":"todo.task.update.v1","subject":"ID","data":{"title":"b"}}]`,
		`{"specversion":"1.0","id":"3","source":"/x","type":"todo.task.delete.v1","subject":"ID","data_base64":"e30="}`,
	},
}

// wrong are bodies that are right for nothing.
var wrong = []string{
	``, `{}`, `[]`, `null`, `"a"`, `1`, `{`, `[[[[`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000), strings.Repeat("x", 2<<20),
	`{"title":"\u0000"}`, `{"title":"\ud800"}`, "{\"title\":\"\xff\xfe\"}", `{"title":" \t\n"}`, `{"title":"` + strings.Repeat("a", 600) + `"}`,
	`{"title":"a","title":"b"}`, `{"Title":"a"}`, `{"":1}`, `{"title":null}`, `{"title":"a","completed":"yes"}`, `{"title":"a","order":1e999}`,
	`{"title":"a","due":"9999-12-31T23:59:60Z"}`, `{"title":"a","tags":[null]}`,
}

// words are what stands in queries, paths and headers.
var words = []string{
	"", "a", "ID", "-", "0", "-1", "1", "500", "501", "999999999999999999999", "1.5", "true", "false", "TRUE", "null", "none", "all", "pending", "completed",
	"due", "-due", "created", "order", "title;drop table tasks", "' or 1=1 --", "%", "_", "\\", "\x00", "\xff", "é", "Ä", "\u202e", "../..", "Europe/Berlin", "Local",
	"2026-12-01", "2026-12-01T00:00:00Z", "overdue", "week", "high", "json", "csv", "ics", "replay", "delete", "promote", "*", `"1-0"`, `W/"1"`, `"`, ",,,", "CURSOR",
	"application/json", "application/merge-patch+json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/calendar", "text/csv", "gzip", "multipart/form-data; boundary=x",
	"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "todo.task.create.v1", "todo.task.delete.v1", "1.0", strings.Repeat("a", 300), strings.Repeat("a b ", 2000),
}

var parameters = []string{
	"q", "status", "priority", "category", "tag", "due", "due_after", "due_before", "parent", "blocked", "archived", "sort", "limit", "cursor", "view", "tz", "count",
	"format", "component", "force", "subtasks", "ids", "all", "dry_run", "since", "after", "unknown",
}

var headers = []string{
	"Content-Type", "Content-Encoding", "Accept", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "Traceparent", "Forwarded", "X-Forwarded-Host",
	"Ce-Specversion", "Ce-Id", "Ce-Source", "Ce-Type", "Ce-Subject", "Origin", "Range", "X-Http-Method-Override",
}

func pick[T any](r *rand.Rand, some []T) T { return some[r.IntN(len(some))] }

// fill puts what is known in place of ID and CURSOR.
func (x *stranger) fill(s string) string {
	id, cursor := "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11", "eyJ9"
	if len(x.ids) > 0 {
		id = pick(x.random, x.ids)
	}
	if len(x.cursors) > 0 {
		cursor = pick(x.random, x.cursors)
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "CURSOR", cursor), "ID", id)
}

// word returns one, damaged at times.
func (x *stranger) word() string {
	w := x.fill(pick(x.random, words))
	if x.random.IntN(4) == 0 {
		w = string(x.damage([]byte(w)))
	}
	return w
}

// damage changes a few bytes of a text, or leaves some out, or repeats some.
func (x *stranger) damage(b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + x.random.IntN(3) {
		if len(b) == 0 {
			return []byte{byte(x.random.IntN(256))}
		}
		at := x.random.IntN(len(b))
		to := at + x.random.IntN(min(len(b)-at, 40)+1)
		switch x.random.IntN(5) {
		case 0:
			b[at] = byte(x.random.IntN(256))
		case 1:
			b[at] ^= 1 << x.random.IntN(8)
		case 2:
			b = append(b[:at:at], b[to:]...)
		case 3:
			b = append(b[:to:to], b[at:]...)
		case 4:
			b = append(append(b[:at:at], pick(x.random, words)...), b[at:]...)
		}
	}
	return b
}

// shot is one request, as it can be told of.
type shot struct {
	function string
	endpoint httpapi.Endpoint
	target   string
	header   http.Header
	body     []byte
}

func (s shot) String() string {
	return fmt.Sprintf("%s %s at %s with %v and %.300q", s.endpoint.Method, s.target, s.function, s.header, s.body)
}

// draw makes a request that is right in most ways, and wrong in some.
func (x *stranger) draw() shot {
	s := shot{function: pick(x.random, []string{"create", "create", "list", "list", "update", "delete"}), header: http.Header{}}
	s.endpoint = pick(x.random, x.endpoints[s.function])
	if s.endpoint.Method == http.MethodDelete && !strings.Contains(s.endpoint.Path, "{") && x.random.IntN(4) > 0 {
		s.endpoint = x.endpoints["delete"][0] // or little would ever be left
	}
	s.target = s.endpoint.Path
	for strings.Contains(s.target, "{") {
		before, rest, _ := strings.Cut(s.target, "{")
		_, after, _ := strings.Cut(rest, "}")
		name := x.fill("ID")
		if x.random.IntN(4) == 0 {
			name = url.PathEscape(x.word())
		}
		s.target = before + name + after
	}
	query := url.Values{}
	if x.random.IntN(3) == 0 {
		query.Set(pick(x.random, parameters), x.word())
	}
	if s.endpoint.Method == http.MethodGet && s.endpoint.Path == "/api/v1/tasks" {
		query.Set("limit", "2") // for there to be cursors
	}
	if len(query) > 0 {
		s.target += "?" + query.Encode()
	}
	if s.endpoint.Method != http.MethodGet {
		s.body = x.body(s.endpoint.Path)
	}
	if len(s.body) > 0 {
		s.header.Set("Content-Type", "application/json")
	}
	if x.random.IntN(3) == 0 { // without what the client would not even send; see garble
		s.header.Set(pick(x.random, headers), strings.Map(printable, x.word()))
	}
	if s.endpoint.Path == "/" {
		s.header.Set("Content-Type", pick(x.random, []string{"application/cloudevents+json", "application/cloudevents-batch+json", "application/json"}))
	}
	return s
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// body returns one that fits a path, or none, or one that fits nothing, damaged
// at times.
func (x *stranger) body(path string) []byte {
	some := fitting[path]
	if x.random.IntN(4) == 0 {
		some = wrong
	}
	if len(some) == 0 {
		return nil
	}
	body := []byte(x.fill(pick(x.random, some)))
	if x.random.IntN(3) == 0 {
		body = x.damage(body)
	}
	return body
}

// slack is what a busy machine may take beyond the time that a request has.
const slack = 25 * time.Second

// shoot sends a request and judges the answer. A connection that ends is the
// doing of those who cut and kill meanwhile.
func (x *stranger) shoot(s shot) {
	ctx, cancel := context.WithTimeout(context.Background(), s.endpoint.Limit()+slack)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, s.endpoint.Method, x.server.at(s.function)+s.target, bytes.NewReader(s.body))
	if err != nil {
		return // it cannot even be sent
	}
	request.Header = s.header
	request.Header.Set("Authorization", "Bearer "+x.credential)
	began := time.Now()
	response, err := x.server.http.Do(request)
	var answer []byte
	status := 0
	if err == nil {
		status = response.StatusCode
		answer, err = io.ReadAll(response.Body)
		response.Body.Close()
	}
	if x.answers[status]++; status != 0 {
		tried.hostile.Add(1)
	}
	if took := time.Since(began); took > x.slowest {
		x.slowest, x.slowShot = took, s
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		x.site.t.Errorf("not answered within %v and %v: %v", s.endpoint.Limit(), slack, s)
	case err != nil:
		x.become()
	case response.StatusCode >= 500 && response.StatusCode != http.StatusServiceUnavailable:
		x.site.t.Errorf("answered %d %s: %v", response.StatusCode, answer, s)
	default:
		x.learn(s, response, answer)
	}
}

// learn takes ids and cursors from answers, for further use, and reads what was
// made.
func (x *stranger) learn(s shot, response *http.Response, answer []byte) {
	if link := response.Header.Get("Link"); link != "" {
		if _, cursor, ok := strings.Cut(link, "cursor="); ok {
			cursor, _, _ = strings.Cut(cursor, ">")
			cursor, _, _ = strings.Cut(cursor, "&")
			cursor, _ = url.QueryUnescape(cursor)
			x.cursors = append(x.cursors[max(0, len(x.cursors)-20):], cursor)
		}
	}
	if s.endpoint.Method != http.MethodPost || s.endpoint.Path != "/api/v1/tasks" || response.StatusCode != http.StatusCreated {
		return
	}
	var made []map[string]any
	if json.Unmarshal(answer, &made) != nil {
		made = make([]map[string]any, 1)
		if err := json.Unmarshal(answer, &made[0]); err != nil {
			x.site.t.Errorf("created, and answered %.300s: %v", answer, s)
			return
		}
	}
	for _, one := range made {
		id, _ := one["id"].(string)
		x.ids = append(x.ids[max(0, len(x.ids)-20):], id)
	}
	x.readBack(s, made[x.random.IntN(len(made))])
}

// readBack fails the test unless a task is what was answered when it was made,
// but for what the clock changes.
func (x *stranger) readBack(s shot, made map[string]any) {
	for until := time.Now().Add(patience); time.Now().Before(until); {
		r, err := x.server.sent(context.Background(), "list", http.MethodGet, fmt.Sprint("/api/v1/tasks/", made["id"]), x.credential, nil)
		if err != nil || r.status == http.StatusServiceUnavailable {
			<-time.After(breath)
			continue
		}
		var found map[string]any
		if err := json.Unmarshal(r.body, &found); r.status != http.StatusOK || err != nil {
			x.site.t.Errorf("created, and then read as %d %s: %v", r.status, r.body, s)
			return
		}
		for _, member := range []string{"id", "version", "title", "description", "priority", "category", "tags", "due", "reminders", "recurrence", "order", "parent_id", "depends_on"} {
			if fmt.Sprint(found[member]) != fmt.Sprint(made[member]) {
				x.site.t.Errorf("%s was answered as %v and is read as %v: %v", member, made[member], found[member], s)
			}
		}
		return
	}
	x.site.t.Errorf("what was created cannot be read: %v", s)
}

// garble sends what is hardly HTTP.
func (x *stranger) garble() {
	tried.hostile.Add(1)
	function := pick(x.random, functions)
	conn, err := net.Dial("tcp", strings.TrimPrefix(x.server.at(function), "http://"))
	if err != nil {
		return
	}
	defer conn.Close()
	text := x.damage([]byte("POST /api/v1/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + x.credential + "\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"title\":\"a\"}"))
	conn.SetDeadline(time.Now().Add(30*time.Second + slack)) // what a body may take to arrive
	conn.Write(text)
	if x.random.IntN(2) == 0 {
		conn.Write([]byte("\r\n\r\n"))
	}
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		x.site.t.Errorf("neither answered nor closed: %q", text)
	}
	if bytes.HasPrefix(answer, []byte("HTTP/1.1 5")) && !bytes.HasPrefix(answer, []byte("HTTP/1.1 50")) || bytes.HasPrefix(answer, []byte("HTTP/1.1 500")) {
		x.site.t.Errorf("answered %.300q: %q", answer, text)
	}
}

// trouble goes on until ctx ends.
func (x *stranger) trouble(ctx context.Context) {
	for ctx.Err() == nil {
		if x.random.IntN(20) == 0 {
			x.garble()
		} else {
			x.shoot(x.draw())
		}
	}
}

// leftovers reads what the stranger has left in its last lives, one by one and
// as a whole.
func (x *stranger) leftovers() {
	left := 0
	for _, owner := range x.owners[max(0, len(x.owners)-20):] {
		credential := x.site.credential(owner)
		all := x.server.everything(x.site.t, credential)
		left += len(all)
		targets := []string{"/api/v1/stats", "/api/v1/stats/trends", "/api/v1/export?format=json", "/api/v1/export?format=csv", "/api/v1/export?format=ics", "/api/v1/templates", "/api/v1/settings", "/api/v1/changes?wait=0"}
		for _, one := range all[:min(len(all), 50)] {
			targets = append(targets, "/api/v1/tasks/"+one.ID, "/api/v1/tasks/"+one.ID+"/history", "/api/v1/tasks/"+one.ID+"/occurrences?count=5")
		}
		for _, target := range targets {
			r, err := x.server.sent(context.Background(), "list", http.MethodGet, target, credential, nil)
			if err != nil || r.status != http.StatusOK {
				x.site.t.Errorf("%s of %s is read as %d, %v %.300s", target, owner, r.status, err, r.body)
			}
		}
	}
	x.site.t.Logf("hostile requests were answered %v, the slowest after %v: %.300s; of %d tasks that they left each can be read", x.answers, x.slowest, x.slowShot, left)
}

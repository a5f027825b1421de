package httpapi_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const nobody = "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11" // an id that no task has

// list writes a JSON array of n items.
func list(n int, item func(int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return "[" + strings.Join(items, ",") + "]"
}

func TestEverythingWrongWithANewTaskIsListedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"a field that is unknown":        {`{"title":"a","titel":"b"}`, []string{"/titel"}},
		"a name that a pointer escapes":  {`{"title":"a","x/y~z":1}`, []string{"/x~1y~0z"}},
		"a title that is missing":        {`{}`, []string{"/title"}},
		"a title that is blank":          {`{"title":" \t\u00a0\u2003\n"}`, []string{"/title"}},
		"a description that is blank":    {`{"description":" \n \n"}`, []string{"/title"}},
		"nulls where there can be none":  {`{"title":null,"completed":null,"archived":null}`, []string{"/title", "/completed", "/archived"}},
		"values of the wrong type":       {`{"title":1,"description":[],"completed":"yes","priority":2,"category":{},"tags":"a","due":5,"reminders":{},"recurrence":"weekly","parent_id":7,"depends_on":"x","order":"1","archived":0}`, []string{"/title", "/description", "/completed", "/priority", "/category", "/tags", "/due", "/reminders", "/recurrence", "/parent_id", "/depends_on", "/order", "/archived"}},
		"faults of many kinds":           {`{"title":"","priority":"urgent","tags":["a",""," "],"due":"tomorrow","order":"first","wat":1}`, []string{"/title", "/priority", "/tags/1", "/tags/2", "/due", "/order", "/wat"}},
		"items of lists":                 {`{"title":"a","tags":["x",1],"reminders":["-PT30M","soon",3,"PT5M"],"depends_on":["x",null]}`, []string{"/tags/1", "/reminders/1", "/reminders/2", "/reminders/3", "/depends_on/0", "/depends_on/1"}},
		"members of a recurrence":        {`{"title":"a","due":"2026-03-01","recurrence":{"rule":"FREQ=NEVER","from":"start","skip_if_open":1,"x/y~z":2}}`, []string{"/recurrence/rule", "/recurrence/from", "/recurrence/skip_if_open", "/recurrence/x~1y~0z"}},
		"a recurrence without a rule":    {`{"title":"a","due":"2026-03-01","recurrence":{"from":"due"}}`, []string{"/recurrence/rule"}},
		"a recurrence without a due":     {`{"title":"a","recurrence":{"rule":"daily"}}`, []string{"/recurrence"}},
		"read-only members":              {`{"title":"a","id":"x","url":"x","version":1,"created_at":"x","updated_at":"x","completed_at":null,"archived_at":null,"overdue":false,"days_overdue":0,"blocked":false,"subtasks":{},"children":[]}`, []string{"/id", "/url", "/version", "/created_at", "/updated_at", "/completed_at", "/archived_at", "/overdue", "/days_overdue", "/blocked", "/subtasks", "/children"}},
		"ids that name nothing":          {`{"title":"a","parent_id":"` + nobody + `","depends_on":["` + nobody + `"]}`, []string{"/parent_id", "/depends_on/0"}},
		"ids that are malformed":         {`{"title":"a","parent_id":"7","depends_on":["00000000-0000-0000-0000-000000000000"]}`, []string{"/parent_id", "/depends_on/0"}},
		"a member given twice":           {`{"title":"a","title":"a"}`, []string{"/title"}},
		"a member given twice in escape": {`{"title":"a","t\u0069tle":"b"}`, []string{"/title"}},
		"a nested member given twice":    {`{"title":"a","recurrence":{"rule":"daily","rule":"daily"}}`, []string{"/recurrence/rule"}},
		"texts that are too long":        {`{"title":"` + strings.Repeat("é", 501) + `","description":"` + strings.Repeat("é", 20_001) + `","category":"` + strings.Repeat("é", 51) + `","tags":["` + strings.Repeat("é", 51) + `"]}`, []string{"/title", "/description", "/category", "/tags/0"}},
		"lists that are too long":        {`{"title":"a","tags":` + list(21, func(i int) string { return fmt.Sprintf(`"t%d"`, i) }) + `,"reminders":` + list(11, func(i int) string { return fmt.Sprintf(`"-PT%dM"`, i) }) + `,"depends_on":` + list(51, func(i int) string { return fmt.Sprintf(`"0190b6a0-5f3c-7000-8000-%012d"`, i) }) + `}`, []string{"/tags", "/reminders", "/depends_on"}},
		"numbers out of range":           {`{"title":"a","order":1.1e18}`, []string{"/order"}},
		"a number of no size":            {`{"title":"a","order":1e999}`, []string{"/order"}},
		"a due out of range":             {`{"title":"a","due":"1899-12-31"}`, []string{"/due"}},
		"a day that there is not":        {`{"title":"a","due":"2026-02-30"}`, []string{"/due"}},
		"a time without a zone":          {`{"title":"a","due":"2026-03-01T09:00:00"}`, []string{"/due"}},
		"U+0000":                         {`{"title":"a\u0000","description":"\u0000","category":"\u0000x","tags":["a","\u0000x"]}`, []string{"/title", "/description", "/category", "/tags/1"}},
		"U+0000 as it is":                {"{\"title\":\"a\x00\"}", []string{"/title"}},
		"a lone high surrogate":          {`{"title":"a\ud800"}`, []string{"/title"}},
		"a lone low surrogate":           {`{"title":"a","tags":["b","\udc00"]}`, []string{"/tags/1"}},
		"surrogates the wrong way round": {`{"title":"a","description":"\udc00\ud800"}`, []string{"/description"}},
		"a surrogate encoded":            {"{\"title\":\"a\xed\xa0\x80\"}", []string{"/title"}},
		"bytes that are no UTF-8":        {"{\"title\":\"a\xff\"}", []string{"/title"}},
		"a name that is no UTF-8":        {"{\"title\":\"a\",\"\xff\":1}", []string{""}},
		"a name that is a surrogate":     {`{"title":"a","\ud800":1}`, []string{""}},
		"a byte order mark":              {"\ufeff{\"title\":\"a\"}", []string{""}},
		"UTF-16":                         {"\xff\xfe{\x00}\x00", []string{""}},
		"nothing but white space":        {" \n", []string{""}},
		"no object":                      {`"title"`, []string{""}},
		"null":                           {`null`, []string{""}},
		"half an object":                 {`{"title":"a"`, []string{""}},
		"half a string":                  {`{"title":"a`, []string{"/title"}},
		"more than one value":            {`{"title":"a"} {"title":"b"}`, []string{""}},
		"a comma behind":                 {`{"title":"a"},`, []string{""}},
		"a comma too many":               {`{"title":"a",}`, []string{""}},
		"a comment":                      {`{"title":"a" /* b */}`, []string{""}},
		"a fault, and then a comma":      {`{"titel":"a",}`, []string{"/titel", ""}},
		"deep arrays":                    {`{"title":` + strings.Repeat("[", 200_000), []string{"/title" + strings.Repeat("/0", 46) + "/…"}},
		"deep arrays from the start":     {strings.Repeat("[", 200_000), []string{strings.Repeat("/0", 50) + "…"}},
		"an empty array":                 {`[]`, []string{""}},
		"an array of more":               {list(1001, func(int) string { return `{"title":"a"}` }), []string{""}},
		"an array of more, and a fault":  {list(1001, func(i int) string { return []string{`{"titel":"a"}`, `{"title":"a"}`}[min(i, 1)] }), []string{"", "/0/titel", "/0/title"}},
		"some of an array":               {`[{"title":"a"},{"titel":"b"},3,{"title":"c","x/y":1},[],null,{"title":"d","recurrence":{"wat":1}}]`, []string{"/1/titel", "/1/title", "/2", "/3/x~1y", "/4", "/5", "/6/recurrence/wat"}},
		"an array and nothing behind":    {`[{"title":"a"},`, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.ask(t, http.MethodPost, tasks, c.body)
			if strings.HasPrefix(name, "deep") {
				got.status(t, http.StatusBadRequest)
				return
			}
			got.faults(t, c.want...)
		})
	}
	equal(t, s.titles(t, ""), []string{})
}

func TestAnAnswerListsAHundredFaultsAtMost(t *testing.T) {
	t.Parallel()
	got := start(t).ask(t, http.MethodPost, tasks, list(1000, func(int) string { return `{"wat":1}` })).status(t, http.StatusBadRequest)
	p := got.problem(t)
	equal(t, len(p.Errors), 100)
	if !regexp.MustCompile(`; and [0-9]{3,4} more$`).MatchString(p.Detail) { // how many were counted is no promise
		t.Errorf("the detail is %q", p.Detail)
	}
}

func TestABodyMustBeThere(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	for _, r := range [][2]string{{"POST", tasks}, {"PUT", at(made.ID)}, {"PATCH", at(made.ID)}, {"PUT", "/api/v1/settings"}} {
		s.ask(t, r[0], r[1], "", "Content-Type: application/json").faults(t, "")
	}
}

func TestTextIsKeptExactly(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, text := range []string{
		"plain", " spaces around ", "quote \" backslash \\ slash /", "line\nreturn\r\ttab", "bell\a escape\x1b delete\x7f",
		"é and e\u0301", "👩‍👩‍👧‍👦 🇩🇪", "שלום \u202e evil", "\ufeffmark", "\ufffd \uffff \U0010ffff \u2028\u2029", "Ⅷ ﬁ ẞ İ",
		"100% _under_ ' -- ; $1 \\x00", strings.Repeat("𝄞", 500), "<script>&amp;</script>", "{{.}} ${x} %s",
	} {
		body, err := json.Marshal(map[string]any{"title": text, "description": text})
		if err != nil {
			t.Fatal(err)
		}
		made := s.create(t, string(body))
		equal(t, made.Title, text)
		equal(t, made.Description, text)
		equal(t, s.get(t, made.ID).Title, text)
	}
}

func TestCategoriesAndTagsAreFolded(t *testing.T) {
	t.Parallel()
	made := start(t).create(t, `{"title":"a","category":"Home ÄÖ","tags":["b","A","É","a"]}`)
	equal(t, made.Category, "home äö")
	equal(t, made.Tags, []string{"a", "b", "é"})
}

func TestABodyOfAnotherMediaTypeIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := at(s.create(t, `{"title":"a"}`).ID)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, `{"title":"b"}`)
	z.Close()
	refused := map[string][]string{
		"no type":           {"Content-Type:"},
		"a form":            {"Content-Type: application/x-www-form-urlencoded"},
		"text":              {"Content-Type: text/plain"},
		"Latin 1":           {"Content-Type: application/json; charset=latin1"},
		"UTF-16":            {"Content-Type: application/json; charset=utf-16"},
		"something like it": {"Content-Type: application/json5"},
		"a broken type":     {"Content-Type: application/json; charset"},
		"a long type":       {"Content-Type: x/" + strings.Repeat("y", 5000)},
		"compressed":        {"Content-Encoding: gzip"},
		"two encodings":     {"Content-Encoding: identity", "Content-Encoding: gzip"},
	}
	for _, target := range [][2]string{{"POST", tasks}, {"PUT", id}, {"PATCH", id}, {"PUT", "/api/v1/settings"}} {
		for name, headers := range refused {
			got := s.ask(t, target[0], target[1], `{"title":"b"}`, headers...)
			if got.Status != http.StatusUnsupportedMediaType {
				t.Errorf("%s %s with %s is answered with %d", target[0], target[1], name, got.Status)
			}
			if len(got.Body) > 1000 {
				t.Errorf("the answer to %s is long: %d bytes", name, len(got.Body))
			}
		}
	}
	s.ask(t, "POST", tasks, zipped.String(), "Content-Encoding: gzip").status(t, http.StatusUnsupportedMediaType)
	for _, accepted := range []string{"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON", "application/json; q=1"} {
		s.ask(t, "POST", tasks, `{"title":"b"}`, "Content-Type: "+accepted, "Content-Encoding: identity").status(t, http.StatusCreated)
	}
	s.ask(t, "PATCH", id, `{"title":"c"}`, "Content-Type: application/merge-patch+json").status(t, http.StatusOK)
	s.ask(t, "PATCH", id, `{"title":"d"}`).status(t, http.StatusOK)
	s.ask(t, "PUT", id, `{"title":"e"}`, "Content-Type: application/merge-patch+json").status(t, http.StatusUnsupportedMediaType)
	s.ask(t, "POST", tasks, `{"title":"f"}`, "Content-Type: application/merge-patch+json").status(t, http.StatusUnsupportedMediaType)
}

// sized is a JSON object of so many bytes.
func sized(n int) string {
	const head, tail = `{"title":"a","description":"`, `"}`
	return head + strings.Repeat("x", n-len(head)-len(tail)) + tail
}

// A client that writes all it has before it reads gets to see the answer.
func TestABodyThatIsTooLargeIsRefusedSoThatTheClientSeesIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	const mib = 1 << 20
	// With little room on the way, what the service does not read cannot be written.
	narrow := httptest.NewUnstartedServer(s.api.Handler(everything(s.api)...))
	narrow.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		c.(*net.TCPConn).SetReadBuffer(256 << 10)
		return ctx
	}
	narrow.Start()
	t.Cleanup(narrow.Close)
	for name, c := range map[string]struct {
		size   int
		status int
	}{
		"as much as may be": {mib, http.StatusBadRequest}, // its description is too long
		"a byte more":       {mib + 1, http.StatusRequestEntityTooLarge},
		"two":               {2 * mib, http.StatusRequestEntityTooLarge},
		"four":              {4 * mib, http.StatusRequestEntityTooLarge},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %t", name, chunked), func(t *testing.T) {
				equal(t, writeThenRead(t, narrow.URL, sized(c.size), chunked).StatusCode, c.status)
			})
		}
	}
	// net/http reads while it writes: it sees the answer whatever the size.
	s.ask(t, "POST", tasks, sized(10*mib)).status(t, http.StatusRequestEntityTooLarge)
	s.ask(t, "POST", tasks+"/"+nobody+"/complete", strings.Repeat(" ", mib+1)).status(t, http.StatusRequestEntityTooLarge)
	equal(t, s.titles(t, ""), []string{})
}

// writeThenRead sends a whole request over a connection of its own before it
// reads anything of the answer.
func writeThenRead(t *testing.T, url, body string, chunked bool) *http.Response {
	t.Helper()
	host := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	conn.(*net.TCPConn).SetWriteBuffer(256 << 10)
	head := "POST /api/v1/tasks HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n"
	if chunked {
		head += "Transfer-Encoding: chunked\r\n\r\n"
		body = strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n0\r\n\r\n"
	} else {
		head += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	}
	if _, err := io.WriteString(conn, head+body); err != nil {
		t.Fatalf("the connection was cut while writing: %v", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the answer was lost: %v", err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response
}

func TestABodyThatBreaksOffIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	io.WriteString(conn, "POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"title\":\"a\"}")
	conn.(*net.TCPConn).CloseWrite()
	s.observed.await(t, observation{"POST", tasks, http.StatusBadRequest})
	equal(t, s.titles(t, ""), []string{})
}

func TestActionsTakeNoBody(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := at(s.create(t, `{"title":"a"}`).ID)
	for _, action := range []string{"/complete", "/reopen"} {
		for _, body := range []string{"", "{}", " { } \n"} {
			s.ask(t, "POST", id+action, body, "Content-Type:").status(t, http.StatusOK)
			s.ask(t, "POST", id+action, body, "Content-Type: text/plain").status(t, http.StatusOK)
		}
		for _, body := range []string{`{"force":true}`, `[]`, `null`, `x`} {
			s.ask(t, "POST", id+action, body).faults(t, "")
		}
		s.ask(t, "POST", id+action+"?wat=1&force=maybe", `{"x":1}`).faults(t, slices.Concat([]string{"", "/wat", "/force"})...)
	}
}

func TestEveryFieldIsAlwaysPresent(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.ask(t, "POST", tasks, `{"title":"a"}`).status(t, http.StatusCreated)
	want := map[string]string{
		"id": `"019ca700-0000-7000-8000-000000000001"`, "url": `"` + s.url + `/api/v1/tasks/019ca700-0000-7000-8000-000000000001"`,
		"version": `1`, "created_at": `"2026-03-01T09:00:00.001Z"`, "updated_at": `"2026-03-01T09:00:00.001Z"`,
		"title": `"a"`, "description": `""`, "completed": `false`, "completed_at": `null`, "priority": `"medium"`, "category": `"other"`,
		"tags": `[]`, "due": `null`, "reminders": `[]`, "recurrence": `null`, "parent_id": `null`, "depends_on": `[]`,
		"order": `1772355600001000`, "archived": `false`, "archived_at": `null`,
		"overdue": `false`, "days_overdue": `0`, "blocked": `false`, "subtasks": `{"total":0,"completed":0}`,
	}
	members := func(body string) map[string]string {
		var raw map[string]json.RawMessage
		if err := json.Unmarshal([]byte(body), &raw); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for name, value := range raw {
			got[name] = string(value)
		}
		return got
	}
	equal(t, members(made.Body), want)
	equal(t, s.ask(t, "GET", at(made.task(t).ID), "").Body, made.Body)
	equal(t, s.ask(t, "GET", tasks, "").Body, "["+made.Body+"]")
	tree := members(strings.TrimSuffix(strings.TrimPrefix(s.ask(t, "GET", tasks+"?view=tree", "").Body, "["), "]"))
	equal(t, tree["children"], "[]")
	equal(t, slices.Sorted(maps.Keys(tree)), slices.Sorted(maps.Keys(map[string]bool{
		"children": true, "id": true, "url": true, "version": true, "created_at": true, "updated_at": true, "title": true, "description": true,
		"completed": true, "completed_at": true, "priority": true, "category": true, "tags": true, "due": true, "reminders": true,
		"recurrence": true, "parent_id": true, "depends_on": true, "order": true, "archived": true, "archived_at": true,
		"overdue": true, "days_overdue": true, "blocked": true, "subtasks": true,
	})))
}

package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

const bulk = tasks + "/bulk"

func (s *service) bulk(t testing.TB, body string) (words string) {
	t.Helper()
	var got struct{ Results []httpapi.Outcome }
	if err := s.ask(t, "POST", bulk, body).status(t, http.StatusOK).decode(&got); err != nil {
		t.Fatal(err)
	}
	for _, o := range got.Results {
		words += string(o.Result)[:1]
		if (o.Result == task.WasRefused) != (o.Detail != "") {
			t.Errorf("%v", o)
		}
	}
	return words
}

func TestABulkDoesOneThingToManyTasks(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.create(t, `{"title":"a","category":"home"}`).ID.String()
	b := s.create(t, `{"title":"b","tags":["x","y"],"depends_on":["`+a+`"]}`).ID.String()
	c := s.create(t, `{"title":"c","parent_id":"`+a+`"}`).ID.String()
	ids := func(list ...string) string { return `"ids":["` + strings.Join(list, `","`) + `"]` }
	unknown := "019ca700-0000-7000-8000-00000000ffff"
	equal(t, s.bulk(t, `{"action":"complete",`+ids(b, unknown, a)+`,"dry_run":true}`), "drd")
	equal(t, s.bulk(t, `{"action":"complete",`+ids(b)+`}`), "r")
	equal(t, s.bulk(t, `{"action":"complete",`+ids(b, unknown, a, b)+`}`), "drd")
	equal(t, s.bulk(t, `{"action":"complete",`+ids(b, a, c)+`}`), "uud")
	equal(t, s.bulk(t, `{"action":"reopen",`+ids(c)+`}`), "d")
	equal(t, s.bulk(t, `{"action":"update",`+ids(a, c)+`,"set":{"parent_id":"`+a+`","tags":["z"]}}`), "rd")
	equal(t, s.bulk(t, `{"action":"archive",`+ids(b)+`}`), "d")
	equal(t, s.get(t, idOf(t, a)).Subtasks, task.Progress{Total: 1})
	equal(t, s.bulk(t, `{"action":"delete",`+ids(a, c, unknown)+`}`), "ddr")
	equal(t, s.titles(t, "?archived=all"), []string{"b"})
}

func idOf(t testing.TB, text string) task.ID {
	t.Helper()
	id, err := task.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestABulkByFilterIsAboutWhatAListShows(t *testing.T) {
	t.Parallel()
	s := start(t)
	parent := s.create(t, `{"title":"parent of all","due":"2026-03-01","tags":["x"]}`)
	s.create(t, `{"title":"child of parent","parent_id":"`+parent.ID.String()+`","priority":"high","tags":["x","y"],"due":"2026-02-01"}`)
	s.create(t, `{"title":"waits for all","depends_on":["`+parent.ID.String()+`"],"category":"Home"}`)
	s.create(t, `{"title":"put away","archived":true,"completed":true}`)
	for _, query := range []string{
		"q=all", "q=all+parent", "q=", "q=%21", "status=pending", "status=completed&archived=all", "priority=high", "category=home", "tag=x", "tag=x&tag=y", "due=overdue", "due=today",
		"due=none", "due_after=2026-02-15", "due_before=2026-02-15", "parent=none", "parent=" + parent.ID.String(), "blocked=true", "blocked=false", "archived=true", "tag=nowhere",
	} {
		values, _ := url.ParseQuery(query)
		b := httpapi.Bulk{Action: task.BulkUpdate, Filter: values, Set: task.Patch{Description: task.Value(query)}, DryRun: true}
		became, err := s.client.Bulk(t.Context(), b)
		if err != nil {
			t.Fatal(query, err)
		}
		list, err := s.client.List(t.Context(), values, "")
		if err != nil {
			t.Fatal(query, err)
		}
		want, got := []task.ID{}, []task.ID{}
		for _, each := range list.Tasks {
			want = append(want, each.ID)
		}
		for _, o := range became {
			got = append(got, o.ID)
		}
		equal(t, got, want)
	}
	equal(t, s.bulk(t, `{"action":"archive","filter":{"blocked":true}}`), "d")
	equal(t, s.bulk(t, `{"action":"archive","filter":{"archived":true,"tag":"x"}}`), "")
	equal(t, s.bulk(t, `{"action":"delete","filter":{"tag":["x","y"]}}`), "d")
}

func TestEverythingWrongWithABulkIsListedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.create(t, `{"title":"x"}`).ID.String()
	ids := `"ids":["` + id + `"]`
	for body, want := range map[string][]string{
		`{}`:                                     {"/action", ""},
		`{"action":"explode",` + ids + `,"x":1}`: {"/action", "/x"},
		`{"action":"delete"}`:                    {""},
		`{"action":"delete","ids":[]}`:           {"/ids"},
		`{"action":"delete","ids":null}`:         {"/ids"},
		`{"action":"delete","ids":["x"]}`:        {"/ids/0"},
		`{"action":"delete","filter":{}}`:        {"/filter"},
		`{"action":"delete","filter":null}`:      {"/filter"},
		`{"action":"delete","filter":{"status":"all","archived":"all"}}`:                                   {"/filter"},
		`{"action":"delete","filter":{"status":"pending","tag":[]}}`:                                       {"/filter/tag"},
		`{"action":"delete","filter":{"status":"done","sort":"title","tag":[1],"blocked":"x","due":null}}`: {"/filter/status", "/filter/sort", "/filter/tag", "/filter/blocked", "/filter/due"},
		`{"action":"delete","filter":{"status":"pending"},` + ids + `}`:                                    {"/filter"},
		`{"action":"delete","filter":{"q":"1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18-19-20-21"}}`:       {"/filter/q"},
		`{"action":"delete",` + ids + `,"set":{"title":"y"}}`:                                              {"/set"},
		`{"action":"update",` + ids + `}`:                                                                  {"/set"},
		`{"action":"update",` + ids + `,"set":{}}`:                                                         {"/set"},
		`{"action":"update",` + ids + `,"set":[]}`:                                                         {"/set"},
		`{"action":"update",` + ids + `,"set":{"title":"","id":1,"due":"soon"},"dry_run":1}`:               {"/set/title", "/set/id", "/set/due", "/dry_run"},
		`[]`:      {""},
		`{"set":`: {"/set"},
		`{"ids":`: {"/ids"},
		`{"ids"`:  {"/ids"},
		`{1`:      {""},
	} {
		t.Run(body, func(t *testing.T) { s.ask(t, "POST", bulk, body).faults(t, want...) })
	}
	s.ask(t, "POST", bulk+"?x=1", `{}`).faults(t, "/x", "/action", "")
	s.ask(t, "POST", bulk, `{"action":"delete",`+ids+`,"dry_run":true}`, "Idempotency-Key: "+strings.Repeat("x", 256)).status(t, http.StatusBadRequest)
	s.ask(t, "POST", tasks+"/archive-completed?x=1", `1`).faults(t, "/x", "")
	equal(t, s.titles(t, ""), []string{"x"})
}

func TestABulkIsAboutAThousandTasksAtMostAndHappensOncePerKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.ask(t, "POST", tasks, "["+strings.TrimSuffix(strings.Repeat(`{"title":"x"},`, 1000), ",")+"]").status(t, http.StatusCreated)
	body := `{"action":"complete","filter":{"status":"pending"}}`
	s.create(t, `{"title":"one more"}`)
	s.ask(t, "POST", bulk, body).faults(t, "/filter")
	equal(t, s.bulk(t, `{"action":"complete","filter":{"q":"more"}}`), "d")
	first := s.ask(t, "POST", bulk, body, "Idempotency-Key: 1").status(t, http.StatusOK)
	equal(t, strings.Count(first.Body, `"done"`), 1000)
	again := s.ask(t, "POST", bulk, body, "Idempotency-Key: 1").status(t, http.StatusOK)
	equal(t, again.Body, first.Body)
	n, err := s.client.ArchiveCompleted(t.Context())
	equal(t, fmt.Sprint(n, err), "1001 <nil>")
	equal(t, s.titles(t, ""), []string{})
	equal(t, s.ask(t, "POST", tasks+"/archive-completed", "").status(t, http.StatusOK).Body, `{"archived":0}`)
}

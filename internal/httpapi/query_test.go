package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func TestEverythingWrongWithAQueryIsListedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	many := strings.Repeat("&tag=a", 21)[1:]
	for query, want := range map[string][]string{
		"wat=1": {"/wat"},
		"wat=1&limit=0&sort=size&status=open&tz=Mars/Olympus": {"/wat", "/limit", "/sort", "/status", "/tz"},
		"limit=501":                            {"/limit"},
		"limit=-1":                             {"/limit"},
		"limit=1.5":                            {"/limit"},
		"limit=":                               {"/limit"},
		"limit=10&limit=10":                    {"/limit"},
		"status=done":                          {"/status"},
		"status=Pending":                       {"/status"},
		"priority=urgent":                      {"/priority"},
		"priority=":                            {"/priority"},
		"category=":                            {"/category"},
		"category=%20":                         {"/category"},
		"tag=a&tag=":                           {"/tag"},
		"tag=%E3%80%80":                        {"/tag"},
		many:                                   {"/tag"},
		"due=soon":                             {"/due"},
		"due_after=yesterday":                  {"/due_after"},
		"due_before=2026-02-30":                {"/due_before"},
		"due_before=2026-03-01T09:00:00+01:00": {"/due_before"}, // the plus is a space
		"parent=7":                             {"/parent"},
		"parent=":                              {"/parent"},
		"blocked=yes":                          {"/blocked"},
		"blocked=all":                          {"/blocked"},
		"archived=1":                           {"/archived"},
		"sort=--due":                           {"/sort"},
		"sort=due,title":                       {"/sort"},
		"sort=":                                {"/sort"},
		"view=tree&parent=" + nobody:           {"/view"},
		"view=list":                            {"/view"},
		"cursor=!":                             {"/cursor"},
		"cursor=":                              {"/cursor"},
		"cursor=AAAA":                          {"/cursor"},
		"tz=":                                  {"/tz"},
		"tz=Local":                             {"/tz"},
		"tz=../etc/passwd":                     {"/tz"},
		"tz=UTC&tz=UTC":                        {"/tz"},
		"q=" + strings.Repeat("x", 501):        {"/q"},
		"q=" + strings.Repeat("x+", 21):        {"/q"},
		"q=%00":                                {"/q"},
		"q=%ff":                                {"/q"},
		"q=%ED%A0%80":                          {"/q"},
		"%00=1":                                {"/\x00"},
		"a%2Fb~c=1":                            {"/a~1b~0c"},
		"Limit=1":                              {"/Limit"},
		"q=%zz":                                {""},
		"q=a;limit=1":                          {""},
	} {
		t.Run(query[:min(len(query), 40)], func(t *testing.T) {
			s.ask(t, "GET", tasks+"?"+query, "").faults(t, want...)
		})
	}
}

func TestAFaultOfAQueryNamesTheParameterAndWhatItMayBe(t *testing.T) {
	t.Parallel()
	p := start(t).ask(t, "GET", tasks+"?sort=size", "").status(t, http.StatusBadRequest).problem(t)
	want := "query parameter sort must be created, updated, due, priority, title or order, with a minus sign before it to reverse"
	equal(t, p.Detail, want)
	equal(t, p.Errors, []task.Fault{{Pointer: "/sort", Detail: want}})
}

func TestEveryOperationRefusesParametersThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := at(s.create(t, `{"title":"a"}`).ID)
	for _, r := range [][3]string{
		{"POST", tasks, `{"titel":"a"}`}, {"GET", id, ""}, {"PUT", id, `{"titel":"a"}`}, {"PATCH", id, `{"titel":"a"}`},
		{"DELETE", id, ""}, {"DELETE", tasks, ""}, {"POST", id + "/complete", ""}, {"POST", id + "/reopen", ""},
		{"GET", "/api/v1/settings", ""}, {"PUT", "/api/v1/settings", `{"time_zone":"Nowhere","zone":1}`}, {"POST", "/", ""},
	} {
		got := s.ask(t, r[0], r[1]+"?wat=1&tz=Nowhere", r[2]).status(t, http.StatusBadRequest)
		pointers := []string{}
		for _, f := range got.problem(t).Errors {
			pointers = append(pointers, f.Pointer)
		}
		want := []string{"/tz", "/wat"}
		switch {
		case r[0] == "DELETE" && r[1] == tasks:
			want = append(want, "")
		case r[1] == "/api/v1/settings" && r[0] == "PUT":
			want = append(want, "/zone", "/time_zone")
		case r[2] != "":
			want = append(want, "/titel")
			if r[0] == "POST" {
				want = append(want, "/title")
			}
		}
		slices.Sort(pointers)
		slices.Sort(want)
		equal(t, pointers, want)
	}
	equal(t, s.titles(t, ""), []string{"a"})
}

func TestFiltersCombine(t *testing.T) {
	t.Parallel()
	s := start(t) // its clock stands at 2026-03-01, a Sunday
	parent := s.create(t, `{"title":"Paint the kitchen","category":"home","tags":["diy","weekend"],"priority":"high","due":"2026-03-01"}`)
	late := s.create(t, `{"title":"Buy paint","priority":"low","due":"2026-02-27","parent_id":"`+parent.ID.String()+`"}`)
	s.create(t, `{"title":"Blocked","depends_on":["`+late.ID.String()+`"],"due":"2026-03-02T10:00:00Z"}`)
	s.create(t, `{"title":"Done","completed":true,"due":"2026-03-07"}`)
	s.create(t, `{"title":"Put away","archived":true}`)
	s.create(t, `{"title":"Next month","due":"2026-03-31","tags":["diy"]}`)
	s.create(t, `{"title":"Later","due":"2026-04-01"}`)
	s.create(t, `{"title":"Whenever"}`)
	for query, want := range map[string][]string{
		"":                        {"Paint the kitchen", "Buy paint", "Blocked", "Done", "Next month", "Later", "Whenever"},
		"q=PAINT":                 {"Paint the kitchen", "Buy paint"},
		"q=kit+pain":              {"Paint the kitchen"},
		"q=":                      {},
		"q=%21%3F":                {},
		"q=diy":                   {"Paint the kitchen", "Next month"},
		"status=completed":        {"Done"},
		"status=pending&due=week": {"Paint the kitchen", "Blocked"},
		"status=all&due=week":     {"Paint the kitchen", "Blocked", "Done"},
		"priority=high":           {"Paint the kitchen"},
		"category=HOME":           {"Paint the kitchen", "Buy paint"},
		"tag=diy":                 {"Paint the kitchen", "Next month"},
		"tag=diy&tag=Weekend":     {"Paint the kitchen"},
		"due=overdue":             {"Buy paint"},
		"due=today":               {"Paint the kitchen"},
		"due=tomorrow":            {"Blocked"},
		"due=month":               {"Paint the kitchen", "Blocked", "Done", "Next month"},
		"due=none":                {"Whenever"},
		"due_after=2026-03-07":    {"Next month", "Later"},
		"due_after=2026-02-27&due_before=2026-03-02T10:00:00.000001Z": {"Paint the kitchen", "Blocked"},
		"due_before=2026-03-01T12:00:00%2B01:00":                      {"Buy paint"},
		"parent=" + parent.ID.String():                                {"Buy paint"},
		"parent=none&q=paint":                                         {"Paint the kitchen"},
		"blocked=true":                                                {"Blocked"},
		"blocked=false&due=tomorrow":                                  {},
		"archived=true":                                               {"Put away"},
		"archived=all&due=none":                                       {"Put away", "Whenever"},
		"sort=title&limit=3":                                          {"Blocked", "Buy paint", "Done"},
		"sort=-title&limit=2":                                         {"Whenever", "Paint the kitchen"},
		"sort=due&limit=2":                                            {"Buy paint", "Paint the kitchen"},
		"sort=-due&limit=2":                                           {"Whenever", "Later"},
		"sort=priority&limit=1":                                       {"Paint the kitchen"},
		"sort=-priority&limit=1":                                      {"Buy paint"},
		"sort=-created&limit=1":                                       {"Whenever"},
		"sort=-order&limit=1":                                         {"Whenever"},
		"sort=updated&limit=1":                                        {"Paint the kitchen"},
		"view=tree&category=home":                                     {"Paint the kitchen"},
		"parent=" + nobody:                                            {},
	} {
		t.Run(query, func(t *testing.T) { equal(t, s.titles(t, "?"+query), want) })
	}
	tree := s.ask(t, "GET", tasks+"?view=tree&category=home", "").tasks(t)
	equal(t, tree[0].Children[0].Title, "Buy paint")
	equal(t, tree[0].Subtasks, task.Progress{Total: 1})
}

func TestTodayIsThatOfTheZoneAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.clock.set("2026-03-01T23:30:00Z")
	made := s.create(t, `{"title":"a","due":"2026-03-01"}`)
	overdue := func(query string) (bool, int) {
		t.Helper()
		got := s.ask(t, "GET", at(made.ID)+query, "").status(t, http.StatusOK).task(t)
		return got.Overdue, got.DaysOverdue
	}
	expect := func(query string, want bool, days int) {
		t.Helper()
		if got, n := overdue(query); got != want || n != days {
			t.Errorf("with %q overdue is %t by %d days", query, got, n)
		}
	}
	expect("", false, 0)
	expect("?tz=Europe/Berlin", true, 1)
	expect("?tz=America/New_York", false, 0)
	equal(t, s.titles(t, "?due=today"), []string{"a"})
	equal(t, s.titles(t, "?due=today&tz=Europe/Berlin"), []string{})
	equal(t, s.titles(t, "?due=overdue&tz=Europe/Berlin"), []string{"a"})

	s.ask(t, "PUT", "/api/v1/settings", `{"time_zone":"Asia/Tokyo"}`).status(t, http.StatusOK)
	expect("", true, 1)
	expect("?tz=UTC", false, 0)
	equal(t, s.titles(t, "?due=overdue"), []string{"a"})
	// A write answers in the zone it was asked in, too.
	patched := s.ask(t, "PATCH", at(made.ID)+"?tz=UTC", `{"priority":"low"}`).task(t)
	equal(t, patched.Overdue, false)
	equal(t, s.ask(t, "PATCH", at(made.ID), `{"priority":"high"}`).task(t).Overdue, true)
	// Another owner's setting is another's.
	other := s.ask(t, "GET", "/api/v1/settings", "", "X-Owner: other").status(t, http.StatusOK)
	equal(t, other.Body, `{"time_zone":"UTC","auto_archive_days":null}`)
}

func TestAListIsWalkedPageByPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	var want []string
	for i := range 23 {
		want = append(want, fmt.Sprintf("task %02d", i))
		s.create(t, `{"title":"`+want[i]+`","priority":"`+[]string{"low", "high"}[i%2]+`","tags":["a&b","ü"]}`)
	}
	for _, sort := range []string{"created", "-created", "updated", "title", "-title", "order", "due", "-priority"} {
		params := url.Values{"sort": {sort}, "limit": {"5"}, "tag": {"a&b", "ü"}, "tz": {"Europe/Berlin"}}
		var got []string
		page, err := s.client.List(t.Context(), params, "")
		for pages := 1; ; pages++ {
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range page.Tasks {
				got = append(got, one.Title)
			}
			if page.Next == "" {
				equal(t, pages, 5)
				break
			}
			if !strings.HasPrefix(page.Next, s.url+tasks+"?") {
				t.Errorf("the next page is at %q", page.Next)
			}
			page, err = s.client.Next(t.Context(), page)
		}
		if strings.HasPrefix(sort, "-") && sort != "-priority" {
			slices.Reverse(got)
		}
		if sort == "-priority" {
			slices.Sort(got)
		}
		equal(t, got, want)
	}
}

// The page walked last gives no Link, also when it is full.
func TestTheLastPageLeadsNowhere(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 4 {
		s.create(t, `{"title":"a"}`)
	}
	first := s.ask(t, "GET", tasks+"?limit=2", "")
	next := link(t, first)
	last := ask(t, s.http, "GET", next, "").status(t, http.StatusOK)
	equal(t, len(last.tasks(t)), 2)
	equal(t, last.Header.Get("Link"), "")
	equal(t, s.ask(t, "GET", tasks+"?limit=4", "").Header.Get("Link"), "")
}

func link(t testing.TB, r reply) string {
	t.Helper()
	target, ok := strings.CutSuffix(r.Header.Get("Link"), `>; rel="next"`)
	if !ok {
		t.Fatalf("the Link is %q", r.Header.Get("Link"))
	}
	return strings.TrimPrefix(target, "<")
}

func TestACursorBelongsToOneOrderAndFilter(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 5 {
		s.create(t, `{"title":"a","tags":["x","y"]}`)
	}
	next, err := url.Parse(link(t, s.ask(t, "GET", tasks+"?limit=2&sort=title&tag=x&tag=y", "")))
	if err != nil {
		t.Fatal(err)
	}
	cursor := next.Query().Get("cursor")
	for query, status := range map[string]int{
		"sort=title&tag=x&tag=y":              http.StatusOK,
		"sort=title&tag=y&tag=x&limit=1":      http.StatusOK,
		"sort=title&tag=Y&tag=X&tag=x":        http.StatusOK,
		"sort=-title&tag=x&tag=y":             http.StatusBadRequest,
		"sort=title&tag=x":                    http.StatusBadRequest,
		"tag=x&tag=y":                         http.StatusBadRequest,
		"sort=title&tag=x&tag=y&q=a":          http.StatusBadRequest,
		"sort=title&tag=x&tag=y&q=":           http.StatusBadRequest,
		"sort=title&tag=x&tag=y&due=none":     http.StatusBadRequest,
		"sort=title&tag=x&tag=y&view=tree":    http.StatusBadRequest,
		"sort=title&tag=x&tag=y&archived=all": http.StatusBadRequest,
	} {
		got := s.ask(t, "GET", tasks+"?"+query+"&cursor="+cursor, "")
		if got.Status != status {
			t.Errorf("%s is answered with %d %s", query, got.Status, got.Body)
		}
	}
	// A cursor that was tampered with is refused or harmless, never an error of ours.
	for i := range cursor {
		for _, c := range []string{"A", "_", "="} {
			broken := cursor[:i] + c + cursor[i+1:]
			if got := s.ask(t, "GET", tasks+"?sort=title&tag=x&tag=y&cursor="+url.QueryEscape(broken), ""); got.Status >= 500 {
				t.Errorf("the cursor %q is answered with %d", broken, got.Status)
			}
		}
	}
}

func TestWalkingWhileOthersWriteShowsEveryTaskOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i := range 9 {
		s.create(t, `{"title":"old `+strconv.Itoa(i)+`"}`)
	}
	var got []string
	page, err := s.client.List(t.Context(), url.Values{"limit": {"2"}}, "")
	for {
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page.Tasks {
			if strings.HasPrefix(one.Title, "old") {
				got = append(got, one.Title)
			}
			if _, err := s.client.Update(t.Context(), one.ID, task.Patch{Priority: task.Value(task.Low)}); err != nil {
				t.Fatal(err)
			}
		}
		if page.Next == "" {
			break
		}
		s.create(t, `{"title":"new"}`)
		if len(got) > 14 {
			t.Fatal("the walk does not end")
		}
		if page, err = s.client.Next(t.Context(), page); len(page.Tasks) > 0 && page.Tasks[0].Title == "new" {
			break
		}
	}
	equal(t, got, []string{"old 0", "old 1", "old 2", "old 3", "old 4", "old 5", "old 6", "old 7", "old 8"})
}

// A client behind a proxy, or at a host that forwards, is led on by path: the
// address that it was told leads to the same service from elsewhere.
func TestTheClientWalksOnAtItsOwnBase(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) {
		a.URL = func(*http.Request) string { return "https://todo.example" }
	})
	for range 3 {
		s.create(t, `{"title":"a"}`)
	}
	page, err := s.client.List(t.Context(), url.Values{"limit": {"2"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(page.Next, "https://todo.example/api/v1/tasks?") {
		t.Errorf("the next page is at %q", page.Next)
	}
	if page, err = s.client.Next(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	equal(t, len(page.Tasks), 1)
}

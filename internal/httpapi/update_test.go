package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// full creates a task in which every field is set, and returns it with the
// tasks that it refers to.
func full(t *testing.T, s *service) (made, parent, dependency httpapi.Task) {
	t.Helper()
	parent = s.create(t, `{"title":"parent","category":"home"}`)
	dependency = s.create(t, `{"title":"dependency","completed":true}`)
	made = s.create(t, `{"title":"a","description":"b","completed":true,"priority":"high","category":"c","tags":["x","y"],"due":"2026-03-01",
		"reminders":["-PT30M","2026-03-01T08:00:00Z"],"recurrence":{"rule":"weekly","from":"completion","skip_if_open":true},
		"parent_id":"`+parent.ID.String()+`","depends_on":["`+dependency.ID.String()+`"],"order":1.5,"archived":true}`)
	return made, parent, dependency
}

// writable are the members of a task that a caller may set.
func writable(t testing.TB, body string) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	for _, name := range []string{"id", "url", "version", "created_at", "updated_at", "completed_at", "archived_at", "overdue", "days_overdue", "blocked", "subtasks"} {
		delete(members, name)
	}
	return members
}

func TestAPatchChangesWhatItNamesAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		patch string
		want  map[string]any
	}{
		"nothing":                        {`{}`, nil},
		"title":                          {`{"title":"A"}`, map[string]any{"title": "A"}},
		"description":                    {`{"description":"B"}`, map[string]any{"description": "B"}},
		"description to null":            {`{"description":null}`, map[string]any{"description": ""}},
		"description to nothing":         {`{"description":""}`, map[string]any{"description": ""}},
		"completed":                      {`{"completed":false}`, map[string]any{"completed": false}},
		"priority":                       {`{"priority":"low"}`, map[string]any{"priority": "low"}},
		"priority to null":               {`{"priority":null}`, map[string]any{"priority": "medium"}},
		"category":                       {`{"category":"Work"}`, map[string]any{"category": "work"}},
		"category to null":               {`{"category":null}`, map[string]any{"category": "home"}},
		"category and parent to null":    {`{"category":null,"parent_id":null}`, map[string]any{"category": "other", "parent_id": nil}},
		"tags":                           {`{"tags":["Z"]}`, map[string]any{"tags": []any{"z"}}},
		"tags to null":                   {`{"tags":null}`, map[string]any{"tags": []any{}}},
		"tags to none":                   {`{"tags":[]}`, map[string]any{"tags": []any{}}},
		"due":                            {`{"due":"2026-03-01T09:00:00+01:00"}`, map[string]any{"due": "2026-03-01T08:00:00Z"}},
		"due and recurrence to null":     {`{"due":null,"recurrence":null}`, map[string]any{"due": nil, "recurrence": nil}},
		"reminders":                      {`{"reminders":["PT0S"]}`, map[string]any{"reminders": []any{"PT0S"}}},
		"reminders to null":              {`{"reminders":null}`, map[string]any{"reminders": []any{}}},
		"recurrence to null":             {`{"recurrence":null}`, map[string]any{"recurrence": nil}},
		"recurrence, nothing of it":      {`{"recurrence":{}}`, nil},
		"recurrence, its rule":           {`{"recurrence":{"rule":"rrule:freq=daily"}}`, map[string]any{"recurrence": map[string]any{"rule": "FREQ=DAILY", "from": "completion", "skip_if_open": true}}},
		"recurrence, its start":          {`{"recurrence":{"from":"due"}}`, map[string]any{"recurrence": map[string]any{"rule": "FREQ=WEEKLY", "from": "due", "skip_if_open": true}}},
		"recurrence, its start to null":  {`{"recurrence":{"from":null}}`, map[string]any{"recurrence": map[string]any{"rule": "FREQ=WEEKLY", "from": "due", "skip_if_open": true}}},
		"recurrence, its skip":           {`{"recurrence":{"skip_if_open":false}}`, map[string]any{"recurrence": map[string]any{"rule": "FREQ=WEEKLY", "from": "completion", "skip_if_open": false}}},
		"recurrence, its skip to null":   {`{"recurrence":{"skip_if_open":null}}`, map[string]any{"recurrence": map[string]any{"rule": "FREQ=WEEKLY", "from": "completion", "skip_if_open": false}}},
		"parent to null":                 {`{"parent_id":null}`, map[string]any{"parent_id": nil}},
		"dependencies to null":           {`{"depends_on":null}`, map[string]any{"depends_on": []any{}}},
		"order":                          {`{"order":-7}`, map[string]any{"order": -7.0}},
		"archived":                       {`{"archived":false}`, map[string]any{"archived": false}},
		"read-only members, of any type": {`{"id":1,"url":2,"version":"x","created_at":[],"updated_at":{},"completed_at":null,"archived_at":"never","overdue":1,"days_overdue":"x","blocked":null,"subtasks":7,"children":[{"x":1}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			made, _, _ := full(t, s)
			before := s.ask(t, "GET", at(made.ID), "").Body
			for _, mediaType := range []string{"application/merge-patch+json", "application/json"} {
				got := s.ask(t, "PATCH", at(made.ID), c.patch, "Content-Type: "+mediaType).status(t, http.StatusOK)
				want := writable(t, before)
				maps.Copy(want, c.want)
				equal(t, writable(t, got.Body), want)
				version := made.Version
				if c.want != nil {
					version++
				}
				equal(t, got.task(t).Version, version) // the second patch finds nothing to change
				equal(t, s.ask(t, "GET", at(made.ID), "").Body, got.Body)
				equal(t, s.ask(t, "GET", at(made.ID), "").Header.Get("ETag"), got.Header.Get("ETag"))
			}
		})
	}
}

func TestAPatchThatCannotBeIsRefusedWhole(t *testing.T) {
	t.Parallel()
	s := start(t)
	made, parent, dependency := full(t, s)
	plain := s.create(t, `{"title":"plain"}`)
	for patch, want := range map[string][]string{
		`{"title":null,"completed":null,"archived":null}`: {"/title", "/completed", "/archived"},
		`{"title":"","priority":"urgent","tags":[1]}`:     {"/title", "/priority", "/tags/0"},
		`{"due":null}`:                             {"/recurrence"},
		`{"recurrence":{"rule":null}}`:             {"/recurrence/rule"},
		`{"recurrence":{"rule":"x","every":1}}`:    {"/recurrence/rule", "/recurrence/every"},
		`{"recurrence":"weekly"}`:                  {"/recurrence"},
		`{"parent_id":"` + nobody + `"}`:           {"/parent_id"},
		`{"parent_id":"` + made.ID.String() + `"}`: {"/parent_id"},
		`{"depends_on":["` + dependency.ID.String() + `","` + nobody + `","` + made.ID.String() + `"]}`: {"/depends_on/1", "/depends_on/2"},
		`{"titel":"b","due":"never"}`: {"/titel", "/due"},
		`[]`:                          {""},
		`[{"title":"b"}]`:             {""},
		`[{"titel":"b"}]`:             {""},
		`null`:                        {""},
		`"title"`:                     {""},
	} {
		t.Run(patch, func(t *testing.T) { s.ask(t, "PATCH", at(made.ID), patch).faults(t, want...) })
	}
	s.ask(t, "PATCH", at(plain.ID), `{"due":"2026-03-01","recurrence":{"from":"due"}}`).faults(t, "/recurrence/rule")
	s.ask(t, "PATCH", at(plain.ID), `{"recurrence":{"rule":"daily"}}`).faults(t, "/recurrence")
	s.ask(t, "PATCH", at(parent.ID), `{"parent_id":"`+plain.ID.String()+`"}`).faults(t, "/parent_id")
	equal(t, s.get(t, made.ID).Version, int64(1))
	equal(t, s.get(t, plain.ID).Version, int64(1))
}

func TestWhatWasReadCanBePutBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	made, parent, _ := full(t, s)
	s.ask(t, "PATCH", at(parent.ID), `{"archived":true}`).status(t, http.StatusOK) // no reason to refuse what is so already
	for _, id := range []task.ID{made.ID, parent.ID, s.create(t, `{"title":"plain","due":"2026-03-01T09:00:00.123456Z","order":0.1}`).ID} {
		read := s.ask(t, "GET", at(id), "")
		got := s.ask(t, "PUT", at(id), read.Body).status(t, http.StatusOK)
		equal(t, got.Body, read.Body)
		equal(t, got.Header.Get("ETag"), read.Header.Get("ETag"))
		equal(t, s.ask(t, "PATCH", at(id), read.Body).status(t, http.StatusOK).Body, read.Body)
	}
	tree := s.ask(t, "GET", tasks+"?view=tree", "").tasks(t)
	body := strings.TrimSuffix(strings.TrimPrefix(s.ask(t, "GET", tasks+"?view=tree&q=plain", "").Body, "["), "]")
	s.ask(t, "PUT", at(tree[len(tree)-1].ID), body).status(t, http.StatusOK)
}

func TestAPutSetsWhatIsAbsentToItsDefault(t *testing.T) {
	t.Parallel()
	s := start(t)
	made, parent, _ := full(t, s)
	got := s.ask(t, "PUT", at(made.ID), `{"title":"b"}`).status(t, http.StatusOK)
	want := writable(t, s.ask(t, "POST", tasks, `{"title":"b"}`).Body)
	delete(want, "order")
	members := writable(t, got.Body)
	if order, _ := members["order"].(float64); order < 1.7e15 {
		t.Errorf("the order is %v", order)
	}
	delete(members, "order")
	equal(t, members, want)
	equal(t, got.task(t).Version, made.Version+1)
	s.ask(t, "PUT", at(made.ID), `{"title":"b","parent_id":"`+parent.ID.String()+`","recurrence":{"rule":"daily"},"due":"2026-03-01"}`).status(t, http.StatusOK)
	nested := s.ask(t, "PUT", at(made.ID), `{"title":"b","parent_id":"`+parent.ID.String()+`","recurrence":{"from":"due"},"due":"2026-03-01"}`)
	nested.faults(t, "/recurrence/rule")
	equal(t, s.get(t, made.ID).Category, "home")
	for body, want := range map[string][]string{
		`{}`:                                    {"/title"},
		`{"description":"no title of its own"}`: {"/title"},
		`{"title":"","wat":1}`:                  {"/title", "/wat"},
		`[]`:                                    {""},
	} {
		s.ask(t, "PUT", at(made.ID), body).faults(t, want...)
	}
	s.ask(t, "PUT", tasks+"/"+nobody, `{"title":"b"}`).status(t, http.StatusNotFound)
	equal(t, len(s.titles(t, "?archived=all")), 4)
}

func TestAWriteHoldsItsPrecondition(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	old := s.ask(t, "GET", at(made.ID), "").Header.Get("ETag")
	s.ask(t, "PATCH", at(made.ID), `{"title":"b"}`, "If-Match: "+old).status(t, http.StatusOK)
	current := s.ask(t, "GET", at(made.ID), "").Header.Get("ETag")
	list := s.ask(t, "GET", tasks, "").Header.Get("ETag")
	writes := [][3]string{
		{"PUT", at(made.ID), `{"title":"c"}`}, {"PATCH", at(made.ID), `{"title":"c"}`}, {"POST", at(made.ID) + "/complete", ""},
		{"POST", at(made.ID) + "/reopen", ""}, {"DELETE", at(made.ID), ""},
	}
	for _, refused := range []string{old, "W/" + current, list, `"*"`, `"x,*"`, "2", `"2"`, "W/*", `"3-0"`, `"` + old[:2] + `"`, old + ", W/" + current} {
		for _, w := range writes {
			if got := s.ask(t, w[0], w[1], w[2], "If-Match: "+refused); got.Status != http.StatusPreconditionFailed {
				t.Errorf("%s %s with If-Match %s is answered with %d", w[0], w[1], refused, got.Status)
			}
		}
	}
	equal(t, s.get(t, made.ID).Version, int64(2))
	// Only the version counts: the digest says what others did.
	for _, accepted := range []string{current, "*", `"2-other"`, old + ", " + current, " * "} {
		got := s.ask(t, "PATCH", at(made.ID), `{"title":"b"}`, "If-Match: "+accepted).status(t, http.StatusOK)
		equal(t, got.task(t).Version, int64(2))
	}
	s.ask(t, "PATCH", at(made.ID), `{"title":"c"}`, "If-Match: "+old, "If-Match: "+current).status(t, http.StatusOK)
	s.ask(t, "DELETE", at(made.ID), "", "If-Match: "+s.ask(t, "GET", at(made.ID), "").Header.Get("ETag")).status(t, http.StatusNoContent)
	// What does not exist is not stale.
	s.ask(t, "PATCH", at(made.ID), `{"title":"c"}`, "If-Match: "+current).status(t, http.StatusNotFound)
}

func TestAnUnrelatedWriteRefusesNoPrecondition(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	read := s.ask(t, "GET", at(made.ID), "").Header.Get("ETag")
	s.create(t, `{"title":"b","parent_id":"`+made.ID.String()+`"}`)
	s.ask(t, "GET", at(made.ID), "", "If-None-Match: "+read).status(t, http.StatusOK)
	s.ask(t, "PATCH", at(made.ID), `{"title":"c"}`, "If-Match: "+read).status(t, http.StatusOK)
}

func TestTwoWritersOfDifferentFieldsBothWin(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	patches := []string{`{"title":"b"}`, `{"description":"b"}`, `{"priority":"high"}`, `{"category":"b"}`, `{"tags":["b"]}`, `{"due":"2026-03-01"}`, `{"order":7}`, `{"archived":true}`}
	var all sync.WaitGroup
	for _, patch := range patches {
		all.Go(func() {
			if got := s.ask(t, "PATCH", at(made.ID), patch); got.Status != http.StatusOK {
				t.Errorf("%s is answered with %d %s", patch, got.Status, got.Body)
			}
		})
	}
	all.Wait()
	got := s.get(t, made.ID)
	equal(t, got.Version, int64(1+len(patches)))
	equal(t, got.Task, task.Task{Title: "b", Description: "b", Priority: task.High, Category: "b", Tags: []string{"b"}, Reminders: []task.Reminder{}, DependsOn: []task.ID{}, Order: 7, Due: got.Due, ArchivedAt: got.ArchivedAt},
		cmpopts.IgnoreFields(task.Task{}, "ID", "Version", "CreatedAt", "UpdatedAt"))
	equal(t, got.Due.String(), "2026-03-01")
	equal(t, got.Archived(), true)
}

func TestCompletingWaitsForDependencies(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.create(t, `{"title":"first"}`)
	second := s.create(t, `{"title":"second"}`)
	made := s.create(t, `{"title":"a","depends_on":["`+first.ID.String()+`","`+second.ID.String()+`"]}`)
	equal(t, made.Blocked, true)
	refusals := []reply{
		s.ask(t, "POST", at(made.ID)+"/complete", ""),
		s.ask(t, "PATCH", at(made.ID), `{"completed":true,"title":"b"}`),
		s.ask(t, "PUT", at(made.ID)+"?force=false", `{"completed":true,"title":"b","depends_on":["`+first.ID.String()+`","`+second.ID.String()+`"]}`),
	}
	for _, got := range refusals {
		got.status(t, http.StatusConflict)
		equal(t, got.problem(t).Tasks, []task.ID{first.ID, second.ID})
	}
	equal(t, s.get(t, made.ID).Version, int64(1)) // nothing of the patch applied
	got := s.ask(t, "POST", tasks, `{"title":"b","completed":true,"depends_on":["`+first.ID.String()+`"]}`).status(t, http.StatusConflict)
	equal(t, got.problem(t).Tasks, []task.ID{first.ID})

	done := s.ask(t, "POST", at(made.ID)+"/complete?force=true", "").status(t, http.StatusOK).task(t)
	equal(t, []any{done.Completed(), done.Blocked, done.Version}, []any{true, false, int64(2)})
	again := s.ask(t, "POST", at(made.ID)+"/complete", "").status(t, http.StatusOK).task(t)
	equal(t, again.Version, int64(2))
	reopened := s.ask(t, "POST", at(made.ID)+"/reopen", "").status(t, http.StatusOK).task(t)
	equal(t, []any{reopened.Completed(), reopened.Blocked, reopened.Version}, []any{false, true, int64(3)})
	equal(t, s.ask(t, "POST", at(made.ID)+"/reopen", "").status(t, http.StatusOK).task(t).Version, int64(3))
	s.ask(t, "PATCH", at(made.ID)+"?force=true", `{"completed":true}`).status(t, http.StatusOK)
	for _, force := range []string{"1", "", "True", "true&force=true"} {
		s.ask(t, "POST", at(made.ID)+"/complete?force="+force, "").faults(t, "/force")
	}
	s.ask(t, "POST", at(made.ID)+"/reopen?force=true", "").faults(t, "/force")
}

func TestDependenciesFormNoCycle(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.create(t, `{"title":"a"}`)
	b := s.create(t, `{"title":"b","depends_on":["`+a.ID.String()+`"]}`)
	c := s.create(t, `{"title":"c","depends_on":["`+b.ID.String()+`"]}`)
	got := s.ask(t, "PATCH", at(a.ID), `{"depends_on":["`+c.ID.String()+`"]}`).status(t, http.StatusConflict)
	equal(t, got.problem(t).Tasks, []task.ID{c.ID})
}

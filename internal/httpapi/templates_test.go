package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

const templates = "/api/v1/templates"

func TestTasksAreMadeOfTemplates(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.ask(t, "POST", templates, `{"name":"Weekly Übersicht","title":"Review","category":"Work","tags":["B","a"],"due":"tomorrow 9am","reminders":["-PT1H"],"recurrence":{"rule":"weekly"}}`).status(t, http.StatusCreated)
	at := strings.TrimPrefix(made.Header.Get("Location"), s.url)
	equal(t, at, templates+"/weekly%20%C3%BCbersicht")
	read := s.ask(t, "GET", at, "").status(t, http.StatusOK)
	equal(t, read.Body, made.Body)
	equal(t, read.Header.Get("ETag"), made.Header.Get("ETag"))
	s.ask(t, "GET", at, "", "If-None-Match: "+read.Header.Get("ETag")).status(t, http.StatusNotModified)

	got := s.ask(t, "POST", at+"/tasks?tz=Asia/Tokyo", "").status(t, http.StatusCreated).task(t)
	equal(t, got.Title, "Review")
	equal(t, got.Due.String(), "2026-03-02T00:00:00Z")
	equal(t, got.Tags, []string{"a", "b"})
	equal(t, got.Category, "work")
	equal(t, got.Reminders, []task.Reminder{"-PT1H"})
	equal(t, got.Recurrence.IsZero(), false)
	got = s.ask(t, "POST", at+"/tasks", `{"title":"Other","due":null,"recurrence":null,"tags":[]}`).status(t, http.StatusCreated).task(t)
	equal(t, got.Title, "Other")
	equal(t, got.Due.String(), "")
	equal(t, len(got.Tags), 0)

	s.ask(t, "POST", at+"/tasks", `{"title":""}`).faults(t, "/title")
	s.ask(t, "POST", at+"/tasks", `{"id":"x","nope":1}`).faults(t, "/id", "/nope")
	s.ask(t, "POST", at+"/tasks", `{"due":null}`).faults(t, "/recurrence")
	s.ask(t, "POST", at+"/tasks", `[{}]`).faults(t, "")
	s.ask(t, "POST", at+"/tasks?x=1", `{"title":""}`).faults(t, "/x", "/title")
	s.ask(t, "POST", at+"/tasks", `x`, "Content-Type:").faults(t, "")
	s.ask(t, "POST", at+"/tasks", `{}`, "Content-Type: text/plain").status(t, http.StatusUnsupportedMediaType)
	s.ask(t, "POST", templates+"/other/tasks", "").status(t, http.StatusNotFound)

	first := s.ask(t, "POST", at+"/tasks", "", "Idempotency-Key: 1").status(t, http.StatusCreated)
	again := s.ask(t, "POST", at+"/tasks", "", "Idempotency-Key: 1").status(t, http.StatusCreated)
	equal(t, again.Body, first.Body)
}

func TestATemplateIsLikeATask(t *testing.T) {
	t.Parallel()
	s := start(t)
	like := s.create(t, `{"title":"Call","due":"2026-03-05","reminders":["-P1D","2026-03-01T00:00:00Z"],"recurrence":{"rule":"weekly"}}`)
	from := `{"name":"call","from_task":"` + like.ID.String() + `"}`
	made := s.ask(t, "POST", templates, from).status(t, http.StatusCreated)
	var shown httpapi.Template
	if err := made.decode(&shown); err != nil {
		t.Fatal(err)
	}
	equal(t, *shown.Due, "today")
	equal(t, shown.Reminders, []task.Reminder{"-P1D"})
	got := s.ask(t, "POST", templates+"/call/tasks", "").status(t, http.StatusCreated).task(t)
	equal(t, got.Recurrence, like.Recurrence)
	equal(t, got.Due.String(), "2026-03-01")
	s.ask(t, "PUT", templates+"/call", `{"title":"Call"}`).status(t, http.StatusOK)
	again := s.ask(t, "PUT", templates+"/call", from).status(t, http.StatusOK)
	if err := again.decode(&shown); err != nil {
		t.Fatal(err)
	}
	equal(t, shown.Reminders, []task.Reminder{"-P1D"})
}

func TestEverythingWrongWithATemplateIsListedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for body, want := range map[string][]string{
		`{}`: {"/name", "/title"},
		`{"name":null,"title":null,"due":1,"parent_id":null,"version":1,"url":"x"}`: {"/name", "/title", "/due", "/parent_id", "/version", "/url"},
		`{"name":"a/b","title":"x"}`:                                                  {"/name"},
		`{"name":".a","title":"x","due":"soon"}`:                                      {"/name", "/due"},
		`{"name":"x","title":"x","due":"every day"}`:                                  {"/due"},
		`{"name":"x","title":"x","reminders":["2026-03-01T00:00:00Z"]}`:               {"/reminders/0"},
		`{"name":"x","title":"x","recurrence":{}}`:                                    {"/recurrence/rule"},
		`{"name":"x","title":"x","from_task":"019ca700-0000-7000-8000-000000000001"}`: {"/title"},
		`{"name":"x","from_task":"019ca700-0000-7000-8000-00000000000f"}`:             {"/from_task"},
		`{"name":"x","from_task":null}`:                                               {"/from_task"},
		`{"name":"x","from_task":"00000000-0000-0000-0000-000000000000"}`:             {"/from_task"},
		`[]`:          {""},
		`{"name":"x"`: {""},
	} {
		t.Run(body, func(t *testing.T) { s.ask(t, "POST", templates, body).faults(t, want...) })
	}
	s.ask(t, "POST", templates, `{"name":"x","title":"x"}`).status(t, http.StatusCreated)
	s.ask(t, "POST", templates, `{"name":"X","title":"y"}`).status(t, http.StatusConflict)
	s.ask(t, "PUT", templates+"/x", `{"name":"y","title":"y","from_task":"019ca700-0000-7000-8000-000000000001"}`).faults(t, "/name", "/title")
	s.ask(t, "PUT", templates+"/x", `{}`).faults(t, "/title")
	for _, name := range []string{"y", "%00", "%ff", strings.Repeat("x", 1000)} {
		for method, body := range map[string]string{"GET": "", "PUT": `{"title":"x"}`, "DELETE": ""} {
			s.ask(t, method, templates+"/"+name, body).status(t, http.StatusNotFound)
		}
		s.ask(t, "POST", templates+"/"+name+"/tasks", "").status(t, http.StatusNotFound)
	}
	s.ask(t, "GET", templates+"/x?y=1", "").faults(t, "/y")
	s.ask(t, "DELETE", templates+"/x?y=1", "").faults(t, "/y")
	s.ask(t, "GET", templates+"?limit=0&cursor=!", "").faults(t, "/limit", "/cursor")
	s.ask(t, "GET", templates+"?cursor=AA", "").faults(t, "/cursor")
}

func TestATemplateHoldsAPrecondition(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.ask(t, "POST", templates, `{"name":"x","title":"one"}`).status(t, http.StatusCreated).Header.Get("ETag")
	second := s.ask(t, "PUT", templates+"/x", `{"title":"two"}`, "If-Match: "+first).status(t, http.StatusOK)
	s.ask(t, "PUT", templates+"/x", `{"title":"three"}`, "If-Match: "+first).status(t, http.StatusPreconditionFailed)
	s.ask(t, "DELETE", templates+"/x", "", "If-Match: "+first).status(t, http.StatusPreconditionFailed)
	equal(t, s.ask(t, "PUT", templates+"/X", second.Body).status(t, http.StatusOK).Body, second.Body)
	s.ask(t, "DELETE", templates+"/x", "", "If-Match: *").status(t, http.StatusNoContent)
	s.ask(t, "POST", templates, `{"name":"x","title":"one"}`).status(t, http.StatusCreated)
	s.ask(t, "PUT", templates+"/x", `{"title":"three"}`, "If-Match: "+first).status(t, http.StatusPreconditionFailed)
}

func TestTemplatesAreListedPageByPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i := range 5 {
		if _, err := s.client.CreateTemplate(t.Context(), task.TemplateDraft{Name: fmt.Sprint("n", i), Due: "today", Patch: titled("x")}); err != nil {
			t.Fatal(err)
		}
	}
	tag := s.ask(t, "GET", templates, "").Header.Get("ETag")
	s.ask(t, "GET", templates, "", "If-None-Match: "+tag).status(t, http.StatusNotModified)
	var names []string
	for next := templates + "?limit=2"; next != ""; {
		got := s.ask(t, "GET", next, "").status(t, http.StatusOK)
		var page []httpapi.Template
		if err := got.decode(&page); err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			names = append(names, p.Name)
		}
		next = strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(got.Header.Get("Link"), "<"), `>; rel="next"`), s.url)
	}
	equal(t, names, []string{"n0", "n1", "n2", "n3", "n4"})
	page, err := s.client.Templates(t.Context())
	if err != nil || len(page.Templates) != 5 || page.Next != "" {
		t.Errorf("%v, %v", page, err)
	}
	if _, err := s.client.NextTemplates(t.Context(), httpapi.TemplateList{Next: s.url + templates + "?limit=1"}); err != nil {
		t.Error(err)
	}
	if _, err := s.client.NextTemplates(t.Context(), httpapi.TemplateList{Next: ":"}); err == nil {
		t.Error("what is no address leads on")
	}
}

func TestTheClientKnowsTemplates(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	like := s.create(t, `{"title":"Call"}`)
	made, err := s.client.CreateTemplate(ctx, task.TemplateDraft{Name: "a b", From: like.ID})
	if err != nil || made.Title != "Call" || made.ETag == "" {
		t.Fatal(made, err)
	}
	if made, err = s.client.ReplaceTemplate(ctx, "a b", task.TemplateDraft{Patch: titled("Ring")}, made.ETag); err != nil || made.Version != 2 {
		t.Fatal(made, err)
	}
	if read, err := s.client.Template(ctx, "A B"); err != nil || read.ETag != made.ETag {
		t.Error(read, err)
	}
	if got, err := s.client.CreateFromTemplate(ctx, "a b", task.Patch{Priority: task.Value(task.High)}); err != nil || got.Title != "Ring" || got.Priority != task.High {
		t.Error(got, err)
	}
	if err := s.client.DeleteTemplate(ctx, "a b"); err != nil {
		t.Error(err)
	}
	if _, err := s.client.Template(ctx, "a b"); err == nil {
		t.Error("a template that is gone is read")
	}
}

func titled(title string) task.Patch { return task.Patch{Title: task.Value(title)} }

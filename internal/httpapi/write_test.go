package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func TestManyTasksAreCreatedInTheirOrder(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.ask(t, "POST", tasks, list(1000, func(i int) string { return fmt.Sprintf(`{"title":"task %03d"}`, i) })).status(t, http.StatusCreated)
	made := got.tasks(t)
	equal(t, len(made), 1000)
	for i, one := range made {
		if want := fmt.Sprintf("task %03d", i); one.Title != want {
			t.Fatalf("the task at %d is %q", i, one.Title)
		}
	}
	equal(t, got.Header.Get("Location"), "")
	equal(t, s.titles(t, "?limit=2&sort=order"), []string{"task 000", "task 001"})
	// All or none.
	s.ask(t, "POST", tasks, `[{"title":"a"},{"title":"b","parent_id":"`+nobody+`"},{"title":"c","depends_on":["`+nobody+`"]}]`).faults(t, "/1/parent_id", "/2/depends_on/0")
	equal(t, s.titles(t, "?q=a"), []string{})
	equal(t, len(s.ask(t, "POST", tasks, `[{"title":"one"}]`).status(t, http.StatusCreated).tasks(t)), 1)
}

func TestATitleIsTakenFromTheDescription(t *testing.T) {
	t.Parallel()
	s := start(t)
	long := strings.Repeat("é", 501)
	made := s.create(t, `{"description":"\n \n  Call the landlord \r\nabout the tap"}`)
	equal(t, made.Title, "Call the landlord")
	equal(t, made.Description, "\n \n  Call the landlord \r\nabout the tap")
	equal(t, s.create(t, `{"description":"`+long+`"}`).Title, long[:1000])
}

func TestASubtaskInheritsItsParentsCategory(t *testing.T) {
	t.Parallel()
	s := start(t)
	parent := s.create(t, `{"title":"parent","category":"home"}`).ID.String()
	equal(t, s.create(t, `{"title":"a","parent_id":"`+parent+`"}`).Category, "home")
	equal(t, s.create(t, `{"title":"a","parent_id":"`+parent+`","category":"work"}`).Category, "work")
	equal(t, s.create(t, `{"title":"a","parent_id":"`+parent+`","category":null}`).Category, "home")
	child := s.create(t, `{"title":"a","parent_id":"`+parent+`"}`).ID.String()
	s.ask(t, "POST", tasks, `{"title":"a","parent_id":"`+child+`"}`).faults(t, "/parent_id")
	s.ask(t, "PATCH", tasks+"/"+parent, `{"archived":true}`).status(t, http.StatusOK)
	s.ask(t, "POST", tasks, `{"title":"a","parent_id":"`+parent+`"}`).faults(t, "/parent_id")
}

// kept are the headers that a replay repeats.
func kept(r reply) []string {
	return []string{r.Header.Get("Content-Type"), r.Header.Get("ETag"), r.Header.Get("Location")}
}

func TestAPostWithAKeyHappensOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	const key = "Idempotency-Key: key"
	for _, r := range [][2]string{{tasks, `{"title":"once"}`}, {tasks, `[{"title":"one"},{"title":"two"}]`}, {at(made.ID) + "/complete", ""}, {at(made.ID) + "/reopen?tz=UTC", "{}"}} {
		headers := []string{key + strings.ReplaceAll(r[0]+r[1], `"`, "'")}
		first := s.ask(t, "POST", r[0], r[1], headers...)
		equal(t, first.Header.Get("Idempotent-Replayed"), "")
		s.clock.set("2026-03-02T08:00:00Z")
		again := s.ask(t, "POST", r[0], r[1], append(headers, "X-Request-Id: again", "If-None-Match: *")...)
		equal(t, again.Header.Get("Idempotent-Replayed"), "true")
		equal(t, again.Header.Get("X-Request-Id"), "again")
		equal(t, again.Status, first.Status)
		equal(t, again.Body, first.Body)
		equal(t, kept(again), kept(first))
		s.clock.set("2026-03-01T09:10:00Z")
	}
	equal(t, s.titles(t, ""), []string{"a", "once", "one", "two"})
	equal(t, s.get(t, made.ID).Version, int64(3))
}

func TestAKeyBelongsToOneRequest(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	const key = "Idempotency-Key: key"
	s.ask(t, "POST", tasks, `{"title":"b"}`, key).status(t, http.StatusCreated)
	for _, r := range [][2]string{
		{tasks, `{"title":"c"}`}, {tasks, `{"title": "b"}`}, {tasks + "?tz=UTC", `{"title":"b"}`}, {at(made.ID) + "/complete", ""}, {at(made.ID) + "/reopen", "{}"},
	} {
		got := s.ask(t, "POST", r[0], r[1], key).status(t, http.StatusConflict)
		equal(t, got.problem(t).Detail, "the Idempotency-Key was used for a different request")
		equal(t, got.Header.Get("Idempotent-Replayed"), "")
	}
	equal(t, s.titles(t, ""), []string{"a", "b"})
	// Another owner's key is another key.
	s.ask(t, "POST", tasks, `{"title":"c"}`, key, "X-Owner: other").status(t, http.StatusCreated)
	// A key works as long as a day, and no longer.
	s.clock.set("2026-03-02T08:59:00Z")
	equal(t, s.ask(t, "POST", tasks, `{"title":"b"}`, key).Header.Get("Idempotent-Replayed"), "true")
	s.clock.set("2026-03-02T09:00:01Z")
	equal(t, s.ask(t, "POST", tasks, `{"title":"d"}`, key).status(t, http.StatusCreated).Header.Get("Idempotent-Replayed"), "")
	equal(t, s.titles(t, ""), []string{"a", "b", "d"})
}

func TestARefusedRequestMayRunAgainWithItsKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	dependency := s.create(t, `{"title":"first"}`)
	made := s.create(t, `{"title":"a","depends_on":["`+dependency.ID.String()+`"]}`)
	const key = "Idempotency-Key: key"
	s.ask(t, "POST", tasks, `{"titel":"b"}`, key).status(t, http.StatusBadRequest)
	s.ask(t, "POST", tasks, `{"title":"b","parent_id":"`+nobody+`"}`, key).status(t, http.StatusBadRequest)
	s.ask(t, "POST", at(made.ID)+"/complete", "", key).status(t, http.StatusConflict)
	s.ask(t, "POST", at(made.ID)+"/complete", "", key, `If-Match: "7-0"`).status(t, http.StatusPreconditionFailed)
	s.ask(t, "POST", tasks+"/"+nobody+"/complete", "", key).status(t, http.StatusNotFound)
	s.ask(t, "POST", at(dependency.ID)+"/complete", "").status(t, http.StatusOK)
	got := s.ask(t, "POST", at(made.ID)+"/complete", "", key).status(t, http.StatusOK)
	equal(t, got.Header.Get("Idempotent-Replayed"), "")
	// What has been answered is answered so for good, whatever came after.
	s.ask(t, "DELETE", at(made.ID), "").status(t, http.StatusNoContent)
	equal(t, s.ask(t, "POST", at(made.ID)+"/complete", "", key).status(t, http.StatusOK).Body, got.Body)
}

func TestConcurrentRequestsWithOneKeyRunOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	answers := make([]reply, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = s.ask(t, "POST", tasks, `{"title":"once"}`, "Idempotency-Key: key") })
	}
	all.Wait()
	replayed := 0
	for _, got := range answers {
		equal(t, got.Status, http.StatusCreated)
		equal(t, got.Body, answers[0].Body)
		equal(t, kept(got), kept(answers[0]))
		if got.Header.Get("Idempotent-Replayed") == "true" {
			replayed++
		}
	}
	equal(t, replayed, len(answers)-1)
	equal(t, s.titles(t, ""), []string{"once"})
}

func TestAKeyIsPrintableASCII(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, keys := range [][]string{{""}, {strings.Repeat("k", 256)}, {"kéy"}, {"a\tb"}, {"a", "b"}, {"a", "a"}, {"\x80"}} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+tasks, strings.NewReader(`{"title":"a"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": keys}
		got := send(t, s.http, r).status(t, http.StatusBadRequest)
		if !strings.Contains(got.problem(t).Detail, "Idempotency-Key") {
			t.Errorf("the answer to %q is %s", keys, got.Body)
		}
	}
	for _, key := range []string{"k", strings.Repeat("k", 255), "a b ~!", `"quoted"`, "ce:x", "'; drop table tasks; --"} {
		s.ask(t, "POST", tasks, `{"title":"a"}`, "Idempotency-Key: "+key).status(t, http.StatusCreated)
	}
	equal(t, len(s.titles(t, "")), 6)
}

func TestOnlyChangesAreReported(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	equal(t, s.changed.Load(), int64(1))
	s.ask(t, "POST", tasks, `{}`).status(t, http.StatusBadRequest)
	s.ask(t, "GET", tasks, "").status(t, http.StatusOK)
	equal(t, s.changed.Load(), int64(1))
}

func TestTheClientReadsAndWrites(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.client.Prepare = func(r *http.Request) { r.Header.Set("X-Request-Id", "from-the-client") }
	made, err := s.client.Create(ctx, task.Patch{Title: task.Value("a"), Tags: task.Value([]string{"x"}), Recurrence: task.Null[task.RecurrencePatch]()})
	must(err)
	read, err := s.client.Get(ctx, made.ID)
	must(err)
	equal(t, read, made)
	if made.ETag == "" || made.URL != s.url+at(made.ID) {
		t.Errorf("the task is %+v", made)
	}
	several, err := s.client.CreateAll(ctx, []task.Patch{{Title: task.Value("b")}, {Title: task.Value("c"), ParentID: task.Value(made.ID)}})
	must(err)
	equal(t, len(several), 2)
	done, err := s.client.Complete(ctx, made.ID, false)
	must(err)
	equal(t, done.Completed(), true)
	_, err = s.client.Complete(ctx, several[0].ID, true)
	must(err)
	open, err := s.client.Reopen(ctx, made.ID)
	must(err)
	equal(t, open.Completed(), false)
	changed, err := s.client.Update(ctx, made.ID, task.Patch{Tags: task.Null[[]string](), Due: task.Value(task.Due{At: s.clock.now().UTC().Truncate(1000), AllDay: false})})
	must(err)
	equal(t, []any{len(changed.Tags), changed.Due.IsZero()}, []any{0, false})
	replaced, err := s.client.Replace(ctx, made.ID, task.Patch{Title: task.Value("d")})
	must(err)
	equal(t, []any{replaced.Title, replaced.Due.IsZero()}, []any{"d", true})

	page, err := s.client.List(ctx, nil, "")
	must(err)
	equal(t, []any{len(page.Tasks), page.Next, page.NotModified}, []any{3, "", false})
	page, err = s.client.List(ctx, nil, page.ETag)
	must(err)
	equal(t, []any{len(page.Tasks), page.NotModified}, []any{0, true})
	page, err = s.client.List(ctx, map[string][]string{"view": {"tree"}, "q": {"d"}}, "")
	must(err)
	equal(t, page.Tasks[0].Children[0].Title, "c")

	must(s.client.PutSettings(ctx, httpapi.Settings{TimeZone: "Europe/Berlin"}))
	settings, err := s.client.Settings(ctx)
	must(err)
	equal(t, settings.TimeZone, "Europe/Berlin")
	health, err := s.client.Health(ctx)
	must(err)
	equal(t, health.Status, "healthy")

	must(s.client.Delete(ctx, made.ID, true))
	n, err := s.client.DeleteMany(ctx, map[string][]string{"all": {"true"}})
	must(err)
	equal(t, n, 2)
}

func TestTheClientReturnsTheProblem(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.client.Create(t.Context(), task.Patch{Title: task.Value(""), Tags: task.Value([]string{""})})
	p, ok := err.(*httpapi.Problem)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	pointers := []string{}
	for _, f := range p.Errors {
		pointers = append(pointers, f.Pointer)
	}
	slices.Sort(pointers)
	equal(t, pointers, []string{"/tags/0", "/title"})
	equal(t, p.Status, http.StatusBadRequest)
	_, err = s.client.CreateAll(t.Context(), nil)
	if p, ok := err.(*httpapi.Problem); !ok || p.Status != http.StatusBadRequest {
		t.Errorf("creating nothing is answered with %v", err)
	}
	_, err = s.client.Get(t.Context(), task.ID{1})
	if p, ok := err.(*httpapi.Problem); !ok || p.Status != http.StatusNotFound {
		t.Errorf("reading nothing is answered with %v", err)
	}
	// An answer that does not come from the service is a problem all the same.
	for status, body := range map[int]string{http.StatusBadGateway: "<html>", http.StatusOK: "<html>", http.StatusForbidden: `{"status":1}`} {
		gateway := &httpapi.Client{Base: s.url, HTTP: &http.Client{Transport: answering(status, body)}}
		if _, err := gateway.Get(t.Context(), task.ID{1}); err == nil {
			t.Errorf("%d %s is no error", status, body)
		}
	}
}

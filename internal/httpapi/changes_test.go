package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// changes asks for what came after a token, "" for that of the present.
func (s *service) changes(t testing.TB, since string, wait time.Duration) httpapi.Changes {
	t.Helper()
	f, err := s.client.Changes(t.Context(), since, wait)
	if err != nil {
		t.Error(err)
	}
	return f
}

func told(f httpapi.Changes) (list []string) {
	for _, c := range f.Changes {
		list = append(list, string(c.Change)+" "+c.Task.Title)
	}
	return list
}

func TestChangesComeOnceAndInOrderAfterTheTokenOfThePresent(t *testing.T) {
	t.Parallel()
	s := start(t)
	none := s.changes(t, "", 0)
	equal(t, len(none.Changes), 0)
	a := s.create(t, `{"title":"a"}`)
	s.ask(t, "PATCH", at(a.ID), `{"title":"b"}`).status(t, http.StatusOK)
	s.ask(t, "PATCH", at(a.ID), `{"title":"b"}`).status(t, http.StatusOK) // changes nothing
	s.ask(t, "POST", at(a.ID)+"/complete", "").status(t, http.StatusOK)
	s.ask(t, "POST", at(a.ID)+"/reopen", "").status(t, http.StatusOK)
	s.ask(t, "PATCH", at(a.ID), `{"archived":true}`).status(t, http.StatusOK)
	s.ask(t, "DELETE", at(a.ID), "").status(t, http.StatusNoContent)

	got := s.changes(t, none.Next, 0)
	equal(t, told(got), []string{"created a", "updated b", "completed b", "reopened b", "archived b", "deleted b"})
	equal(t, got.More, false)
	equal(t, got.Changes[1].Actor, s.owner)
	equal(t, got.Changes[1].At, got.Changes[1].Task.UpdatedAt)
	equal(t, got.Changes[1].Task.Version, int64(2))
	equal(t, told(s.changes(t, got.Changes[3].Token, 0)), []string{"archived b", "deleted b"})
	equal(t, len(s.changes(t, got.Next, 0).Changes), 0)
}

func TestAWriteOfMoreChangesThanAnAnswerHoldsIsToldInPieces(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := s.changes(t, "", 0).Next
	drafts := make([]task.Patch, task.MaxChanges+3)
	for i := range drafts {
		drafts[i] = task.Patch{Title: task.Value(fmt.Sprint(i))}
	}
	if _, err := s.client.CreateAll(t.Context(), drafts); err != nil {
		t.Fatal(err)
	}
	first := s.changes(t, before, 0)
	equal(t, len(first.Changes), task.MaxChanges)
	equal(t, first.More, true)
	rest := s.changes(t, first.Next, 0)
	equal(t, told(rest), []string{"created 500", "created 501", "created 502"})
	equal(t, rest.More, false)
}

func TestAClientThatAppliesTheChangesOfManyWritersHasWhatTheServiceHas(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.changes(t, "", 0).Next
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 12 {
				made, err := s.client.Create(t.Context(), task.Patch{Title: task.Value(fmt.Sprint(w, " ", i))})
				if err == nil && i%2 == 0 {
					_, err = s.client.Complete(t.Context(), made.ID, false)
				}
				if err == nil && i%3 == 0 {
					err = s.client.Delete(t.Context(), made.ID, false)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	has, seen := map[task.ID]int64{}, map[string]bool{}
	for last := false; ; {
		f := s.changes(t, token, 0)
		for _, c := range f.Changes {
			if seen[c.Token] {
				t.Error("told twice:", c.Token)
			}
			if seen[c.Token] = true; c.Task.Version != has[c.Task.ID]+1 && c.Change != "deleted" {
				t.Errorf("version %d of a task known at %d", c.Task.Version, has[c.Task.ID])
			}
			if has[c.Task.ID] = c.Task.Version; c.Change == "deleted" {
				delete(has, c.Task.ID)
			}
		}
		token = f.Next
		if last {
			break
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
	page, err := s.client.List(t.Context(), url.Values{"limit": {"500"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := map[task.ID]int64{}
	for _, one := range page.Tasks {
		want[one.ID] = one.Version
	}
	equal(t, len(want), 4*8)
	equal(t, has, want)
}

func TestWaitingForAChangeEndsWithItAndHoldsNoConnection(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.changes(t, "", 0).Next
	answers := make(chan httpapi.Changes, 20) // more than the pool has connections
	for range cap(answers) {
		go func() { answers <- s.changes(t, token, 20*time.Second) }()
	}
	made := s.create(t, `{"title":"what they wait for"}`)
	for range cap(answers) {
		f := <-answers
		equal(t, told(f), []string{"created what they wait for"})
		equal(t, f.Changes[0].Task.ID, made.ID)
	}
}

func TestWaitingEndsEmptyHandedAfterItsTimeOrWhenTheProcessEnds(t *testing.T) {
	t.Parallel()
	ending := make(chan struct{})
	s := start(t, func(a *httpapi.API) { a.Ending = ending })
	token := s.changes(t, "", 0).Next
	began := time.Now()
	equal(t, len(s.changes(t, token, 1*time.Second).Changes), 0)
	if took := time.Since(began); took < time.Second {
		t.Error("it took only", took)
	}
	close(ending)
	began = time.Now()
	equal(t, len(s.changes(t, token, 25*time.Second).Changes), 0)
	if took := time.Since(began); took > 20*time.Second {
		t.Error("it took", took)
	}
}

func TestATokenOfAPastThatIsGoneIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	epoch, _, _ := strings.Cut(s.changes(t, "", 0).Next, ".")
	for _, token := range []string{epoch + ".zzzz", "1.1"} { // not yet; of another record
		s.ask(t, "GET", "/api/v1/changes?since="+token, "").status(t, http.StatusGone)
	}
	for _, token := range []string{"", "0", "0.1.1.1", "0.-1", "0.1.", "0.01", "0.1.-1", "x y", "0.1.1y2p0ij32e8e7"} {
		s.ask(t, "GET", "/api/v1/changes?since="+url.QueryEscape(token), "").status(t, http.StatusBadRequest)
	}
	for _, wait := range []string{"", "26", "-1", "1.5", "01", "x"} {
		s.ask(t, "GET", "/api/v1/changes?wait="+wait, "").status(t, http.StatusBadRequest)
	}
	s.ask(t, "GET", "/api/v1/changes?until=1", "").status(t, http.StatusBadRequest)
}

func TestATasksHistorySaysWhatWasWhatBefore(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.create(t, `{"title":"a"}`)
	s.ask(t, "PATCH", at(a.ID), `{"priority":"high","due":"2026-03-05","tags":["x"]}`).status(t, http.StatusOK)
	s.ask(t, "PATCH", at(a.ID), `{"due":null}`).status(t, http.StatusOK)
	var history []struct {
		At            time.Time
		Actor, Change string
		Fields        map[string][2]any
	}
	got := s.ask(t, "GET", at(a.ID)+"/history", "").status(t, http.StatusOK)
	if err := json.Unmarshal([]byte(got.Body), &history); err != nil {
		t.Fatal(err)
	}
	equal(t, len(history), 3)
	equal(t, history[0].Change, "created")
	equal(t, history[0].Fields["title"], [2]any{nil, "a"})
	equal(t, history[1].Fields, map[string][2]any{"priority": {"medium", "high"}, "due": {nil, "2026-03-05"}, "tags": {[]any{}, []any{"x"}}})
	equal(t, history[2].Fields, map[string][2]any{"due": {"2026-03-05", nil}})
	equal(t, history[2].Actor, s.owner)

	s.ask(t, "GET", at(a.ID)+"/history?cursor=x", "").status(t, http.StatusBadRequest)
	s.ask(t, "GET", tasks+"/nonsense/history", "").status(t, http.StatusNotFound)
	s.ask(t, "GET", at(a.ID)+"/history", "", "X-Owner: another").status(t, http.StatusNotFound)
	s.ask(t, "DELETE", at(a.ID), "").status(t, http.StatusNoContent)
	s.ask(t, "GET", at(a.ID)+"/history", "").status(t, http.StatusNotFound)
}

func TestALongHistoryIsReadPageByPage(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.create(t, `{"title":"a"}`)
	for i := range task.MaxChanges + 1 {
		if _, err := s.client.Update(t.Context(), a.ID, task.Patch{Title: task.Value(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	lengths := []int{}
	for target := at(a.ID) + "/history"; target != ""; {
		got := s.ask(t, "GET", target, "").status(t, http.StatusOK)
		var page []json.RawMessage
		if err := json.Unmarshal([]byte(got.Body), &page); err != nil {
			t.Fatal(err)
		}
		lengths = append(lengths, len(page))
		target = ""
		if got.Header.Get("Link") != "" {
			u, err := url.Parse(link(t, got))
			if err != nil {
				t.Fatal(err)
			}
			target = u.RequestURI()
		}
	}
	equal(t, lengths, []int{task.MaxChanges, 2})
}

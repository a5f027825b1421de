package task_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// enough is a wait that is over.
func enough() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func TestAPlaceIsReadBackFromItsTokenAndNothingElseIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := task.Place{
			Epoch:      rapid.Int64Min(0).Draw(t, "epoch"),
			Generation: rapid.Int64Min(0).Draw(t, "generation"),
			Seq:        rapid.Int64Min(0).Draw(t, "seq"),
		}
		got, err := task.ParsePlace(p.String())
		if err != nil || got != p {
			t.Fatalf("%q is read as %v, %v", p, got, err)
		}
	})
	for _, s := range []string{"", "1", "1.2.3.4", "1.-2", "1.2.-3", "-1.0", "-1.2.3", " 1.0", "1.0 ", "+1.0", "01.2", "1.+2", "1.2.", "a b.1", "1.zzzzzzzzzzzzzz", "1.2.1y2p0ij32e8e7"} {
		if p, err := task.ParsePlace(s); err == nil {
			t.Errorf("%q is read as %v", s, p)
		}
	}
}

func record(generation int64, change task.Change, before, after task.Task) task.Record {
	return task.Record{Place: task.Place{Generation: generation, Seq: generation}, At: noon, Actor: "alice", Change: change, Before: before, Task: after}
}

func TestChangesAreThoseAfterThePlace(t *testing.T) {
	s := newSite()
	s.owner.Generation.Count = 2
	a := task.Task{ID: id(1), Version: 1, Title: "a", Priority: task.Medium}
	s.log.Records = []task.Record{record(1, task.Created, a, a), record(2, task.Updated, a, a)}

	present, err := s.Service.Changes(t.Context(), s.call, nil, enough())
	equal(t, "the present", present.Through.String(), "0.2")
	equal(t, "what is told of the present", len(present.Records), 0)
	if err != nil {
		t.Error(err)
	}
	got, err := s.Service.Changes(t.Context(), s.call, &task.Place{Generation: 1, Seq: 9}, enough())
	if err != nil || len(got.Records) != 1 {
		t.Fatal(got, err)
	}
	var shown struct {
		Changes []struct {
			Token, Actor, Change string
			At                   time.Time
			Task                 struct{ Title, URL string }
		}
		Next string
		More bool
	}
	if err := json.Unmarshal(got.AppendJSON(nil), &shown); err != nil {
		t.Fatal(err)
	}
	equal(t, "the next", shown.Next, "0.2")
	equal(t, "the token", shown.Changes[0].Token, "0.2.2")
	equal(t, "the rest", shown.Changes[0].Actor+shown.Changes[0].Change+shown.Changes[0].Task.Title, "aliceupdateda")
}

func TestAPlaceInAnotherRecordOrTheFutureIsRefused(t *testing.T) {
	s := newSite()
	s.owner.Generation.Count = 1
	for _, p := range []task.Place{{Epoch: 1, Generation: 1}, {Generation: 2}} {
		if _, err := s.Service.Changes(t.Context(), s.call, &p, enough()); !errors.Is(err, task.ErrTokenExpired) {
			t.Error(p, err)
		}
	}
}

func TestAPlaceBeforeWhatIsForgottenIsRefused(t *testing.T) {
	s := newSite()
	s.owner.Generation.Count = 9
	s.log.Forgotten = 4
	for token, refused := range map[string]bool{"0.0": true, "0.3": true, "0.4.7": true, "0.4": false, "0.5.1": false, "0.9": false} {
		p, err := task.ParsePlace(token)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Service.Changes(t.Context(), s.call, &p, enough()); errors.Is(err, task.ErrTokenExpired) != refused {
			t.Error(token, err)
		}
	}
}

func TestWaitingForChangesEndsWithThem(t *testing.T) {
	s := newSite()
	looks := 0
	s.looked = func() { // as another pod would, between two looks
		if looks++; looks == 2 {
			a := task.Task{ID: id(1), Version: 1, Title: "a", Priority: task.Medium}
			s.owner.Generation.Count = 1
			s.log.Records = []task.Record{record(1, task.Created, a, a)}
		}
	}
	got, err := s.Service.Changes(t.Context(), s.call, &task.Place{}, nil)
	if err != nil || len(got.Records) != 1 {
		t.Error(got, err)
	}
}

func TestWaitingForChangesEndsWithTheCallersPatience(t *testing.T) {
	s := newSite()
	s.fails["Changes"] = task.ErrUnavailable
	if _, err := s.Service.Changes(t.Context(), s.call, &task.Place{}, nil); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
	s.fails["Changes"] = nil
	if got, err := s.Service.Changes(t.Context(), s.call, &task.Place{}, enough()); err != nil || len(got.Records) != 0 {
		t.Error(got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := s.Service.Changes(ctx, s.call, &task.Place{}, nil); err != nil || len(got.Records) != 0 { // a memory ignores ctx
		t.Error(got, err)
	}
}

func TestHistoryTellsWhatWasWhatBefore(t *testing.T) {
	s := newSite()
	a := task.Task{ID: id(1), Version: 1, Title: "a", Priority: task.Medium}
	b := a
	b.Version, b.Title, b.Tags = 2, "b", []string{"x"}
	s.log.Records = []task.Record{record(1, task.Created, a, a), record(2, task.Updated, a, b)}
	got, err := s.Service.History(t.Context(), s.call, a.ID, task.Place{})
	if err != nil {
		t.Fatal(err)
	}
	text := got.AppendHistory(nil)
	var shown []struct {
		Change string
		Fields map[string][2]any
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		t.Fatal(err)
	}
	equal(t, "the first title", shown[0].Fields["title"], [2]any{nil, "a"})
	equal(t, "what changed", shown[1].Fields, map[string][2]any{"title": {"a", "b"}, "tags": {[]any{}, []any{"x"}}})

	s.fails["History"] = task.ErrNotFound
	if _, err := s.Service.History(t.Context(), s.call, a.ID, task.Place{}); !errors.Is(err, task.ErrNotFound) {
		t.Error(err)
	}
}

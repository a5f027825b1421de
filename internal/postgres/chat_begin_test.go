package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

func TestAConversationIsAnsweredOneMessageAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("one", noon))
	if _, err := s.store.Begin(t.Context(), in(begun.Conversation, said("two", noon.Add(59*time.Second)))); !errors.Is(err, chat.ErrTurnOpen) {
		t.Error("a second message:", err)
	}
	late := s.begin(t, in(begun.Conversation, said("three", noon.Add(time.Minute)))) // the pod has died
	if err := s.store.End(t.Context(), answering(begun, "One.", noon)); !errors.Is(err, chat.ErrOvertaken) {
		t.Error("an answer that comes too late:", err)
	}
	if err := s.store.Abandon(t.Context(), begun.Turn); err != nil { // not its turn any more
		t.Error(err)
	}
	e := s.end(t, answering(late, "Three.", noon))
	if err := s.store.End(t.Context(), e); err != nil {
		t.Error("an answer whose commit was in doubt:", err)
	}
	if err := s.store.Abandon(t.Context(), late.Turn); err != nil {
		t.Error(err)
	}
	whole, err := s.store.Conversation(t.Context(), "alice", begun.Conversation)
	if err != nil || len(whole.Messages) != 3 {
		t.Errorf("%+v, %v", whole, err)
	}
}

func TestAKeyAnswersOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := keyed("k", said("add it", noon))
	begun := s.begin(t, first)
	again := func(at time.Time) chat.Beginning { // the same request, as another pod takes it
		return keyed("k", said("add it", at))
	}
	if twice := s.begin(t, first); twice.Turn != begun.Turn {
		t.Errorf("where its commit was in doubt it begins as %+v", twice)
	}
	if _, err := s.store.Begin(t.Context(), again(noon.Add(time.Microsecond))); !errors.Is(err, chat.ErrTurnOpen) {
		t.Error("while it is being answered:", err)
	}
	other := keyed("k", said("another request", noon))
	if _, err := s.store.Begin(t.Context(), other); !errors.Is(err, task.ErrKeyReused) {
		t.Error("another request:", err)
	}
	resumed := s.begin(t, again(noon.Add(time.Minute)))
	if resumed.Turn != begun.Turn || len(resumed.History) != 0 {
		t.Errorf("after its pod died it goes on as %+v", resumed)
	}
	if err := s.store.Abandon(t.Context(), resumed.Turn); err != nil {
		t.Fatal(err)
	}
	resumed = s.begin(t, again(noon.Add(time.Minute)))
	e := s.end(t, asking(answering(resumed, "Added.", noon)))
	replayed := s.begin(t, again(noon.Add(23*time.Hour)))
	if diff := cmp.Diff(&e.Message, replayed.Answered); diff != "" || replayed.Conversation != begun.Conversation {
		t.Error("the same request is answered otherwise:", diff)
	}
	if whole, err := s.store.Conversation(t.Context(), "alice", begun.Conversation); err != nil || len(whole.Messages) != 2 || whole.Messages[1].Confirmation.State != chat.Waiting {
		t.Errorf("%+v, %v", whole, err)
	}
	if err := s.store.DeleteConversation(t.Context(), "alice", begun.Conversation, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Begin(t.Context(), again(noon)); !errors.Is(err, chat.ErrNoConversation) {
		t.Error("after the conversation is gone:", err)
	}
	if fresh := s.begin(t, keyed("k", said("another day", noon.Add(25*time.Hour)))); fresh.Conversation == begun.Conversation {
		t.Error("a key is not forgotten after a day")
	}
	if n := ask[int](t, s, `select count(*)::int from chat_keys`); n != 1 {
		t.Errorf("%d keys are kept", n)
	}
}

func TestWhatHasNoAnswerIsAnsweredAgainInItsPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.begin(t, said("hello", noon))
	again := func(message task.ID) chat.Beginning {
		b := in(first.Conversation, said("hello", noon))
		b.Unanswered = message
		b.Until = b.Until.Add(time.Nanosecond) // clocks tell more than is kept
		return b
	}
	refused := func(what string, b chat.Beginning, want error) {
		t.Helper()
		if _, err := s.store.Begin(t.Context(), b); !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("what is being answered", again(first.Message), chat.ErrTurnOpen)
	if err := s.store.Abandon(t.Context(), first.Turn); err != nil {
		t.Fatal(err)
	}
	refused("what was never said", again(freshID()), chat.ErrNotLast)
	keyed := keyed("again", again(first.Message))
	begun := s.begin(t, keyed)
	if begun.Turn != first.Turn || len(begun.History) != 0 {
		t.Errorf("%+v", begun)
	}
	if twice := s.begin(t, keyed); twice.Turn != first.Turn {
		t.Errorf("where its commit was in doubt it begins as %+v", twice)
	}
	other := keyed
	other.Until = other.Until.Add(time.Microsecond)
	refused("what another request with the key has answered", other, chat.ErrTurnOpen)
	answer := s.end(t, answering(begun, "Hello.", noon))
	if once := s.begin(t, keyed); once.Answered == nil || once.Answered.ID != answer.Message.ID {
		t.Errorf("the same request again: %+v", once)
	}
	refused("what has an answer", again(first.Message), chat.ErrNotLast)
	refused("an answer", again(answer.Message.ID), chat.ErrNotLast)
	older := s.begin(t, in(first.Conversation, said("and now?", noon)))
	if err := s.store.Abandon(t.Context(), older.Turn); err != nil {
		t.Fatal(err)
	}
	later := s.begin(t, in(first.Conversation, said("hello?", noon)))
	if err := s.store.Abandon(t.Context(), later.Turn); err != nil {
		t.Fatal(err)
	}
	refused("what something was said after", again(older.Message), chat.ErrNotLast)
	if begun := s.begin(t, again(later.Message)); begun.Turn != later.Turn || len(begun.History) != 3 {
		t.Errorf("%+v", begun)
	}
	whole, err := s.store.Conversation(t.Context(), "alice", first.Conversation)
	if err != nil || len(whole.Messages) != 4 {
		t.Errorf("%+v, %v", whole.Messages, err)
	}
}

func TestManyPodsWithOneKeyBeginOneTurn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const pods = 8
	var wg sync.WaitGroup
	outcomes := make([]error, pods)
	for i := range pods {
		wg.Go(func() {
			at := noon.Add(time.Duration(i) * time.Microsecond)
			_, outcomes[i] = s.store.Begin(t.Context(), keyed("k", said("add it", at)))
		})
	}
	wg.Wait()
	open := 0
	for _, err := range outcomes {
		if err == nil {
			open++
		} else if !errors.Is(err, chat.ErrTurnOpen) {
			t.Error(err)
		}
	}
	if n := ask[int](t, s, `select count(*)::int from messages`); open != 1 || n != 1 {
		t.Errorf("%d turns, %d messages", open, n)
	}
}

// TestAYesCountsOnceHoweverManyPodsHearIt races pods that each go on to carry out
// what they were given, and close their turns.
func TestAYesCountsOnceHoweverManyPodsHearIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other, _ := joined(s.open(t, postgres.AppRole))
	stores := []*postgres.Store{s.store, other}
	for round := range 10 {
		begun := s.begin(t, said(fmt.Sprint("delete it ", round), noon))
		c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
		var wg sync.WaitGroup
		var mu sync.Mutex
		var carriedOut []task.ID
		for i := range 6 {
			wg.Go(func() {
				b, err := stores[i%2].Begin(t.Context(), in(begun.Conversation, about(c.ID, true, said("yes", noon))))
				if errors.Is(err, chat.ErrTurnOpen) || err == nil && b.Answered != nil {
					return
				}
				if err != nil || b.Confirmation == nil || string(b.Confirmation.Arguments) != string(c.Arguments) {
					t.Errorf("%+v, %v", b, err)
					return
				}
				e := answering(b, "Deleted.", noon)
				e.Settled = c.ID
				mu.Lock()
				carriedOut = append(carriedOut, e.Message.ID)
				mu.Unlock()
				if err := stores[i%2].End(t.Context(), e); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(carriedOut) != 1 {
			t.Fatalf("carried out %d times", len(carriedOut))
		}
		again := s.begin(t, in(begun.Conversation, about(c.ID, true, said("yes", noon))))
		if again.Answered == nil || again.Answered.ID != carriedOut[0] {
			t.Errorf("a later yes is answered with %+v", again.Answered)
		}
		if _, err := s.store.Begin(t.Context(), in(begun.Conversation, about(c.ID, false, said("no", noon)))); !errors.Is(err, chat.ErrDone) {
			t.Error("a later no:", err)
		}
		if n := ask[int](t, s, `select count(*)::int from messages where conversation_id = $1`, [16]byte(begun.Conversation)); n != 4 {
			t.Errorf("%d messages are kept", n)
		}
	}
}

func TestWhatWaitsIsDroppedByANoAndByAnythingElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, b := range []struct {
		what string
		yes  bool
		name bool
	}{{"no", false, true}, {"something else", false, false}} {
		begun := s.begin(t, said("delete it", noon))
		c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
		next := in(begun.Conversation, said(b.what, noon))
		if b.name {
			next.Confirmation = c.ID
		}
		e := s.begin(t, next)
		if e.Confirmation == nil || e.Confirmation.State != chat.Dropped {
			t.Errorf("%s: %+v", b.what, e.Confirmation)
		}
		s.end(t, answering(e, "As you like.", noon))
		if _, err := s.store.Begin(t.Context(), in(begun.Conversation, about(c.ID, true, said("yes", noon)))); !errors.Is(err, chat.ErrDropped) {
			t.Errorf("a yes after %s: %v", b.what, err)
		}
		if _, err := s.store.Begin(t.Context(), in(begun.Conversation, about(freshID(), true, said("yes", noon)))); !errors.Is(err, chat.ErrNoConfirmation) {
			t.Errorf("a yes to nothing: %v", err)
		}
		if n := ask[int](t, s, `select count(*)::int from messages where conversation_id = $1`, [16]byte(begun.Conversation)); n != 4 {
			t.Errorf("%s: %d messages are kept", b.what, n)
		}
		if e := s.begin(t, in(begun.Conversation, said("and?", noon))); e.Confirmation != nil {
			t.Errorf("%s: what is dropped waits: %+v", b.what, e.Confirmation)
		}
	}
	begun := s.begin(t, said("delete it", noon))
	c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
	yes := in(begun.Conversation, said("yes", noon)) // in words, which name nothing
	yes.Confirmed = true
	if e := s.begin(t, yes); e.Confirmation == nil || e.Confirmation.ID != c.ID || e.Confirmation.State != chat.Taken {
		t.Errorf("a yes in words: %+v", e.Confirmation)
	}
}

func TestAYesWhosePodDiedIsCarriedOutUnderTheSameKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("delete it", noon))
	c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
	yes := func(at time.Time) chat.Beginning {
		return keyed("yes", in(begun.Conversation, about(c.ID, true, said("yes", at))))
	}
	first := s.begin(t, yes(noon))
	second := s.begin(t, yes(noon.Add(time.Hour)))
	if second.Turn != first.Turn || second.Confirmation == nil || second.Confirmation.State != chat.Taken || len(second.History) != 2 {
		t.Errorf("%+v", second)
	}
	e := answering(second, "Deleted.", noon)
	e.Settled = c.ID
	s.end(t, e)
	if third := s.begin(t, yes(noon)); third.Answered == nil || third.Answered.ID != e.Message.ID {
		t.Errorf("%+v", third)
	}
}

func TestOfAnOwnersConversationsTheLatestTwoHundredAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, `
		insert into conversations (owner_id, id, title, created_at, updated_at)
		select o, gen_random_uuid(), n::text, $1::timestamptz + n * interval '1 second', $1::timestamptz + n * interval '1 second'
		from generate_series(1, 200) n, unnest(array['alice', 'bob']) o`, noon)
	s.begin(t, said("201", noon.Add(time.Hour)))
	s.begin(t, said("202", noon.Add(2*time.Hour)))
	var titles []string
	for after := (chat.Position{}); ; {
		page, err := s.store.Conversations(t.Context(), "alice", after, 70)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			titles = append(titles, c.Title)
		}
		after = chat.Position{UpdatedAt: page[len(page)-1].UpdatedAt, ID: page[len(page)-1].ID}
	}
	if len(titles) != 200 || titles[0] != "202" || titles[1] != "201" || titles[199] != "3" || len(slices.Compact(slices.Sorted(slices.Values(titles)))) != 200 {
		t.Errorf("there are %d: %v", len(titles), titles)
	}
	if n := ask[int](t, s, `select count(*)::int from conversations where owner_id = 'bob'`); n != 200 {
		t.Errorf("another's are %d", n)
	}
}

func TestAConversationIsFullBeforeAnAnswerWouldNotFit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("hello", noon))
	s.end(t, answering(begun, "Hello.", noon))
	s.exec(t, `update conversations set messages = $1`, chat.MaxMessages-2)
	next := s.begin(t, in(begun.Conversation, said("one more", noon)))
	s.end(t, answering(next, "The last.", noon))
	if _, err := s.store.Begin(t.Context(), in(begun.Conversation, said("and another", noon))); !errors.Is(err, chat.ErrFull) {
		t.Error(err)
	}
	if n := ask[int](t, s, `select messages from conversations`); n != chat.MaxMessages {
		t.Errorf("it has %d messages", n)
	}
}

func TestARequestThatComesAgainAnswersNoLaterQuestion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	yes := func(conversation task.ID) chat.Beginning {
		b := keyed("k", in(conversation, said("yes", noon)))
		b.Confirmed = true
		return b
	}
	begun := s.begin(t, said("hello", noon))
	s.end(t, answering(begun, "Hello.", noon))
	first := s.begin(t, yes(begun.Conversation))
	if err := s.store.Abandon(t.Context(), first.Turn); err != nil {
		t.Fatal(err)
	}
	later := s.begin(t, in(begun.Conversation, said("delete it", noon)))
	c := s.end(t, asking(answering(later, "Really?", noon))).Message.Confirmation
	again := s.begin(t, yes(begun.Conversation))
	if again.Turn != first.Turn || again.Confirmation != nil {
		t.Errorf("it answers %+v", again.Confirmation)
	}
	if state := ask[string](t, s, `select state from confirmations`); state != string(chat.Waiting) {
		t.Errorf("%s is %s", c.ID, state)
	}
}

func TestADeclineThatComesAgainIsOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("delete it", noon))
	c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
	no := func() chat.Beginning {
		return keyed("no", in(begun.Conversation, about(c.ID, false, said("no", noon))))
	}
	first := s.begin(t, no())
	if err := s.store.Abandon(t.Context(), first.Turn); err != nil {
		t.Fatal(err)
	}
	if again := s.begin(t, no()); again.Turn != first.Turn || again.Confirmation == nil || again.Confirmation.State != chat.Dropped {
		t.Errorf("%+v", again)
	}
}

func TestANoAfterAYesWhosePodDiedDoesNotSayThatNothingWasDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("delete it", noon))
	c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
	s.begin(t, in(begun.Conversation, about(c.ID, true, said("yes", noon))))
	no := s.begin(t, in(begun.Conversation, said("no", noon.Add(time.Hour))))
	if no.Confirmation == nil || no.Confirmation.State != chat.Taken {
		t.Errorf("%+v", no.Confirmation)
	}
	if state := ask[string](t, s, `select state from confirmations`); state != string(chat.Dropped) {
		t.Error(state)
	}
}

func TestHoweverManyBeginAtOnceNoMoreConversationsAreKept(t *testing.T) {
	t.Parallel()
	for _, reader := range []bool{true, false} {
		s := newSite(t)
		most := chat.MaxConversations
		if reader {
			most = chat.MaxReaders
		}
		s.exec(t, `
			insert into conversations (owner_id, id, title, created_at, updated_at, reader)
			select 'alice', gen_random_uuid(), n::text, $1::timestamptz + n * interval '1 ms', $1::timestamptz + n * interval '1 ms', $2
			from generate_series(1, $3) n`, noon.Add(-time.Hour), reader, most-5)
		var beginning sync.WaitGroup
		var begun, crowded atomic.Int64
		for range most + 20 {
			beginning.Go(func() {
				b := said("hello", noon)
				b.Reader = reader
				switch _, err := s.store.Begin(t.Context(), b); {
				case err == nil:
					begun.Add(1)
				case errors.Is(err, chat.ErrCrowded):
					crowded.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		beginning.Wait()
		if kept := ask[int](t, s, `select count(*)::int from conversations where turn is not null`); kept != most || begun.Load() != int64(most) || crowded.Load() != 20 {
			t.Errorf("reading %v: %d are kept of %d that were begun, %d were refused", reader, kept, begun.Load(), crowded.Load())
		}
		again := said("hello", noon.Add(time.Hour)) // what was begun then was never answered
		again.Reader = reader
		s.begin(t, again)
		if kept := ask[int](t, s, `select count(*)::int from conversations`); kept != most {
			t.Errorf("reading %v: %d are kept", reader, kept)
		}
	}
}

func TestAConversationHasABoundOfItsSize(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("hello", noon))
	e := answering(begun, "Hello.", noon)
	e.Message.Calls = []chat.Call{{Name: "x", Arguments: []byte("{}"), Result: []byte(`"` + strings.Repeat("long ", chat.MaxSize/5) + `"`)}}
	s.end(t, e)
	if _, err := s.store.Begin(t.Context(), in(begun.Conversation, said("and now?", noon))); !errors.Is(err, chat.ErrFull) {
		t.Error(err)
	}
	other := s.begin(t, said("hello", noon))
	e = answering(other, strings.Repeat("x", chat.MaxSize/2), noon)
	e.Message.Own = new(len(e.Message.Text))
	s.end(t, e)
	more := s.begin(t, in(other.Conversation, said("and now?", noon)))
	s.end(t, answering(more, strings.Repeat("x", chat.MaxSize/2), noon))
	if _, err := s.store.Begin(t.Context(), in(other.Conversation, said("and now?", noon))); !errors.Is(err, chat.ErrFull) {
		t.Error("what is answered has no size:", err)
	}
}

func TestWhatIsBeingAnsweredIsNotForgotten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	open := s.begin(t, said("hello", noon))
	s.exec(t, `
		insert into conversations (owner_id, id, title, created_at, updated_at)
		select 'alice', gen_random_uuid(), n::text, $1::timestamptz + n * interval '1 ms', $1::timestamptz + n * interval '1 ms'
		from generate_series(1, 210) n`, noon)
	s.begin(t, said("another", noon.Add(time.Second)))
	if err := s.store.DeleteConversation(t.Context(), "alice", open.Conversation, noon.Add(59*time.Second)); !errors.Is(err, chat.ErrTurnOpen) {
		t.Error(err)
	}
	s.end(t, answering(open, "Hello.", noon.Add(59*time.Second)))
	dies := s.begin(t, said("its pod dies", noon))
	if err := s.store.DeleteConversation(t.Context(), "alice", dies.Conversation, noon.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if err := s.store.End(t.Context(), answering(dies, "Late.", noon)); !errors.Is(err, chat.ErrOvertaken) {
		t.Error(err)
	}
}

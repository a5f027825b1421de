package postgres_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// said is something that alice says at a moment, in a conversation of its own.
func said(text string, at time.Time) chat.Beginning {
	return chat.Beginning{
		Owner: "alice", NewConversation: freshID(), Title: text, Until: at.Add(time.Minute),
		Message: chat.Message{ID: freshID(), Role: chat.User, Text: text, CreatedAt: at},
	}
}

// in has it said in a conversation that there is.
func in(conversation task.ID, b chat.Beginning) chat.Beginning {
	b.Conversation, b.NewConversation = conversation, task.ID{}
	return b
}

// keyed has a request with a key say it.
func keyed(key string, b chat.Beginning) chat.Beginning {
	b.Key, b.Digest = key, [32]byte{byte(len(b.Message.Text))}
	return b
}

// about has it be a yes or a no to a confirmation.
func about(confirmation task.ID, yes bool, b chat.Beginning) chat.Beginning {
	b.Confirmation, b.Confirmed = confirmation, yes
	return b
}

// answering is an answer to a turn.
func answering(b chat.Begun, text string, at time.Time) chat.Ending {
	return chat.Ending{Turn: b.Turn, Message: chat.Message{ID: freshID(), Role: chat.Assistant, Text: text, CreatedAt: at, By: chat.ByRules}}
}

func asking(e chat.Ending) chat.Ending {
	e.Message.Confirmation = &chat.Confirmation{ID: freshID(), Name: "delete_task", Arguments: []byte(`{"task_id": "x"}`), Question: "Really?", State: chat.Waiting}
	return e
}

func (s *site) begin(t testing.TB, b chat.Beginning) chat.Begun {
	t.Helper()
	begun, err := s.store.Begin(t.Context(), b)
	if err != nil {
		t.Fatalf("%s: %v", b.Message.Text, err)
	}
	return begun
}

func (s *site) end(t testing.TB, e chat.Ending) chat.Ending {
	t.Helper()
	if err := s.store.End(t.Context(), e); err != nil {
		t.Fatalf("%s: %v", e.Message.Text, err)
	}
	return e
}

// talk has an owner say all there is to say.
func (s *site) talk(t testing.TB, owner string) {
	t.Helper()
	first := keyed("key", said("delete it", noon))
	first.Owner = owner
	first.Key = "key " + first.Message.ID.String()
	begun := s.begin(t, first)
	asked := s.end(t, asking(answering(begun, "Really?", noon)))
	yes := in(begun.Conversation, about(asked.Message.Confirmation.ID, true, said("yes", noon)))
	yes.Owner = owner
	if question, err := s.store.Question(t.Context(), owner, begun.Conversation, asked.Message.Confirmation.ID); question != "Really?" || err != nil {
		t.Fatal(question, err)
	}
	begun = s.begin(t, yes)
	if err := s.store.Abandon(t.Context(), begun.Turn); err != nil {
		t.Fatal(err)
	}
	yes.Message.ID = freshID()
	done := answering(s.begin(t, yes), "Done.", noon)
	done.Settled = asked.Message.Confirmation.ID
	s.end(t, done)
	yes.Message.ID = freshID()
	if begun = s.begin(t, yes); begun.Answered == nil {
		t.Fatal("a second yes is not answered")
	}
	if begun = s.begin(t, first); begun.Answered == nil {
		t.Fatal("a request that comes again is not answered")
	}
	if _, err := s.store.Reserve(t.Context(), owner, noon, chat.Reservation{Least: 1, Most: 7, Limit: 9}); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Spend(t.Context(), owner, noon, -2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Conversations(t.Context(), owner, chat.Position{}, 10); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Conversation(t.Context(), owner, begun.Conversation); err != nil {
		t.Fatal(err)
	}
	if err := s.store.RenameConversation(t.Context(), owner, begun.Conversation, "as it is called now"); err != nil {
		t.Fatal(err)
	}
	gone := said("forget this", noon)
	gone.Owner = owner
	begun = s.begin(t, gone)
	if err := s.store.Abandon(t.Context(), begun.Turn); err != nil {
		t.Fatal(err)
	}
	if err := s.store.DeleteConversation(t.Context(), owner, begun.Conversation, noon); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsSaidAndAnsweredIsKeptInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hello := said("hello", noon)
	begun := s.begin(t, hello)
	if want := (chat.Begun{Turn: chat.Turn{Owner: "alice", Conversation: hello.NewConversation, Message: hello.Message.ID}}); !cmp.Equal(want, begun, cmpopts.EquateEmpty()) {
		t.Error(cmp.Diff(want, begun))
	}
	e := asking(answering(begun, "Hello.", noon.Add(time.Second)))
	e.Message.Text, e.Message.Own = "Hello.\n\nReally?", new(len("Hello."))
	e.Message.By, e.Message.Usage = chat.ByModel, chat.Usage{Turns: 2, InputTokens: 300, OutputTokens: 40}
	e.Message.Calls = []chat.Call{{Name: "add_task", Arguments: []byte(`{"title":"\ud800","n":1e999999,"z":"\u0000"}`), Result: []byte(`{"error":"<no>"}`), Refused: true}}
	s.end(t, e)
	next := in(begun.Conversation, said("and now?", noon.Add(time.Minute)))
	later := s.begin(t, next)
	e.Message.Confirmation.State = chat.Dropped
	want := []chat.Message{hello.Message, e.Message}
	if diff := cmp.Diff(want, later.History); diff != "" {
		t.Error("before that was (-said +kept):", diff)
	}
	if c := later.Confirmation; c == nil || c.ID != e.Message.Confirmation.ID || c.State != chat.Dropped {
		t.Errorf("something else was said, and what waited is %v", c)
	}
	whole, err := s.store.Conversation(t.Context(), "alice", begun.Conversation)
	if err != nil || len(whole.Messages) != 3 || whole.Title != "hello" || !whole.CreatedAt.Equal(noon) || !whole.UpdatedAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v, %v", whole, err)
	}
	for _, owner := range []string{"bob", ""} {
		if _, err := s.store.Conversation(t.Context(), owner, begun.Conversation); !errors.Is(err, chat.ErrNoConversation) {
			t.Errorf("%q reads it: %v", owner, err)
		}
		if err := s.store.DeleteConversation(t.Context(), owner, begun.Conversation, noon); !errors.Is(err, chat.ErrNoConversation) {
			t.Errorf("%q deletes it: %v", owner, err)
		}
		if err := s.store.RenameConversation(t.Context(), owner, begun.Conversation, "mine"); !errors.Is(err, chat.ErrNoConversation) {
			t.Errorf("%q renames it: %v", owner, err)
		}
		if question, err := s.store.Question(t.Context(), owner, begun.Conversation, e.Message.Confirmation.ID); question != "" || err != nil {
			t.Errorf("%q reads what is asked: %s, %v", owner, question, err)
		}
		strange := in(begun.Conversation, said("me, too", noon))
		strange.Owner = owner
		if _, err := s.store.Begin(t.Context(), strange); !errors.Is(err, chat.ErrNoConversation) {
			t.Errorf("%q goes on with it: %v", owner, err)
		}
	}
}

func TestTokensAreCountedByTheDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	left := func(owner string, at time.Time) int64 { // and nothing of it is taken
		t.Helper()
		const limit = 1_000_000
		tokens, err := s.store.Reserve(t.Context(), owner, at, chat.Reservation{Most: limit, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.store.Spend(t.Context(), owner, at, -tokens); err != nil {
			t.Fatal(err)
		}
		return limit - tokens
	}
	for i, one := range []struct {
		at           time.Time
		tokens, want int64
	}{{noon, 0, 0}, {noon, 100, 100}, {noon.Add(time.Hour), 20, 120}, {noon.In(time.FixedZone("", 14*3600)), 0, 120}, {noon.Add(12 * time.Hour), 5, 5}, {noon, 1, 121}, {noon, -200, 0}} {
		if err := s.store.Spend(t.Context(), "alice", one.at, one.tokens); err != nil {
			t.Fatal(err)
		}
		if got := left("alice", one.at); got != one.want {
			t.Errorf("%d: %d", i, got)
		}
	}
	if got := left("bob", noon); got != 0 {
		t.Errorf("another: %d", got)
	}
	left("alice", noon.Add(2*day))
	same(t, "what is kept", asks(t, s, `select owner_id || ' ' || day - $1::date from chat_tokens order by 1`, noon.Format(time.DateOnly)), "alice 1", "alice 2", "bob 0")
}

func TestTokensAreReservedWithinTheDaysLimitHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var all atomic.Int64
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			tokens, err := s.store.Reserve(t.Context(), "alice", noon, chat.Reservation{Least: 30, Most: 100, Limit: 440})
			if err != nil || tokens != 0 && tokens != 40 && tokens != 100 {
				t.Errorf("%d, %v", tokens, err)
			}
			all.Add(tokens)
		})
	}
	asking.Wait()
	if all.Load() != 440 || ask[int64](t, s, `select tokens from chat_tokens`) != 440 {
		t.Errorf("%d are reserved of 440", all.Load())
	}
	if tokens, err := s.store.Reserve(t.Context(), "alice", noon, chat.Reservation{Least: 1, Most: 100, Limit: 440}); tokens != 0 || err != nil {
		t.Errorf("and then %d, %v", tokens, err)
	}
}

func TestReadersConversationsAreApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	reading := func(b chat.Beginning) chat.Beginning {
		b.Reader = true
		return b
	}
	begun := s.begin(t, said("delete it", noon))
	c := s.end(t, asking(answering(begun, "Really?", noon))).Message.Confirmation
	theirs := s.begin(t, reading(said("what is there?", noon)))
	s.end(t, answering(theirs, "Nothing.", noon))
	for what, b := range map[string]chat.Beginning{
		"something else":  reading(in(begun.Conversation, said("hello", noon))),
		"a no":            reading(in(begun.Conversation, about(c.ID, false, said("no", noon)))),
		"by a writer":     in(theirs.Conversation, said("and now?", noon)),
		"its key, by one": reading(keyed("k", in(begun.Conversation, said("hello", noon)))),
	} {
		if _, err := s.store.Begin(t.Context(), b); !errors.Is(err, chat.ErrApart) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range chat.MaxReaders + 5 {
		s.end(t, answering(s.begin(t, reading(said("again", noon.Add(time.Duration(i+1)*time.Second)))), "Yes.", noon))
	}
	if readers, others := ask[int](t, s, `select count(*)::int from conversations where reader`), ask[int](t, s, `select count(*)::int from conversations where not reader`); readers != chat.MaxReaders || others != 1 {
		t.Errorf("%d and %d are kept", readers, others)
	}
	if no := s.begin(t, in(begun.Conversation, said("no", noon))); no.Confirmation == nil || len(no.History) != 2 {
		t.Errorf("what waits is %+v", no)
	}
}

func TestWhileStorageIsAwayNothingIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun := s.begin(t, said("hello", noon))
	s.pool.Close()
	for what, err := range map[string]error{
		"begin":   func() error { _, err := s.store.Begin(t.Context(), said("x", noon)); return err }(),
		"end":     s.store.End(t.Context(), answering(begun, "x", noon)),
		"abandon": s.store.Abandon(t.Context(), begun.Turn),
		"reserve": func() error {
			_, err := s.store.Reserve(t.Context(), "alice", noon, chat.Reservation{})
			return err
		}(),
		"question": func() error {
			_, err := s.store.Question(t.Context(), "alice", begun.Conversation, freshID())
			return err
		}(),
		"spend":  s.store.Spend(t.Context(), "alice", noon, 1),
		"list":   func() error { _, err := s.store.Conversations(t.Context(), "alice", chat.Position{}, 1); return err }(),
		"get":    func() error { _, err := s.store.Conversation(t.Context(), "alice", begun.Conversation); return err }(),
		"delete": s.store.DeleteConversation(t.Context(), "alice", begun.Conversation, noon),
	} {
		if !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

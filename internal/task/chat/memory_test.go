package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
)

var now = time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC) // a Wednesday

// memory is a chat.Store of one owner, and fails where it is told to.
type memory struct {
	conversations map[task.ID]*kept
	spent         int64
	fails         map[string]error // by method
	abandoned     int
	reserved      []chat.Reservation
}

type kept struct {
	chat.Conversation
	open task.ID
}

func (m *memory) Begin(_ context.Context, b chat.Beginning) (chat.Begun, error) {
	if err := m.fails["Begin"]; err != nil {
		return chat.Begun{}, err
	}
	c := m.conversations[b.Conversation]
	switch {
	case b.Conversation.IsZero():
		c = &kept{Conversation: chat.Conversation{ID: b.NewConversation, Title: b.Title}}
		m.conversations[c.ID] = c
	case c == nil:
		return chat.Begun{}, chat.ErrNoConversation
	case !c.open.IsZero():
		return chat.Begun{}, chat.ErrTurnOpen
	}
	begun := chat.Begun{Turn: chat.Turn{Owner: b.Owner, Conversation: c.ID, Message: b.Message.ID}}
	for i := range c.Messages {
		w := c.Messages[i].Confirmation
		if w == nil || !b.Confirmation.IsZero() && w.ID != b.Confirmation || b.Confirmation.IsZero() && w.State != chat.Waiting && w.State != chat.Taken {
			continue
		}
		if w.State == chat.Done {
			begun.Answered = &c.Messages[i+2]
			return begun, nil
		}
		settled := *w
		w.State = chat.Dropped
		if b.Confirmed {
			w.State = chat.Taken
		}
		if settled.State == chat.Waiting {
			settled.State = w.State
		}
		begun.Confirmation = &settled
	}
	if b.Unanswered.IsZero() {
		c.Messages = append(c.Messages, b.Message)
	} else {
		begun.Message = b.Unanswered
	}
	begun.History = slices.Clone(c.Messages[:len(c.Messages)-1])
	c.open = begun.Message
	return begun, nil
}

func (m *memory) Question(_ context.Context, _ string, conversation, confirmation task.ID) (string, error) {
	if c := m.conversations[conversation]; c != nil {
		for _, said := range c.Messages {
			if w := said.Confirmation; w != nil && w.ID == confirmation {
				return w.Question, nil
			}
		}
	}
	return "", m.fails["Question"]
}

func (m *memory) Reserve(_ context.Context, _ string, _ time.Time, r chat.Reservation) (int64, error) {
	m.reserved = append(m.reserved, r)
	tokens := min(r.Most, r.Limit-m.spent)
	if tokens < r.Least {
		tokens = 0
	}
	m.spent += tokens
	return tokens, m.fails["Reserve"]
}

func (m *memory) Spend(_ context.Context, _ string, _ time.Time, tokens int64) error {
	m.spent += tokens
	return m.fails["Spend"]
}

func (m *memory) End(_ context.Context, e chat.Ending) error {
	if err := m.fails["End"]; err != nil {
		return err
	}
	c := m.conversations[e.Conversation]
	for _, old := range c.Messages {
		if w := old.Confirmation; w != nil && w.ID == e.Settled {
			w.State = chat.Done
		}
	}
	c.Messages = append(c.Messages, e.Message)
	c.open = task.ID{}
	return nil
}

func (m *memory) Abandon(_ context.Context, t chat.Turn) error {
	m.abandoned++
	m.conversations[t.Conversation].open = task.ID{}
	return nil
}

func (m *memory) Conversations(context.Context, string, chat.Position, int) ([]chat.Conversation, error) {
	var all []chat.Conversation
	for _, c := range m.conversations {
		all = append(all, chat.Conversation{ID: c.ID, Title: c.Title})
	}
	return all, nil
}

func (m *memory) Conversation(_ context.Context, _ string, id task.ID) (chat.Conversation, error) {
	if c := m.conversations[id]; c != nil {
		return c.Conversation, nil
	}
	return chat.Conversation{}, chat.ErrNoConversation
}

func (m *memory) DeleteConversation(_ context.Context, _ string, id task.ID, _ time.Time) error {
	delete(m.conversations, id)
	return nil
}

// list is the tasks of an owner, with as much of a service as the tests need.
type list struct {
	tasks  []assist.Task
	steps  []assist.Step
	before [][]assist.Task // each step, the oldest first
	keys   []string
	fails  error
	blind  error  // of Get alone
	wrote  func() // after each write
	more   bool   // lists go on
	next   bool   // what is completed comes again
}

func (l *list) with(titles ...string) *list {
	for _, title := range titles {
		l.tasks = append(l.tasks, assist.Task{Task: task.Task{
			ID: task.ID{byte(len(l.tasks) + 1), 0xff}, Version: 1, Title: title, Priority: task.Medium, Category: "other",
			Due: task.Due{AllDay: true, At: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)},
		}})
	}
	return l
}

// titles are the open tasks, those that are done with a mark.
func (l *list) titles() string {
	var all []string
	for _, t := range l.tasks {
		title := t.Title
		if t.Completed() {
			title += " ✓"
		}
		all = append(all, title)
	}
	return strings.Join(all, ", ")
}

func (l *list) write(action string, at time.Time) {
	l.before = append(l.before, slices.Clone(l.tasks))
	l.steps = slices.Insert(l.steps, 0, assist.Step{Operation: int64(len(l.steps) + 1), At: at, Action: task.Action(action)})
	if l.wrote != nil {
		defer l.wrote()
	}
}

func (l *list) List(_ context.Context, params url.Values) (assist.Page, error) {
	var p assist.Page
	for _, t := range l.tasks {
		words := strings.Fields(strings.ToLower(t.Title))
		has := func(w string) bool {
			return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, w) })
		}
		missing := slices.ContainsFunc(strings.Fields(params.Get("q")), func(w string) bool { return !has(w) })
		if status := params.Get("status"); missing || status == "pending" && t.Completed() || status == "completed" && !t.Completed() || params.Get("due") == "overdue" {
			continue
		}
		p.Tasks = append(p.Tasks, t)
	}
	if l.more {
		p.Next = "more"
	}
	return p, l.fails
}

func (l *list) find(id task.ID) *assist.Task {
	i := slices.IndexFunc(l.tasks, func(t assist.Task) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &l.tasks[i]
}

var errGone = &assist.Refusal{Kind: assist.NotFound, Detail: "there is no such task"}

var errNoAnswer = &assist.Refusal{Kind: assist.Uncertain, Detail: "the task service did not answer"}

func (l *list) Get(ctx context.Context, id task.ID) (assist.Task, error) {
	switch {
	case ctx.Err() != nil:
		return assist.Task{}, fmt.Errorf("%w: %w", errNoAnswer, ctx.Err())
	case l.blind != nil:
		return assist.Task{}, l.blind
	}
	if t := l.find(id); t != nil {
		return *t, l.fails
	}
	return assist.Task{}, errGone
}

func (l *list) Numbers(context.Context) (json.RawMessage, error) {
	return json.RawMessage(fmt.Sprintf(`{"total":%d,"active":%d,"pending":%[2]d,"completed":0,"archived":3,"overdue":0}`, len(l.tasks)+3, len(l.tasks))), l.fails
}

func (l *list) Trends(context.Context) (json.RawMessage, error) {
	return json.RawMessage("{}"), l.fails
}

func (l *list) Steps(context.Context) ([]assist.Step, error) { return l.steps, l.fails }

func (l *list) View(context.Context) (task.View, error) {
	return task.View{Now: now, Zone: time.FixedZone("PKT", 5*3600)}, l.fails
}

func (l *list) Create(_ context.Context, p task.Patch) (assist.Task, error) {
	if l.fails != nil {
		return assist.Task{}, l.fails
	}
	at := now.Add(time.Duration(len(l.steps)) * time.Second)
	l.write("created", at)
	l.with(p.Title.Value)
	t := &l.tasks[len(l.tasks)-1]
	t.Due, t.UpdatedAt = p.Due.Value, at
	return *t, nil
}

func (l *list) Update(_ context.Context, id task.ID, p task.Patch) (assist.Task, error) {
	return l.change(id, "updated", func(t *assist.Task) {
		if p.Title.Set {
			t.Title = p.Title.Value
		}
	})
}

func (l *list) change(id task.ID, action string, with func(*assist.Task)) (assist.Task, error) {
	t := l.find(id)
	if t == nil || l.fails != nil {
		return assist.Task{}, errors.Join(l.fails, errGone)
	}
	at := now.Add(time.Duration(len(l.steps)) * time.Second)
	l.write(action, at)
	with(t)
	t.UpdatedAt, t.Version = at, t.Version+1
	return *t, nil
}

func (l *list) Complete(_ context.Context, id task.ID, _ bool) (assist.Task, error) {
	t, err := l.change(id, "completed", func(t *assist.Task) { t.CompletedAt = now })
	if l.next {
		t.Next = &assist.Task{Task: task.Task{ID: task.ID{9}, Title: t.Title, Due: task.Due{AllDay: true, At: now.Truncate(24*time.Hour).AddDate(0, 0, 1)}}}
	}
	return t, err
}

func (l *list) Delete(_ context.Context, id task.ID, _ bool) error {
	if l.fails != nil {
		return l.fails
	}
	l.write("deleted", now)
	l.tasks = slices.DeleteFunc(slices.Clone(l.tasks), func(t assist.Task) bool { return t.ID == id })
	return nil
}

func (l *list) Bulk(ctx context.Context, b assist.Bulk) ([]task.Outcome, error) {
	ids := b.IDs
	if len(b.Filter) == 1 && b.Filter.Get("status") == "all" {
		return nil, &assist.Refusal{Kind: assist.Invalid, Detail: "no", Faults: task.Faults{{Pointer: "/filter", Detail: "must have a condition that not every task meets"}}}
	}
	if b.Filter != nil {
		page, _ := l.List(ctx, b.Filter)
		for _, t := range page.Tasks {
			ids = append(ids, t.ID)
		}
	}
	if !b.DryRun {
		l.write("bulk", now)
	}
	outcomes := make([]task.Outcome, len(ids))
	for i, id := range ids {
		outcomes[i] = task.Outcome{ID: id, Result: task.WasDone}
		switch {
		case l.find(id) == nil:
			outcomes[i].Result, outcomes[i].Detail = task.WasRefused, "there is no such task"
		case strings.HasPrefix(l.find(id).Title, "Fixed"):
			outcomes[i].Result, outcomes[i].Detail = task.WasRefused, "it is fixed"
		case b.DryRun:
		case b.Action == task.BulkDelete:
			l.tasks = slices.DeleteFunc(slices.Clone(l.tasks), func(t assist.Task) bool { return t.ID == id })
		case b.Action == task.BulkComplete:
			l.find(id).CompletedAt = now
		}
	}
	return outcomes, l.fails
}

func (l *list) Undo(_ context.Context, operation int64) (assist.Step, error) {
	if operation == 0 {
		operation = int64(len(l.before))
	}
	if operation < 1 || operation > int64(len(l.before)) || l.fails != nil {
		return assist.Step{}, errors.Join(l.fails, errGone)
	}
	l.tasks = l.before[operation-1]
	for i := range l.steps {
		if l.steps[i].Operation == operation {
			l.steps[i].UndoneBy = operation + 100
		}
	}
	return assist.Step{Operation: operation + 100, Action: "undone", Tasks: 1, Titles: []string{"x"}}, nil
}

// reply is what a scripted model says, and does.
type reply struct {
	text  []string
	asked []chat.Asked
	cut   bool
	err   error
	does  func()
	usage int64
}

// script is a model that says what is written down. It notes what it is asked.
type script struct {
	replies []reply
	asked   []chat.Dialogue
}

func (s *script) Reply(ctx context.Context, d chat.Dialogue, tell func(string)) (chat.Reply, error) {
	s.asked = append(s.asked, d)
	d.Lines = slices.Clone(d.Lines)
	if len(s.replies) == 0 {
		return chat.Reply{}, errors.New("the script is at its end")
	}
	r := s.replies[0]
	s.replies = s.replies[1:]
	for _, text := range r.text {
		tell(text)
	}
	if r.does != nil {
		r.does()
	}
	err := r.err
	if err == nil {
		err = ctx.Err()
	}
	return chat.Reply{Asked: r.asked, Cut: r.cut, Usage: chat.Usage{InputTokens: 10, OutputTokens: r.usage}}, err
}

func says(text ...string) reply { return reply{text: text} }

func calls(name, arguments string) reply {
	return reply{asked: []chat.Asked{{ID: "1", Name: name, Arguments: arguments}}}
}

// talk is a conversation of a test.
type talk struct {
	t       testing.TB
	service *chat.Service
	store   *memory
	list    *list
	id      task.ID
	last    chat.Answer
	deltas  string
	events  []chat.Event
	reader  bool
	failed  func(error)
}

func begin(t testing.TB, l *list, model chat.Model) *talk {
	t.Helper()
	store := &memory{conversations: map[task.ID]*kept{}, fails: map[string]error{}}
	ids := 0
	return &talk{t: t, store: store, list: l, service: &chat.Service{
		Store: store, Model: model, Now: func() time.Time { return now },
		NewID: func() task.ID {
			ids++
			return task.ID{0: 0xc0, 14: byte(ids >> 8), 15: byte(ids)}
		},
	}}
}

// try says something and returns the error.
func (c *talk) try(said chat.Saying) error {
	return c.tryIn(c.t.Context(), said)
}

func (c *talk) tryIn(ctx context.Context, said chat.Saying) (err error) {
	said.Owner, said.Conversation, said.ReadOnly, said.Failed = "owner", c.id, c.reader, c.failed
	said.Tasks = func(key string) assist.Tasks {
		c.list.keys = append(c.list.keys, key)
		return c.list
	}
	c.deltas, c.events = "", nil
	c.last, err = c.service.Answer(ctx, said, func(e chat.Event) {
		c.events = append(c.events, e)
		c.deltas += e.Delta
	})
	if !c.last.Conversation.IsZero() {
		c.id = c.last.Conversation
	}
	return err
}

// say says something and returns the answer's text.
func (c *talk) say(text string) string {
	c.t.Helper()
	return c.does(chat.Saying{Text: &text})
}

func (c *talk) does(said chat.Saying) string {
	c.t.Helper()
	if err := c.try(said); err != nil {
		c.t.Fatal(err)
	}
	if len(c.events) > 1 && c.deltas != c.last.Message.Text {
		c.t.Errorf("%q is told, %q answered", c.deltas, c.last.Message.Text)
	}
	return c.last.Message.Text
}

// asks returns what the last answer asks a yes for.
func (c *talk) asks() chat.Confirmation {
	c.t.Helper()
	if c.last.Message.Confirmation == nil {
		c.t.Fatalf("it asks nothing: %q", c.last.Message.Text)
	}
	return *c.last.Message.Confirmation
}

// used are the names of the tools that the last answer used.
func (c *talk) used() string {
	var names []string
	for _, call := range c.last.Message.Calls {
		name := call.Name
		if call.Refused {
			name += " refused"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (c *talk) has(want string) {
	c.t.Helper()
	if got := c.list.titles(); got != want {
		c.t.Errorf("the tasks are %s, not %s", got, want)
	}
}

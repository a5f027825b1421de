package httpapi

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

const (
	chatPath          = "/api/v1/chat"
	conversationsPath = chatPath + "/conversations"
	conversationPath  = conversationsPath + "/{id}"
	chatKitPath       = "/chatkit"
)

// chatTime is how long answering what is said may take, with what comes before
// and after the time that settings give it.
const chatTime = 150 * time.Second

// Talk is what those need who chat; chat.Service has it.
type Talk interface {
	Answer(ctx context.Context, said chat.Saying, tell func(chat.Event)) (chat.Answer, error)
	List(ctx context.Context, owner string, after chat.Position, most int) ([]chat.Conversation, error)
	Get(ctx context.Context, owner string, id task.ID) (chat.Conversation, error)
	Delete(ctx context.Context, owner string, id task.ID) error
}

// Chat returns the endpoints of the chat function. Answering asks other
// endpoints, as a message of an assistant's does.
func (a *API) Chat() []Endpoint {
	return []Endpoint{
		{Method: http.MethodPost, Path: chatPath, handle: say, limit: chatTime, waits: true, relays: true},
		{Method: http.MethodGet, Path: conversationsPath, handle: listConversations},
		{Method: http.MethodGet, Path: conversationPath, handle: getConversation},
		{Method: http.MethodDelete, Path: conversationPath, handle: deleteConversation},
		{Method: http.MethodPost, Path: chatKitPath, handle: answerChatKit, limit: chatTime, waits: true, relays: true},
	}
}

// Spoken is what came of what somebody said.
type Spoken struct {
	Conversation task.ID            `json:"conversation_id"`
	Message      task.ID            `json:"message_id"`
	Response     string             `json:"response"`
	Calls        []chat.Call        `json:"tool_calls"`
	Confirmation *Confirmation      `json:"confirmation"` // what it asks a yes for
	By           chat.Understanding `json:"understood_by"`
	Usage        chat.Usage         `json:"usage"`
}

// Confirmation is a call that waits for a yes, or what became of one.
type Confirmation struct {
	ID        task.ID         `json:"id"`
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
	Question  string          `json:"question"`
	State     chat.State      `json:"state"`
}

// Conversation is one as its owner sees it.
type Conversation struct {
	ID        task.ID   `json:"id"`
	Title     string    `json:"title"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Messages  []Message `json:"messages,omitempty"` // not in lists
}

// Message is one thing that was said in a conversation.
type Message struct {
	ID           task.ID       `json:"id"`
	Role         chat.Role     `json:"role"`
	Text         string        `json:"text"`
	CreatedAt    time.Time     `json:"created_at"`
	Calls        []chat.Call   `json:"tool_calls"`
	Confirmation *Confirmation `json:"confirmation"`

	By chat.Understanding `json:"understood_by,omitempty"` // of answers
}

// Conversations is a page of a list of conversations.
type Conversations struct {
	Conversations []Conversation `json:"conversations"`
	Next          *string        `json:"next_cursor"` // of the page after it, null on the last
}

func spoken(a chat.Answer) Spoken {
	m := a.Message
	return Spoken{
		Conversation: a.Conversation, Message: m.ID, Response: m.Text, Calls: shownCalls(m.Calls), Confirmation: shownConfirmation(m.Confirmation),
		By: m.By, Usage: m.Usage,
	}
}

// shownCalls are no null, but an empty array.
func shownCalls(calls []chat.Call) []chat.Call {
	if calls == nil {
		return []chat.Call{}
	}
	return calls
}

func shownConfirmation(c *chat.Confirmation) *Confirmation {
	if c == nil {
		return nil
	}
	return &Confirmation{ID: c.ID, Name: c.Name, Arguments: c.Arguments, Question: c.Question, State: c.State}
}

func shownConversation(c chat.Conversation) Conversation {
	shown := Conversation{ID: c.ID, Title: c.Title, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	for _, m := range c.Messages {
		shown.Messages = append(shown.Messages, Message{
			ID: m.ID, Role: m.Role, Text: m.Text, CreatedAt: m.CreatedAt, Calls: shownCalls(m.Calls), Confirmation: shownConfirmation(m.Confirmation), By: m.By,
		})
	}
	return shown
}

// say answers what somebody says, at once when it is whole, or as it comes.
func say(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	said, err := decodeSaying(r.body)
	if err = both(p.err(), err); err != nil {
		return err
	}
	if said.Key, _, err = r.idempotencyKey(); err != nil {
		return err
	}
	said.Digest = r.digest()
	r.speakFor(&said)
	// Without it the answer would have no more time than the server gives others.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(chatTime + stalled))
	if r.takes("text/event-stream") {
		return r.tell(w, said)
	}
	a, err := r.api.Talk.Answer(r.Context(), said, func(chat.Event) {})
	if err != nil {
		return inConversation(a.Conversation, err)
	}
	return r.private(w, spoken(a))
}

// speakFor says on whose behalf something is said, and where it is written down what
// went wrong. What is done of it ends with
// its own time, and not because the caller goes away.
func (r *request) speakFor(said *chat.Saying) {
	said.Owner, said.ReadOnly = r.call.Owner, r.scope != task.ScopeWrite
	said.Failed = func(why error) {
		r.api.logger(r).Warn("a message was not answered as it should be", because(why)...)
	}
	outer := r.relayed()
	said.Tasks = r.api.Behalf(outer.WithContext(context.WithoutCancel(r.Context())), r.URL.Query().Get("tz"))
}

// takes reports whether the client names a media type among those that it takes.
func (r *request) takes(media string) bool {
	for accepted := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		named, params, err := mime.ParseMediaType(accepted)
		if err != nil || named != media {
			continue
		}
		if quality, err := strconv.ParseFloat(cmp.Or(params["q"], "1"), 64); err == nil && quality > 0 {
			return true
		}
	}
	return false
}

// inConversation is an error about what was said in a conversation, which the
// client may not know of yet.
func inConversation(id task.ID, err error) error {
	if id.IsZero() {
		return err
	}
	p := *problemOf(err)
	p.Conversation = &id
	return errors.Join(&p, err)
}

// tell answers with what happens as it happens, as Server-Sent Events.
func (r *request) tell(w http.ResponseWriter, said chat.Saying) error {
	t := r.telling(w)
	stop := t.beat()
	a, err := r.api.Talk.Answer(r.Context(), said, t.event)
	stop()
	switch {
	case err != nil && t.to.begin != nil: // nothing was told
		return inConversation(a.Conversation, err)
	case err != nil:
		t.send("error", r.api.problem(r, inConversation(a.Conversation, err)))
	default:
		t.send("done", spoken(a))
	}
	return nil
}

// telling tells events to a client. One that has gone is told nothing, which is
// no reason to stop: what was begun is kept in the conversation.
type telling struct {
	mu sync.Mutex
	to *exchange
}

func (r *request) telling(w http.ResponseWriter) *telling {
	x := r.exchange(w)
	x.ending = nil // it is short: a process that ends waits for it
	x.begin = func(h http.Header) {
		h["Content-Type"] = []string{"text/event-stream"}
		h["Cache-Control"] = noStore
		h["X-Accel-Buffering"] = []string{"no"} // nginx would hold it back
	}
	return &telling{to: x}
}

// beat shows from time to time that the stream is there, once it has begun,
// until stop is called.
func (t *telling) beat() (stop func()) {
	ticker, done := time.NewTicker(beat), make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				t.mu.Lock()
				if t.to.begin == nil {
					_ = t.to.send([]byte(":\n\n"))
				}
				t.mu.Unlock()
			}
		}
	})
	return func() {
		ticker.Stop()
		close(done)
		beside.Wait()
	}
}

func (t *telling) event(e chat.Event) {
	switch {
	case e.Call != nil:
		t.send("tool_call", e.Call)
	case !e.Conversation.IsZero():
		t.send("conversation", struct {
			ID task.ID `json:"conversation_id"`
		}{e.Conversation})
	default:
		t.send("delta", struct {
			Text string `json:"text"`
		}{e.Delta})
	}
}

func (t *telling) send(event string, data any) {
	text, err := json.Marshal(data) // on one line
	if err != nil {
		text = []byte("null") // cannot happen: strings, numbers, and JSON that was read
	}
	t.write("event: " + event + "\ndata: " + string(text) + "\n\n")
}

func (t *telling) write(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.to.send([]byte(text))
}

// KitRequest is a request of ChatKit's protocol, and on whose behalf it is.
type KitRequest struct {
	Said   chat.Saying // but for the words
	Body   []byte
	Tell   func(event []byte)
	Public func(error) string // puts an error in words that are fit for the client
}

// answerChatKit answers a request of ChatKit's protocol.
func answerChatKit(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := both(p.err(), r.readBody(jsonType)); err != nil {
		return err
	}
	var said chat.Saying
	var err error
	if said.Key, _, err = r.idempotencyKey(); err != nil {
		return err
	}
	said.Digest = r.digest()
	r.speakFor(&said)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(chatTime + stalled))
	t := r.telling(w)
	stop := t.beat()
	answer, err := r.api.ChatKit(r.Context(), KitRequest{
		Said: said, Body: r.body,
		Tell:   func(event []byte) { t.write("data: " + string(event) + "\n\n") },
		Public: func(err error) string { return r.api.problem(r, err).Detail },
	})
	stop()
	if err != nil || answer == nil {
		return err
	}
	w.Header()["Cache-Control"] = noStore
	write(w, http.StatusOK, jsonType, answer)
	return nil
}

// decodeSaying reads what is said. What has to be there besides, the service
// knows.
func decodeSaying(body []byte) (s chat.Saying, err error) {
	d := newDecoder(body, forCreate)
	_, _, err = d.only(`{"message": "what is due today?"}`, d.values(func(name string, v jsontext.Value) (wrong error) {
		switch name {
		case "message":
			var said string
			if said, wrong = jsonvalue.Text(v); wrong == nil {
				s.Text = &said
			}
		case "confirm":
			s.Confirm, wrong = id(v)
		case "decline":
			s.Decline, wrong = id(v)
		case "conversation_id":
			s.Conversation, wrong = id(v)
		default:
			wrong = errors.New("is not a field of what is said")
		}
		return wrong
	}))
	return s, d.end(err)
}

const (
	defaultConversations = 50
	maxConversations     = 200
)

// listConversations answers with the caller's conversations, the latest first.
func listConversations(w http.ResponseWriter, r *request) error {
	p := r.query("limit", "cursor")
	most, given := read(p, "limit", upTo(maxConversations))
	if !given {
		most = defaultConversations
	}
	after, _ := read(p, "cursor", parsePosition)
	if err := p.err(); err != nil {
		return err
	}
	found, err := r.api.Talk.List(r.Context(), r.call.Owner, after, most+1)
	if err != nil {
		return err
	}
	page := Conversations{Conversations: []Conversation{}}
	if len(found) > most {
		found = found[:most]
		page.Next = new(cursorAfter(found[most-1]))
	}
	for _, c := range found {
		page.Conversations = append(page.Conversations, shownConversation(c))
	}
	return r.private(w, page)
}

// private answers with what changes at any time, and is nobody else's business.
func (r *request) private(w http.ResponseWriter, shown any) error {
	body, err := json.Marshal(shown)
	if err == nil {
		w.Header()["Cache-Control"] = noStore
		write(w, http.StatusOK, jsonType, body)
	}
	return err
}

// cursorAfter names the position behind a conversation.
func cursorAfter(c chat.Conversation) string {
	at := binary.BigEndian.AppendUint64(nil, uint64(c.UpdatedAt.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(at, c.ID[:]...))
}

func parsePosition(s string) (after chat.Position, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 8+len(after.ID) {
		return after, errors.New("must be one that this list gave")
	}
	after.UpdatedAt = time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()
	copy(after.ID[:], b[8:])
	if year := after.UpdatedAt.Year(); year < 1 || year > 9999 || after.ID.IsZero() {
		return after, errors.New("must be one that this list gave")
	}
	return after, nil
}

// getConversation answers with a conversation and all that was said in it.
func getConversation(w http.ResponseWriter, r *request) error {
	id, err := task.ParseID(r.PathValue("id"))
	if err != nil {
		return chat.ErrNoConversation
	}
	if err := r.query().err(); err != nil {
		return err
	}
	c, err := r.api.Talk.Get(r.Context(), r.call.Owner, id)
	if err != nil {
		return err
	}
	return r.private(w, shownConversation(c))
}

// deleteConversation forgets a conversation. What was done in it stays done.
func deleteConversation(w http.ResponseWriter, r *request) error {
	id, err := task.ParseID(r.PathValue("id"))
	if err != nil {
		return chat.ErrNoConversation
	}
	if err := r.query().err(); err != nil {
		return err
	}
	if err := r.api.Talk.Delete(r.Context(), r.call.Owner, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

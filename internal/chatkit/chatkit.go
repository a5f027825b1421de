// Package chatkit is the face for OpenAI's ChatKit, a chat for web pages: the
// server's side of its protocol, as chatkit-python has it (chatkit/types.py and
// server.py there, at dacc133). Threads are the conversations that all faces have;
// what is said in them means the same.
package chatkit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

// Talk is what the protocol needs of conversations.
type Talk interface {
	Answer(ctx context.Context, said chat.Saying, tell func(chat.Event)) (chat.Answer, error)
	List(ctx context.Context, owner string, after chat.Position, most int) ([]chat.Conversation, error)
	Get(ctx context.Context, owner string, id task.ID) (chat.Conversation, error)
	Delete(ctx context.Context, owner string, id task.ID) error
}

// Server answers requests of the protocol.
type Server struct {
	Talk Talk
	// Rename gives a conversation another title, or returns chat.ErrNoConversation.
	Rename func(ctx context.Context, owner string, id task.ID, title string) error
}

// Request is one request, and on whose behalf it is: Said has all that is said but
// the words.
type Request struct {
	Said chat.Saying
	Body []byte
	// Tell is given each event of an answer that is streamed, JSON on one line.
	Tell func(event []byte)
	// Public puts an error in words that are fit for the client.
	Public func(error) string
}

// Answer answers a request, with JSON, or with nil where the answer was told.
// The error is task.Faults for what is no request, and that of Talk where
// nothing was told; later ones are told.
func (s Server) Answer(ctx context.Context, r Request) ([]byte, error) {
	wanted, err := decode(r.Body)
	if err != nil {
		return nil, err
	}
	c := &call{Server: s, Request: r, params: wanted.Params}
	answer, err := requests[wanted.Type](c, ctx)
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, nil
	}
	return json.Marshal(answer)
}

// call is a request that is being answered.
type call struct {
	Server
	Request
	params
	thread task.ID
	faults task.Faults
}

// requests are those that are answered, by their type.
var requests = map[string]func(*call, context.Context) (any, error){
	"threads.create":           (*call).create,
	"threads.add_user_message": (*call).add,
	"threads.custom_action":    (*call).act,
	"threads.retry_after_item": (*call).retry,
	"threads.get_by_id":        (*call).get,
	"threads.list":             (*call).list,
	"threads.update":           (*call).update,
	"threads.delete":           (*call).remove,
	"items.list":               (*call).items,
}

// others are requests of the protocol about what there is not here: files, sound,
// opinions, forms, and tools of the page.
var others = []string{
	"threads.add_client_tool_output", "threads.add_structured_input", "threads.sync_custom_action",
	"items.feedback", "attachments.create", "attachments.delete", "input.transcribe",
}

// nothing is the answer to what has none.
type nothing struct{}

func (c *call) fault(pointer, detail string) {
	c.faults = append(c.faults, task.Fault{Pointer: "/params" + pointer, Detail: detail})
}

// named returns the conversation that the request is about, with a fault if none is named.
func (c *call) named() {
	if c.ThreadID == "" {
		c.fault("/thread_id", "is required")
		return
	}
	var err error
	if c.thread, err = task.ParseID(c.ThreadID); err != nil {
		c.fault("/thread_id", err.Error())
	}
}

// wrong returns the faults so far.
func (c *call) wrong() error {
	if len(c.faults) == 0 {
		return nil
	}
	return c.faults
}

func (c *call) create(ctx context.Context) (any, error) {
	c.say()
	return c.stream(ctx)
}

func (c *call) add(ctx context.Context) (any, error) {
	c.named()
	c.Said.Conversation = c.thread
	c.say()
	return c.stream(ctx)
}

// say reads what the person says.
func (c *call) say() {
	in := c.Input
	if in == nil {
		c.fault("/input", "is required")
		return
	}
	var text []string
	for i, part := range in.Content {
		if part.Type != "input_text" && part.Type != "input_tag" {
			c.fault(fmt.Sprint("/input/content/", i, "/type"), "must be input_text or input_tag")
		}
		text = append(text, part.Text)
	}
	whole := strings.Join(text, "")
	if in.Quoted != "" {
		whole = "> " + strings.ReplaceAll(in.Quoted, "\n", "\n> ") + "\n\n" + whole
	}
	c.Said.Text = &whole
	if len(in.Attachments) > 0 {
		c.fault("/input/attachments", "must be empty: files are not taken")
	}
	if in.Inference.Model != "" {
		c.fault("/input/inference_options/model", "must be left away: there is nothing to choose from")
	}
	if in.Inference.ToolChoice != nil {
		c.fault("/input/inference_options/tool_choice", "must be left away: what is said decides")
	}
}

// The actions of the widget that asks for a yes.
const (
	confirm = "confirm"
	decline = "decline"
)

// act answers a button of a widget.
func (c *call) act(ctx context.Context) (any, error) {
	c.named()
	c.Said.Conversation = c.thread
	if c.Action == nil {
		c.fault("/action", "is required")
		return nil, c.wrong()
	}
	id, err := task.ParseID(c.Action.Payload.Confirmation)
	if err != nil {
		c.fault("/action/payload/confirmation_id", err.Error())
	}
	switch c.Action.Type {
	case confirm:
		c.Said.Confirm = id
	case decline:
		c.Said.Decline = id
	default:
		c.fault("/action/type", "must be confirm or decline")
	}
	return c.stream(ctx)
}

// retry has what was said last, and has no answer, answered again. There are no
// answers in place of others, as chatkit-python has them: what they did is done.
// Whether it was said last and has no answer is known where its turn is opened,
// which repeats the answer to a request that is repeated.
func (c *call) retry(ctx context.Context) (any, error) {
	c.named()
	if err := c.wrong(); err != nil {
		return nil, err
	}
	conversation, err := c.Talk.Get(ctx, c.Said.Owner, c.thread)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(conversation.Messages, func(m chat.Message) bool { return m.Role == chat.User && m.ID.String() == c.ItemID })
	if i < 0 {
		c.fault("/item_id", "must be that of something that was said in the thread, which has no answer: none is given in place of another")
		return nil, c.wrong()
	}
	said := conversation.Messages[i]
	c.Said.Conversation, c.Said.Unanswered, c.Said.Text = c.thread, said.ID, &said.Text
	return c.stream(ctx)
}

func (c *call) get(ctx context.Context) (any, error) {
	c.named()
	if err := c.wrong(); err != nil {
		return nil, err
	}
	conversation, err := c.Talk.Get(ctx, c.Said.Owner, c.thread)
	if err != nil {
		return nil, err
	}
	t := threadOf(conversation)
	all := itemsOf(conversation)
	t.Items = Page[Item]{Data: all[:min(len(all), defaultLimit)], HasMore: len(all) > defaultLimit}
	if t.Items.HasMore {
		t.Items.After = all[defaultLimit-1].ID
	}
	return t, nil
}

func (c *call) list(ctx context.Context) (any, error) {
	limit := c.paging()
	if err := c.wrong(); err != nil {
		return nil, err
	}
	conversations, err := c.Talk.List(ctx, c.Said.Owner, chat.Position{}, chat.MaxConversations+chat.MaxReaders)
	if err != nil {
		return nil, err
	}
	if c.Order == "asc" {
		slices.Reverse(conversations)
	}
	threads := make([]Thread, len(conversations))
	for i, conversation := range conversations {
		threads[i] = threadOf(conversation)
	}
	return paged(c, threads, func(t Thread) string { return t.ID }, limit)
}

func (c *call) items(ctx context.Context) (any, error) {
	c.named()
	limit := c.paging()
	if err := c.wrong(); err != nil {
		return nil, err
	}
	conversation, err := c.Talk.Get(ctx, c.Said.Owner, c.thread)
	if err != nil {
		return nil, err
	}
	all := itemsOf(conversation)
	if c.Order != "asc" {
		slices.Reverse(all)
	}
	return paged(c, all, func(i Item) string { return i.ID }, limit)
}

// changing notes a fault where the caller may only read.
func (c *call) changing() {
	if c.Said.ReadOnly {
		c.faults = append(c.faults, task.Fault{Pointer: "/type", Detail: "needs a credential that may change something"})
	}
}

func (c *call) update(ctx context.Context) (any, error) {
	c.changing()
	c.named()
	switch n := utf8.RuneCountInString(c.Title); {
	case strings.TrimSpace(c.Title) == "":
		c.fault("/title", "is required and must not be blank")
	case n > chat.MaxTitle:
		c.fault("/title", fmt.Sprintf("must be at most %d characters; this has %d", chat.MaxTitle, n))
	case strings.ContainsRune(c.Title, 0):
		c.fault("/title", "must not contain the character U+0000")
	}
	if err := c.wrong(); err != nil {
		return nil, err
	}
	if err := c.Rename(ctx, c.Said.Owner, c.thread, c.Title); err != nil {
		return nil, err
	}
	return c.get(ctx)
}

func (c *call) remove(ctx context.Context) (any, error) {
	c.changing()
	c.named()
	if err := c.wrong(); err != nil {
		return nil, err
	}
	return nothing{}, c.Talk.Delete(ctx, c.Said.Owner, c.thread)
}

// The bounds of a page.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// paging reads which part of a list is asked for.
func (c *call) paging() (limit int) {
	if c.Order != "" && c.Order != "asc" && c.Order != "desc" {
		c.fault("/order", "must be asc or desc")
	}
	if c.Limit == nil {
		return defaultLimit
	}
	if *c.Limit < 1 || *c.Limit > maxLimit {
		c.fault("/limit", fmt.Sprintf("must be a whole number from 1 to %d", maxLimit))
	}
	return *c.Limit
}

// paged returns the part of a list that is asked for.
func paged[T any](c *call, all []T, id func(T) string, limit int) (any, error) {
	if c.After != "" {
		at := slices.IndexFunc(all, func(one T) bool { return id(one) == c.After })
		if at < 0 {
			c.fault("/after", "must be the id of something in this list")
			return nil, c.wrong()
		}
		all = all[at+1:]
	}
	p := Page[T]{Data: all[:min(len(all), limit)], HasMore: len(all) > limit}
	if p.HasMore {
		p.After = id(all[limit-1])
	}
	return p, nil
}

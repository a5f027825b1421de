package chatkit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

// event is one of a stream. What a type does not have is left away.
type event struct {
	Type       string   `json:"type"`
	Thread     *Thread  `json:"thread,omitempty"`
	Item       *Item    `json:"item,omitempty"`
	ItemID     string   `json:"item_id,omitempty"`
	Update     *update  `json:"update,omitempty"`
	Options    *options `json:"stream_options,omitempty"`
	Text       string   `json:"text,omitempty"`
	Code       string   `json:"code,omitempty"`
	Message    string   `json:"message,omitempty"`
	AllowRetry *bool    `json:"allow_retry,omitempty"`
}

type options struct {
	AllowCancel bool `json:"allow_cancel"`
}

// update is what is new of an item.
type update struct {
	Type         string   `json:"type"`
	ContentIndex int      `json:"content_index"`
	Content      *content `json:"content,omitempty"`
	Delta        string   `json:"delta,omitempty"`
}

// answering is an answer that is being streamed.
type answering struct {
	*call
	ctx     context.Context
	says    words             // in the language of the answer
	whole   chat.Conversation // as it was when the answer began
	said    task.ID           // the message that is answered; zero: nothing was told of it yet
	settled chat.Message      // the one that asked for the yes that this is about
	spoken  bool              // some of the answer's text was told
	err     error             // why the conversation could not be read
}

// stream says what there is to say and tells what comes of it.
func (c *call) stream(ctx context.Context) (any, error) {
	if err := c.wrong(); err != nil {
		return nil, err
	}
	a := &answering{call: c, ctx: ctx}
	answer, err := c.Talk.Answer(ctx, c.Said, a.hear)
	if a.err != nil {
		err = a.err
	}
	switch {
	case err != nil && a.whole.ID.IsZero(): // nothing was said
		return nil, err
	case err != nil:
		a.start() // what was said can be named where it is to be answered again
		retry := worthRetrying(err)
		a.tell(event{Type: "error", Code: "custom", Message: c.Public(err), AllowRetry: &retry})
	default:
		a.finish(answer)
	}
	return nil, nil
}

// worthRetrying reports whether asking again makes sense: nothing was done, and it may be
// otherwise the next time.
func worthRetrying(err error) bool {
	var failure *chat.Failure
	return errors.As(err, &failure) && failure.Kind != chat.Refused
}

func (a *answering) tell(e event) {
	text, err := json.Marshal(e)
	if err != nil {
		text = []byte(`{"type":"error","code":"stream.error","allow_retry":false}`) // cannot happen: strings, numbers and times
	}
	a.Tell(text)
}

// hear tells of one thing that happens.
func (a *answering) hear(e chat.Event) {
	switch {
	case a.err != nil:
	case !e.Conversation.IsZero():
		a.says = speaking[e.Language]
		a.begin(e.Conversation)
	case e.Call != nil:
		a.start()
		a.tell(event{Type: "progress_update", Text: a.says.tool(e.Call.Name)})
	default:
		a.start()
		a.delta(e.Delta)
	}
}

// begin looks at the conversation as it is with what was said. Where that fails, it
// was said nevertheless.
func (a *answering) begin(id task.ID) {
	a.whole.ID = id
	whole, err := a.Talk.Get(a.ctx, a.Said.Owner, id)
	if err != nil {
		a.err = err
		return
	}
	a.whole = whole
	if a.Said.Conversation.IsZero() {
		t := threadOf(whole)
		a.tell(event{Type: "thread.created", Thread: &t})
	}
}

// start tells what was said, unless it was told of before, and what became of what
// waited for a yes, before anything that comes of it.
func (a *answering) start() {
	if !a.said.IsZero() {
		return
	}
	for _, m := range slices.Backward(a.whole.Messages) {
		if m.Role == chat.Assistant {
			if m.Confirmation != nil && m.Confirmation.State != chat.Done {
				a.settled = m
				a.replace()
			}
			break
		}
		if a.said.IsZero() {
			a.said = m.ID
			if a.Said.Unanswered.IsZero() {
				item := userItem(a.whole.ID, m)
				a.tell(event{Type: "thread.item.done", Item: &item})
			}
		}
	}
	a.tell(event{Type: "stream_options", Options: &options{AllowCancel: true}})
}

// replace tells of the widget that what was said is about.
func (a *answering) replace() {
	item := widgetItem(a.whole.ID, *a.settled.Confirmation, a.settled.CreatedAt)
	a.tell(event{Type: "thread.item.replaced", Item: &item})
}

// delta tells more of the answer's text.
func (a *answering) delta(more string) {
	id := answerID(a.said)
	if !a.spoken {
		a.spoken = true
		item := answerItem(a.whole.ID, a.said, chat.Message{CreatedAt: a.whole.UpdatedAt})
		item.Content = []content{}
		a.tell(event{Type: "thread.item.added", Item: &item})
		empty := output("")
		a.tell(event{Type: "thread.item.updated", ItemID: id, Update: &update{Type: "assistant_message.content_part.added", Content: &empty}})
	}
	a.tell(event{Type: "thread.item.updated", ItemID: id, Update: &update{Type: "assistant_message.content_part.text_delta", Delta: more}})
}

// finish tells the answer as it is kept, and what it asks a yes for.
func (a *answering) finish(answer chat.Answer) {
	if slices.ContainsFunc(a.whole.Messages, func(m chat.Message) bool { return m.ID == answer.Message.ID }) {
		a.repeat(answer.Message)
		return
	}
	a.start()
	if a.spoken {
		whole := output(answer.Message.Text)
		a.tell(event{Type: "thread.item.updated", ItemID: answerID(a.said), Update: &update{Type: "assistant_message.content_part.done", Content: &whole}})
	}
	item := answerItem(answer.Conversation, a.said, answer.Message)
	a.tell(event{Type: "thread.item.done", Item: &item})
	if c := a.settled.Confirmation; c != nil && c.State == chat.Taken {
		c.State = chat.Done
		a.replace()
	}
	if c := answer.Message.Confirmation; c != nil {
		asks := widgetItem(answer.Conversation, *c, answer.Message.CreatedAt)
		a.tell(event{Type: "thread.item.done", Item: &asks})
	}
}

// repeat tells an answer that was given before.
func (a *answering) repeat(m chat.Message) {
	upTo := slices.IndexFunc(a.whole.Messages, func(one chat.Message) bool { return one.ID == m.ID })
	a.whole.Messages = a.whole.Messages[:upTo+1]
	all := itemsOf(a.whole)
	first := len(all) - 1
	for first > 0 && all[first].Type != "user_message" {
		first--
	}
	for i := range all[first:] {
		a.tell(event{Type: "thread.item.done", Item: &all[first+i]})
	}
}

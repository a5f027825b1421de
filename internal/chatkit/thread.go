package chatkit

import (
	"slices"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
)

// Page is a part of a list.
type Page[T any] struct {
	Data    []T    `json:"data"`
	HasMore bool   `json:"has_more"`
	After   string `json:"after,omitempty"` // the last of it
}

// Thread is a conversation.
type Thread struct {
	ID        string     `json:"id"`
	Title     string     `json:"title,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	Status    status     `json:"status"`
	Items     Page[Item] `json:"items"`
}

type status struct {
	Type string `json:"type"`
}

func threadOf(c chat.Conversation) Thread {
	t := Thread{ID: c.ID.String(), Title: c.Title, CreatedAt: c.CreatedAt, Status: status{"active"}, Items: Page[Item]{Data: []Item{}}}
	if len(c.Messages) >= chat.MaxMessages-1 {
		t.Status.Type = "closed"
	}
	return t
}

// Item is something in a thread: a message, or a widget that asks for a yes.
type Item struct {
	ID        string    `json:"id"`
	ThreadID  string    `json:"thread_id"`
	CreatedAt time.Time `json:"created_at"`
	Type      string    `json:"type"`

	Content     []content  `json:"content,omitzero"`
	Attachments []struct{} `json:"attachments,omitzero"`       // of a person's messages
	Inference   *struct{}  `json:"inference_options,omitzero"` // likewise
	Widget      *card      `json:"widget,omitempty"`
	CopyText    string     `json:"copy_text,omitempty"`
}

// content is a part of a message.
type content struct {
	Type        string      `json:"type"`
	Text        string      `json:"text"`
	Annotations *[]struct{} `json:"annotations,omitempty"` // of what is answered
}

// itemsOf returns what was said in a conversation, in order.
func itemsOf(c chat.Conversation) (all []Item) {
	said := task.ID{} // what is answered next
	for _, m := range c.Messages {
		if m.Role == chat.User {
			said = m.ID
			all = append(all, userItem(c.ID, m))
			continue
		}
		all = append(all, answerItem(c.ID, said, m))
		if m.Confirmation != nil {
			all = append(all, widgetItem(c.ID, *m.Confirmation, m.CreatedAt))
		}
	}
	return all
}

func userItem(thread task.ID, m chat.Message) Item {
	return Item{
		ID: m.ID.String(), ThreadID: thread.String(), CreatedAt: m.CreatedAt, Type: "user_message",
		Content: []content{{Type: "input_text", Text: m.Text}}, Attachments: []struct{}{}, Inference: &struct{}{},
	}
}

// answerID names an answer by what it answers, which is known before it is.
func answerID(said task.ID) string { return "answer-" + said.String() }

func answerItem(thread, said task.ID, m chat.Message) Item {
	return Item{
		ID: answerID(said), ThreadID: thread.String(), CreatedAt: m.CreatedAt, Type: "assistant_message",
		Content: []content{output(m.Text)},
	}
}

func output(text string) content {
	return content{Type: "output_text", Text: text, Annotations: &[]struct{}{}}
}

// card is a widget with text and, while it waits, two buttons.
type card struct {
	Type     string  `json:"type"`
	Children []text  `json:"children"`
	Confirm  *button `json:"confirm,omitempty"`
	Cancel   *button `json:"cancel,omitempty"`
}

type text struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	Color string `json:"color,omitempty"`
}

type button struct {
	Label  string `json:"label"`
	Action config `json:"action"`
}

// config is what a button does.
type config struct {
	Type    string            `json:"type"`
	Payload map[string]string `json:"payload"`
	Handler string            `json:"handler"`
}

// words are what we say beside what is said in a conversation: became is what became
// of what a card asks for, and tools what people call the tools where that is not
// their title.
type words struct {
	became map[chat.State]string
	tools  map[string]string
}

var speaking = map[chat.Language]words{
	chat.English: {
		became: map[chat.State]string{chat.Taken: "It is being done.", chat.Done: "It was done.", chat.Dropped: "It was not done."},
	},
	chat.Urdu: {
		became: map[chat.State]string{chat.Taken: "یہ کیا جا رہا ہے۔", chat.Done: "یہ ہو گیا۔", chat.Dropped: "یہ نہیں کیا گیا۔"},
		tools: map[string]string{
			"add_task": "نیا کام", "list_tasks": "کاموں کی فہرست", "search_tasks": "کاموں کی تلاش", "today": "آج", "update_task": "کام میں تبدیلی",
			"complete_task": "کام کی تکمیل", "delete_task": "کام حذف کرنا", "bulk_tasks": "کئی کاموں میں تبدیلی", "undo": "واپسی", "stats": "اعداد و شمار",
		},
	},
}

// tool returns what people call a tool.
func (w words) tool(name string) string {
	if title := w.tools[name]; title != "" {
		return title
	}
	tools := assist.Tools()
	if i := slices.IndexFunc(tools, func(t assist.Tool) bool { return t.Name == name }); i >= 0 {
		return tools[i].Title
	}
	return name
}

func widgetItem(thread task.ID, c chat.Confirmation, at time.Time) Item {
	language := c.Language()
	w := &card{Type: "Card", Children: []text{{Type: "Text", Value: c.Question}}}
	if c.State == chat.Waiting {
		payload := map[string]string{"confirmation_id": c.ID.String()}
		w.Confirm = &button{language.Yes(), config{confirm, payload, "server"}}
		w.Cancel = &button{language.No(), config{decline, payload, "server"}}
	} else {
		w.Children = append(w.Children, text{Type: "Text", Value: speaking[language].became[c.State], Color: "secondary"})
	}
	return Item{ID: c.ID.String(), ThreadID: thread.String(), CreatedAt: at, Type: "widget", Widget: w, CopyText: c.Question}
}

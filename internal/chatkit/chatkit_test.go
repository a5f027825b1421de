package chatkit_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode"

	"todo-app/internal/chatkit"
	"todo-app/internal/task"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
)

// using is a conversation in which every answer is in one language and uses every
// tool.
type using struct{ language chat.Language }

var conversation = chat.Conversation{ID: task.ID{1}, Messages: []chat.Message{{ID: task.ID{2}, Role: chat.User, Text: "all of it"}}}

func (u using) Answer(_ context.Context, _ chat.Saying, tell func(chat.Event)) (chat.Answer, error) {
	tell(chat.Event{Conversation: conversation.ID, Language: u.language})
	for _, tool := range assist.Tools() {
		tell(chat.Event{Call: &chat.Call{Name: tool.Name}})
	}
	return chat.Answer{Conversation: conversation.ID}, nil
}

func (using) List(_ context.Context, _ string, _ chat.Position, most int) ([]chat.Conversation, error) {
	all := make([]chat.Conversation, chat.MaxConversations+chat.MaxReaders)
	for i := range all {
		all[i].ID = task.ID{1, byte(i)}
	}
	return all[:min(most, len(all))], nil
}

func (using) Get(context.Context, string, task.ID) (chat.Conversation, error) {
	return conversation, nil
}

func (using) Delete(context.Context, string, task.ID) error { return nil }

// blind is a conversation that cannot be read once something was said.
type blind struct{ using }

func (blind) Get(context.Context, string, task.ID) (chat.Conversation, error) {
	return chat.Conversation{}, task.ErrUnavailable
}

func TestWhereAConversationCannotBeReadOnceSomethingWasSaidTheStreamSaysSo(t *testing.T) {
	var told []string
	answer, err := chatkit.Server{Talk: blind{}}.Answer(t.Context(), chatkit.Request{
		Body:   []byte(`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "all of it"}]}}}`),
		Tell:   func(event []byte) { told = append(told, string(event)) },
		Public: error.Error,
	})
	want := []string{
		`{"type":"stream_options","stream_options":{"allow_cancel":true}}`,
		`{"type":"error","code":"custom","message":"` + task.ErrUnavailable.Error() + `","allow_retry":false}`,
	}
	if err != nil || answer != nil || !slices.Equal(told, want) {
		t.Errorf("%s, %v, %q", answer, err, told)
	}
}

func TestEveryConversationIsAmongTheThreads(t *testing.T) {
	answer, err := chatkit.Server{Talk: using{}}.Answer(t.Context(), chatkit.Request{Body: []byte(`{"type": "threads.list", "params": {"order": "asc", "limit": 1}}`)})
	oldest := task.ID{1, chat.MaxConversations + chat.MaxReaders - 1}
	if err != nil || !strings.Contains(string(answer), oldest.String()) {
		t.Errorf("%s, %v", answer, err)
	}
}

func TestEveryToolHasATitleInEachLanguage(t *testing.T) {
	for language, script := range map[chat.Language]*unicode.RangeTable{chat.English: unicode.Latin, chat.Urdu: unicode.Arabic} {
		told := 0
		_, err := chatkit.Server{Talk: using{language}}.Answer(t.Context(), chatkit.Request{
			Body: []byte(`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "all of it"}]}}}`),
			Tell: func(event []byte) {
				_, title, ok := strings.Cut(string(event), `"progress_update","text":"`)
				if !ok {
					return
				}
				told++
				if strings.ContainsFunc(strings.TrimSuffix(title, `"}`), func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(script, r) }) || strings.Contains(title, "_") {
					t.Errorf("%s: %s", language, event)
				}
			},
		})
		if err != nil || told != len(assist.Tools()) {
			t.Errorf("%s: %d are told, %v", language, told, err)
		}
	}
}

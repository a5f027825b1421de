//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task/chat"
)

// chats has a person talk about tasks while the function for that sleeps, through
// the front door and at its own host, without a language model.
func chats(t *step, r *report) {
	for _, at := range []string{"web", "chat"} {
		asleep(t, "chat")
		began := time.Now()
		c := client(at)
		added, err := c.Chat(t.Context(), httpapi.Say{Message: "add Said at " + at + " tomorrow 9am"})
		if err != nil {
			t.Fatal(err)
		}
		r.add("the first word to a sleeping chat, at "+at, fmt.Sprintf("%.2f s", time.Since(began).Seconds()), "", true)
		if added.By != chat.ByRules || len(added.Calls) != 1 || added.Calls[0].Name != "add_task" {
			t.Fatalf("at %s: %+v", at, added)
		}
		asked, err := c.Chat(t.Context(), httpapi.Say{Conversation: added.Conversation, Message: "delete said"})
		if err != nil || asked.Confirmation == nil {
			t.Fatalf("at %s nothing is asked: %+v, %v", at, asked, err)
		}
		yes := httpapi.Say{Conversation: added.Conversation, Confirm: asked.Confirmation.ID}
		done, err := c.Chat(t.Context(), yes)
		if err != nil || len(done.Calls) != 1 || done.Calls[0].Refused {
			t.Fatalf("at %s: %+v, %v", at, done, err)
		}
		if again, err := c.Chat(t.Context(), yes); err != nil || again.Message != done.Message {
			t.Errorf("at %s a second yes is answered with %+v, %v", at, again, err)
		}
		whole, err := c.Conversation(t.Context(), added.Conversation)
		if err != nil || len(whole.Messages) != 6 {
			t.Errorf("at %s: %+v, %v", at, whole, err)
		}
		streamed(t, at)
		page, err := c.Conversations(t.Context(), nil)
		if err != nil || len(page.Conversations) == 0 {
			t.Fatalf("at %s: %+v, %v", at, page, err)
		}
		for _, one := range page.Conversations {
			if err := c.DeleteConversation(t.Context(), one.ID); err != nil {
				t.Error(err)
			}
		}
	}
}

// streamed has an answer come as it is found.
func streamed(t *step, at string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host(at)+"/api/v1/chat", strings.NewReader(`{"message": "list"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := httpClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var names []string
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			names = append(names, name)
		}
	}
	if len(names) < 3 || names[0] != "conversation" || names[len(names)-1] != "done" {
		t.Errorf("at %s a stream has %v", at, names)
	}
}

package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/apptest"
	"todo-app/internal/app/chat"
	"todo-app/internal/postgres"
)

// site is a service that ChatKit speaks to.
type site struct{ url string }

func kitSite(t *testing.T, model string) *site {
	t.Helper()
	urls, _ := pods(t, 1, model)
	return &site{urls[0]}
}

// kit sends a request of ChatKit's.
func (s *site) kit(t *testing.T, token, body string, headers ...string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/chatkit", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// item is one of ChatKit's.
type item struct {
	ID, Type string
	ThreadID string `json:"thread_id"`
	Content  []struct{ Type, Text string }
	Widget   struct {
		Type     string
		Children []struct{ Value string }
		Confirm  *pressable
		Cancel   *pressable
	}
}

// pressable is a button.
type pressable struct {
	Label  string
	Action struct {
		Type    string
		Payload json.RawMessage
	}
}

type event struct {
	Type    string
	Thread  struct{ ID, Title string }
	Item    item
	ItemID  string `json:"item_id"`
	Update  struct{ Type, Delta string }
	Text    string
	Code    string
	Message string
	Retry   *bool `json:"allow_retry"`
}

// stream reads an answer that is one.
func stream(t *testing.T, status int, answer string) (all []event, types string) {
	t.Helper()
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(answer, "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(part, "data: ")
		var e event
		if err := json.Unmarshal([]byte(data), &e); !ok || err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		all = append(all, e)
		types += e.Type + " "
	}
	return all, strings.TrimSpace(types)
}

// page is an answer that is one.
type page[T any] struct {
	Data    []T
	HasMore bool `json:"has_more"`
	After   string
}

func read[T any](t *testing.T, status int, answer string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(answer), &value); status != http.StatusOK || err != nil {
		t.Fatalf("%d %s, %v", status, answer, err)
	}
	return value
}

// types are those of items, in order.
func types(all []item) (names string) {
	for _, i := range all {
		names += i.Type + " "
	}
	return strings.TrimSpace(names)
}

const input = `"input": {"content": [{"type": "input_text", "text": %q}], "attachments": [], "quoted_text": null, "inference_options": {}}`

func TestEveryRequestOfChatKitIsAnsweredOverTheSameConversations(t *testing.T) {
	t.Parallel()
	s := kitSite(t, "")
	alice := apptest.Anybody(t)
	status, answer := s.kit(t, alice, fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}, "metadata": {"x": 1}}`, "add Milk"))
	all, names := stream(t, status, answer)
	if names != "thread.created thread.item.done stream_options thread.item.added thread.item.updated thread.item.updated thread.item.updated progress_update thread.item.updated thread.item.updated thread.item.done" &&
		!strings.HasPrefix(names, "thread.created thread.item.done stream_options") {
		t.Errorf("a thread begins with %s", names)
	}
	thread, user := all[0].Thread.ID, all[1].Item
	last := all[len(all)-1]
	told := ""
	for _, e := range all {
		told += e.Update.Delta
	}
	if user.Type != "user_message" || user.Content[0].Text != "add Milk" || last.Type != "thread.item.done" || last.Item.Content[0].Text != told || !strings.Contains(told, "Milk") || last.Item.ID != "answer-"+user.ID {
		t.Errorf("%+v\n%+v", user, last)
	}

	in := fmt.Sprintf(`"thread_id": %q`, thread)
	status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.add_user_message", "params": {%s, `+input+`}}`, in, "delete milk"))
	all, names = stream(t, status, answer)
	widget := all[len(all)-1].Item
	if !strings.HasPrefix(names, "thread.item.done stream_options ") || widget.Type != "widget" || widget.Widget.Confirm == nil || widget.Widget.Confirm.Action.Type != "confirm" {
		t.Fatalf("%s, and in the end %+v", names, widget)
	}

	press := fmt.Sprintf(`{"type": "threads.custom_action", "params": {%s, "item_id": %q, "action": {"type": "confirm", "payload": %s}}}`, in, widget.ID, widget.Widget.Confirm.Action.Payload)
	status, answer = s.kit(t, alice, press)
	all, names = stream(t, status, answer)
	replaced := all[len(all)-1].Item
	if !strings.HasPrefix(names, "thread.item.done thread.item.replaced stream_options ") || replaced.ID != widget.ID || replaced.Widget.Confirm != nil || replaced.Widget.Children[1].Value != "It was done." {
		t.Errorf("%s: %+v", names, replaced)
	}
	status, answer = s.kit(t, alice, press)
	again, names := stream(t, status, answer)
	if names != "thread.item.done thread.item.done" || again[1].Item.Content[0].Text != all[len(all)-2].Item.Content[0].Text {
		t.Errorf("a second press: %s %+v", names, again)
	}
	if l, err := client(s.url, alice).List(t.Context(), url.Values{}, ""); err != nil || len(l.Tasks) != 0 {
		t.Errorf("%+v, %v", l, err)
	}

	status, answer = s.kit(t, alice, `{"type": "threads.list", "params": {}}`)
	if threads := read[page[struct{ ID, Title string }]](t, status, answer); len(threads.Data) != 1 || threads.Data[0].ID != thread || threads.Data[0].Title != "add Milk" {
		t.Errorf("%s", answer)
	}
	status, answer = s.kit(t, alice, `{"type": "threads.update", "params": {`+in+`, "title": "About milk"}}`)
	if renamed := read[struct{ ID, Title string }](t, status, answer); renamed.Title != "About milk" {
		t.Errorf("%s", answer)
	}
	status, answer = s.kit(t, alice, `{"type": "threads.get_by_id", "params": {`+in+`}}`)
	whole := read[struct {
		Title string
		Items page[item]
	}](t, status, answer)
	if whole.Title != "About milk" || types(whole.Items.Data) != "user_message assistant_message user_message assistant_message widget user_message assistant_message" || whole.Items.HasMore {
		t.Errorf("%s", answer)
	}
	var seen []item
	after := ""
	for {
		status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "items.list", "params": {%s, "limit": 3, "order": "asc"%s}}`, in, after))
		items := read[page[item]](t, status, answer)
		seen = append(seen, items.Data...)
		if !items.HasMore {
			break
		}
		after = fmt.Sprintf(`, "after": %q`, items.After)
	}
	if types(seen) != types(whole.Items.Data) {
		t.Errorf("by pages: %s", types(seen))
	}
	status, answer = s.kit(t, alice, `{"type": "items.list", "params": {`+in+`}}`)
	if items := read[page[item]](t, status, answer); items.Data[0].ID != seen[6].ID {
		t.Errorf("the newest is not first: %s", answer)
	}
	if status, answer = s.kit(t, alice, `{"type": "threads.delete", "params": {`+in+`}}`); status != http.StatusOK || answer != "{}" {
		t.Errorf("%d %s", status, answer)
	}
	if status, answer = s.kit(t, alice, `{"type": "threads.get_by_id", "params": {`+in+`}}`); status != http.StatusNotFound {
		t.Errorf("%d %s", status, answer)
	}
}

func TestARequestOfChatKitWithAKeyIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s := kitSite(t, "")
	alice := apptest.Anybody(t)
	body := fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}}`, "add Milk")
	_, first := s.kit(t, alice, body, "Idempotency-Key: k")
	status, second := s.kit(t, alice, body, "Idempotency-Key: k")
	all, names := stream(t, status, second)
	if names != "thread.created thread.item.done thread.item.done" || !strings.Contains(first, all[2].Item.ID) {
		t.Errorf("%s %s", names, second)
	}
	if l, err := client(s.url, alice).List(t.Context(), url.Values{}, ""); err != nil || len(l.Tasks) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestWhereTheModelFailsChatKitIsTold(t *testing.T) {
	t.Parallel()
	s := kitSite(t, "http://127.0.0.1:1/v1")
	status, answer := s.kit(t, apptest.Anybody(t), fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}}`, "hello"))
	all, names := stream(t, status, answer)
	if last := all[len(all)-1]; names != "thread.created thread.item.done stream_options error" || all[1].Item.Type != "user_message" || last.Code != "custom" || last.Message != "the language model cannot be reached" || last.Retry == nil || !*last.Retry {
		t.Errorf("%s %+v", names, last)
	}
}

func TestWhatHasNoAnswerIsAskedAgainByChatKit(t *testing.T) {
	t.Parallel()
	m := scripted(t, calls("add_task", `{"title":"Milk"}`), says("Milk it is."))
	var away atomic.Bool
	before := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			panic(http.ErrAbortHandler)
		}
		m.ServeHTTP(w, r)
	}))
	t.Cleanup(before.Close)
	away.Store(true)
	s, alice := kitSite(t, before.URL), apptest.Anybody(t)
	status, answer := s.kit(t, alice, fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}}`, "milk is needed"))
	all, _ := stream(t, status, answer)
	in := fmt.Sprintf(`"thread_id": %q`, all[0].Thread.ID)
	status, answer = s.kit(t, alice, `{"type": "items.list", "params": {`+in+`}}`)
	kept := read[page[item]](t, status, answer)
	if types(kept.Data) != "user_message" {
		t.Fatalf("%s", answer)
	}
	retry := fmt.Sprintf(`{"type": "threads.retry_after_item", "params": {%s, "item_id": %q}}`, in, kept.Data[0].ID)
	away.Store(false)
	status, answer = s.kit(t, alice, retry, "Idempotency-Key: retry")
	all, names := stream(t, status, answer)
	last := all[len(all)-1].Item
	if !strings.HasPrefix(names, "stream_options ") || strings.Count(names, "thread.item.done") != 1 || last.ID != "answer-"+kept.Data[0].ID || !strings.Contains(last.Content[0].Text, "Milk it is.") {
		t.Errorf("%s %+v", names, last)
	}
	status, answer = s.kit(t, alice, `{"type": "items.list", "params": {`+in+`, "order": "asc"}}`)
	if whole := read[page[item]](t, status, answer); types(whole.Data) != "user_message assistant_message" || whole.Data[0].ID != kept.Data[0].ID {
		t.Errorf("it is said twice: %s", answer)
	}
	// Whose stream broke off has the same answer again.
	status, answer = s.kit(t, alice, retry, "Idempotency-Key: retry")
	if all, names = stream(t, status, answer); names != "thread.item.done thread.item.done" || all[1].Item.ID != last.ID || all[1].Item.Content[0].Text != last.Content[0].Text {
		t.Errorf("%s %+v", names, all)
	}
	// What has an answer is not answered in another way.
	if status, answer = s.kit(t, alice, retry); status != http.StatusConflict || !strings.Contains(answer, "has no answer yet") {
		t.Errorf("%d %s", status, answer)
	}
	for _, id := range []string{last.ID, ""} {
		status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.retry_after_item", "params": {%s, "item_id": %q}}`, in, id))
		if status != http.StatusBadRequest || !strings.Contains(answer, "/params/item_id") {
			t.Errorf("%q: %d %s", id, status, answer)
		}
	}
	if l, err := client(s.url, alice).List(t.Context(), url.Values{}, ""); err != nil || len(l.Tasks) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	// So is what is said in a thread that there was.
	away.Store(true)
	status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.add_user_message", "params": {%s, `+input+`}}`, in, "and eggs"))
	all, names = stream(t, status, answer)
	if failed := all[len(all)-1]; names != "thread.item.done stream_options error" || all[0].Item.Content[0].Text != "and eggs" || failed.Retry == nil || !*failed.Retry {
		t.Errorf("%s %+v", names, all)
	}
	status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.retry_after_item", "params": {%s, "item_id": %q}}`, in, all[0].Item.ID))
	if all, names = stream(t, status, answer); names != "stream_options error" {
		t.Errorf("%s %+v", names, all)
	}
	away.Store(false)
	// A model that refuses does so the next time, too.
	m.mu.Lock()
	m.down = true
	m.mu.Unlock()
	status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}}`, "and bread"))
	all, _ = stream(t, status, answer)
	if last := all[len(all)-1]; last.Type != "error" || last.Retry == nil || *last.Retry {
		t.Errorf("%+v", last)
	}
}

func TestChatKitSpeaksTheLanguageOfTheConversation(t *testing.T) {
	t.Parallel()
	s := kitSite(t, "")
	for _, c := range []struct{ title, delete, search, yes, no, done, dropped string }{
		{"دودھ", "delete دودھ", "Search tasks", "Yes", "No", "It was done.", "It was not done."},
		{"Milk", "Milk حذف کریں", "کاموں کی تلاش", "ہاں", "نہیں", "یہ ہو گیا۔", "یہ نہیں کیا گیا۔"},
	} {
		alice := apptest.Anybody(t)
		status, answer := s.kit(t, alice, fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}}`, "add "+c.title))
		all, _ := stream(t, status, answer)
		in := fmt.Sprintf(`"thread_id": %q`, all[0].Thread.ID)
		for _, press := range []string{"decline", "confirm"} {
			status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.add_user_message", "params": {%s, `+input+`}}`, in, c.delete))
			all, _ = stream(t, status, answer)
			asked := all[len(all)-1].Item
			if i := slices.IndexFunc(all, func(e event) bool { return e.Type == "progress_update" }); i < 0 || all[i].Text != c.search {
				t.Errorf("%s: what is being done is told as %s", c.delete, answer)
			}
			if w := asked.Widget; w.Confirm == nil || w.Confirm.Label != c.yes || w.Cancel == nil || w.Cancel.Label != c.no {
				t.Fatalf("%s: %s", c.delete, answer)
			}
			status, answer = s.kit(t, alice, fmt.Sprintf(`{"type": "threads.custom_action", "params": {%s, "action": {"type": %q, "payload": %s}}}`, in, press, asked.Widget.Confirm.Action.Payload))
			all, _ = stream(t, status, answer)
			if pressed := all[0].Item; pressed.Type != "user_message" || pressed.Content[0].Text != c.yes && press == "confirm" || pressed.Content[0].Text != c.no && press == "decline" {
				t.Errorf("%s, %s: the button says %+v", c.delete, press, pressed)
			}
			status, answer = s.kit(t, alice, `{"type": "items.list", "params": {`+in+`, "limit": 100}}`)
			items := read[page[item]](t, status, answer).Data
			card := items[slices.IndexFunc(items, func(i item) bool { return i.ID == asked.ID })]
			if said := card.Widget.Children[1].Value; said != c.done && press == "confirm" || said != c.dropped && press == "decline" {
				t.Errorf("%s, %s: %q", c.delete, press, said)
			}
		}
	}
}

func TestWhatIsNoRequestOfChatKitIsRefused(t *testing.T) {
	t.Parallel()
	s := kitSite(t, "")
	alice := apptest.Anybody(t)
	status, answer := s.kit(t, alice, fmt.Sprintf(`{"type": "threads.create", "params": {`+input+`}}`, "list"))
	all, _ := stream(t, status, answer)
	in := fmt.Sprintf(`"thread_id": %q`, all[0].Thread.ID)
	strange := `"thread_id": "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"`
	for body, want := range map[string]string{
		``:                               "400 ",
		`[]`:                             "400 ",
		`{"type": "threads.list", `:      "400 ",
		`{"type": 1}`:                    "400 /type",
		`{}`:                             "400 /type",
		`{"type": "threads.drop"}`:       "400 /type",
		`{"type": "attachments.create"}`: "400 /type",
		`{"type": "input.transcribe"}`:   "400 /type",
		`{"type": "threads.list", "type": "threads.list"}`:                                                                                                                     "400 /type",
		`{"type": "threads.create", "params": {}}`:                                                                                                                             "400 /params/input",
		`{"type": "threads.create", "params": {"input": 1}}`:                                                                                                                   "400 /params/input",
		`{"type": "threads.create", "params": {"input": {"content": []}}}`:                                                                                                     "400 /message",
		`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_file", "text": "a"}]}}}`:                                                                  "400 /params/input/content/0/type",
		`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "\u0000"}]}}}`:                                                             "400 /message",
		`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "a"}], "attachments": ["x"]}}}`:                                            "400 /params/input/attachments",
		`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "a"}], "inference_options": {"model": "x", "tool_choice": {"id": "y"}}}}}`: "400 /params/input/inference_options/model",
		`{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "` + strings.Repeat("x", 4001) + `"}]}}}`:                                  "400 /message",
		`{"type": "threads.add_user_message", "params": {` + fmt.Sprintf(input, "a") + `}}`:                                                                                    "400 /params/thread_id",
		`{"type": "threads.add_user_message", "params": {"thread_id": "x", ` + fmt.Sprintf(input, "a") + `}}`:                                                                  "400 /params/thread_id",
		`{"type": "threads.add_user_message", "params": {` + strange + `, ` + fmt.Sprintf(input, "a") + `}}`:                                                                   "404 ",
		`{"type": "threads.custom_action", "params": {` + in + `}}`:                                                                                                            "400 /params/action",
		`{"type": "threads.custom_action", "params": {` + in + `, "action": {"type": "explode", "payload": {"confirmation_id": "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"}}}}`:     "400 /params/action/type",
		`{"type": "threads.custom_action", "params": {` + in + `, "action": {"type": "confirm"}}}`:                                                                             "400 /params/action/payload/confirmation_id",
		`{"type": "threads.custom_action", "params": {` + in + `, "action": {"type": "confirm", "payload": {"confirmation_id": "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"}}}}`:     "404 ",
		`{"type": "threads.get_by_id", "params": {` + strange + `}}`:                                                                                                           "404 ",
		`{"type": "threads.list", "params": {"limit": 0}}`:                                                                                                                     "400 /params/limit",
		`{"type": "threads.list", "params": {"limit": 1e99}}`:                                                                                                                  "400 /params/limit",
		`{"type": "threads.list", "params": {"order": "any"}}`:                                                                                                                 "400 /params/order",
		`{"type": "threads.list", "params": {"after": "x"}}`:                                                                                                                   "400 /params/after",
		`{"type": "items.list", "params": {}}`:                                                                                                                                 "400 /params/thread_id",
		`{"type": "items.list", "params": {` + strange + `}}`:                                                                                                                  "404 ",
		`{"type": "threads.update", "params": {` + in + `, "title": " "}}`:                                                                                                     "400 /params/title",
		`{"type": "threads.update", "params": {` + in + `, "title": "` + strings.Repeat("ü", 81) + `"}}`:                                                                       "400 /params/title",
		`{"type": "threads.update", "params": {` + in + `, "title": "a\u0000"}}`:                                                                                               "400 /params/title",
		`{"type": "threads.update", "params": {` + strange + `, "title": "a"}}`:                                                                                                "404 ",
		`{"type": "threads.delete", "params": {}}`:                                                                                                                             "400 /params/thread_id",
		`{"type": "threads.delete", "params": {` + strange + `}}`:                                                                                                              "404 ",
	} {
		status, answer := s.kit(t, alice, body)
		var p struct{ Errors []struct{ Pointer string } }
		if err := json.Unmarshal([]byte(answer), &p); err != nil {
			t.Fatalf("%s: %d %s", body, status, answer)
		}
		got := fmt.Sprint(status, " ")
		if len(p.Errors) > 0 {
			got += p.Errors[0].Pointer
		}
		if got != want {
			t.Errorf("%.200s: %s, not %s", body, got, want)
		}
	}
	bob := apptest.Anybody(t)
	for _, kind := range []string{"threads.get_by_id", "items.list", "threads.delete"} {
		if status, answer := s.kit(t, bob, `{"type": "`+kind+`", "params": {`+in+`}}`); status != http.StatusNotFound {
			t.Errorf("another's %s: %d %s", kind, status, answer)
		}
	}
}

func TestAModelWithoutAnAddressStopsTheStart(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), app.Settings{DatabaseURL: server.New(t).URL(postgres.AppRole), DatabaseConns: 1, Model: app.Model{URL: "nowhere", Name: "m"}}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.WithoutCancel(t.Context()))
	if err := chat.Attach(a, zap.NewNop()); err == nil {
		t.Error("it starts")
	}
}

package pagetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
	"todo-app/internal/limit"
)

// says something in the chat and waits for the answer.
func (p *person) says(text string) {
	p.Helper()
	before := p.answersGiven()
	asks[any](p, "document.getElementById('saying').focus(), 0")
	p.types(text)
	p.presses("Enter")
	p.until("an answer to "+text, func() bool { return p.answersGiven() > before })
}

// answersGiven counts what the chat has answered, nothing while it answers.
func (p *person) answersGiven() int {
	p.Helper()
	return asks[int](p, "document.querySelector('.saying .primary') ? document.querySelectorAll('.said.assistant').length : 0")
}

// answer returns the words of the newest answer.
func (p *person) answer() string {
	p.Helper()
	return asks[string](p, "[...document.querySelectorAll('.said.assistant')].at(-1)?.innerText ?? ''")
}

// chats opens the chat.
func (p *person) chats() {
	p.Helper()
	p.clicks("button", "Chat")
	p.fieldIsReady()
}

// fieldIsReady waits until what is typed goes to the chat: its field may be drawn before it can have the focus.
func (p *person) fieldIsReady() {
	p.Helper()
	p.until("the field", func() bool { return p.answers("document.activeElement?.id === 'saying'") })
}

func TestAChatThatIsNotDeployedIsNotOffered(t *testing.T) {
	s := serveWithout(t, []function.Name{function.Chat}, open, app.Create, app.List)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.presses("a")
	p.presses("?")
	p.sees("Keyboard shortcuts")
	if p.reads("Chat") || p.answers("!!document.getElementById('chat') || !!document.querySelector('.chat')") {
		t.Error("a chat is offered that there is not")
	}
	p.isAccessible("a page without a chat")
	if asks[bool](p, "performance.getEntriesByType('resource').some(one => one.name.includes('chat'))") {
		t.Error("a function that is not there is asked")
	}
}

func TestAServiceWithoutAChatSaysSo(t *testing.T) {
	s := serveAs(t, open, app.Create, app.List)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	if asks[bool](p, "performance.getEntriesByType('resource').some(one => one.name.endsWith('/chat.js'))") {
		t.Error("the chat is fetched before anybody asks for it")
	}
	p.presses("a")
	p.sees("This service has no chat. Whoever runs it turns it on")
	p.isAccessible("no chat")
	p.types(kb.Escape)
	p.seesNo("This service has no chat.")
	if focus := asks[string](p, "document.activeElement.id"); focus != "chat" {
		t.Errorf("the focus is on %q", focus)
	}
}

func TestTasksAreTalkedAbout(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Buy paint", "due": "2020-01-01"})
	p := visit(t, s.url+"/#all")
	p.lists("Buy paint")
	p.chats()
	p.says("what is overdue")
	if answer := p.answer(); !strings.Contains(answer, "Buy paint") || !strings.Contains(answer, "language model") {
		t.Error(answer)
	}
	p.says("add Pay rent tomorrow 9am !high")
	p.lists("Buy paint", "Pay rent")
	p.photograph("chat")
	p.isAccessible("a chat")
	p.within(".chat", func() {
		p.clicks("button", "Pay rent")
		p.scope = ".details"
		p.clicks("button", "Close")
	})
	p.until("the focus is where it was", func() bool {
		return p.answers("document.activeElement.innerText === 'Pay rent' && !!document.activeElement.closest('.chat')")
	})
	p.within(".chat", func() { p.clicks("button", "Undo") })
	p.lists("Buy paint")
	p.until("it is told to be undone", func() bool { return strings.Contains(p.answer(), "Undone") })

	// It is all there after the page is loaded anew, in this tab, and in a list elsewhere.
	p.do(chromedp.Reload())
	p.lists("Buy paint")
	p.chats()
	p.until("what was said", func() bool {
		return asks[int](p, "document.querySelectorAll('.said').length") == 4 && strings.Contains(p.answer(), "Undone")
	})
	p.clicks("button", "New conversation")
	p.until("nothing is said yet", func() bool { return p.answers("!document.querySelector('.said')") })
	p.says("today")
	p.clicks("button", "Earlier conversations")
	p.sees("what is overdue")
	p.photograph("chat-earlier")
	p.isAccessible("earlier conversations")
	asks[any](p, "window.confirm = () => true, 0")
	p.clicks("button", "Delete “today”")
	p.until("one conversation", func() bool { return asks[int](p, "document.querySelectorAll('.chat .small-list li').length") == 1 })
	asks[any](p, "document.querySelector('.chat .small-list .title').click(), 0")
	p.until("the first one", func() bool { return asks[int](p, "document.querySelectorAll('.said').length") == 4 })
}

func TestADeletionByChatIsAskedAboutAndUndone(t *testing.T) {
	s := serve(t)
	for _, title := range []string{"Buy paint", "Call mum", "Pay rent"} {
		made := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title})
		if title != "Pay rent" {
			s.does(t, "POST", "/api/v1/tasks/"+made["id"].(string)+"/complete", nil)
		}
	}
	p := visit(t, s.url+"/#done")
	p.until("two tasks", func() bool { return len(p.titles()) == 2 })
	p.chats()
	p.says("delete completed tasks")
	for _, said := range []string{"Delete 2 tasks", "Buy paint", "Call mum"} {
		if answer := p.answer(); strings.Count(answer, said) != 1 {
			t.Errorf("%q is said %d times in %q", said, strings.Count(answer, said), answer)
		}
	}
	p.photograph("chat-question")
	p.isAccessible("a question")
	decides := func(button string) {
		t.Helper()
		before := p.answersGiven()
		p.clicks("button", button)
		p.until("an answer to "+button, func() bool { return p.answersGiven() > before })
		if asks[bool](p, "!!document.querySelector('.question')") {
			t.Error("it is still asked")
		}
		if focus := asks[string](p, "document.activeElement.id"); focus != "saying" {
			t.Errorf("the focus is on %q", focus)
		}
	}
	decides("No, leave it")
	if all := s.tasks(t, "?status=completed"); len(all) != 2 {
		t.Fatal("deleted although somebody said no:", all)
	}
	p.says("delete completed tasks")
	decides("Yes, do it")
	p.sees("What you complete is kept here.")
	p.within(".chat", func() { p.clicks("button", "Undo") })
	p.until("two tasks again", func() bool { return len(p.titles()) == 2 })

	// A question waits also for somebody who has loaded the page anew.
	p.says("delete Pay rent")
	p.do(chromedp.Reload())
	p.chats()
	p.clicks("button", "Yes, do it")
	p.until("it is gone", func() bool { return len(s.tasks(t, "?status=pending")) == 0 })
}

func TestTheChatByKeyboardAloneAndOnAPhone(t *testing.T) {
	s := serve(t)
	furnished(t, s)
	p := visit(t, s.url+"/#all")
	p.sees("Book flights")
	p.prefers(&emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	p.presses("?")
	p.until("the key is listed", func() bool { return p.answers("document.querySelector('.sheet').innerText.includes('Chat')") })
	p.types(kb.Escape)
	p.until("the sheet is gone", func() bool { return p.answers("!document.querySelector('.sheet')") })
	p.presses("a")
	p.fieldIsReady()
	p.says("delete Book flights")
	p.until("the no", func() bool {
		p.types(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))
		return p.answers("document.activeElement.innerText === 'No, leave it'")
	})
	p.types(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))
	p.presses("Enter")
	p.until("it is deleted", func() bool { return len(s.tasks(t, "?q=flights")) == 0 })
	p.until("the answer is told to who does not see it", func() bool {
		return p.answers("document.querySelector('[role=status][aria-live]').textContent.includes('Deleted “Book flights”')")
	})
	p.types(kb.Escape)
	p.until("the focus is on the button", func() bool { return p.answers("document.activeElement?.id === 'chat'") })
	p.until("the chat is gone", func() bool { return p.answers("!document.querySelector('.chat')") })

	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	asks[any](p, "document.getElementById('chat').click(), 0")
	p.until("a sheet", func() bool {
		return p.answers("document.querySelector('.chat')?.offsetHeight === innerHeight && document.querySelector('main').inert")
	})
	p.fits()
	p.photograph("phone-chat")
	p.isAccessible("the chat on a phone")
	p.within(".chat", func() { p.clicks("button", "Close") })
	p.until("the list is there again", func() bool { return p.answers("!document.querySelector('main').inert") })
}

func TestTheChatInUrdu(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	asks[any](p, "localStorage.setItem('language', 'ur'), 0")
	p.do(chromedp.Reload())
	p.clicks("button", "گفتگو")
	p.fieldIsReady()
	p.says("دودھ لانا شامل کرو")
	p.lists("دودھ لانا")
	p.says("دودھ لانا حذف کرو")
	p.photograph("chat-urdu")
	p.isAccessible("the chat in Urdu")
	p.clicks("button", "ہاں، کر دیں")
	p.lists()
}

func TestWhatIsTypedOutlivesWhateverGoesWrong(t *testing.T) {
	s := serveAs(t, func(s *app.Settings) {
		open(s)
		s.Rate = limit.Rate{Burst: 150, Interval: time.Hour}
	})
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	written := func() string { return asks[string](p, "document.getElementById('saying').value") }
	keeps := func(why string) {
		t.Helper()
		p.presses("Enter")
		p.until(why, func() bool {
			return p.answers("document.querySelector('.chat [role=alert]')?.innerText.includes(" + quoted(why) + ")")
		})
		p.until("it is written still", func() bool { return written() == "add Pay rent" })
	}
	p.types("add Pay rent")
	p.offline(true)
	keeps("The service cannot be reached.")
	p.photograph("chat-offline")
	p.isAccessible("a chat that cannot be reached")
	p.offline(false)
	p.do(chromedp.Reload())
	p.chats()
	p.until("it is there after the page is loaded anew", func() bool { return written() == "add Pay rent" })
	p.presses("Enter")
	p.lists("Pay rent")
	p.until("nothing is written", func() bool { return written() == "" })
	asks[any](p, "document.getElementById('saying').value = 'x'.repeat(4001), document.getElementById('saying').dispatchEvent(new Event('input', {bubbles: true})), 0")
	p.sees("4,001 characters are too many")
	asks[any](p, "document.getElementById('saying').select(), 0")
	p.types("add Pay rent")
	for s.status(t, "/api/v1/stats") == http.StatusOK { // until the owner has asked for as much as one may
	}
	keeps("That was too much at once.")
}

func TestWhoHasToSignInAnewGoesOnTalking(t *testing.T) {
	s, p := chatsWithAKey(t)
	p.says("add Buy paint")
	p.types("add Pay rent")
	s.revokeKey(t, p)
	if p.answers("!!document.getElementById('saying')") { // where the page has not found out by itself
		p.presses("Enter")
	}
	s.key = keyOf(t, s.database)
	p.writes("API key", s.key+kb.Enter)
	p.fieldIsReady()
	p.until("what is written is written still", func() bool { return p.answers("document.getElementById('saying').value === 'add Pay rent'") })
	p.until("what was said is there", func() bool { return strings.Contains(p.answer(), "Buy paint") })
	if p.answers("!!document.querySelector('.chat [role=alert]')") {
		t.Error("the chat tells of a key that was replaced")
	}
	p.presses("Enter")
	p.lists("Buy paint", "Pay rent")
	p.signsOut()
}

func TestARefusalOfAnEarlierKeyAsksForNoOther(t *testing.T) {
	s, p := chatsWithAKey(t)
	p.types("add Pay rent")
	asks[any](p, `window.fetch = (fetch => async (url, options) => {
		if (String(url).includes("/chat?")) await new Promise(send => {
			window.fetch = fetch;
			window.send = send;
		});
		return fetch(url, options);
	})(fetch), 0`)
	p.presses("Enter")
	p.until("it is being sent", func() bool { return p.answers("!!window.send") })
	s.revokeKey(t, p)
	asks[any](p, "dispatchEvent(new Event('online')), 0") // the page looks for itself, and is refused at once
	s.key = keyOf(t, s.database)
	p.writes("API key", s.key+kb.Enter)
	p.fieldIsReady()
	asks[any](p, "window.send(), 0")
	p.until("what was refused is written again", func() bool { return p.answers("document.getElementById('saying')?.value === 'add Pay rent'") })
	p.presses("Enter")
	p.lists("Pay rent")
}

// chatsWithAKey opens the chat of somebody who has signed in with an API key.
func chatsWithAKey(t *testing.T) (*service, *person) {
	t.Helper()
	s := serve(t, function.APIKey)
	s.key = keyOf(t, s.database)
	p := visit(t, s.url+"/#all")
	p.writes("API key", s.key+kb.Enter)
	p.sees("Nothing here yet")
	p.chats()
	return s, p
}

// signsOut signs out who has an API key, of whom nothing is left then.
func (p *person) signsOut() {
	p.Helper()
	p.clicks("link", "Settings")
	p.clicks("button", "Sign out")
	p.sees("Paste an API key")
	if kept := asks[int](p, "sessionStorage.length"); kept != 0 {
		p.Error("something is left of who was signed in")
	}
}

// revokeKey revokes the one key that there is, and waits until it is taken no longer.
func (s *service) revokeKey(t *testing.T, p *person) {
	t.Helper()
	var keys []struct{ ID string }
	if err := json.Unmarshal(s.answer(t, "GET", "/api/v1/keys", nil), &keys); err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	s.answer(t, "DELETE", "/api/v1/keys/"+keys[0].ID, nil)
	p.until("the key is taken no longer", func() bool { return s.status(t, "/api/v1/stats") == http.StatusUnauthorized })
}

// status asks, and returns how that is answered.
func (s *service) status(t *testing.T, path string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestAnAnswerThatBrokeOffIsAskedForAgainAndDoneOnce(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	// The page hears of the answer's beginning, and of nothing else.
	asks[any](p, `window.fetch = (fetch => async (url, options) => {
		const got = await fetch(url, options);
		if (!String(url).includes("/chat?") || options.method !== "POST") return got;
		await got.text();
		window.fetch = fetch;
		return new Response("event: delta\ndata: {\"text\":\"Add\"}\n\n", {headers: {"Content-Type": "text/event-stream"}});
	})(fetch), 0`)
	p.types("add Pay rent")
	p.presses("Enter")
	p.sees("The answer broke off.")
	p.presses("Enter")
	p.until("the answer", func() bool { return strings.Contains(p.answer(), "Added “Pay rent”") })
	if all := s.tasks(t, ""); len(all) != 1 {
		t.Errorf("added %d times", len(all))
	}
}

func TestALanguageModelThatCannotBeReachedIsSaidToBe(t *testing.T) {
	s := serveAs(t, func(s *app.Settings) {
		open(s)
		s.Model = app.Model{URL: "http://127.0.0.1:1", Name: "none"}
	})
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	p.types("what can wait?")
	for asked := range 2 {
		p.presses("Enter")
		p.until("it is asked", func() bool {
			return asks[int](p, "performance.getEntriesByType('resource').filter(one => one.name.includes('/chat?')).length") > asked
		})
		p.sees("The language model cannot be reached. There is no answer at the moment; send it again in a while.")
		p.until("it is written still", func() bool { return p.answers("document.getElementById('saying').value === 'what can wait?'") })
	}
	p.photograph("chat-no-model")
	// The service has kept it, once.
	kept := s.does(t, "GET", "/api/v1/chat/conversations", nil)["conversations"].([]any)
	if len(kept) != 1 {
		t.Fatal(kept)
	}
	if all := s.does(t, "GET", "/api/v1/chat/conversations/"+kept[0].(map[string]any)["id"].(string), nil)["messages"].([]any); len(all) != 1 {
		t.Error(all)
	}
}

// slowModel is an OpenAI-compatible endpoint that begins to answer, and goes on
// once it may.
func slowModel(t *testing.T) (url string, asked, left chan struct{}) {
	t.Helper()
	asked, left = make(chan struct{}, 9), make(chan struct{}, 9)
	chunk := func(w http.ResponseWriter, text string) {
		fmt.Fprintf(w, "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"slow\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":%s},\"finish_reason\":null}]}\n\n", quoted(text))
		_ = http.NewResponseController(w).Flush()
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			chunk(w, fmt.Sprintf("<b onclick=\"steal()\">%d</b> \u202etxet\u202c & ", i))
		}
		asked <- struct{}{}
		<-r.Context().Done()
		left <- struct{}{}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return s.URL, asked, left
}

func TestAnAnswerComesInPiecesAsTextAloneAndIsStopped(t *testing.T) {
	model, asked, left := slowModel(t)
	s := serveAs(t, func(s *app.Settings) {
		open(s)
		s.Model = app.Model{URL: model, Name: "slow"}
	})
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	p.types("hello")
	p.presses("Enter")
	<-asked
	p.until("the beginning", func() bool { return strings.Contains(p.answer(), `<b onclick="steal()">2</b>`) })
	if asks[bool](p, "!!document.querySelector('.talk b')") {
		t.Error("what a model says becomes a part of the page")
	}
	p.photograph("chat-coming")
	p.isAccessible("an answer that is coming")
	p.clicks("button", "Stop")
	p.sees("Stopped. What was done until then stands.")
	<-left // it is told to the model, too
	p.find("button", "Send")
}

// sayingModel is an OpenAI-compatible endpoint that replies with these texts, the
// last of them again and again. One that begins with a brace is the arguments of a
// call of add_task.
func sayingModel(t *testing.T, replies ...string) (url string) {
	t.Helper()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		chunk := func(delta map[string]any, finish any) {
			text, _ := json.Marshal(map[string]any{"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
				"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
			fmt.Fprintf(w, "data: %s\n\n", text)
		}
		reply := replies[min(int(asked.Add(1)), len(replies))-1]
		if strings.HasPrefix(reply, "{") {
			chunk(map[string]any{"role": "assistant", "tool_calls": []any{map[string]any{"index": 0, "id": "a", "type": "function", "function": map[string]any{"name": "add_task", "arguments": reply}}}}, nil)
			chunk(map[string]any{}, "tool_calls")
		} else {
			for _, word := range strings.SplitAfter(reply, " ") {
				chunk(map[string]any{"role": "assistant", "content": word}, nil)
			}
			chunk(map[string]any{}, "stop")
		}
		fmt.Fprint(w, "data: [DONE]\n\n")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatAModelsToolWasRefusedForIsSaidInSentences(t *testing.T) {
	model := sayingModel(t, `{"title": "", "due": "some day"}`, "I could not.")
	s := serveAs(t, func(s *app.Settings) {
		open(s)
		s.Model = app.Model{URL: model, Name: "m"}
	})
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.chats()
	p.says("add something some day")
	p.until("the refusal", func() bool { return strings.Contains(p.answer(), "Not done.") })
	said := asks[string](p, "document.querySelector('.call.fault').innerText")
	if !strings.Contains(said, "Title must not be blank") || !strings.Contains(said, "Due is not understood") || strings.Contains(said, ";") || strings.Contains(said, "arguments") {
		t.Error(said)
	}
}

// stubVoice hears what the test says, as a browser that can listen does.
const stubVoice = `window.webkitSpeechRecognition = window.SpeechRecognition = class {
	start() { window.ear = this; }
	stop() { this.onend(); }
	abort() { this.onerror({error: "aborted"}); this.onend(); }
}, window.hear = (...texts) => ear.onresult({results: texts.map(transcript => [{transcript}])}), 0`

func TestWhatIsSpokenIsWrittenForThePersonToSend(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	asks[any](p, stubVoice)
	p.chats()
	p.types("add")
	p.clicks("button", "Speak")
	p.sees("Listening…")
	if language := asks[string](p, "ear.lang"); !strings.HasPrefix(language, "en") {
		t.Error("listens for", language)
	}
	asks[any](p, "hear('buy'), hear('buy milk', ' tomorrow'), 0")
	p.photograph("chat-voice")
	p.isAccessible("a page that listens")
	p.clicks("button", "Speak")
	p.seesNo("Listening…")
	if written := asks[string](p, "document.getElementById('saying').value"); written != "add buy milk tomorrow" {
		t.Errorf("%q is written", written)
	}
	if len(s.tasks(t, "")) != 0 {
		t.Error("sent without being asked to")
	}
	p.clicks("button", "Send")
	p.lists("buy milk")
	p.clicks("button", "Speak")
	asks[any](p, "ear.onerror({error: 'not-allowed'}), ear.onend(), 0")
	p.sees("This browser does not let the page listen")
	asks[any](p, "localStorage.setItem('language', 'ur'), 0")
	p.do(chromedp.Reload())
	p.find("button", "گفتگو")
	asks[any](p, stubVoice)
	p.clicks("button", "گفتگو")
	p.clicks("button", "بولیں")
	if language := asks[string](p, "ear.lang"); language != "ur-PK" {
		t.Error("listens for", language)
	}
	p.do(chromedp.Reload())
	p.find("button", "گفتگو")
	asks[any](p, "delete window.SpeechRecognition, delete window.webkitSpeechRecognition, 0")
	p.clicks("button", "گفتگو")
	p.until("the field", func() bool { return p.answers("!!document.getElementById('saying')") })
	if asks[bool](p, "!!document.querySelector('.saying [aria-pressed]')") {
		t.Error("a browser that cannot listen is said to")
	}
}

func TestWhatIsHeardAfterItWasSentIsNotWritten(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	asks[any](p, stubVoice)
	p.chats()
	p.clicks("button", "Speak")
	p.sees("Listening…")
	asks[any](p, "hear('add buy milk'), 0")
	p.clicks("button", "Send")
	p.lists("buy milk")
	p.seesNo("Listening…")
	asks[any](p, "hear('add buy milk again'), 0") // the browser is sure of it by now
	p.says("today")
	if said := asks[[]string](p, "[...document.querySelectorAll('.said.user .words')].map(one => one.innerText)"); fmt.Sprint(said) != "[add buy milk today]" {
		t.Errorf("%q", said)
	}
	p.clicks("button", "Speak")
	asks[any](p, "hear('what is overdue'), 0")
	p.until("it is written", func() bool { return p.answers("document.getElementById('saying').value === 'what is overdue'") })
}

// open lets everybody in.
func open(s *app.Settings) { s.Auth = []function.Auth{function.None} }

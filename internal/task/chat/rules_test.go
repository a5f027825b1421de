package chat_test

import (
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
)

const noModel = "No language model is set up here, so I understand a few words only; “help” lists them."

// TestRulesUnderstandWordsOfBothLanguages says one thing in a conversation of
// its own. What is used and asked is told apart by a question mark.
func TestRulesUnderstandWordsOfBothLanguages(t *testing.T) {
	for _, c := range []struct{ said, used, wants string }{
		{"help", "", "This is what I understand"},
		{"?", "", "This is what I understand"},
		{"What can you do?", "", "This is what I understand"},
		{"today", "today", "Wednesday, 2026-03-04:\n1. “Pay rent”"},
		{"What's due today?", "today", "1. “Pay rent”, 2026-03-04"},
		{"stats", "stats", "4 tasks: 4 open, 0 of them overdue, and 0 done."},

		{"list", `list_tasks {"status":"pending"}`, "4 tasks:\n1. “Pay rent”, 2026-03-04\n2. “Pay taxes”"},
		{"Show me all tasks", `list_tasks {"status":"all"}`, "4 tasks:"},
		{"tasks", `list_tasks {"status":"pending"}`, "4 tasks:"},
		{"overdue", `list_tasks {"due":"overdue","status":"pending"}`, "There are no such tasks."},
		{"what is overdue?", `list_tasks {"due":"overdue","status":"pending"}`, "There are no such tasks."},
		{"what do I have tomorrow", `list_tasks {"due":"tomorrow","status":"pending"}`, ""},
		{"what is done", `list_tasks {"status":"completed"}`, "There are no such tasks."},
		{"completed tasks", `list_tasks {"status":"completed"}`, ""},
		{"list all that is done", `list_tasks {"status":"completed"}`, "There are no such tasks."},
		{"list done and open tasks", `search_tasks {"query":"done and open tasks"}?`, "No task has these words."},
		{"what is due today?", "today", "1. “Pay rent”, 2026-03-04"},
		{"list open tasks due this week, #work #late @home", `list_tasks {"category":"home","due":"week","status":"pending","tags":["work","late"]}`, ""},
		{"list without a date", `list_tasks {"due":"none","status":"pending"}`, ""},
		{"show high priority tasks - please", `search_tasks {"query":"high priority tasks please"}?`, "No task has these words."},

		{"find rent", `search_tasks {"query":"rent"}`, "1 task:\n1. “Pay rent”"},
		{"search for: pay", `search_tasks {"query":"pay"}`, "2 tasks:"},
		{"show pay", `search_tasks {"query":"pay"}`, "2 tasks:"},
		{"find", "", "Which task?"},
		{"find a plumber", `search_tasks {"query":"a plumber"}?`, "No task has these words.\n\nI do not understand that. Add “find a plumber” as a task?"},

		{"add Buy milk tomorrow 9am !high @home #shop", `add_task {"category":"home","due":"2026-03-05T04:00:00Z","priority":"high","tags":["shop"],"title":"Buy milk"}`, "Added “Buy milk”, 2026-03-05 09:00. “undo” takes it back."},
		{"add Pay rent tomorrow 9am", `add_task {"due":"2026-03-05T04:00:00Z","title":"Pay rent"}`, "Added “Pay rent”, 2026-03-05 09:00. “undo” takes it back."},
		{"add tell Bob the report is done", `add_task {"title":"tell Bob the report is done"}`, "Added “tell Bob the report is done”."},
		{"add - Buy milk", `add_task {"title":"Buy milk"}`, "Added “Buy milk”. "},
		{"add : Buy milk", `add_task {"title":"Buy milk"}`, "Added “Buy milk”. "},
		{"list , all", `list_tasks {"status":"all"}`, "4 tasks:"},
		{"list @home @work", `search_tasks {"query":"home work"}`, "gives two categories"},
		{"Add: list the exits // all of them", `add_task {"description":"all of them","title":"list the exits"}`, "Added “list the exits”. “undo” takes it back."},
		{"add a task to water plants every! friday !30m", `add_task {"due":"2026-03-06","recurrence":"FREQ=WEEKLY;BYDAY=FR","recurrence_from":"completion","reminders":["-PT30M"],"title":"water plants"}`, "Added “water plants”"},
		{"add", "", "What is the task?"},
		{"add x tomorrow friday", "", "That could not be done: "},

		{"done rent", `search_tasks {"query":"rent"}, complete_task {"task_id":"01ff0000-0000-0000-0000-000000000000"}`, "Done: “Pay rent”, 2026-03-04. “undo” takes it back."},
		{"mark \"pay rent\" as done.", `search_tasks {"query":"pay rent"}, complete_task {"task_id":"01ff0000-0000-0000-0000-000000000000"}`, "Done: "},
		{"done water", `search_tasks {"query":"water"}, complete_task {"task_id":"04ff0000-0000-0000-0000-000000000000"}`, "Done: “Water”"},
		{"done pay", `search_tasks {"query":"pay"}`, "2 tasks:\n1. “Pay rent”, 2026-03-04\n2. “Pay taxes”, 2026-03-04\n\nWhich of them?"},
		{"done wat", `search_tasks {"query":"wat"}?`, "Mark “Water” as done?"},
		{"done with life", `search_tasks {"query":"life"}?`, "Add “done with life” as a task?"},
		{"complete rent", `search_tasks {"query":"rent"}?`, "Mark “Pay rent” as done?"},
		{"the rent is done", `search_tasks {"query":"rent"}?`, "Mark “Pay rent” as done?"},
		{"finish the report", `search_tasks {"query":"report"}?`, "Add “finish the report” as a task?"},
		{"complete all tasks", `?`, "Complete 4 tasks: “Pay rent”, “Pay taxes”, “میرا کرایہ”, “Water”? One undo takes all of it back."},
		{"done 2", `search_tasks {"query":"2"}?`, "Add “done 2” as a task?"},

		{"move rent to friday 3pm", `search_tasks {"query":"rent"}, update_task {"due":"2026-03-06T10:00:00Z","task_id":"01ff0000-0000-0000-0000-000000000000"}`, "Changed: “Pay rent”, "},
		{"reschedule the rent to tomorrow!", `search_tasks {"query":"rent"}, update_task {"due":"2026-03-05","task_id":"01ff0000-0000-0000-0000-000000000000"}`, "Changed: “Pay rent”, "},
		{"postpone my wat until monday", `search_tasks {"query":"wat"}?`, "Move “Water” to monday?"},
		{"move everything due today to tomorrow", `?`, "Change 4 tasks (due = 2026-03-05): "},
		{"move the sofa to the garage", "?", "Add “move the sofa to the garage” as a task?"},
		{"move rent to tomorrow #late", "?", "Add “move rent to tomorrow” as a task"},
		{"move rent", "?", "Add “move rent” as a task?"},
		{"move to friday", "?", "as a task"},
		{"push rent to friday to saturday", `search_tasks {"query":"rent to friday"}?`, "No task has these words."},

		{"delete the rent", `search_tasks {"query":"rent"}?`, "Delete “Pay rent”? It can be undone for 30 days."},
		{"delete rent", `search_tasks {"query":"rent"}?`, "Delete “Pay rent”? It can be undone for 30 days."},
		{"remove pay", `search_tasks {"query":"pay"}`, "Which of them?"},
		{"delete", "", "Which task?"},
		{"delete completed tasks", `bulk_tasks {"action":"delete","dry_run":false,"filter":{"status":"completed"}}`, "Nothing was changed."},
		{"delete all that is done", `bulk_tasks {"action":"delete","dry_run":false,"filter":{"status":"completed"}}`, "Nothing was changed."},
		{"delete completed tasks, all of them", `search_tasks {"query":"completed tasks all of them"}?`, "No task has these words."},
		{"delete all tasks", `bulk_tasks {"action":"delete","dry_run":false,"filter":{"status":"all"}} refused`, "must have a condition"},
		{"delete open tasks", `?`, "Delete 4 tasks: "},
		{"delete old mails", `search_tasks {"query":"old mails"}?`, "Add “delete old mails” as a task?"},

		{"undo", ``, "There is nothing to take back."},
		{"yes", "", "There is nothing that waits"},
		{"no", "", "There is nothing that waits"},

		{"Buy milk tomorrow", "?", "I do not understand that. Add “Buy milk” as a task (2026-03-05)?"},
		{"remind me to call mum", "?", "Add “remind me to call mum” as a task?"},
		{"what is the capital of France?", "?", "Add “what is the capital of France?” as a task?"},
		{"list today tomorrow", `search_tasks {"query":"today tomorrow"}`, "No task has these words.\n\nThat could not be done: gives two dates"},
		{"the", "?", "Add “the” as a task?"},
		{strings.Repeat("long ", 200), "", "That could not be done: gives a title that must be at most 500 characters"},

		{"مدد", "", "میں یہ سمجھتا ہوں"},
		{"آج", "today", "2026-03-04:\n1. ”Pay rent“"},
		{"آج کے کام دکھاؤ", "today", ""},
		{"فہرست", `list_tasks {"status":"pending"}`, "4 کام:\n1. ”Pay rent“"},
		{"سب کام دکھائیں", `list_tasks {"status":"all"}`, "4 کام:"},
		{"میرے مکمل شدہ کام", `list_tasks {"status":"completed"}`, "ایسا کوئی کام نہیں۔"},
		{"مَدَد", "", "میں یہ سمجھتا ہوں"},
		{"اس ہفتے کے کام کیا ہیں؟", `list_tasks {"due":"week","status":"pending"}`, ""},
		{"کل کے کام", "?", "میں یہ نہیں سمجھا۔ کیا ”کل کے کام“ کو کام کے طور پر شامل کروں؟"},
		{"دودھ شامل کریں", `add_task {"title":"دودھ"}`, "شامل کیا: ”دودھ“۔ ”واپس لیں“ سے یہ واپس ہو جائے گا۔"},
		{"نیا کام: دودھ tomorrow", `add_task {"due":"2026-03-05","title":"دودھ"}`, "شامل کیا"},
		{"بجلی تلاش کریں", `search_tasks {"query":"بجلی"}?`, "کسی کام میں یہ الفاظ نہیں۔"},
		{"میرا کرایہ تلاش کریں", `search_tasks {"query":"میرا کرایہ"}`, "1 کام:\n1. ”میرا کرایہ“"},
		{"ميرا كرايه مکمل کر دیں", `search_tasks {"query":"میرا کرایہ"}, complete_task {"task_id":"03ff0000-0000-0000-0000-000000000000"}`, "مکمل ہوا: ”میرا کرایہ“"},
		{"میرا کرایہ ہو گیا", `search_tasks {"query":"میرا کرایہ"}?`, "کیا ”میرا کرایہ“ کو مکمل کروں؟"},
		{"میرا کرایہ حذف کر دو", `search_tasks {"query":"میرا کرایہ"}?`, "کیا ”میرا کرایہ“ کو حذف کروں؟"},
		{"واپس لیں", "", "واپس لینے کو کچھ نہیں۔"},
		{"جی", "", "ہاں یا نہیں کا انتظار"},
		{"بجلی کا بل", "?", "کیا ”بجلی کا بل“ کو کام کے طور پر شامل کروں؟"},
	} {
		l := (&list{}).with("Pay rent", "Pay taxes", "میرا کرایہ", "Water")
		conversation := begin(t, l, nil)
		got := conversation.say(c.said)
		notice := noModel
		if strings.HasPrefix(got, "یہاں") {
			notice, _, _ = strings.Cut(got, "\n")
		}
		rest, introduced := strings.CutPrefix(got, notice+"\n\n")
		if used := spelled(conversation); used != c.used || !strings.Contains(rest, c.wants) || !introduced || conversation.last.Message.By != chat.ByRules {
			t.Errorf("%s:\nuses %s\nnot  %s\nsays %s", c.said, used, c.used, rest)
		}
	}
}

// spelled are the calls of the last answer with their arguments, and a question
// mark where it asks for a yes.
func spelled(c *talk) string {
	var all []string
	for _, call := range c.last.Message.Calls {
		s := call.Name
		if arguments := string(call.Arguments); call.Name != "today" && call.Name != "stats" {
			s += " " + arguments
		}
		if call.Refused {
			s += " refused"
		}
		all = append(all, s)
	}
	s := strings.Join(all, ", ")
	if c.last.Message.Confirmation != nil {
		s += "?"
	}
	return s
}

func TestAConversationByRules(t *testing.T) {
	l := (&list{}).with("Pay rent", "Pay taxes", "Fixed costs", "Pay rent")
	c := begin(t, l, nil)
	for _, turn := range []struct{ said, wants, tasks string }{
		{"hello there", "Add “hello there” as a task?", "Pay rent, Pay taxes, Fixed costs, Pay rent"},
		{"no", "All right, nothing was done.", "Pay rent, Pay taxes, Fixed costs, Pay rent"},
		{"Ask Bob", "I do not understand that. Add “Ask Bob” as a task?", "Pay rent, Pay taxes, Fixed costs, Pay rent"},
		{"yes", "Added “Ask Bob”. “undo” takes it back.", "Pay rent, Pay taxes, Fixed costs, Pay rent, Ask Bob"},
		{"undo", "Taken back: “x”. “undo” again goes one step further back.", "Pay rent, Pay taxes, Fixed costs, Pay rent"},
		{"done pay rent", "2 tasks:\n1. “Pay rent”, 2026-03-04\n2. “Pay rent”, 2026-03-04\n\nWhich of them?", "Pay rent, Pay taxes, Fixed costs, Pay rent"},
		{"done 2", "Done: “Pay rent”, 2026-03-04.", "Pay rent, Pay taxes, Fixed costs, Pay rent ✓"},
		{"مکمل ۲", "کچھ نہیں بدلا: ”Pay rent“ پہلے ہی ایسا تھا۔", "Pay rent, Pay taxes, Fixed costs, Pay rent ✓"},
		{"list all", "4. “Pay rent”, 2026-03-04 ✓", "Pay rent, Pay taxes, Fixed costs, Pay rent ✓"},
		{"delete 2", "Delete “Pay taxes”?", "Pay rent, Pay taxes, Fixed costs, Pay rent ✓"},
		{"ok", "Deleted “Pay taxes”. “undo” takes it back.", "Pay rent, Fixed costs, Pay rent ✓"},
	} {
		if got := c.say(turn.said); !strings.Contains(got, turn.wants) || strings.Contains(got, noModel) != (turn.said == "hello there") {
			t.Errorf("%s: %s", turn.said, got)
		}
		c.has(turn.tasks)
	}
	if got := c.say("complete all tasks"); !strings.Contains(got, "Complete 1 task: “Pay rent”?") {
		t.Error(got)
	}
	c.list.tasks[0].Title = "Fixed now"
	if got := c.does(chat.Saying{Confirm: c.asks().ID}); got != "Done to 0 tasks. Refused for 1: it is fixed." {
		t.Error(got)
	}
	if got := c.say("delete 2"); got != "That could not be done: there is no such task." {
		t.Error("what is numbered is not what was shown:", got)
	}
	c.say("list")
	if got := c.say("delete 2"); !strings.Contains(got, "“Fixed costs”") {
		t.Error(got)
	}
	l.tasks = nil
	if got := c.say("yes"); got != "That could not be done: there is no such task." {
		t.Error(got)
	}
}

func TestALanguageIsThatOfTheQuestion(t *testing.T) {
	c := begin(t, (&list{}).with("Pay rent"), nil)
	c.say("Pay rent حذف کریں میرا")
	c.say("کرایہ دینا ہے")
	if got := c.does(chat.Saying{Decline: c.asks().ID}); got != "ٹھیک ہے، کچھ نہیں کیا گیا۔" {
		t.Error(got)
	}
	c.list.with("میرا کرایہ")
	c.say("delete 1 please میرا")
	c.say("find میرا")
	c.say("delete 1")
	if got := c.does(chat.Saying{Decline: c.asks().ID}); got != "All right, nothing was done." {
		t.Error(got)
	}
}

func TestAReaderReadsByRules(t *testing.T) {
	c := begin(t, (&list{}).with("Pay rent"), nil)
	c.reader = true
	for said, wants := range map[string]string{
		"list": "1. “Pay rent”", "find rent": "1. “Pay rent”", "add x": "may only read", "yes": "may only read", "Buy milk": "may only read", "delete rent": "may only read",
	} {
		if got := c.say(said); !strings.Contains(got, wants) || c.last.Message.Confirmation != nil {
			t.Errorf("%s: %s", said, got)
		}
	}
	c.has("Pay rent")
}

func TestRulesSayWhatCannotBeDone(t *testing.T) {
	c := begin(t, (&list{}).with("Pay rent"), nil)
	c.list.fails = &assist.Refusal{Kind: assist.Unavailable, Detail: "storage is unavailable"}
	for _, said := range []string{"list", "add x", "done rent", "buy milk", "today", "delete open tasks", "move rent to friday"} {
		if got := c.say(said); !strings.Contains(got, "storage is unavailable") && !strings.Contains(got, "cannot be reached at the moment") {
			t.Errorf("%s: %s", said, got)
		}
	}
}

func TestWhatMattersOfATaskIsSaid(t *testing.T) {
	c := begin(t, &list{}, nil)
	c.say("today")
	if got := c.say("today"); got != "Wednesday, 2026-03-04: Nothing is overdue or due today." {
		t.Error(got)
	}
	c.list.with("Parent", "Tardy")
	c.list.tasks[0].Subtasks.Total = 2
	c.list.tasks[1].Overdue, c.list.tasks[1].Due = true, task.Due{At: time.Date(2026, 3, 4, 4, 30, 0, 0, time.UTC)}
	c.list.more = true
	if got := c.say("list"); got != "The first 2 tasks; there are more:\n1. “Parent”, 2026-03-04\n2. “Tardy”, 2026-03-04 09:30, overdue" {
		t.Error(got)
	}
	if got := c.say("today"); got != "Wednesday, 2026-03-04: The first 1 task; there are more:\n1. “Parent”, 2026-03-04" {
		t.Error(got)
	}
	if got := c.say("done tardy"); !strings.Contains(got, "Which of them?") {
		t.Error("it takes the first of more for the only one:", got)
	}
	c.list.more = false
	if got := c.say("delete parent"); got != "Delete “Parent” and its subtasks (2)? It can be undone for 30 days." {
		t.Error(got)
	}
	c.list.next = true
	if got := c.say("done tardy"); got != "Done: “Tardy”, 2026-03-04 09:30, overdue. Next time: 2026-03-05. “undo” takes it back." {
		t.Error(got)
	}
}

func TestWhatAnotherReleaseHasKeptIsNoHarm(t *testing.T) {
	c := begin(t, (&list{}).with("Rent"), nil)
	c.say("delete rent")
	kept := c.store.conversations[c.id]
	kept.Messages[1].Confirmation.Name = "burn_task"
	if got := c.say("yes"); got != "This can no longer be done as it was asked for; ask for it again." {
		t.Error(got)
	}
	c.say("list")
	for i := range kept.Messages {
		for j := range kept.Messages[i].Calls {
			kept.Messages[i].Calls[j].Result = []byte(`{"tasks": "none"}`)
		}
	}
	if got := c.say("done 1"); !strings.Contains(got, "No task has these words") {
		t.Error(got)
	}
	for i := range kept.Messages {
		for j := range kept.Messages[i].Calls {
			kept.Messages[i].Calls[j].Result = []byte(`[]`)
		}
	}
	if got := c.say("undo"); got != "There is nothing to take back." {
		t.Error(got)
	}
}

func TestWhatWasDoneElsewhereIsTakenBackByAYes(t *testing.T) {
	c := begin(t, &list{}, nil)
	elsewhere := func(action task.Action, title string) {
		c.list.write(string(action), now)
		c.list.with(title)
		c.list.steps[0].Tasks, c.list.steps[0].Titles = 3, []string{title}
	}
	for _, turn := range []struct {
		before            func()
		said, wants, then string
	}{
		{nil, "add Milk", "Added “Milk”.", "Milk"},
		{nil, "list", "1 task:", "Milk"},
		{nil, "undo", "Taken back", ""},                     // what this conversation did last is what was done last
		{nil, "undo", "There is nothing to take back.", ""}, // there is no step more
		{func() { elsewhere("created", "Bread") }, "undo", "maybe elsewhere: added “Bread”", "Bread"},
		{nil, "no", "nothing was done", "Bread"},
		{nil, "list", "1 task:", "Bread"},
		{nil, "undo", "Take back what was done last, maybe elsewhere: added “Bread” and 2 more?", "Bread"},
		{nil, "yes", "Taken back", ""},
		{func() { elsewhere("melted", "Ice") }, "list", "1 task:", "Ice"},
		{nil, "واپس لیں", "کیا اسے واپس لوں: melted ”Ice“ اور 2 مزید؟", "Ice"},
		{func() { c.list.fails = task.ErrUnavailable }, "undo", "The tasks cannot be reached", "Ice"},
	} {
		if turn.before != nil {
			turn.before()
		}
		if got := c.say(turn.said); !strings.Contains(got, turn.wants) {
			t.Errorf("%s: %s", turn.said, got)
		}
		c.has(turn.then)
	}
}

func TestAYesToATaskThatIsCalledOtherwiseByNowDoesNothing(t *testing.T) {
	for said, question := range map[string]string{"done pay ren": "Mark “Pay rental” as done?", "move pay ren to friday": "Move “Pay rental” to friday?"} {
		c := begin(t, (&list{}).with("Pay rental"), nil)
		if got := c.say(said); !strings.HasSuffix(got, question) {
			t.Fatal(got)
		}
		c.list.tasks[0].Title = "Cancel insurance"
		if got := c.say("yes"); !strings.Contains(got, "can no longer be done as it was asked for") {
			t.Error(got)
		}
		c.has("Cancel insurance")
	}
}

func TestAMoveThatIsAgreedToTomorrowIsToTheDayThatWasMeant(t *testing.T) {
	c := begin(t, (&list{}).with("Water"), nil)
	c.say("move wat to tomorrow")
	if got := string(c.asks().Arguments); got != `{"due":"2026-03-05","task_id":"01ff0000-0000-0000-0000-000000000000"}` {
		t.Error(got)
	}
}

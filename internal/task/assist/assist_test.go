package assist_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// noted is a service that has one task, notes what it is given, and fails where
// it is told to.
type noted struct {
	zone    *time.Location
	fails   error
	lacks   error // what one task by its id is answered with
	unsure  error // what writes are answered with
	due     task.Due
	created task.Patch
	updated task.Patch
	bulk    assist.Bulk
	many    int // tasks that a list has
	asked   int
}

var now = time.Date(2026, 3, 4, 22, 30, 0, 0, time.UTC) // a Wednesday

var mine = assist.Task{Task: task.Task{ID: task.ID{1, 2, 3, 4}, Version: 1, Title: "Mine", Priority: task.Medium, Category: "other", UpdatedAt: now}}

func (n *noted) List(_ context.Context, params url.Values) (assist.Page, error) {
	n.asked++
	if n.fails != nil {
		return assist.Page{}, n.fails
	}
	p := assist.Page{Tasks: []assist.Task{mine}}
	if n.many > 0 {
		n.many--
		p.Tasks = slices.Repeat(p.Tasks, task.MaxLimit)
		p.Next = "more"
	}
	return p, nil
}

func (n *noted) Get(context.Context, task.ID) (assist.Task, error) {
	if n.lacks != nil {
		return assist.Task{}, n.lacks
	}
	t := mine
	t.Due = n.due
	return t, n.fails
}

func (n *noted) Numbers(context.Context) (json.RawMessage, error) {
	return json.RawMessage("{}"), n.fails
}

func (n *noted) Trends(context.Context) (json.RawMessage, error) {
	return json.RawMessage("{}"), n.fails
}

func (n *noted) Steps(context.Context) ([]assist.Step, error) {
	return []assist.Step{{Operation: 8, At: now, Actor: task.AutoArchiver, Action: "archived"}, {Operation: 7, At: now, Action: "updated"}}, n.fails
}

func (n *noted) View(context.Context) (task.View, error) {
	zone := n.zone
	if zone == nil {
		zone = time.UTC
	}
	return task.View{Now: now, Zone: zone}, n.fails
}

func (n *noted) Create(_ context.Context, p task.Patch) (assist.Task, error) {
	n.created = p
	return mine, n.fails
}

func (n *noted) Update(_ context.Context, _ task.ID, p task.Patch) (assist.Task, error) {
	n.updated = p
	return mine, errors.Join(n.unsure, n.fails)
}

func (n *noted) Complete(context.Context, task.ID, bool) (assist.Task, error) { return mine, n.fails }

func (n *noted) Delete(context.Context, task.ID, bool) error { return n.fails }

func (n *noted) Bulk(_ context.Context, b assist.Bulk) ([]task.Outcome, error) {
	n.bulk = b
	outcomes := make([]task.Outcome, 150)
	for i := range outcomes {
		outcomes[i] = task.Outcome{ID: task.ID{byte(i + 1)}, Result: task.WasDone}
	}
	outcomes[149].Result = task.WasRefused
	return outcomes, errors.Join(n.unsure, n.fails)
}

func (n *noted) Undo(context.Context, int64) (assist.Step, error) { return assist.Step{}, n.fails }

// tool returns the tool of a name.
func tool(t testing.TB, name string) assist.Tool {
	t.Helper()
	tools := assist.Tools()
	i := slices.IndexFunc(tools, func(t assist.Tool) bool { return t.Name == name })
	if i < 0 {
		t.Fatal("there is no tool", name)
	}
	return tools[i]
}

func TestWordsAreReadAsTheCallersClocksShowThem(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Karachi") // 03:30 on Thursday the 5th
	if err != nil {
		t.Fatal(err)
	}
	for arguments, want := range map[string]string{
		`"due": "today"`:                               "2026-03-05",
		`"due": "tomorrow"`:                            "2026-03-06",
		`"due": "friday 5pm"`:                          "2026-03-06T12:00:00Z",
		`"due": "in 3 days"`:                           "2026-03-08",
		`"due": "2026-05-01"`:                          "2026-05-01",
		`"due": "2026-05-01 09:00"`:                    "2026-05-01T04:00:00Z",
		`"due": "2026-05-01T09:00:30"`:                 "2026-05-01T04:00:30Z",
		`"due": "2026-05-01T09:00:00+02:00"`:           "2026-05-01T07:00:00Z",
		`"recurrence": "daily"`:                        "2026-03-05 daily",
		`"recurrence": "every friday"`:                 "2026-03-06 FREQ=WEEKLY;BYDAY=FR",
		`"due": "2026-05-01", "recurrence": "monthly"`: "2026-05-01 monthly",
		`"due": "2026-05-01", "recurrence": "rrule:freq=daily;count=3"`: "2026-05-01 FREQ=DAILY;COUNT=3",
	} {
		n := &noted{zone: zone}
		if r, err := tool(t, "add_task").Call(t.Context(), n, []byte(`{"title": "x", `+arguments+`}`)); err != nil {
			t.Errorf("%s: %s", arguments, r.JSON)
			continue
		}
		got := strings.TrimSpace(n.created.Due.Value.String() + " " + n.created.Recurrence.Value.Rule.Value)
		if got != want {
			t.Errorf("%s is %s, not %s", arguments, got, want)
		}
	}
}

func TestARuleInWordsBeginsWithTheDueOfItsTask(t *testing.T) {
	for arguments, want := range map[string]string{
		`"recurrence": "every 2 months"`:                                     "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1",
		`"recurrence": "every month for 3 months"`:                           "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270330",
		`"recurrence": "every 2 months", "due": "2026-12-05"`:                "2026-12-05 FREQ=MONTHLY;INTERVAL=2",
		`"recurrence": "every 2 months", "due": ""`:                          "FREQ=MONTHLY;INTERVAL=2",
		`"recurrence": "weekly", "title": "Water plants"`:                    "weekly",
		`"recurrence": "every friday", "title": "Water plants"`:              "FREQ=WEEKLY;BYDAY=FR",
		`"recurrence": "every! 3 days", "recurrence_from": "due"`:            "FREQ=DAILY;INTERVAL=3",
		`"recurrence": "RRULE:FREQ=YEARLY;COUNT=2", "title": "Water plants"`: "FREQ=YEARLY;COUNT=2",
	} {
		n := &noted{due: task.Due{At: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), AllDay: true}}
		if r, err := tool(t, "update_task").Call(t.Context(), n, []byte(`{"task_id": "01020304", `+arguments+`}`)); err != nil {
			t.Errorf("%s: %s", arguments, r.JSON)
			continue
		}
		got := strings.TrimSpace(n.updated.Due.Value.String() + " " + n.updated.Recurrence.Value.Rule.Value)
		if got != want {
			t.Errorf("%s is %s, not %s", arguments, got, want)
		}
	}
	n := &noted{}
	set := `{"action": "update", "filter": {"query": "x"}, "dry_run": false, "set": {"title": "Water plants", "recurrence": "every 2 months"}}`
	if r, err := tool(t, "bulk_tasks").Call(t.Context(), n, []byte(set)); err != nil || n.bulk.Set.Due.Set || n.bulk.Set.Recurrence.Value.Rule.Value != "FREQ=MONTHLY;INTERVAL=2" {
		t.Errorf("of many tasks it sets %+v: %s", n.bulk.Set, r.JSON)
	}
}

func TestABulkShowsWhatWasRefusedFirstAndSaysWhatItLeavesOut(t *testing.T) {
	r, err := tool(t, "bulk_tasks").Call(t.Context(), &noted{}, []byte(`{"action": "archive", "filter": {"status": "completed", "query": "x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Done, Refused int
		LeftOut       int `json:"results_left_out"`
		Results       []struct{ Result string }
	}
	if err := json.Unmarshal(r.JSON, &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Results) != 100 || answer.LeftOut != 50 || answer.Results[0].Result != "refused" || answer.Done != 149 || answer.Refused != 1 {
		t.Errorf("%d results, %d left out, the first %v; %d and %d", len(answer.Results), answer.LeftOut, answer.Results[0], answer.Done, answer.Refused)
	}
}

func TestAShortIdIsLookedForAmongTheNewestTasksOnly(t *testing.T) {
	n := &noted{many: 1000}
	r, err := tool(t, "complete_task").Call(t.Context(), n, []byte(`{"task_id": "ffffff"}`))
	if err == nil || n.asked != 20 || !strings.Contains(string(r.JSON), "newest 10000") {
		t.Errorf("asked %d times: %s", n.asked, r.JSON)
	}
}

func TestEachRefusalSaysWhatToDo(t *testing.T) {
	kinds := []assist.RefusalKind{
		assist.Invalid, assist.NotFound, assist.Ambiguous, assist.Conflict, assist.Denied, assist.Forbidden, assist.Busy, assist.Unavailable, assist.Uncertain, assist.Failed,
	}
	for _, kind := range kinds {
		for _, tool := range assist.Tools() {
			arguments := map[string]string{
				"add_task": `{"title": "x"}`, "search_tasks": `{"query": "x"}`, "update_task": `{"task_id": "01020304", "title": "x"}`, "complete_task": `{"task_id": "01020304"}`,
				"delete_task": `{"task_id": "01020304"}`, "bulk_tasks": `{"action": "delete", "task_ids": ["01020304"]}`,
			}[tool.Name]
			r, err := tool.Call(t.Context(), &noted{fails: &assist.Refusal{Kind: kind, Detail: "no", Tasks: []task.ID{mine.ID}}}, []byte(arguments))
			var said struct {
				Error    assist.RefusalKind `json:"error"`
				WhatToDo string             `json:"what_to_do"`
			}
			if json.Unmarshal(r.JSON, &said) != nil || err == nil || !r.Refused || said.WhatToDo == "" || said.Error != kind && tool.Name != "undo" {
				t.Errorf("%s, %s: %s", tool.Name, kind, r.JSON)
			}
		}
	}
}

func TestWhatIsNotAnsweredMayBeDoneOnlyIfItWasSent(t *testing.T) {
	unsure := &assist.Refusal{Kind: assist.Uncertain, Detail: "the task service did not answer"}
	const change, bulk = `{"task_id": "01020304", "title": "x"}`, `{"action": "delete", "task_ids": ["01020304"], "dry_run": `
	for _, one := range []struct {
		tool, arguments string
		service         noted
		changed         bool
	}{
		{"update_task", change, noted{lacks: unsure}, false},
		{"update_task", change, noted{unsure: unsure}, true},
		{"bulk_tasks", bulk + "true}", noted{unsure: unsure}, false},
		{"bulk_tasks", bulk + "false}", noted{unsure: unsure}, true},
		{"bulk_tasks", bulk + "false}", noted{fails: unsure}, false}, // looking for the ids
	} {
		r, err := tool(t, one.tool).Call(t.Context(), &one.service, []byte(one.arguments))
		if err == nil || !r.Refused || r.Changed != one.changed {
			t.Errorf("%s %s: %s, changed %v", one.tool, one.arguments, r.JSON, r.Changed)
		}
	}
}

// blind is a service that cannot say what its caller's clocks show.
type blind struct{ noted }

func (b *blind) View(context.Context) (task.View, error) {
	return task.View{}, &assist.Refusal{Kind: assist.Unavailable, Detail: "storage is unavailable"}
}

func (b *blind) Complete(context.Context, task.ID, bool) (assist.Task, error) {
	t := mine
	t.CompletedAt = now
	return t, nil
}

func TestWhatIsDoneIsSaidToBeDoneWhateverCannotBeLookedAt(t *testing.T) {
	r, err := tool(t, "complete_task").Call(t.Context(), &blind{}, []byte(`{"task_id": "01020304"}`))
	if err != nil || r.Refused || !r.Changed || !strings.Contains(string(r.JSON), `"completed_at":"2026-03-04T22:30:00Z"`) {
		t.Errorf("%s, changed %v, %v", r.JSON, r.Changed, err)
	}
}

func TestWhatIsNotFitForOthersStaysHere(t *testing.T) {
	for err, want := range map[error]string{
		errors.New("password=x at 10.0.0.1"): "failed",
		context.DeadlineExceeded:             "outcome_unknown",
		context.Canceled:                     "outcome_unknown",
	} {
		r, cause := tool(t, "stats").Call(t.Context(), &noted{fails: err}, nil)
		if strings.Contains(string(r.JSON), "password") || !strings.Contains(string(r.JSON), want) || !errors.Is(cause, err) {
			t.Errorf("%v: %s, %v", err, r.JSON, cause)
		}
	}
}

func TestReadersAreOfferedWhatChangesNothing(t *testing.T) {
	var names []string
	for _, tool := range assist.Reading() {
		names = append(names, tool.Name)
	}
	if diff := cmp.Diff([]string{"list_tasks", "search_tasks", "today", "stats"}, names); diff != "" {
		t.Error(diff)
	}
}

// FuzzArguments gives every tool what nobody should. Each answers with one JSON
// object, and a refusal of arguments names what is wrong with them.
func FuzzArguments(f *testing.F) {
	tools := assist.Tools()
	f.Fuzz(func(t *testing.T, arguments []byte) {
		for _, tool := range tools {
			n := &noted{}
			r, err := tool.Call(t.Context(), n, arguments)
			var answer struct {
				Error  string
				Faults []struct{ Problem string }
			}
			if wrong := json.Unmarshal(r.JSON, &answer); wrong != nil {
				t.Fatalf("%s answers %q: %v", tool.Name, r.JSON, wrong)
			}
			if r.Refused != (err != nil) || answer.Error == "invalid_arguments" && len(answer.Faults) == 0 {
				t.Fatalf("%s answers %q, %v", tool.Name, r.JSON, err)
			}
			if title := n.created.Title; title.Set && strings.ContainsRune(title.Value, 0) {
				t.Fatalf("%s takes %q", tool.Name, title.Value)
			}
		}
	})
}

func TestAPlanIsSettledSoThatAYesMeansWhatWasShown(t *testing.T) {
	for _, c := range []struct{ tool, arguments, want string }{
		{"delete_task", `{"task_id": "01020304"}`, `{"task_id":"01020304-0000-0000-0000-000000000000"}`},
		{"delete_task", `{"task_id": "01020304", "subtasks": "promote"}`, `{"subtasks":"promote","task_id":"01020304-0000-0000-0000-000000000000"}`},
		{"bulk_tasks", `{"action": "update", "filter": {"due": "today"}, "dry_run": false,
			"set": {"due": "tomorrow", "recurrence": "every friday", "parent_id": "01020304", "depends_on": ["01020304"], "priority": "high"}}`,
			`"dry_run":false,"set":{"depends_on":["01020304-0000-0000-0000-000000000000"],"due":"2026-03-05","parent_id":"01020304-0000-0000-0000-000000000000",` +
				`"priority":"high","recurrence":"FREQ=WEEKLY;BYDAY=FR"}`},
		{"bulk_tasks", `{"action": "update", "task_ids": ["01020304"], "dry_run": false, "set": {"recurrence": "every! 3 days"}}`,
			`"set":{"recurrence":"FREQ=DAILY;INTERVAL=3","recurrence_from":"completion"}`},
		{"bulk_tasks", `{"action": "delete", "task_ids": ["01020304"], "dry_run": false}`, `{"action":"delete","dry_run":false,"task_ids":["01000000-`},
	} {
		n := &noted{}
		p, r, err := tool(t, c.tool).Plan(t.Context(), n, []byte(c.arguments))
		if err != nil || p == nil || len(p.Titles) == 0 {
			t.Fatalf("%s: %v, %s, %v", c.arguments, p, r.JSON, err)
		}
		if !strings.Contains(string(p.Arguments), c.want) || c.tool == "bulk_tasks" && (!n.bulk.DryRun || p.Tasks != 149) {
			t.Errorf("%s: %+v, %s", c.arguments, p, p.Arguments)
		}
		if r, err := tool(t, c.tool).Call(t.Context(), n, p.Arguments); err != nil {
			t.Errorf("what is planned is refused: %s", r.JSON)
		}
	}
}

func TestAPlanNamesTheTasksThatItSets(t *testing.T) {
	const id = "01020304-0000-0000-0000-000000000000"
	arguments := []byte(`{"action": "update", "filter": {"due": "today"}, "dry_run": false, "set": {"parent_id": "` + id + `", "depends_on": ["` + id + `"]}}`)
	for want, lacks := range map[string]error{"Mine": nil, "": &assist.Refusal{Kind: assist.NotFound, Detail: "there is no such task"}} {
		p, _, err := tool(t, "bulk_tasks").Plan(t.Context(), &noted{lacks: lacks}, arguments)
		if err != nil || len(p.Related) != 1 || p.Related[id] != want {
			t.Errorf("%+v, %v", p, err)
		}
	}
	away := &noted{lacks: &assist.Refusal{Kind: assist.Unavailable, Detail: "storage is unavailable"}}
	for _, arguments := range [][]byte{arguments, []byte(`{"action": "delete", "task_ids": ["01020304"], "dry_run": false}`)} {
		if p, r, err := tool(t, "bulk_tasks").Plan(t.Context(), away, arguments); p != nil || !r.Refused || err == nil {
			t.Errorf("without their titles it is planned: %+v, %s", p, r.JSON)
		}
	}
}

func TestNothingIsPlannedOfWhatNobodyHasToSayYesTo(t *testing.T) {
	for name, arguments := range map[string]string{"undo": `{"dry_run": true}`, "bulk_tasks": `{"action": "delete", "task_ids": ["01020304"]}`} {
		if p, r, err := tool(t, name).Plan(t.Context(), &noted{}, []byte(arguments)); p != nil || r.JSON != nil || err != nil {
			t.Errorf("%s: %v, %s, %v", name, p, r.JSON, err)
		}
	}
	for name, arguments := range map[string]string{"delete_task": `{}`, "bulk_tasks": `{"dry_run": false}`} {
		if p, r, err := tool(t, name).Plan(t.Context(), &noted{}, []byte(arguments)); p != nil || !r.Refused || err == nil {
			t.Errorf("%s: %v, %s, %v", name, p, r.JSON, err)
		}
	}
}

func TestAnUndoIsPlannedAsItsArgumentsAreRead(t *testing.T) {
	undo := tool(t, "undo")
	for _, arguments := range []string{"", " \n", "null", "{}", `{"operation": 7}`, `{"operation": null, "dry_run": false}`} {
		p, r, err := undo.Plan(t.Context(), &noted{}, []byte(arguments))
		if err != nil || p == nil || p.Step.Operation != 7 || string(p.Arguments) != `{"operation":7}` {
			t.Errorf("%q: %+v, %s, %v", arguments, p, r.JSON, err)
		}
	}
	away := &assist.Refusal{Kind: assist.Unavailable, Detail: "storage is unavailable"}
	for arguments, fails := range map[string]error{`{"operation": 9}`: nil, `{"Dry_Run": true}`: nil, "{}": away} {
		if p, r, err := undo.Plan(t.Context(), &noted{fails: fails}, []byte(arguments)); p != nil || !r.Refused || err == nil {
			t.Errorf("%s: %+v, %s, %v", arguments, p, r.JSON, err)
		}
	}
}

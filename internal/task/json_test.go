package task_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"todo-app/internal/task"
)

var hostile = []string{
	"", `"`, `\`, `\"`, "\\u0041", "\x00\x01\x1f\x7f", "\b\f\n\r\t\v", "\u0085", "\u2028\u2029", "<script>&amp;</script>", "é e\u0301",
	"\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u202eabc", "\ufeff", "\ufffd", "\U0010ffff", "\xff", "a\xc3", "\xed\xa0\x80", "\xf0\x9f\x98", "x\x80y\xffz", strings.Repeat("a", 300),
}

func drawText(t *rapid.T, name string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom(hostile),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(hostile), 2, 4), func(parts []string) string { return strings.Join(parts, "") }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) }),
	).Draw(t, name)
}

func drawMoment(t *rapid.T, name string) time.Time {
	at := time.UnixMicro(rapid.Int64Range(-2208988800e6, 253402300799e6).Draw(t, name)).UTC()
	if rapid.Bool().Draw(t, name+" whole") {
		at = at.Truncate(time.Second)
	}
	return at
}

func sometimes[T any](t *rapid.T, name string, draw func(*rapid.T, string) T) (v T) {
	if rapid.Bool().Draw(t, "has "+name) {
		v = draw(t, name)
	}
	return v
}

func several[T any](t *rapid.T, name string, draw func(*rapid.T, string) T) (list []T) {
	for range rapid.IntRange(0, 3).Draw(t, name+" count") {
		list = append(list, draw(t, name))
	}
	return list
}

func drawTask(t *rapid.T) task.Task {
	id := func(t *rapid.T, _ string) task.ID { return drawID(t) }
	x := task.Task{
		ID: drawID(t), Version: rapid.Int64Min(1).Draw(t, "version"), CreatedAt: drawMoment(t, "created"), UpdatedAt: drawMoment(t, "updated"),
		Title: drawText(t, "title"), Description: drawText(t, "description"), CompletedAt: sometimes(t, "completed", drawMoment),
		Priority: task.High + task.Priority(rapid.IntRange(0, 2).Draw(t, "priority")), Category: drawText(t, "category"), Tags: several(t, "tag", drawText),
		Reminders: several(t, "reminder", func(t *rapid.T, name string) task.Reminder { return task.Reminder(drawText(t, name)) }),
		ParentID:  sometimes(t, "parent", id), DependsOn: several(t, "dependency", id), ArchivedAt: sometimes(t, "archived", drawMoment),
		Order:            rapid.OneOf(rapid.Float64Range(-task.MaxOrder, task.MaxOrder), rapid.SampledFrom([]float64{0, 1, -1, 0.1, 1e-7, 5e-324, 1 << 53, 1e18, -1e18, 1.5, 1e15 + 0.5})).Draw(t, "order"),
		OpenDependencies: rapid.IntRange(0, 2).Draw(t, "open"), Subtasks: task.Progress{Total: 3, Completed: rapid.IntRange(0, 3).Draw(t, "done")},
	}
	if x.Due.At = sometimes(t, "due", drawMoment); !x.Due.IsZero() && rapid.Bool().Draw(t, "all day") {
		x.Due = task.Due{At: midnightUTC(x.Due.At), AllDay: true}
	}
	if rapid.Bool().Draw(t, "recurs") {
		x.Recurrence = task.Recurrence{Rule: "x" + drawText(t, "rule"), From: task.RecurrenceFrom(drawText(t, "from")), SkipIfOpen: rapid.Bool().Draw(t, "skip")}
	}
	return x
}

// wire is the contract's form of a task, for encoding/json.
type wire struct {
	ID          string           `json:"id"`
	URL         string           `json:"url,omitempty"`
	Version     int64            `json:"version"`
	CreatedAt   *time.Time       `json:"created_at"`
	UpdatedAt   *time.Time       `json:"updated_at"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Completed   bool             `json:"completed"`
	CompletedAt *time.Time       `json:"completed_at"`
	Priority    string           `json:"priority"`
	Category    string           `json:"category"`
	Tags        []string         `json:"tags"`
	Due         *string          `json:"due"`
	Reminders   []task.Reminder  `json:"reminders"`
	Recurrence  *task.Recurrence `json:"recurrence"`
	ParentID    *string          `json:"parent_id"`
	DependsOn   []string         `json:"depends_on"`
	Order       float64          `json:"order"`
	Archived    bool             `json:"archived"`
	ArchivedAt  *time.Time       `json:"archived_at"`
	*seen
}

// seen is what depends on who looks when.
type seen struct {
	Overdue     bool          `json:"overdue"`
	DaysOverdue int           `json:"days_overdue"`
	Blocked     bool          `json:"blocked"`
	Subtasks    task.Progress `json:"subtasks"`
}

func orNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func wireOf(x task.Task) wire {
	w := wire{
		ID: x.ID.String(), Version: x.Version, CreatedAt: orNil(x.CreatedAt), UpdatedAt: orNil(x.UpdatedAt), Title: x.Title, Description: x.Description,
		Completed: !x.CompletedAt.IsZero(), CompletedAt: orNil(x.CompletedAt), Priority: x.Priority.String(), Category: x.Category,
		Tags: append([]string{}, x.Tags...), Due: orNil(x.Due.String()), Reminders: append([]task.Reminder{}, x.Reminders...),
		Recurrence: orNil(x.Recurrence), DependsOn: []string{}, Order: x.Order, Archived: !x.ArchivedAt.IsZero(), ArchivedAt: orNil(x.ArchivedAt),
	}
	if !x.ParentID.IsZero() {
		w.ParentID = orNil(x.ParentID.String())
	}
	for _, id := range x.DependsOn {
		w.DependsOn = append(w.DependsOn, id.String())
	}
	return w
}

func reread(t *rapid.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v in %q", err, data)
	}
	if !utf8.Valid(data) {
		t.Errorf("%q is no UTF-8", data)
	}
	return v
}

func sameJSON(t *rapid.T, what string, got []byte, want wire) {
	t.Helper()
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(reread(t, b), reread(t, got)); diff != "" {
		t.Errorf("%s (-encoding/json +own):\n%s", what, diff)
	}
}

func TestATaskIsWrittenAsEncodingJSONWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, v := drawTask(t), drawView(t)
		v.URL = "https://" + drawText(t, "host")
		want := wireOf(x)
		sameJSON(t, "a record", x.AppendRecord(nil), want)
		want.URL = v.URL + "/api/v1/tasks/" + want.ID
		want.seen = &seen{x.Overdue(v), x.DaysOverdue(v), x.Blocked(), x.Subtasks}
		sameJSON(t, "a task", x.AppendJSON([]byte(" "), v), want)
	})
}

func TestATaskReadsBackFromWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, v := drawTask(t), drawView(t)
		x.OpenDependencies = 0 // readers are told whether, not how many
		for _, s := range []*string{&x.Title, &x.Description, &x.Category, &x.Recurrence.Rule} {
			*s = strings.ToValidUTF8(*s, "?")
		}
		x.Recurrence.From = task.RecurrenceFrom(strings.ToValidUTF8(string(x.Recurrence.From), "?"))
		for i := range x.Tags {
			x.Tags[i] = strings.ToValidUTF8(x.Tags[i], "?")
		}
		for i := range x.Reminders {
			x.Reminders[i] = task.Reminder(strings.ToValidUTF8(string(x.Reminders[i]), "?"))
		}
		var got task.Task
		if err := json.Unmarshal(x.AppendJSON(nil, v), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(x, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("from an answer (-want +got):\n%s", diff)
		}
		x.Subtasks = task.Progress{} // no part of a record
		if err := json.Unmarshal(x.AppendRecord(nil), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(x, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("from a record (-want +got):\n%s", diff)
		}
	})
}

func TestTheWireFormOfATask(t *testing.T) {
	v := task.View{Now: noon, Zone: time.UTC, URL: "https://todo.example"}
	x := task.Task{
		ID: id(1), Version: 2, CreatedAt: noon, UpdatedAt: noon.Add(1500 * time.Millisecond), CompletedAt: noon.Add(time.Microsecond), ArchivedAt: noon,
		Title: "\"\\\b\n\r\t\x1f\x7fé\u2028\U0001f600\xff", Description: "</script>", Priority: task.High, Category: "garden", Tags: []string{"a", "b"},
		Due: due(t, "2026-03-01"), Reminders: []task.Reminder{"-PT30M"}, Recurrence: task.Recurrence{Rule: "FREQ=DAILY", From: task.FromDue, SkipIfOpen: true},
		ParentID: id(2), DependsOn: []task.ID{id(3)}, Order: 0.5, Subtasks: task.Progress{Total: 2, Completed: 1},
	}
	const stored = `,"version":2,"created_at":"2026-03-10T12:00:00Z","updated_at":"2026-03-10T12:00:01.5Z",` +
		`"title":"\"\\\u0008\n\r\t\u001f` + "\x7fé\u2028\U0001f600\ufffd" + `","description":"</script>",` +
		`"completed":true,"completed_at":"2026-03-10T12:00:00.000001Z","priority":"high","category":"garden","tags":["a","b"],"due":"2026-03-01",` +
		`"reminders":["-PT30M"],"recurrence":{"rule":"FREQ=DAILY","from":"due","skip_if_open":true},"parent_id":"00000000-0000-7000-8000-000000000002",` +
		`"depends_on":["00000000-0000-7000-8000-000000000003"],"order":0.5,"archived":true,"archived_at":"2026-03-10T12:00:00Z"`
	equal(t, "an answer", string(x.AppendJSON(nil, v)), `{"id":"00000000-0000-7000-8000-000000000001","url":"https://todo.example/api/v1/tasks/00000000-0000-7000-8000-000000000001"`+
		stored+`,"overdue":false,"days_overdue":0,"blocked":false,"subtasks":{"total":2,"completed":1}}`)
	record := `{"id":"00000000-0000-7000-8000-000000000001"` + stored + `}`
	equal(t, "a record", string(x.AppendRecord(nil)), record)
	var got task.Task
	if err := json.Unmarshal([]byte(record), &got); err != nil {
		t.Fatal(err)
	}
	x.Title, x.Subtasks = strings.ToValidUTF8(x.Title, "\ufffd"), task.Progress{}
	equal(t, "read back", got, x)
	bare := task.Task{ID: id(1), Version: 1, Priority: task.Low, Due: task.Due{At: noon}, OpenDependencies: 1}
	v.Now = noon.AddDate(0, 0, 1)
	equal(t, "a bare answer", string(bare.AppendJSON(nil, v)), `{"id":"00000000-0000-7000-8000-000000000001","url":"https://todo.example/api/v1/tasks/00000000-0000-7000-8000-000000000001",`+
		`"version":1,"created_at":null,"updated_at":null,"title":"","description":"","completed":false,"completed_at":null,"priority":"low","category":"","tags":[],`+
		`"due":"2026-03-10T12:00:00Z","reminders":[],"recurrence":null,"parent_id":null,"depends_on":[],"order":0,"archived":false,"archived_at":null,`+
		`"overdue":true,"days_overdue":1,"blocked":true,"subtasks":{"total":0,"completed":0}}`)
	if err := json.Unmarshal(bare.AppendJSON(nil, v), &got); err != nil {
		t.Fatal(err)
	}
	bare.OpenDependencies = 0
	equal(t, "read back", got, bare)
	if err := json.Unmarshal([]byte(`{"priority":"low","due":null,"parent_id":null,"overdue":true,"url":1,"subtasks":{"total":3}}`), &got); err != nil {
		t.Fatal(err)
	}
	equal(t, "read from little", got, task.Task{Priority: task.Low, Subtasks: task.Progress{Total: 3}})
}

func TestIntegersHaveNoExponent(t *testing.T) {
	for order, want := range map[float64]string{
		0: "0", 1: "1", -1: "-1", 1e18: "1000000000000000000", 1773144000000000: "1773144000000000", 0.5: "0.5", math.Copysign(0, -1): "0", 1e-7: "1e-07", 1e300: "1e+300",
	} {
		x := task.Task{Priority: task.Low, Order: order}
		if got := string(x.AppendRecord(nil)); !strings.Contains(got, `"order":`+want+`,`) {
			t.Errorf("%v: %s", order, got)
		}
	}
}

func TestATreeNestsEachRootsSubtasks(t *testing.T) {
	v := task.View{Now: noon, Zone: time.UTC}
	page := task.Page{
		Tasks:    []task.Task{{ID: id(1), Title: "a"}, {ID: id(2), Title: "b"}, {ID: id(3), Title: "c"}},
		Children: map[task.ID][]task.Task{id(1): {{ID: id(4), Title: "a1"}, {ID: id(5), Title: "a2"}}, id(3): {{ID: id(6), Title: "c1"}}},
	}
	type node struct {
		Title    string
		Children []node
	}
	var got []node
	if err := json.Unmarshal(page.Render(v, task.Query{Tree: true}).Body, &got); err != nil {
		t.Fatal(err)
	}
	equal(t, "the tree", got, []node{{"a", []node{{Title: "a1"}, {Title: "a2"}}}, {Title: "b"}, {"c", []node{{Title: "c1"}}}})
	flat := string(page.Render(v, task.Query{}).Body)
	if strings.Contains(flat, "children") || strings.Contains(flat, "a1") {
		t.Errorf("a list that is no tree: %s", flat)
	}
}

func TestWhatIsNoTaskIsRefused(t *testing.T) {
	for in, want := range map[string]string{
		`[]`: "cannot unmarshal", `{"id":"x"}`: "must be a UUID", `{}`: `no priority is called ""`, `{"priority":"urgent"}`: `no priority is called "urgent"`,
		`{"priority":"low","due":"soon"}`: "reading a task: due must be a date", `{"priority":"low","created_at":"noon"}`: "parsing time", `{"priority":"low","depends_on":["1"]}`: "must be a UUID",
	} {
		var x task.Task
		if err := json.Unmarshal([]byte(in), &x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}

package interchange_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// text draws what a person may have written: control characters, astral
// planes, quotes, formulas and line ends, but not U+0000.
func text(most int) *rapid.Generator[string] {
	char := rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\r\n\t\x01\x7f\"\\;,:=+-@'\u2028\ufeff\U0001f600 é")))
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringOfN(char.Filter(func(r rune) bool { return r != 0 }), 0, most, -1).Draw(t, "text")
		return strings.ToValidUTF8(s, "?")
	})
}

func nonBlank(most int) *rapid.Generator[string] {
	return rapid.Map(text(most-1), func(s string) string { return "x" + s })
}

func moments() *rapid.Generator[time.Time] {
	low, high := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMicro()
	return rapid.Map(rapid.Int64Range(low, high), func(us int64) time.Time { return time.UnixMicro(us).UTC() })
}

func maybe(t *rapid.T, name string) time.Time {
	if rapid.Bool().Draw(t, name) {
		return moments().Draw(t, name+" at")
	}
	return time.Time{}
}

func ids() *rapid.Generator[task.ID] {
	return rapid.Custom(func(t *rapid.T) (id task.ID) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		id[0] |= 1
		return id
	})
}

var rules = []string{"daily", "weekly", "monthly", "yearly", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12", "FREQ=DAILY;INTERVAL=3;UNTIL=20301231T235959Z", "FREQ=DAILY;UNTIL=20301231"}

// anyTask draws a task that storage may hold.
func anyTask() *rapid.Generator[task.Task] {
	return rapid.Custom(func(t *rapid.T) task.Task {
		made := task.Task{
			ID: ids().Draw(t, "id"), Version: rapid.Int64Min(1).Draw(t, "version"),
			CreatedAt: moments().Draw(t, "created"), CompletedAt: maybe(t, "completed"), ArchivedAt: maybe(t, "archived"),
			Title: nonBlank(task.MaxTitle).Draw(t, "title"), Description: text(2000).Draw(t, "description"),
			Priority: task.Priority(rapid.IntRange(1, 3).Draw(t, "priority")),
			Category: strings.ToLower(nonBlank(task.MaxCategory/2).Draw(t, "category")),
			Order:    rapid.Float64Range(-task.MaxOrder, task.MaxOrder).Draw(t, "order"),
		}
		p := task.Patch{Tags: task.Value(rapid.SliceOfN(nonBlank(task.MaxTag/2), 0, task.MaxTags).Draw(t, "tags"))}
		if err := p.Normalize(); err != nil {
			t.Fatal(err)
		}
		made.Tags = p.Tags.Value
		if made.UpdatedAt = moments().Draw(t, "updated"); made.UpdatedAt.Before(made.CreatedAt) {
			made.UpdatedAt = made.CreatedAt
		}
		if made.Due.At = maybe(t, "due"); !made.Due.IsZero() && rapid.Bool().Draw(t, "all day") {
			made.Due = task.Due{At: made.Due.At.Truncate(24 * time.Hour), AllDay: true}
		}
		if !made.Due.IsZero() && rapid.Bool().Draw(t, "repeats") {
			made.Recurrence = task.Recurrence{
				Rule: rapid.SampledFrom(rules).Draw(t, "rule"),
				From: rapid.SampledFrom([]task.RecurrenceFrom{task.FromDue, task.FromCompletion}).Draw(t, "from"), SkipIfOpen: rapid.Bool().Draw(t, "skip"),
			}
		}
		if !made.Recurrence.IsZero() {
			made.Anchor, made.Occurrence = made.Due, made.Due
		}
		if rapid.Bool().Draw(t, "has been done") {
			made.NextID = ids().Draw(t, "next")
		}
		made.Reminders = rapid.SliceOfN(rapid.SampledFrom([]task.Reminder{"-PT30M", "-P1D", "PT0S", "-P2W", "-P1DT2H", "2026-03-01T08:00:00Z"}), 0, task.MaxReminders).Draw(t, "reminders")
		if rapid.Bool().Draw(t, "is part") {
			made.ParentID = ids().Draw(t, "parent")
		}
		made.DependsOn = rapid.SliceOfNDistinct(ids(), 0, 5, rapid.ID).Draw(t, "depends on")
		return made
	})
}

var sameTask = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateComparable(task.ID{})}

func TestWhatIsExportedAsJSONIsReadBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks := rapid.SliceOfN(anyTask(), 0, 5).Draw(t, "tasks")
		file := encoded(t, interchange.JSON, interchange.Layout{}, tasks...)
		if !json.Valid([]byte(file)) {
			t.Fatalf("is no JSON:\n%s", file)
		}
		records, err := decode(interchange.JSON, file, interchange.Options{})
		if err != nil || len(records) != len(tasks) {
			t.Fatal(len(records), err)
		}
		for i, r := range records {
			if r.Kind != interchange.TaskRecord || r.Position != i+1 || r.Faults != nil || r.Notes != nil {
				t.Errorf("%+v", r)
			}
			if diff := cmp.Diff(tasks[i], asTask(t, r), sameTask); diff != "" {
				t.Errorf("- was, + is:\n%s", diff)
			}
		}
	})
}

// TestAFieldAddedToTasksIsAddedHere fails when a task has a field that nobody
// has decided about here.
func TestAFieldAddedToTasksIsAddedHere(t *testing.T) {
	// Operation is not carried: it is of the service that wrote the file.
	carried := []string{
		"ID", "Version", "CreatedAt", "UpdatedAt", "Title", "Description", "CompletedAt", "Priority", "Category", "Tags",
		"Due", "Reminders", "Recurrence", "Anchor", "Occurrence", "NextID", "ParentID", "DependsOn", "Order", "ArchivedAt", "OpenDependencies", "Subtasks", "Operation",
	}
	var fields []string
	for f := range reflect.TypeFor[task.Task]().Fields() {
		fields = append(fields, f.Name)
	}
	equal(t, "fields: add what is new to own.go, ownform.go, csvform.go and the tests", fields, carried)
}

const ownTask = `{"id":"0190b6a0-5f3c-7000-8000-000000000001","title":"x","created_at":"2026-01-02T03:04:05.678901Z"`

func own(members string) string { return "[" + ownTask + members + "}]" }

func TestAnExportHasSettingsThenTemplatesThenTasks(t *testing.T) {
	var b bytes.Buffer
	e, err := interchange.NewEncoder(&b, interchange.JSON, interchange.Layout{At: at(t, "2026-03-01T09:00:00Z")})
	if err != nil {
		t.Fatal(err)
	}
	made, changed := at(t, "2026-01-02T03:04:05.678901Z"), at(t, "2026-02-03T04:05:06Z")
	weekly := task.Template{Name: "weekly report", CreatedAt: made, UpdatedAt: changed, Sketch: task.Sketch{
		Title: "Weekly \"report\"", Description: "a\nb", Priority: task.High, Tags: []string{"a", "b"}, Category: "work",
		Due: "next friday", Reminders: []task.Reminder{"-P1D"}, Recurrence: task.Recurrence{Rule: "weekly", From: task.FromCompletion, SkipIfOpen: true},
	}}
	plain := task.Template{Name: "plain", CreatedAt: made, UpdatedAt: changed, Sketch: task.Sketch{Title: "x", Priority: task.Medium, Tags: []string{}}}
	tasks := samples(t)
	steps := []func() error{
		func() error { return e.Settings(task.Settings{Zone: "Europe/Berlin", AutoArchiveDays: 30}) },
		func() error { return e.Template(&weekly) },
		func() error { return e.Template(&plain) },
		func() error { return e.Task(&tasks[0]) },
		func() error { return e.Task(&tasks[1]) },
		e.Close,
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatal(i, err)
		}
	}
	golden(t, "export.json", b.String())
	records := read(t, interchange.JSON, b.String(), interchange.Options{})
	if len(records) != 5 {
		t.Fatalf("%+v", records)
	}
	equal(t, "settings", records[0].Settings, task.Settings{Zone: "Europe/Berlin", AutoArchiveDays: 30})
	equal(t, "kinds", []interchange.Kind{records[0].Kind, records[1].Kind, records[3].Kind}, []interchange.Kind{interchange.SettingsRecord, interchange.TemplateRecord, interchange.TaskRecord})
	equal(t, "name", records[1].Name, "weekly report")
	for i, want := range []task.Template{weekly, plain} {
		r := records[1+i]
		p, rule := r.Patch, r.Patch.Recurrence.Value
		equal(t, want.Name, task.Template{Name: r.Name, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Sketch: task.Sketch{
			Title: p.Title.Value, Description: p.Description.Value, Priority: p.Priority.Value, Tags: p.Tags.Value, Category: p.Category.Value,
			Due: r.Words, Reminders: p.Reminders.Value, Recurrence: task.Recurrence{Rule: rule.Rule.Value, From: rule.From.Value, SkipIfOpen: rule.SkipIfOpen.Value},
		}}, want)
	}
	for i, r := range records {
		equal(t, fmt.Sprint("faults and notes of ", i), append(faults(r), notes(r)...), nil)
	}
	if err := e.Close(); err == nil {
		t.Error("was closed twice")
	}
}

func TestWhatComesTooLateInAnExportIsRefused(t *testing.T) {
	tasks := samples(t)
	for name, late := range map[string]func(*interchange.Encoder) error{
		"settings": func(e *interchange.Encoder) error { return e.Settings(task.Settings{Zone: "UTC"}) },
		"template": func(e *interchange.Encoder) error { return e.Template(&task.Template{Name: "x"}) },
	} {
		e, err := interchange.NewEncoder(&bytes.Buffer{}, interchange.JSON, interchange.Layout{})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Task(&tasks[0]); err != nil {
			t.Fatal(err)
		}
		if err := late(e); err == nil {
			t.Error(name, "behind a task was taken")
		}
		if err := e.Close(); err == nil {
			t.Error("the file was closed as if it were whole")
		}
	}
}

func TestAnExportOfNothingIsOne(t *testing.T) {
	file := encoded(t, interchange.JSON, interchange.Layout{})
	equal(t, "file", file, `{"format":"todo-app","version":2,"tasks":[`+"\n]}\n")
	equal(t, "records", len(read(t, interchange.JSON, file, interchange.Options{})), 0)
}

func TestTasksAsListsAnswerThemCanBeRead(t *testing.T) {
	made := samples(t)[0]
	view := task.View{Now: at(t, "2026-03-01T09:00:00Z"), Zone: time.UTC, URL: "https://todo.example"}
	r := one(t, interchange.JSON, "["+string(made.AppendJSON(nil, view))+"]", interchange.Options{})
	equal(t, "faults and notes", append(faults(r), notes(r)...), nil)
	if diff := cmp.Diff(made, asTask(t, r), sameTask); diff != "" {
		t.Error(diff)
	}
}

func TestTheKeyOfARecordTellsItFromOthers(t *testing.T) {
	key := func(f interchange.Format, file string) string {
		return one(t, f, file, interchange.Options{}).Source.Key()
	}
	equal(t, "of a task", key(interchange.JSON, own("")), "json:0190b6a0-5f3c-7000-8000-000000000001:2026-01-02T03%3A04%3A05.678901Z")
	equal(t, "of an older record", key(interchange.Legacy, `{"1":{"description":"x","created_at":"2024-01-02 03:04:05"}}`), "todo-cli:1:2024-01-02+03%3A04%3A05")
	if key(interchange.Legacy, `{"1":{"description":"x"}}`) == key(interchange.Legacy, `{"1":{"description":"y"}}`) {
		t.Error("records of two dumps that have no time but different texts have one key")
	}
	if key(interchange.JSON, `[{"title":"x"}]`) == key(interchange.JSON, `[{"title":"y"}]`) {
		t.Error("tasks without id have one key")
	}
}

func TestAllThatIsWrongWithATaskIsSaidAtOnce(t *testing.T) {
	r := one(t, interchange.JSON, `[{"id":7,"title":"","description":1,"completed":"yes","priority":"urgent","category":"","tags":["a",1,""],"due":"soon",
		"reminders":["PT1H"],"recurrence":{"from":"x","often":1},"order":1e400,"archived":0,"parent_id":"x","depends_on":["y"],"version":1.5,
		"created_at":"2026-01-01","updated_at":"x","completed_at":"1800-01-01T00:00:00Z","archived_at":1}]`, interchange.Options{})
	golden(t, "faults.txt", strings.Join(faults(r), "\n")+"\n")
}

func TestWhatATaskDoesNotHaveIsNoted(t *testing.T) {
	for members, want := range map[string]string{
		`,"estimate":3`:                          "/estimate is no field of a task and not carried over",
		`,"a/b~c":3`:                             "/a~1b~0c is no field of a task and not carried over",
		`,"children":[{"title":"y"}]`:            "/children are not read: export the tasks without view=tree",
		`,"completed_at":"2026-01-01T00:00:00Z"`: "/completed_at is not carried over, because the task is open",
		`,"archived_at":"2026-01-01T00:00:00Z"`:  "/archived_at is not carried over, because the task is not archived",
	} {
		r := one(t, interchange.JSON, own(members), interchange.Options{})
		equal(t, members, notes(r), []string{want})
		equal(t, members, faults(r), nil)
	}
	r := one(t, interchange.JSON, own(`,"url":"x","overdue":false,"days_overdue":0,"blocked":false,"subtasks":{},"children":[]`), interchange.Options{})
	equal(t, "notes on what is computed", notes(r), nil)
}

func TestATaskMustFitItself(t *testing.T) {
	for members, want := range map[string]string{
		`,"recurrence":{"rule":"daily"}`: "/recurrence needs a due to repeat from",
		`,"order":"1"`:                   "/order must be a number",
		`,"recurrence":{}`:               "/recurrence/rule is required",
		`,"recurrence":[]`:               `/recurrence must be an object such as {"rule": "weekly"}`,
		`,"parent_id":"0190B6A0-5f3c-7000-8000-000000000001"`:    "/parent_id must not be the task itself",
		`,"depends_on":["0190b6a0-5f3c-7000-8000-000000000001"]`: "/depends_on must not name the task itself",
		`,"title":"y"`: "/title is given twice",
		`,"tags":[` + strings.Repeat(`"a",`, 200) + `"a"]`: "/tags must have at most 200 items; this has 201",
		`,"description":"\u0000"`:                          "/description must not contain the character U+0000",
		`,"description":"\ud800"`:                          "/description is not valid: invalid surrogate pair `\\ud800\"}` in string",
		",\"description\":\"\xff\"":                        "/description is not valid: invalid UTF-8",
	} {
		r := one(t, interchange.JSON, own(members), interchange.Options{})
		equal(t, members, faults(r), []string{want})
	}
}

func TestARecordThatIsWrongDoesNotEndTheReading(t *testing.T) {
	records := read(t, interchange.JSON, `[1,{"title":"a","title":"b"},{"title":"c"}]`, interchange.Options{})
	equal(t, "first", faults(records[0]), []string{" must be an object"})
	equal(t, "second", faults(records[1]), []string{"/title is given twice"})
	equal(t, "third", briefly(records[2]).Title, "c")
	equal(t, "positions", []int{records[0].Position, records[1].Position, records[2].Position}, []int{1, 2, 3})
}

func TestAFileThatIsNoExportSaysWhy(t *testing.T) {
	for file, want := range map[string]string{
		``:                                  "the file, at record 1, ends too early",
		`null`:                              "the file must be a JSON object or array",
		`{}x`:                               `the file is no export of this service: it must begin with "format": "todo-app"`,
		`[] []`:                             "the file goes on after its JSON value",
		`{"tasks":[]}`:                      `the file is no export of this service: it must begin with "format": "todo-app"`,
		`{"format":"other"}`:                `the file is of another format: "other"`,
		`{"format":"todo-app","version":3}`: "the file is of version 3, and this service reads versions 1 to 2",
		`[{"title":"a"},{"title`:            "the file, at record 2, ends too early",
		`[{"title":"a"} {"title":"b"}]`:     "the file, at record 2, is not valid JSON at byte 15: invalid character '{' after array element (expecting ',' or …",
		`{"format":"todo-app","tasks":[{"title":"a"}`: "the file, at record 2, ends too early",
		"\xff\xfe[\x00]\x00":                          "the file is in UTF-16 or UTF-32: save it as UTF-8",
		"\x1f\x8b\x08":                                "the file is compressed: unpack it first",
	} {
		_, err := decode(interchange.JSON, file, interchange.Options{})
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", file, err, want)
		}
		fileError(t, err)
	}
}

func TestWhatAnExportMayHaveBesideTasks(t *testing.T) {
	records := read(t, interchange.JSON, `{"format":"todo-app","exported_at":"x","extra":{"a":[1]},"tasks":{},"settings":{"time_zone":"Mars/Base","theme":1},
		"templates":[{"name":"A B","task":{"title":"x","colour":1,"due":2}},{"name":" ","of":1},3]}`, interchange.Options{})
	var all []string
	for _, r := range records {
		all = append(all, fmt.Sprintf("%d %s %s%s%s", r.Position, r.Kind, r.Name, notes(r), faults(r)))
	}
	equal(t, "records", all, []string{
		"1 other [/extra is not known here and not carried over][]",
		"2 other [/tasks is not known here and not carried over][]",
		"3 settings [/theme is no setting here and not carried over][/time_zone must be an IANA time zone such as Europe/Berlin]",
		"4 template a b[/task/colour is no field of a task and not carried over][/task/due must be a string]",
		"5 template  [/of is no field of a template and not carried over][/name must not be blank]",
		"6 template [][ must be an object]",
	})
}

func TestAByteOrderMarkIsPassedOver(t *testing.T) {
	equal(t, "title", one(t, interchange.JSON, "\xef\xbb\xbf"+own(""), interchange.Options{}).Patch.Title.Value, "x")
}

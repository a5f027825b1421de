package interchange_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// report writes records down as a person would check them.
func report(t *testing.T, records []interchange.Record) string {
	t.Helper()
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%d %s %s\n", r.Position, r.Kind, r.Source.Key())
		line := func(name string, v any) {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if s := string(text); s != `""` && s != "null" && s != "[]" && s != "0" && s != "false" && s != `"0001-01-01T00:00:00Z"` {
				fmt.Fprintf(&b, "\t%s %s\n", name, s)
			}
		}
		p := r.Patch
		line("name", r.Name)
		line("title", p.Title.Value)
		line("description", p.Description.Value)
		line("completed", p.Completed.Value)
		line("priority", p.Priority.Value.String())
		line("category", p.Category.Value)
		line("tags", p.Tags.Value)
		line("due", p.Due.Value.String())
		line("reminders", p.Reminders.Value)
		line("rule", p.Recurrence.Value.Rule.Value)
		line("from", p.Recurrence.Value.From.Value)
		line("skip if open", p.Recurrence.Value.SkipIfOpen.Value)
		line("archived", p.Archived.Value)
		line("parent", r.Parent)
		line("depends on", r.DependsOn)
		line("created at", r.CreatedAt)
		line("updated at", r.UpdatedAt)
		line("completed at", r.CompletedAt)
		line("archived at", r.ArchivedAt)
		line("version", r.Version)
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "\tnote %s %s\n", n.Pointer, n.Detail)
		}
		for _, f := range r.Faults {
			fmt.Fprintf(&b, "\tfault %s %s\n", f.Pointer, f.Detail)
		}
	}
	return b.String()
}

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestADumpOfTheOlderCommandLine(t *testing.T) {
	records := read(t, interchange.Legacy, file(t, "legacy.json"), interchange.Options{Zone: zone(t, "Europe/Berlin")})
	golden(t, "legacy.txt", report(t, records))
}

func TestAnOlderDumpIsReadInWhateverStructure(t *testing.T) {
	const record = `{"id":7,"description":"x"}`
	for _, file := range []string{
		`{"7":` + record + `}`, `[` + record + `]`, `{"tasks":{"7":` + record + `}}`, `{"tasks":[` + record + `]}`,
		`{"7":{"description":"x"}}`, `{"7":{"id":"7","description":"x"}}`, `{"task-7":{"id":"task-7","description":"x"}}`,
	} {
		r := one(t, interchange.Legacy, file, interchange.Options{})
		equal(t, file, briefly(r), brief{Title: "x"})
		if !strings.HasSuffix(r.Source.ID, "7") {
			t.Errorf("%s: the id is %s", file, r.Source.ID)
		}
	}
	records := read(t, interchange.Legacy, `{"next_id":8,"meta":{"version":1},"tasks":{"7":`+record+`},"templates":[{"name":"A","description":"y","id":1}]}`, interchange.Options{})
	var all []string
	for _, r := range records {
		all = append(all, fmt.Sprintf("%s %s%s", r.Kind, r.Name, notes(r)))
	}
	equal(t, "records", all, []string{
		"other [/next_id is no record and not carried over]", "other [/meta is no record and not carried over]", "task []", "template a[/id is not carried over: templates go by name]",
	})
}

func TestAnOlderDescriptionBecomesTheTitle(t *testing.T) {
	long := strings.Repeat("é", 501)
	for _, c := range []struct{ description, notes, title, whole string }{
		{"x", "", "x", ""},
		{" x ", "n", " x ", "n"},
		{"x\n", "n", "x", "n"},
		{"x\ny", "n", "x", "x\ny\n\nn"},
		{"\n x\r\ny", "", "x", "\n x\r\ny"},
		{long, "", long[:1000], long},
		{long, "n", long[:1000], long + "\n\nn"},
		{"  ", "from here", "from here", "from here"},
	} {
		b, err := json.Marshal(map[string]any{"1": map[string]string{"description": c.description, "notes": c.notes}})
		if err != nil {
			t.Fatal(err)
		}
		r := one(t, interchange.Legacy, string(b), interchange.Options{})
		equal(t, c.description, []string{r.Patch.Title.Value, r.Patch.Description.Value}, []string{c.title, c.whole})
		equal(t, "faults", faults(r), nil)
	}
}

func TestOlderRecurrencesBecomeRulesThatDoAsPeopleMean(t *testing.T) {
	for _, c := range []struct{ due, recurring, rule, note string }{
		{"2026-01-05", `{"type":"daily","interval":1}`, "FREQ=DAILY", ""},
		{"2026-01-05", `{"type":"Weekly"}`, "FREQ=WEEKLY", ""},
		{"2026-01-05", `"monthly"`, "monthly", ""},
		{"2026-01-31", `{"type":"monthly","interval":null}`, "monthly", ""},
		{"2026-01-31", `{"type":"monthly","interval":3}`, "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", ""},
		{"2026-01-30", `{"type":"monthly","interval":3}`, "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29,30;BYSETPOS=-1", ""},
		{"2026-01-29", `{"type":"monthly","interval":2}`, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29;BYSETPOS=-1", ""},
		{"2026-01-28", `{"type":"monthly","interval":2}`, "FREQ=MONTHLY;INTERVAL=2", ""},
		{"2026-01-31T23:30:00", `{"type":"monthly","interval":2}`, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1", ""},
		{"2026-01-05", `{"type":"interval","interval":10}`, "FREQ=DAILY;INTERVAL=10", ""},
		{"2026-01-05", `{"type":"interval","days":3}`, "FREQ=DAILY;INTERVAL=3", ""},
		{"2026-01-05", `{"type":"yearly"}`, "yearly", ""},
		{"2024-02-29", `{"type":"yearly","interval":2}`, "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=-1", ""},
		{"2026-01-05", `null`, "", ""},
		{"2026-01-05", `{"type":"interval"}`, "", `/recurring {"type":"interval"} is not carried over: it is not understood`},
		{"2026-01-05", `{"type":"hourly"}`, "", `/recurring {"type":"hourly"} is not carried over: it is not understood`},
		{"2026-01-05", `{"type":"daily","interval":1.5}`, "", `/recurring {"type":"daily","interval":1.5} is not carried over: it is not understood`},
		{"2026-01-05", `{"type":"daily","interval":-1}`, "", `/recurring {"type":"daily","interval":-1} is not carried over: it is not understood`},
		{"2026-01-05", `{"type":"daily","interval":1e300}`, "", `/recurring {"type":"daily","interval":1e300} is not carried over: it is not understood`},
		{"2026-01-05", `{"type":"daily","until":"x"}`, "FREQ=DAILY", "/recurring/until is not carried over"},
		{"", `{"type":"daily"}`, "", "/recurring is not carried over: there is no due date to repeat from"},
	} {
		r := one(t, interchange.Legacy, fmt.Sprintf(`{"1":{"recurring":%s,"description":"x","due_date":"%s"}}`, c.recurring, c.due), interchange.Options{Zone: zone(t, "America/New_York")})
		want := brief{Title: "x", Rule: c.rule, Due: briefly(r).Due}
		if c.note != "" {
			want.Notes = []string{c.note}
		}
		equal(t, c.recurring, briefly(r), want)
	}
}

func TestOlderTimesAreReadAsPythonWroteThem(t *testing.T) {
	for written, want := range map[string]string{
		"2026-01-05":                       "2026-01-05",
		"2026-01-05T00:00:00":              "2026-01-05",
		"2026-01-05T17:30:00":              "2026-01-05T16:30:00Z",
		"2026-07-05 17:30":                 "2026-07-05T15:30:00Z",
		"2026-01-05T17:30:00.123456":       "2026-01-05T16:30:00.123456Z",
		"2026-01-05T17:30:00.123456+00:00": "2026-01-05T17:30:00.123456Z",
		"2026-01-05 17:30:00Z":             "2026-01-05T17:30:00Z",
		"2026-01-05T00:00:00Z":             "2026-01-05T00:00:00Z",
		"05.01.2026":                       "",
		"0001-01-01":                       "",
		"1900-01-01":                       "1900-01-01",
		"1900-01-01T00:00:01":              "", // is still 1899 in UTC
		"2026-02-30":                       "",
	} {
		r := one(t, interchange.Legacy, fmt.Sprintf(`[{"description":"x","due_date":%q}]`, written), interchange.Options{Zone: zone(t, "Europe/Berlin")})
		equal(t, written, r.Patch.Due.Value.String(), want)
		if (want == "") != (len(r.Notes) == 1 && r.Notes[0].Pointer == "/due_date" && strings.Contains(r.Notes[0].Detail, "not carried")) {
			t.Errorf("%s: %v", written, r.Notes)
		}
	}
	r := one(t, interchange.Legacy, `[{"description":"x","created_at":"2026-01-05","completed":true,"completed_at":"2026-01-05T00:00:00"}]`, interchange.Options{Zone: zone(t, "Europe/Berlin")})
	midnight := at(t, "2026-01-04T23:00:00Z")
	equal(t, "times of midnight", []time.Time{r.CreatedAt, r.CompletedAt}, []time.Time{midnight, midnight})
}

func TestADateJustOutsideOfTheYearsThatTasksKnowIsNoted(t *testing.T) {
	r := one(t, interchange.Legacy, `[{"description":"x","due_date":"1899-12-31"}]`, interchange.Options{Zone: zone(t, "America/New_York")})
	equal(t, "notes", notes(r), []string{`/due_date "1899-12-31" is not carried over: it must lie in the years 1900 to 9999`})
}

func TestACreationTimeThatIsNoneStillTellsRecordsApart(t *testing.T) {
	key := func(created string) string {
		return one(t, interchange.Legacy, fmt.Sprintf(`{"1":{"description":"x","priority":"","created_at":%q}}`, created), interchange.Options{}).Source.Key()
	}
	if a, b := key("\u00e9 "+strings.Repeat("x", 100)), key("\u00e9 "+strings.Repeat("y", 100)); a == b || len(a) > 100 {
		t.Error(a, b)
	}
	if a, b := key("once"), key("twice"); a == b {
		t.Error(a)
	}
}

func TestWhatAnOlderRecordMayHaveWrong(t *testing.T) {
	for record, want := range map[string]string{
		`{"1":{"description":""}}`:                        "/description is required, or notes to take it from",
		`{"1":{"description":"x","id":2}}`:                `/id is "2", but the record is kept under "1"`,
		`{"1":{"description":"x","id":1.5}}`:              "/id must be an integer",
		`{"1":{"description":"x","completed":"yes"}}`:     "/completed must be true or false",
		`{"1":{"description":"x","depends_on":[2,true]}}`: "/depends_on/1 must be an integer",
		`{"1":{"description":"x","depends_on":2}}`:        "/depends_on must be an array",
		`{"1":{"description":"x","recurring":[1]}}`:       "/recurring must be an object",
		`{"1":{"description":"x","description":"y"}}`:     "/description is given twice",
		`{"1":[]}`: " must be an object",
		`{"1":{"description":"x","notes":"` + strings.Repeat("n", task.MaxDescription+1) + `"}}`: "/notes must be at most 20000 characters; this has 20001",
		"{\"1\":{\"description\":\"\xff\"}}":                                                     "/description is not valid: invalid UTF-8",
	} {
		equal(t, record, faults(one(t, interchange.Legacy, record, interchange.Options{})), []string{want})
	}
}

func TestWhatOfAnOlderRecordIsNotCarriedOver(t *testing.T) {
	for record, want := range map[string]string{
		`"priority":"Urgent"`:                              `/priority "Urgent" is not carried over: priorities are high, medium and low`,
		`"category":"` + strings.Repeat("c", 51) + `"`:     `/category "` + strings.Repeat("c", 51) + `" is not carried over as a category: it must be at most 50 characters; this has 51`,
		`"colour":"red"`:                                   "/colour is no field of a record and not carried over",
		`"name":"red"`:                                     "/name is no field of a record and not carried over",
		`"parent_id":1`:                                    "/parent_id is not carried over: it is the task itself",
		`"depends_on":[1]`:                                 "/depends_on/0 is not carried over: it is the task itself",
		`"completed_at":"2026-01-01T00:00:00Z"`:            "/completed_at is not carried over, because the task is open",
		`"created_at":"once"`:                              `/created_at "once" is not carried over: it is neither a date nor a time`,
		`"depends_on":[` + series(2, 52) + `]`:             "/depends_on/50 is not carried over: a task depends on at most 50 others",
		`"due_date":"2026-01-05T00:00:00","archived":true`: "/due_date midnight is taken for the whole day",
	} {
		r := one(t, interchange.Legacy, `{"1":{"id":1,"description":"x",`+record+`}}`, interchange.Options{})
		equal(t, record, append(notes(r), faults(r)...), []string{want})
	}
}

// series lists the numbers from low to high.
func series(low, high int) string {
	list := make([]string, 0, high-low+1)
	for i := low; i <= high; i++ {
		list = append(list, fmt.Sprint(i))
	}
	return strings.Join(list, ",")
}

func TestMoreNotesThanAReaderWantsAreCounted(t *testing.T) {
	var members strings.Builder
	for i := range 60 {
		fmt.Fprintf(&members, `,"m%d":1`, i)
	}
	r := one(t, interchange.Legacy, `[{"description":"x"`+members.String()+`}]`, interchange.Options{})
	equal(t, "notes", len(r.Notes), 51)
	equal(t, "the last", r.Notes[50].Detail, "10 more of this kind are not listed")
}

func TestOlderTemplatesMayBeInAFileOfTheirOwn(t *testing.T) {
	records := read(t, interchange.Legacy, `{"Standup":{"description":"Standup","priority":"high"},"meta":{"version":1},"9":{"description":"a task"}}`, interchange.Options{})
	var all []string
	for _, r := range records {
		all = append(all, fmt.Sprintf("%s %s %s%s", r.Kind, r.Name, r.Patch.Title.Value, notes(r)))
	}
	equal(t, "records", all, []string{"template standup Standup[]", "other  [/meta is no record and not carried over]", "task  a task[]"})
}

func TestAnOlderTemplateHasNoState(t *testing.T) {
	r := one(t, interchange.Legacy, `{"templates":{"Weekly Report":{"description":"Report","completed":true,"archived":false,"parent_id":3,"priority":"low","recurring":{"type":"weekly"}}}}`, interchange.Options{})
	equal(t, "name", r.Name, "weekly report")
	equal(t, "patch", r.Patch, task.Patch{Title: task.Value("Report"), Priority: task.Value(task.Low)})
	equal(t, "notes", notes(r), []string{"/recurring is not carried over: there is no due date to repeat from", " relations and state are not carried over: a template has none"})
}

package interchange_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// checkRecords holds what is true of every file's records: a record that can be
// taken is whole and right, and everything said can be shown.
func checkRecords(t *testing.T, f interchange.Format, file string) {
	t.Helper()
	position := 0
	for r, err := range interchange.Decode(strings.NewReader(file), f, inBerlin(t)) {
		if err != nil {
			checkText(t, fileError(t, err).Error())
			return
		}
		if r.Position <= position {
			t.Errorf("position %d after %d", r.Position, position)
		}
		position = r.Position
		checkRecord(t, r)
	}
}

func checkRecord(t *testing.T, r interchange.Record) {
	t.Helper()
	for _, n := range r.Notes {
		checkText(t, n.Pointer+" "+n.Detail)
	}
	for _, f := range r.Faults {
		checkText(t, f.Pointer+" "+f.Detail)
	}
	if len(r.Faults) > 60 || len(r.Notes) > 60 {
		t.Errorf("%d faults, %d notes", len(r.Faults), len(r.Notes))
	}
	if key := r.Source.Key(); len(key) > 600 || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("key %q", key)
	}
	if r.Kind != interchange.TaskRecord || r.Faults != nil {
		return
	}
	p, err := r.Patch.NewTask()
	if err != nil || r.Source.ID == "" {
		t.Errorf("%+v: %v", r, err)
	}
	if rule := p.Recurrence.Value.Rule.Value; rule != "" {
		if again, err := task.ParseRule(rule); err != nil || again != rule || p.Due.Value.IsZero() {
			t.Errorf("rule %q, due %s: %v", rule, p.Due.Value, err)
		}
	}
	for _, reminder := range p.Reminders.Value {
		if again, err := task.ParseReminder(string(reminder)); err != nil || again != reminder {
			t.Errorf("reminder %q: %v", reminder, err)
		}
	}
	for _, ref := range append([]string{r.Parent}, r.DependsOn...) {
		if len(ref) > 128 || ref == r.Source.ID {
			t.Errorf("%q refers to %q", r.Source.ID, ref)
		}
	}
	if len(r.DependsOn) > task.MaxDependsOn || !r.CompletedAt.IsZero() && !p.Completed.Value || !r.ArchivedAt.IsZero() && !p.Archived.Value {
		t.Errorf("%+v", r)
	}
	due, err := task.ParseDue(p.Due.Value.String())
	if !p.Due.Value.IsZero() && (err != nil || !due.Equal(p.Due.Value)) {
		t.Errorf("due %v, %v", p.Due.Value, err)
	}
	for _, at := range []int{r.CreatedAt.Year(), r.UpdatedAt.Year(), r.CompletedAt.Year(), r.ArchivedAt.Year()} {
		if at != 1 && (at < 1899 || at > 9999) {
			t.Errorf("%+v", r)
		}
	}
}

func checkText(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || len(s) > 2048 || strings.TrimSpace(s) == "" {
		t.Errorf("%q", s)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add(file(f, "golden/export.json"))
	for _, s := range []string{
		`[{"title":"a","title":"b"},1,null,{"description":"\ud800"}]`, `{"format":"todo-app","version":1,"templates":[{"name":"x","task":{"recurrence":{"rule":"daily"}}}],"tasks":[]}`,
		`[{"order":1e400,"tags":["",1],"depends_on":["x"],"due":"2026-01-01","reminders":["-P1D"]}]`, "\xef\xbb\xbf[{\"title\":\"\xff\x00\"}", `[[[[[[`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkRecords(t, interchange.JSON, s)
		checkRecords(t, interchange.Legacy, s)
	})
}

func FuzzDecodeLegacy(f *testing.F) {
	f.Add(file(f, "legacy.json"))
	for _, s := range []string{
		`{"1":{"description":"x","recurring":{"type":"monthly","interval":3},"due_date":"2026-01-31T00:00:00"},"1":{}}`, `{"tasks":[{"id":99999999999999999999999,"description":"x"}],"templates":{"A":{}}}`,
		`{"7":{"id":7,"description":"a\nb","parent_id":7,"depends_on":[7,"8",-1],"created_at":"2024-01-02 03:04:05.5"}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkRecords(t, interchange.Legacy, s) })
}

func FuzzDecodeTodoist(f *testing.F) {
	f.Add(file(f, "todoist.csv"))
	for _, s := range []string{"TYPE;CONTENT\ntask;x @a\nnote;y", "TYPE,CONTENT,INDENT,DATE\ntask,\"x\ny\",3,every friday at 9am\ntask,\"", "TYPE,CONTENT\r\n,,,\r\nsection,S\r\nnote,z", "TYPE,CONTENT\ntask,\xff\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkRecords(t, interchange.Todoist, s) })
}

func FuzzDecodeCSV(f *testing.F) {
	f.Add(file(f, "golden/export.csv"))
	for _, s := range []string{"title;due\nx;tomorrow\n", "Title,recurrence_from,skip_if_open,order\n'=x,due,TRUE,1e3\n,,", "title,tags,completed\n\"x\ny\",\"a\nb\",yes,more", "title,id\nx,\xff\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkRecords(t, interchange.CSV, s) })
}

func FuzzDecodeCalendar(f *testing.F) {
	f.Add(file(f, "calendar.ics"))
	f.Add(file(f, "golden/todos.ics"))
	for _, s := range []string{
		todo("SUMMARY;X=\"a:b\",c;Y=d:x\\n\\,", "DTSTART:20260301T090000Z", "DURATION:-P1W", "RRULE:FREQ=DAILY", "RELATED-TO:u1"), todo("DUE;TZID=/a/b/Europe/Berlin:20261025T023000", "BEGIN:VALARM", "TRIGGER:-PT999999H", "END:VALARM"),
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\n", "BEGIN:VCALENDAR\nBEGIN:VTODO\nnoise\n \xff\nEND:VTODO\nEND:VCALENDAR",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkRecords(t, interchange.Calendar, s) })
}

func FuzzDetect(f *testing.F) {
	for _, name := range []string{"golden/export.json", "legacy.json", "todoist.csv", "calendar.ics"} {
		f.Add("", file(f, name))
	}
	f.Fuzz(func(t *testing.T, mediaType, head string) {
		format, err := interchange.Detect(mediaType, []byte(head))
		if (err == nil) != (format != "") {
			t.Errorf("%q, %v", format, err)
		}
		if err != nil {
			checkText(t, err.Error())
		}
	})
}

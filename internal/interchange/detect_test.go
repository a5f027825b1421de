package interchange_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"todo-app/internal/interchange"
)

func TestTheFormatIsToldFromTheFile(t *testing.T) {
	for head, want := range map[string]interchange.Format{
		file(t, "golden/export.json"): interchange.JSON, file(t, "legacy.json"): interchange.Legacy, file(t, "todoist.csv"): interchange.Todoist, file(t, "calendar.ics"): interchange.Calendar,
		file(t, "golden/export.csv"): interchange.CSV, "Due;\"Title\"\r\n": interchange.CSV, "title": interchange.CSV,
		file(t, "golden/export.json")[:200]:     interchange.JSON,
		file(t, "golden/todos.ics"):             interchange.Calendar,
		`[{"id":"x","title":"y"}]`:              interchange.JSON,
		`[{"description":"x","url":"…"}]`:       interchange.JSON,
		`[{"id":3,"description":"x"}]`:          interchange.Legacy,
		`[{"description":"x","due_date":null}]`: interchange.Legacy,
		`{"tasks":[]}`:                          interchange.Legacy,
		`{"templates":{}}`:                      interchange.Legacy,
		`{"standup":{"description":"Standup","priority":"high"},"review":{`: interchange.Legacy,
		`{"rent":{"priority":"high","recurring":null`:                       interchange.Legacy,
		`{"next_id":3,"tasks":{`:                                            interchange.Legacy,
		"\xef\xbb\xbf\n {\"7\": {":                                          interchange.Legacy,
		"begin:vcalendar\n":                                                 interchange.Calendar,
		"\ufeffType;Content;Priority\n":                                     interchange.Todoist,
		"\"TYPE\",\"CONTENT\"\r\n":                                          interchange.Todoist,
		"due, title , tags\n":                                               interchange.CSV,
		"TYPE, CONTENT\n":                                                   interchange.Todoist,
	} {
		for _, mediaType := range []string{"", "application/octet-stream", "application/x-www-form-urlencoded", "not a type;;"} {
			f, err := interchange.Detect(mediaType, []byte(head))
			if f != want || err != nil {
				t.Errorf("%.40q as %q: %q, %v", head, mediaType, f, err)
			}
		}
	}
}

func TestAFormatThatCannotBeToldIsNotGuessed(t *testing.T) {
	for _, head := range []string{`[]`, `{}`, `[1]`, `{"a":1}`, `[{"id":"x","description":"y"}]`, `[{"description":"` + strings.Repeat("x", 9), `{"1":"x"}`, `{"a":{"description":1}}`, `{"a":{"b":{"description":"x"}}}`, "a,b\n", "hello", `{"a`} {
		if f, err := interchange.Detect("", []byte(head)); !errors.Is(err, interchange.ErrUnsure) || f != "" {
			t.Errorf("%s: %q, %v", head, f, err)
		}
	}
}

func TestAFileThatCannotBeReadSaysSoAtOnce(t *testing.T) {
	for head, want := range map[string]string{
		"":              "the file is empty",
		" \n":           "the file is empty",
		"\xfe\xff\x00[": "the file is in UTF-16 or UTF-32: save it as UTF-8",
		"PK\x03\x04":    "the file is compressed: unpack it first",
	} {
		if _, err := interchange.Detect("", []byte(head)); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v", head, err)
		}
	}
}

func TestAMediaTypeThatSaysOtherwiseIsAnError(t *testing.T) {
	heads := map[interchange.Format]string{interchange.JSON: `[{"title":"x"}]`, interchange.Legacy: `{"1":{}}`, interchange.Todoist: "TYPE,CONTENT", interchange.Calendar: "BEGIN:VCALENDAR\n"}
	for mediaType, want := range map[string][]interchange.Format{
		"application/json":             {interchange.JSON, interchange.Legacy},
		"text/csv; charset=utf-8":      {interchange.Todoist},
		"Text/Calendar; charset=utf-8": {interchange.Calendar},
		"text/plain":                   {interchange.JSON, interchange.Legacy, interchange.Todoist, interchange.Calendar},
	} {
		for f, head := range heads {
			_, err := interchange.Detect(mediaType, []byte(head))
			allowed := false
			for _, w := range want {
				allowed = allowed || w == f
			}
			if (err == nil) != allowed {
				t.Errorf("%s as %s: %v", f, mediaType, err)
			} else if err != nil {
				equal(t, "error", err.Error(), fmt.Sprintf("the file was sent as %s, but looks like %s", mediaType, f))
			}
		}
	}
}

func TestWhatWasSniffedIsReadFromTheBeginning(t *testing.T) {
	long := "[" + strings.Repeat(`{"title":"x"},`, 20_000) + `{"title":"x"}]`
	f, r, err := interchange.Sniff("", iotest.OneByteReader(strings.NewReader(long)))
	if err != nil || f != interchange.JSON {
		t.Fatal(f, err)
	}
	n := 0
	for _, err := range interchange.Decode(r, f, interchange.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	equal(t, "records", n, 20_001)
	if _, _, err := interchange.Sniff("", iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if _, r, err := interchange.Sniff("", strings.NewReader("hello")); !errors.Is(err, interchange.ErrUnsure) {
		t.Error(err)
	} else if b, err := io.ReadAll(r); string(b) != "hello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

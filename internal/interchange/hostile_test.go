package interchange_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"todo-app/internal/interchange"
)

// endless repeats a text behind another, forever or some times, and counts
// what was read of it.
type endless struct {
	begin, again, end string
	times             int // 0: forever
	read              int64
	rest              string
	begun, ended      bool
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if e.rest == "" && !e.next() {
			break
		}
		c := copy(p[n:], e.rest)
		e.rest = e.rest[c:]
		n += c
	}
	e.read += int64(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (e *endless) next() bool {
	switch {
	case !e.begun:
		e.begun = true
		e.rest = e.begin + e.again
	case e.times == 0:
		e.rest = e.again
	case e.times > 1:
		e.times--
		e.rest = e.again
	case !e.ended:
		e.ended = true
		e.rest = e.end
	default:
		return false
	}
	return true
}

func TestARecordWithoutEndEndsTheReading(t *testing.T) {
	const calendar = "BEGIN:VCALENDAR\nBEGIN:VTODO\n"
	for name, c := range map[string]struct {
		format       interchange.Format
		begin, again string
	}{
		"a string":            {interchange.JSON, `[{"title":"`, "x"},
		"an escape":           {interchange.JSON, `[{"title":"`, `\u0041`},
		"a number":            {interchange.JSON, `[`, "1"},
		"a name":              {interchange.JSON, `{"`, "x"},
		"white space":         {interchange.JSON, `[`, " \n"},
		"nesting":             {interchange.JSON, `[{"title":`, "["},
		"objects":             {interchange.Legacy, `{"1":`, `{"a":`},
		"members":             {interchange.Legacy, `{"1":{"a":1`, `,"a":1`},
		"a skipped value":     {interchange.Legacy, `{"meta":[`, `1,`},
		"a cell":              {interchange.Todoist, "TYPE,CONTENT\ntask,", "x"},
		"a quoted cell":       {interchange.Todoist, "TYPE,CONTENT\ntask,\"", "x\n"},
		"cells":               {interchange.Todoist, "TYPE,CONTENT\ntask,x", ",x"},
		"column names":        {interchange.Todoist, "TYPE", ",CONTENT"},
		"empty rows":          {interchange.Todoist, "TYPE,CONTENT\n", "\n"},
		"a line":              {interchange.Calendar, calendar + "SUMMARY:", "x"},
		"folded lines":        {interchange.Calendar, calendar + "SUMMARY:", "x\r\n "},
		"lines of a to-do":    {interchange.Calendar, calendar, "X-A:1\n"},
		"categories":          {interchange.Calendar, calendar + "CATEGORIES:a", ",a"},
		"alarms":              {interchange.Calendar, calendar, "BEGIN:VALARM\nTRIGGER:-PT1M\nEND:VALARM\n"},
		"parameters":          {interchange.Calendar, calendar + "SUMMARY", ";A=b"},
		"empty lines":         {interchange.Calendar, calendar, "\n"},
		"a line of an event":  {interchange.Calendar, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:", "x"},
		"what is no calendar": {interchange.Calendar, "", "x"},
		"what is no JSON":     {interchange.JSON, "", " "},
		"what is no CSV":      {interchange.Todoist, "", "x"},
	} {
		r := &endless{begin: c.begin, again: c.again}
		_, err := decodeFrom(r, c.format)
		if e := fileError(t, err); !strings.Contains(e.Detail, "more than 1048576 bytes") && !strings.Contains(e.Detail, "depth") {
			t.Errorf("%s: %v", name, err)
		}
		if r.read > interchange.MaxRecord+256<<10 {
			t.Errorf("%s: %d bytes were read", name, r.read)
		}
	}
}

// decodeFrom counts records up to an error.
func decodeFrom(r io.Reader, f interchange.Format) (n int, err error) {
	for _, err := range interchange.Decode(r, f, interchange.Options{}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestWhatHasNoEndButIsNotHeldIsReadOn(t *testing.T) {
	r := &endless{begin: "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", again: "BEGIN:X\nX-A:1\n", times: 200_000, end: strings.Repeat("END:X\n", 200_000) + "END:VEVENT\nEND:VCALENDAR\n"}
	n, err := decodeFrom(r, interchange.Calendar)
	equal(t, "records", n, 1)
	if err != nil {
		t.Error(err)
	}
}

func TestTheReadingStopsWhenNobodyWantsMore(t *testing.T) {
	for format, r := range manyOf(0) {
		n := 0
		for _, err := range interchange.Decode(r, format, interchange.Options{}) {
			if err != nil {
				t.Fatal(format, err)
			}
			if n++; n == 10 {
				break
			}
		}
		if r.read > 512<<10 {
			t.Errorf("%s: %d bytes were read for 10 records", format, r.read)
		}
	}
}

func TestAnErrorOfTheReaderIsReturnedAsItIs(t *testing.T) {
	for format, r := range manyOf(10_000) {
		broken := io.MultiReader(io.LimitReader(r, 300<<10), iotest.ErrReader(io.ErrClosedPipe))
		n, err := decodeFrom(broken, format)
		if !errors.Is(err, io.ErrClosedPipe) || n < 100 {
			t.Errorf("%s: %v after %d", format, err, n)
		}
		n, err = decodeFrom(iotest.ErrReader(io.ErrClosedPipe), format)
		if !errors.Is(err, io.ErrClosedPipe) || n != 0 {
			t.Errorf("%s: %v after %d", format, err, n)
		}
	}
	nothing := readerFunc(func([]byte) (int, error) { return 0, nil })
	for _, begin := range []string{"", "[" + strings.Repeat("1,", 100<<10)} {
		if _, err := decodeFrom(io.MultiReader(strings.NewReader(begin), nothing), interchange.JSON); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%.5s: %v", begin, err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// manyOf are files of many ordinary records, 0 for endless ones.
func manyOf(n int) map[interchange.Format]*endless {
	text := strings.Repeat("A sentence of what is to be done. ", 8)
	return map[interchange.Format]*endless{
		interchange.JSON: {begin: `{"format":"todo-app","version":1,"tasks":[{"title":"first"}`, times: n, end: "]}",
			again: `,{"id":"0190b6a0-5f3c-7000-8000-000000000001","created_at":"2026-01-01T00:00:00Z","title":"x","description":"` + text + `","tags":["a","b"],"due":"2026-03-01","depends_on":["0190b6a0-5f3c-7000-8000-000000000002"]}`},
		interchange.Legacy: {begin: `{"1":{"description":"first"}`, times: n, end: "}",
			again: `,"2":{"id":2,"description":"x","notes":"` + text + `","created_at":"2025-11-03T08:15:30","due_date":"2025-11-10","depends_on":[1],"recurring":{"type":"monthly","interval":1}}`},
		interchange.Todoist: {begin: "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,DATE\ntask,first\n", times: n, again: "task,x @a @b," + text + ",1,2,2026-03-01\n"},
		interchange.Calendar: {begin: "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:first\nEND:VTODO\n", times: n, end: "END:VCALENDAR\n",
			again: "BEGIN:VTODO\nUID:1\nSUMMARY:x\nDESCRIPTION:" + text + "\nDUE:20260301T090000Z\nCATEGORIES:a,b\nRRULE:FREQ=DAILY\nBEGIN:VALARM\nTRIGGER:-PT30M\nEND:VALARM\nEND:VTODO\n"},
	}
}

// many is how many records a large file has.
func many(n int) int {
	if raced {
		return n / 20
	}
	return n
}

// TestAFileOf100000RecordsTakesNoMoreMemoryThanOneOf1000 looks at what is live
// after a collection, which does not depend on when collections happen.
func TestAFileOf100000RecordsTakesNoMoreMemoryThanOneOf1000(t *testing.T) {
	n := many(100_000)
	for format, r := range manyOf(n) {
		begun, records, early, most := time.Now(), 0, uint64(0), uint64(0)
		for _, err := range interchange.Decode(r, format, interchange.Options{}) {
			if err != nil {
				t.Fatal(format, err)
			}
			switch records++; {
			case records == 1000:
				early = live()
			case records%(n/10) == 0:
				most = max(most, live())
			}
		}
		t.Logf("%s: %d records, %d MB, in %v; live %d KiB at 1,000, at most %d KiB later", format, records, r.read/1e6, time.Since(begun).Round(time.Millisecond), early>>10, most>>10)
		if records != n+1 {
			t.Errorf("%s: %d records", format, records)
		}
		if most > early+256<<10 {
			t.Errorf("%s: %d bytes live after 1,000 records, and %d later", format, early, most)
		}
	}
}

func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestAFileOf100000TasksIsWrittenInNoMoreMemoryThanOneOf1000(t *testing.T) {
	n := many(100_000)
	made := samples(t)
	for _, format := range []interchange.Format{interchange.JSON, interchange.CSV, interchange.Calendar} {
		var written counter
		e, err := interchange.NewEncoder(&written, format, layout(t))
		if err != nil {
			t.Fatal(err)
		}
		begun, early, most := time.Now(), uint64(0), uint64(0)
		for i := range n {
			if err := e.Task(&made[i%len(made)]); err != nil {
				t.Fatal(err)
			}
			switch {
			case i == 1000:
				early = live()
			case (i+1)%(n/10) == 0:
				most = max(most, live())
			}
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d MB in %v; live %d KiB after 1,000, at most %d KiB later", format, written/1e6, time.Since(begun).Round(time.Millisecond), early>>10, most>>10)
		if most > early+256<<10 {
			t.Errorf("%s: %d bytes live after 1,000 tasks, and %d later", format, early, most)
		}
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func TestAMillionTinyRecordsAreAMillionRecords(t *testing.T) {
	million := many(1_000_000)
	for format, r := range map[interchange.Format]*endless{
		interchange.JSON:     {begin: "[1", again: ",1", times: million - 1, end: "]"},
		interchange.Legacy:   {begin: `{"1":1`, again: `,"1":1`, times: million - 1, end: "}"},
		interchange.Todoist:  {begin: "TYPE,CONTENT\n", again: "x\n", times: million},
		interchange.Calendar: {begin: "BEGIN:VCALENDAR\n", again: "BEGIN:A\nEND:A\n", times: million, end: "END:VCALENDAR"},
	} {
		before := live()
		n, err := decodeFrom(r, format)
		if n != million || err != nil {
			t.Errorf("%s: %d, %v", format, n, err)
		}
		if after := live(); after > before+1<<20 {
			t.Errorf("%s: %d bytes live before and %d after", format, before, after)
		}
	}
}

func TestTheLargestTaskFits(t *testing.T) {
	made := samples(t)[0]
	made.Title = strings.Repeat("\x01", 500)
	made.Description = strings.Repeat("\x01", 20_000)
	for format, o := range map[interchange.Format]interchange.Options{interchange.JSON: {}, interchange.Calendar: {}} {
		r := one(t, format, encoded(t, format, interchange.Layout{}, made), o)
		equal(t, fmt.Sprint(format, ": faults"), faults(r), nil)
		equal(t, "length", len([]rune(r.Patch.Description.Value)), 20_000)
	}
}

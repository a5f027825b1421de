package task_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// oracle says of every time whether it is one of a rule's, by the definitions
// of RFC 5545, section 3.3.10, and in no hurry.
type oracle struct {
	freq     string
	interval int
	wkst     int
	days     []string         // BYDAY
	numbers  map[string][]int // of every other part
	start    time.Time        // the anchor's wall time
}

func newOracle(rule string, start time.Time) oracle {
	o := oracle{interval: 1, wkst: 1, numbers: map[string][]int{}, start: start}
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		values := strings.Split(value, ",")
		switch name {
		case "FREQ":
			o.freq = value
		case "WKST":
			o.wkst = slices.Index(weekdayNames, value)
		case "BYDAY":
			o.days = values
		case "INTERVAL":
			o.interval, _ = strconv.Atoi(value)
		default:
			for _, v := range values {
				n, _ := strconv.Atoi(v)
				o.numbers[name] = append(o.numbers[name], n)
			}
		}
	}
	return o
}

var weekdayNames = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// allows reports whether a part is absent or has one of the numbers.
func (o oracle) allows(part string, numbers ...int) bool {
	named := o.numbers[part]
	return named == nil || slices.ContainsFunc(numbers, func(n int) bool { return slices.Contains(named, n) })
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// weekStart goes back to the day that weeks begin with.
func (o oracle) weekStart(t time.Time) time.Time {
	for t = midnightUTC(t); int(t.Weekday()) != o.wkst; {
		t = t.AddDate(0, 0, -1)
	}
	return t
}

// weekOne is the first week with four days or more in the year.
func (o oracle) weekOne(year int) time.Time {
	t := o.weekStart(day(year, 1, 1))
	if t.AddDate(0, 0, 3).Year() < year {
		t = t.AddDate(0, 0, 7)
	}
	return t
}

func (o oracle) weekYear(t time.Time) int {
	year := t.Year() + 1
	for t.Before(o.weekOne(year)) {
		year--
	}
	return year
}

func (o oracle) period(t time.Time) int {
	seconds := int(t.Unix())
	floor := func(n, by int) int { return (n - ((n%by)+by)%by) / by }
	switch o.freq {
	case "YEARLY":
		if o.numbers["BYWEEKNO"] != nil {
			return o.weekYear(t)
		}
		return t.Year()
	case "MONTHLY":
		return 12*t.Year() + int(t.Month())
	case "WEEKLY":
		return floor(int(o.weekStart(t).Unix()), 7*86400)
	case "DAILY":
		return floor(seconds, 86400)
	case "HOURLY":
		return floor(seconds, 3600)
	case "MINUTELY":
		return floor(seconds, 60)
	}
	return seconds
}

// byDay holds a day against BYDAY.
func (o oracle) byDay(t time.Time) bool {
	within := func(first, last time.Time) []string {
		var names []string
		name := weekdayNames[t.Weekday()]
		for n, d := 1, t.AddDate(0, 0, -7); !d.Before(first); d = d.AddDate(0, 0, -7) {
			n++
			names = []string{fmt.Sprint(n, name), fmt.Sprint("+", n, name)}
		}
		if names == nil {
			names = []string{"1" + name, "+1" + name}
		}
		n := -1
		for d := t.AddDate(0, 0, 7); !d.After(last); d = d.AddDate(0, 0, 7) {
			n--
		}
		return append(names, fmt.Sprint(n, name), name)
	}
	names := within(day(t.Year(), 1, 1), day(t.Year(), 12, 31))
	if o.freq != "YEARLY" || o.numbers["BYMONTH"] != nil {
		names = within(day(t.Year(), t.Month(), 1), day(t.Year(), t.Month()+1, 0))
	}
	return slices.ContainsFunc(o.days, func(s string) bool { return slices.Contains(names, strings.ReplaceAll(s, " ", "")) })
}

func (o oracle) isDay(t time.Time) bool {
	yearEnd, monthEnd := day(t.Year(), 12, 31).YearDay(), day(t.Year(), t.Month()+1, 0).Day()
	if !o.allows("BYMONTH", int(t.Month())) || !o.allows("BYYEARDAY", t.YearDay(), t.YearDay()-yearEnd-1) || !o.allows("BYMONTHDAY", t.Day(), t.Day()-monthEnd-1) ||
		o.days != nil && !o.byDay(t) {
		return false
	}
	if o.numbers["BYWEEKNO"] != nil {
		year := o.weekYear(t)
		number := int(o.weekStart(t).Sub(o.weekOne(year)).Hours())/168 + 1
		if last := int(o.weekOne(year+1).Sub(o.weekOne(year)).Hours()) / 168; !o.allows("BYWEEKNO", number, number-last-1) {
			return false
		}
	}
	if o.days != nil || o.numbers["BYMONTHDAY"] != nil || o.numbers["BYYEARDAY"] != nil {
		return true
	}
	switch {
	case o.numbers["BYWEEKNO"] != nil || o.freq == "WEEKLY":
		return t.Weekday() == o.start.Weekday()
	case o.freq == "MONTHLY":
		return t.Day() == o.start.Day()
	case o.freq == "YEARLY":
		return t.Day() == o.start.Day() && (o.numbers["BYMONTH"] != nil || t.Month() == o.start.Month())
	}
	return true
}

// times are those of a day, by frequency and BY parts but for BYSETPOS.
func (o oracle) times(t time.Time) (found []time.Time) {
	is := func(part string, n, anchor int, longer ...string) bool {
		if o.numbers[part] == nil && slices.Contains(longer, o.freq) {
			return n == anchor
		}
		return o.allows(part, n)
	}
	for h := range 24 {
		if !is("BYHOUR", h, o.start.Hour(), "YEARLY", "MONTHLY", "WEEKLY", "DAILY") {
			continue
		}
		for m := range 60 {
			if !is("BYMINUTE", m, o.start.Minute(), "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY") {
				continue
			}
			for s := range 60 {
				if is("BYSECOND", s, o.start.Second(), "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY") {
					found = append(found, t.Add(time.Duration(h*3600+m*60+s)*time.Second))
				}
			}
		}
	}
	return found
}

// dates are those from the anchor through a number of days, and the time before
// which there are no others.
func (o oracle) dates(days int) (found []task.Due, until time.Time) {
	found = []task.Due{{At: o.start}}
	set := []time.Time{}
	end := func() {
		for i, at := range set {
			if o.allows("BYSETPOS", i+1, i-len(set)) && at.After(o.start) {
				found = append(found, task.Due{At: at})
			}
		}
		set = set[:0]
	}
	first := o.period(o.start)
	back := map[string]int{"YEARLY": 380, "MONTHLY": 31, "WEEKLY": 7}[o.freq] // to the period's beginning
	for until = midnightUTC(o.start).AddDate(0, 0, -back); days > -back; until, days = until.AddDate(0, 0, 1), days-1 {
		t := until
		if !o.isDay(t) {
			continue
		}
		for _, at := range o.times(t) {
			n := o.period(at)
			if (n-first)%o.interval != 0 {
				continue
			}
			if len(set) > 0 && o.period(set[0]) != n {
				end()
			}
			set = append(set, at)
		}
	}
	if len(set) > 0 { // the last period may not be whole
		until = set[0]
	}
	return found, until
}

var drawnParts = []struct {
	name      string
	low, high int
	forbidden []string // by frequency
}{
	{"BYMONTH", 1, 12, nil}, {"BYWEEKNO", -53, 53, []string{"MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}},
	{"BYMONTHDAY", -31, 31, []string{"WEEKLY"}}, {"BYYEARDAY", -366, 366, []string{"MONTHLY", "WEEKLY", "DAILY"}},
	{"BYHOUR", 0, 23, nil}, {"BYMINUTE", 0, 59, nil}, {"BYSECOND", 0, 59, nil},
}

var frequencies = []string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}

// drawRule draws any rule that has a meaning, without an end.
func drawRule(t *rapid.T, freqs []string) string {
	freq := rapid.SampledFrom(freqs).Draw(t, "FREQ")
	rule := "FREQ=" + freq
	oneIn := func(n int, what string) bool { return rapid.IntRange(1, n).Draw(t, what+"?") == 1 }
	if oneIn(2, "INTERVAL") {
		rule += ";INTERVAL=" + strconv.Itoa(rapid.IntRange(1, 40).Draw(t, "INTERVAL"))
	}
	if oneIn(3, "WKST") {
		rule += ";WKST=" + rapid.SampledFrom(weekdayNames).Draw(t, "WKST")
	}
	bare := rule
	for _, p := range drawnParts {
		if !slices.Contains(p.forbidden, freq) && oneIn(4, p.name) {
			numbers := rapid.SliceOfN(rapid.IntRange(p.low, p.high).Filter(func(n int) bool { return n != 0 || p.low == 0 }), 1, 6).Draw(t, p.name)
			rule += ";" + p.name + "=" + strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ",")
		}
	}
	if oneIn(3, "BYDAY") {
		var days []string
		for range rapid.IntRange(1, 4).Draw(t, "days") {
			d := rapid.SampledFrom(weekdayNames).Draw(t, "BYDAY")
			if (freq == "MONTHLY" || freq == "YEARLY") && !strings.Contains(rule, "BYWEEKNO") && oneIn(2, "nth") {
				d = strconv.Itoa(rapid.SampledFrom([]int{1, 2, 3, 4, 5, -1, -2, -3, -4, -5, 6, 20, -53, 53}).Draw(t, "nth")) + d
			}
			days = append(days, d)
		}
		rule += ";BYDAY=" + strings.Join(days, ",")
	}
	if rule != bare && oneIn(3, "BYSETPOS") {
		rule += ";BYSETPOS=" + strconv.Itoa(rapid.SampledFrom([]int{1, 2, 3, 7, -1, -2, -3}).Draw(t, "BYSETPOS"))
	}
	if _, err := task.ParseRule(rule); err != nil {
		t.Fatalf("%s: %v", rule, err)
	}
	return rule
}

// horizons are how many days to look at.
var horizons = map[string]int{"YEARLY": 4000, "MONTHLY": 1500, "WEEKLY": 1000, "DAILY": 500, "HOURLY": 60, "MINUTELY": 20, "SECONDLY": 4}

func TestDatesAreWhatTheDefinitionsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := drawRule(t, frequencies)
		o := newOracle(rule, time.Unix(rapid.Int64Range(-22e8, 14e9).Draw(t, "anchor"), 0).UTC())
		want, until := o.dates(horizons[o.freq])
		if len(want) > 300 {
			want, until = want[:300], want[299].At
		}
		s := task.Series{Recurrence: task.Recurrence{Rule: rule}, Anchor: want[0], Zone: time.UTC}
		got := s.Occurrences(want[0], len(want))
		if n := len(got); n == len(want) && !got[n-1].At.Before(until) {
			got = got[:n-1]
		}
		if texts(got) != texts(want[1:]) {
			t.Fatalf("%s from %s\n got %s\nwant %s", rule, want[0], texts(got), texts(want[1:]))
		}
	})
}

func TestDatesAreThoseOfAnotherProgram(t *testing.T) {
	golden, err := os.ReadFile("testdata/series/dateutil.golden")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		words := strings.Fields(line)
		want := make([]task.Due, len(words)-1)
		for i, word := range words[1:] {
			if want[i].At, err = time.Parse("20060102T150405", word); err != nil {
				t.Fatal(err)
			}
		}
		s := task.Series{Recurrence: task.Recurrence{Rule: words[0]}, Anchor: want[0], Zone: time.UTC}
		n := len(want) - 1
		if strings.Contains(s.Rule, "COUNT") || strings.Contains(s.Rule, "UNTIL") {
			n++
		}
		got := s.Occurrences(s.Anchor, n)
		if texts(got) != texts(want[1:]) {
			t.Errorf("%s from %s\n got %s\nwant %s", s.Rule, s.Anchor, texts(got), texts(want[1:]))
		}
	}
}

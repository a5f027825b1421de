package quickadd_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// expansion reads an RRULE anew, as RFC 5545 has it, for the parts that quick
// add writes.
type expansion map[string]string

func expand(rule string) expansion {
	e := expansion{}
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		e[name] = value
	}
	return e
}

// days returns the days that a rule has in a month, whatever its interval.
func (e expansion) days(month time.Time) []int {
	if m := e["BYMONTH"]; m != "" && m != strconv.Itoa(int(month.Month())) {
		return nil
	}
	var set []int
	for d := 1; d <= lengthOfMonth(month); d++ {
		name := strings.ToUpper(month.AddDate(0, 0, d-1).Weekday().String()[:2])
		nth, fromEnd := (d-1)/7+1, (d-lengthOfMonth(month))/7-1
		if listed(e["BYMONTHDAY"], strconv.Itoa(d), strconv.Itoa(d-lengthOfMonth(month)-1)) &&
			listed(e["BYDAY"], name, strconv.Itoa(nth)+name, strconv.Itoa(fromEnd)+name) {
			set = append(set, d)
		}
	}
	if e["BYSETPOS"] == "" {
		return set
	}
	var chosen []int
	for position := range strings.SplitSeq(e["BYSETPOS"], ",") {
		n, _ := strconv.Atoi(position)
		if n < 0 {
			n += len(set) + 1
		}
		if 1 <= n && n <= len(set) {
			chosen = append(chosen, set[n-1])
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// meant returns the days of a month that a condition takes.
func meant(is func(day time.Time) bool, month time.Time) []int {
	var days []int
	for d := 1; d <= lengthOfMonth(month); d++ {
		if is(month.AddDate(0, 0, d-1)) {
			days = append(days, d)
		}
	}
	return days
}

func lengthOfMonth(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// listed reports whether a part is absent or has one of some items.
func listed(part string, items ...string) bool {
	return part == "" || slices.ContainsFunc(strings.Split(part, ","), func(item string) bool { return slices.Contains(items, item) })
}

// meaning is a rule in words, and which days a person takes it for.
type meaning struct {
	words string
	is    func(day time.Time) bool
}

func meanings() []meaning {
	var all []meaning
	add := func(words string, is func(day time.Time) bool) { all = append(all, meaning{words, is}) }
	onWeekday := func(w time.Weekday) func(time.Time) bool {
		return func(day time.Time) bool { return day.Weekday() == w }
	}
	workday := func(day time.Time) bool { return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday }
	dayOf := func(n int) func(time.Time) bool {
		return func(day time.Time) bool { return day.Day() == min(n, lengthOfMonth(day)) }
	}
	// rank counts the days that are one of some, from the month's beginning or end.
	rank := func(is func(time.Time) bool, day time.Time, step int) int {
		n := 0
		for d := day; d.Month() == day.Month(); d = d.AddDate(0, 0, step) {
			if is(d) {
				n++
			}
		}
		return n
	}
	ordinals := []string{"", "1st", "2nd", "3rd", "4th", "5th"}
	words := []string{"", "first", "second", "third", "fourth", "fifth"}
	kinds := map[string]func(time.Time) bool{"workday": workday}
	for w := time.Sunday; w <= time.Saturday; w++ {
		kinds[strings.ToLower(w.String())] = onWeekday(w)
		add("every "+w.String(), onWeekday(w))
		add("every "+w.String()[:3]+" and thu", func(day time.Time) bool { return day.Weekday() == w || day.Weekday() == time.Thursday })
	}
	add("every weekday", workday)
	add("every weekend", onWeekday(time.Saturday))
	for kind, is := range kinds {
		for n := 1; n <= 5; n++ {
			nth := func(day time.Time) bool { return is(day) && rank(is, day, -1) == n }
			add("every "+ordinals[n]+" "+kind, nth)
			add("every month on the "+words[n]+" "+kind, nth)
			add("every "+words[n]+" "+kind+" of march", func(day time.Time) bool { return day.Month() == time.March && nth(day) })
		}
		add("every last "+kind, func(day time.Time) bool { return is(day) && rank(is, day, 1) == 1 })
	}
	for n := 1; n <= 31; n++ {
		add(fmt.Sprintf("every %dth", n), dayOf(n))
		if n < 29 {
			add(fmt.Sprintf("every %dth, 7th and 31st", n), func(day time.Time) bool { return dayOf(n)(day) || dayOf(7)(day) || dayOf(31)(day) })
			add(fmt.Sprintf("every 30th and %dth", n), func(day time.Time) bool { return dayOf(n)(day) || dayOf(30)(day) })
			add(fmt.Sprintf("every %dth and 29th", n), func(day time.Time) bool { return dayOf(n)(day) || dayOf(29)(day) })
		}
		for m := time.January; m <= time.December; m++ {
			if n <= time.Date(2000, m+1, 0, 0, 0, 0, 0, time.UTC).Day() {
				add(fmt.Sprintf("every %s %d", m, n), func(day time.Time) bool { return day.Month() == m && dayOf(n)(day) })
			}
		}
	}
	return all
}

func TestARuleHasTheDaysThatItsWordsMeanAndBeginsWithTheFirst(t *testing.T) {
	today := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for _, m := range meanings() {
		p, err := quickadd.Parse("x "+m.words, written)
		if err != nil || p.Patch.Title.Value != "x" {
			t.Errorf("%s: %s, %v", m.words, contract(p.Patch), err)
			continue
		}
		rule := expand(p.Patch.Recurrence.Value.Rule.Value)
		first := today
		for !m.is(first) {
			first = first.AddDate(0, 0, 1)
		}
		if due := p.Patch.Due.Value; !due.AllDay || !due.At.Equal(first) {
			t.Errorf("%s begins with %s, want %s", m.words, due, first)
		}
		for month := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); month.Year() < 2029; month = month.AddDate(0, 1, 0) {
			if got, want := rule.days(month), meant(m.is, month); !slices.Equal(got, want) {
				t.Errorf("%s is %v, which in %s has %d, not %d", m.words, rule, month.Format("2006-01"), got, want)
				break
			}
		}
	}
}

func TestARuleThatNamesNoDayKeepsTheDayItBeginsOnInShorterMonths(t *testing.T) {
	for n := 28; n <= 31; n++ {
		p, err := quickadd.Parse(fmt.Sprintf("x every 5 months starting %d dec", n), written)
		rule := expand(p.Patch.Recurrence.Value.Rule.Value)
		if err != nil || p.Patch.Due.Value.String() != fmt.Sprintf("2026-12-%d", n) || rule["INTERVAL"] != "5" {
			t.Errorf("%s, %v", contract(p.Patch), err)
		}
		for month := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); month.Year() < 2029 && n > 28; month = month.AddDate(0, 1, 0) {
			if got := rule.days(month); !slices.Equal(got, []int{min(n, lengthOfMonth(month))}) {
				t.Errorf("%v in %s has %d", rule, month.Format("2006-01"), got)
			}
		}
	}
}

func TestARuleWithATimeBeginsWithTheFirstThatHasNotPassed(t *testing.T) {
	for hour := range 24 {
		for words, every := range map[string]int{"every day": 1, "every wednesday": 7, "every 25 nov": 365, "every other week on wed": 7} {
			at := due(t, fmt.Sprintf("x %s %d:30", words, hour), written).At
			want := time.Date(2026, 11, 25, hour, 30, 0, 0, written.Location())
			if want.Before(written) {
				want = want.AddDate(0, 0, every)
			}
			if !at.Equal(want) {
				t.Errorf("%s %d:30 begins %s, want %s", words, hour, at, want)
			}
		}
	}
}

func TestARuleEndsWithItsLastDayInTheWritersZone(t *testing.T) {
	for name, want := range map[string]string{
		"UTC": "20270704T235959Z", "Europe/Berlin": "20270704T215959Z", "America/New_York": "20270705T035959Z", "Pacific/Kiritimati": "20270704T095959Z",
	} {
		p, err := quickadd.Parse("x every day at 9am until 4 july 2027", written.In(zone(name)))
		if rule := p.Patch.Recurrence.Value.Rule.Value; err != nil || rule != "FREQ=DAILY;UNTIL="+want {
			t.Errorf("in %s: %s, %v", name, rule, err)
		}
	}
}

func TestTheRarestRuleBeginsToo(t *testing.T) {
	now := time.Date(2072, 3, 1, 0, 0, 0, 0, time.UTC)
	for words, want := range map[string]string{"every fifth monday of feb": "2112-02-29", "every 29 feb": "2073-02-28", "every year starting 29 feb": "2076-02-29"} {
		if got := due(t, "x "+words, now); got.String() != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

func TestEveryRuleIsOneOfTheContract(t *testing.T) {
	for _, unit := range []string{"minute", "hour", "day", "week", "month", "quarter", "year"} {
		for _, n := range []string{"", "other ", "2nd ", "3 ", "twelve ", "99 "} {
			for _, bang := range []string{"", "!"} {
				p, err := quickadd.Parse("x every"+bang+" "+n+unit+" in 5 minutes", written)
				r := p.Patch.Recurrence.Value
				if rule, parseErr := task.ParseRule(r.Rule.Value); err != nil || parseErr != nil || rule != r.Rule.Value || r.From.Set != (bang != "") {
					t.Errorf("every%s %s%s: %s, %v", bang, n, unit, contract(p.Patch), err)
				}
			}
		}
	}
}

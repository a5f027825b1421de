package interchange_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"todo-app/internal/interchange"
)

// onset is when an observance of a VTIMEZONE begins.
type onset struct {
	at       time.Time
	from, to time.Duration
}

// onsets reads the VTIMEZONE of a calendar as RFC 5545 means it, knowing of
// rules what is written here.
func onsets(t *testing.T, file string) (all []onset) {
	t.Helper()
	_, file, _ = strings.Cut(strings.ReplaceAll(file, "\r\n ", ""), "BEGIN:VTIMEZONE")
	file, _, _ = strings.Cut(file, "END:VTIMEZONE")
	for _, part := range strings.Split(file, "BEGIN:")[1:] {
		var locals []time.Time
		var from, to time.Duration
		for _, line := range strings.Split(part, "\r\n") {
			switch name, value, _ := strings.Cut(line, ":"); name {
			case "DTSTART", "RDATE":
				for _, stamp := range strings.Split(value, ",") {
					local, err := time.Parse("20060102T150405", stamp)
					if err != nil {
						t.Fatal(err)
					}
					locals = append(locals, local)
				}
			case "TZOFFSETFROM":
				from = offset(t, value)
			case "TZOFFSETTO":
				to = offset(t, value)
			case "RRULE":
				locals = append(locals, yearly(t, value, locals[0])...)
			}
		}
		slices.SortFunc(locals, time.Time.Compare)
		for _, local := range slices.Compact(locals) {
			all = append(all, onset{local.Add(-from), from, to})
		}
	}
	slices.SortFunc(all, func(a, b onset) int { return a.at.Compare(b.at) })
	return all
}

func offset(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(fmt.Sprintf("%s%sh%sm%ss", s[:1], s[1:3], s[3:5], (s + "00")[5:7]))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// yearly returns what a rule adds to its first onset, up to 2087.
func yearly(t *testing.T, rule string, first time.Time) (all []time.Time) {
	t.Helper()
	parts := map[string]string{}
	for _, part := range strings.Split(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	month, err := strconv.Atoi(parts["BYMONTH"])
	if err != nil || parts["FREQ"] != "YEARLY" {
		t.Fatal(rule)
	}
	day := parts["BYDAY"]
	nth, _ := strconv.Atoi(day[:len(day)-2])
	for year := first.Year() + 1; year <= 2087; year++ {
		var days []time.Time
		for d := time.Date(year, time.Month(month), 1, first.Hour(), first.Minute(), first.Second(), 0, time.UTC); int(d.Month()) == month; d = d.AddDate(0, 0, 1) {
			in := parts["BYMONTHDAY"] == "" || slices.Contains(strings.Split(parts["BYMONTHDAY"], ","), strconv.Itoa(d.Day()))
			if strings.ToUpper(d.Weekday().String()[:2]) == day[len(day)-2:] && in {
				days = append(days, d)
			}
		}
		switch {
		case nth < 0:
			days = days[len(days)+nth:][:1]
		case nth > 0:
			days = days[nth-1:][:1]
		}
		if len(days) != 1 {
			t.Fatal(rule, year, days)
		}
		all = append(all, days...)
	}
	return all
}

func TestADescribedZoneSetsItsClocksWhenTheZoneDoes(t *testing.T) {
	for name, rules := range map[string]int{
		"Europe/Berlin": 2, "Europe/Dublin": 2, "America/New_York": 2, "America/St_Johns": 2, "America/Santiago": 2, "America/Sao_Paulo": 0, "Australia/Sydney": 2,
		"Australia/Lord_Howe": 2, "Asia/Tokyo": 0, "Asia/Kathmandu": 0, "Asia/Jerusalem": 2, "Asia/Tehran": 0, "Africa/Casablanca": 0, "Africa/Cairo": 0, "Pacific/Apia": 0, "Africa/Monrovia": 0,
		"America/Godthab": 2, "Pacific/Chatham": 2, "Antarctica/Troll": 2, "Asia/Gaza": 0, "Europe/London": 2, "Europe/Lisbon": 2,
	} {
		l := layout(t)
		l.Zone = zone(t, name)
		made := samples(t)[2]
		file := encoded(t, interchange.Calendar, l, made)
		_, described, _ := strings.Cut(file, "BEGIN:VTIMEZONE")
		described, _, _ = strings.Cut(described, "END:VTIMEZONE")
		equal(t, name+": rules", strings.Count(described, "RRULE"), rules)
		all := onsets(t, file)
		for at := time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC); at.Year() < 2088; at = at.Add(7 * time.Hour) {
			i, _ := slices.BinarySearchFunc(all, at, func(o onset, at time.Time) int {
				if o.at.After(at) {
					return 1
				}
				return -1
			})
			if _, want := at.In(l.Zone).Zone(); all[i-1].to != time.Duration(want)*time.Second {
				t.Fatalf("%s at %s: %v, not %d s", name, at, all[i-1].to, want)
			}
		}
		for i := 1; i < len(all); i++ {
			if all[i].from != all[i-1].to {
				t.Errorf("%s: %v follows %v", name, all[i], all[i-1])
			}
		}
	}
}

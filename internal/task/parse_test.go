package task_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
)

func TestWhichRulesARecurrenceMayHave(t *testing.T) {
	for in, want := range map[string]string{
		"daily": "daily", "Weekly": "weekly", "MONTHLY": "monthly", "yearly": "yearly",
		"FREQ=DAILY": "FREQ=DAILY", "FREQ=HOURLY;BYYEARDAY=1": "FREQ=HOURLY;BYYEARDAY=1", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO": "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "FREQ=DAILY;BYMONTHDAY=1": "FREQ=DAILY;BYMONTHDAY=1", "rrule:freq=weekly;byday=mo,we": "FREQ=WEEKLY;BYDAY=MO,WE", "RRULE:FREQ=DAILY;COUNT=10000": "FREQ=DAILY;COUNT=10000",
		"FREQ=MONTHLY;BYDAY=-1FR,+2MO,53SU": "FREQ=MONTHLY;BYDAY=-1FR,+2MO,53SU", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-31,31,+1": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-31,31,+1",
		"FREQ=YEARLY;BYYEARDAY=-366,1;BYWEEKNO=53": "FREQ=YEARLY;BYYEARDAY=-366,1;BYWEEKNO=53", "FREQ=HOURLY;INTERVAL=10000;WKST=SU": "FREQ=HOURLY;INTERVAL=10000;WKST=SU",
		"FREQ=MINUTELY;BYHOUR=0,23;BYMINUTE=59;BYSECOND=0": "FREQ=MINUTELY;BYHOUR=0,23;BYMINUTE=59;BYSECOND=0", "FREQ=SECONDLY": "FREQ=SECONDLY",
		"FREQ=DAILY;UNTIL=20271231": "FREQ=DAILY;UNTIL=20271231", "FREQ=DAILY;UNTIL=20271231T235959": "FREQ=DAILY;UNTIL=20271231T235959", "UNTIL=20280229T000000Z;FREQ=DAILY": "UNTIL=20280229T000000Z;FREQ=DAILY",
		"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1": "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", "FREQ=MONTHLY;BYSETPOS=1;BYMONTHDAY=1,2": "FREQ=MONTHLY;BYSETPOS=1;BYMONTHDAY=1,2",
	} {
		got, err := task.ParseRule(in)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestWhichRulesAreRefusedAndWhy(t *testing.T) {
	const none = "is no part of one"
	for in, want := range map[string]string{
		"": none, "hourly": none, "every day": none, "FREQ": none, "FREQ=DAILY;": none, ";FREQ=DAILY": none, "FREQ=DAILY;X-A=1": none, "RRULE:RRULE:FREQ=DAILY": none, "EXRULE:FREQ=DAILY": none, " FREQ=DAILY": none,
		"FREQ=": `invalid value in "FREQ="`, "FREQ=FORTNIGHTLY": "invalid value", "FREQ=DAILY=": "invalid value", "FREQ=DAILY;FREQ=DAILY": "gives FREQ twice",
		"COUNT=1": "must have a FREQ part", "FREQ=DAILY;COUNT=1;UNTIL=20271231": "both COUNT and UNTIL", "FREQ=MONTHLY;BYSETPOS=1": "only beside another BY part",
		"FREQ=DAILY;COUNT=0": "invalid value", "FREQ=DAILY;COUNT=10001": "invalid value", "FREQ=DAILY;COUNT=-1": "invalid value", "FREQ=DAILY;COUNT=+1": "invalid value", "FREQ=DAILY;COUNT=1.5": "invalid value", "FREQ=DAILY;COUNT=": "invalid value",
		"FREQ=DAILY;INTERVAL=0": "invalid value", "FREQ=DAILY;INTERVAL=10001": "invalid value", "FREQ=DAILY;INTERVAL=99999999999999999999": "invalid value",
		"FREQ=DAILY;BYDAY=": "invalid value", "FREQ=DAILY;BYDAY=M": "invalid value", "FREQ=DAILY;BYDAY=MO,": "invalid value", "FREQ=DAILY;BYDAY=XX": "invalid value", "FREQ=MONTHLY;BYDAY=0MO": "invalid value", "FREQ=MONTHLY;BYDAY=54MO": "invalid value", "FREQ=MONTHLY;BYDAY=+MO": "invalid value",
		"FREQ=YEARLY;BYMONTH=0": "invalid value", "FREQ=YEARLY;BYMONTH=13": "invalid value", "FREQ=YEARLY;BYMONTHDAY=0": "invalid value", "FREQ=YEARLY;BYMONTHDAY=-0": "invalid value", "FREQ=YEARLY;BYMONTHDAY=32": "invalid value", "FREQ=YEARLY;BYMONTHDAY=-32": "invalid value",
		"FREQ=YEARLY;BYYEARDAY=367": "invalid value", "FREQ=YEARLY;BYWEEKNO=54": "invalid value", "FREQ=DAILY;BYHOUR=24": "invalid value", "FREQ=DAILY;BYHOUR=-0": "invalid value", "FREQ=DAILY;BYMINUTE=60": "invalid value", "FREQ=DAILY;BYSECOND=60": "invalid value",
		"FREQ=MONTHLY;BYWEEKNO=1": "may not have BYWEEKNO with FREQ=MONTHLY", "FREQ=DAILY;BYYEARDAY=1": "may not have BYYEARDAY with FREQ=DAILY", "FREQ=WEEKLY;BYYEARDAY=1": "may not have BYYEARDAY", "FREQ=MONTHLY;BYYEARDAY=1": "may not have BYYEARDAY",
		"FREQ=WEEKLY;BYMONTHDAY=1": "may not have BYMONTHDAY with FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=1MO": "may not have a numbered BYDAY with FREQ=WEEKLY", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,-1TU": "may not have a numbered BYDAY",
		"FREQ=DA\u0131LY": "plain letters and digits", "FREQ=WEEKLY;BYDAY=\u017fU": "plain letters and digits",
		"FREQ=DAILY;WKST=1MO": "invalid value", "FREQ=DAILY;UNTIL=2027-12-31": "invalid value", "FREQ=DAILY;UNTIL=20270229": "invalid value", "FREQ=DAILY;UNTIL=20271231T240000Z": "invalid value", "FREQ=DAILY;UNTIL=20271231T000000.5Z": "invalid value", "FREQ=DAILY;UNTIL=20271231T000000,5": "invalid value",
		"FREQ=DAILY;BYDAY=" + strings.Repeat("MO,", 170) + "MO": "at most 500 characters",
	} {
		got, err := task.ParseRule(in)
		if err == nil || !strings.Contains(err.Error(), want) || got != "" {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestWhichRemindersThereAre(t *testing.T) {
	for in, want := range map[string]task.Reminder{
		"-PT30M": "-PT30M", "-P1D": "-P1D", "-P2W": "-P2W", "-P1DT2H3M4S": "-P1DT2H3M4S", "-PT1H30S": "-PT1H30S", "PT0S": "PT0S", "P0D": "P0D", "P0W": "P0W", "-PT0S": "-PT0S", "-PT999999S": "-PT999999S", "-P99999D": "-P99999D",
		"2026-03-10T09:00:00Z": "2026-03-10T09:00:00Z", "2026-03-10T09:00:00.1234569+02:00": "2026-03-10T07:00:00.123456Z", "1900-01-01T00:00:00Z": "1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z": "9999-12-31T23:59:59Z",
	} {
		if got, err := task.ParseReminder(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"": "must be an ISO 8601 offset", "P": "must be an ISO", "-P": "must be an ISO", "PT": "must be an ISO", "-PT": "must be an ISO", "-P1DT": "must be an ISO", "-P1M": "must be an ISO", "-P1Y": "must be an ISO", "-P1W1D": "must be an ISO", "-PT1.5H": "must be an ISO",
		"30m": "must be an ISO", "-P1D\n": "must be an ISO", " -P1D": "must be an ISO", "--P1D": "must be an ISO", "+P1D": "must be an ISO", "-P100000D": "must be an ISO", "-P10000W": "must be an ISO", "-PT1000000S": "must be an ISO", "2026-03-10T9:00:00Z": "must be an ISO", "2026-03-10T09:00:00,5Z": "must be an ISO", "-P1000000D": "must be an ISO", "-PT1S1M": "must be an ISO", "-P１D": "must be an ISO", "2026-03-10": "must be an ISO", "2026-03-10T09:00:00": "must be an ISO",
		"PT30M": "begin an offset with a minus sign", "P1D": "begin an offset with a minus sign", "P0DT1S": "begin an offset with a minus sign", "P10W": "begin an offset with a minus sign",
		"1899-12-31T23:59:59Z": "years 1900 to 9999", "9999-12-31T23:59:59-01:00": "years 1900 to 9999",
	} {
		if got, err := task.ParseReminder(in); err == nil || got != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestWhichDuesThereAre(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-10": "2026-03-10", "2028-02-29": "2028-02-29", "1900-01-01": "1900-01-01", "9999-12-31": "9999-12-31",
		"2026-03-10T09:00:00Z": "2026-03-10T09:00:00Z", "2026-03-10T09:00:00+05:30": "2026-03-10T03:30:00Z", "2026-03-10T09:00:00+23:59": "2026-03-09T09:01:00Z", "2026-03-10T09:00:00-00:00": "2026-03-10T09:00:00Z", "2026-03-10T09:00:00.1234567-01:00": "2026-03-10T10:00:00.123456Z", "2026-03-10T00:00:00Z": "2026-03-10T00:00:00Z",
	} {
		d, err := task.ParseDue(in)
		if err != nil || d.String() != want || d.AllDay != (len(in) == 10) || d.At.Location() != time.UTC || d.IsZero() {
			t.Errorf("%q: %q, all day %t, %v; want %q", in, d, d.AllDay, err, want)
		}
	}
	for in, want := range map[string]string{
		"": "must be a date", "tomorrow": "must be a date", "2026-02-29": "must be a date", "2026-3-10": "must be a date", "2026-03-10T09:00:00": "must be a date", "2026-03-10 09:00:00Z": "must be a date", "2026-03-10T25:00:00Z": "must be a date", "10.03.2026": "must be a date", "2026-03-10T9:00:00Z": "must be a date", "2026-03-10T9:00:00.5Z": "must be a date", "2026-03-10T09:00:00,5Z": "must be a date", "2026-03-10T09:00:00+24:00": "must be a date", "2026-03-10T09:00:00-00:60": "must be a date", "0123456789": "must be a date",
		"1899-12-31": "years 1900 to 9999", "1900-01-01T00:00:00+01:00": "years 1900 to 9999", "9999-12-31T23:59:59-01:00": "years 1900 to 9999", "0001-01-01": "years 1900 to 9999",
	} {
		if d, err := task.ParseDue(in); err == nil || !d.IsZero() || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", in, d, err, want)
		}
	}
}

func TestDuesAreEqualIfTheySayTheSame(t *testing.T) {
	day, moment := due(t, "2026-03-10"), due(t, "2026-03-10T00:00:00Z")
	elsewhere := task.Due{At: moment.At.In(time.FixedZone("", 3600))}
	if !day.Equal(day) || day.Equal(moment) || !moment.Equal(elsewhere) || day.Equal(task.Due{}) || !(task.Due{}).Equal(task.Due{}) {
		t.Error("equality of dues")
	}
	equal(t, "no due", task.Due{}.String(), "")
}

func TestWhichIDsThereAre(t *testing.T) {
	const canonical = "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"
	for _, in := range []string{canonical, strings.ToUpper(canonical)} {
		got, err := task.ParseID(in)
		if err != nil || got.String() != canonical || got.IsZero() {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "00000000-0000-0000-0000-000000000000", canonical[:35], canonical + "0", "{" + canonical + "}", "urn:uuid:" + canonical, strings.ReplaceAll(canonical, "-", ""),
		strings.ReplaceAll(canonical, "-", "0"), "0190b6a05-f3c-7000-8000-5b5e2f0c7a11", "g190b6a0-5f3c-7000-8000-5b5e2f0c7a11", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a1é",
	} {
		if got, err := task.ParseID(in); err == nil || !got.IsZero() {
			t.Errorf("%q: %s", in, got)
		}
	}
}

func TestAnIDIsTextAndNoIDIsNone(t *testing.T) {
	x := id(5)
	text, err := x.MarshalText()
	var got task.ID
	if err != nil || got.UnmarshalText(text) != nil || got != x {
		t.Errorf("%q, %v reads back as %s", text, err, got)
	}
	text, err = task.ID{}.MarshalText()
	if err != nil || len(text) != 0 || got.UnmarshalText(text) != nil || !got.IsZero() {
		t.Errorf("no id: %q, %v reads back as %s", text, err, got)
	}
	got = x
	if err := got.UnmarshalText([]byte("x")); err == nil || !got.IsZero() {
		t.Errorf("no UUID: %s, %v", got, err)
	}
}

func TestWhichPrioritiesThereAre(t *testing.T) {
	for word, want := range map[string]task.Priority{"high": task.High, "medium": task.Medium, "low": task.Low} {
		if got, ok := task.ParsePriority(word); !ok || got != want || got.String() != word {
			t.Errorf("%q: %v", word, got)
		}
	}
	for _, word := range []string{"", "High", "urgent"} {
		if got, ok := task.ParsePriority(word); ok {
			t.Errorf("%q: %v", word, got)
		}
	}
	equal(t, "what is no priority", task.Priority(0).String()+task.Priority(4).String()+task.Priority(-1).String(), "")
}

func TestWhichZonesThereAre(t *testing.T) {
	var zones task.Zones
	for range 2 { // the second time it is known
		loc, err := zones.Load("Europe/Berlin")
		if err != nil || loc.String() != "Europe/Berlin" {
			t.Errorf("%v, %v", loc, err)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "europe/berlin ", "right/UTC", "posix/UTC", "posixrules", "localtime", "Factory", "Europe//Berlin", "./Europe/Berlin", "Europe/Berlin/", "Europe", "tzdata.zi", strings.Repeat("a", 65), "CEST"} {
		if loc, err := zones.Load(name); err == nil || loc != nil {
			t.Errorf("%q: %v", name, loc)
		}
	}
}

func TestTheStateOfATask(t *testing.T) {
	for want, x := range map[task.State]task.Task{
		task.Pending: {}, task.Done: {CompletedAt: noon}, task.ArchivedPending: {ArchivedAt: noon}, task.ArchivedDone: {CompletedAt: noon, ArchivedAt: noon},
	} {
		equal(t, "the state", x.State(), want)
	}
}

func TestWhatAChangeIsReportedAs(t *testing.T) {
	open, done, away := task.Task{}, task.Task{CompletedAt: noon}, task.Task{ArchivedAt: noon}
	both := task.Task{CompletedAt: noon, ArchivedAt: noon}
	for _, c := range []struct {
		old, new task.Task
		want     task.Change
	}{
		{open, open, task.Updated}, {open, done, task.Completed}, {open, both, task.Completed}, {done, open, task.Reopened}, {both, away, task.Reopened}, {done, away, task.Reopened},
		{open, away, task.Archived}, {done, both, task.Archived}, {away, open, task.Updated}, {both, both, task.Updated},
	} {
		equal(t, "the change", task.ChangeOf(c.old, c.new), c.want)
	}
}

func TestFaultsMoveUnderAPointer(t *testing.T) {
	f := task.Faults{{Pointer: "/a", Detail: "x"}, {Pointer: "", Detail: "y"}}
	equal(t, "moved", f.Under("/3"), task.Faults{{Pointer: "/3/a", Detail: "x"}, {Pointer: "/3", Detail: "y"}})
	equal(t, "none", task.AsFaults(errors.New("x")), nil)
	equal(t, "none", task.AsFaults(nil), nil)
	equal(t, "wrapped", task.AsFaults(errors.Join(errors.New("x"), f)), f)
	equal(t, "a replay", (&task.Replay{Answer: []byte("abc")}).Error(), "replayed an answer of 3 bytes")
}

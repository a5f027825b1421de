package task_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// anchored begins a series that must be possible.
func anchored(t testing.TB, rule, anchor string, in *time.Location) task.Series {
	t.Helper()
	s, err := task.Recurrence{Rule: rule, From: task.FromDue}.Anchored(due(t, anchor), in)
	if err != nil {
		t.Fatalf("%s from %s: %v", rule, anchor, err)
	}
	return s
}

// texts writes dues one after another.
func texts(dues []task.Due) string {
	var words []string
	for _, d := range dues {
		words = append(words, d.String())
	}
	return strings.Join(words, " ")
}

// follows wants some dates, and no more where they end with a full stop.
func follows(t testing.TB, s task.Series, want string) {
	t.Helper()
	dates, ends := strings.CutSuffix(want, ".")
	n := len(strings.Fields(dates))
	if ends {
		n++
	}
	equal(t, s.Rule+" after "+s.Anchor.String(), texts(s.Occurrences(s.Anchor, n)), dates)
}

func TestShorthandsDoWhatIsMeant(t *testing.T) {
	for _, c := range []struct{ rule, anchor, becomes, dates string }{
		{"daily", "2026-03-10", "FREQ=DAILY", "2026-03-11 2026-03-12"},
		{"weekly", "2026-03-10", "FREQ=WEEKLY", "2026-03-17 2026-03-24"},
		{"monthly", "2026-01-28", "FREQ=MONTHLY", "2026-02-28 2026-03-28"},
		{"monthly", "2026-01-29", "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1", "2026-02-28 2026-03-29 2026-04-29"},
		{"monthly", "2026-01-30", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "2026-02-28 2026-03-30 2026-04-30 2026-05-30"},
		{"monthly", "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-02-28 2026-03-31 2026-04-30 2026-05-31"},
		{"monthly", "2027-12-30", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "2028-01-30 2028-02-29 2028-03-30"},
		{"monthly", "2026-02-28", "FREQ=MONTHLY", "2026-03-28 2026-04-28"},
		{"yearly", "2026-03-31", "FREQ=YEARLY", "2027-03-31 2028-03-31"},
		{"yearly", "2027-02-28", "FREQ=YEARLY", "2028-02-28 2029-02-28"},
		{"yearly", "2028-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2029-02-28 2030-02-28 2031-02-28 2032-02-29 2033-02-28"},
		{"monthly", "2026-03-31T23:30:00-04:00", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-05-01T03:30:00Z 2026-06-01T03:30:00Z"}, // 1 April in UTC
		{"FREQ=MONTHLY", "2026-01-31", "FREQ=MONTHLY", "2026-03-31 2026-05-31"},                                             // at its word
		{"FREQ=YEARLY", "2028-02-29", "FREQ=YEARLY", "2032-02-29 2036-02-29"},
	} {
		s := anchored(t, c.rule, c.anchor, zone(t, "America/New_York"))
		equal(t, c.rule, s.Rule, c.becomes)
		follows(t, s, c.dates)
		s.Rule = c.rule // as it was stored before there were series
		follows(t, s, c.dates)
		if _, err := task.ParseRule(s.Rule); err != nil {
			t.Errorf("%q: %v", s.Rule, err)
		}
	}
}

func TestRulesThatCannotBeFollowedAreRefused(t *testing.T) {
	const never, day, over = "gives no date after the due", "the due must have one too", "UNTIL before the due"
	for _, c := range []struct{ rule, anchor, want string }{
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-03-10", never}, {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "2026-03-10", never},
		{"FREQ=YEARLY;BYMONTH=6;BYYEARDAY=1", "2026-03-10", never}, {"FREQ=YEARLY;BYWEEKNO=1;BYMONTH=7", "2026-03-10", never},
		{"FREQ=MONTHLY;BYDAY=6MO", "2026-03-10", never}, {"FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "2026-03-10", never},
		{"FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "2026-03-10", never}, {"FREQ=DAILY;BYHOUR=9;BYSETPOS=2", "2026-03-10T09:00:00Z", never},
		{"FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "2027-02-01", never}, {"FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-03-10", never},
		{"FREQ=HOURLY;INTERVAL=2;BYHOUR=9", "2026-03-10T10:00:00Z", never}, {"FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30", "2026-03-10T10:00:00Z", never},
		{"FREQ=SECONDLY;INTERVAL=3600;BYMINUTE=0;BYSECOND=1", "2026-03-10T10:00:00Z", never}, {"FREQ=SECONDLY;BYSETPOS=2;BYSECOND=1", "2026-03-10T10:00:00Z", never},
		{"FREQ=SECONDLY;INTERVAL=9973;BYMONTH=2;BYMONTHDAY=29;BYHOUR=0;BYMINUTE=0;BYSECOND=0", "2026-03-10T10:00:01Z", never},
		{"daily", "9999-12-31", never}, {"FREQ=YEARLY;INTERVAL=10000", "2026-03-10", never}, {"FREQ=MONTHLY;BYMONTHDAY=1,2;BYSETPOS=2", "9999-12-02", never},
		{"FREQ=HOURLY", "2026-03-10", day}, {"FREQ=MINUTELY", "2026-03-10", day}, {"FREQ=SECONDLY", "2026-03-10", day},
		{"FREQ=DAILY;BYHOUR=9", "2026-03-10", day}, {"FREQ=DAILY;BYMINUTE=9", "2026-03-10", day}, {"FREQ=DAILY;BYSECOND=9", "2026-03-10", day},
		{"FREQ=DAILY;UNTIL=20260309", "2026-03-10", over}, {"FREQ=DAILY;UNTIL=20260310T085959Z", "2026-03-10T09:00:00Z", over}, {"FREQ=DAILY;UNTIL=20260310T085959", "2026-03-10T09:00:00Z", over},
	} {
		s, err := task.Recurrence{Rule: c.rule}.Anchored(due(t, c.anchor), time.UTC)
		if err == nil || !strings.Contains(err.Error(), c.want) || s != (task.Series{}) {
			t.Errorf("%s from %s: %v, want %q", c.rule, c.anchor, err, c.want)
		}
	}
	follows(t, anchored(t, "FREQ=DAILY;COUNT=1", "2026-03-10", time.UTC), ".")
	follows(t, anchored(t, "FREQ=DAILY;UNTIL=20260310", "2026-03-10", time.UTC), ".")
	follows(t, anchored(t, "daily", "9999-12-30", time.UTC), "9999-12-31.")
}

func TestTheAnchorCountsAsTheFirst(t *testing.T) {
	follows(t, anchored(t, "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-03-10", time.UTC), "2026-03-16 2026-03-23.") // itself a Tuesday
	s := anchored(t, "FREQ=DAILY;COUNT=3", "2026-03-10", time.UTC)
	follows(t, s, "2026-03-11 2026-03-12.")
	equal(t, "from before it", texts(s.Occurrences(due(t, "2026-03-01"), 9)), "2026-03-10 2026-03-11 2026-03-12")
	equal(t, "from amid", texts(s.Occurrences(due(t, "2026-03-11"), 9)), "2026-03-12")
	equal(t, "from behind", texts(s.Occurrences(due(t, "2026-03-13"), 9)), "")
	equal(t, "the anchor alone", texts(s.Occurrences(due(t, "2026-03-01"), 1)), "2026-03-10")
	equal(t, "none wanted", len(s.Occurrences(due(t, "2026-03-01"), 0))+len(s.Occurrences(due(t, "2026-03-01"), -1)), 0)
}

func TestUntilIsIncluded(t *testing.T) {
	const morning, allDay = "2026-03-10T09:00:00-04:00", "2026-03-10"
	for _, c := range []struct{ rule, anchor, last string }{
		{"UNTIL=20260312", morning, "2026-03-12T13:00:00Z"},
		{"UNTIL=20260312T090000", morning, "2026-03-12T13:00:00Z"}, {"UNTIL=20260312T085959", morning, "2026-03-11T13:00:00Z"},
		{"UNTIL=20260312T130000Z", morning, "2026-03-12T13:00:00Z"}, {"UNTIL=20260312T125959Z", morning, "2026-03-11T13:00:00Z"},
		{"UNTIL=20260312T130000Z", "2026-03-10T09:00:00.5-04:00", "2026-03-12T13:00:00.5Z"}, {"UNTIL=20260312T090000", "2026-03-10T09:00:00.5-04:00", "2026-03-12T13:00:00.5Z"},
		{"UNTIL=20260312", allDay, "2026-03-12"}, {"UNTIL=20260312T000000", allDay, "2026-03-12"}, {"UNTIL=20260312T235959", allDay, "2026-03-12"},
		{"UNTIL=20260312T000000Z", allDay, "2026-03-12"}, // written so for a date, though in New York it is the day before
		{"UNTIL=20260313T035959Z", allDay, "2026-03-12"}, {"UNTIL=20260313T040000Z", allDay, "2026-03-13"},
	} {
		s := anchored(t, "FREQ=DAILY;"+c.rule, c.anchor, zone(t, "America/New_York"))
		if all := s.Occurrences(s.Anchor, 100); len(all) == 0 || all[len(all)-1].String() != c.last {
			t.Errorf("%s from %s: %s, want the last to be %s", c.rule, c.anchor, texts(all), c.last)
		}
	}
}

func TestWallClockTimeStaysThroughDaylightSaving(t *testing.T) {
	for _, c := range []struct{ zone, rule, anchor, dates string }{
		{"America/New_York", "FREQ=DAILY", "2026-03-07T09:00:00-05:00", "2026-03-08T13:00:00Z 2026-03-09T13:00:00Z"},
		{"America/New_York", "FREQ=DAILY", "2026-03-07T02:30:00-05:00", "2026-03-08T07:30:00Z 2026-03-09T06:30:00Z"},                                 // 3:30 on the 8th
		{"America/New_York", "FREQ=DAILY", "2026-10-31T01:30:00-04:00", "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z"},                                 // the first 1:30
		{"America/New_York", "FREQ=WEEKLY", "2026-11-01T01:30:00-05:00", "2026-11-08T06:30:00Z"},                                                     // from the second 1:30
		{"America/New_York", "FREQ=HOURLY", "2026-03-08T01:30:00-05:00", "2026-03-08T07:30:00Z 2026-03-08T08:30:00Z"},                                // no 2:30
		{"America/New_York", "FREQ=HOURLY", "2026-11-01T00:30:00-04:00", "2026-11-01T05:30:00Z 2026-11-01T07:30:00Z"},                                // 1:30 once
		{"America/New_York", "FREQ=DAILY;BYHOUR=2,3", "2026-03-07T03:00:00-05:00", "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z 2026-03-09T07:00:00Z"}, // one of two
		{"Europe/Berlin", "FREQ=DAILY", "2026-03-28T02:30:00.25+01:00", "2026-03-29T01:30:00.25Z 2026-03-30T00:30:00.25Z"},
		{"Europe/Berlin", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "2026-03-29T03:30:00+02:00", "2027-03-28T01:30:00Z"},
		{"Asia/Kolkata", "FREQ=DAILY", "2026-03-28T02:30:00+05:30", "2026-03-28T21:00:00Z 2026-03-29T21:00:00Z"},
		{"Australia/Lord_Howe", "FREQ=DAILY", "2026-10-03T02:10:00+10:30", "2026-10-03T15:40:00Z 2026-10-04T15:10:00Z"}, // 2:40 on the 4th
		{"Australia/Lord_Howe", "FREQ=DAILY", "2026-04-04T01:45:00+11:00", "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z"}, // the first 1:45
		{"Pacific/Apia", "FREQ=DAILY", "2011-12-29T09:00:00-10:00", "2011-12-30T19:00:00Z 2011-12-31T19:00:00Z"},        // the 31st; there was no 30th
		{"Pacific/Apia", "FREQ=DAILY;BYHOUR=8,9", "2011-12-29T09:00:00-10:00", "2011-12-30T18:00:00Z 2011-12-30T19:00:00Z 2011-12-31T18:00:00Z"},
		{"Pacific/Apia", "FREQ=WEEKLY;BYDAY=FR", "2011-12-23T09:00:00-10:00", "2011-12-30T19:00:00Z 2012-01-05T19:00:00Z"}, // Saturday the 31st, Friday the 6th
	} {
		s := anchored(t, c.rule, c.anchor, zone(t, c.zone))
		follows(t, s, c.dates)
		want := strings.Fields(c.dates)
		for i, from := range append([]string{c.anchor}, want[:len(want)-1]...) {
			next, _ := s.Next(due(t, from))
			equal(t, c.zone+" "+c.rule+" after "+from, next.String(), want[i])
		}
	}
}

func TestDaysKnowNoZone(t *testing.T) {
	s := anchored(t, "FREQ=DAILY", "2011-12-29", zone(t, "Pacific/Apia"))
	follows(t, s, "2011-12-30 2011-12-31 2012-01-01")
}

func TestWhatRruleGoGetsWrongIsRight(t *testing.T) {
	for _, c := range []struct{ rule, anchor, dates string }{
		{"FREQ=MONTHLY;BYDAY=MO,1TU", "2026-03-02", "2026-03-03 2026-03-09 2026-03-16 2026-03-23 2026-03-30 2026-04-06 2026-04-07"}, // gives none
		{"FREQ=YEARLY;BYDAY=1TU,MO", "2026-12-28", "2027-01-04 2027-01-05 2027-01-11"},                                              // gives none
		{"FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2026-03-11", "2026-03-16 2026-03-23"},                                            // the first of what is left of the week
		{"FREQ=MONTHLY;BYDAY=-53MO,1MO", "2026-03-02", "2026-04-06"}, {"FREQ=MONTHLY;BYDAY=53MO,1MO", "2026-12-07", "2027-01-04"},   // panics
		{"FREQ=YEARLY;BYWEEKNO=20", "2026-05-12", "2027-05-18 2028-05-16"},                        // every day of the week
		{"FREQ=YEARLY;BYWEEKNO=52;BYDAY=SA,SU", "2010-12-26", "2011-01-01 2011-01-02 2011-12-31"}, // not in January
		{"FREQ=YEARLY;BYWEEKNO=-52;BYDAY=MO", "2024-01-01", "2024-12-30 2026-01-05"},              // not in December
		{"FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO", "2024-12-30", "2027-01-04 2029-01-01"},     // the years that weeks belong to
		{"FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU;BYSETPOS=-1", "2024-12-31", "2025-12-30 2027-01-05"},
		{"FREQ=YEARLY;INTERVAL=300", "2026-03-10", "2326-03-10 2626-03-10"}, // ends after 290 years
		{"FREQ=YEARLY;INTERVAL=150;BYMONTH=2;BYMONTHDAY=29", "2050-03-10", "2800-02-29"},
		{"FREQ=YEARLY;INTERVAL=7000", "2026-03-10", "9026-03-10."},
	} {
		follows(t, anchored(t, c.rule, c.anchor, time.UTC), c.dates)
	}
	follows(t, anchored(t, "FREQ=HOURLY;INTERVAL=2;BYHOUR=1,2", "2026-03-10T02:00:00Z", time.UTC), "2026-03-11T02:00:00Z") // never returns from 1
}

func TestNothingIsLostWhereASearchGoesOn(t *testing.T) { // rrule-go's last year stands for 1999 and 2399
	for _, c := range []struct{ rule, anchor, dates string }{
		{"FREQ=DAILY;INTERVAL=2", "1999-12-28", "1999-12-30 2000-01-01 2000-01-03"},
		{"FREQ=WEEKLY;BYDAY=FR,SA,SU;WKST=SA", "2399-12-26", "2399-12-31 2400-01-01 2400-01-02 2400-01-07"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "1999-12-18", "2000-01-01 2000-01-15"},
		{"FREQ=WEEKLY;BYDAY=FR,SA;BYSETPOS=-1", "1999-12-25", "2000-01-01 2000-01-08"},
		{"FREQ=MONTHLY;INTERVAL=5", "1999-08-05", "2000-01-05 2000-06-05"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "1999-06-05", "2000-02-29 2004-02-29"},
		{"FREQ=DAILY;BYMONTH=1;BYMONTHDAY=1;BYDAY=SA", "1999-06-05", "2000-01-01 2005-01-01"},
		{"FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU,MO;WKST=WE", "2000-01-02", "2000-01-03 2001-01-07"},
		{"FREQ=YEARLY;INTERVAL=3", "1998-05-05", "2001-05-05 2004-05-05"},
		{"FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SA", "1998-12-26", "1999-01-02 2000-01-01 2000-12-30"},
		{"FREQ=YEARLY;INTERVAL=2;BYWEEKNO=-1;BYDAY=FR,SA;BYSETPOS=-1", "1997-12-27", "2000-01-01 2001-12-29"},
	} {
		follows(t, anchored(t, c.rule, c.anchor, time.UTC), c.dates)
	}
}

func TestDatesOfLongRulesComeInOrder(t *testing.T) {
	follows(t, anchored(t, "FREQ=DAILY;BYHOUR=18,9,9;BYMINUTE=30,0;BYSETPOS=4,1,1,-4", "2026-03-10T09:00:00Z", time.UTC), "2026-03-10T18:30:00Z 2026-03-11T09:00:00Z")
	follows(t, anchored(t, "FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-1", "2026-03-10T09:30:00Z", time.UTC), "2026-03-10T10:30:00Z 2026-03-10T11:30:00Z")
	follows(t, anchored(t, "FREQ=SECONDLY;INTERVAL=45;BYMINUTE=0,1,59;BYSECOND=0,30", "2026-03-10T08:59:00Z", time.UTC), "2026-03-10T09:00:30Z 2026-03-10T09:59:00Z 2026-03-10T10:00:30Z")
	follows(t, anchored(t, "FREQ=HOURLY", "1960-03-10T09:59:59Z", time.UTC), "1960-03-10T10:59:59Z")
}

func TestADateIsFoundAfterAnyOther(t *testing.T) {
	newYork := zone(t, "America/New_York")
	timed := anchored(t, "FREQ=DAILY", "2026-03-07T09:00:00-05:00", newYork)
	days := anchored(t, "FREQ=DAILY", "2026-03-07", newYork)
	early := anchored(t, "FREQ=DAILY", "2026-03-07T02:30:00-05:00", newYork)
	for _, c := range []struct {
		s           task.Series
		after, want string
	}{
		{timed, "2026-03-10", "2026-03-10T13:00:00Z"}, {timed, "2026-03-09T13:00:00.000001Z", "2026-03-10T13:00:00Z"}, {timed, "2001-01-01", "2026-03-07T14:00:00Z"}, {timed, "2126-03-01", "2126-03-01T14:00:00Z"},
		{early, "2026-03-08T07:10:00Z", "2026-03-08T07:30:00Z"}, {early, "2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"}, // 2:30 is at 3:30, and 3:10 before it
		{days, "2026-03-10T03:59:00Z", "2026-03-10"}, {days, "2026-03-10T04:00:00Z", "2026-03-11"},
	} {
		got, ok := c.s.Next(due(t, c.after))
		if !ok || got.String() != c.want {
			t.Errorf("after %s: %s, want %s", c.after, got, c.want)
		}
	}
	evening, later := time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC), time.Date(2026, 3, 20, 3, 0, 0, 0, time.UTC) // evenings of the 8th and 19th
	for _, c := range []struct {
		s    task.Series
		now  time.Time
		want string
	}{{timed, evening, "2026-03-11T13:00:00Z"}, {timed, later, "2026-03-20T13:00:00Z"}, {days, evening, "2026-03-11"}, {days, later, "2026-03-20"}} {
		got, ok := c.s.NextSince(due(t, "2026-03-10T13:00:00Z"), c.now)
		if !ok || got.String() != c.want {
			t.Errorf("since %s: %s, want %s", c.now, got, c.want)
		}
	}
}

func TestWhatFollowsAnOccurrence(t *testing.T) {
	fromDue, skip, fromCompletion := task.Recurrence{From: task.FromDue}, task.Recurrence{From: task.FromDue, SkipIfOpen: true}, task.Recurrence{From: task.FromCompletion}
	for _, c := range []struct {
		r                            task.Recurrence
		rule, anchor, occurrence, at string
		want, then                   string // the next date and the rule of its series
	}{
		{fromDue, "daily", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", "2026-03-09", "FREQ=DAILY"},
		{skip, "daily", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", "2026-03-11", "FREQ=DAILY"},
		{skip, "daily", "2026-03-07", "2026-03-18", "2026-03-10T12:00:00Z", "2026-03-19", "FREQ=DAILY"},
		{skip, "FREQ=DAILY;COUNT=3", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", "", ""},
		{fromDue, "FREQ=DAILY;COUNT=3", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", "2026-03-09", "FREQ=DAILY;COUNT=3"},
		{fromDue, "FREQ=DAILY;COUNT=3", "2026-03-07", "2026-03-09", "2026-03-10T12:00:00Z", "", ""},
		{fromCompletion, "daily", "2026-03-07", "2026-03-08", "2026-03-11T03:00:00Z", "2026-03-11", "FREQ=DAILY"}, // late on the 10th in New York
		{fromCompletion, "daily", "2026-03-07T09:00:00-05:00", "2026-03-08T13:00:00Z", "2026-03-11T03:00:00Z", "2026-03-11T13:00:00Z", "FREQ=DAILY"},
		{fromCompletion, "FREQ=DAILY;BYHOUR=9,18", "2026-03-10T09:00:00-04:00", "2026-03-10T13:00:00Z", "2026-03-10T15:00:00Z", "2026-03-10T22:00:00Z", "FREQ=DAILY;BYHOUR=9,18"},
		{fromCompletion, "FREQ=DAILY;BYHOUR=9,18;COUNT=2", "2026-03-10T09:00:00-04:00", "2026-03-10T13:00:00Z", "2026-03-10T23:00:00Z", "2026-03-11T13:00:00Z", "FREQ=DAILY;BYHOUR=9,18;COUNT=1"},
		{fromCompletion, "FREQ=DAILY;COUNT=1", "2026-03-07", "2026-03-07", "2026-03-10T12:00:00Z", "", ""},
		{fromCompletion, "FREQ=DAILY;UNTIL=20260310", "2026-03-07", "2026-03-07", "2026-03-10T12:00:00Z", "", ""},
		{fromCompletion, "COUNT=9;FREQ=DAILY;INTERVAL=3", "2026-03-07", "2026-03-07", "2026-03-10T12:00:00Z", "2026-03-13", "FREQ=DAILY;INTERVAL=3;COUNT=8"},
		{fromCompletion, "weekly", "2026-03-07", "2026-03-07", "2026-03-10T12:00:00Z", "2026-03-17", "FREQ=WEEKLY"},
		{fromCompletion, "FREQ=WEEKLY;BYDAY=SA", "2026-03-07", "2026-03-07", "2026-03-10T12:00:00Z", "2026-03-14", "FREQ=WEEKLY;BYDAY=SA"},
		{fromCompletion, "monthly", "2026-01-31", "2026-01-31", "2026-03-10T12:00:00Z", "2026-04-10", "FREQ=MONTHLY"},
		{fromCompletion, "monthly", "2026-01-10", "2026-01-10", "2026-01-31T12:00:00Z", "2026-02-28", "FREQ=MONTHLY"},
		{fromCompletion, "FREQ=MONTHLY;INTERVAL=3", "2026-01-10", "2026-01-10", "2026-01-30T12:00:00Z", "2026-04-30", "FREQ=MONTHLY;INTERVAL=3"},
		{fromCompletion, "FREQ=MONTHLY;BYMONTHDAY=15", "2026-01-15", "2026-01-15", "2026-01-31T12:00:00Z", "2026-02-15", "FREQ=MONTHLY;BYMONTHDAY=15"},
		{fromCompletion, "yearly", "2027-03-01", "2027-03-01", "2028-02-29T12:00:00Z", "2029-02-28", "FREQ=YEARLY"},
		{fromCompletion, "FREQ=HOURLY;INTERVAL=4", "2026-03-10T09:00:00Z", "2026-03-10T09:00:00Z", "2026-03-10T15:20:07.5Z", "2026-03-10T19:20:07Z", "FREQ=HOURLY;INTERVAL=4"},
	} {
		c.r.Rule = c.rule
		s, err := c.r.Anchored(due(t, c.anchor), zone(t, "America/New_York"))
		if err != nil {
			t.Error(c.rule, err)
			continue
		}
		next, date, ok := s.Follow(due(t, c.occurrence), due(t, c.at).At)
		if date.String() != c.want || next.Rule != c.then || ok != (c.want != "") {
			t.Errorf("%+v from %s, %s done at %s: %s by %q; want %s by %q", c.r, c.anchor, c.occurrence, c.at, date, next.Rule, c.want, c.then)
		}
		begins := s.Anchor
		if c.r == (task.Recurrence{Rule: c.rule, From: task.FromCompletion}) {
			begins = date
		}
		if ok && (!next.Anchor.Equal(begins) || next.From != s.From || next.SkipIfOpen != s.SkipIfOpen || next.Zone != s.Zone) {
			t.Errorf("%+v goes on as %+v", s, next)
		}
	}
}

func TestDatesToComeAreProjected(t *testing.T) {
	fromDue, skip, fromCompletion := task.Recurrence{From: task.FromDue}, task.Recurrence{From: task.FromDue, SkipIfOpen: true}, task.Recurrence{From: task.FromCompletion}
	for _, c := range []struct {
		r                             task.Recurrence
		rule, anchor, occurrence, now string
		n                             int
		want                          string
	}{
		{fromDue, "daily", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", 3, "2026-03-09 2026-03-10 2026-03-11"},
		{skip, "daily", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", 3, "2026-03-11 2026-03-12 2026-03-13"},
		{skip, "daily", "2026-03-07", "2026-03-20", "2026-03-10T12:00:00Z", 2, "2026-03-21 2026-03-22"},
		{fromDue, "FREQ=DAILY;COUNT=3", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", 3, "2026-03-09"},
		{fromDue, "FREQ=DAILY;COUNT=3", "2026-03-07", "2026-03-09", "2026-03-10T12:00:00Z", 3, ""},
		{fromDue, "daily", "2026-03-07", "2026-03-08", "2026-03-10T12:00:00Z", 0, ""},
		{fromCompletion, "FREQ=DAILY;INTERVAL=3", "2026-03-07", "2026-03-07", "2026-03-10T12:00:00Z", 3, "2026-03-13 2026-03-16 2026-03-19"},
		{fromCompletion, "FREQ=DAILY;INTERVAL=3;COUNT=3", "2026-03-20", "2026-03-20", "2026-03-10T12:00:00Z", 3, "2026-03-23 2026-03-26"},
		{fromCompletion, "monthly", "2026-01-31T09:00:00-05:00", "2026-01-31T14:00:00Z", "2026-01-10T12:00:00Z", 3, "2026-02-28T14:00:00Z 2026-03-28T13:00:00Z 2026-04-28T13:00:00Z"},
	} {
		c.r.Rule = c.rule
		s, err := c.r.Anchored(due(t, c.anchor), zone(t, "America/New_York"))
		if err != nil {
			t.Error(c.rule, err)
			continue
		}
		equal(t, c.rule+" from "+c.occurrence, texts(s.Projected(due(t, c.occurrence), due(t, c.now).At, c.n)), c.want)
	}
}

func TestASeriesWithoutAMeaningHasItsAnchorAlone(t *testing.T) {
	for _, rule := range []string{"", "nonsense", "FREQ=NEVER", "FREQ=YEARLY;BYMONTH=13", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=9"} {
		s := task.Series{Recurrence: task.Recurrence{Rule: rule, From: task.FromCompletion}, Anchor: due(t, "2026-03-10"), Zone: time.UTC}
		follows(t, s, ".")
		if _, _, ok := s.Follow(s.Anchor, noon); ok {
			t.Errorf("%q goes on", rule)
		}
	}
}

func TestAWalkEndsWhenItTakesTooLong(t *testing.T) {
	s := anchored(t, "FREQ=DAILY", "2026-03-10", time.UTC)
	if n := len(s.Occurrences(s.Anchor, 100_000)); n < 10_000 || n > 20_000 {
		t.Errorf("%d dates in one go", n)
	}
	s = anchored(t, "FREQ=DAILY;COUNT=10000", "2026-03-10", time.UTC)
	equal(t, "the highest COUNT", len(s.Occurrences(s.Anchor, 100_000)), 9_999)
	s = anchored(t, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=30", "2026-03-30", time.UTC)
	equal(t, "the last date then", len(s.Occurrences(s.Anchor, 100_000)) > 300, true)
}

// momentOf looks for when a zone's clock shows a time, a quarter of an hour at
// a time; where it never does, the offset before the gap counts.
func momentOf(wall time.Time, in *time.Location) (at time.Time, skipped bool) {
	var before time.Duration
	for t := wall.Add(-30 * time.Hour); t.Before(wall.Add(30 * time.Hour)); t = t.Add(15 * time.Minute) {
		_, seconds := t.In(in).Zone()
		offset := time.Duration(seconds) * time.Second
		if at := wall.Add(-offset); shownAt(at, in).Equal(wall) {
			return at, false
		}
		if shownAt(t, in).Before(wall) {
			before = offset
		}
	}
	return wall.Add(-before), true
}

func shownAt(at time.Time, in *time.Location) time.Time {
	_, seconds := at.In(in).Zone()
	return at.UTC().Add(time.Duration(seconds) * time.Second)
}

// TestSeriesInEveryZone holds the properties that do not depend on the rule:
// the dates are the rule's wall times, each after the one before; the next
// date of each is the one behind it; COUNT counts them.
func TestSeriesInEveryZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		rule := drawRule(t, frequencies[:5])
		anchor := time.Unix(rapid.Int64Range(9e8, 2e9).Draw(t, "anchor"), rapid.Int64Range(0, 1).Draw(t, "half")*5e8).UTC()
		if rapid.Bool().Draw(t, "at the gap") {
			anchor = time.Date(2011, 12, 28, 0, rapid.IntRange(0, 1440).Draw(t, "minute"), 0, 0, time.UTC)
		}
		shown := shownAt(anchor, in)
		o := newOracle(rule, shown.Truncate(time.Second))
		walls, _ := o.dates(horizons[o.freq] / 4)
		want := []task.Due{{At: anchor}}
		for _, wall := range walls {
			at, skipped := momentOf(wall.At.Add(time.Duration(shown.Nanosecond())), in)
			if at.After(want[len(want)-1].At) && (!skipped || o.freq != "HOURLY") && len(want) < 100 {
				want = append(want, task.Due{At: at})
			}
		}
		s := task.Series{Recurrence: task.Recurrence{Rule: rule}, Anchor: want[0], Zone: in}
		got := s.Occurrences(s.Anchor, len(want)-1)
		if texts(got) != texts(want[1:]) {
			t.Fatalf("%s from %s in %s\n got %s\nwant %s", rule, anchor, in, texts(got), texts(want[1:]))
		}
		for i, d := range got {
			if next, ok := s.Next(want[i]); !ok || !next.Equal(d) {
				t.Fatalf("%s after %s: %s, want %s", rule, want[i], next, d)
			}
		}
		s.Rule += ";COUNT=" + fmt.Sprint(len(want))
		if got := s.Occurrences(s.Anchor, len(want)); texts(got) != texts(want[1:]) {
			t.Fatalf("%s from %s: %s", s.Rule, anchor, texts(got))
		}
	})
}

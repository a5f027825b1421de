package task_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
)

// examples are those of RFC 5545, section 3.8.5.3, in its order: a rule and
// its first dates in New York. A word is a year, a month with days, each
// at 9:00, or a further time of the last day.
var examples = []struct{ rule, dates string }{
	{"FREQ=DAILY;COUNT=10", "1997 9/2-11 end"},
	{"FREQ=DAILY;UNTIL=19971224T000000Z", "1997 9/2-30 10/1-31 11/1-30 12/1-23 end"},
	{"FREQ=DAILY;INTERVAL=2", "1997 9/2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 10/2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 11/1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 12/1,3"},
	{"FREQ=DAILY;INTERVAL=10;COUNT=5", "1997 9/2,12,22 10/2,12 end"},
	{"FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "1998 1/1-31 1999 1/1-31 2000 1/1-31 end"},
	{"FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "1998 1/1-31 1999 1/1-31 2000 1/1-31 end"},
	{"FREQ=WEEKLY;COUNT=10", "1997 9/2,9,16,23,30 10/7,14,21,28 11/4 end"},
	{"FREQ=WEEKLY;UNTIL=19971224T000000Z", "1997 9/2,9,16,23,30 10/7,14,21,28 11/4,11,18,25 12/2,9,16,23 end"},
	{"FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997 9/2,16,30 10/14,28 11/11,25 12/9,23 1998 1/6,20 2/3,17"},
	{"FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997 9/2,4,9,11,16,18,23,25,30 10/2 end"},
	{"FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997 9/2,4,9,11,16,18,23,25,30 10/2 end"},
	{"FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "1997 9/1,3,5,15,17,19,29 10/1,3,13,15,17,27,29,31 11/10,12,14,24,26,28 12/8,10,12,22 end"},
	{"FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997 9/2,4,16,18,30 10/2,14,16 end"},
	{"FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997 9/5 10/3 11/7 12/5 1998 1/2 2/6 3/6 4/3 5/1 6/5 end"},
	{"FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997 9/5 10/3 11/7 12/5 end"},
	{"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997 9/7,28 11/2,30 1998 1/4,25 3/1,29 5/3,31 end"},
	{"FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997 9/22 10/20 11/17 12/22 1998 1/19 2/16 end"},
	{"FREQ=MONTHLY;BYMONTHDAY=-3", "1997 9/28 10/29 11/28 12/29 1998 1/29 2/26"},
	{"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997 9/2,15 10/2,15 11/2,15 12/2,15 1998 1/2,15 end"},
	{"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997 9/30 10/1,31 11/1,30 12/1,31 1998 1/1,31 2/1 end"},
	{"FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997 9/10-15 1999 3/10-13 end"},
	{"FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "1997 9/2,9,16,23,30 11/4,11,18,25 1998 1/6,13,20,27 3/3,10,17,24,31"},
	{"FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997 6/10 7/10 1998 6/10 7/10 1999 6/10 7/10 2000 6/10 7/10 2001 6/10 7/10 end"},
	{"FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "1997 3/10 1999 1/10 2/10 3/10 2001 1/10 2/10 3/10 2003 1/10 2/10 3/10 end"},
	{"FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997 1/1 4/10 7/19 2000 1/1 4/9 7/18 2003 1/1 4/10 7/19 2006 1/1 end"},
	{"FREQ=YEARLY;BYDAY=20MO", "1997 5/19 1998 5/18 1999 5/17"},
	{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997 5/12 1998 5/11 1999 5/17"},
	{"FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997 3/13,20,27 1998 3/5,12,19,26 1999 3/4,11,18,25"},
	{"FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "1997 6/5,12,19,26 7/3,10,17,24,31 8/7,14,21,28 1998 6/4,11,18,25 7/2,9,16,23,30 8/6,13,20,27 1999 6/3,10,17,24 7/1,8,15,22,29 8/5,12,19,26"},
	{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997 9/2 1998 2/13 3/13 11/13 1999 8/13 2000 10/13"}, // the first is the anchor alone
	{"FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997 9/13 10/11 11/8 12/13 1998 1/10 2/7 3/7 4/11 5/9 6/13"},
	{"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996 11/5 2000 11/7 2004 11/2"},
	{"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997 9/4 10/7 11/6 end"},
	{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997 9/29 10/30 11/27 12/30 1998 1/29 2/26 3/30"},
	{"FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "1997 9/2 12:00 15:00 end"}, // by erratum 3883
	{"FREQ=MINUTELY;INTERVAL=15;COUNT=6", "1997 9/2 9:15 9:30 9:45 10:00 10:15 end"},
	{"FREQ=MINUTELY;INTERVAL=90;COUNT=4", "1997 9/2 10:30 12:00 13:30 end"},
	{"FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", everyTwentyMinutes},
	{"FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", everyTwentyMinutes},
	{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997 8/5,10,19,24 end"},
	{"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997 8/5,17,19,31 end"},
	{"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007 1/15,30 2/15 3/15,30 end"},
}

const everyTwentyMinutes = "1997 9/2" + officeHours + " 9/3" + officeHours + " 9/4 9:20"
const officeHours = " 9:20 9:40 10:00 10:20 10:40 11:00 11:20 11:40 12:00 12:20 12:40 13:00 13:20 13:40 14:00 14:20 14:40 15:00 15:20 15:40 16:00 16:20 16:40"

// exampleDates reads the dates of an example, and whether no more follow.
func exampleDates(t *testing.T, text string, zone *time.Location) (dates []task.Due, end bool) {
	t.Helper()
	var year int
	var day time.Time
	for word := range strings.FieldsSeq(text) {
		month, days, isDate := strings.Cut(word, "/")
		hour, minute, isTime := strings.Cut(word, ":")
		switch {
		case word == "end":
			return dates, true
		case isTime:
			y, m, d := day.Date()
			dates = append(dates, task.Due{At: time.Date(y, m, d, number(t, hour), number(t, minute), 0, 0, zone).UTC()})
		case !isDate:
			year = number(t, word)
		default:
			for one := range strings.SplitSeq(days, ",") {
				from, to, several := strings.Cut(one, "-")
				if !several {
					to = from
				}
				for d := number(t, from); d <= number(t, to); d++ {
					day = time.Date(year, time.Month(number(t, month)), d, 9, 0, 0, 0, zone)
					dates = append(dates, task.Due{At: day.UTC()})
				}
			}
		}
	}
	return dates, false
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheExamplesOfRFC5545(t *testing.T) {
	newYork := zone(t, "America/New_York")
	for _, e := range examples {
		want, end := exampleDates(t, e.dates, newYork)
		s, err := task.Recurrence{Rule: e.rule}.Anchored(want[0], newYork)
		if err != nil {
			t.Error(e.rule, err)
			continue
		}
		n := len(want) - 1
		if end {
			n++
		}
		if got := s.Occurrences(want[0], n); texts(got) != texts(want[1:]) {
			t.Errorf("%s\n got %s\nwant %s", e.rule, texts(got), texts(want[1:]))
		}
		if _, err := task.ParseRule(e.rule); err != nil || s.Rule != e.rule {
			t.Error(fmt.Sprintf("%q became %q,", e.rule, s.Rule), err)
		}
	}
}

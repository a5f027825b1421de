package quickadd_test

import (
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

func TestARuleAloneMeansTheDaysOfWhatItBeginsWith(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.FixedZone("", 3600)) // a Monday
	for _, one := range []struct{ words, first, want string }{
		{"every 2 months", "2026-12-05", "FREQ=MONTHLY;INTERVAL=2"},
		{"every 2 months", "2026-12-31", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"},
		{"every 2 months", "2026-12-30T23:30:00Z", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"}, // the 31st, where the writer is
		{"every 2 months", "", "FREQ=MONTHLY;INTERVAL=2"},
		{"every 2 months", "its own", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29,30;BYSETPOS=-1 2026-11-30"},
		{"quarterly", "2026-12-29", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{"every month for 10 times", "2026-12-05", "FREQ=MONTHLY;COUNT=10"},
		{"every month for 3 months", "2026-12-05", "FREQ=MONTHLY;UNTIL=20270304"},
		{"every month for 3 months", "2026-12-05T09:00:00Z", "FREQ=MONTHLY;UNTIL=20270304T225959Z"},
		{"every 4 years", "2028-02-29", "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{"every week until 1 december", "2026-12-05", "FREQ=WEEKLY;UNTIL=20261201"}, // which the service refuses
		{"every 3 hours", "2026-12-05T09:00:00Z", "FREQ=HOURLY;INTERVAL=3"},
		{"every friday 9am", "2026-12-05", "FREQ=WEEKLY;BYDAY=FR"},
		{"every! 3 days", "2026-12-05", "FREQ=DAILY;INTERVAL=3 from completion"},
		{" Monthly ", "2026-12-31", "monthly"},
		{"weekly", "its own", "weekly 2026-11-30"},
		{" rrule:freq=daily;count=3", "its own", "FREQ=DAILY;COUNT=3"},
		{"FREQ=DAILY;FREQ=DAILY", "", "gives FREQ twice"},
		{"", "", "must be daily"},
		{"tomorrow", "", "must be daily"},
		{"every week x", "", "must be daily"},
		{"every week !high", "", "must be daily"},
		{"every week every month", "", "must be daily"},
		{"every week\x00", "", "must be daily"},
	} {
		var first *task.Due
		if one.first != "its own" {
			due, _ := task.ParseDue(one.first)
			first = &due
		}
		p, err := quickadd.ParseRule(one.words, first, now)
		got := p.Recurrence.Value.Rule.Value
		if p.Recurrence.Value.From.Set {
			got += " from completion"
		}
		if p.Due.Set {
			got += " " + p.Due.Value.String()
		}
		if err != nil {
			got = err.Error()
		}
		if got != one.want && (err == nil || !strings.HasPrefix(got, one.want)) {
			t.Errorf("%q from %q is %q, want %q", one.words, one.first, got, one.want)
		}
	}
}

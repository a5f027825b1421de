package task_test

import (
	"testing"
	"time"

	"todo-app/internal/task"
)

func TestAlarmsComeBeforeTheDueInTheOwnersZone(t *testing.T) {
	berlin, beirut := zone(t, "Europe/Berlin"), zone(t, "Asia/Beirut")
	for _, c := range []struct {
		due, reminder string
		zone          *time.Location
		want          string
	}{
		{"2026-03-10T12:00:00Z", "PT0S", time.UTC, "2026-03-10T12:00:00Z"},
		{"2026-03-10T12:00:00.000001Z", "-PT0S", time.UTC, "2026-03-10T12:00:00.000001Z"},
		{"2026-03-10T12:00:00Z", "-PT1H30M15S", time.UTC, "2026-03-10T10:29:45Z"},
		{"2026-03-10T12:00:00Z", "-P2W", time.UTC, "2026-02-24T12:00:00Z"},
		{"2026-03-10T12:00:00Z", "-P1DT12H", time.UTC, "2026-03-09T00:00:00Z"},
		{"2026-03-10T12:00:00Z", "2026-03-09T18:00:00Z", berlin, "2026-03-09T18:00:00Z"},
		// Clocks went forward on 29 March: a day is one of the calendar, hours are hours.
		{"2026-03-29T07:00:00Z", "-P1D", berlin, "2026-03-28T08:00:00Z"},
		{"2026-03-29T07:00:00Z", "-PT24H", berlin, "2026-03-28T07:00:00Z"},
		{"2026-03-30T00:30:00Z", "-P1D", berlin, "2026-03-29T01:30:00Z"}, // 02:30 is skipped
		// A whole day counts from its first moment.
		{"2026-03-10", "PT0S", time.UTC, "2026-03-10T00:00:00Z"},
		{"2026-03-10", "PT0S", berlin, "2026-03-09T23:00:00Z"},
		{"2026-03-30", "-P1DT2H", berlin, "2026-03-28T21:00:00Z"},
		{"2026-03-29", "-PT15H", beirut, "2026-03-28T07:00:00Z"}, // clocks skip from midnight to one
		{"1900-01-01", "-P99999DT999999H999999M", time.UTC, "1510-03-26T22:21:00Z"},
	} {
		x := task.Task{Due: due(t, c.due), Reminders: []task.Reminder{task.Reminder(c.reminder)}}
		got := x.Alarms(c.zone)
		if len(got) != 1 || got[0].At.Format(time.RFC3339Nano) != c.want || string(got[0].Reminder) != c.reminder || got[0].At.Location() != time.UTC {
			t.Errorf("%s before %s in %s: %v, want %s", c.reminder, c.due, c.zone, got, c.want)
		}
	}
}

func TestAlarmsAreInOrderAndEachIsThereOnce(t *testing.T) {
	x := task.Task{Due: due(t, "2026-03-10T12:00:00Z"), Reminders: []task.Reminder{"PT0S", "-P1D", "PT0S", "-PT24H", "2026-03-09T12:00:00Z"}}
	var got []task.Reminder
	for _, a := range x.Alarms(time.UTC) {
		got = append(got, a.Reminder)
	}
	equal(t, "reminders", got, []task.Reminder{"-P1D", "-PT24H", "2026-03-09T12:00:00Z", "PT0S"})
}

func TestATaskThatIsDoneOrAwayHasNoAlarms(t *testing.T) {
	x := task.Task{Due: due(t, "2026-03-10"), Reminders: []task.Reminder{"PT0S"}}
	done, away, undated := x, x, x
	done.CompletedAt, away.ArchivedAt, undated.Due = noon, noon, task.Due{}
	for _, c := range []task.Task{done, away, undated} {
		equal(t, "alarms", c.Alarms(time.UTC), nil)
	}
}

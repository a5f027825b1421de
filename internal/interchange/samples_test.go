package interchange_test

import (
	"strings"
	"testing"

	"todo-app/internal/task"
)

func sampleID(n byte) (id task.ID) {
	id = task.ID{0x01, 0x90, 0xb6, 0xa0, 0x5f, 0x3c, 0x70, 0, 0x80}
	id[15] = n
	return id
}

// samples are tasks that have, all together, everything.
func samples(t *testing.T) []task.Task {
	created, updated := at(t, "2026-01-02T03:04:05.678901Z"), at(t, "2026-02-03T04:05:06Z")
	base := func(n byte, title string) task.Task {
		return task.Task{ID: sampleID(n), Version: int64(n), CreatedAt: created, UpdatedAt: updated, Title: title, Priority: task.Medium, Category: "other", Order: float64(n)}
	}
	all := []task.Task{base(1, "Pay rent"), base(2, "=SUM(A1:A9)"), base(3, "Standup"), base(4, "Bins"), base(5, "Done, at last"), base(6, "Someday"), base(7, "Dentist"), base(8, "Taxes"), base(9, "Refill")}
	full := &all[0]
	full.Description = "Account 1;2,3 \\ \"quoted\"\r\nsecond line\ttab \x01 control " + strings.Repeat("äöü€😀", 20)
	full.Priority, full.Category, full.Tags = task.High, "home", []string{"bank", "flat, ground floor", "home"}
	full.Due, full.Recurrence = date(t, "2026-01-31"), task.Recurrence{Rule: "monthly", From: task.FromDue}
	full.Reminders = []task.Reminder{"-P1D", "-PT9H", "2026-01-30T08:00:00Z"}
	all[1].Description, all[1].ParentID, all[1].DependsOn, all[1].Order = "-1+1", sampleID(1), []task.ID{sampleID(3), sampleID(4)}, -2.5
	all[2].Due, all[2].Recurrence = date(t, "2026-03-27T08:30:00Z"), task.Recurrence{Rule: "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20261231", From: task.FromDue, SkipIfOpen: true}
	all[2].Reminders = []task.Reminder{"-PT1H5S", "PT0S", "-P2W"}
	all[3].Due, all[3].Recurrence = date(t, "2026-03-05"), task.Recurrence{Rule: "INTERVAL=2;FREQ=WEEKLY;BYHOUR=7;UNTIL=20261231T120000Z", From: task.FromDue}
	all[4].CompletedAt, all[4].ArchivedAt, all[4].Due = at(t, "2026-02-01T10:00:00.5Z"), at(t, "2026-02-02T10:00:00Z"), date(t, "2026-02-01T09:15:00.25Z")
	all[5].Reminders, all[5].Priority, all[5].Tags = []task.Reminder{"-P1D", "2026-05-01T08:00:00Z"}, task.Low, []string{"+plus", "@context"}
	all[6].Due = date(t, "2026-04-01T13:00:00Z")
	all[7].Due, all[7].Recurrence = date(t, "2024-02-29"), task.Recurrence{Rule: "yearly", From: task.FromDue}
	all[8].Due, all[8].Recurrence = date(t, "2026-07-01T06:00:00Z"), task.Recurrence{Rule: "FREQ=DAILY;INTERVAL=10", From: task.FromCompletion}
	return all
}

package quickadd_test

import (
	"testing"
	"time"

	"todo-app/internal/task/quickadd"
)

func TestADueAloneIsReadAsQuickAddReadsIt(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.FixedZone("", 3600)) // a Tuesday
	for words, want := range map[string]string{
		"tomorrow":             "2026-03-11",
		" Tomorrow 9am ":       "2026-03-11T08:00:00Z",
		"next friday":          "2026-03-20",
		"at 15:30":             "2026-03-10T14:30:00Z",
		"2026-12-24":           "2026-12-24",
		"2026-12-24T09:00:00Z": "2026-12-24T09:00:00Z",
		"in 3 days":            "2026-03-13",
		"":                     "",
		"soon":                 "",
		"x":                    "",
		"every monday":         "",
		"tomorrow #tag":        "",
		"tomorrow !high":       "",
		"tomorrow // say":      "",
		"tomorrow friday":      "",
		"tomorrow !30m":        "",
		`\tomorrow`:            "",
		"tomorrow x":           "",
		"\x00":                 "",
	} {
		d, err := quickadd.ParseDue(words, now)
		if got := d.String(); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), want %q", words, got, err, want)
		}
	}
}

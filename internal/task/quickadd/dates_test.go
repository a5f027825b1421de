package quickadd_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// zones are some that make dates hard: half hours, a skipped day, midnights
// that do not exist, offsets that change outside summer.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Beirut", "America/St_Johns",
}

// somewhen returns a moment between 1970 and 2100 in one of the zones.
func somewhen(r *rand.Rand) time.Time {
	return time.Unix(r.Int64N(130*365*24*3600), 0).In(zone(zones[r.IntN(len(zones))]))
}

func due(t *testing.T, text string, now time.Time) task.Due {
	t.Helper()
	p, err := quickadd.Parse(text, now)
	if err != nil || !p.Patch.Due.Set || p.Patch.Title.Value != "x" {
		t.Fatalf("%s at %s: %s, %v", text, now, contract(p.Patch), err)
	}
	return p.Patch.Due.Value
}

// wantDay wants an all-day due that satisfies a condition, given by its date.
func wantDay(t *testing.T, text string, now time.Time, is func(day time.Time) bool) {
	t.Helper()
	if d := due(t, text, now); !d.AllDay || !is(d.At) {
		t.Errorf("%s at %s: %s", text, now.Format(time.RFC1123Z), d)
	}
}

// days counts from the day that now shows to another.
func days(now, day time.Time) int {
	midnight, err := time.Parse(time.DateOnly, now.Format(time.DateOnly))
	if err != nil {
		panic(err)
	}
	return int(day.Sub(midnight).Hours()) / 24
}

func TestDatesInWordsAreThoseOfTheCalendar(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		now := somewhen(r)
		year, week := now.ISOWeek()
		for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
			wantDay(t, "x "+weekday.String(), now, func(day time.Time) bool {
				return day.Weekday() == weekday && days(now, day) >= 1 && days(now, day) <= 7
			})
			wantDay(t, "x this "+weekday.String()[:3], now, func(day time.Time) bool {
				return day.Weekday() == weekday && days(now, day) >= 0 && days(now, day) <= 6
			})
			wantDay(t, "x next "+weekday.String(), now, func(day time.Time) bool {
				y, w := day.AddDate(0, 0, -7).ISOWeek()
				return day.Weekday() == weekday && y == year && w == week
			})
		}
		n := 1 + r.IntN(1000)
		wantDay(t, fmt.Sprintf("x in %d days", n), now, func(day time.Time) bool { return days(now, day) == n })
		wantDay(t, fmt.Sprintf("x in %d weeks", n), now, func(day time.Time) bool { return days(now, day) == 7*n })
		wantDay(t, fmt.Sprintf("x in %d months", n), now, func(day time.Time) bool {
			months := 12*(day.Year()-now.Year()) + int(day.Month()-now.Month())
			lastDay := day.AddDate(0, 0, 1).Day() == 1
			return months == n && (day.Day() == now.Day() || day.Day() < now.Day() && lastDay)
		})
		wantDay(t, "x end of month", now, func(day time.Time) bool {
			return day.Month() == now.Month() && day.Year() == now.Year() && day.AddDate(0, 0, 1).Day() == 1
		})
		wantDay(t, "x next month", now, func(day time.Time) bool {
			return day.Day() == 1 && day.AddDate(0, 0, -1).Month() == now.Month() && days(now, day) <= 31
		})
		wantDay(t, "x next week", now, func(day time.Time) bool {
			return day.Weekday() == time.Monday && days(now, day) >= 1 && days(now, day) <= 7
		})
	}
}

func TestADateWithoutAYearIsTheNextOfItsName(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		now := somewhen(r)
		name := time.Unix(r.Int64N(4*365*24*3600), 0).UTC() // leap days included
		for _, layout := range []string{"2 Jan", "January 2", "Jan 2"} {
			written := name.Format(layout)
			want := now
			for want.Format(layout) != written {
				want = time.Date(want.Year(), want.Month(), want.Day()+1, 12, 0, 0, 0, time.UTC)
			}
			if got := due(t, "x "+written, now); got.String() != want.Format(time.DateOnly) {
				t.Errorf("%s at %s: %s", written, now, got)
			}
		}
	}
	if got := due(t, "x 29 feb", time.Date(2096, 3, 1, 0, 0, 0, 0, time.UTC)); got.String() != "2104-02-29" {
		t.Errorf("29 February around 2100 is %s", got)
	}
}

// showing looks for the first moment at which clocks in a zone show a minute of
// a day, walking through all minutes about it; if they never do, for as long
// after the gap's beginning as the minute is.
func showing(day time.Time, hour, minute int, z *time.Location) time.Time {
	wanted := day.Format(time.DateOnly) + fmt.Sprintf(" %02d:%02d", hour, minute)
	const layout = "2006-01-02 15:04"
	for at := day.Add(-15 * time.Hour); ; at = at.Add(time.Minute) {
		switch shown := at.In(z).Format(layout); {
		case shown == wanted:
			return at
		case shown > wanted && at.Add(-time.Minute).In(z).Format(layout) < wanted:
			before, _ := time.Parse(layout, at.Add(-time.Minute).In(z).Format(layout))
			target, _ := time.Parse(layout, wanted)
			return at.Add(-time.Minute).Add(target.Sub(before))
		}
	}
}

func TestTimesAreReadOffTheClocksOfTheZoneAlsoWhereTheyAreChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	changes := 0
	for _, name := range zones {
		z := zone(name)
		for at := time.Date(2008, 1, 1, 0, 0, 0, 0, z); at.Year() < 2028; {
			_, change := at.ZoneBounds()
			if change.IsZero() || change.Year() >= 2028 {
				break
			}
			at = change
			changes++
			for range 3 {
				shown := change.Add(time.Duration(r.IntN(5*60)-150) * time.Minute).In(z)
				day, _ := time.Parse(time.DateOnly, shown.Format(time.DateOnly))
				text := fmt.Sprintf("x %s %d:%02d", shown.Format(time.DateOnly), r.IntN(5), r.IntN(60))
				var hour, minute int
				if _, err := fmt.Sscanf(strings.Fields(text)[2], "%d:%d", &hour, &minute); err != nil {
					t.Fatal(err)
				}
				now := change.Add(-time.Duration(r.IntN(72)) * time.Hour).In(z)
				if got, want := due(t, text, now), showing(day, hour, minute, z); got.AllDay || !got.At.Equal(want) {
					t.Errorf("%s in %s: %s, want %s", text, z, got, want)
				}
			}
		}
	}
	if changes < 200 {
		t.Errorf("clocks were changed %d times", changes)
	}
}

func TestATimeAloneIsTheNextOfItsKind(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		now := somewhen(r)
		hour, minute := r.IntN(24), r.IntN(60)
		at := due(t, fmt.Sprintf("x %d:%02d", hour, minute), now).At
		if at.Before(now) || at.Sub(now) > 26*time.Hour || !strings.HasSuffix(at.In(now.Location()).Format("15:04:05"), ":00") {
			t.Errorf("%d:%02d at %s is %s", hour, minute, now, at)
		}
		twelve := due(t, fmt.Sprintf("x %s", time.Date(2000, 1, 1, hour, minute, 0, 0, time.UTC).Format("3:04pm")), now)
		if !twelve.At.Equal(at) {
			t.Errorf("%d:%02d by twelve hours at %s is %s, want %s", hour, minute, now, twelve, at)
		}
	}
}

func TestElapsedTimeIsElapsedAlsoWhereClocksAreChanged(t *testing.T) {
	berlin := zone("Europe/Berlin")
	for _, now := range []time.Time{
		time.Date(2027, 3, 28, 0, 30, 59, 7, time.UTC).In(berlin),  // put forward half an hour later
		time.Date(2026, 10, 25, 0, 30, 59, 7, time.UTC).In(berlin), // the first 2:30
		time.Date(2026, 10, 25, 1, 30, 59, 7, time.UTC).In(berlin), // the second
	} {
		for text, want := range map[string]time.Duration{"in 3 hours": 3 * time.Hour, "in 1h30m": 90 * time.Minute, "+2h": 2 * time.Hour} {
			if got := due(t, "x "+text, now); !got.At.Equal(now.Add(want).Truncate(time.Second)) {
				t.Errorf("%s at %s: %s", text, now, got)
			}
		}
		if got, want := due(t, "x in 1 day and 1 hour", now), now.AddDate(0, 0, 1).Add(time.Hour); !got.At.Equal(want.Truncate(time.Second)) {
			t.Errorf("a day and an hour after %s: %s, want %s", now, got, want)
		}
	}
}

func TestTodayIsThatOfTheZone(t *testing.T) {
	now := time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{"Pacific/Kiritimati": "2026-11-26", "UTC": "2026-11-25", "Pacific/Apia": "2026-11-26", "Pacific/Pago_Pago": "2026-11-25"} {
		if got := due(t, "x today", now.In(zone(name))); got.String() != want {
			t.Errorf("today in %s is %s", name, got)
		}
	}
	if got := due(t, "x today", now.Add(-2*time.Hour).In(zone("Pacific/Pago_Pago"))); got.String() != "2026-11-24" {
		t.Errorf("today at 22:00 of yesterday is %s", got)
	}
}

func TestAPartOfTheDayThatHasPassedLeavesTheDay(t *testing.T) {
	for hour, want := range map[int]string{21: "2026-11-25T21:00:00Z", 22: "2026-11-25T21:00:00Z", 23: "2026-11-25"} {
		now := time.Date(2026, 11, 25, hour, 0, 0, 0, written.Location())
		if got := due(t, "x tonight", now); got.String() != want {
			t.Errorf("tonight at %d:00 is %s", hour, got)
		}
	}
}

func TestARuleWithinTheDayBeginsAtAPartOfTheDayThatHasPassedToo(t *testing.T) {
	if got := due(t, "x every 4 hours this morning", written); got.String() != "2026-11-25T08:00:00Z" {
		t.Errorf("it begins at %s", got)
	}
}

func TestAWeekendIsTheOneThatIs(t *testing.T) {
	for text, want := range map[string][]int{
		"this weekend": {23: 28, 24: 28, 25: 28, 26: 28, 27: 28, 28: 28, 29: 29},
		"next weekend": {23: 35, 24: 35, 25: 35, 26: 35, 27: 35, 28: 35, 29: 35},
	} {
		for day := 23; day <= 29; day++ { // Monday to Sunday
			wantDay(t, "x "+text, time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC), func(d time.Time) bool {
				return d.Equal(time.Date(2026, 11, want[day], 0, 0, 0, 0, time.UTC))
			})
		}
	}
}

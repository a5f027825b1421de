package scaling_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/scaling"
)

func TestADiaryNotesWhatIsNewInTheHourThatItWasIn(t *testing.T) {
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	d := scaling.Diary{Process: "p", Service: "list", Revision: "list-00001", Started: at(50)}
	var notes []scaling.Note
	for _, r := range []scaling.Reading{
		{At: at(55), CPU: time.Second, Memory: 30 * mebi},
		{At: at(60), Requests: 7, Failed: 1, CPU: 3 * time.Second, First: 29 * time.Second, Busiest: 40, Memory: 90 * mebi},
		{At: at(65), Requests: 8, Failed: 1, CPU: 4 * time.Second, First: 29 * time.Second, Busiest: 1, Memory: 31 * mebi},
	} {
		notes = append(notes, d.Note(r))
	}
	one := func(change func(*scaling.Note)) scaling.Note {
		n := scaling.Note{Process: "p", Use: scaling.Use{Hour: noon, Service: "list", Revision: "list-00001", Running: 5 * time.Minute}}
		change(&n)
		return n
	}
	want := []scaling.Note{
		one(func(n *scaling.Note) { n.Sequence, n.Pods, n.CPU, n.Memory = 1, 1, time.Second, 30*mebi }),
		one(func(n *scaling.Note) {
			n.Sequence, n.Requests, n.Failed, n.CPU, n.Busiest, n.Memory = 2, 7, 1, 2*time.Second, 40, 90*mebi
			n.ColdStarts, n.Cold, n.Coldest = 1, 29*time.Second, 29*time.Second
		}),
		one(func(n *scaling.Note) {
			n.Hour, n.Sequence, n.Requests, n.CPU, n.Busiest, n.Memory = noon.Add(time.Hour), 3, 1, time.Second, 1, 31*mebi
		}),
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Error(diff)
	}
}

func TestTheNextReadingIsNoLaterThanTheEndOfTheHour(t *testing.T) {
	for after, want := range map[time.Duration]time.Duration{
		0: 5 * time.Minute, 54 * time.Minute: 5 * time.Minute, 57 * time.Minute: 3 * time.Minute, time.Hour - time.Millisecond: time.Millisecond,
	} {
		if got := scaling.Next(noon.Add(after), 5*time.Minute); got != want {
			t.Errorf("%v after the hour began it is %v later, not %v", after, got, want)
		}
	}
}

func TestAStartIsAwaitedIfTheFirstRequestCameSoon(t *testing.T) {
	for first, want := range map[time.Duration]bool{0: false, time.Nanosecond: true, 30*time.Second - 1: true, 30 * time.Second: false} {
		if scaling.Awaited(first) != want {
			t.Errorf("%v: not %v", first, want)
		}
	}
}

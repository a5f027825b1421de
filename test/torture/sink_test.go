package torture

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sink takes events, or does not.
type sink struct {
	url string

	mu      sync.Mutex
	away    bool
	asked   int
	known   map[string]bool // by the id of the event
	told    map[fact]bool
	order   map[string][]fact // of each task, as they first came
	repeats int
}

// fact is what an event, or the record of a change, says about a task.
type fact struct {
	task, change string
	version      int
}

// after says whether a fact may follow another of the same task.
func (f fact) after(before fact) bool {
	return f.version > before.version || f.version == before.version && f.change == "deleted" && before.change != "deleted"
}

func startSink(t testing.TB) *sink {
	s := &sink{known: map[string]bool{}, told: map[fact]bool{}, order: map[string][]fact{}}
	server := httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// take answers a delivery. One in fifty it takes without saying so.
func (s *sink) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var record struct{ Version int }
	if err != nil || json.Unmarshal(body, &record) != nil {
		return // the deliverer was killed
	}
	change := strings.TrimSuffix(strings.TrimPrefix(r.Header.Get("Ce-Type"), "todo.task."), ".v1")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.away {
		w.WriteHeader([]int{http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusNotFound}[s.asked%3])
		return
	}
	f := fact{r.Header.Get("Ce-Subject"), change, record.Version}
	if id := r.Header.Get("Ce-Id"); s.known[id] {
		s.repeats++
	} else {
		s.known[id], s.told[f] = true, true
		s.order[f.task] = append(s.order[f.task], f)
	}
	if s.asked%50 == 0 {
		w.WriteHeader(http.StatusBadGateway)
	}
}

// leave has it take nothing until it comes back.
func (s *sink) leave(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *sink) count() (events, repeats int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known), s.repeats
}

// complaints compares what came with what there was to tell.
func (s *sink) complaints(facts []fact) (wrong []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range facts {
		if !s.told[f] {
			wrong = append(wrong, fmt.Sprintf("nobody was told that task %s was %s to version %d", f.task, f.change, f.version))
		}
	}
	for f := range s.told {
		if !slices.Contains(facts, f) {
			wrong = append(wrong, fmt.Sprintf("it was told that task %s was %s to version %d, which it was not", f.task, f.change, f.version))
		}
	}
	for id, all := range s.order {
		for i := 1; i < len(all); i++ {
			if !all[i].after(all[i-1]) {
				wrong = append(wrong, fmt.Sprintf("of task %s it heard %v after %v", id, all[i], all[i-1]))
			}
		}
	}
	return wrong
}

func TestTheSinkNoticesWhatIsMissingInventedOrOutOfOrder(t *testing.T) {
	t.Parallel()
	s := startSink(t)
	post := func(id, change string, version int) {
		r, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(fmt.Sprintf(`{"version":%d}`, version)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Ce-Id": {id}, "Ce-Type": {"todo.task." + change + ".v1"}, "Ce-Subject": {"a"}}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	facts := []fact{{"a", "created", 1}, {"a", "updated", 2}, {"a", "deleted", 2}}
	post("1", "created", 1)
	post("2", "updated", 2)
	post("1", "created", 1) // again, which is no harm
	if wrong := s.complaints(facts); len(wrong) != 1 {
		t.Error("one is missing, and it says", wrong)
	}
	post("3", "deleted", 2)
	if wrong := s.complaints(facts); len(wrong) != 0 {
		t.Error("all came, and it says", wrong)
	}
	post("4", "updated", 1)
	if wrong := s.complaints(facts); len(wrong) != 2 {
		t.Error("one was invented, and late at that, and it says", wrong)
	}
}

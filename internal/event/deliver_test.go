package event_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/go-cmp/cmp"

	"todo-app/internal/event"
	"todo-app/internal/task"
)

var update = flag.Bool("update", false, "write golden files anew")

// receiver is a sink as others write them: the SDK's client on a port.
type receiver struct {
	url string
	mu  sync.Mutex
	got []cloudevents.Event
}

// listen answers each event with what answer says of it and of how many came
// before; nil stands for 200.
func listen(t *testing.T, answer func(e cloudevents.Event, before int) int) *receiver {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := cloudevents.NewClientHTTP(cloudevents.WithListener(l), cloudevents.WithShutdownTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{url: "http://" + l.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- client.StartReceiver(ctx, func(e cloudevents.Event) cloudevents.Result {
			r.mu.Lock()
			defer r.mu.Unlock()
			status := http.StatusOK
			if answer != nil {
				status = answer(e, len(r.got))
			}
			r.got = append(r.got, e)
			return cloudevents.NewHTTPResult(status, "")
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *receiver) ids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s []string
	for _, e := range r.got {
		s = append(s, e.ID())
	}
	return s
}

func deliverer(t *testing.T, o event.Outbox, s event.Settings) *event.Deliverer {
	t.Helper()
	if s.Source == "" {
		s.Source = "https://todo.example/"
	}
	d, err := event.NewDeliverer(o, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return d
}

func sweep(t *testing.T, d *event.Deliverer) int {
	t.Helper()
	n, err := d.Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestEventsOfAnOwnerArriveInOrder(t *testing.T) {
	r := listen(t, nil)
	events := changes("ann", 0, 250) // more than one claim
	o := newOutbox(events...)
	d := deliverer(t, o, event.Settings{Sink: r.url})
	equal(t, sweep(t, d), 250)
	equal(t, r.ids(), ids(events))
	equal(t, o.left(), 0)
	equal(t, d.Stats(), event.Stats{Delivered: 250})
	e := r.got[0]
	equal(t, e.Type(), "todo.task.created.v1")
	equal(t, e.Extensions()["owner"], any("ann"))
	equal(t, string(e.Data()), string(events[0].Task.AppendRecord(nil)))
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
}

func TestManyOwnersAreSweptTogether(t *testing.T) {
	r := listen(t, nil)
	o := newOutbox()
	for i := range 20 {
		owner := fmt.Sprint("owner", i)
		o.waiting[owner] = changes(owner, 100*i, 5)
	}
	equal(t, sweep(t, deliverer(t, o, event.Settings{Sink: r.url})), 100)
	of := map[string][]string{}
	for _, e := range r.got {
		owner := e.Extensions()["owner"].(string)
		of[owner] = append(of[owner], e.ID())
	}
	for i := range 20 {
		owner := fmt.Sprint("owner", i)
		equal(t, of[owner], ids(changes(owner, 100*i, 5)))
	}
}

func TestWhatComesDuringALongSweepNeedNotWaitForItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(changes("ann", 0, 2000)...)
		begun := time.Now()
		waited := time.Duration(0)
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(r *http.Request) (*http.Response, error) {
			time.Sleep(100 * time.Millisecond)
			if r.Header.Get("Ce-Owner") == "bob" {
				waited = time.Since(begun) - 20*time.Second
			}
			return respond(200), nil
		})})
		time.AfterFunc(20*time.Second, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.waiting["bob"] = changes("bob", 5000, 1)
		})
		equal(t, sweep(t, d), 2001)
		if waited <= 0 || waited > 10*time.Second {
			t.Errorf("it was delivered after %s", waited)
		}
		equal(t, time.Since(begun), 200*time.Second) // no worker is waited for that rests
	})
}

func TestAnEventThatCannotBeDeliveredNowHoldsBackThoseAfterIt(t *testing.T) {
	for _, status := range []int{302, 401, 404, 408, 409, 425, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			r := listen(t, func(_ cloudevents.Event, before int) int {
				if before == 1 || before == 2 {
					return status
				}
				return http.StatusAccepted
			})
			events := changes("ann", 0, 3)
			o := newOutbox(events...)
			d := deliverer(t, o, event.Settings{Sink: r.url})
			n, err := d.Sweep(t.Context())
			equal(t, n, 1)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprint(status)) {
				t.Errorf("the error does not say what the sink answered: %v", err)
			}
			equal(t, o.left(), 2)
			if o.longest < 10*time.Second {
				t.Errorf("the owner may be tried again after only %s", o.longest)
			}
			o.later()
			equal(t, sweep(t, d), 2)
			want := ids(events)
			equal(t, r.ids(), []string{want[0], want[1], want[1], want[1], want[2]})
			equal(t, d.Stats(), event.Stats{Delivered: 3, Failed: 2})
		})
	}
}

func TestASinkThatStumblesIsAskedOnceMoreAtOnce(t *testing.T) {
	r := listen(t, func(_ cloudevents.Event, before int) int {
		if before == 1 {
			return http.StatusBadGateway
		}
		return http.StatusAccepted
	})
	events := changes("ann", 0, 3)
	d := deliverer(t, newOutbox(events...), event.Settings{Sink: r.url})
	equal(t, sweep(t, d), 3)
	want := ids(events)
	equal(t, r.ids(), []string{want[0], want[1], want[1], want[2]})
	equal(t, d.Stats(), event.Stats{Delivered: 3, Failed: 1})
}

func TestARefusedEventIsSetAsideAndTheNextFollows(t *testing.T) {
	r := listen(t, func(_ cloudevents.Event, before int) int {
		if before == 1 {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	})
	o := newOutbox(changes("ann", 0, 3)...)
	d := deliverer(t, o, event.Settings{Sink: r.url})
	equal(t, sweep(t, d), 2)
	equal(t, len(r.ids()), 3)
	equal(t, o.aside, map[task.ID]string{number(1): "posting to the sink: it answered 422 Unprocessable Entity"})
	equal(t, o.left(), 0)
	equal(t, d.Stats(), event.Stats{Delivered: 2, Refused: 1})
}

func TestAnEventThatCannotBeEncodedIsSetAside(t *testing.T) {
	r := listen(t, nil)
	o := newOutbox(change("a\x00b", 1))
	equal(t, sweep(t, deliverer(t, o, event.Settings{Sink: r.url})), 0)
	equal(t, len(o.aside), 1)
	equal(t, len(r.ids()), 0)
}

func TestWhatArrivedButWasNotRecordedArrivesAgainUnderTheSameID(t *testing.T) {
	r := listen(t, nil)
	events := changes("ann", 0, 3)
	o := newOutbox(events...)
	o.down = errors.New("the database went away")
	n, err := deliverer(t, o, event.Settings{Sink: r.url}).Sweep(t.Context())
	equal(t, n, 0)
	if !errors.Is(err, o.down) {
		t.Errorf("storage's error is lost: %v", err)
	}
	o.down = nil
	again := deliverer(t, o, event.Settings{Sink: r.url}) // as after a crash
	equal(t, sweep(t, again), 0)                          // the lease still holds
	o.later()
	equal(t, sweep(t, again), 3)
	equal(t, r.ids(), slices.Concat(ids(events), ids(events)))
}

func TestASinkThatIsDownIsNotTriedForEveryOwner(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	o := newOutbox()
	for i := range 1000 {
		owner := fmt.Sprint("owner", i)
		o.waiting[owner] = changes(owner, i, 1)
	}
	d := deliverer(t, o, event.Settings{Sink: "http://user:secret@" + l.Addr().String() + "/?key=secret"})
	n, err := d.Sweep(t.Context())
	equal(t, n, 0)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	if tries := d.Stats().Failed; tries > 20 {
		t.Errorf("tried %d times", tries)
	}
	equal(t, o.left(), 1000)
}

// transport answers in place of a network, so that time can be simulated.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("thanks"))}
}

func TestNoDeliveryOutlivesItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(changes("ann", 0, 40)...)
		var got []string
		slow := transport(func(r *http.Request) (*http.Response, error) {
			time.Sleep(4 * time.Second)
			if o.mu.Lock(); time.Now().After(o.held["ann"].Until) {
				t.Error("a delivery ended after its lease")
			}
			o.mu.Unlock()
			got = append(got, r.Header.Get("Ce-Id"))
			return respond(200), nil
		})
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: slow})
		equal(t, sweep(t, d), 40)
		equal(t, got, ids(changes("ann", 0, 40))) // each once: no two claims overlapped
		if o.claims < 160/30 {
			t.Errorf("%d claims are too few for 160 s of deliveries", o.claims)
		}
	})
}

func TestASinkThatHangsIsGivenUpAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		d := deliverer(t, newOutbox(change("ann", 1)), event.Settings{Sink: "http://sink", Transport: hang})
		begun := time.Now()
		if _, err := d.Sweep(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		equal(t, time.Since(begun), 5*time.Second)
	})
}

func TestRetryAfterIsHonouredWithinBounds(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"120":                           2 * time.Minute,
		"86400":                         5 * time.Minute,
		"Sat, 01 Jan 2000 00:03:00 GMT": 3 * time.Minute, // a bubble's clock starts at midnight
		"Sat, 01 Jan 2050 00:03:00 GMT": 5 * time.Minute,
	} {
		t.Run(header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOutbox(change("ann", 1))
				busy := transport(func(*http.Request) (*http.Response, error) { return respond(503, "Retry-After", header), nil })
				_, err := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: busy}).Sweep(t.Context())
				if err == nil {
					t.Error("no error")
				}
				equal(t, o.longest, want)
			})
		})
	}
}

func TestASweepThatIsStoppedRecordsWhatArrived(t *testing.T) {
	o := newOutbox(changes("ann", 0, 5)...)
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(r *http.Request) (*http.Response, error) {
		if sent++; sent == 2 {
			cancel()
		}
		return respond(200), r.Context().Err()
	})})
	n, err := d.Sweep(ctx)
	equal(t, n, 2)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	equal(t, o.left(), 3)
	equal(t, d.Stats(), event.Stats{Delivered: 2})
	if _, ok, _ := o.Claim(t.Context(), "ann", 1, time.Second); !ok {
		t.Error("the claim was not released")
	}
}

func TestWithoutASinkNothingHappens(t *testing.T) {
	o := newOutbox(change("ann", 1))
	d := deliverer(t, o, event.Settings{})
	d.Hasten("ann")
	equal(t, sweep(t, d), 0)
	equal(t, o.claims, 0)
	equal(t, d.Stats(), event.Stats{})
}

func TestSettingsThatCannotWorkAreNamed(t *testing.T) {
	for _, c := range []struct {
		settings event.Settings
		want     string
	}{
		{event.Settings{Sink: "broker", Source: "/todo-app"}, "K_SINK"},
		{event.Settings{Sink: "ftp://broker", Source: "/todo-app"}, "K_SINK"},
		{event.Settings{Sink: "http://sink"}, "the events' source"},
		{event.Settings{Sink: "http://sink", Source: "a\x01b"}, "the events' source"},
	} {
		if _, err := event.NewDeliverer(newOutbox(), c.settings); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v", c.settings, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	mux := http.NewServeMux()
	mux.Handle("/old", http.RedirectHandler("/new", http.StatusPermanentRedirect))
	mux.HandleFunc("/new", func(http.ResponseWriter, *http.Request) { followed = true })
	s := httptest.NewServer(mux)
	defer s.Close()
	o := newOutbox(change("ann", 1))
	_, err := deliverer(t, o, event.Settings{Sink: s.URL + "/old"}).Sweep(t.Context())
	if err == nil || !strings.Contains(err.Error(), "redirects are not followed") {
		t.Errorf("got %v", err)
	}
	equal(t, followed, false)
	equal(t, o.left(), 1)
}

func TestASweepEndsWhenTheDelivererIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deliverer(t, newOutbox(changes("ann", 0, 3)...), event.Settings{Sink: "http://sink", Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		done := make(chan error)
		go func() {
			_, err := d.Sweep(t.Context())
			done <- err
		}()
		synctest.Wait()
		if err := d.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-done; err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTheRequestIsTheGoldenOne(t *testing.T) {
	var got []byte
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Host = "sink.example"
		got, _ = httputil.DumpRequest(r, true)
	}))
	defer s.Close()
	overrides, err := event.ParseOverrides(`{"extensions": {"team": "blue", "region": "eu 1"}}`)
	if err != nil {
		t.Fatal(err)
	}
	o := newOutbox(change("Zoë", 1))
	equal(t, sweep(t, deliverer(t, o, event.Settings{Sink: s.URL + "/in", Overrides: overrides})), 1)
	got = append(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), '\n')
	if *update {
		if err := os.WriteFile("testdata/request.golden", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/request.golden")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, string(got), string(want))
}

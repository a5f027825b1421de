package serve_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"todo-app/internal/serve"
)

// hammer sends requests one after another until the server is gone. It counts
// the requests answered, and as lost those whose connection the server had
// accepted for an earlier request, or whose handler ran.
type hammer struct {
	url            string
	answered, lost atomic.Int64
	refused        atomic.Int64
}

func (h *hammer) run(t *testing.T, c *http.Client) {
	for {
		reused := false
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
		})
		// Nothing in the transport repeats a POST for us.
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, strings.NewReader("body"))
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := c.Do(r)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		switch {
		case err == nil && answer.StatusCode == http.StatusOK:
			h.answered.Add(1)
			continue
		case errors.Is(err, syscall.ECONNREFUSED):
			h.refused.Add(1)
		case reused:
			h.lost.Add(1)
			t.Errorf("lost on a kept-alive connection: %v", err)
		default:
			t.Logf("reset before it was accepted: %v", err)
		}
		return
	}
}

func TestADrainUnderLoadLosesNoAcceptedRequest(t *testing.T) {
	for _, took := range []time.Duration{0, time.Millisecond, 99 * time.Millisecond, 150 * time.Millisecond} {
		for _, h2 := range []bool{false, true} {
			t.Run(took.String()+map[bool]string{false: " HTTP/1.1", true: " HTTP/2"}[h2], func(t *testing.T) {
				var handled atomic.Int64
				warm := make(chan struct{})
				r := run(t, &serve.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if took > 0 {
						<-time.After(took)
					}
					io.Copy(io.Discard, r.Body)
					if handled.Add(1) == 100 {
						close(warm)
					}
				})})
				h := &hammer{url: r.url()}
				var all sync.WaitGroup
				for range 32 {
					c := client(t, h2)
					all.Go(func() { h.run(t, c) })
				}
				<-warm
				r.stop()
				if err := <-r.ended; err != nil {
					t.Error(err)
				}
				all.Wait()
				if handled.Load() != h.answered.Load() {
					t.Errorf("handled %d, answered %d", handled.Load(), h.answered.Load())
				}
				t.Logf("answered %d, lost %d, refused %d", h.answered.Load(), h.lost.Load(), h.refused.Load())
			})
		}
	}
}

func TestAQuietKeptAliveConnectionIsClosedByTheDrain(t *testing.T) {
	r := run(t, &serve.Server{Handler: text("hello")})
	for _, h2 := range []bool{false, true} {
		if _, _, err := get(client(t, h2), r.url()); err != nil {
			t.Fatal(err)
		}
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

func TestAConnectionThatNeverSentAnythingDoesNotHoldTheDrain(t *testing.T) {
	r := run(t, &serve.Server{Handler: text("hello"), ReadHeaderTimeout: time.Minute})
	conn := dial(t, r.addr)
	if _, _, err := get(client(t, false), r.url()); err != nil { // now conn is accepted too
		t.Fatal(err)
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}

func TestAStreamLearnsThatTheDrainBegan(t *testing.T) {
	server := &serve.Server{}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		select {
		case <-server.Draining():
			io.WriteString(w, "bye")
		case <-r.Context().Done():
			t.Error("the end of the server's context cancelled the request")
		}
	})
	r := run(t, server)
	answer, err := client(t, false).Get(r.url())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	r.stop()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "bye" {
		t.Errorf("got %q, %v", body, err)
	}
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

func TestRequestsThatOutlastTheDrainAreCutAndCounted(t *testing.T) {
	var started, ended sync.WaitGroup
	started.Add(2)
	ended.Add(2)
	r := run(t, &serve.Server{DrainTimeout: 50 * time.Millisecond, Handler: http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) {
			started.Done()
			<-r.Context().Done()
			ended.Done()
		})})
	var all sync.WaitGroup
	for range 2 {
		c := client(t, false)
		all.Go(func() {
			if _, _, err := get(c, r.url()); err == nil {
				t.Error("the request was answered")
			}
		})
	}
	started.Wait()
	r.stop()
	err := <-r.ended
	if want := "draining " + r.addr + ": 2 requests cut after 50ms"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	all.Wait()
	ended.Wait()
}

func TestAContextThatEndedAlreadyStillListensAndDrains(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := (&serve.Server{Addr: "127.0.0.1:0", Handler: text("")}).Run(ctx); err != nil {
		t.Error(err)
	}
}

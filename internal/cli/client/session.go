package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"todo-app/internal/cli/contexts"
	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// options are what all verbs can be told.
type options struct {
	json    bool
	context string
	timeout time.Duration
	zone    string
}

// session is one run of a verb.
type session struct {
	options
	at     place
	client *httpapi.Client
	out    terminal.Screen
	errors io.Writer
	ask    terminal.Asker
	person bool      // somebody reads errors
	view   task.View // how the caller sees tasks: when, and in which zone
	answer []byte    // the body of the service's last answer
}

// place is where a service is, and what signs in there. Instead says what wins
// over a context, "" if nothing does.
type place struct{ url, credential, instead string }

// DefaultURL is where todo serve listens.
const DefaultURL = "http://localhost:8080"

// open begins a session at the service that the flags, the environment or the
// current context name, in this order.
func (p *Program) open(c *cobra.Command, o options) (*session, error) {
	at, err := p.place(o.context)
	if err != nil {
		return nil, err
	}
	at.instead = p.instead(o.context)
	if o.timeout <= 0 {
		return nil, misused("--timeout must be more than nothing")
	}
	s := &session{
		options: o,
		at:      at,
		out:     terminal.NewScreen(c.OutOrStdout(), p.Env),
		errors:  c.ErrOrStderr(),
		ask:     terminal.Asker{In: c.InOrStdin(), Out: c.ErrOrStderr()},
		person:  terminal.NewScreen(c.ErrOrStderr(), p.Env).Terminal,
	}
	zone, name, err := p.zone(o.zone)
	if err != nil {
		return nil, err
	}
	s.view = task.View{Now: p.Now(), Zone: zone, URL: at.url}
	s.client = at.client(o.timeout, name, s.notice)
	s.client.Answered = func(body []byte) { s.answer = body }
	return s, nil
}

// notice tells people, and not scripts, what a command is waiting for.
func (s *session) notice(text string) {
	if s.person {
		fmt.Fprintln(s.errors, text)
	}
}

// place finds out where the service is. TODO_URL and TODO_TOKEN win over
// the context, whose credential goes to the context's own host only.
func (p *Program) place(name string) (place, error) {
	token := p.Env("TODO_TOKEN")
	if address := p.Env("TODO_URL"); address != "" && name == "" {
		address, err := contexts.ParseURL(address)
		if err != nil {
			return place{}, misused("TODO_URL: %v", err)
		}
		return place{url: address, credential: token}, nil
	}
	book, err := p.Contexts()
	if err != nil {
		return place{}, err
	}
	at, err := book.Get(name)
	if name == "" && errors.Is(err, contexts.ErrUnknown) {
		return place{url: DefaultURL, credential: token}, nil
	}
	if err != nil || token != "" {
		return place{url: at.URL, credential: token}, err
	}
	credential, err := book.Credential(at)
	return place{url: at.URL, credential: credential}, err
}

// instead says what a context does not change while the environment has it.
func (p *Program) instead(context string) string {
	switch {
	case p.Env("TODO_TOKEN") != "":
		return "\nTODO_TOKEN wins over that while it is set."
	case p.Env("TODO_URL") != "" && context == "":
		return "\nTODO_URL wins over that while it is set, and then TODO_TOKEN signs in."
	}
	return ""
}

// client returns a client of the service. Requests that it matters to say in
// which zone.
func (at place) client(timeout time.Duration, zone string, notice func(string)) *httpapi.Client {
	return &httpapi.Client{
		Base: at.url,
		HTTP: &http.Client{
			Timeout:   timeout,
			Transport: newTransport(timeout, notice),
			// Following would turn a POST into a GET, and send the credential on.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Prepare: func(r *http.Request) {
			if at.credential != "" {
				r.Header.Set("Authorization", "Bearer "+at.credential)
			}
			if r.Method == http.MethodPost {
				r.Header.Set("Idempotency-Key", uuid.NewString())
			}
			if query := r.URL.Query(); zone != "" && zoned(r) && !query.Has("tz") {
				query.Set("tz", zone)
				r.URL.RawQuery = query.Encode()
			}
		},
	}
}

// zoned reports whether what is asked for depends on the caller's zone: what is
// read of tasks, words that say when, and filters.
func zoned(r *http.Request) bool {
	path := r.URL.Path
	if r.Method == http.MethodGet {
		return strings.HasPrefix(path, "/api/v1/tasks") || strings.HasPrefix(path, "/api/v1/stats")
	}
	return r.Method == http.MethodPost && (strings.HasPrefix(path, "/api/v1/templates/") || path == "/api/v1/tasks/quick" || path == "/api/v1/tasks/bulk" || path == "/api/v1/chat")
}

// zone returns the caller's time zone, with its IANA name where that is known:
// where it is not, the service decides by the owner's settings.
func (p *Program) zone(asked string) (*time.Location, string, error) {
	if asked == "" {
		asked = p.Env("TODO_TZ")
	}
	if asked != "" {
		zone, err := time.LoadLocation(asked)
		if err != nil || asked == "Local" {
			return nil, "", misused("there is no time zone %q: names are such as Europe/Berlin", asked)
		}
		return zone, asked, nil
	}
	name := p.Env("TZ")
	if name == "" {
		name = systemZone()
	}
	if zone, err := time.LoadLocation(name); err == nil && name != "Local" && name != "" {
		return zone, name, nil
	}
	return time.Local, "", nil
}

// systemZone reads the zone's name from where Unix systems keep it.
func systemZone() string {
	target, err := filepath.EvalSymlinks("/etc/localtime")
	if _, name, ok := strings.Cut(target, "zoneinfo/"); err == nil && ok {
		return name
	}
	text, err := os.ReadFile("/etc/timezone")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// print writes a line of text that may come from anywhere.
func (s *session) print(format string, args ...any) {
	fmt.Fprintln(s.out, terminal.Line(fmt.Sprintf(format, args...)))
}

// printJSON writes what the service answered, indented where somebody looks.
func (s *session) printJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if s.out.Terminal {
		var indented bytes.Buffer
		if json.Indent(&indented, text, "", "  ") == nil {
			text = indented.Bytes()
		}
	}
	_, err := fmt.Fprintf(s.out, "%s\n", terminal.JSON(text))
	return err
}

// array writes JSON values as one array, each as it comes.
type array struct {
	s    *session
	some bool
}

func (a *array) add(values ...json.RawMessage) error {
	for _, v := range values {
		before := ",\n"
		if !a.some {
			before = "["
		}
		a.some = true
		if _, err := fmt.Fprintf(a.s.out, "%s%s", before, terminal.JSON(v)); err != nil {
			return err
		}
	}
	return nil
}

// elements adds the elements of an array that was answered.
func (a *array) elements(answer []byte) error {
	var values []json.RawMessage
	if err := json.Unmarshal(answer, &values); err != nil {
		return fmt.Errorf("reading an array: %w", err)
	}
	return a.add(values...)
}

func (a *array) end() error {
	end := "]\n"
	if !a.some {
		end = "[]\n"
	}
	_, err := io.WriteString(a.s.out, end)
	return err
}

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/serve"
)

func eventsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "events",
		Short: "Receive and send CloudEvents by hand",
		Long: `Receive and send CloudEvents by hand, to see what the service delivers and to
try what it takes. Both go through the CloudEvents SDK for Go, so what works
here works with other services that use it.`,
		Args: cobra.NoArgs,
		RunE: showHelp,
	}
	c.AddCommand(listenCommand(), sendCommand())
	return c
}

func listenCommand() *cobra.Command {
	address, asJSON := "", false
	c := &cobra.Command{
		Use:   "listen",
		Short: "Print each event that arrives, until Ctrl-C",
		Long: `Print each event that arrives, until Ctrl-C: one line with its time, type and
subject, the title or the beginning of its data, and the other attributes. It
takes single events and batches at any path, in every mode of CloudEvents over
HTTP, and answers 204. What is no event is refused with 400, and the reason is
written to standard error.`,
		Example: `  # in one terminal
  todo events listen

  # in another: tasks that change now are seen in the first
  K_SINK=http://127.0.0.1:9090 todo serve

  # one attribute of each event, with jq
  todo events listen --json | jq -r .type`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p := &printer{out: c.OutOrStdout(), errors: c.ErrOrStderr(), line: plainLine}
			if asJSON {
				p.line = jsonLine
			}
			return p.listen(c.Context(), address)
		},
	}
	c.Flags().StringVar(&address, "address", "127.0.0.1:9090", "host:port to listen on")
	c.Flags().BoolVar(&asJSON, "json", false, "print each event in the JSON format of CloudEvents, one to a line")
	return c
}

// printer is a sink that prints events.
type printer struct {
	out, errors io.Writer
	line        func(cloudevents.Event) (string, error)

	mu sync.Mutex // held while writing
}

const maxRequest = 8 << 20 // bytes; the events of this service have some 100 kB at most

func (p *printer) listen(ctx context.Context, address string) error {
	mux := http.NewServeMux()
	mux.Handle("POST /", p)
	server := &serve.Server{Addr: address, Handler: mux, DrainTimeout: 2 * time.Second, Ready: func(at, _ net.Addr) {
		fmt.Fprintf(p.errors, "listening for events: K_SINK=http://%s\n", at)
	}}
	return server.Run(ctx)
}

func (p *printer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	lines, err := p.lines(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		fmt.Fprintf(p.errors, "refused: %s\n", printable(err.Error()))
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, line := range lines {
		fmt.Fprintln(p.out, line)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *printer) lines(r *http.Request) ([]string, error) {
	events, err := readEvents(r)
	if err != nil {
		return nil, fmt.Errorf("reading CloudEvents: %w", err)
	}
	lines := make([]string, len(events))
	for i, e := range events {
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("checking a CloudEvent: %w", err)
		}
		if lines[i], err = p.line(e); err != nil {
			return nil, fmt.Errorf("printing a CloudEvent: %w", err)
		}
	}
	return lines, nil
}

// readEvents has the SDK decode a request. The SDK's own server would call its
// decoder where nobody recovers from the panics that some requests cause.
func readEvents(r *http.Request) (events []cloudevents.Event, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the SDK's decoder panicked: %v", cause)
		}
	}()
	decodeHeader(r.Header)
	if cloudevents.IsHTTPBatch(r.Header) {
		return cloudevents.NewEventsFromHTTPRequest(r)
	}
	e, err := cloudevents.NewEventFromHTTPRequest(r)
	if err != nil {
		return nil, err
	}
	return []cloudevents.Event{*e}, nil
}

// decodeHeader undoes the percent-encoding of attributes (HTTP binding, section
// 3.1.3.2), which the SDK leaves as it is.
func decodeHeader(h http.Header) {
	for name, values := range h {
		if text, err := url.PathUnescape(values[0]); err == nil && strings.HasPrefix(name, "Ce-") {
			values[0] = text
		}
	}
}

func jsonLine(e cloudevents.Event) (string, error) {
	b, err := json.Marshal(e)
	return string(b), err
}

func plainLine(e cloudevents.Event) (string, error) {
	at := "-"
	if !e.Time().IsZero() {
		at = e.Time().UTC().Format("2006-01-02T15:04:05.000Z")
	}
	words := []string{at, printable(e.Type()), printable(cmp.Or(e.Subject(), "-")), summary(e.Data()),
		"id=" + printable(e.ID()), "source=" + printable(e.Source())}
	extensions := e.Extensions()
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		words = append(words, name+"="+printable(fmt.Sprint(extensions[name])))
	}
	return strings.Join(words, " "), nil
}

// summary returns the title of a task, or the beginning of other data.
func summary(data []byte) string {
	var task struct {
		Title *string `json:"title"`
	}
	if err := json.Unmarshal(data, &task); err == nil && task.Title != nil {
		return strconv.Quote(*task.Title)
	}
	const most = 100
	if len(data) > most {
		return strconv.Quote(string(data[:most])) + "…"
	}
	return strconv.Quote(string(data))
}

// printable returns s, quoted where it could be mistaken for several words or
// for orders to the terminal.
func printable(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// commandEvent is an event to send.
type commandEvent struct {
	to, source, id string
	kind           string // create, update or delete
	subject, data  string // "": none
}

func sendCommand() *cobra.Command {
	var e commandEvent
	c := &cobra.Command{
		Use:   "send",
		Short: "Send an event that creates, updates or deletes a task",
		Long: `Send an event that creates, updates or deletes a task, and report the answer. The
exit code is 0 if it was accepted and 1 if not, with the reason.

An event is carried out once, however often it comes: sending it again under the
same --source and --id changes nothing and is accepted. Without --id each has a
new one.`,
	}
	flags := c.PersistentFlags()
	flags.StringVar(&e.to, "to", "http://127.0.0.1:8080", "URL to post the event to: a function, todo serve or a broker")
	flags.StringVar(&e.source, "source", "/todo-events-send", "the event's source, a URI reference")
	flags.StringVar(&e.id, "id", "", "the event's id (default a new UUID)")

	run := func(c *cobra.Command, args []string) error {
		e.kind = c.Name()
		if len(args) > 0 {
			e.subject = args[0]
		}
		return e.send(c.Context(), c.OutOrStdout())
	}
	create := &cobra.Command{
		Use:   "create --data JSON",
		Short: "Send an event that creates a task, or an array of them",
		Example: `  todo events send create --data '{"title": "Pay the rent", "due": "2026-03-01"}'
  todo events send create --data '[{"title": "Milk"}, {"title": "Bread"}]'

  # carried out once
  todo events send create --source /crm --id 4711 --data '{"title": "Call back"}'
  todo events send create --source /crm --id 4711 --data '{"title": "Call back"}'`,
		Args: cobra.NoArgs,
		RunE: run,
	}
	update := &cobra.Command{
		Use:   "update SUBJECT --data JSON",
		Short: "Send an event that changes the task whose id is SUBJECT",
		Example: `  todo events send update 0190b6a0-5f3c-7000-8000-5b5e2f0c7a11 --data '{"completed": true}'
  todo events send update 0190b6a0-5f3c-7000-8000-5b5e2f0c7a11 --data '{"due": null}'`,
		Args: cobra.ExactArgs(1),
		RunE: run,
	}
	for _, c := range []*cobra.Command{create, update} {
		c.Flags().StringVar(&e.data, "data", "", "the fields of the task, as the API takes them")
		_ = c.MarkFlagRequired("data") // fails only where there is no such flag
	}
	remove := &cobra.Command{
		Use:     "delete SUBJECT",
		Short:   "Send an event that deletes the task whose id is SUBJECT",
		Example: `  todo events send delete 0190b6a0-5f3c-7000-8000-5b5e2f0c7a11`,
		Args:    cobra.ExactArgs(1),
		RunE:    run,
	}
	c.AddCommand(create, update, remove)
	return c
}

const answerTime = 30 * time.Second

// send posts the event in structured mode, whose attributes may be any text,
// and reports the answer. An answer that is no success is an error.
func (e commandEvent) send(ctx context.Context, out io.Writer) error {
	ce, err := e.compose()
	if err != nil {
		return fmt.Errorf("composing the event: %w", err)
	}
	client, err := cloudevents.NewHTTP(cloudevents.WithTarget(e.to), cehttp.WithClient(http.Client{
		Timeout: answerTime,
		// Following would turn the POST into a GET without the event.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	if err != nil {
		return fmt.Errorf("reading --to: %w", err)
	}
	message, result := client.Request(cloudevents.WithEncodingStructured(ctx), cloudevents.ToMessage(&ce))
	answer, answered := message.(*cehttp.Message)
	var status *cehttp.Result
	if !answered || !cloudevents.ResultAs(result, &status) {
		return fmt.Errorf("sending the event: %w", result)
	}
	defer answer.Finish(nil)
	said := fmt.Sprintf("%s answered %d %s", e.to, status.StatusCode, http.StatusText(status.StatusCode))
	body, err := io.ReadAll(io.LimitReader(answer.BodyReader, maxRequest))
	if !cloudevents.IsACK(result) {
		return errors.New(said + reasons(body))
	}
	if err != nil {
		return fmt.Errorf("%s: reading it: %w", said, err)
	}
	fmt.Fprintf(out, "%s to %s, id %s of %s\n", said, ce.Type(), printable(ce.ID()), printable(ce.Source()))
	return nil
}

func (e commandEvent) compose() (cloudevents.Event, error) {
	ce := cloudevents.NewEvent()
	id := e.id
	if id == "" {
		id = uuid.Must(uuid.NewV7()).String()
	}
	ce.SetID(id)
	ce.SetSource(e.source)
	ce.SetType("todo.task." + e.kind + ".v1")
	ce.SetSubject(e.subject)
	ce.SetTime(time.Now())
	if e.data != "" {
		if err := ce.SetData(cloudevents.ApplicationJSON, json.RawMessage(e.data)); err != nil {
			return ce, fmt.Errorf("--data must be JSON: %w", err)
		}
	}
	return ce, ce.Validate()
}

// reasons returns what an answer says of why it is no success: the faults or
// the detail of a problem, or the beginning of whatever else it holds.
func reasons(body []byte) string {
	var p httpapi.Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Detail == "" {
		if len(body) == 0 {
			return ""
		}
		return ": " + summary(body)
	}
	if len(p.Errors) == 0 {
		return ": " + printable(p.Detail)
	}
	var b strings.Builder
	for _, fault := range p.Errors {
		b.WriteString("\n  " + printable(strings.TrimSpace(fault.Pointer+" "+fault.Detail)))
	}
	return b.String()
}

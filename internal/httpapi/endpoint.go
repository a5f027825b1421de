//go:generate go run ./apidoc/generate

// Package httpapi is the HTTP face of the tasks: endpoints, their JSON, and a
// client for them. The contract is openapi.yaml beside this file.
package httpapi

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/scaling"
	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// API holds what the endpoints need. Its methods named for a function return
// the endpoints of that function; Handler serves any set of them, so that one
// process can be one function or all of them on the same patterns.
type API struct {
	Tasks *task.Service
	// Identify finds out who a request is from.
	Identify func(*http.Request) (task.Caller, error)
	// TakesKeys says that Identify knows API keys.
	TakesKeys bool
	// URL returns the scheme and host under which the client sees the service.
	URL     func(*http.Request) string
	Log     *zap.Logger
	Request func(log *zap.Logger, traceID, requestID string) *zap.Logger // a logger for one request
	Observe func(method, pattern string) func(status int, took time.Duration)
	// Around, if set, returns what goes around an endpoint, or around what
	// refuses any method (""). It may set the request's traceparent.
	Around  func(method, pattern string, h http.Handler) http.Handler
	Version string
	Started time.Time

	Receive func(*http.Request, []byte) ([]Command, error) // reads CloudEvents
	// WriteFile begins a file of tasks.
	WriteFile func(io.Writer, FileOptions) FileWriter
	// ReadFile returns the records of a file, one by one; a *FileFault from
	// where on it cannot be read.
	ReadFile  func(FileSource) (iter.Seq2[FileRecord, error], error)
	ImportMax int64 // how large that may be, in bytes

	// Assist answers a message of an assistant's, which is in the body. The
	// answer is held back until it is whole, so it must end.
	Assist func(http.ResponseWriter, *http.Request, Assisted)

	// Talk answers who chats, and Behalf returns what the tools that it uses ask on
	// behalf of a request, in a zone (an IANA name, "": the owner's own). What is
	// done under a key is done once.
	Talk Talk
	// ChatKit answers requests of that protocol, with JSON or by telling events.
	ChatKit func(context.Context, KitRequest) ([]byte, error)
	Behalf  func(r *http.Request, zone string) func(key string) assist.Tasks

	Ready   func(context.Context) error // whether this build can use the schema; nil while nobody knows
	Checks  []Check                     // the components that /health reports
	Metrics http.Handler                // nil: not served here
	// Scaling tells operators how the functions scale.
	Scaling func(context.Context) scaling.Report
	// Ending is closed when the process is about to end: nothing waits any
	// longer then. nil: never.
	Ending <-chan struct{}
	// Changed is told of an owner whose tasks have changed, after the answer.
	Changed func(owner string)

	Bounds Bounds // what callers may ask for at once and over time

	working, waiting atomic.Int64 // requests that Bounds counts

	load      load
	lastLook  lastLook
	exporting shares
	importing shares
	awaiting  shares // of those that wait
}

// Endpoint is one operation: a method, a path pattern and what answers it.
type Endpoint struct {
	Method, Path string
	handle       func(http.ResponseWriter, *request) error
	limit        time.Duration // how long it may take; 0: bulkTime if it is bulky, else requestTime
	bulky        bool          // may be about all tasks that the owner has
	open         bool          // answers anyone: what it says belongs to no owner
	ops          bool          // is for operators
	waits        bool          // mostly waits, so that many at once are no load
	elsewhere    bool          // another process answers
	probe        bool          // asked by the platform, whether anybody uses the service or not
	relays       bool          // a POST for readers, too: what it leads to is admitted by itself
}

// The time a request may take, whatever it waits for. A bulk operation touches
// as many tasks as the owner has.
const (
	requestTime = 10 * time.Second
	bulkTime    = 50 * time.Second
)

// request is a request on its way through an endpoint.
type request struct {
	*http.Request
	api   *API
	id    string
	trace string // W3C traceparent
	call  task.Call
	scope task.Scope
	body  []byte
	bulky bool // its endpoint is
}

// Handler serves the endpoints. Every other path and method is answered with
// a problem document too.
func (a *API) Handler(endpoints ...Endpoint) http.Handler {
	var earlier []Endpoint
	for _, e := range endpoints {
		earlier = append(earlier, e.earlier()...)
	}
	nowhere := a.serve(Endpoint{Path: "/", open: true, handle: func(_ http.ResponseWriter, r *request) error {
		return &Problem{Status: http.StatusNotFound, Detail: "there is nothing at " + short(unsecret(r.URL.EscapedPath()))}
	}})
	today, before := a.mux(endpoints, nowhere), a.mux(earlier, nowhere)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !clean(r.URL):
			nowhere.ServeHTTP(w, r)
		case namesUser(r.URL.EscapedPath()):
			before.ServeHTTP(w, r)
		default:
			today.ServeHTTP(w, r)
		}
	})
}

// namesUser reports whether a path has a user's name where today's have the
// version of the API. It looks at a path as ServeMux does: what is escaped
// in a name is of the name.
func namesUser(path string) bool {
	rest, ok := strings.CutPrefix(path, "/api/")
	name, _, _ := strings.Cut(rest, "/")
	if unescaped, err := url.PathUnescape(name); err == nil {
		name = unescaped
	}
	number, versioned := strings.CutPrefix(name, "v")
	_, err := strconv.Atoi(number)
	return ok && !(versioned && err == nil)
}

// mux serves endpoints by their patterns.
func (a *API) mux(endpoints []Endpoint, nowhere http.Handler) *http.ServeMux {
	// The methods that a path lacks have a mux of their own: in one with the
	// endpoints, /tasks/quick of any method would conflict with GET /tasks/{id}.
	mux, others := http.NewServeMux(), http.NewServeMux()
	mux.Handle("/", others)
	others.Handle("/", nowhere)
	known, allowed := map[string]bool{}, map[string][]string{}
	for _, e := range endpoints {
		mux.Handle(e.Method+" "+e.Path, a.serve(e))
		known[e.Method] = true
		allowed[e.Path] = append(allowed[e.Path], e.Method)
		if e.Method == http.MethodGet {
			allowed[e.Path] = append(allowed[e.Path], http.MethodHead)
		}
	}
	for path, methods := range allowed {
		refuse := a.serve(notAllowed(path, methods))
		others.Handle(path, refuse)
		for method := range known { // so that no pattern with a wildcard takes it
			if !slices.Contains(methods, method) {
				mux.Handle(method+" "+path, refuse)
			}
		}
	}
	return mux
}

// earlier returns the endpoint as earlier versions of the service had it: under
// the name of the user, and with PATCH to complete a task.
func (e Endpoint) earlier() (also []Endpoint) {
	rest, ok := strings.CutPrefix(e.Path, tasksPath)
	if !ok {
		return nil
	}
	e.Path = "/api/{user_id}/tasks" + rest
	also = append(also, e)
	if rest == "/{id}/complete" {
		e.Method = http.MethodPatch
		also = append(also, e)
	}
	return also
}

// clean reports whether a path is one that ServeMux takes as it is. Others it
// redirects, with a page that is no answer of this API. It has no step up for
// those, either, who unescape it before they look.
func clean(u *url.URL) bool {
	path, unescaped := u.EscapedPath(), u.Path+"/"
	return strings.HasPrefix(path, "/") && !strings.Contains(path, "//") && !strings.Contains(path, "/.") &&
		!strings.Contains(unescaped, "/./") && !strings.Contains(unescaped, "/../")
}

func notAllowed(path string, methods []string) Endpoint {
	slices.Sort(methods)
	allow := strings.Join(slices.Compact(methods), ", ")
	return Endpoint{Path: path, open: true, handle: func(w http.ResponseWriter, r *request) error {
		w.Header().Set("Allow", allow)
		return &Problem{Status: http.StatusMethodNotAllowed, Detail: "this path takes " + allow}
	}}
}

// serve puts an endpoint behind what all of them share, outermost first:
// measuring, identifying the request, answering errors and panics, refusing
// other sites' forms, a deadline, and finding out on whose behalf it is.
func (a *API) serve(e Endpoint) http.Handler {
	observe := a.observer(e)
	crossOrigin := http.NewCrossOriginProtection()
	limit := e.Limit()
	h := http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		started := time.Now()
		out := &recorder{ResponseWriter: w, started: started, elsewhere: e.elsewhere}
		if !e.probe && !isWithin(hr.Context()) {
			out.cold = a.begin(started)
			defer func() { a.end(out.status()) }()
		}
		r := &request{Request: hr, api: a, bulky: e.bulky}
		defer func() { observe(hr.Method)(out.status(), time.Since(started)) }()
		defer a.recoverPanic(out, r)
		r.identify(out)
		if !e.elsewhere {
			ctx, cancel := context.WithTimeout(hr.Context(), limit)
			defer cancel()
			r.Request = hr.WithContext(ctx)
		}
		err := a.checkOrigin(crossOrigin, hr)
		switch {
		case err != nil:
			err = &Problem{Status: http.StatusForbidden, Detail: "a page of another site may not do this"}
		case e.open:
			err = e.handle(out, r)
		default:
			r.call.URL, r.call.Trace = a.URL(hr), r.trace
			err = r.withinBounds(out, e)
		}
		if err != nil {
			a.fail(out, r, err)
		}
	})
	if a.Around == nil || e.probe {
		return h
	}
	return a.Around(e.Method, e.Path, h)
}

// withinBounds has the endpoint answer a caller who may ask, unless there are
// too many already.
func (r *request) withinBounds(w http.ResponseWriter, e Endpoint) error {
	leave, err := r.api.enter(e.waits)
	if err != nil {
		return err
	}
	defer leave()
	if err := r.admit(e); err != nil {
		return err
	}
	if err := r.api.Bounds.charge(w, r.Request, r.call.Owner); err != nil {
		return err
	}
	if most := r.api.Bounds.Waits; e.waits && most > 0 {
		give, err := r.api.awaiting.take(r.call.Owner, max(1, most/4), most)
		if err != nil {
			return err
		}
		defer give()
	}
	return e.handle(w, r)
}

// admit finds out who the request is from, and whether they may do what is for
// operators, or what is not.
func (r *request) admit(e Endpoint) error {
	caller, err := r.api.Identify(r.Request)
	if err != nil {
		return err
	}
	r.call.Owner, r.call.Actor, r.scope = caller.Owner, caller.Actor, caller.Scope
	if user := r.PathValue("user_id"); user != "" && user != caller.Owner {
		return &Problem{Status: http.StatusForbidden, Detail: "the credential is of another user than the path names"}
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case e.ops && !caller.Operator:
		return &Problem{Status: http.StatusForbidden, Detail: "this is for operators: it takes a credential whose scope is ops", Challenge: `Bearer error="insufficient_scope", scope="ops"`}
	case !e.ops && caller.Scope == task.ScopeOps:
		return &Problem{Status: http.StatusForbidden, Detail: "the credential is for operations only, and opens no tasks", Challenge: `Bearer error="insufficient_scope", scope="read"`}
	case !e.ops && !reads && !e.relays && caller.Scope != task.ScopeWrite:
		return &Problem{Status: http.StatusForbidden, Detail: "the credential is for reading only", Challenge: `Bearer error="insufficient_scope", scope="write"`}
	}
	return nil
}

// checkOrigin refuses what a page of another site sends. Behind a proxy the
// Host is not the one that the client's page has, so that one counts too.
func (a *API) checkOrigin(crossOrigin *http.CrossOriginProtection, r *http.Request) error {
	err := crossOrigin.Check(r)
	if err == nil {
		return nil
	}
	seen := *r
	_, seen.Host, _ = strings.Cut(a.URL(r), "://")
	return crossOrigin.Check(&seen)
}

// observer returns what measures an endpoint's requests by method. One for
// any method is looked up by request; its requests are all refused.
func (a *API) observer(e Endpoint) func(method string) func(int, time.Duration) {
	if e.Method == "" {
		return func(method string) func(int, time.Duration) { return a.Observe(method, e.Path) }
	}
	observe := a.Observe(e.Method, e.Path)
	return func(string) func(int, time.Duration) { return observe }
}

package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// route returns the address of a function, one of its processes if there are
// several.
type route func(function string) string

// patience is how long a client waits for an answer: all that an operation may
// take by itself, and what a busy machine takes.
const patience = 40 * time.Second

// server is what clients see of the service.
type server struct {
	at   route
	http *http.Client
}

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// sent asks once. An error is what came in place of an answer.
func (s *server) sent(ctx context.Context, function, method, target, credential string, body []byte, headers ...string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.at(function)+target, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", "Bearer "+credential)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	var heard atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { heard.Store(true) }})
	response, err := s.http.Do(request.WithContext(ctx))
	if err != nil && !heard.Load() {
		return reply{}, fmt.Errorf("%w: %w", errNobodyListened, err)
	}
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, answer}, err
}

// breath is what a client waits before it asks again.
const breath = 20 * time.Millisecond

// errNobodyListened says that not a byte was sent. The last error alone does
// not: net/http repeats a request with a key on a connection of its own accord
// when one that it used before ends, and tells only how that went.
var errNobodyListened = errors.New("nobody listened")

func neverSent(err error) bool { return errors.Is(err, errNobodyListened) }

// client carries out operations on one owner's list, as one of several.
type client struct {
	server  *server
	t       testing.TB
	number  int
	owner   *owner
	history *history
	random  *rand.Rand
	kept    map[string]remembered
	totals  *totals
}

// remembered is what a client has under a tag.
type remembered struct {
	tag   string
	cells []cell
}

// owner is what the clients of an owner know together: the ids of tasks.
type owner struct {
	name, credential string

	mu     sync.Mutex
	ids    map[int]string
	tokens int
	values int
}

func newOwner(name, credential string) *owner {
	return &owner{name: name, credential: credential, ids: map[int]string{}}
}

// next returns a token, or a value, that nobody had.
func (o *owner) next(counter *int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	*counter++
	return *counter
}

func (o *owner) learn(token int, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ids[token] = id
}

// any returns one of the tasks whose id is known.
func (o *owner) any(r *rand.Rand) (token int, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := make([]int, 0, len(o.ids))
	for token := range o.ids {
		known = append(known, token)
	}
	if len(known) == 0 {
		return 0, ""
	}
	slices.Sort(known)
	token = known[r.IntN(len(known))]
	return token, o.ids[token]
}

// shown is a task in an answer. Its description is the token.
type shown struct {
	ID          string
	Title       string
	Description string
	Version     int
	Completed   bool
}

func (c *client) cellOf(s shown) cell {
	token, err := strconv.Atoi(strings.TrimPrefix(s.Description, "t"))
	value, err2 := strconv.Atoi(strings.TrimPrefix(s.Title, "v"))
	if err != nil || err2 != nil {
		c.t.Errorf("a task that nobody made: %+v", s)
	}
	c.owner.learn(token, s.ID)
	return cell{token: token, value: value, version: s.Version, done: s.Completed}
}

// most is how many tasks a history makes: few, so that operations meet.
const most = 6

// act carries out an operation drawn at random.
func (c *client) act(ctx context.Context) {
	token, id := c.owner.any(c.random)
	draw := c.random.IntN(100)
	if id == "" {
		draw %= 35
	}
	switch {
	case draw < 15:
		in := input{kind: create, token: c.owner.next(&c.owner.tokens), value: c.owner.next(&c.owner.values)}
		if in.token > most {
			in = input{kind: list}
		}
		c.do(ctx, in, "")
	case draw < 35:
		c.do(ctx, input{kind: list, open: c.random.IntN(3) == 0}, "")
	case draw < 55:
		c.do(ctx, input{kind: get, token: token}, id)
	case draw < 75:
		in := input{kind: update, token: token, value: c.owner.next(&c.owner.values)}
		if c.random.IntN(3) == 0 {
			in.match = 1 + c.random.IntN(4)
		}
		c.do(ctx, in, id)
	case draw < 85:
		c.do(ctx, input{kind: complete, token: token}, id)
	case draw < 94:
		c.do(ctx, input{kind: reopen, token: token}, id)
	default:
		c.do(ctx, input{kind: remove, token: token}, id)
	}
}

// do carries out an operation and records it.
func (c *client) do(ctx context.Context, in input, id string) output {
	called := time.Now()
	var out output
	if in.reads() {
		out = c.read(ctx, in, id)
	} else {
		out = c.write(ctx, in, id)
	}
	c.history.record(c.number, in, called, time.Now(), out)
	c.totals.count(out)
	return out
}

// read asks with the tag of what the client has, most of the time.
func (c *client) read(ctx context.Context, in input, id string) output {
	target := "/api/v1/tasks"
	switch {
	case in.kind == get:
		target += "/" + id
	case in.open:
		target += "?status=pending"
	}
	var headers []string
	had, ok := c.kept[target]
	if ok = ok && c.random.IntN(4) > 0; ok {
		headers = []string{"If-None-Match", had.tag}
	}
	r, err := c.server.sent(ctx, "list", http.MethodGet, target, c.owner.credential, nil, headers...)
	out, settled := c.settle(in, r, err, false)
	switch {
	case settled:
		return out
	case r.status == http.StatusNotModified && ok:
		return output{outcome: done, cells: had.cells, tagged: true}
	case r.status != http.StatusOK:
		return c.surprise(in, r)
	}
	var tasks []shown
	if in.kind == get {
		tasks = make([]shown, 1)
		err = json.Unmarshal(r.body, &tasks[0])
	} else {
		err = json.Unmarshal(r.body, &tasks)
	}
	if err != nil {
		return c.surprise(in, r)
	}
	cells := c.cells(tasks)
	c.kept[target] = remembered{tag: r.header.Get("ETag"), cells: cells}
	return output{outcome: done, cells: cells}
}

// cells puts tasks in the order of tokens.
func (c *client) cells(tasks []shown) (cells []cell) {
	for _, s := range tasks {
		cells = append(cells, c.cellOf(s))
	}
	slices.SortFunc(cells, func(a, b cell) int { return a.token - b.token })
	return cells
}

// repeats is how often a write with a key is repeated until it is answered.
const repeats = 6

// write carries out a change. A POST has a key, most of the time, and is
// repeated under it until it is known what came of it.
func (c *client) write(ctx context.Context, in input, id string) output {
	function, method, target, body := "update", http.MethodPost, "/api/v1/tasks/"+id, []byte(nil)
	switch in.kind {
	case create:
		function, target = "create", "/api/v1/tasks"
		body = fmt.Appendf(nil, `{"title":"v%d","description":"t%d"}`, in.value, in.token)
	case update:
		method, body = http.MethodPatch, fmt.Appendf(nil, `{"title":"v%d"}`, in.value)
	case remove:
		function, method = "delete", http.MethodDelete
	default:
		target += "/" + string(in.kind)
	}
	var headers []string
	if in.match != 0 {
		headers = append(headers, "If-Match", fmt.Sprintf(`"%d-0"`, in.match))
	}
	keyed := method == http.MethodPost && c.random.IntN(4) > 0
	if keyed {
		headers = append(headers, "Idempotency-Key", fmt.Sprintf("%d %d", c.number, c.random.Uint64()))
	}
	out := output{outcome: refused}
	for try := 0; try == 0 || keyed && try < repeats; try++ {
		r, err := c.server.sent(ctx, function, method, target, c.owner.credential, body, headers...)
		once, settled := c.settle(in, r, err, keyed)
		switch {
		case settled && (once.outcome == absent || once.outcome == stale):
			return once
		case !settled:
			return c.written(in, r)
		case once.outcome == unknown:
			out.outcome = unknown // and so it stays, whatever refuses it from now on
		}
		c.totals.repeated.Add(1)
	}
	return out
}

// written reads the answer to a change.
func (c *client) written(in input, r reply) output {
	if in.kind == remove && r.status == http.StatusNoContent {
		return output{outcome: done}
	}
	var s shown
	good := r.status == http.StatusOK && in.kind != create || r.status == http.StatusCreated && in.kind == create
	if !good || json.Unmarshal(r.body, &s) != nil {
		return c.surprise(in, r)
	}
	return output{outcome: done, cells: []cell{c.cellOf(s)}}
}

// settle tells what came of an operation that was not carried out, or perhaps.
// 503 with Retry-After says that a change was not, unless it has a key, under
// which it may have been before.
func (c *client) settle(in input, r reply, err error, keyed bool) (out output, settled bool) {
	switch {
	case err != nil && neverSent(err):
		return output{outcome: refused}, true
	case err != nil:
		return output{outcome: unknown}, true
	case r.status == http.StatusNotFound:
		return output{outcome: absent}, true
	case r.status == http.StatusPreconditionFailed && in.match != 0:
		return output{outcome: stale}, true
	case r.status != http.StatusServiceUnavailable:
		return output{}, false
	case r.header.Get("Retry-After") != "" && !keyed:
		return output{outcome: refused}, true
	}
	return output{outcome: unknown}, true
}

// surprise fails the test with an answer that the contract does not have.
func (c *client) surprise(in input, r reply) output {
	c.t.Errorf("%s was answered %d %s", describe(in, output{}), r.status, r.body)
	return output{outcome: unknown}
}

// live has several clients work on a new owner's list, then reads all of it,
// however long that takes, and looks for an order that explains what everybody
// was told. Nothing acknowledged may be missing then, and nothing refused be
// there.
func live(ctx context.Context, t testing.TB, s *server, name, credential string, seed uint64, sum *totals) *history {
	h := &history{owner: name, began: time.Now()}
	o := newOwner(name, credential)
	var all sync.WaitGroup
	for number := range clients {
		c := &client{server: s, t: t, number: number, owner: o, history: h, kept: map[string]remembered{}, totals: sum,
			random: rand.New(rand.NewPCG(seed, uint64(number)))}
		all.Go(func() {
			for range actions {
				if _, unknowns := h.length(); unknowns >= maxUnknown {
					return
				}
				c.act(ctx)
			}
		})
	}
	all.Wait()
	last := &client{server: s, t: t, number: clients, owner: o, history: h, kept: map[string]remembered{}, totals: sum,
		random: rand.New(rand.NewPCG(seed, clients))}
	for until := time.Now().Add(patience); last.do(ctx, input{kind: list}, "").outcome != done; {
		if time.Now().After(until) {
			t.Errorf("%s cannot be read after %v", name, patience)
			break
		}
		<-time.After(breath)
	}
	return h
}

// The size of a history: small enough to be checked.
const (
	clients    = 4
	actions    = 12
	maxUnknown = 6
)

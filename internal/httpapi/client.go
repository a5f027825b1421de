package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"todo-app/internal/task"
)

// Client speaks to the service. Its methods return a *Problem for every
// answer that is an error.
type Client struct {
	Base string // scheme and host, no trailing slash
	HTTP *http.Client
	// Prepare, if set, completes each request: credentials, an
	// Idempotency-Key, a precondition.
	Prepare func(*http.Request)
	// Answered, if set, is given the body of each answer that is no error, as
	// it came, for programs that pass it on with members unknown to this one.
	Answered func(body []byte)
}

// Task is a task as the service shows it.
type Task struct {
	task.Task
	URL         string
	Overdue     bool
	DaysOverdue int
	Blocked     bool
	Children    []Task // under Query.Tree only
	Next        *Task  // of a recurring task just completed: the next occurrence
	ETag        string // of answers that are a single task
}

// UnmarshalJSON reads the stored members and those computed for the reader.
func (t *Task) UnmarshalJSON(data []byte) error {
	var computed struct {
		URL         string `json:"url"`
		Overdue     bool   `json:"overdue"`
		DaysOverdue int    `json:"days_overdue"`
		Blocked     bool   `json:"blocked"`
		Children    []Task `json:"children"`
		Next        *Task  `json:"next"`
	}
	if err := json.Unmarshal(data, &computed); err != nil {
		return err
	}
	*t = Task{
		URL: computed.URL, Overdue: computed.Overdue, DaysOverdue: computed.DaysOverdue, Blocked: computed.Blocked,
		Children: computed.Children, Next: computed.Next,
	}
	return t.Task.UnmarshalJSON(data)
}

// List is one page of tasks.
type List struct {
	Tasks       []Task
	Next        string // URL of the next page, "" on the last
	ETag        string
	NotModified bool // the page known by the tag given has not changed
}

// Create adds one task.
func (c *Client) Create(ctx context.Context, p task.Patch) (Task, error) {
	body, err := encodePatch(p)
	if err != nil {
		return Task{}, err
	}
	return c.one(ctx, http.MethodPost, tasksPath, body)
}

// CreateAll adds several tasks, all or none.
func (c *Client) CreateAll(ctx context.Context, drafts []task.Patch) ([]Task, error) {
	var body bytes.Buffer
	for i, p := range drafts {
		one, err := encodePatch(p)
		if err != nil {
			return nil, err
		}
		body.WriteByte("[,"[min(i, 1)])
		body.Write(one)
	}
	body.WriteByte(']')
	var tasks []Task
	_, err := c.do(ctx, http.MethodPost, tasksPath, body.Bytes(), "", &tasks)
	return tasks, err
}

// List returns a page. Params are those of the contract; etag is that of a
// page the caller has, or "".
func (c *Client) List(ctx context.Context, params url.Values, etag string) (List, error) {
	target := tasksPath
	if len(params) > 0 {
		target += "?" + params.Encode()
	}
	return c.page(ctx, target, etag)
}

// Next returns the page that follows one. It asks at Base: the service may
// know itself by another address than that.
func (c *Client) Next(ctx context.Context, l List) (List, error) {
	target, err := c.target(l.Next)
	if err != nil {
		return List{}, err
	}
	return c.page(ctx, target, "")
}

// target returns what to ask for at Base for an address of the service's.
func (c *Client) target(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("reading the address of the next page: %w", err)
	}
	return u.RequestURI(), nil
}

// nextOf returns the URL of the page after the one answered, "" on the last.
func nextOf(response *http.Response) string {
	link, ok := strings.CutSuffix(response.Header.Get("Link"), `>; rel="next"`)
	if !ok {
		return ""
	}
	return strings.TrimPrefix(link, "<")
}

func (c *Client) page(ctx context.Context, target, etag string) (List, error) {
	var l List
	response, err := c.do(ctx, http.MethodGet, target, nil, etag, &l.Tasks)
	if err != nil {
		return List{}, err
	}
	l.ETag = strings.Trim(response.Header.Get("ETag"), `"`)
	l.NotModified = response.StatusCode == http.StatusNotModified
	l.Next = nextOf(response)
	return l, nil
}

// Get returns one task.
func (c *Client) Get(ctx context.Context, id task.ID) (Task, error) {
	return c.one(ctx, http.MethodGet, pathOf(id), nil)
}

// Replace sets every field of a task.
func (c *Client) Replace(ctx context.Context, id task.ID, p task.Patch) (Task, error) {
	return c.edit(ctx, http.MethodPut, id, p)
}

// Update sets the fields that are set in p.
func (c *Client) Update(ctx context.Context, id task.ID, p task.Patch) (Task, error) {
	return c.edit(ctx, http.MethodPatch, id, p)
}

func (c *Client) edit(ctx context.Context, method string, id task.ID, p task.Patch) (Task, error) {
	body, err := encodePatch(p)
	if err != nil {
		return Task{}, err
	}
	return c.one(ctx, method, pathOf(id), body)
}

// Complete marks a task done, with force in spite of open dependencies. One
// that repeats is returned with its next occurrence.
func (c *Client) Complete(ctx context.Context, id task.ID, force bool) (Task, error) {
	target := pathOf(id) + "/complete"
	if force {
		target += "?force=true"
	}
	return c.one(ctx, http.MethodPost, target, nil)
}

// Archive puts a task away.
func (c *Client) Archive(ctx context.Context, id task.ID) (Task, error) {
	return c.one(ctx, http.MethodPost, pathOf(id)+"/archive", nil)
}

// Unarchive brings a task back.
func (c *Client) Unarchive(ctx context.Context, id task.ID) (Task, error) {
	return c.one(ctx, http.MethodPost, pathOf(id)+"/unarchive", nil)
}

// Skip moves a recurring task to its next occurrence without completing it.
func (c *Client) Skip(ctx context.Context, id task.ID) (Task, error) {
	return c.one(ctx, http.MethodPost, pathOf(id)+"/skip", nil)
}

// Occurrences returns the next dates of a recurring task, at most so many and
// no more than task.MaxOccurrences: none if it does not repeat.
func (c *Client) Occurrences(ctx context.Context, id task.ID, most int) ([]task.Due, error) {
	var dates []string
	if _, err := c.do(ctx, http.MethodGet, pathOf(id)+"/occurrences?count="+strconv.Itoa(most), nil, "", &dates); err != nil {
		return nil, err
	}
	dues := make([]task.Due, len(dates))
	for i, date := range dates {
		var err error
		if dues[i], err = task.ParseDue(date); err != nil {
			return nil, fmt.Errorf("reading an occurrence: it %w", err)
		}
	}
	return dues, nil
}

// Reopen marks a task open again.
func (c *Client) Reopen(ctx context.Context, id task.ID) (Task, error) {
	return c.one(ctx, http.MethodPost, pathOf(id)+"/reopen", nil)
}

// Delete removes a task, with its subtasks or, if promote, without.
func (c *Client) Delete(ctx context.Context, id task.ID, promote bool) error {
	target := pathOf(id)
	if promote {
		target += "?subtasks=promote"
	}
	_, err := c.do(ctx, http.MethodDelete, target, nil, "", nil)
	return err
}

// DeleteMany removes what the params of the contract select, and counts it.
func (c *Client) DeleteMany(ctx context.Context, params url.Values) (int, error) {
	var gone struct {
		Deleted int `json:"deleted"`
	}
	_, err := c.do(ctx, http.MethodDelete, tasksPath+"?"+params.Encode(), nil, "", &gone)
	return gone.Deleted, err
}

// Changes are what came after a sync token.
type Changes struct {
	Changes []TaskChange
	Next    string // the token of the present
	More    bool   // there are some after it already
}

// TaskChange is one change of one task.
type TaskChange struct {
	Token  string // where the changes after this one begin
	At     time.Time
	Actor  string
	Change task.Change
	Task   Task // as the change left it; as it was, when deleted
}

// Changes returns what has changed since a token, waiting for that long if it
// is nothing yet; with "" only the token of the present.
func (c *Client) Changes(ctx context.Context, since string, wait time.Duration) (changes Changes, err error) {
	params := url.Values{"wait": {strconv.Itoa(int(wait / time.Second))}}
	if since != "" {
		params.Set("since", since)
	}
	_, err = c.do(ctx, http.MethodGet, changesPath+"?"+params.Encode(), nil, "", &changes)
	return changes, err
}

// Settings returns the caller's settings.
func (c *Client) Settings(ctx context.Context) (s Settings, err error) {
	response, err := c.do(ctx, http.MethodGet, settingsPath, nil, "", &s)
	if err == nil {
		s.ETag = strings.Trim(response.Header.Get("ETag"), `"`)
	}
	return s, err
}

// PutSettings replaces the caller's settings, with an ETag only if they are
// still those that were read.
func (c *Client) PutSettings(ctx context.Context, s Settings) error {
	body, err := json.Marshal(s)
	if err == nil {
		_, err = c.do(ctx, http.MethodPut, settingsPath, body, s.ETag, nil)
	}
	return err
}

// Health returns how the service is, also when it is unhealthy.
func (c *Client) Health(ctx context.Context) (h Health, err error) {
	response, err := c.send(ctx, http.MethodGet, "/health", nil, "")
	if err != nil {
		return h, err
	}
	defer response.Body.Close()
	return h, json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&h)
}

func pathOf(id task.ID) string { return tasksPath + "/" + id.String() }

func (c *Client) one(ctx context.Context, method, target string, body []byte) (t Task, err error) {
	response, err := c.do(ctx, method, target, body, "", &t)
	if err == nil {
		t.ETag = strings.Trim(response.Header.Get("ETag"), `"`)
	}
	return t, err
}

// maxAnswer bounds what the client reads, in bytes: 500 tasks of the largest
// kind fit.
const maxAnswer = 64 << 20

// do sends a request and reads its answer into into, unless nil.
func (c *Client) do(ctx context.Context, method, target string, body []byte, etag string, into any) (*http.Response, error) {
	response, err := c.send(ctx, method, target, body, etag)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the answer to %s %s: %w", method, target, err)
	case response.StatusCode >= 400:
		p := &Problem{Status: response.StatusCode, Title: response.Status}
		if json.Unmarshal(data, p) != nil || p.Detail == "" {
			p.Detail = fmt.Sprintf("%s %s was answered %s", method, target, response.Status)
		}
		return nil, p
	}
	if c.Answered != nil {
		c.Answered(data)
	}
	if into == nil || len(data) == 0 {
		return response, nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return nil, fmt.Errorf("reading the answer to %s %s: %w", method, target, err)
	}
	return response, nil
}

func (c *Client) send(ctx context.Context, method, target string, body []byte, etag string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.Base+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", jsonType)
	}
	switch {
	case etag != "" && method == http.MethodGet:
		request.Header.Set("If-None-Match", quote(etag))
	case etag != "":
		request.Header.Set("If-Match", quote(etag))
	}
	if c.Prepare != nil {
		c.Prepare(request)
	}
	return c.HTTP.Do(request)
}

package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

const quickPath = tasksPath + "/quick"

// Quick is what became of a line of text.
type Quick struct {
	Task   *Task      // nil where the text was only read
	Draft  task.Patch // what the text says of a task
	Tokens []QuickToken
	ETag   string
}

// QuickToken is a part of the text and what it became. The texts of all of
// them, joined, are the text.
type QuickToken struct {
	Kind  quickadd.Kind        `json:"kind"`
	Text  string               `json:"text"`
	Start int                  `json:"start"` // code points before it
	End   int                  `json:"end"`
	Value *string              `json:"value"` // in the contract's form; nil: none
	From  *task.RecurrenceFrom `json:"from"`  // what a recurrence is counted from
	Note  *string              `json:"note"`  // what of it may have been meant otherwise; nil: nothing
}

func quickTokens(tokens []quickadd.Token) []QuickToken {
	wire := make([]QuickToken, len(tokens))
	for i, t := range tokens {
		wire[i] = QuickToken{Kind: t.Kind, Text: t.Text, Start: t.Start, End: t.End}
		if t.Value != "" {
			wire[i].Value = &t.Value
		}
		if t.From != "" {
			wire[i].From = &t.From
		}
		if t.Note != "" {
			wire[i].Note = &t.Note
		}
	}
	return wire
}

// quickAdd makes a task of a line of text, or only says what it would be.
func quickAdd(w http.ResponseWriter, r *request) error {
	p := r.query("dry_run")
	dry, _ := p.flag("dry_run")
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	line, err := decodeQuick(r.body)
	if err = both(p.err(), err); err != nil {
		return err
	}
	if dry {
		return r.answerReading(w, line)
	}
	var parsed quickadd.Parsed
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		result, err := r.api.Tasks.CreateFrom(r.Context(), c, func(now time.Time) (_ task.Patch, err error) {
			parsed, err = quickadd.Parse(line, now)
			return parsed.Patch, err
		})
		return result, misread(parsed, err)
	}, func(result task.Result) answer {
		a := oneTask(http.StatusCreated, result)
		a.Body = appendQuick(parsed, a.Body)
		return a
	})
}

// answerReading answers with what a text means, and leaves it at that.
func (r *request) answerReading(w http.ResponseWriter, line string) error {
	if _, _, err := r.idempotencyKey(); err != nil {
		return err
	}
	var parsed quickadd.Parsed
	err := r.api.Tasks.TryFrom(r.Context(), r.call, func(now time.Time) (_ task.Patch, err error) {
		parsed, err = quickadd.Parse(line, now)
		return parsed.Patch, err
	})
	if err != nil {
		return misread(parsed, err)
	}
	write(w, http.StatusOK, jsonType, appendQuick(parsed, []byte("null")))
	return nil
}

// appendQuick writes an answer with a task that is JSON already.
func appendQuick(parsed quickadd.Parsed, rendered []byte) []byte {
	draft, err := encodePatch(parsed.Patch)
	tokens, err2 := json.Marshal(quickTokens(parsed.Tokens))
	if err != nil || err2 != nil {
		draft, tokens = []byte("{}"), []byte("[]") // cannot happen: strings and numbers
	}
	return fmt.Appendf(nil, `{"task":%s,"draft":%s,"tokens":%s}`, rendered, draft, tokens)
}

// misread puts the faults of a text with what was understood of it.
func misread(parsed quickadd.Parsed, err error) error {
	faults := task.AsFaults(err)
	if faults == nil {
		return err
	}
	p := badRequest(faults)
	p.Tokens = quickTokens(parsed.Tokens)
	return p
}

// decodeQuick reads the body of quick add. The error is task.Faults.
func decodeQuick(body []byte) (line string, err error) {
	d := newDecoder(body, forCreate)
	given, ok, err := d.only(`{"text": "Pay rent tomorrow"}`, d.values(func(name string, v jsontext.Value) (wrong error) {
		if name != "text" {
			return errors.New("is not known here")
		}
		line, wrong = jsonvalue.Text(v)
		return wrong
	}))
	if ok && !given["text"] {
		d.fault("/text", errors.New("is required"))
	}
	return line, d.end(err)
}

// QuickAdd makes a task of a line of text. Zone is where its dates are meant,
// an IANA name; "": as the owner's settings say. A *Problem that says the text
// is not understood has the Tokens that are.
func (c *Client) QuickAdd(ctx context.Context, line, zone string) (Quick, error) {
	return c.quick(ctx, line, zone, url.Values{})
}

// ReadQuick says what QuickAdd would do.
func (c *Client) ReadQuick(ctx context.Context, line, zone string) (Quick, error) {
	return c.quick(ctx, line, zone, url.Values{"dry_run": {"true"}})
}

func (c *Client) quick(ctx context.Context, line, zone string, params url.Values) (q Quick, err error) {
	if zone != "" {
		params.Set("tz", zone)
	}
	target := quickPath
	if len(params) > 0 {
		target += "?" + params.Encode()
	}
	body, err := json.Marshal(map[string]string{"text": line})
	if err != nil {
		return q, err
	}
	response, err := c.do(ctx, http.MethodPost, target, body, "", &q)
	if err == nil {
		q.ETag = strings.Trim(response.Header.Get("ETag"), `"`)
	}
	return q, err
}

// UnmarshalJSON reads an answer.
func (q *Quick) UnmarshalJSON(data []byte) error {
	var wire struct {
		Task   *Task           `json:"task"`
		Draft  json.RawMessage `json:"draft"`
		Tokens []QuickToken    `json:"tokens"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	draft, err := decodeTask(wire.Draft, forChange)
	*q = Quick{Task: wire.Task, Draft: draft, Tokens: wire.Tokens}
	return err
}

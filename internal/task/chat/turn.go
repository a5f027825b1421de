package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// turn is one answer as it is found.
type turn struct {
	*Service
	limits Limits
	said   Saying
	begun  Begun
	words  *words
	tell   func(Event)

	text    strings.Builder
	answer  Message // but for its text
	own     int     // bytes of the text that are the model's own: what we say comes last
	settled task.ID // the confirmation that was carried out
	done    []deed  // what has changed something
	keys    int     // given to calls
	kept    int     // bytes of calls that are kept with the answer
}

// deed is something that was done.
type deed struct{ tool, title string }

// find finds the answer.
func (t *turn) find(ctx context.Context) error {
	waited := t.begun.Confirmation
	switch {
	case waited != nil && t.said.agrees():
		// A yes is carried out once, so it must not end half-way because its caller leaves.
		lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.limits.Time)
		defer cancel()
		t.carryOut(lasting, *waited)
		return nil
	case waited != nil && t.said.refuses() && waited.State == Taken:
		t.say(t.words.maybeDone)
		return nil
	case waited != nil && t.said.refuses():
		t.say(t.words.declined)
		return nil
	case t.Model == nil:
		t.introduce()
		return t.follow(ctx)
	}
	t.answer.By = ByModel
	return t.converse(ctx)
}

// close keeps the answer, or closes the turn without one where nothing was done.
func (t *turn) close(ctx context.Context, cause error) (Message, error) {
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	if cause != nil {
		if ctx.Err() == nil && errors.Is(cause, context.DeadlineExceeded) {
			cause = &Failure{Kind: TooSlow, Cause: cause}
		}
		if len(t.done) > 0 { // else the caller is told, and logs have it from there
			t.warn(cause)
		}
		if len(t.done) == 0 {
			// The turn ends by itself where this fails.
			_ = t.Store.Abandon(keep, t.begun.Turn)
			return Message{}, cause
		}
		t.stop(t.words.failed(cause))
	}
	t.answer.Text, t.answer.CreatedAt = t.text.String(), t.Now()
	if t.answer.By == ByModel {
		t.answer.Own = &t.own
	}
	err := t.Store.End(keep, Ending{Turn: t.begun.Turn, Message: t.answer, Settled: t.settled})
	if err != nil && len(t.done) > 0 {
		t.warn(err)
	}
	return t.answer, err
}

// warn has a log told of what an answer is given in spite of.
func (t *turn) warn(cause error) {
	if t.said.Failed != nil && !errors.Is(cause, context.Canceled) {
		t.said.Failed(cause)
	}
}

// more adds to the text and tells of it.
func (t *turn) more(text string) {
	if text = clean(text); text != "" {
		t.text.WriteString(text)
		t.tell(Event{Delta: text})
	}
}

// say adds a passage to the text.
func (t *turn) say(text string) {
	if t.text.Len() > 0 {
		text = "\n\n" + text
	}
	t.more(text)
}

// stop says why there is no more, and what was done until then.
func (t *turn) stop(why string) {
	t.say(why + " " + t.words.deeds(t.done))
}

// tools returns the tools of this turn.
func (t *turn) tools() []assist.Tool {
	if t.said.ReadOnly {
		return assist.Reading()
	}
	return assist.Tools()
}

// tool returns the tool of a name, and whether there is one.
func (t *turn) tool(name string) (assist.Tool, bool) {
	tools := t.tools()
	i := slices.IndexFunc(tools, func(t assist.Tool) bool { return t.Name == name })
	if i < 0 {
		return assist.Tool{}, false
	}
	return tools[i], true
}

// call uses a tool. What it does is done once under the key.
func (t *turn) call(ctx context.Context, tool assist.Tool, key, arguments string) Call {
	// What goes wrong is in the result.
	r, _ := tool.Call(ctx, t.said.Tasks(key), []byte(arguments))
	return t.note(tool.Name, arguments, r)
}

// note keeps a call of the turn and tells of it.
func (t *turn) note(name, arguments string, r assist.Result) Call {
	c := Call{Name: inLine(clean(name), 64), Arguments: kept(arguments), Result: r.JSON, Refused: r.Refused}
	if r.Changed {
		t.done = append(t.done, deed{c.Name, titleIn(r.JSON)})
	}
	t.tell(Event{Call: &c})
	keep := c
	if len(keep.Result) > maxKeptResult {
		keep.Result = resultTooLong
	}
	t.kept += len(keep.Arguments) + len(keep.Result)
	t.answer.Calls = append(t.answer.Calls, keep)
	return c
}

const (
	// maxKeptResult is how many bytes of a tool's answer are kept: more than a
	// list that people are shown has.
	maxKeptResult = 100_000
	// maxKept is how many bytes of calls one message may come to have. Each
	// later message of the conversation is read with it.
	maxKept = 200_000
)

// resultTooLong stands for an answer that is not handed on.
var resultTooLong = json.RawMessage(`{"error":"too_long","message":"the answer is too long to be read at once","what_to_do":"Ask for fewer tasks, with limit and conditions."}`)

// nextKey returns a key for a call, the same one where the turn is repeated.
func (t *turn) nextKey() string {
	t.keys++
	return fmt.Sprintf("%s.%d", t.begun.Message, t.keys)
}

const (
	// maxArguments is how long arguments are kept, and maxDepth how deep: tools
	// take three levels, and not every reader takes many.
	maxArguments = 100_000
	maxDepth     = 32
)

// kept returns arguments as they are kept: an object, an empty one in place of
// what is none.
func kept(arguments string) json.RawMessage {
	arguments = clean(arguments)
	var object map[string]json.RawMessage
	var b bytes.Buffer
	switch {
	case len(arguments) > maxArguments, depth(arguments) > maxDepth,
		json.Unmarshal([]byte(arguments), &object) != nil, object == nil,
		json.Compact(&b, []byte(arguments)) != nil:
		return json.RawMessage("{}")
	}
	return b.Bytes()
}

// depth returns how deep arrays and objects lie in each other, at least.
func depth(text string) (deepest int) {
	now, quoted, escaped := 0, false, false
	for _, b := range []byte(text) {
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '[' || b == '{':
			now++
			deepest = max(deepest, now)
		case b == ']' || b == '}':
			now--
		}
	}
	return deepest
}

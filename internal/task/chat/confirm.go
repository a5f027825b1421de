package chat

import (
	"context"
	"encoding/json"

	"todo-app/internal/task/assist"
)

// propose has a call that takes away, or changes many tasks, wait for a yes. It
// reports whether that is to be asked; where not, the call is such a call and
// its result is answered, or the call is none of that kind and r is zero.
func (t *turn) propose(ctx context.Context, tool assist.Tool, arguments string) (r assist.Result, asks bool) {
	p, r, _ := tool.Plan(ctx, t.said.Tasks(t.nextKey()), []byte(arguments))
	if p == nil {
		return r, false
	}
	t.answer.Confirmation = &Confirmation{
		ID: t.NewID(), Name: tool.Name, Arguments: p.Arguments, Question: t.words.question(*p), State: Waiting,
	}
	return r, true
}

// offer has a call wait for a yes to a question, which it asks.
func (t *turn) offer(name string, arguments map[string]any, question string) {
	t.answer.Confirmation = &Confirmation{ID: t.NewID(), Name: name, Arguments: object(arguments), Question: question, State: Waiting}
	t.say(question)
}

// carryOut does what somebody has said yes to.
func (t *turn) carryOut(ctx context.Context, c Confirmation) {
	t.settled = c.ID
	tool, ok := t.tool(c.Name)
	if !ok { // of another release
		t.say(t.words.gone)
		return
	}
	if question, other := t.meanwhile(ctx, tool, c); other {
		c.Question = question
		t.offerAgain(c)
		return
	}
	made := t.call(ctx, tool, c.ID.String(), string(c.Arguments))
	t.say(t.words.report(made))
	if again(made) {
		t.offerAgain(c)
	}
}

// meanwhile returns what the question would be now, and whether that is another
// one than was asked: of a task that has another title since, or has subtasks.
func (t *turn) meanwhile(ctx context.Context, tool assist.Tool, c Confirmation) (question string, other bool) {
	p, _, _ := tool.Plan(ctx, t.said.Tasks(t.nextKey()), c.Arguments)
	if p == nil { // such a call asks nothing, or what it was about is gone
		return "", false
	}
	return t.words.question(*p), c.Question != english.question(*p) && c.Question != urdu.question(*p)
}

// offerAgain asks once more for what nothing was wrong with.
func (t *turn) offerAgain(c Confirmation) {
	c.ID, c.State = t.NewID(), Waiting
	t.answer.Confirmation = &c
	t.say(c.Question)
}

// again reports whether a call did nothing and may do what it should later.
func again(c Call) bool {
	var no struct {
		Error assist.RefusalKind `json:"error"`
	}
	err := json.Unmarshal(c.Result, &no)
	return err == nil && c.Refused && (no.Error == assist.Unavailable || no.Error == assist.Busy)
}

// object writes arguments down.
func object(arguments map[string]any) json.RawMessage {
	b, _ := json.Marshal(arguments) // strings, numbers and lists of them can be written down
	return b
}

package chat

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// propose has a call that takes away, or changes many tasks, wait for a yes, and so
// an undo unless it is of something small that this conversation did: taking back a
// creation deletes. It reports whether that is to be asked; where not, the call is
// such a call and its result is answered, or r is zero and the call is to be made
// with the arguments.
func (t *turn) propose(ctx context.Context, tool assist.Tool, arguments string) (r assist.Result, exact string, asks bool) {
	p, r, _ := tool.Plan(ctx, t.said.Tasks(t.nextKey()), []byte(arguments))
	switch {
	case p == nil:
		return r, arguments, false
	case p.Step != nil && p.Tasks <= maxChanged && slices.Contains(operationsOf(append(slices.Clip(t.begun.History), t.answer), true), p.Step.Operation):
		return r, string(p.Arguments), false
	}
	t.answer.Confirmation = &Confirmation{
		ID: t.NewID(), Name: tool.Name, Arguments: p.Arguments, Question: t.words.question(*p), State: Waiting,
	}
	return r, "", true
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
	question, refusal := t.meanwhile(ctx, tool, c)
	renamed := false
	if !refusal.Refused {
		renamed, refusal = t.renamed(ctx, c)
	}
	switch {
	case refusal.Refused: // what is asked for cannot be looked at, so that a yes may be to something else
		t.conclude(c, t.note(c.Name, string(c.Arguments), refusal), assist.Unavailable, assist.Busy, assist.Uncertain)
	case question != "":
		c.Question = question
		t.offerAgain(c)
	case renamed:
		t.say(t.words.gone)
	default:
		t.conclude(c, t.call(ctx, tool, c.ID.String(), string(c.Arguments)), assist.Unavailable, assist.Busy)
	}
}

// conclude says what came of a yes, and asks again where it was refused in one of the
// ways in which nothing was done and later may be.
func (t *turn) conclude(c Confirmation, made Call, promising ...assist.RefusalKind) {
	t.say(t.words.report(made))
	if made.Refused && slices.Contains(promising, refusedAs(made.Result)) {
		t.offerAgain(c)
	}
}

// meanwhile returns what the question would be now, if that is another one than was
// asked: of a task that has another title since, or has subtasks. Refusal is why that
// cannot be found out. Where there is nothing to do, or what it was about is gone, a
// yes goes on: its pod may have died when that was done.
func (t *turn) meanwhile(ctx context.Context, tool assist.Tool, c Confirmation) (question string, refusal assist.Result) {
	p, r, _ := tool.Plan(ctx, t.said.Tasks(t.nextKey()), c.Arguments)
	switch {
	case p == nil && r.Refused && refusedAs(r.JSON) != assist.NotFound:
		return "", r
	case p == nil, inSome(func(w *words) bool { return c.Question == w.question(*p) }):
		return "", refusal
	}
	return t.words.question(*p), refusal
}

// renamed reports whether the one task that a change is about has another title
// than the question has. Refusal is why that cannot be found out.
func (t *turn) renamed(ctx context.Context, c Confirmation) (other bool, refusal assist.Result) {
	var about struct {
		ID string `json:"task_id"`
	}
	if c.Name != "update_task" && c.Name != "complete_task" || json.Unmarshal(c.Arguments, &about) != nil {
		return false, refusal
	}
	id, _ := task.ParseID(about.ID) // what is no id is that of no task
	now, err := t.said.Tasks("").Get(ctx, id)
	if err != nil {
		why := &assist.Refusal{Kind: assist.Unavailable, Detail: "the task cannot be read"}
		if errors.As(err, &why); why.Kind == assist.NotFound {
			return false, refusal
		}
		return false, no(string(why.Kind), why.Detail, "Ask for it again.")
	}
	return !inSome(func(w *words) bool { return strings.Contains(c.Question, w.quoted(now.Title)) }), refusal
}

// offerAgain asks once more for what nothing was wrong with.
func (t *turn) offerAgain(c Confirmation) {
	c.ID, c.State = t.NewID(), Waiting
	t.answer.Confirmation = &c
	t.say(c.Question)
}

// refusedAs returns the kind of a refusal that a tool has answered.
func refusedAs(answer []byte) assist.RefusalKind {
	return resultOf(Call{Result: answer}).Error
}

// object writes arguments down.
func object(arguments map[string]any) json.RawMessage {
	b, _ := json.Marshal(arguments) // strings, numbers and lists of them can be written down
	return b
}

package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"todo-app/internal/task/assist"
)

const (
	// maxAsked is how many tools a model may call at once.
	maxAsked = 20

	// maxReply is how many tokens a reply has at most; arguments for many tasks
	// are the longest that there is to say.
	maxReply = 8_000

	// leastReply is how many tokens there have to be for asking to make sense.
	leastReply = 200

	// maxAdded and maxChanged are how many tasks a model adds, and changes one by
	// one, for a message: of more, people are asked, as of a bulk.
	maxAdded   = 20
	maxChanged = 5
)

// converse has the model answer, with as many uses of tools as the limits
// allow.
func (t *turn) converse(ctx context.Context) error {
	d := t.dialogue(ctx)
	for range t.limits.Turns {
		at := t.Now()
		tokens, err := t.reserve(ctx, at, d)
		if err != nil || tokens == 0 {
			return err
		}
		d.MaxTokens = tokens - d.Tokens()
		passage, reply, err := t.ask(ctx, d)
		t.correct(ctx, at, reply.Usage.Tokens()-tokens)
		if err != nil {
			return err
		}
		if len(reply.Asked) == 0 {
			return t.concluded(reply)
		}
		d.Lines = append(d.Lines, Line{Role: Assistant, Text: passage, Asked: reply.Asked})
		d.Lines = append(d.Lines, t.use(ctx, reply.Asked)...)
		if c := t.answer.Confirmation; c != nil {
			t.say(c.Question)
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	t.stop(t.words.turnsUsed(t.limits.Turns))
	return nil
}

// concluded ends an answer with a reply that asks for no tool.
func (t *turn) concluded(reply Reply) error {
	switch {
	case reply.Cut:
		t.stop(t.words.cut)
	case t.text.Len() == 0:
		return &Failure{Kind: Nonsense, Cause: fmt.Errorf("a reply without text or tools")}
	}
	return nil
}

// ask has the model reply once. Its text is a passage of the answer's.
func (t *turn) ask(ctx context.Context, d Dialogue) (passage string, reply Reply, err error) {
	start := t.text.Len()
	reply, err = t.Model.Reply(ctx, d, func(text string) {
		if t.text.Len() > start {
			t.more(text)
		} else if strings.TrimSpace(text) != "" {
			t.say(strings.TrimLeft(text, " \n"))
		}
	})
	passage = strings.TrimSpace(t.text.String()[start:])
	t.own = t.text.Len()
	t.answer.Usage.Turns++
	t.answer.Usage.InputTokens += reply.Usage.InputTokens
	t.answer.Usage.OutputTokens += reply.Usage.OutputTokens
	return passage, reply, err
}

// reserve takes the tokens that the next reply may cost, of what the message and
// the day leave. None: there are too few, and it has been said of what.
func (t *turn) reserve(ctx context.Context, at time.Time, d Dialogue) (tokens int64, err error) {
	r := Reservation{
		Least: d.Tokens() + leastReply, Most: min(d.Tokens()+maxReply, t.limits.Tokens-t.answer.Usage.Tokens()), Limit: t.limits.DailyTokens,
	}
	if t.said.ReadOnly { // what is let out for reading leaves something to its owner
		r.Limit /= 2
	}
	if r.Most < r.Least {
		t.stop(t.words.tokensMessage)
		return 0, nil
	}
	if tokens, err = t.Store.Reserve(ctx, t.said.Owner, at, r); err == nil && tokens == 0 {
		t.stop(t.words.tokensDay)
	}
	return tokens, err
}

// correct counts the difference between what a reply has cost and what was
// reserved, also where its caller has gone. Where that fails the day ends sooner,
// which is no reason to lose the reply.
func (t *turn) correct(ctx context.Context, at time.Time, difference int64) {
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	if err := t.Store.Spend(keep, t.said.Owner, at, difference); err != nil {
		t.warn(err)
	}
}

// use uses the tools that the model asks for, and returns their answers. What
// needs a yes is not used, and where several do, none asks for one: one question
// has one answer, so that the model has to make one call of them.
func (t *turn) use(ctx context.Context, asked []Asked) []Line {
	lines := make([]Line, len(asked))
	var asking []int
	for i, a := range asked {
		line, asks := t.useOne(ctx, a, i)
		if lines[i] = line; asks {
			asking = append(asking, i)
		}
	}
	if len(asking) > 1 {
		t.answer.Confirmation = nil
		for _, i := range asking {
			lines[i] = answered(asked[i], t.note(asked[i].Name, asked[i].Arguments, severalAsk))
		}
	}
	return lines
}

// Refusals of ours.
var (
	tooManyCalls = no("too_many_calls", "so many tools cannot be used at once", "Use fewer at once; bulk_tasks changes many tasks in one call.")
	tooMuch      = no("too_much", "so much was read for this message that nothing more is", "Answer with what there is; the user may ask again, for less.")
	addedEnough  = no("enough_added", fmt.Sprint(maxAdded, " tasks were added for this message, and no more are"), "Tell the user what is left, who may say to go on.")
	changedMany  = no("enough_changed", fmt.Sprint(maxChanged, " tasks were changed one by one for this message, and no more are"),
		"To change the others alike, call bulk_tasks with dry_run=false, which asks the user. Otherwise tell the user what is left, who may say to go on.")
	undoneOnce = no("once_a_message", "one step is taken back for a message", "Tell the user what was taken back; the user may ask for the step before.")
	severalAsk = no("one_at_a_time", "several calls need the user's yes, and only one can be asked for: nothing was done",
		"Make one call of them: bulk_tasks does one thing to all tasks that it is given. What is of another kind has to wait for the answer.")
)

func (t *turn) useOne(ctx context.Context, a Asked, number int) (l Line, asks bool) {
	tool, ok := t.tool(a.Name)
	switch {
	case number >= maxAsked:
		return answered(a, t.note(a.Name, a.Arguments, tooManyCalls)), false
	case !ok:
		r := no("unknown_tool", "there is no tool of that name", "Use one of: "+toolNames(t.tools())+".")
		return answered(a, t.note(a.Name, a.Arguments, r)), false
	}
	if t.kept > maxKept {
		return answered(a, t.note(a.Name, "", tooMuch)), false
	}
	if refusal, over := t.overAllowance(a.Name); over {
		return answered(a, t.note(a.Name, a.Arguments, refusal)), false
	}
	r, exact, asks := t.propose(ctx, tool, a.Arguments)
	switch {
	case asks:
		return Line{To: a.ID, Text: waiting}, true
	case r.JSON == nil:
		return answered(a, t.call(ctx, tool, t.nextKey(), exact)), false
	}
	return answered(a, t.note(a.Name, a.Arguments, r)), false
}

// overAllowance refuses what a model has done as often as it may for one message.
func (t *turn) overAllowance(tool string) (refusal assist.Result, over bool) {
	count := func(tools ...string) (n int) {
		for _, d := range t.done {
			if slices.Contains(tools, d.tool) {
				n++
			}
		}
		return n
	}
	switch tool {
	case "add_task":
		return addedEnough, count(tool) >= maxAdded
	case "update_task", "complete_task":
		return changedMany, count("update_task", "complete_task") >= maxChanged
	case "undo":
		return undoneOnce, count(tool) > 0
	}
	return refusal, false
}

// no is a refusal of ours, in the form of those of the tools.
func no(kind, message, whatToDo string) assist.Result {
	return assist.Result{Refused: true, JSON: object(map[string]any{"error": kind, "message": message, "what_to_do": whatToDo})}
}

func toolNames(tools []assist.Tool) string {
	names := make([]string, len(tools))
	for i, t := range tools {
		names[i] = t.Name
	}
	return strings.Join(names, ", ")
}

// maxResult is how many bytes of a tool's answer a model is given.
const maxResult = 24_000

// answered is a tool's answer as the model is given it.
func answered(a Asked, c Call) Line {
	result := c.Result
	if len(result) > maxResult {
		result = resultTooLong
	}
	return Line{To: a.ID, Text: dataMark + string(result)}
}

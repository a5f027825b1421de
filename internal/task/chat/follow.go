package chat

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/quickadd"
)

// introduce says, where a conversation begins, that no model listens.
func (t *turn) introduce() {
	if len(t.begun.History) == 0 {
		t.say(t.words.noModel)
	}
}

// follow does what rules understand, and asks where they do not.
func (t *turn) follow(ctx context.Context) error {
	text := strings.TrimSpace(*t.said.Text)
	if (t.said.agrees() || t.said.refuses()) && !t.said.ReadOnly {
		t.say(t.words.nothingWaits)
		return nil
	}
	v, about := understand(text)
	if !slices.Contains(bare, v) {
		if _, ok := selected(text); ok {
			v, about = wantsList, text
		}
	}
	switch {
	case v == wantsHelp:
		t.say(t.words.help)
	case v == wantsToday, v == wantsStats:
		t.report(ctx, string(v), nil)
	case v == wantsList, v == wantsFind, v == wantsAnswer:
		t.list(ctx, v, about)
	case t.said.ReadOnly:
		t.say(t.words.readOnly)
	case v == wantsUndo:
		t.undo(ctx)
	case v == wantsAdd:
		t.add(ctx, about)
	case v == wantsMove:
		t.move(ctx, about)
	default:
		t.change(ctx, v, about, date{})
	}
	return ctx.Err()
}

// bare are the verbs that are about nothing.
var bare = []verb{wantsHelp, wantsToday, wantsStats, wantsUndo}

// selected returns the arguments of list_tasks that words say, and whether they
// speak of tasks at all, and of nothing else.
func selected(about string) (map[string]any, bool) {
	arguments, ok := narrowed(about)
	spoken := slices.ContainsFunc(folded(about), func(w string) bool {
		return slices.Contains([]string{"task", "tasks", "list", "کام", "کاموں", "فہرست"}, w)
	})
	return arguments, ok && (spoken || len(arguments) > 0)
}

// useNamed uses a tool.
func (t *turn) useNamed(ctx context.Context, name string, arguments map[string]any) Call {
	tool, _ := t.tool(name) // it is one of those that the caller may use
	return t.call(ctx, tool, t.nextKey(), string(object(arguments)))
}

// report uses a tool and says what came of it.
func (t *turn) report(ctx context.Context, name string, arguments map[string]any) {
	t.say(t.words.report(t.useNamed(ctx, name, arguments)))
}

// list lists the tasks that words select, or that have them.
func (t *turn) list(ctx context.Context, v verb, about string) {
	arguments, narrow := narrowed(about)
	_, plain := selected(about)
	switch {
	case v == wantsAnswer && !plain:
		t.unclear(ctx)
	case v != wantsFind && narrow:
		if arguments["status"] == nil {
			arguments["status"] = "pending"
		}
		t.report(ctx, "list_tasks", arguments)
	case empty(spans(about)):
		t.say(t.words.which)
	default:
		found := t.search(ctx, about)
		if n, _ := found.list(); found.Error != "" || len(n) == 0 {
			t.say(t.words.notFound)
			t.unclear(ctx)
			return
		}
		t.say(t.words.result(found))
	}
}

// search looks for the words of a text among open and completed tasks.
func (t *turn) search(ctx context.Context, about string) result {
	return resultOf(t.useNamed(ctx, "search_tasks", map[string]any{"query": strings.Join(folded(about), " ")}))
}

// undo takes back what this conversation did just now, or what it did last if
// nothing was done elsewhere since. Else it asks: taking back a creation deletes.
func (t *turn) undo(ctx context.Context) {
	if n := len(t.begun.History); n > 0 {
		if just := operationsOf(t.begun.History[n-1:], false); len(just) > 0 {
			t.report(ctx, "undo", map[string]any{"operation": just[len(just)-1]})
			return
		}
	}
	steps, err := t.said.Tasks("").Steps(ctx)
	newest := assist.NewestOpen(steps)
	switch {
	case err != nil:
		t.say(t.words.unavailable)
	case newest < 0:
		t.say(t.words.nothingToUndo)
	case slices.Contains(operationsOf(t.begun.History, false), steps[newest].Operation):
		t.report(ctx, "undo", map[string]any{"operation": steps[newest].Operation})
	default:
		t.offer("undo", map[string]any{"operation": steps[newest].Operation}, t.words.undoIt(steps[newest]))
	}
}

// operationsOf returns the operations of what messages did, in order, those of undoing
// among them or not.
func operationsOf(said []Message, undoing bool) (operations []int64) {
	for _, m := range said {
		for _, c := range m.Calls {
			if r := resultOf(c); r.Undo != nil && (undoing || c.Name != "undo") {
				operations = append(operations, r.Undo.Operation)
			}
		}
	}
	return operations
}

// add makes a task of a line.
func (t *turn) add(ctx context.Context, line string) {
	if empty(spans(line)) {
		t.say(t.words.addWhat)
		return
	}
	arguments, _, ok := t.read(ctx, line)
	if ok {
		t.report(ctx, "add_task", arguments)
	}
}

// unclear asks whether what was said is a task, so that it is not lost.
func (t *turn) unclear(ctx context.Context) {
	if t.said.ReadOnly {
		t.say(t.words.notUnderstood + " " + t.words.readOnly)
		return
	}
	if arguments, detail, ok := t.read(ctx, *t.said.Text); ok {
		t.offer("add_task", arguments, t.words.addIt(arguments["title"].(string), detail))
	}
}

// read reads a line as the arguments of add_task, and says what it is beside
// its title. Where that cannot be done, why not has been said.
func (t *turn) read(ctx context.Context, line string) (arguments map[string]any, detail string, ok bool) {
	v, err := t.said.Tasks("").View(ctx)
	if err != nil {
		t.say(t.words.unavailable)
		return nil, "", false
	}
	parsed, err := quickadd.Parse(line, v.Now.In(v.Zone))
	if err != nil {
		t.say(t.words.faulty(task.AsFaults(err)))
		return nil, "", false
	}
	return argumentsOf(parsed.Patch), detailOf(parsed.Patch, v), true
}

// argumentsOf returns the arguments of add_task that make a task of a patch.
func argumentsOf(p task.Patch) map[string]any {
	a := map[string]any{"title": p.Title.Value}
	put(a, "description", p.Description, func(s string) any { return s })
	put(a, "due", p.Due, func(d task.Due) any { return d.String() })
	put(a, "priority", p.Priority, func(p task.Priority) any { return p.String() })
	put(a, "category", p.Category, func(s string) any { return s })
	put(a, "tags", p.Tags, func(tags []string) any { return tags })
	put(a, "reminders", p.Reminders, func(r []task.Reminder) any { return r })
	put(a, "recurrence", p.Recurrence.Value.Rule, func(s string) any { return s })
	put(a, "recurrence_from", p.Recurrence.Value.From, func(f task.RecurrenceFrom) any { return string(f) })
	return a
}

func put[T any](a map[string]any, name string, f task.Field[T], write func(T) any) {
	if f.Set && !f.Null {
		a[name] = write(f.Value)
	}
}

// detailOf says what a patch is beside its title, as the contract has it.
func detailOf(p task.Patch, v task.View) string {
	var parts []string
	if d := p.Due.Value; p.Due.Set && !d.IsZero() {
		due := d.String()
		if !d.AllDay {
			due = d.At.In(v.Zone).Format("2006-01-02 15:04")
		}
		parts = append(parts, due)
	}
	if p.Recurrence.Value.Rule.Value != "" {
		parts = append(parts, p.Recurrence.Value.Rule.Value)
	}
	if p.Priority.Set {
		parts = append(parts, "!"+p.Priority.Value.String())
	}
	if p.Category.Value != "" {
		parts = append(parts, "@"+p.Category.Value)
	}
	for _, tag := range p.Tags.Value {
		parts = append(parts, "#"+tag)
	}
	return strings.Join(parts, ", ")
}

// move gives the task that words name another date, which is behind the last
// "to". What has no date there may be a task: move the sofa to the garage.
func (t *turn) move(ctx context.Context, about string) {
	words := spans(about)
	for i, w := range slices.Backward(words) {
		if w.folded != "to" && w.folded != "until" && w.folded != "till" {
			continue
		}
		if to, ok := t.date(ctx, strings.TrimSpace(strings.TrimRight(about[w.end:], " .!"))); ok && i > 0 {
			t.change(ctx, wantsMove, about[:w.start], to)
			return
		}
		break
	}
	t.unclear(ctx)
}

// date is when a task is to be due: in the words that say it, and as it is meant
// now, so that a yes tomorrow does not mean another day.
type date struct{ said, due string }

// date reads words that are a date and nothing else.
func (t *turn) date(ctx context.Context, words string) (date, bool) {
	v, err := t.said.Tasks("").View(ctx)
	if err != nil {
		return date{}, false
	}
	due, err := quickadd.ParseDue(words, v.Now.In(v.Zone))
	return date{words, due.String()}, err == nil
}

// determiners are what people say before the title of a task, and the title
// does not have.
var determiners = []string{"the", "my", "a", "an", "this", "that"}

// undetermined returns a text without such words before it.
func undetermined(about string) string {
	words := spans(about)
	for len(words) > 1 && slices.Contains(determiners, words[0].folded) {
		words = words[1:]
	}
	return between(about, words)
}

// change completes, deletes or moves to another due the task that words name.
func (t *turn) change(ctx context.Context, v verb, about string, to date) {
	about = undetermined(about)
	if empty(spans(about)) {
		t.say(t.words.which)
		return
	}
	if filter, ok := selected(about); ok && len(filter) > 0 {
		t.changeMany(ctx, v, filter, to)
		return
	}
	if number, err := strconv.Atoi(digits.Replace(strings.Join(folded(about), " "))); err == nil {
		if all := numbered(t.begun.History); number >= 1 && number <= len(all) {
			t.changeOne(ctx, v, all[number-1], to, true)
			return
		}
	}
	found := t.search(ctx, about)
	all, whole := found.list()
	switch one, same := only(all, about); {
	case found.Error != "" || len(all) == 0:
		t.say(t.words.notFound)
		t.unclear(ctx)
	case whole && same:
		t.changeOne(ctx, v, one, to, true)
	case whole && len(all) == 1:
		t.changeOne(ctx, v, all[0], to, wordsOf(all[0].Title, about))
	default:
		t.say(t.words.result(found))
		t.say(t.words.whichOfThese)
	}
}

// only returns the one task that is called exactly so, and whether there is one.
func only(all []item, about string) (one item, found bool) {
	for _, i := range all {
		if slices.Equal(folded(i.Title), folded(about)) {
			if found {
				return item{}, false
			}
			one, found = i, true
		}
	}
	return one, found
}

// wordsOf reports whether all words of a text are whole words of a title.
func wordsOf(title, about string) bool {
	has := folded(title)
	return !slices.ContainsFunc(folded(about), func(w string) bool { return !slices.Contains(has, w) })
}

// changeOne completes, deletes or moves a task. What does not delete it needs a
// yes where it is not plain that this one was meant, or that this was.
func (t *turn) changeOne(ctx context.Context, v verb, one item, to date, plain bool) {
	arguments := map[string]any{"task_id": one.ID}
	switch {
	case v == wantsDelete:
		t.askFor(ctx, "delete_task", arguments)
	case v == wantsMove && plain:
		arguments["due"] = to.due
		t.report(ctx, "update_task", arguments)
	case v == wantsMove:
		arguments["due"] = to.due
		t.offer("update_task", arguments, t.words.moveIt(one.Title, to.said))
	case v == wantsDone && plain:
		t.report(ctx, "complete_task", arguments)
	default:
		t.offer("complete_task", arguments, t.words.completeIt(one.Title))
	}
}

// changeMany asks whether to complete, delete or move all tasks that meet
// conditions.
func (t *turn) changeMany(ctx context.Context, v verb, filter map[string]any, to date) {
	arguments := map[string]any{"action": string(task.BulkDelete), "filter": filter, "dry_run": false}
	switch v {
	case wantsMove:
		arguments["action"], arguments["set"] = string(task.BulkUpdate), map[string]any{"due": to.due}
		filter["status"] = "pending"
	case wantsDone, wantsFinish:
		arguments["action"] = string(task.BulkComplete)
		filter["status"] = "pending"
	}
	t.askFor(ctx, "bulk_tasks", arguments)
}

// askFor asks for a yes to a call.
func (t *turn) askFor(ctx context.Context, name string, arguments map[string]any) {
	tool, _ := t.tool(name)
	r, _, asks := t.propose(ctx, tool, string(object(arguments)))
	if asks {
		t.say(t.answer.Confirmation.Question)
		return
	}
	t.say(t.words.report(t.note(name, string(object(arguments)), r)))
}

// numbered returns the tasks that were listed last, as they were numbered.
func numbered(history []Message) []item {
	for _, m := range slices.Backward(history) {
		for _, c := range slices.Backward(m.Calls) {
			if all, _ := resultOf(c).list(); len(all) > 0 {
				return all
			}
		}
	}
	return nil
}

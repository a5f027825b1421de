package chat

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// question asks for a yes to a plan.
func (w *words) question(p assist.Plan) string {
	if p.Step != nil {
		return w.undoIt(*p.Step)
	}
	var named struct {
		Action string
		Set    map[string]json.RawMessage
	}
	_ = json.Unmarshal(p.Arguments, &named) // ours
	if named.Action == "" {
		subtasks := ""
		if p.Tasks > 1 {
			subtasks = fmt.Sprintf(w.withSubtasks, p.Tasks-1)
		}
		return fmt.Sprintf(w.deleteQuestion, w.upTo(maxAlone, p.Titles...), subtasks)
	}
	titles := w.some(p.Titles, p.Tasks)
	set := ""
	if len(named.Set) > 0 {
		set = " (" + w.assignments(named.Set, p.Related) + ")"
	}
	if p.Action == string(task.BulkDelete) {
		titles += w.withTheirs
	}
	return fmt.Sprintf(w.bulkQuestion, w.acts[p.Action], counted(w.tasks, p.Tasks), set, titles) + " " + w.canUndo
}

// assignments writes down what is set, as the contract has it: the words of others in
// quotation marks, and tasks by their titles.
func (w *words) assignments(set map[string]json.RawMessage, related map[string]string) string {
	var all []string
	for name, value := range set {
		all = append(all, name+" = "+w.assignment(name, value, related))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (w *words) assignment(name string, value json.RawMessage, related map[string]string) string {
	var text string
	var texts []string
	switch {
	case string(value) == "null", string(value) == "[]":
		return w.nothing
	case json.Unmarshal(value, &texts) == nil && name == "depends_on":
		return w.related(texts, related)
	case json.Unmarshal(value, &texts) == nil:
		return w.upTo(maxQuoted, texts...)
	case json.Unmarshal(value, &text) != nil:
		return inLine(string(value), maxAlone) // a flag
	case strings.TrimSpace(text) == "":
		return w.nothing
	case name == "parent_id":
		return w.related([]string{text}, related)
	case name == "title", name == "description", name == "category":
		return w.excerpt(text)
	}
	return inLine(strings.Map(tame, text), maxQuoted) // a day, a rule, a word
}

// related names tasks by their titles, of many as many as were looked up.
func (w *words) related(ids []string, titles map[string]string) string {
	var all []string
	for _, id := range ids {
		switch title, known := titles[id]; {
		case title != "":
			all = append(all, w.quoted(title))
		case known:
			all = append(all, w.noTask)
		}
	}
	return w.andMore(strings.Join(all, ", "), len(ids)-len(all))
}

// excerpt quotes the beginning of a text, and says how long it is where more is in
// it than is shown: what is cut off, and what cannot be seen.
func (w *words) excerpt(text string) string {
	begins, length := w.quoted(text), utf8.RuneCountInString(text)
	if marks := utf8.RuneCountInString(w.quote[0] + w.quote[1]); utf8.RuneCountInString(begins) == length+marks {
		return begins
	}
	return begins + " " + fmt.Sprintf(w.long, length)
}

func (w *words) moveIt(title, due string) string {
	return fmt.Sprintf(w.moveQuestion, w.quoted(title), inLine(due, 80))
}

// undoIt asks whether to take back a step.
func (w *words) undoIt(s assist.Step) string {
	did := w.acts[string(s.Action)]
	if did == "" { // of another release
		did = string(s.Action)
	}
	return fmt.Sprintf(w.undoQuestion, strings.TrimSpace(did+" "+w.some(s.Titles, s.Tasks)))
}

// some names tasks by the titles of some, and says how many more there are.
func (w *words) some(titles []string, of int) string {
	return w.andMore(w.upTo(maxQuoted, titles...), of-len(titles))
}

func (w *words) andMore(named string, more int) string {
	if more > 0 {
		named += " " + fmt.Sprintf(w.more, more)
	}
	return strings.TrimSpace(named)
}

func (w *words) completeIt(title string) string {
	return fmt.Sprintf(w.completeQuestion, w.quoted(title))
}

// addIt asks whether what was said is a task.
func (w *words) addIt(title, detail string) string {
	if detail != "" {
		detail = " (" + detail + ")"
	}
	return w.notUnderstood + " " + fmt.Sprintf(w.addQuestion, w.quoted(title), detail)
}

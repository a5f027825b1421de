package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// editor returns the command of the user's editor, with its arguments; nil
// where none is named.
func editor(env func(string) string) []string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if words := strings.Fields(env(name)); len(words) > 0 {
			return words
		}
	}
	return nil
}

// editForm has a task changed in an editor. What cannot be carried out stays
// in the file that it was written in.
func (s *session) editForm(ctx context.Context, id task.ID, editor []string) error {
	if editor == nil && !s.ask.Present() {
		return misused("there is nothing to change: flags say what, or EDITOR names a program to change it with")
	}
	t, err := s.client.Get(ctx, id)
	if err != nil {
		return err
	}
	before := s.form(t).text()
	path, after, err := s.inEditor(ctx, before, editor)
	if err != nil {
		return err
	}
	patch, err := s.readForm(ctx, t, before, after)
	if err == nil && empty(patch) {
		s.notice("Nothing was changed.")
		return os.Remove(path)
	}
	if err == nil {
		err = s.changed(s.ifMatch(t).Update(ctx, id, patch))
	}
	if err != nil {
		var f *Failure
		errors.As(failed(err), &f)
		return f.with(f.Text + "\nWhat you wrote is kept in " + path)
	}
	return os.Remove(path)
}

// inEditor has somebody edit a text, and returns it with the file it is in.
func (s *session) inEditor(ctx context.Context, text string, editor []string) (path, after string, err error) {
	f, err := os.CreateTemp("", "todo-*.md")
	if err != nil {
		return "", "", err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", "", err
	}
	if editor == nil {
		editor = []string{"vi"}
		if runtime.GOOS == "windows" {
			editor = []string{"notepad"}
		}
	}
	cmd := exec.Command(editor[0], append(editor[1:], f.Name())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.ask.In, s.out.Writer, s.errors
	if err := cmd.Run(); err != nil {
		os.Remove(f.Name())
		return "", "", fmt.Errorf("running %s: %w", editor[0], err)
	}
	if err := context.Cause(ctx); err != nil {
		os.Remove(f.Name())
		return "", "", err
	}
	read, err := os.ReadFile(f.Name())
	return f.Name(), string(read), err
}

// form is a task as people edit it: a line for each field, and its note.
type form struct {
	lines []formLine
	note  string
}

type formLine struct{ name, value string }

const (
	formHelp = "# A field to a line: empty ones are cleared, those left away stay as they are.\n"
	formRule = "--- what follows is the note ---"
)

// form writes a task down as a form.
func (s *session) form(t httpapi.Task) form {
	due := t.Due.String()
	if !t.Due.IsZero() && !t.Due.AllDay {
		if at := t.Due.At.In(s.view.Zone); at.Second() == 0 && at.Nanosecond() == 0 {
			due = at.Format("2006-01-02 15:04")
		}
	}
	parent := ""
	if !t.ParentID.IsZero() {
		parent = t.ParentID.String()
	}
	dependsOn := make([]string, len(t.DependsOn))
	for i, id := range t.DependsOn {
		dependsOn[i] = id.String()
	}
	return form{note: strings.TrimRight(t.Description, "\n"), lines: []formLine{
		{"title", terminal.Line(t.Title)},
		{"due", due},
		{"priority", t.Priority.String()},
		{"category", terminal.Line(t.Category)},
		{"tags", terminal.Line(strings.Join(t.Tags, ", "))},
		{"repeat", t.Recurrence.Rule},
		{"remind", joined(t.Reminders)},
		{"parent", parent},
		{"depends-on", strings.Join(dependsOn, ", ")},
	}}
}

func (f form) text() string {
	var b strings.Builder
	b.WriteString(formHelp)
	for _, l := range f.lines {
		b.WriteString(strings.TrimRight(l.name+": "+l.value, " ") + "\n")
	}
	b.WriteString(formRule + "\n" + f.note + "\n")
	return b.String()
}

// parseForm reads a form. Every line that is none is a fault.
func parseForm(text string) (f form, err error) {
	head, note, hasNote := strings.Cut("\n"+strings.ReplaceAll(text, "\r\n", "\n"), "\n"+formRule)
	f.note = strings.TrimRight(strings.TrimPrefix(note, "\n"), "\n")
	var problems []error
	if !hasNote {
		problems = append(problems, misused("the line %q is missing, so it is not known what is the note", formRule))
	}
	for i, line := range strings.Split(head[1:], "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			problems = append(problems, misused("line %d is none of \"field: value\": %s", i+1, line))
			continue
		}
		f.lines = append(f.lines, formLine{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return f, worst(problems)
}

// readForm returns what has been changed in the form of a task: both are read alike.
func (s *session) readForm(ctx context.Context, t httpapi.Task, text, changed string) (p task.Patch, err error) {
	after, err := parseForm(changed)
	if err != nil {
		return p, err
	}
	before, err := parseForm(text)
	if err != nil {
		return p, err
	}
	was := map[string]string{}
	for _, l := range before.lines {
		was[l.name] = l.value
	}
	// A rule begins with the due, so that it is read behind that.
	slices.SortStableFunc(after.lines, func(a, b formLine) int { return order(a) - order(b) })
	var problems []error
	seen := map[string]bool{}
	for _, l := range after.lines {
		old, known := was[l.name]
		switch {
		case !known:
			problems = append(problems, misused("%q is no field of this form", l.name))
		case seen[l.name]:
			problems = append(problems, misused("%s is given twice", l.name))
		case l.value != old:
			if err := s.setFormField(ctx, t, &p, l); err != nil {
				problems = append(problems, misused("%s: %v", l.name, err))
			}
		}
		seen[l.name] = true
	}
	if after.note != before.note {
		p.Description = task.Value(after.note)
	}
	return p, worst(problems)
}

func order(l formLine) int {
	if l.name == "repeat" {
		return 1
	}
	return 0
}

// clearedBy is what an empty line of a form clears, by the flag of its name.
var clearedBy = map[string]string{"tags": "tag"}

func (s *session) setFormField(ctx context.Context, t httpapi.Task, p *task.Patch, l formLine) error {
	if l.value == "" && l.name != "title" {
		flag := l.name
		if other, ok := clearedBy[l.name]; ok {
			flag = other
		}
		clearable[flag](p)
		return nil
	}
	switch l.name {
	case "title":
		p.Title = task.Value(l.value)
	case "due":
		return into(&p.Due, l.value, s.readDue)
	case "priority":
		return into(&p.Priority, l.value, readPriority)
	case "category":
		p.Category = task.Value(l.value)
	case "tags":
		p.Tags = task.Value(items(l.value))
	case "repeat":
		due := t.Due
		if p.Due.Set {
			due = p.Due.Value
		}
		return into(&p.Recurrence, l.value, func(words string) (task.RecurrencePatch, error) { return s.ruleInWords(words, due) })
	case "remind":
		return into(&p.Reminders, items(l.value), readReminders)
	case "parent":
		id, err := s.findOne(ctx, l.value)
		p.ParentID = task.Value(id)
		return err
	case "depends-on":
		ids, err := s.find(ctx, items(l.value)...)
		p.DependsOn = task.Value(ids)
		return err
	}
	return nil
}

// items splits a list at its commas.
func items(s string) []string {
	var list []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

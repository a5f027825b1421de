package client

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) template() *cobra.Command {
	c := &cobra.Command{
		Use:   "template",
		Short: "Keep what tasks are made of, and make them",
		Long: `Keep what tasks are made of under a name, and make tasks of it. A template has a
title, a note, a priority, a category, tags, reminders and a rule; its due is kept in
words, such as tomorrow 9am, and read anew for every task.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.templateSave(), p.templateList(), p.templateShow(), p.templateUse(), p.templateRemove())
	return c
}

func (p *Program) templateSave() *cobra.Command {
	var f fields
	var from string
	replace := false
	c := &cobra.Command{
		Use:   "save NAME [TITLE...]",
		Short: "Keep a template, from a task or from a title and flags",
		Long: `Keep a template under a name, from a task that is there or from a title and flags.
A name that is taken is refused, with exit code 4, unless --replace has the template
say something else from now on.

The title is taken as it is: what todo add reads in a text, flags say here. --due is
kept in the words given and read anew for every task. A task's own due does not come
along with --from, but for one that repeats, which begins anew on the day that a task
is made of the template.`,
		Example: `  todo template save packing --from 9c41f2
  todo template save report 'Write the weekly report' --due 'friday 15:00' --tag work
  todo template save report 'Write the report' --replace`,
		Args: cobra.MinimumNArgs(1),
	}
	f.registerSketch(p, c)
	c.Flags().StringVar(&from, "from", "", "the task that it is to be like")
	c.Flags().BoolVar(&replace, "replace", false, "have a template that is there say this")
	p.completeTasks(c, "from")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		draft, err := f.template(ctx, s, c, args[1:], from)
		if err != nil {
			return err
		}
		draft.Name = args[0]
		save := func() (httpapi.Template, error) { return s.client.CreateTemplate(ctx, draft) }
		if replace {
			save = func() (httpapi.Template, error) { return s.client.ReplaceTemplate(ctx, args[0], draft, "") }
		}
		t, err := save()
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		}
		s.print("kept       %s%s", t.Name, s.dueKept(ctx, draft.From, t))
		return nil
	})
}

// dueKept says what became of the due of the task that a template is like.
func (s *session) dueKept(ctx context.Context, from task.ID, t httpapi.Template) string {
	if from.IsZero() {
		return ""
	}
	like, err := s.client.Get(ctx, from)
	switch due := textOf(t.Due); {
	case err != nil || like.Due.IsZero():
		return ""
	case due != "":
		return ", due " + due + " whenever a task is made of it"
	}
	return ", without the due of the task: todo template use --due says when each is due"
}

// template returns what a template is to say.
func (f *fields) template(ctx context.Context, s *session, c *cobra.Command, title []string, from string) (d task.TemplateDraft, err error) {
	if (from == "") == (len(title) == 0) {
		return d, misused("either --from or a title says what the template is to be")
	}
	patch, err := f.patch(ctx, s, c)
	if err != nil {
		return d, err
	}
	if from != "" {
		if !empty(patch) {
			return d, misused("a template that is like a task takes no other flags: save it, and say with todo template use what is to be otherwise")
		}
		d.From, err = s.findOne(ctx, from)
		return d, err
	}
	patch.Due = task.Field[task.Due]{} // it is kept in words
	patch.Title = task.Value(strings.Join(title, " "))
	due, _ := task.ParseDue(f.due) // words mean another one each time
	return task.TemplateDraft{Patch: patch, Due: f.due}, s.beginWith(due, &patch.Recurrence, f.repeat)
}

// templateColumns are those of a list of templates.
var templateColumns = []terminal.Column{
	{Title: "NAME"}, {Title: "DUE", Most: 20, Spare: 1}, {Title: "PRIORITY", Spare: 2}, {Title: "CATEGORY", Most: 16, Spare: 3}, {Title: "TAGS", Most: 16, Spare: 4}, {Title: "TITLE", Grows: true},
}

func (p *Program) templateList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the templates",
		Long:    "List the templates, by name.",
		Example: "  todo template list",
		Args:    cobra.NoArgs,
	}
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		var rows [][]terminal.Cell
		out := array{s: s}
		l, err := s.client.Templates(ctx)
		for ; err == nil; l, err = s.client.NextTemplates(ctx, l) {
			if s.json {
				err = out.elements(s.answer)
			}
			for _, t := range l.Templates {
				rows = append(rows, templateRow(t))
			}
			if l.Next == "" || err != nil {
				break
			}
		}
		switch {
		case err != nil:
			return err
		case s.json:
			return out.end()
		case len(rows) == 0:
			s.notice("There are none.")
			return nil
		}
		return s.out.Table(templateColumns, rows)
	})
}

func templateRow(t httpapi.Template) []terminal.Cell {
	priority, _ := task.ParsePriority(t.Priority)
	due := textOf(t.Due)
	if t.Recurrence != nil {
		due = strings.TrimSpace(due + " ↻")
	}
	return []terminal.Cell{{Text: t.Name, Style: terminal.Name}, {Text: due}, priorityCell(priority), {Text: textOf(t.Category)}, {Text: strings.Join(t.Tags, ", ")}, {Text: t.Title}}
}

// textOf returns a text that may be absent.
func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func (p *Program) templateShow() *cobra.Command {
	c := &cobra.Command{
		Use:               "show NAME",
		Short:             "Show a template",
		Long:              "Show a template with all that tasks made of it will have.",
		Example:           "  todo template show packing",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: p.completeTemplate,
	}
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		t, err := s.client.Template(ctx, args[0])
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		}
		s.fact("name", t.Name, terminal.Name)
		s.fact("title", t.Title, terminal.Strong)
		s.fact("due", textOf(t.Due), terminal.Plain)
		if t.Recurrence != nil {
			s.fact("repeats", repeats(*t.Recurrence), terminal.Plain)
		}
		s.fact("reminders", joined(t.Reminders), terminal.Plain)
		s.fact("priority", t.Priority, terminal.Plain)
		s.fact("category", textOf(t.Category), terminal.Plain)
		s.fact("tags", strings.Join(t.Tags, ", "), terminal.Plain)
		s.fact("updated", moment(t.UpdatedAt, s.view), terminal.Plain)
		s.paragraph(t.Description)
		return nil
	})
}

func (p *Program) templateUse() *cobra.Command {
	var f fields
	c := &cobra.Command{
		Use:   "use NAME",
		Short: "Make a task of a template",
		Long:  "Make a task of a template. Flags say what is to be otherwise.",
		Example: `  todo template use packing --due friday
  todo template use report --title 'Write the report of May'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: p.completeTemplate,
	}
	f.register(p, c)
	c.Flags().StringVar(&f.title, "title", "", "the title, instead of the template's")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		over, err := f.patch(ctx, s, c)
		if err != nil {
			return err
		}
		if c.Flags().Changed("title") {
			over.Title = task.Value(f.title)
		}
		t, err := s.client.CreateFromTemplate(ctx, args[0], over)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		}
		s.told("added", t)
		return nil
	})
}

func (p *Program) templateRemove() *cobra.Command {
	c := &cobra.Command{
		Use:               "rm NAME...",
		Aliases:           []string{"delete"},
		Short:             "Remove templates",
		Long:              "Remove templates. The tasks that were made of them stay.",
		Example:           "  todo template rm packing",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: p.completeTemplate,
	}
	return p.verb(c, func(ctx context.Context, s *session, names []string) error {
		var problems []error
		n := 0
		for _, name := range names {
			if err := s.client.DeleteTemplate(ctx, name); err != nil {
				var f *Failure
				errors.As(failed(err), &f)
				problems = append(problems, f.with(printable(name)+": "+f.Text))
				if !itsOwn(err) {
					break
				}
				continue
			}
			n++
			if !s.json {
				s.print("deleted    %s", name)
			}
		}
		if s.json {
			if err := s.removed(n); err != nil {
				return err
			}
		}
		return worst(problems)
	})
}

package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

func (p *Program) add() *cobra.Command {
	var f fields
	var plain, dryRun bool
	c := &cobra.Command{
		Use:   "add TEXT...",
		Short: "Add a task, from a line of text",
		Long: `Add a task, from a line of text in which dates, marks and rules have a meaning:

  tomorrow 9am, next friday, 24.12.2026    when it is due
  !high, p1                                its priority
  @home, #flat                             its category, and a tag
  every month, every 2 weeks, every! 3 days
                                           how it repeats
  !30m, !1d                                when to be reminded, before the due
  // anything                              its note

The service reads it, by its own clock and in this machine's zone. What has no
meaning is the title. Put the text in quotes: shells take ! and # for
themselves. --dry-run shows what each part becomes, and adds nothing; --plain has
no part of the text mean anything. Flags add to what the text says, and may not
contradict it.`,
		Example: `  todo add 'Pay rent tomorrow 9am !high @home #flat every month'
  todo add 'Call the plumber' --due 'next friday 14:00' --note 'The tap drips.'
  todo add 'Pack boxes' --parent 9c41f2
  todo add --plain 'Issue #1: !important'
  todo add --dry-run 'Dentist on 24.12.2026 at 15:00 !1d'`,
		Args: cobra.MinimumNArgs(1),
	}
	f.register(p, c)
	c.Flags().BoolVar(&plain, "plain", false, "take the text as it is for the title")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what the text means, and add nothing")
	apart(c, "plain", "dry-run")
	return p.verb(c, func(ctx context.Context, s *session, words []string) error {
		given, err := f.patch(ctx, s, c)
		switch text := strings.Join(words, " "); {
		case err != nil:
			return err
		case plain:
			given.Title = task.Value(text)
			return s.added(ctx, given)
		case !dryRun && empty(given):
			return s.addedQuickly(ctx, text)
		default:
			return s.addBeside(ctx, text, given, f.repeat, dryRun)
		}
	})
}

// addedQuickly has the service make a task of a text, in one call.
func (s *session) addedQuickly(ctx context.Context, text string) error {
	made, err := s.client.QuickAdd(ctx, text, "")
	if err != nil {
		return inTermsOfText(err)
	}
	if s.json {
		var answer struct{ Task json.RawMessage }
		if err := json.Unmarshal(s.answer, &answer); err != nil {
			return fmt.Errorf("reading a task: %w", err)
		}
		return s.printJSON(answer.Task)
	}
	s.toldWhole("added", *made.Task)
	s.tellNotes(made.Tokens)
	return nil
}

// tellNotes tells what of a text may have been meant otherwise.
func (s *session) tellNotes(tokens []httpapi.QuickToken) {
	for _, t := range tokens {
		if t.Note != nil {
			s.print("noted      %s", *t.Note)
		}
	}
}

// addBeside has the service say what a text means, and adds that with what flags
// say, --repeat in its own words, unless it is to be shown only.
func (s *session) addBeside(ctx context.Context, text string, given task.Patch, repeat string, dryRun bool) error {
	read, err := s.client.ReadQuick(ctx, text, "")
	var refused *httpapi.Problem
	tokens := read.Tokens
	if errors.As(err, &refused) {
		tokens = refused.Tokens
	}
	if err == nil {
		err = s.begin(&read, &given, repeat)
	}
	says := read.Draft
	if err == nil {
		err = join(&read.Draft, given)
	}
	if dryRun {
		return cmp.Or(s.explain(tokens, says, given), inTermsOfText(err))
	}
	if err != nil {
		return inTermsOfText(err)
	}
	if err := s.added(ctx, read.Draft); err != nil {
		return err
	}
	if !s.json {
		s.tellNotes(tokens)
	}
	return nil
}

func (s *session) added(ctx context.Context, patch task.Patch) error {
	t, err := s.client.Create(ctx, patch)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(s.answer)
	}
	s.toldWhole("added", t)
	return nil
}

// inTermsOfText puts the faults of a text as sentences about it; other errors
// stay as they are.
func inTermsOfText(err error) error {
	var p *httpapi.Problem
	if !errors.As(err, &p) || len(p.Errors) == 0 {
		return err
	}
	faults := slices.Clone(task.Faults(p.Errors))
	for i := range faults {
		faults[i].Pointer = "the text"
	}
	return faults
}

// begin has the rule of a text begin with the due of a flag, and the rule of a flag
// with the due of the text.
func (s *session) begin(text *httpapi.Quick, flags *task.Patch, repeat string) error {
	if !flags.Due.Set {
		return s.beginWith(text.Draft.Due.Value, &flags.Recurrence, repeat)
	}
	var words []string
	for _, t := range text.Tokens {
		switch t.Kind {
		case quickadd.Due: // which contradicts the flag's
			return nil
		case quickadd.Recurrence:
			words = append(words, t.Text)
		}
	}
	rule, err := s.ruleInWords(strings.Join(words, " "), flags.Due.Value)
	if err != nil { // it has none, or one that we do not know
		return nil
	}
	text.Draft.Due, text.Draft.Recurrence.Value.Rule = task.Field[task.Due]{}, rule.Rule
	for i := range text.Tokens {
		if text.Tokens[i].Kind == quickadd.Recurrence {
			text.Tokens[i].Value = &rule.Rule.Value
		}
	}
	return nil
}

// beginWith has a rule that was given in words begin with a due.
func (s *session) beginWith(due task.Due, rule *task.Field[task.RecurrencePatch], words string) error {
	if words == "" {
		return nil
	}
	said, err := s.ruleInWords(words, due)
	rule.Value.Rule = said.Rule
	return err
}

// join adds what flags say to what a text says. Lists grow; of all else only
// one of both may speak.
func join(text *task.Patch, flags task.Patch) error {
	var problems []error
	one(&problems, "note", &text.Description, flags.Description)
	one(&problems, "due", &text.Due, flags.Due)
	one(&problems, "priority", &text.Priority, flags.Priority)
	one(&problems, "category", &text.Category, flags.Category)
	one(&problems, "repeat", &text.Recurrence, flags.Recurrence)
	text.Tags = both(text.Tags, flags.Tags)
	text.Reminders = both(text.Reminders, flags.Reminders)
	text.ParentID, text.DependsOn, text.Order = flags.ParentID, flags.DependsOn, flags.Order
	return worst(problems)
}

func one[T any](problems *[]error, name string, text *task.Field[T], flag task.Field[T]) {
	switch {
	case text.Set && flag.Set:
		*problems = append(*problems, misused("the text says %s already, so --%[1]s cannot", name))
	case flag.Set:
		*text = flag
	}
}

func both[T any](text, flag task.Field[[]T]) task.Field[[]T] {
	if !text.Set {
		return flag
	}
	return task.Value(slices.Concat(text.Value, flag.Value))
}

// explain shows what each part of a text becomes: its title whole, however many
// parts that has, a due that only a rule gives, and what flags say.
func (s *session) explain(tokens []httpapi.QuickToken, draft, given task.Patch) error {
	var rows [][]terminal.Cell
	row := func(kind, text, means string) {
		rows = append(rows, []terminal.Cell{{Text: kind, Style: terminal.Faint}, {Text: text}, {Text: means}})
	}
	titled, due := false, false
	for _, t := range tokens {
		due = due || t.Kind == quickadd.Due
		switch {
		case t.Kind == quickadd.Separator || t.Kind == quickadd.Title && titled:
		case t.Kind == quickadd.Title && draft.Title.Set:
			titled = true
			row("title", draft.Title.Value, draft.Title.Value)
		default:
			row(string(t.Kind), t.Text, s.meaning(t))
		}
	}
	if d := draft.Due.Value; !due && !d.IsZero() {
		row("due", "", when(d, s.view)+" ("+d.String()+"), from the rule")
	}
	if given.Due.Set {
		row("due", "--due", when(given.Due.Value, s.view))
	}
	if given.Recurrence.Set {
		row("recurrence", "--repeat", given.Recurrence.Value.Rule.Value)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := s.out.Table([]terminal.Column{{Title: "BECOMES"}, {Title: "TEXT", Most: 40}, {Title: "MEANS", Grows: true}}, rows); err != nil {
		return err
	}
	s.tellNotes(tokens)
	return nil
}

// meaning writes a token's value for people.
func (s *session) meaning(t httpapi.QuickToken) string {
	if t.Value == nil {
		return ""
	}
	if due, err := task.ParseDue(*t.Value); err == nil && t.Kind == quickadd.Due {
		return when(due, s.view) + " (" + *t.Value + ")"
	}
	if t.From != nil && *t.From == task.FromCompletion {
		return *t.Value + ", counted from when it is done"
	}
	return *t.Value
}

// ruleInWords reads a rule as a text for todo add has it, and nothing beside it,
// whose series begins with a due; zero is one that is not known.
func (s *session) ruleInWords(words string, first task.Due) (task.RecurrencePatch, error) {
	said, err := quickadd.ParseRule(words, &first, s.view.Now.In(s.view.Zone))
	return said.Recurrence.Value, err
}

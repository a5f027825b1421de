package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// many are the flags of verbs that can be about many tasks at once.
type many struct {
	filter []string
	dryRun bool
}

const manyHelp = `

--filter chooses tasks in place of ids, by the names of todo list's flags:
--filter status=completed --filter tag=home. The names are text (the words that
todo search looks for), status, priority, category, tag, due, due-after,
due-before, parent, blocked and archived. All conditions must hold. It is one
step for todo undo, and about 1,000 tasks at most; what becomes of each is shown,
and exit code 4 says that some were refused. --dry-run shows it, and does nothing.`

func (m *many) register(p *Program, c *cobra.Command) {
	c.Flags().StringArrayVar(&m.filter, "filter", nil, "in place of ids: a condition such as status=completed; several times: all of them")
	c.Flags().BoolVar(&m.dryRun, "dry-run", false, "show what would become of each task, and do nothing")
	names := make([]string, len(conditions))
	for i, name := range conditions {
		names[i] = name + "="
	}
	p.completeWords(c, "filter", names...)
}

// args holds that either ids or a filter say what a verb is about.
func (m *many) args(_ *cobra.Command, args []string) error {
	if (len(args) > 0) == (len(m.filter) > 0) {
		return errors.New("either ids or --filter says which tasks it is about")
	}
	return nil
}

// conditions are what a filter can ask for, as flags of todo list; text is what
// todo search looks for.
var conditions = []string{"text", "status", "priority", "category", "tag", "due", "due-after", "due-before", "parent", "blocked", "archived"}

// chosen returns a filter as the API has it.
func (s *session) chosen(ctx context.Context, texts []string) (url.Values, error) {
	params := url.Values{}
	var problems []error
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if name == "q" { // as the API calls it
			name = "text"
		}
		parameter := strings.ReplaceAll(name, "-", "_")
		switch {
		case !ok || value == "" || !slices.Contains(conditions, name):
			problems = append(problems, misused("--filter %q must be NAME=VALUE, with one of the names %s", text, strings.Join(conditions, ", ")))
		case name == "tag":
			params.Add(parameter, value)
		case params.Has(parameter):
			problems = append(problems, misused("--filter has %s twice", name))
		default:
			params.Set(parameter, value)
		}
	}
	if err := worst(problems); err != nil {
		return nil, err
	}
	if text, ok := params["text"]; ok {
		params["q"] = text
		delete(params, "text")
	}
	if parent := params.Get("parent"); parent != "" && parent != "none" {
		id, err := s.findOne(ctx, parent)
		if err != nil {
			return nil, err
		}
		params.Set("parent", id.String())
	}
	return params, nil
}

// bulk does one thing to many tasks: those typed, or those of the filter. With
// a question it first asks, naming how many there are, and is then about those
// alone, whatever has come to meet the filter meanwhile.
func (s *session) bulk(ctx context.Context, m many, b httpapi.Bulk, typed []string, what, question string) (err error) {
	if len(m.filter) > 0 {
		b.Filter, err = s.chosen(ctx, m.filter)
	} else {
		b.IDs, err = s.find(ctx, typed...)
	}
	if err != nil {
		return err
	}
	b.DryRun = m.dryRun || question != ""
	results, err := s.client.Bulk(ctx, b)
	if err != nil {
		return err
	}
	if question != "" && !m.dryRun && len(results) > 0 {
		b.Filter, b.IDs, b.DryRun = nil, nil, false
		for _, r := range results {
			b.IDs = append(b.IDs, r.ID)
		}
		if err := s.agree(ctx, fmt.Sprintf(question, len(results)), false); err != nil {
			return err
		}
		if results, err = s.client.Bulk(ctx, b); err != nil {
			return err
		}
	}
	return s.became(ctx, results, what, m.dryRun)
}

// titles returns what tasks are called, as far as they are there.
func (s *session) titles(ctx context.Context, ids []task.ID) map[task.ID]string {
	client := *s.client
	client.Answered = nil // what was answered before is still to be shown
	titles := map[task.ID]string{}
	for _, id := range ids {
		if t, err := client.Get(ctx, id); err == nil { // what is found helps, and no more is needed
			titles[id] = t.Title
		}
	}
	return titles
}

// became tells what became of each task, or would have.
func (s *session) became(ctx context.Context, results []httpapi.Outcome, what string, dry bool) error {
	if len(results) == 0 {
		s.notice("There are none.")
	}
	refused := 0
	for _, r := range results {
		if r.Result == task.WasRefused {
			refused++
		}
	}
	if s.json {
		if err := s.printJSON(s.answer); err != nil {
			return err
		}
	} else {
		s.tellOutcomes(ctx, results, what, dry)
	}
	if refused > 0 {
		return &Failure{Code: Conflict, Text: fmt.Sprintf("of %d tasks %d are refused", len(results), refused)}
	}
	return nil
}

// mostTitles is of how many tasks the titles are looked up to tell of them.
const mostTitles = 100

// tellOutcomes tells of each task by its title: of one that is deleted by the
// end of its id, and so of those beyond the first hundred.
func (s *session) tellOutcomes(ctx context.Context, results []httpapi.Outcome, what string, dry bool) {
	ids := make([]task.ID, len(results))
	for i, r := range results {
		ids[i] = r.ID
	}
	short, titles := tails(ids), s.titles(ctx, ids[:min(len(ids), mostTitles)])
	for _, r := range results {
		word := map[task.OutcomeResult]string{task.WasDone: what, task.WasUnchanged: "unchanged", task.WasRefused: "refused"}[r.Result]
		if dry {
			word = "would be " + word
		}
		line := fmt.Sprintf("%-10s %s  %s", word, short(r.ID), titles[r.ID])
		if r.Detail != "" {
			line = strings.TrimSpace(line) + ": " + ofFields(r.Detail)
		}
		s.print("%s", strings.TrimSpace(line))
	}
}

package client

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// Shells wait for completions with nothing on the screen, so these are from
// one page of the newest tasks, quickly or not at all.
const completionTime = 3 * time.Second

// completeWords has a flag completed with words that never change.
func (p *Program) completeWords(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // fails only where there is no such flag
}

// completeStored has a flag completed with what the tasks there are have.
func (p *Program) completeStored(c *cobra.Command, flag string, of func(httpapi.Task) []string) {
	_ = c.RegisterFlagCompletionFunc(flag, func(c *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		found := map[string]bool{}
		for _, t := range p.newest(c, url.Values{"archived": {"all"}}) {
			for _, word := range of(t) {
				if strings.HasPrefix(word, begun) && word == terminal.Line(word) {
					found[word] = true
				}
			}
		}
		return slices.Sorted(maps.Keys(found)), cobra.ShellCompDirectiveNoFileComp
	}) // fails only where there is no such flag
}

func categoriesOf(t httpapi.Task) []string { return []string{t.Category} }
func tagsOf(t httpapi.Task) []string       { return t.Tags }

// completeTasks has a flag completed with the names of tasks.
func (p *Program) completeTasks(c *cobra.Command, flag string) {
	_ = c.RegisterFlagCompletionFunc(flag, p.completeTask) // fails only where there is no such flag
}

// completeTask completes the name of a task, which shells show its title
// beside.
func (p *Program) completeTask(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	list := p.newest(c, url.Values{"archived": {"all"}, "sort": {"-created"}})
	ids := make([]task.ID, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	name := tails(ids)
	var found []cobra.Completion
	for _, t := range list {
		short := name(t.ID)
		if strings.HasPrefix(short, begun) && !slices.Contains(args, short) {
			found = append(found, cobra.CompletionWithDesc(short, terminal.Line(t.Title)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeContexts completes the name of a context.
func (p *Program) completeContexts(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if book, err := p.Contexts(); err == nil {
		all, _, _ := book.All() // without contexts there are no completions
		for _, one := range all {
			names = append(names, cobra.CompletionWithDesc(one.Name, one.URL))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeTemplate completes the name of a template.
func (p *Program) completeTemplate(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	p.quickly(c, func(ctx context.Context, s *httpapi.Client) {
		page, _ := s.Templates(ctx) // without templates there are no completions
		for _, t := range page.Templates {
			if !slices.Contains(args, t.Name) {
				names = append(names, cobra.CompletionWithDesc(terminal.Line(t.Name), terminal.Line(t.Title)))
			}
		}
	})
	return names, cobra.ShellCompDirectiveNoFileComp
}

// newest returns a page of the newest tasks, none where it cannot be had.
func (p *Program) newest(c *cobra.Command, params url.Values) (tasks []httpapi.Task) {
	params.Set("limit", "500")
	p.quickly(c, func(ctx context.Context, s *httpapi.Client) {
		page, _ := s.List(ctx, params, "") // without tasks there are no completions
		tasks = page.Tasks
	})
	return tasks
}

// quickly asks the service, in as little time as somebody waits who has just
// pressed a key; not at all where nobody knows where it is.
func (p *Program) quickly(c *cobra.Command, ask func(context.Context, *httpapi.Client)) {
	name := ""
	if flag := c.Flags().Lookup("context"); flag != nil {
		name = flag.Value.String()
	}
	at, err := p.place(name)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.Context(), completionTime)
	defer cancel()
	ask(ctx, at.client(completionTime, "", func(string) {}))
}

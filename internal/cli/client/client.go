// Package client is the todo command as people and scripts use it: the verbs
// that call a service, wherever it runs. Each verb has the file of its name.
package client

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/contexts"
)

// Program is what the verbs need of the world around them.
type Program struct {
	Now      func() time.Time
	Env      func(string) string
	Contexts func() (*contexts.Book, error)
}

// The groups of the verbs in the help of the root command.
const (
	groupTasks = "tasks"
	groupLooks = "looks"
	groupMany  = "many"
	groupPlace = "place"
	groupRuns  = "runs"
)

// AddTo adds the verbs to the root command, in groups of their own, and the
// topics of its help.
func (p *Program) AddTo(root *cobra.Command) {
	root.AddGroup(
		&cobra.Group{ID: groupTasks, Title: "Tasks:"},
		&cobra.Group{ID: groupLooks, Title: "Views:"},
		&cobra.Group{ID: groupMany, Title: "Many at once:"},
		&cobra.Group{ID: groupPlace, Title: "Where and who:"},
		&cobra.Group{ID: groupRuns, Title: "How it runs, for operators:"},
	)
	for group, verbs := range map[string][]*cobra.Command{
		groupTasks: {p.add(), p.show(), p.edit(), p.done(), p.undone(), p.undo(), p.skip(), p.archive(), p.unarchive(), p.remove(), p.template(), p.chat()},
		groupLooks: {p.list(), p.search(), p.today(), p.tomorrow(), p.overdue(), p.stats()},
		groupMany:  {p.importing(), p.export()},
		groupPlace: {p.login(), p.logout(), p.context(), p.key(), p.settings(), p.mcp()},
		groupRuns:  {p.scaling()},
	} {
		for _, c := range verbs {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	root.AddCommand(topics()...)
}

// verbTime is how long a request may take unless told otherwise: a front door
// waits up to a minute for a function that starts.
const verbTime = 90 * time.Second

// run is what a verb does.
type run func(context.Context, *session, []string) error

// verb completes a command that calls the service: flags that all of them
// have, and a session to run in.
func (p *Program) verb(c *cobra.Command, do run) *cobra.Command {
	var o options
	flags := c.Flags()
	flags.BoolVar(&o.json, "json", false, "print the API's own JSON")
	flags.StringVar(&o.context, "context", "", "the context to use, instead of the current one")
	flags.DurationVar(&o.timeout, "timeout", verbTime, "how long a request may take, with all its repetitions")
	flags.StringVar(&o.zone, "tz", "", "the time zone of today and tomorrow, such as Europe/Berlin (default this machine's)")
	c.SetFlagErrorFunc(misread)
	_ = c.RegisterFlagCompletionFunc("context", p.completeContexts) // fails only where there is no such flag
	c.Args = explained(c.Args)
	c.RunE = func(c *cobra.Command, args []string) error {
		s, err := p.open(c, o)
		if err != nil {
			return failed(err)
		}
		return s.at.failed(do(c.Context(), s, args))
	}
	return c
}

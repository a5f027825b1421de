package client

import "github.com/spf13/cobra"

// topics are pages of the help that belong to no single command.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "ids", Short: "How tasks are named", Long: `How tasks are named

A task's id is a UUID. Its beginning is the time at which it was made, its end is
random: so a task is named by the end, of which lists show 6 characters, or more
where those would not tell the tasks shown apart.

Wherever ID stands in the help, at least the last 4 characters of an id will do,
or all of it. What is the end of several ids is refused, with a list of them. Names
are looked up among the newest 50,000 tasks, completed and archived ones included;
older ones are known by their whole id, which todo show and --json print.
`},
		{Use: "exit-codes", Short: "What the exit code says", Long: `What the exit code says

    0  it is done
    1  it is not, for none of the reasons below
    2  the command line, or something it says, is wrong
    3  there is no such task, template, operation or context
    4  the tasks as they stand forbid it: a task waits for open ones, somebody
       changed it meanwhile, or an undo was overtaken
    5  the service cannot be reached, or cannot answer now
    6  not signed in there, or not allowed
  130  interrupted by Ctrl-C

Of several tasks that were refused the first decides. Commands that run the service
end with 0, 1 or 2.
`},
		{Use: "environment", Short: "What the environment decides", Long: `What the environment decides

  TODO_URL             where the service is, instead of the current context
  TODO_TOKEN           what signs in there
  TODO_TZ, TZ          the time zone of today and tomorrow, if not this machine's
  VISUAL, EDITOR       what todo edit opens
  COLUMNS              how wide tables may be
  NO_COLOR             if it is not empty, nothing has colour
  XDG_CONFIG_HOME      where contexts are kept: in todo-app/contexts.json, with
                       credentials.json beside it where there is no keyring
`},
	}
}

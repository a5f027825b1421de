package client

import (
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// apart holds that of some flags only one is given. It is called once the
// command has its Args.
func apart(c *cobra.Command, flags ...string) {
	args := c.Args
	c.Args = func(c *cobra.Command, given []string) error {
		var set []string
		for _, name := range flags {
			if c.Flags().Changed(name) {
				set = append(set, "--"+name)
			}
		}
		if len(set) > 1 {
			return errors.New(strings.Join(set, " and ") + " do not go together")
		}
		if args == nil {
			return nil
		}
		return args(c, given)
	}
}

// explained adds to a refusal of arguments how the command is used.
func explained(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if err := args(c, given); err != nil {
			return &Failure{Code: Usage, Text: printable(counted(err.Error())) + "\nUsage: " + c.UseLine()}
		}
		return nil
	}
}

// Named takes one argument, and says what it is, with an example, where it is
// missing.
func Named(what, example string) cobra.PositionalArgs {
	one := explained(cobra.ExactArgs(1))
	return func(c *cobra.Command, given []string) error {
		if len(given) == 0 {
			return misused("it is not said %s, as in: %s", what, example)
		}
		return one(c, given)
	}
}

// howMany are the words in which cobra refuses a number of arguments, and ours.
var howMany = []struct {
	its  *regexp.Regexp
	ours string
}{
	{regexp.MustCompile(`^accepts at most (\d+) arg\(s\), received (\d+)$`), "there may be $1 arguments at most, and there are $2"},
	{regexp.MustCompile(`^accepts (\d+) arg\(s\), received (\d+)$`), "there must be $1 arguments, and there are $2"},
	{regexp.MustCompile(`^requires at least (\d+) arg\(s\), only received (\d+)$`), "there must be $1 arguments or more, and there are $2"},
	{regexp.MustCompile(`^unknown command (".*") for ".*"$`), "there must be no arguments, and there is $1"},
}

func counted(refusal string) string {
	for _, words := range howMany {
		if words.its.MatchString(refusal) {
			text := words.its.ReplaceAllString(refusal, words.ours)
			return strings.NewReplacer("must be 1 arguments", "must be 1 argument", "may be 1 arguments", "may be 1 argument").Replace(text)
		}
	}
	return refusal
}

// misread puts the refusal of a flag's value in words.
func misread(_ *cobra.Command, err error) error {
	const its = `^invalid argument (".*") for "(?:-\w, )?(--[\w-]+)" flag: .*`
	found := regexp.MustCompile(its).FindStringSubmatch(err.Error())
	if found == nil {
		return &Failure{Code: Usage, Text: printable(err.Error())}
	}
	must := "must be a number"
	switch {
	case strings.Contains(err.Error(), "time: "):
		must = "must be a length of time, such as 30s or 2h"
	case strings.Contains(err.Error(), "ParseBool"):
		must = "must be true or false"
	}
	return misused("%s %s, and is %s", found[2], must, found[1])
}

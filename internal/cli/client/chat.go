package client

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// chatTime is as long as the service takes for an answer, and for waking up.
const chatTime = "4m"

func (p *Program) chat() *cobra.Command {
	var in string
	yes := false
	c := &cobra.Command{
		Use:   "chat TEXT...",
		Short: "Say in words what is to be done",
		Long: `Say in words what is to be done. A language model understands it where the
service has one; else it takes a few words of English and Urdu, such as add,
list, done, delete and undo. What deletes, or changes many tasks, is asked about
first, and not done where nobody can be asked unless --yes answers. Each is a
conversation of its own, unless --in goes on with one; standard error says how.`,
		Example: `  todo chat what is due today?
  todo chat add Pay rent tomorrow 9am
  todo chat delete all that is done`,
		Args: cobra.MinimumNArgs(1),
	}
	c.Flags().StringVar(&in, "in", "", "the id of a conversation to go on with")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c = p.verb(c, func(ctx context.Context, s *session, words []string) error {
		said := httpapi.Say{Message: strings.Join(words, " ")}
		if strings.TrimSpace(said.Message) == "" {
			return misused("there is nothing said: todo chat what is due today?")
		}
		if in != "" {
			id, err := task.ParseID(in)
			if err != nil {
				return misused("--in %v", err)
			}
			said.Conversation = id
		}
		answer, err := s.say(ctx, said)
		if err == nil && answer.Confirmation != nil {
			err = s.decide(ctx, answer, yes)
		}
		if err == nil && said.Conversation.IsZero() && !s.json {
			fmt.Fprintf(s.errors, "To go on with this: todo chat --in %v TEXT\n", answer.Conversation)
		}
		return err
	})
	if timeout := c.Flags().Lookup("timeout"); timeout != nil {
		timeout.DefValue = chatTime
		_ = timeout.Value.Set(chatTime) // it is a duration
	}
	return c
}

// say says something and shows the answer.
func (s *session) say(ctx context.Context, said httpapi.Say) (httpapi.Spoken, error) {
	answer, err := s.client.Chat(ctx, said)
	switch {
	case err != nil:
		return answer, err
	case s.json:
		return answer, s.printJSON(s.answer)
	}
	for _, line := range terminal.Lines(answer.Response) {
		for _, part := range terminal.Wrap(line, s.out.Width) {
			fmt.Fprintln(s.out, part)
		}
	}
	return answer, nil
}

// decide has somebody answer what waits for a yes. Where it is not a yes, it is
// dropped.
func (s *session) decide(ctx context.Context, asked httpapi.Spoken, yes bool) error {
	agreed := s.agree(ctx, "Do it?", yes)
	if agreed != nil {
		if ctx.Err() != nil { // what is said next drops it
			return agreed
		}
		if _, err := s.client.Chat(ctx, httpapi.Say{Conversation: asked.Conversation, Decline: asked.Confirmation.ID}); err != nil {
			return err
		}
		return agreed
	}
	_, err := s.say(ctx, httpapi.Say{Conversation: asked.Conversation, Confirm: asked.Confirmation.ID})
	return err
}

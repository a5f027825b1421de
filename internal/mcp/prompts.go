package mcp

import (
	"context"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"todo-app/internal/task/assist"
)

// prompt is something that a person may ask for by name.
type prompt struct {
	name, title, description string
	text                     string
}

var prompts = []prompt{
	{
		"plan_my_day", "Plan my day", "Go through what is overdue and due today, and make a plan of it.",
		`Plan my day with me. The resource below has the date and my open tasks that are overdue or due today.

1. Say in a sentence how the day looks.
2. Suggest an order for today: what is urgent and what others wait for first, three important things at most, then the rest.
3. For what is overdue, suggest for each to do it today, to move it to a day you name, or to drop it.

Ask me before you change anything. When I agree, change it with bulk_tasks where several tasks change alike, else with update_task, and tell me how to undo it.`,
	},
	{
		"weekly_review", "Weekly review", "Look back on the week, tidy the list, and choose what the next week is for.",
		`Do a weekly review with me. The resource below has the date and my open tasks that are overdue or due today.

1. Call stats with trends=true. Say what I got done in the last seven days, and what the numbers show.
2. Call list_tasks with due=week and status=pending. Say what is ahead, and which days are too full.
3. Call list_tasks with due=none and status=pending, sorted by updated. Name tasks that have lain there for long, and suggest for each a day, a smaller first step, or dropping it.
4. Suggest three things that the next week should be about.

Ask me before you change anything, and tell me how to undo it.`,
	},
}

// addPrompts offers the prompts. What tasks say comes behind them, as a
// resource apart, so that it is not taken for the person's words.
func (o Options) addPrompts(s *mcp.Server) {
	for _, p := range prompts {
		s.AddPrompt(&mcp.Prompt{Name: p.name, Title: p.title, Description: p.description},
			func(ctx context.Context, _ *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
				result, cause := assist.Today(ctx, o.Tasks)
				if cause != nil {
					return nil, errors.New(message(result.JSON))
				}
				return &mcp.GetPromptResult{Description: p.description, Messages: []*mcp.PromptMessage{
					{Role: "user", Content: &mcp.TextContent{Text: p.text}},
					{Role: "user", Content: &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: todayURI, MIMEType: jsonType, Text: string(result.JSON)}}},
				}}, nil
			})
	}
}

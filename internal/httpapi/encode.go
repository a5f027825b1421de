package httpapi

import (
	"encoding/json"

	"todo-app/internal/task"
)

// encodePatch writes a patch as JSON: members that are set, null for those
// put back to their default.
func encodePatch(p task.Patch) ([]byte, error) {
	members := map[string]any{}
	put(members, "title", p.Title, same)
	put(members, "description", p.Description, same)
	put(members, "completed", p.Completed, same)
	put(members, "priority", p.Priority, task.Priority.String)
	put(members, "category", p.Category, same)
	put(members, "tags", p.Tags, orEmpty)
	put(members, "due", p.Due, task.Due.String)
	put(members, "reminders", p.Reminders, orEmpty)
	put(members, "recurrence", p.Recurrence, func(r task.RecurrencePatch) map[string]any {
		inner := map[string]any{}
		put(inner, "rule", r.Rule, same)
		put(inner, "from", r.From, same)
		put(inner, "skip_if_open", r.SkipIfOpen, same)
		return inner
	})
	put(members, "parent_id", p.ParentID, same)
	put(members, "depends_on", p.DependsOn, orEmpty)
	put(members, "order", p.Order, same)
	put(members, "archived", p.Archived, same)
	return json.Marshal(members)
}

func put[T, J any](members map[string]any, name string, f task.Field[T], form func(T) J) {
	switch {
	case f.Null:
		members[name] = nil
	case f.Set:
		members[name] = form(f.Value)
	}
}

func same[T any](v T) T { return v }

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

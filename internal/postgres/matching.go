package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// Matching implements task.Tx. Words and tags are searched from the end of the
// longest: what it finds is looked at whole, as a bulk must.
func (t *tx) Matching(ctx context.Context, v task.View, f task.Filter, most int) ([]task.ID, error) {
	l := listing{Query: task.Query{Filter: f, Sort: task.SortCreated, Limit: most - 1}, view: v, terms: searched(f), driver: -1}
	if len(l.terms)-len(f.Tags) > maxSearchWords {
		return nil, task.Faults{{Pointer: "/filter/q", Detail: fmt.Sprintf("must be at most %d words", maxSearchWords)}}
	}
	if f.HasText && len(words(f.Text)) == 0 {
		l.nothing = true
	}
	for i, each := range l.terms {
		if l.driver < 0 || len(each.text) > len(l.terms[l.driver].text) {
			l.driver = i
		}
	}
	l.arg(t.write.Owner)
	rows, _, err := l.rows()
	if err != nil {
		return nil, err
	}
	var found []task.ID
	t.planAnew()
	err = t.query(ctx, `select m.id from (`+rows+`) m order by m.created_at, m.id`, l.args, func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[uuid])
		for _, id := range list {
			found = append(found, task.ID(id))
		}
		return err
	})
	return found, err
}

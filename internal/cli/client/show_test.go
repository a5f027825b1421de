package client_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestShowTellsAllThatBelongsToATask(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=60")
	named := fill(p)
	p.ask(http.MethodPatch, "/api/v1/tasks/"+idOf(p, named["rent"]), fmt.Sprintf(
		`{"description": "To the *new* account.\n\n\u001b[2Ja line that is so long that it has to be broken somewhere, and 買い物リストを作る牛乳とパンと卵を忘れないこと\n", "depends_on": [%q, %q]}`,
		idOf(p, named["done"]), idOf(p, named["late"])))
	p.todo("show", named["rent"])
	p.todo("show", named["move"])
	p.todo("show", named["van"])
	p.todo("show", named["done"])
	p.todo("show", named["hostile"])
	p.saw("show")
}

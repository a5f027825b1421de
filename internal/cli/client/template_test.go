package client_test

import (
	"encoding/json"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
)

func TestTemplatesAreKeptAndTasksMadeOfThem(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=80")
	named := fill(p)
	p.todo("template", "list")
	p.todo("template", "save", "Rent", "--from", named["rent"])
	p.todo("template", "save", "report", "Write the weekly report", "--due", "friday 15:00", "--tag", "work", "--note", "All of it.\x1b[2J", "--remind", "1h")
	p.todo("template", "save", "report", "Again")
	p.todo("template", "list")
	p.todo("template", "show", "report")
	p.todo("template", "use", "report")
	p.todo("template", "use", "REPORT", "--title", "Write the report of May", "--due", "2026-05-29", "--priority", "high")
	p.todo("template", "save", "report", "Write", "less", "--replace")
	p.todo("template", "show", "report")
	p.todo("template", "use", "nothing")
	p.todo("template", "save", "x")
	p.todo("template", "save", "x", "y", "--from", named["rent"])
	p.todo("template", "save", "x", "--from", named["rent"], "--tag", "z")
	p.todo("template", "save", "x", "y", "--parent", named["move"])
	p.todo("template", "rm", "report", "nothing")
	p.todo("template")
	p.saw("template")
	var all []httpapi.Template
	if err := json.Unmarshal([]byte(p.ok("template", "list", "--json")), &all); err != nil || len(all) != 1 || all[0].Name != "rent" {
		t.Error(all, err)
	}
	if out := p.ok("__complete", "template", "use", ""); !strings.HasPrefix(out, "rent\tPay rent\n") {
		t.Error(out)
	}
	if out := p.ok("template", "rm", "rent", "--json"); out != "{\"deleted\":1}\n" {
		t.Errorf("%q", out)
	}
}

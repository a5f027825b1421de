package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reporting takes files and answers with a report.
func reporting(t testing.TB, report string, seen *[]string) *service {
	return pretend(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*seen = append(*seen, r.Method+" "+r.URL.RequestURI()+" "+string(text))
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, report)
	}))
}

const report = `{"format":"todo-cli","created":2,"skipped":1,"refused":1,"results":[
{"position":1,"kind":"task","result":"created","id":"019ca700-0000-7000-8000-000000000001","detail":"","errors":[],"notes":[]},
{"position":2,"kind":"task","result":"created","id":"019ca700-0000-7000-8000-000000000002","title":"Pay \u001b[2J","name":"2","detail":"","errors":[],"notes":[{"pointer":"/due_date","detail":"\"soon\u001b[2J\" is not carried over"}]},
{"position":3,"kind":"task","result":"skipped","id":"019ca700-0000-7000-8000-000000000003","detail":"was taken over before","errors":[],"notes":[]},
{"position":4,"kind":"task","result":"refused","id":null,"title":"","name":"7","detail":"","errors":[{"pointer":"/title","detail":"must not be blank"}],"notes":[]}
]}
`

func TestAnImportTellsOfWhatIsRefusedAndWhatIsNotCarriedOver(t *testing.T) {
	t.Parallel()
	var seen []string
	p := reporting(t, report, &seen).person(t)
	name := filepath.Join(p.home, "tasks.json")
	if err := os.WriteFile(name, []byte("the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.todo("import", name)
	p.todo("import", filepath.Join(p.home, "nowhere.json"))
	p.todo("import")
	p.saw("import")
	r := p.run("the input", "import", "-", "--format", "todoist", "--json")
	var got struct {
		Created int
		Results []struct{ Result string }
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != 2 || got.Created != 2 || len(got.Results) != 4 || got.Results[3].Result != "refused" {
		t.Errorf("%+v, %v: %s", got, err, r.out)
	}
	want := "POST /api/v1/import the file|POST /api/v1/import?format=todoist the input"
	if strings.Join(seen, "|") != want {
		t.Errorf("the service saw %q", seen)
	}
	none := reporting(t, `{"format":"","created":0,"skipped":0,"refused":0,"results":[]}`, &seen).person(t)
	if r := none.run("", "import", "-", "--json"); r.code != 0 || !json.Valid([]byte(r.out)) {
		t.Errorf("%+v", r)
	}
	half := reporting(t, report[:300], &seen).person(t)
	if r := half.run("", "import", "-"); r.code != 1 || !strings.Contains(r.problem, "reading what became of the file") {
		t.Errorf("%+v", r)
	}
}

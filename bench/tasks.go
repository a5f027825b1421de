package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"todo-app/bench/owners"
)

const tasksPath = "/api/v1/tasks"

// draft is a task as people have them: a few words of title, a line or two of
// description, two tags, a due for one in two.
func draft(i int) map[string]any {
	d := map[string]any{
		"title":       fmt.Sprintf("Water the plants on floor %d", i),
		"description": "An errand that somebody has to run before the week is over, and then tell the others by mail.",
		"category":    "home",
		"tags":        []string{fmt.Sprintf("tag%d", i%10), "errands"},
		"priority":    []string{"low", "medium", "high"}[i%3],
	}
	if i%2 == 0 { // far enough ahead for the clock to change nothing meanwhile
		d["due"] = time.Now().AddDate(0, 0, 2+i%300).UTC().Format(time.RFC3339)
	}
	return d
}

// body writes a value as JSON.
func body(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // of maps and strings
	}
	return string(b)
}

// response is an answer outside any measurement.
type response struct {
	Header http.Header
	Body   []byte
}

// ask sends one request for setting something up; the answer must be 2xx.
func ask(ctx context.Context, p *process, owner, method, path, body string) (response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	r.Host = "127.0.0.1" // as request has it
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(owners.Header, owner)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, content)
	}
	return response{answer.Header, content}, err
}

// perRequest is how many tasks one POST may carry.
const perRequest = 1000

// fill creates n tasks, the i-th of them by make.
func fill(ctx context.Context, p *process, owner string, n int, make func(i int) map[string]any) error {
	for from := 0; from < n; from += perRequest {
		var drafts []map[string]any
		for i := from; i < min(n, from+perRequest); i++ {
			drafts = append(drafts, make(i))
		}
		if _, err := ask(ctx, p, owner, http.MethodPost, tasksPath, body(drafts)); err != nil {
			return err
		}
	}
	return nil
}

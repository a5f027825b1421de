package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// The parts of A2A 0.3 that a round needs (a2a-protocol.org, sections 6 and 7).
type (
	part struct {
		Kind string `json:"kind"`
		Text string `json:"text,omitempty"`
	}
	message struct {
		Kind      string `json:"kind"`
		Role      string `json:"role"`
		MessageID string `json:"messageId"`
		Parts     []part `json:"parts"`
	}
	result struct { // a task, or a message
		Kind   string
		Parts  []part
		Status struct {
			State   string
			Message *message
		}
		Artifacts []struct{ Parts []part }
	}
	reply struct {
		Result *result
		Error  *struct {
			Code    int
			Message string
		}
	}
)

// ask sends a text to the agent and returns the state that it left its task in,
// and the text of its answer.
func (r Round) ask(ctx context.Context, text string) (state, answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, agentTime)
	defer cancel()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": r.NewID(), "method": "message/send", "params": map[string]any{
		"message": message{Kind: "message", Role: "user", MessageID: r.NewID(), Parts: []part{{Kind: "text", Text: text}}},
	}})
	if err != nil {
		return "", "", err
	}
	data, err := r.post(ctx, r.Agent, body, http.Header{"Content-Type": {"application/json"}})
	if err != nil {
		return "", "", err
	}
	var got reply
	switch err := json.Unmarshal(data, &got); {
	case err != nil:
		return "", "", fmt.Errorf("reading its answer: %w", err)
	case got.Error != nil:
		return "", "", fmt.Errorf("it answers %d: %.300q", got.Error.Code, got.Error.Message)
	case got.Result == nil:
		return "", "", errors.New("it answers with neither a result nor an error")
	}
	return got.Result.read()
}

// read returns the state and the text of a result.
func (r result) read() (state, text string, err error) {
	if r.Kind == "message" {
		return "completed", joined(r.Parts), nil
	}
	for _, a := range r.Artifacts {
		text += joined(a.Parts)
	}
	if m := r.Status.Message; text == "" && m != nil {
		text = joined(m.Parts)
	}
	if r.Status.State != "completed" {
		err = fmt.Errorf("its task is %.40q: %.300q", r.Status.State, text)
	}
	return r.Status.State, text, err
}

func joined(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Kind == "text" {
			b.WriteString(p.Text)
		}
	}
	return strings.TrimSpace(b.String())
}

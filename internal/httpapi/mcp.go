package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"todo-app/internal/task"
)

const mcpPath = "/mcp"

// messageTime is how long answering a message may take: what it leads to, with
// what comes before and after that.
const messageTime = bulkTime + requestTime

// Assisted is on whose behalf an assistant asks.
type Assisted struct {
	Scope task.Scope
	Zone  string // an IANA name, "": the owner's own
}

// MCP returns the endpoint of the mcp function. A message of an assistant's is
// relayed to other endpoints, which admit and charge for it as for any request,
// so that it counts among those that wait.
func (a *API) MCP() []Endpoint {
	return []Endpoint{{Method: http.MethodPost, Path: mcpPath, handle: relayMessage, limit: messageTime, waits: true, relays: true}}
}

// relayMessage has Assist answer a message.
func relayMessage(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	if _, _, err := r.idempotencyKey(); err != nil {
		return err
	}
	// Without it a message that took all its time could not be answered.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(messageTime + stalled))
	message := r.relayed()
	message.Body = io.NopCloser(bytes.NewReader(r.body))
	held := NewHeld()
	r.api.Assist(held, message, Assisted{Scope: r.scope, Zone: r.URL.Query().Get("tz")})
	switch err := r.Context().Err(); {
	case err == context.DeadlineExceeded && r.scope == task.ScopeWrite: // what a tool has begun is carried out
		return fmt.Errorf("%w: %w", task.ErrUnknownOutcome, err)
	case err != nil:
		return err
	}
	return held.release(w)
}

// relayed returns the request as those are told of it that it leads to: under
// the ids that it has here.
func (r *request) relayed() *http.Request {
	relayed := r.Request.Clone(r.Context())
	relayed.Header["X-Request-Id"] = []string{r.id}
	relayed.Header["Traceparent"] = []string{r.trace}
	return relayed
}

// release sends the answer. A refusal in plain text becomes a problem document.
func (h *Held) release(w http.ResponseWriter) error {
	contentType := h.header.Get("Content-Type")
	if h.Status >= http.StatusBadRequest && !strings.HasPrefix(contentType, jsonType) {
		return &Problem{Status: h.Status, Detail: strings.TrimSpace(h.Body.String())}
	}
	w.Header()["Cache-Control"] = noStore
	write(w, h.Status, contentType, h.Body.Bytes())
	return nil
}

// noStore keeps answers to messages from being taken for those to others.
var noStore = []string{"no-store"}

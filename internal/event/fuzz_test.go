package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"todo-app/internal/event"
	"todo-app/internal/task"
)

var keyForm = regexp.MustCompile(`^ce:[A-Za-z0-9_-]{43}$`)

// FuzzReceive holds that whatever is sent gets commands that keep their
// contract, or an answer that a caller can be given.
func FuzzReceive(f *testing.F) {
	f.Fuzz(func(t *testing.T, head string, body []byte) {
		if len(body) > 1<<20 {
			return
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		for line := range strings.Lines(head) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			name = textproto.CanonicalMIMEHeaderKey(name)
			r.Header[name] = append(r.Header[name], value)
		}
		commands, err := event.Receive(r)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		if len(commands) == 0 || len(commands) > event.MaxBatch {
			t.Errorf("%d commands", len(commands))
		}
		for _, c := range commands {
			checkCommand(t, c)
		}
	})
}

func checkRefusal(t *testing.T, err error) {
	if errors.Is(err, event.ErrMediaType) {
		return
	}
	var faults task.Faults
	if !errors.As(err, &faults) || len(faults) == 0 || len(faults) > 20*event.MaxBatch {
		t.Fatalf("%T with %d faults: %v", err, len(faults), err)
	}
	for _, fault := range faults {
		if !utf8.ValidString(fault.Pointer+fault.Detail) || len(fault.Pointer) > 300 || len(fault.Detail) > 600 ||
			fault.Pointer != "" && fault.Pointer[0] != '/' || fault.Detail == "" {
			t.Errorf("%q", fault)
		}
	}
}

func checkCommand(t *testing.T, c event.Command) {
	if !keyForm.MatchString(c.Key) {
		t.Errorf("key %q", c.Key)
	}
	if c.Data != nil && (!json.Valid(c.Data) || !utf8.Valid(c.Data)) || c.Data == nil && c.Kind != event.Delete {
		t.Errorf("data %q", c.Data)
	}
	if c.Kind < event.Create || c.Kind > event.Delete {
		t.Errorf("kind %d", c.Kind)
	}
	if _, err := task.ParseID(c.Subject); c.Kind != event.Create && err != nil || strings.ContainsRune(c.Subject, 0) || !utf8.ValidString(c.Subject) {
		t.Errorf("subject %q", c.Subject)
	}
	if c.Trace != "" && len(c.Trace) != 55 {
		t.Errorf("trace %q", c.Trace)
	}
}

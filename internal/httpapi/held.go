package httpapi

import (
	"bytes"
	"net/http"
)

// Held is an answer that is kept in memory, because nobody may see it before it
// is whole: an http.ResponseWriter.
type Held struct {
	Status int // 200 where none was written
	Body   bytes.Buffer

	header  http.Header
	written bool
}

// NewHeld returns an empty one.
func NewHeld() *Held { return &Held{Status: http.StatusOK, header: http.Header{}} }

// Header implements http.ResponseWriter.
func (h *Held) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *Held) WriteHeader(status int) {
	if !h.written {
		h.Status, h.written = status, true
	}
}

// Write implements http.ResponseWriter.
func (h *Held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.Body.Write(b)
}

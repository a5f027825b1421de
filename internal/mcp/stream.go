package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// lastAnswers is how long the end of the input waits for answers to what
	// was asked before it. A request that its sender cancelled gets none.
	lastAnswers = 30 * time.Second

	// longestLine is the longest message that is waited for, in bytes.
	longestLine = 1 << 20
)

// stream knows which requests of an input have no answer yet, so that the input
// ends behind the last: whoever writes one message and closes the pipe is
// answered, too.
type stream struct {
	ctx context.Context

	mu            sync.Mutex
	read, written []byte // of lines that have not ended
	open          int    // requests without an answer
	answered      chan struct{}
}

// input and output are the ends of a stream.
type input struct {
	io.ReadCloser
	s *stream
}

type output struct {
	io.WriteCloser
	s *stream
}

func newStream(ctx context.Context, in io.ReadCloser, out io.WriteCloser) (input, output) {
	s := &stream{ctx: ctx, answered: make(chan struct{}, 1)}
	return input{in, s}, output{out, s}
}

// Read implements io.Reader.
func (i input) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	ends := errors.Is(err, io.EOF)
	i.s.note(&i.s.read, p[:n], ends)
	if ends {
		i.s.wait()
	}
	return n, err
}

// Write implements io.Writer.
func (o output) Write(p []byte) (int, error) {
	n, err := o.WriteCloser.Write(p)
	o.s.note(&o.s.written, p[:n], false)
	return n, err
}

// note counts the requests and the answers among the lines that end in p.
func (s *stream) note(line *[]byte, p []byte, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		before, after, ended := bytes.Cut(p, []byte("\n"))
		if len(*line)+len(before) <= longestLine {
			*line = append(*line, before...)
		}
		if !ended && !last {
			break
		}
		var message struct {
			ID     json.RawMessage
			Method string
		}
		if json.Unmarshal(*line, &message) == nil && message.ID != nil {
			if message.Method != "" {
				s.open++
			} else {
				s.open--
			}
		}
		*line = (*line)[:0]
		if p = after; !ended {
			break
		}
	}
	if s.open <= 0 {
		select {
		case s.answered <- struct{}{}:
		default:
		}
	}
}

// wait waits until nothing is open, for a while.
func (s *stream) wait() {
	ctx, cancel := context.WithTimeout(s.ctx, lastAnswers)
	defer cancel()
	for {
		s.mu.Lock()
		open := s.open
		s.mu.Unlock()
		if open <= 0 {
			return
		}
		select {
		case <-s.answered:
		case <-ctx.Done():
			return
		}
	}
}

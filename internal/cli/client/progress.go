package client

import (
	"fmt"
	"strings"
	"time"

	"todo-app/internal/cli/terminal"
)

// redraw is how often progress is told anew: as fast as people read.
const redraw = 200 * time.Millisecond

// progress tells somebody who waits how far something has come, on one line
// that is written over and gone in the end. Scripts are told nothing.
type progress struct {
	s     *session
	next  time.Time
	width int // of what is on the line
}

// tell shows a text, unless another was shown just now.
func (p *progress) tell(format string, args ...any) {
	if now := time.Now(); p.s.person && !now.Before(p.next) {
		p.next = now.Add(redraw)
		p.show(fmt.Sprintf(format, args...))
	}
}

func (p *progress) show(text string) {
	text = terminal.Line(text)
	width := terminal.Width(text)
	fmt.Fprintf(p.s.errors, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-width)))
	p.width = width
}

// end takes the line away.
func (p *progress) end() {
	if p.width > 0 {
		p.show("")
		fmt.Fprint(p.s.errors, "\r")
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

package terminal

import (
	"io"
	"runtime"
	"strconv"

	"golang.org/x/term"
)

// Screen is where a command writes.
type Screen struct {
	io.Writer
	Terminal bool // somebody looks at it
	Width    int  // columns; 0: no end
	Colour   bool
}

// NewScreen returns w as a screen. Its width is COLUMNS where the environment
// has that, else the terminal's, else without end. It has colour on a terminal
// unless NO_COLOR (https://no-color.org) or TERM=dumb forbid it.
func NewScreen(w io.Writer, env func(string) string) Screen {
	s := Screen{Writer: w}
	if f, ok := w.(interface{ Fd() uintptr }); ok && term.IsTerminal(int(f.Fd())) {
		s.Terminal = true
		s.Width, _, _ = term.GetSize(int(f.Fd())) // 0 where it does not say
	}
	if n, err := strconv.Atoi(env("COLUMNS")); err == nil && n > 0 {
		s.Width = n
	}
	// Consoles of old Windows show escape sequences as they are.
	obeys := runtime.GOOS != "windows" || env("WT_SESSION") != "" || env("TERM") != ""
	s.Colour = s.Terminal && obeys && env("NO_COLOR") == "" && env("TERM") != "dumb"
	return s
}

// Style is how a piece of text looks where there is colour.
type Style string

// The styles, by what they say; each is a parameter of ECMA-48's SGR.
const (
	Plain  Style = ""
	Strong Style = "1"
	Faint  Style = "2"
	Bad    Style = "31"
	Good   Style = "32"
	Soon   Style = "33"
	Name   Style = "36"
)

// Styled returns text, which has no control characters, in a style.
func (s Screen) Styled(style Style, text string) string {
	if !s.Colour || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

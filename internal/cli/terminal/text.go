// Package terminal writes for people: tables that fit the window, colour where
// there is some, questions, and text of others that cannot give orders.
package terminal

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Line returns s as one line that a terminal shows and does not obey: control
// characters become visible ones, and those that turn the direction of all
// that follows become U+FFFD.
func Line(s string) string {
	return strings.Map(visible, strings.ToValidUTF8(s, "�"))
}

// Lines returns the lines of s, each as Line has it; tabs are spaces.
func Lines(s string) []string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\t", "    ")
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = Line(lines[i])
	}
	return lines
}

func visible(r rune) rune {
	switch {
	case r < ' ':
		return '␀' + r
	case r == 0x7f:
		return '␡'
	case r == '\u2028' || r == '\u2029': // separators of lines and paragraphs
		return ' '
	case unicode.IsControl(r) || turns(r):
		return unicode.ReplacementChar
	}
	return r
}

// turns reports whether r changes the direction of text beyond itself: the
// embeddings, overrides and isolates of Unicode's bidirectional algorithm.
func turns(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// isolate keeps right-to-left text from reordering what stands beside it, on
// terminals that reorder at all.
func (s Screen) isolate(text string) string {
	if s.Terminal && strings.ContainsFunc(text, rightToLeft) {
		return "\u2068" + text + "\u2069"
	}
	return text
}

// rightToLeft reports whether r is in one of the blocks that Unicode keeps for
// scripts written from the right.
func rightToLeft(r rune) bool {
	return 0x590 <= r && r <= 0x8ff || 0xfb1d <= r && r <= 0xfdff || 0xfe70 <= r && r <= 0xfeff ||
		0x10800 <= r && r <= 0x10fff || 0x1e800 <= r && r <= 0x1efff
}

// Width returns how many columns s takes.
func Width(s string) int { return displaywidth.String(s) }

// Cut returns s in at most width columns, with an ellipsis where it was longer.
func Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return displaywidth.TruncateString(s, width, "…")
}

// Wrap returns s in lines of at most width columns, broken between words, and
// within those that are longer; 0 breaks nothing.
func Wrap(s string, width int) []string {
	if width <= 0 || Width(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
		for Width(line) > width {
			head := displaywidth.TruncateString(line, width, "")
			if head == "" { // one character is wider than the window
				break
			}
			lines, line = append(lines, head), line[len(head):]
		}
	}
	return append(lines, line)
}

// JSON returns a JSON text that says the same and that a terminal does not
// obey: what JSON allows unescaped and Line would replace is escaped.
func JSON(text []byte) []byte {
	var b []byte
	for i, r := range string(text) {
		if r == 0x7f || 0x80 <= r && r < 0xa0 || turns(r) {
			if b == nil {
				b = append(make([]byte, 0, len(text)+16), text[:i]...)
			}
			b = append(b, '\\', 'u', hex(r>>12), hex(r>>8), hex(r>>4), hex(r))
		} else if b != nil {
			b = append(b, string(r)...)
		}
	}
	if b == nil {
		return text
	}
	return b
}

func hex(r rune) byte { return "0123456789abcdef"[r&15] }

// Harmless returns a writer that passes on text which a terminal shows and does
// not obey: what Line would replace it does, or escapes in JSON, but for ends of
// lines and tabs. It holds back a character that is not whole until the rest of
// it comes.
func Harmless(w io.Writer, json bool) io.Writer { return &harmless{w: w, json: json} }

type harmless struct {
	w    io.Writer
	json bool
	rest []byte
}

// Write implements io.Writer.
func (h *harmless) Write(b []byte) (int, error) {
	text := append(h.rest, b...)
	whole := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				whole = at
			}
			break
		}
	}
	h.rest = append([]byte(nil), text[whole:]...)
	text = text[:whole]
	if h.json {
		text = JSON(text)
	} else {
		text = bytes.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == '\t' {
				return r
			}
			return visible(r)
		}, text)
	}
	if _, err := h.w.Write(text); err != nil {
		return 0, err
	}
	return len(b), nil
}

package interchange

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

// property is a content line of iCalendar (RFC 5545, section 3.1).
type property struct {
	name   string // in upper case
	params map[string]string
	value  string // as it stands there, escapes and all
}

// lineReader reads content lines, putting together what was folded. How long
// one may become is up to the input.
type lineReader struct {
	in     *input
	b      *bufio.Reader
	buf    []byte
	line   int   // number of the last physical line read
	offset int64 // bytes read
}

func newLineReader(in *input) *lineReader { return &lineReader{in: in, b: bufio.NewReader(in)} }

// next returns the next line that is not empty, good until the next call.
func (l *lineReader) next() ([]byte, error) {
	for {
		l.buf = l.buf[:0]
		if err := l.physical(); err != nil {
			return nil, err
		}
		for l.folded() {
			if err := l.physical(); err != nil && err != io.EOF {
				return nil, err
			}
		}
		if len(l.buf) > 0 {
			return l.buf, nil
		}
	}
}

// physical appends a line without its end, which may lack the CR that RFC 5545
// asks for.
func (l *lineReader) physical() error {
	before := len(l.buf)
	l.line++
	for {
		part, err := l.b.ReadSlice('\n')
		l.offset += int64(len(part))
		l.buf = append(l.buf, part...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(l.buf) > before: // the last line may lack its end
		case err != nil:
			return err
		}
		break
	}
	l.buf = trimEnd(l.buf, before)
	return nil
}

func trimEnd(b []byte, from int) []byte {
	if n := len(b); n > from && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if n := len(b); n > from && b[n-1] == '\r' {
		b = b[:n-1]
	}
	return b
}

// folded reports whether the line goes on in the next one, and passes over
// what says so.
func (l *lineReader) folded() bool {
	next, err := l.b.Peek(1)
	if err != nil || next[0] != ' ' && next[0] != '\t' {
		return false
	}
	l.b.Discard(1) // it has been peeked at
	l.offset++
	return true
}

// parseProperty reads a content line; ok is false if it is none.
func parseProperty(line string) (p property, ok bool) {
	end := strings.IndexAny(line, ";:")
	if end <= 0 {
		return p, false
	}
	p.name = strings.ToUpper(line[:end])
	for rest := line[end:]; ; {
		if value, ok := strings.CutPrefix(rest, ":"); ok {
			p.value = value
			return p, strings.Trim(p.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
		}
		if rest, ok = p.param(rest); !ok {
			return p, false
		}
	}
}

// param reads ;NAME=VALUE,VALUE… from the beginning of s, keeps the first
// value, and returns the rest.
func (p *property) param(s string) (rest string, ok bool) {
	name, rest, ok := strings.Cut(strings.TrimPrefix(s, ";"), "=")
	if !ok || strings.ContainsAny(name, ":;\"") || s[0] != ';' {
		return "", false
	}
	for first := true; ; first = false {
		var value string
		if value, rest, ok = paramValue(rest); !ok {
			return "", false
		}
		if first {
			p.set(strings.ToUpper(name), value)
		}
		if rest, ok = strings.CutPrefix(rest, ","); !ok {
			return rest, true
		}
	}
}

func (p *property) set(name, value string) {
	if p.params == nil {
		p.params = map[string]string{}
	}
	if _, ok := p.params[name]; !ok {
		p.params[name] = caret.Replace(value)
	}
}

// caret undoes RFC 6868.
var caret = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^")

func paramValue(s string) (value, rest string, ok bool) {
	if quoted, is := strings.CutPrefix(s, `"`); is {
		return strings.Cut(quoted, `"`)
	}
	end := strings.IndexAny(s, ";:,")
	if end < 0 {
		return "", "", false
	}
	return s[:end], s[end:], true
}

// values splits a list of TEXTs at its commas and undoes the escapes.
func (p property) values() []string {
	var list []string
	start := 0
	for i := 0; i < len(p.value); i++ {
		switch p.value[i] {
		case '\\':
			i++
		case ',':
			list = append(list, unescape(p.value[start:i]))
			start = i + 1
		}
	}
	return append(list, unescape(p.value[start:]))
}

// text returns the value as a TEXT (RFC 5545, section 3.3.11).
func (p property) text() string { return unescape(p.value) }

// unescape undoes the escapes of a TEXT, and takes a backslash for nothing but
// itself before what needs none.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			switch next := s[i+1]; next {
			case 'n', 'N':
				c = '\n'
				i++
			case '\\', ';', ',', ':', '"':
				c = next
				i++
			}
		}
		b = append(b, c)
	}
	return string(b)
}

// appendLine appends a content line, folded so that none is longer than 75
// octets and no character is torn.
func appendLine(b []byte, name, value string) []byte {
	line := name + ":" + value
	for room := 75; len(line) > room; room = 74 { // a fold's space counts
		end := room
		for !utf8.RuneStart(line[end]) {
			end--
		}
		b = append(append(b, line[:end]...), "\r\n "...)
		line = line[end:]
	}
	return append(append(b, line...), "\r\n"...)
}

// escape writes a TEXT. A line ends with LF there, and other control
// characters cannot be: they become U+FFFD rather than vanish.
func escape(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || strings.ContainsRune(`\;,`, r) || r == utf8.RuneError
	}) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case r == '\n' || r == '\r':
			b.WriteString(`\n`)
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' && r != '\t' || r == 0x7f:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

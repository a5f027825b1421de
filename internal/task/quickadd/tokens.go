package quickadd

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokens cuts the whole text up by what its parts became.
func (p *parser) tokens() []Token {
	c := cutter{whole: p.text}
	at := 0
	for _, u := range p.units {
		from, to := p.lexemes[u.from].start, p.lexemes[u.to-1].end
		c.text(at, from)
		c.add(Token{Kind: u.kind, Start: from, End: to, Value: u.value, From: u.counted})
		at = to
	}
	c.text(at, len(p.text))
	c.trim()
	start := 0
	for i := range c.tokens {
		t := &c.tokens[i]
		t.Text = c.source(*t)
		t.Start, t.End = start, start+utf8.RuneCountInString(t.Text)
		start = t.End
		switch t.Kind {
		case Title:
			t.Value = t.Text
			if i == 0 || c.tokens[i-1].Kind != Escape {
				t.Note = unmarked(t.Text)
			}
		case Description:
			t.Value = p.patch.Description.Value
		}
	}
	return c.tokens
}

// unmarked says of a piece of a title which word of it begins as a priority or
// a reminder does and is neither, "" if none.
func unmarked(text string) string {
	for word := range strings.FieldsSeq(text) {
		rest, ok := strings.CutPrefix(word, "!")
		if first, _ := utf8.DecodeRuneInString(rest); ok && (unicode.IsLetter(first) || unicode.IsDigit(first)) {
			return strconv.Quote(clip(word)) + " is neither a priority (!high, !medium, !low) nor a reminder (!30m): it stays in the title"
		}
	}
	return ""
}

// title joins what stays: with the white space before what was taken out, or
// with none before the punctuation that was glued to it.
func title(tokens []Token) string {
	var b strings.Builder
	space := ""
	for i, t := range tokens {
		switch {
		case t.Kind == Separator && space == "":
			space = strings.Map(spaceOnly, t.Text)
		case t.Kind == Title:
			if b.Len() > 0 && (i == 0 || !takesOut(tokens[i-1].Kind)) {
				b.WriteString(space)
			}
			b.WriteString(t.Text)
			space = ""
		}
	}
	return b.String()
}

func spaceOnly(r rune) rune {
	if unicode.IsSpace(r) {
		return r
	}
	return -1
}

// takesOut reports whether a token of a kind leaves a gap in the title.
func takesOut(k Kind) bool { return k != Title && k != Separator && k != Escape }

// cutter collects tokens, whose places are in bytes as yet.
type cutter struct {
	whole  string
	tokens []Token
}

func (c *cutter) source(t Token) string { return c.whole[t.Start:t.End] }

// text adds what lies between two units: title, and the white space around it.
func (c *cutter) text(from, to int) {
	begin := to - len(strings.TrimLeftFunc(c.whole[from:to], unicode.IsSpace))
	end := begin + len(strings.TrimRightFunc(c.whole[begin:to], unicode.IsSpace))
	c.add(Token{Kind: Separator, Start: from, End: begin})
	c.add(Token{Kind: Title, Start: begin, End: end})
	c.add(Token{Kind: Separator, Start: end, End: to})
}

// add adds a token unless it is empty. What stands side by side and says the
// same becomes one: tomorrow 9am.
func (c *cutter) add(t Token) {
	n := len(c.tokens)
	switch {
	case t.Start == t.End:
	case t.Kind == Separator && n > 0 && c.tokens[n-1].Kind == Separator:
		c.tokens[n-1].End = t.End
	case (t.Kind == Due || t.Kind == Recurrence) && n > 1 && c.tokens[n-1].Kind == Separator && c.tokens[n-2].Kind == t.Kind:
		c.tokens[n-2].End = t.End
		c.tokens = c.tokens[:n-1]
	default:
		c.tokens = append(c.tokens, t)
	}
}

// Pauses make no sense where one of their sides was taken out, stops where
// nothing is left before them.
const (
	pauses = ",;:،؛、，；："
	stops  = ".。"
)

// trim makes separators of the punctuation that what was taken out leaves
// without something to separate: at the title's beginning and end, and behind
// other such punctuation.
func (c *cutter) trim() {
	whole := c.tokens
	final := lastTitle(whole)
	c.tokens = make([]Token, 0, len(whole)+2)
	before := ""
	for i, t := range whole {
		if t.Kind != Title {
			c.add(t)
			continue
		}
		body := c.source(t)
		if i > 0 && takesOut(whole[i-1].Kind) {
			body = without(before, body, i == final)
		}
		c.add(Token{Kind: Separator, Start: t.Start, End: t.End - len(body)})
		c.text(t.End-len(body), t.End)
		if body != "" {
			before = body
		}
	}
	c.trimEnd()
}

// without returns what is left of a title's piece without the punctuation it
// begins with, if that separates nothing from what is before it.
func without(before, piece string, final bool) string {
	r, _ := utf8.DecodeLastRuneInString(before)
	switch rest := strings.TrimLeft(piece, pauses); {
	case before == "":
		return strings.TrimLeft(piece, pauses+stops)
	case strings.ContainsRune(pauses, r) || rest == "" && final:
		return rest
	}
	return piece
}

// trimEnd does the same at the end of a title that something was taken from.
func (c *cutter) trimEnd() {
	i := lastTitle(c.tokens)
	if i < 0 || !slices.ContainsFunc(c.tokens[i+1:], func(t Token) bool { return takesOut(t.Kind) }) {
		return
	}
	behind := slices.Clone(c.tokens[i+1:])
	t := c.tokens[i]
	end := t.Start + len(strings.TrimRight(c.source(t), pauses))
	c.tokens = c.tokens[:i]
	c.text(t.Start, end)
	c.add(Token{Kind: Separator, Start: end, End: t.End})
	for _, t := range behind {
		c.add(t)
	}
}

func lastTitle(tokens []Token) int {
	for i := len(tokens) - 1; i >= 0; i-- {
		if tokens[i].Kind == Title {
			return i
		}
	}
	return -1
}

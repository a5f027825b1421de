package quickadd

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexeme is a run of letters, a run of digits or a single other character.
// White space lies between lexemes.
type lexeme struct {
	start, end int    // bytes
	word       string // letters in lower case if they could be a word of the language, a character as it is; else empty
	number     int    // the value of up to nine digits, else -1
	sort       sort
	spaced     bool // begins the text or stands behind white space
	closed     bool // a phrase may end before it
}

type sort byte

const (
	letters sort = iota
	digits
	character
)

// longestWord is the length of the longest word of the language, in bytes.
const longestWord = len("completion")

// closing may stand between the end of a phrase and white space.
const closing = ",.;:!?)]}\"'”’…»。、，．！？；：）」』،؛؟"

// lex cuts a text up. One lexeme more marks its end.
func lex(text string) []lexeme {
	lexemes := make([]lexeme, 0, len(text)/3+2)
	spaced := true
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			spaced, at = true, at+size
			continue
		}
		l := lexeme{start: at, spaced: spaced, number: -1, sort: sortOf(r)}
		l.end = l.start + runLength(text[at:], l.sort, size)
		switch run := text[l.start:l.end]; {
		case l.sort == digits && len(run) < 10:
			l.number = 0
			for _, c := range []byte(run) {
				l.number = 10*l.number + int(c-'0')
			}
		case l.sort == letters && len(run) <= longestWord && isASCII(run):
			l.word = strings.ToLower(run)
		case l.sort == character:
			l.word = run
		}
		lexemes = append(lexemes, l)
		spaced, at = false, l.end
	}
	lexemes = append(lexemes, lexeme{start: len(text), end: len(text), number: -1, sort: character, spaced: true, closed: true})
	for i := len(lexemes) - 2; i >= 0; i-- {
		lexemes[i].closed = lexemes[i].spaced || lexemes[i+1].closed && lexemes[i].closes()
	}
	return lexemes
}

func (l lexeme) closes() bool { return l.sort == character && strings.Contains(closing, l.word) }

func sortOf(r rune) sort {
	switch {
	case '0' <= r && r <= '9':
		return digits
	case unicode.IsLetter(r):
		return letters
	}
	return character
}

// runLength returns how many bytes of one sort a text begins with, the first
// character being of that sort and size.
func runLength(text string, s sort, size int) int {
	if s == character {
		return size
	}
	if n := strings.IndexFunc(text, func(r rune) bool { return sortOf(r) != s }); n >= 0 {
		return n
	}
	return len(text)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

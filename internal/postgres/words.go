package postgres

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"todo-app/internal/task"
)

const (
	// maxWord bounds a term in bytes: index entries have to fit a page, and
	// nobody types more to search by. A longer word is found by its beginning.
	maxWord = 96
	// maxWords bounds the terms of one task. A description of 20,000
	// characters of prose has about 1,500 different words.
	maxWords = 2000
	// maxTitleKey bounds a sort key in bytes, below the third of a page that
	// an index entry may take.
	maxTitleKey = 1000
)

// fold brings text to the form it is compared in: compatibility characters,
// case and accents do not count.
func fold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	decomposed := norm.NFKD.String(cases.Fold().String(norm.NFKD.String(s)))
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, decomposed)
	return norm.NFC.String(bare)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// words returns the different words of a text, folded, in order: runs of
// letters, marks and digits.
func words(texts ...string) []string {
	all := []string{}
	for _, text := range texts {
		for word := range strings.FieldsFuncSeq(fold(text), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}) {
			all = append(all, cut(word, maxWord))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// cut shortens s to at most n bytes, between code points.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// terms returns the words that a task can be found by, those of the title and
// the tags first where there are too many.
func terms(t task.Task) []string {
	found := words(append([]string{t.Title}, t.Tags...)...)
	if rest := words(t.Description); len(rest) > 0 {
		found = append(found, rest[:min(len(rest), maxWords)]...)
		slices.Sort(found)
		found = slices.Compact(found)
	}
	return found
}

// titleKey returns what titles are sorted by.
func titleKey(title string) string { return cut(fold(title), maxTitleKey) }

// after returns the least string above all that begin with prefix, so that
// prefix <= s < after(prefix) is the same as having the prefix.
func after(prefix string) string { return prefix + "\U0010FFFF" }

package chat

import (
	"slices"
	"strings"
	"unicode"
)

// sames are ways to write one letter of Urdu: those of Arabic keyboards, and
// those in two parts.
var sames = strings.NewReplacer(
	"ي", "ی", "ى", "ی", "ك", "ک", "ه", "ہ", "ة", "ہ",
	"ا\u0653", "آ", "و\u0654", "ؤ", "ی\u0654", "ئ", "ہ\u0654", "ۂ",
	"\u200c", "", "\u200d", "", "\u200e", "", "\u200f", "", "’", "'",
)

// fold returns a word for comparison: in lower case, without punctuation at
// its ends.
func fold(word string) string {
	word = strings.Map(func(r rune) rune {
		if r >= 0x064B && r <= 0x0652 || r == 0x0670 || r == 0x0640 { // vowel marks and the stroke that lengthens
			return -1
		}
		return unicode.ToLower(r)
	}, sames.Replace(sames.Replace(word)))
	return strings.TrimFunc(word, func(r rune) bool { return unicode.IsPunct(r) })
}

// folded returns the words of a text for comparison, without those that are
// punctuation alone.
func folded(text string) []string {
	words := strings.Fields(text)
	for i := range words {
		words[i] = fold(words[i])
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// languageOf returns that in whose letters most of a text is written.
func languageOf(text string) Language {
	n := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r):
			n++
		case unicode.IsLetter(r):
			n--
		}
	}
	if n > 0 {
		return Urdu
	}
	return English
}

// inLine returns a text in one line, of at most so many characters.
func inLine(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// clean makes text of a model's fit to be kept.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

package chat

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// check returns everything that is wrong with what is said, as task.Faults.
func (s Saying) check() error {
	var faults task.Faults
	fault := func(pointer, detail string) { faults = append(faults, task.Fault{Pointer: pointer, Detail: detail}) }
	given := 0
	for _, is := range []bool{s.Text != nil, !s.Confirm.IsZero(), !s.Decline.IsZero()} {
		if is {
			given++
		}
	}
	if given != 1 {
		fault("", "exactly one of message, confirm and decline must be given")
	}
	if s.Conversation.IsZero() && !s.named().IsZero() {
		fault("/conversation_id", "is required: what waits for a yes belongs to a conversation")
	}
	if s.ReadOnly && !s.Confirm.IsZero() {
		fault("/confirm", "needs a credential that may change tasks")
	}
	if s.Text != nil {
		if detail := unreadable(*s.Text); detail != "" {
			fault("/message", detail)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

func unreadable(text string) string {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return "must be valid UTF-8"
	case n > MaxText:
		return fmt.Sprintf("must be at most %d characters; this has %d", MaxText, n)
	case strings.ContainsRune(text, 0):
		return "must not contain the character U+0000"
	case strings.TrimSpace(text) == "":
		return "must not be blank"
	}
	return ""
}

// named returns the confirmation that is named, zero if none is.
func (s Saying) named() task.ID {
	if !s.Confirm.IsZero() {
		return s.Confirm
	}
	return s.Decline
}

// agrees reports whether it is a plain yes.
func (s Saying) agrees() bool {
	if s.Text == nil {
		return !s.Confirm.IsZero()
	}
	return !s.ReadOnly && !strings.ContainsAny(*s.Text, "?؟") && slices.Contains(agreeing, strings.Join(folded(*s.Text), " "))
}

// refuses reports whether it is a plain no.
func (s Saying) refuses() bool {
	if s.Text == nil {
		return !s.Decline.IsZero()
	}
	return slices.Contains(declining, strings.Join(folded(*s.Text), " "))
}

// inWords is what is said; of a button what it says in the language that it asks in.
func (s Saying) inWords(w *words) string {
	switch {
	case s.Text != nil:
		return *s.Text
	case !s.Confirm.IsZero():
		return w.yes
	}
	return w.no
}

// Words that answer a question, folded. Romanized Urdu is what keyboards write.
var (
	agreeing = []string{
		"yes", "yes please", "y", "ok", "okay", "sure", "yep", "yeah", "do it", "go ahead", "confirm", "yes do it", "yes delete it",
		"ہاں", "جی", "جی ہاں", "ہاں جی", "ٹھیک ہے", "ٹھیک", "بالکل", "کر دو", "کر دیں", "ہاں کر دو", "ہاں کر دیں", "جی کر دیں", "haan",
		"han", "ji", "ji haan",
	}
	declining = []string{
		"no", "no thanks", "no thank you", "n", "nope", "don't", "do not", "no don't", "cancel", "stop", "never mind", "nevermind",
		"leave it", "no leave it",
		"نہیں", "نہ", "جی نہیں", "نہ کرو", "مت کرو", "رہنے دو", "رہنے دیں", "نہیں رہنے دو", "نہیں رہنے دیں", "nahi", "nahin", "nahi ji",
	}
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

package chat

import (
	"fmt"
	"strings"
	"unicode"
)

// words are what we say ourselves, and understand where no model listens, in one
// language. What tasks say is in
// quotation marks.
type words struct {
	language       Language
	quote          [2]string
	tasks, toTasks [2]string // one and several, as they are and as something is done to them

	yes, no string // of buttons

	acts map[string]string // of tools, of steps and of bulks

	noModel, help, notUnderstood, readOnly string

	which, whichOfThese, addWhat, notFound string // where it is not clear what is meant

	addQuestion, completeQuestion, moveQuestion, undoQuestion      string
	deleteQuestion, withSubtasks                                   string
	bulkQuestion, withTheirs, more, long, noTask, nothing, canUndo string
	declined, gone, nothingWaits, maybeDone                        string // of what was asked

	// What came of it.
	added, completed, changed, deleted, bulked, bulkRefused, undone, undoing, next string
	already, refuse, nothingToUndo, nothingDone                                    string
	none, listed, listedMore, day, dayFree, overdue, stats                         string

	// Why there is no more.
	cut, tokensMessage, tokensDay, turns, tooLong                      string
	modelFailed, storageFailed, callerGone, doneUntilThen, unavailable string

	// What we understand, folded. Longer phrases precede those that they begin or end
	// with, longer conditions those that they begin with.
	agreeing, declining []string // answers to a question
	phrases             []phrase
	conditions          []condition
}

// speaking has the words of each language.
var speaking = map[Language]*words{English: &english, Urdu: &urdu}

// inSome reports whether something holds for the words of some language.
func inSome(holds func(*words) bool) bool {
	for _, w := range speaking {
		if holds(w) {
			return true
		}
	}
	return false
}

// How many characters of a title are quoted: where it is one among others, and
// where a yes is about it alone.
const (
	maxQuoted = 80
	maxAlone  = 500
)

// quoted returns a title as part of a sentence.
func (w *words) quoted(title string) string { return w.upTo(maxQuoted, title) }

// upTo returns so many characters of titles, as part of a sentence.
func (w *words) upTo(most int, titles ...string) string {
	quoted := make([]string, len(titles))
	for i, title := range titles {
		quoted[i] = w.quote[0] + inLine(strings.Map(tame, title), most) + w.quote[1]
	}
	return strings.Join(quoted, ", ")
}

// tame keeps a title within its quotation marks, and what stands beside it in its
// place: titles are other people's words, too.
func tame(r rune) rune {
	switch {
	case unicode.In(r, unicode.Pi, unicode.Pf), strings.ContainsRune("\"„‚″‶＂＇❛❜❝❞❟❠〝〞〟", r):
		return '\''
	case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d': // turns the line, or cannot be seen; those two join letters
		return -1
	}
	return r
}

// counted counts in one of two forms.
func counted[N int | int64](forms [2]string, n N) string {
	if n == 1 {
		return forms[0]
	}
	return fmt.Sprintf(forms[1], n)
}

package chat

import (
	"slices"
	"strings"
	"unicode"
)

// verb is what somebody wants.
type verb string

const (
	wantsHelp   verb = "help"
	wantsToday  verb = "today"
	wantsStats  verb = "stats"
	wantsUndo   verb = "undo"
	wantsAdd    verb = "add"
	wantsList   verb = "list" // all, or those with the conditions that follow
	wantsAnswer verb = "ask"  // as wantsList, of a sentence that may be anything else
	wantsFind   verb = "find"
	wantsDone   verb = "done"
	wantsFinish verb = "finish" // as wantsDone, in words that a new task may begin with
	wantsDelete verb = "delete"
	wantsMove   verb = "move" // to another date
)

// phrase is how a wish is said: words at either end of a text, folded. What is
// between them is what it is about.
type phrase struct {
	before, after string
	verb          verb
	bare          bool // nothing is between them
}

// order is that in which wishes are looked for, where a text may say two.
var order = []verb{
	wantsHelp, wantsToday, wantsStats, wantsUndo, wantsAnswer, wantsDone, wantsFinish, wantsDelete, wantsMove, wantsAdd, wantsFind, wantsList,
}

// phrases are those of all languages. The last fits every text.
var phrases = func() []phrase {
	all := slices.Concat(english.phrases, urdu.phrases)
	slices.SortStableFunc(all, func(a, b phrase) int { return a.place() - b.place() })
	return append(all, phrase{verb: wantsAnswer})
}()

// place is that of a phrase in the order. What only ends as if something were
// finished may begin with a wish: add tell Bob that the report is done.
func (p phrase) place() int {
	if p.verb == wantsFinish && p.before == "" {
		return len(order)
	}
	return slices.Index(order, p.verb)
}

// span is a word of a text and where it is.
type span struct {
	folded     string
	start, end int
}

// spans returns the words of a text, those that are punctuation alone as "".
func spans(text string) []span {
	var all []span
	start := -1
	for i, r := range text + " " {
		switch space := unicode.IsSpace(r); {
		case !space && start < 0:
			start = i
		case space && start >= 0:
			all = append(all, span{fold(text[start:i]), start, i})
			start = -1
		}
	}
	return all
}

// understand returns what a text wants, and what that is about, as it is
// written: the last phrase fits every text.
func understand(text string) (v verb, about string) {
	words := spans(text)
	for i := 0; v == ""; i++ {
		p := phrases[i]
		before, after := strings.Fields(p.before), strings.Fields(p.after)
		first, last := len(before), len(words)-len(after)
		if first > last || !match(words[:first], before) || !match(words[last:], after) {
			continue
		}
		if rest := words[first:last]; !p.bare || empty(rest) {
			v, about = p.verb, between(text, rest)
		}
	}
	return v, about
}

func match(words []span, phrase []string) bool {
	return slices.EqualFunc(words, phrase, func(w span, p string) bool { return w.folded == p })
}

// empty reports whether words are punctuation alone.
func empty(words []span) bool {
	return !slices.ContainsFunc(words, func(w span) bool { return w.folded != "" })
}

// between returns a text from its first word to its last, without a colon or a
// dash that leads to it.
func between(text string, words []span) string {
	for len(words) > 0 && strings.Trim(text[words[0].start:words[0].end], ":-–—،") == "" {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	return text[words[0].start:words[len(words)-1].end]
}

// condition is what words say of the tasks that are to be listed; with an empty param
// they say nothing more.
type condition struct {
	words, param, value string
}

// conditions are those of all languages.
var conditions = slices.Concat(english.conditions, urdu.conditions)

// narrowed returns the arguments of list_tasks that words say, and whether they
// say that and nothing else. Two that contradict each other say nothing; all does
// not contradict those that are done.
func narrowed(about string) (arguments map[string]any, ok bool) {
	arguments = map[string]any{}
	words := spans(about)
	var tags []string
	for len(words) > 0 {
		word := strings.TrimRightFunc(about[words[0].start:words[0].end], unicode.IsPunct)
		switch {
		case words[0].folded == "":
			words = words[1:]
			continue
		case len(word) > 1 && word[0] == '#':
			tags = append(tags, word[1:])
			arguments["tags"] = tags
			words = words[1:]
			continue
		case len(word) > 1 && word[0] == '@':
			if old, given := arguments["category"]; given && old != word[1:] {
				return nil, false
			}
			arguments["category"] = word[1:]
			words = words[1:]
			continue
		}
		c, n := conditionOf(words)
		old, given := arguments[c.param]
		if n == 0 || given && old != c.value && old != "all" && c.value != "all" {
			return nil, false
		}
		if words = words[n:]; c.param != "" && (!given || old == "all") {
			arguments[c.param] = c.value
		}
	}
	return arguments, true
}

// conditionOf returns the condition that words begin with, and how many they are.
func conditionOf(words []span) (condition, int) {
	for _, c := range conditions {
		said := strings.Fields(c.words)
		if len(said) <= len(words) && match(words[:len(said)], said) {
			return c, len(said)
		}
	}
	return condition{}, 0
}

// digits are those of Urdu and of Arabic keyboards.
var digits = strings.NewReplacer(
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9",
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
)

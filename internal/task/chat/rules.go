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

// phrases are those of English and of Urdu, where the verb comes last. Longer
// ones precede those that they begin or end with.
var phrases = []phrase{
	{"help", "", wantsHelp, true}, {"help me", "", wantsHelp, true}, {"what can you do", "", wantsHelp, true},
	{"", "", wantsHelp, true},
	{"مدد", "", wantsHelp, true}, {"مدد کرو", "", wantsHelp, true}, {"مدد کریں", "", wantsHelp, true},
	{"تم کیا کر سکتے ہو", "", wantsHelp, true}, {"آپ کیا کر سکتے ہیں", "", wantsHelp, true},

	{"today", "", wantsToday, true}, {"my day", "", wantsToday, true}, {"what is today", "", wantsToday, true},
	{"what's today", "", wantsToday, true},
	{"what's on today", "", wantsToday, true}, {"what is due today", "", wantsToday, true},
	{"what's due today", "", wantsToday, true},
	{"what do i have today", "", wantsToday, true}, {"what do i have to do today", "", wantsToday, true},
	{"آج", "", wantsToday, true}, {"آج کا دن", "", wantsToday, true}, {"آج کے کام", "", wantsToday, true},
	{"آج کیا ہے", "", wantsToday, true},
	{"آج کیا کرنا ہے", "", wantsToday, true}, {"آج کے کام دکھاؤ", "", wantsToday, true}, {"آج کے کام دکھائیں", "", wantsToday, true},

	{"stats", "", wantsStats, true}, {"statistics", "", wantsStats, true}, {"how many tasks do i have", "", wantsStats, true},
	{"اعداد و شمار", "", wantsStats, true}, {"کتنے کام ہیں", "", wantsStats, true},

	{"undo", "", wantsUndo, true}, {"undo that", "", wantsUndo, true}, {"undo it", "", wantsUndo, true},
	{"undo this", "", wantsUndo, true},
	{"take it back", "", wantsUndo, true}, {"take that back", "", wantsUndo, true},
	{"واپس", "", wantsUndo, true}, {"واپس لو", "", wantsUndo, true}, {"واپس لیں", "", wantsUndo, true},
	{"واپس کرو", "", wantsUndo, true}, {"واپس کریں", "", wantsUndo, true},
	{"کالعدم", "", wantsUndo, true}, {"کالعدم کرو", "", wantsUndo, true}, {"کالعدم کریں", "", wantsUndo, true},

	{"what do i have to do", "", wantsAnswer, false}, {"what do i have", "", wantsAnswer, false},
	{"what is", "", wantsAnswer, false}, {"what's", "", wantsAnswer, false},
	{"what are", "", wantsAnswer, false}, {"", "کیا ہیں", wantsAnswer, false}, {"", "کیا ہے", wantsAnswer, false},

	{"mark", "as done", wantsDone, false}, {"mark", "done", wantsDone, false}, {"mark", "as completed", wantsDone, false},
	{"mark", "as complete", wantsDone, false},
	{"mark", "completed", wantsDone, false}, {"mark", "complete", wantsDone, false},
	{"tick off", "", wantsDone, false}, {"check off", "", wantsDone, false}, {"done with", "", wantsDone, false},
	{"done", "", wantsDone, false},
	{"complete", "", wantsFinish, false}, {"completed", "", wantsFinish, false}, {"finish", "", wantsFinish, false},
	{"finished", "", wantsFinish, false},
	{"", "is done", wantsFinish, false}, {"", "is finished", wantsFinish, false},
	{"", "مکمل کر دو", wantsDone, false}, {"", "مکمل کر دیں", wantsDone, false}, {"", "مکمل کرو", wantsDone, false},
	{"", "مکمل کریں", wantsDone, false}, {"مکمل", "", wantsDone, false},
	{"", "مکمل ہو گیا", wantsFinish, false}, {"", "ہو گیا", wantsFinish, false}, {"", "ہو گئی", wantsFinish, false},
	{"", "ہو گیا ہے", wantsFinish, false}, {"", "ہو گئی ہے", wantsFinish, false},

	{"delete", "", wantsDelete, false}, {"remove", "", wantsDelete, false},
	{"", "حذف کر دو", wantsDelete, false}, {"", "حذف کر دیں", wantsDelete, false}, {"", "حذف کرو", wantsDelete, false},
	{"", "حذف کریں", wantsDelete, false}, {"حذف", "", wantsDelete, false},
	{"", "مٹا دو", wantsDelete, false}, {"", "مٹا دیں", wantsDelete, false}, {"", "مٹاؤ", wantsDelete, false},
	{"", "مٹائیں", wantsDelete, false},

	{"move", "", wantsMove, false}, {"reschedule", "", wantsMove, false}, {"postpone", "", wantsMove, false},
	{"put off", "", wantsMove, false}, {"push", "", wantsMove, false},

	{"add a task to", "", wantsAdd, false}, {"add a task", "", wantsAdd, false}, {"add task", "", wantsAdd, false},
	{"new task", "", wantsAdd, false}, {"add", "", wantsAdd, false},
	{"", "شامل کر دو", wantsAdd, false}, {"", "شامل کر دیں", wantsAdd, false}, {"", "شامل کرو", wantsAdd, false},
	{"", "شامل کریں", wantsAdd, false},
	{"شامل کرو", "", wantsAdd, false}, {"شامل کریں", "", wantsAdd, false}, {"شامل", "", wantsAdd, false},
	{"نیا کام", "", wantsAdd, false},

	{"search for", "", wantsFind, false}, {"search", "", wantsFind, false}, {"look for", "", wantsFind, false},
	{"find", "", wantsFind, false},
	{"", "تلاش کرو", wantsFind, false}, {"", "تلاش کریں", wantsFind, false}, {"", "ڈھونڈو", wantsFind, false},
	{"", "ڈھونڈیں", wantsFind, false},
	{"تلاش کرو", "", wantsFind, false}, {"تلاش", "", wantsFind, false},

	{"list", "", wantsList, false}, {"show me", "", wantsList, false}, {"show", "", wantsList, false},
	{"", "کی فہرست", wantsList, false}, {"فہرست", "", wantsList, false}, {"", "دکھا دو", wantsList, false},
	{"", "دکھاؤ", wantsList, false}, {"", "دکھائیں", wantsList, false},
	{"", "", wantsAnswer, false},
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

// condition is what words say of the tasks that are to be listed.
type condition struct {
	words, param, value string
}

// conditions are those of both languages; an empty param says nothing more.
// Longer ones precede those that they begin with.
var conditions = []condition{
	{"due this week", "due", "week"}, {"this week", "due", "week"}, {"due this month", "due", "month"},
	{"this month", "due", "month"},
	{"due today", "due", "today"}, {"today", "due", "today"}, {"due tomorrow", "due", "tomorrow"}, {"tomorrow", "due", "tomorrow"},
	{"overdue", "due", "overdue"}, {"late", "due", "overdue"}, {"without a date", "due", "none"}, {"without date", "due", "none"},
	{"no date", "due", "none"},
	{"all", "status", "all"}, {"everything", "status", "all"}, {"open", "status", "pending"}, {"pending", "status", "pending"},
	{"done", "status", "completed"}, {"completed", "status", "completed"}, {"finished", "status", "completed"},
	{"archived", "archived", "true"},
	{"high priority", "priority", "high"}, {"medium priority", "priority", "medium"}, {"low priority", "priority", "low"},
	{"tasks", "", ""}, {"task", "", ""}, {"my", "", ""}, {"the", "", ""}, {"of", "", ""}, {"that", "", ""}, {"are", "", ""},
	{"is", "", ""}, {"for", "", ""}, {"with", "", ""}, {"list", "", ""},

	{"اگلے 7 دن", "due", "week"}, {"اگلے سات دن", "due", "week"}, {"اس ہفتے", "due", "week"}, {"اس مہینے", "due", "month"},
	{"اس ماہ", "due", "month"},
	{"آج", "due", "today"}, {"آنے والے کل", "due", "tomorrow"}, {"آنے والا کل", "due", "tomorrow"}, {"تاخیر شدہ", "due", "overdue"},
	{"بغیر تاریخ", "due", "none"},
	{"سب", "status", "all"}, {"سارے", "status", "all"}, {"تمام", "status", "all"}, {"باقی", "status", "pending"},
	{"نامکمل", "status", "pending"},
	{"مکمل شدہ", "status", "completed"}, {"مکمل", "status", "completed"}, {"محفوظ شدہ", "archived", "true"},
	{"زیادہ ترجیح", "priority", "high"}, {"کم ترجیح", "priority", "low"},
	{"کام", "", ""}, {"کاموں", "", ""}, {"میرے", "", ""}, {"کے", "", ""}, {"کی", "", ""}, {"والے", "", ""}, {"فہرست", "", ""},
}

// narrowed returns the arguments of list_tasks that words say, and whether they
// say that and nothing else. Two that contradict each other say nothing.
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
		if old, given := arguments[c.param]; n == 0 || given && old != c.value {
			return nil, false
		}
		if words = words[n:]; c.param != "" {
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

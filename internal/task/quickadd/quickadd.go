// Package quickadd reads a line of text as a task: the words of quick add in
// Todoist, in this application's contract. It needs no network and no model,
// guesses nothing, and says what each part of the text became.
// docs/quick-add.md describes the language to its users, and
// testdata/language.txt holds it row by row.
//
// # What is understood
//
//	!high !medium !low  !1 !2 !3  p1 p2 p3   priority
//	@category  @"two words"                  category
//	#tag  #"two words"                       tag
//	tomorrow, next friday, in 2 weeks, …     due, all day
//	9am, 17:30, at noon                      time of the due
//	every 2 weeks, every! last friday, …     recurrence; every! from completion
//	!30m, remind me 1 day before             reminder before the due
//	!tomorrow 9am                            reminder at a moment
//	// anything                              description, to the text's end
//	\tomorrow  \#1  "next friday"            no meaning: text
//
// Something has a meaning where a word begins, behind white space or nothing,
// if it ends where a word ends: before white space, the end, or closing
// punctuation. So C#, a@b.com, monday's, (#1) and foo!bar are text. Upper and
// lower case are the same.
//
// # What was decided where people differ
//
//   - A weekday is the next one after today, never today; "this monday" may be
//     today; "next monday" is that of next week. Weeks begin on Monday. "next
//     week" is its Monday, "next month" its first day, "next year" 1 January,
//     a weekend its Saturday, as in Todoist.
//   - A date without a year is the next such date, today included.
//   - A date in figures needs a year, because 24/7 and 1/2 are no dates, and
//     must be readable in one way only: 2026-12-24, 2026/12/24, 24.12.2026,
//     24/12/2026, 12/24/2026. What could be either month (1/2/2026) is text.
//     So is an hour of either half of the day (at 5), and midnight, which is
//     either end of one.
//   - A time alone is the next such time, today or tomorrow. It belongs to the
//     date, wherever in the text that is.
//   - morning is 9:00, afternoon 12:00, evening 19:00, night 22:00, behind a
//     date, "every" or "this"; tonight is night. When that has passed today,
//     the whole day is meant.
//   - A time that clocks skip is as late as if they had not been put forward
//     yet; of one that they show twice the first is meant (RFC 5545, section
//     3.3.5). "in 3 hours" is elapsed time.
//   - on, by, for, at, due and starting go with the date behind them. Behind
//     until, since, before, after, from, to and their like a date is text,
//     because it is not the due; so is a stretch (monday to friday).
//   - "tom" and "tod" are text: they are names more often than days. There is
//     no p4, because there are three priorities.
//   - A number is no name: #1 is text. #"1" is a tag.
//   - "!1 hour" is text: a priority, or a reminder that lacks "before".
//   - A rule without a date begins with its first date from today on, or from
//     "starting" on; one within the day begins an interval from now. A date
//     beside a rule is the first due as it stands. The 29th, 30th and 31st are
//     the last day of a month that has fewer.
//
// # What is refused
//
// What is not understood stays in the title, in order. What is understood and
// contradicts another part is a fault: two different dates, times, rules, ends
// of a rule, priorities or categories. Saying the same twice is none.
package quickadd

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"todo-app/internal/task"
)

// MaxText is the most code points that Parse reads: the longest title and
// description with ample room for all else. Longer text is a fault.
const MaxText = 25_000

// Kind is what a token is to the task.
type Kind string

// The kinds of tokens.
const (
	Title       Kind = "title"       // stays in the title as it is
	Description Kind = "description" // begins with //
	Priority    Kind = "priority"
	Category    Kind = "category"
	Tag         Kind = "tag"
	Due         Kind = "due"
	Recurrence  Kind = "recurrence"
	Reminder    Kind = "reminder"
	Escape      Kind = "escape"    // the backslash that made text of what follows
	Separator   Kind = "separator" // white space and commas around the others
)

// Token is a part of the text and what it became.
type Token struct {
	Kind       Kind
	Text       string // the source, exactly
	Start, End int    // code points before it, and up to its end
	// Value is the contract's form: high, a name in lower case, the task's
	// whole due, a rule, a reminder; of a title or a description its text. It
	// is empty for an escape, a separator, an empty description, and a due or
	// a recurrence that a fault has left without one.
	Value string
	From  task.RecurrenceFrom // what a recurrence is counted from, else empty
	// Note says of a title what in it looks as if it were to mean something and
	// does not; else empty.
	Note string
}

// Parsed is a text as a task. The texts of Tokens, joined, are the input;
// tokens are never empty.
type Parsed struct {
	Patch  task.Patch
	Tokens []Token
}

// Parse reads a text as it is meant at now, whose location is the writer's
// zone. The patch is normalized and has a title. The error is task.Faults, each
// at the pointer /text; the tokens then show what was understood all the
// same, unless the text is blank, too long or no UTF-8.
func Parse(text string, now time.Time) (Parsed, error) {
	if err := readable(text); err != nil {
		return Parsed{}, task.Faults{{Pointer: "/text", Detail: err.Error()}}
	}
	return newParser(text, now).parse()
}

func (p *parser) parse() (Parsed, error) {
	p.read()
	p.settle()
	tokens := p.tokens()
	p.patch.Title = task.Value(title(tokens))
	p.check()
	parsed := Parsed{Patch: p.patch, Tokens: tokens}
	if len(p.faults) > 0 {
		return parsed, p.faults
	}
	return parsed, nil
}

func readable(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case n > MaxText:
		return fmt.Errorf("must be at most %d characters; this has %d", MaxText, n)
	case !utf8.ValidString(text):
		return errors.New("must be valid UTF-8")
	case strings.ContainsRune(text, 0):
		return errors.New("must not contain the character U+0000")
	case strings.TrimSpace(text) == "":
		return errors.New("must not be blank")
	}
	return nil
}

// check holds the patch to the rules of a task, and says what breaks them in
// terms of the text.
func (p *parser) check() {
	if p.patch.Title.Value == "" {
		p.fault("must leave something for a title beside what has a meaning")
		p.patch.Title = task.Field[string]{}
	}
	for _, f := range task.AsFaults(p.patch.Normalize()) {
		part := parts[f.Pointer]
		if strings.HasPrefix(f.Pointer, "/tags/") {
			part = "a tag"
		}
		p.fault("gives " + part + " that " + f.Detail)
	}
}

// parts are those of a task that Normalize may object to, by pointer.
var parts = map[string]string{
	"/title": "a title", "/description": "a description", "/category": "a category", "/tags": "tags", "/reminders": "reminders",
}

func (p *parser) fault(detail string) {
	p.faults = append(p.faults, task.Fault{Pointer: "/text", Detail: detail})
}

package quickadd

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// priority reads !high, !1 or p1.
func (p *parser) priority(i int) (unit, int) {
	bang := p.mark(i, "!")
	if bang != 0 && !p.lexemes[bang].spaced {
		if priority, ok := task.ParsePriority(p.lexemes[bang].word); ok {
			return unit{kind: Priority, value: priority.String()}, bang + 1
		}
	}
	if p.word(i) == "p" {
		bang = i + 1
	}
	n, end := p.figures(bang, 1, 1)
	if _, length := p.unitName(end); length != 0 && p.mark(i, "!") != 0 { // !1 hour is neither a priority nor a whole reminder
		return unit{}, 0
	}
	if end != 0 && 1 <= n && n <= 3 {
		return unit{kind: Priority, value: task.Priority(n).String()}, end
	}
	return unit{}, 0
}

// name reads a category or a tag: one word, or several in double quotes.
func (p *parser) name(i int) (unit, int) {
	var u unit
	switch p.lexemes[i].word {
	case "@":
		u.kind = Category
	case "#":
		u.kind = Tag
	default:
		return unit{}, 0
	}
	if p.lexemes[i+1].spaced {
		return unit{}, 0
	}
	from, to, end := i+1, p.wordEnd(i), p.quoted(i+1)
	if end != 0 {
		from, to = i+2, end-1
	} else {
		for p.lexemes[to-1].closes() {
			to--
		}
		end = to
	}
	if from >= to {
		return unit{}, 0
	}
	name := p.text[p.lexemes[from].start:p.lexemes[to-1].end]
	if from == i+1 && !isName(name) {
		return unit{}, 0
	}
	u.value = strings.ToLower(name)
	return u, end
}

// isName reports whether a word may name something without quotes: it begins
// as a name does, and is not figures alone.
func isName(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return (first == '_' || unicode.IsLetter(first) || unicode.IsNumber(first) || first >= utf8.RuneSelf && unicode.IsSymbol(first)) &&
		strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsSymbol(r) && r >= utf8.RuneSelf })
}

// reminder reads !30m, !1 day before, !tomorrow 9am or remind me 2h before.
func (p *parser) reminder(i int) (unit, int) {
	bang := p.mark(i, "!")
	if bang == 0 {
		return p.reminderBefore(p.need(i, "remind", "reminder"), false)
	}
	l := &p.lexemes[bang]
	if l.spaced {
		return unit{}, 0
	}
	l.spaced = true // what follows the mark is read as if nothing preceded it
	defer func() { l.spaced = false }()
	if u, end := p.reminderAt(bang); end != 0 {
		return u, end
	}
	return p.reminderBefore(bang, true)
}

// reminderBefore reads how long before the due to speak up. One word behind a
// mark says enough without "before".
func (p *parser) reminderBefore(i int, marked bool) (unit, int) {
	if i == 0 {
		return unit{}, 0
	}
	i = p.skip(i, "me")
	s, end := p.span(i)
	value, ok := s.before()
	if end == 0 || !ok {
		return unit{}, 0
	}
	u := unit{kind: Reminder, value: value}
	if before := p.need(end, "before"); before != 0 && p.lexemes[before].closed {
		return u, before
	}
	if marked && p.wordEnd(i) >= end {
		return u, end
	}
	return unit{}, 0
}

// reminderAt reads a date and a time in either order as a moment to speak up
// at.
func (p *parser) reminderAt(i int) (unit, int) {
	w, end := p.date(i)
	if end == 0 {
		c, behind := p.time(i)
		if behind == 0 {
			return unit{}, 0
		}
		if w, end = p.date(behind); end == 0 {
			return unit{}, 0
		}
		w.clock = c
	} else if c, behind := p.time(p.skip(end, "at")); behind != 0 && p.lexemes[behind].closed && w == (when{day: w.day, part: w.part}) {
		w.clock, end = c, behind
	}
	at := w.moment
	switch zone := p.now.Location(); {
	case w.clock != 0:
		at = wall(w.day, w.clock, zone)
	case w.part != 0:
		at = wall(w.day, w.part, zone)
	}
	reminder, err := task.ParseReminder(at.UTC().Format(time.RFC3339))
	if at.IsZero() || err != nil {
		return unit{}, 0
	}
	return unit{kind: Reminder, value: string(reminder)}, end
}

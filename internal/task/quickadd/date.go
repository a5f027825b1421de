package quickadd

import (
	"strings"
	"time"

	"todo-app/internal/task"
)

// when is what a phrase says of the due: a day, a time of it, or a moment.
type when struct {
	day    time.Time // midnight UTC
	clock  clock
	part   clock // of a part of the day, which a time makes more exact
	moment time.Time
	starts bool // a rule may not apply before it
}

// due reads a date or a time with the words before it.
func (p *parser) due(i int) (unit, int) {
	first, starts := i, false
	switch p.word(i) {
	case "starting", "beginning":
		starts = true
		i = p.skip(i+1, "from")
	case "due":
		i++
	}
	lead := p.word(i)
	if p.mark(i, "@") != 0 {
		lead = "at"
	}
	switch lead {
	case "on", "by", "for", "at":
		i++
	}
	if i > first && !p.lexemes[i].spaced {
		return unit{}, 0
	}
	if lead != "at" {
		if w, end := p.date(i); end != 0 && p.lexemes[end].closed {
			w.starts = starts
			return unit{kind: Due, when: w}, end
		}
	}
	if lead != "on" {
		if c, end := p.time(i); end != 0 && p.lexemes[end].closed {
			return unit{kind: Due, when: when{clock: c}}, end
		}
	}
	return unit{}, 0
}

// other returns the end of a date or time at i that is not the due: one behind a
// word that says so, or a stretch between two. It is text, and 0 if there is
// none.
func (p *parser) other(i int) int {
	_, end := p.due(i)
	if end == 0 {
		return 0
	}
	second := p.need(end, "to", "till", "until", "through", "and", "or")
	if dash := max(p.mark(end, "-"), p.mark(end, "–")); dash != 0 && p.lexemes[dash].spaced {
		second = dash
	}
	if second != 0 {
		_, second = p.due(second)
	}
	if i > 0 && saysOther(p.word(i-1)) && !p.taken(i) {
		return max(end, second)
	}
	switch p.word(end) {
	case "and", "or":
		return 0
	case "until", "till":
		if p.repeats { // the end of a rule
			return 0
		}
	}
	return second
}

// saysOther reports whether a date behind a word is not a due.
func saysOther(word string) bool {
	switch word {
	case "until", "till", "since", "before", "after", "from", "between", "to", "than", "of", "but", "except", "not":
		return true
	}
	return false
}

// date reads a date, and a part of the day behind it.
func (p *parser) date(i int) (when, int) {
	w, end := p.day(i)
	if end == 0 || w.part != 0 || w.clock != 0 || !w.moment.IsZero() {
		return w, end
	}
	behind := end
	if the := p.need(p.need(end, "in"), "the"); the != 0 {
		behind = the
	}
	if part, partEnd := p.part(behind); partEnd != 0 && p.lexemes[partEnd].closed {
		w.part, end = part, partEnd
	}
	return w, end
}

func (p *parser) day(i int) (when, int) {
	switch p.word(i) {
	case "today":
		return p.inDays(0), i + 1
	case "tonight":
		w := p.inDays(0)
		w.part = at(22, 0, 0)
		return w, i + 1
	case "tomorrow", "tmr", "tmrw":
		return p.inDays(1), i + 1
	case "yesterday":
		return p.inDays(-1), i + 1
	case "next":
		return on(p.next(i + 1))
	case "this":
		return p.this(i + 1)
	case "in":
		if p.lexemes[i+1].spaced {
			return p.in(i + 1)
		}
	case "the", "day", "end":
		return on(p.described(p.skip(i, "the")))
	}
	if p.mark(i, "+") != 0 && !p.lexemes[i+1].spaced {
		return p.in(i + 1)
	}
	if day, end := p.weekday(i); end != 0 {
		return on(p.weekdayDate(i, day))
	}
	if w, end := p.isoTime(i); end != 0 {
		return w, end
	}
	return on(p.exact(i))
}

// on is a whole day.
func on(day time.Time, end int) (when, int) { return when{day: day}, end }

func (p *parser) inDays(n int) when { return when{day: p.today.AddDate(0, 0, n)} }

// described reads what may have "the" before it: day after tomorrow, end of
// month, 1st of december.
func (p *parser) described(i int) (time.Time, int) {
	switch p.word(i) {
	case "day":
		return p.today.AddDate(0, 0, 2), p.need(p.need(i+1, "after"), "tomorrow", "tmr", "tmrw")
	case "end":
		return p.endOf(p.need(i+1, "of"))
	}
	if _, end := p.ordinal(i); end != 0 {
		return p.exact(i)
	}
	return time.Time{}, 0
}

// endOf reads the week, month or year whose last day is meant.
func (p *parser) endOf(i int) (time.Time, int) {
	if i == 0 {
		return time.Time{}, 0
	}
	y, m, _ := p.today.Date()
	if named, end := p.month(i); end != 0 {
		year, behind := p.year(end)
		switch {
		case behind != 0:
			y, end = year, behind
		case named < m:
			y++
		}
		return date(y, named+1, 0), end
	}
	later := 0
	if p.word(i) == "next" {
		later = 1
	}
	i = p.skip(i, "the", "this", "next")
	switch p.word(i) {
	case "week":
		return p.today.AddDate(0, 0, 6-sinceMonday(p.today.Weekday())+7*later), i + 1
	case "year":
		return date(y+later, time.December, 31), i + 1
	}
	return date(y, m+1+time.Month(later), 0), p.need(i, "month")
}

// next reads the weekday or the period behind "next".
func (p *parser) next(i int) (time.Time, int) {
	monday := p.today.AddDate(0, 0, 7-sinceMonday(p.today.Weekday()))
	if day, end := p.weekday(i); end != 0 {
		return monday.AddDate(0, 0, sinceMonday(day)), end
	}
	y, m, _ := p.today.Date()
	switch p.word(i) {
	case "week":
		return monday, i + 1
	case "weekend":
		return monday.AddDate(0, 0, 5), i + 1
	case "month":
		return date(y, m+1, 1), i + 1
	case "year":
		return date(y+1, time.January, 1), i + 1
	}
	return time.Time{}, 0
}

// this reads the weekday, weekend or part of the day behind "this".
func (p *parser) this(i int) (when, int) {
	today := p.today.Weekday()
	if day, end := p.weekday(i); end != 0 {
		return p.inDays(int(7+day-today) % 7), end
	}
	if p.word(i) == "weekend" {
		if today == time.Sunday {
			return p.inDays(0), i + 1
		}
		return p.inDays(int(time.Saturday - today)), i + 1
	}
	part, end := p.part(i)
	return when{day: p.today, part: part}, end
}

// weekdayDate reads a weekday at i, and a date behind it that falls on it.
func (p *parser) weekdayDate(i int, day time.Weekday) (time.Time, int) {
	end := i + 1
	behind := end
	if comma := p.glued(end, ","); comma != 0 {
		behind = comma
	}
	if exact, exactEnd := p.exact(behind); exactEnd != 0 && p.lexemes[exactEnd].closed && exact.Weekday() == day {
		return exact, exactEnd
	}
	return p.today.AddDate(0, 0, 1+int(6+day-p.today.Weekday())%7), end
}

// exact reads a date that names its month, or is all figures.
func (p *parser) exact(i int) (time.Time, int) {
	if month, end := p.month(i); end != 0 {
		day, end := p.number(end, 2)
		return p.dated(day, month, p.suffix(end))
	}
	if day, end := p.figured(i); end != 0 {
		return day, end
	}
	day, end := p.number(i, 2)
	if end = p.suffix(end); end == 0 {
		return time.Time{}, 0
	}
	month, end := p.month(p.skip(end, "of"))
	return p.dated(day, month, end)
}

// suffix reads st, nd, rd or th behind the figures of a day, if there is one.
func (p *parser) suffix(i int) int {
	for _, s := range [...]string{"st", "nd", "rd", "th"} {
		if end := p.glued(i, s); end != 0 {
			return end
		}
	}
	return i
}

// dated reads the year behind a day and its month. Without one it is the next
// such date, today included.
func (p *parser) dated(day int, month time.Month, end int) (time.Time, int) {
	if end == 0 || day < 1 {
		return time.Time{}, 0
	}
	if year, behind := p.year(end); behind != 0 {
		return valid(year, month, day, behind)
	}
	for year := p.today.Year(); year <= p.today.Year()+8; year++ { // 29 February may be eight years away
		if d, ok := valid(year, month, day, end); ok != 0 && !d.Before(p.today) {
			return d, end
		}
	}
	return time.Time{}, 0
}

// year reads a year, or a comma and a year.
func (p *parser) year(i int) (year, end int) {
	if comma := p.glued(i, ","); comma != 0 {
		i = comma
	}
	if year, end = p.number(i, 4); year < 1900 || year > 2199 || !p.lexemes[end].closed {
		return 0, 0
	}
	return year, end
}

// figured reads a date in figures that can be read in one way only.
func (p *parser) figured(i int) (time.Time, int) {
	first, end := p.number(i, 4)
	if end == 0 {
		return time.Time{}, 0
	}
	separator := p.lexemes[end].word
	second, end := p.figures(p.glued(end, separator), 1, 2)
	last := p.glued(end, separator)
	if day, end := p.figures(last, 1, 2); first >= 1900 && end != 0 && (separator == "-" || separator == "/") {
		return valid(first, time.Month(second), day, end)
	}
	year, end := p.figures(last, 4, 4)
	switch {
	case end == 0 || year < 1900:
	case separator == "." || separator == "/" && (first > 12 || first == second):
		return valid(year, time.Month(second), first, end)
	case separator == "/" && second > 12:
		return valid(year, time.Month(first), second, end)
	}
	return time.Time{}, 0
}

// isoTime reads a date and time in one word, in the writer's zone unless it
// names an offset: 2026-12-01T09:00, 2026-12-01T09:00:00Z.
func (p *parser) isoTime(i int) (when, int) {
	if n, _ := p.number(i, 4); n < 1900 {
		return when{}, 0
	}
	end := p.wordEnd(i)
	for p.lexemes[end-1].closes() {
		end--
	}
	word := strings.ToUpper(p.text[p.lexemes[i].start:p.lexemes[end-1].end])
	for _, layout := range [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, word); err == nil && len(word) == len(layout) {
			return when{day: dateOf(t), clock: at(t.Clock())}, end
		}
	}
	if due, err := task.ParseDue(word); err == nil && !due.AllDay {
		return when{moment: due.At}, end
	}
	return when{}, 0
}

// in reads how far a date or a moment lies ahead.
func (p *parser) in(i int) (when, int) {
	s, end := p.span(i)
	day := s.after(p.today)
	switch {
	case end == 0 || s == (span{}) || day.Year() > 9999:
		return when{}, 0
	case s.hours == 0 && s.minutes == 0:
		return when{day: day}, end
	}
	from := p.now.Truncate(time.Second)
	if !day.Equal(p.today) {
		from = wall(day, at(p.now.Clock()), p.now.Location())
	}
	return when{moment: from.Add(time.Duration(60*s.hours+s.minutes) * time.Minute).UTC()}, end
}

// weekday reads the name of a weekday, wherever it stands.
func (p *parser) weekday(i int) (time.Weekday, int) {
	switch p.lexemes[i].word {
	case "mon", "monday":
		return time.Monday, i + 1
	case "tue", "tues", "tuesday":
		return time.Tuesday, i + 1
	case "wed", "weds", "wednesday":
		return time.Wednesday, i + 1
	case "thu", "thur", "thurs", "thursday":
		return time.Thursday, i + 1
	case "fri", "friday":
		return time.Friday, i + 1
	case "sat", "saturday":
		return time.Saturday, i + 1
	case "sun", "sunday":
		return time.Sunday, i + 1
	}
	return 0, 0
}

// monthNames are whole; the first three letters will do.
var monthNames = [...]string{
	"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
}

// month reads the name of a month.
func (p *parser) month(i int) (time.Month, int) {
	word := p.word(i)
	for n, name := range monthNames {
		if word == name || word == name[:3] || word == "sept" && name[:3] == "sep" {
			return time.January + time.Month(n), i + 1
		}
	}
	return 0, 0
}

func sinceMonday(day time.Weekday) int { return int(day+6) % 7 }

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// valid returns a date that the calendar has.
func valid(y int, m time.Month, d, end int) (time.Time, int) {
	if m < time.January || m > time.December || d < 1 || d > date(y, m+1, 0).Day() {
		return time.Time{}, 0
	}
	return date(y, m, d), end
}

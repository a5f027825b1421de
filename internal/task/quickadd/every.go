package quickadd

import (
	"math/bits"
	"time"
)

// maxInterval is the largest interval that a task's rule may have.
const maxInterval = 10_000

// tail is what is said of a rule behind it.
type tail struct {
	until     time.Time // the last day
	length    span
	count     int
	completed bool // counted from completion
}

// recurrence reads a rule.
func (p *parser) recurrence(i int) (unit, int) {
	r, end := p.every(i)
	if end == 0 || r.interval > maxInterval {
		return unit{}, 0
	}
	if within, behind := p.within(r, p.need(end, "on")); behind != 0 && p.lexemes[behind].closed {
		r, end = within, behind
	} else if end == i+1 && !p.parts(end) { // the weekly report
		return unit{}, 0
	}
	found := r // on the heap only if there is one
	return unit{kind: Recurrence, rule: &found}, end
}

// parts reports whether the title does not go on at i: the text ends there, or
// something that has a meaning of its own begins.
func (p *parser) parts(i int) bool {
	if !p.lexemes[i].spaced || i == len(p.lexemes)-1 || p.describes(i) != 0 {
		return true
	}
	if _, end := p.every(i); end != 0 {
		return true
	}
	for _, read := range [...]func(*parser, int) (unit, int){(*parser).reminder, (*parser).priority, (*parser).name, (*parser).tail, (*parser).due} {
		if _, end := read(p, i); end != 0 && p.lexemes[end].closed {
			return true
		}
	}
	return false
}

func (p *parser) every(i int) (r rule, end int) {
	switch p.word(i) {
	case "daily":
		return rule{frequency: daily, interval: 1}, i + 1
	case "weekly":
		return rule{frequency: weekly, interval: 1}, i + 1
	case "monthly":
		return rule{frequency: monthly, interval: 1}, i + 1
	case "quarterly":
		return rule{frequency: monthly, interval: 3}, i + 1
	case "yearly", "annually":
		return rule{frequency: yearly, interval: 1}, i + 1
	case "every":
		bang := p.glued(i+1, "!")
		j := max(i+1, bang)
		if !p.lexemes[j].spaced {
			return rule{}, 0
		}
		r, end = p.repetition(j)
		r.completed = bang != 0
	default: // on the 1st of every month
		r, end = p.ordinals(p.skip(p.skip(i, "on"), "the"))
		end = p.need(p.need(p.need(end, "of"), "every", "each"), "month")
	}
	return r, end
}

// repetition reads what is behind "every".
func (p *parser) repetition(i int) (rule, int) {
	if r, end := p.days(i); end != 0 && p.lexemes[end].closed {
		return r, end
	}
	if r, end := p.interval(i); end != 0 && p.lexemes[end].closed {
		return r, end
	}
	return p.dates(i)
}

// interval reads day, 3 days, other week, 2nd month, other monday.
func (p *parser) interval(i int) (rule, int) {
	n, end := 1, i
	if other := p.need(i, "other"); other != 0 {
		n, end = 2, other
	} else if nth, behind := p.ordinal(i); behind != 0 && nth > 1 {
		n, end = nth, behind
	} else if amount, behind := p.amount(i); behind != 0 && amount > 0 {
		n, end = amount, behind
	}
	switch p.word(end) {
	case "": // every 3d
		return rule{}, 0
	case "quarter", "quarters":
		return rule{frequency: monthly, interval: 3 * n}, end + 1
	case "fortnight", "fortnights":
		return rule{frequency: weekly, interval: 2 * n}, end + 1
	}
	if rank, behind := p.unitName(end); behind != 0 && p.word(behind) != "of" { // 3rd day of the month
		return rule{frequency: frequencyOf[rank], interval: n}, behind
	}
	if p.word(i) == "other" {
		days, behind := p.weekdays(end)
		return rule{frequency: weekly, interval: n, days: days}, behind
	}
	return rule{}, 0
}

// frequencyOf is the frequency of each unit, by rank.
var frequencyOf = [...]frequency{years: yearly, months: monthly, weeks: weekly, days: daily, hours: hourly, minutes: minutely}

// days reads weekdays, groups of them, and parts of each day.
func (p *parser) days(i int) (rule, int) {
	switch p.word(i) {
	case "weekday", "workday":
		return rule{frequency: weekly, interval: 1, days: workdays}, i + 1
	case "weekend":
		return rule{frequency: weekly, interval: 1, days: 1 << time.Saturday}, i + 1
	}
	if part, end := p.part(i); end != 0 {
		return rule{frequency: daily, interval: 1, part: part}, end
	}
	days, end := p.weekdays(i)
	if part, behind := p.part(end); end != 0 && behind != 0 && p.lexemes[behind].closed {
		return rule{frequency: weekly, interval: 1, days: days, part: part}, behind
	}
	return rule{frequency: weekly, interval: 1, days: days}, end
}

// weekdays reads mon, wed and fri.
func (p *parser) weekdays(i int) (found weekdays, end int) {
	for {
		day, behind := p.weekday(i)
		if behind == 0 {
			return found, end
		}
		found, end = found|1<<day, behind
		if i = p.and(end); i == 0 {
			return found, end
		}
	}
}

// and reads what joins the items of a list.
func (p *parser) and(i int) int {
	comma := p.glued(i, ",")
	if comma != 0 {
		i = comma
	}
	if and := max(p.need(i, "and"), p.mark(i, "&")); and != 0 {
		return and
	}
	return comma
}

// dates reads days of months or of the year: 15th, 1st and last day, last
// friday, 1 dec, 2nd monday of march.
func (p *parser) dates(i int) (rule, int) {
	if month, end := p.month(i); end != 0 {
		day, end := p.number(end, 2)
		return inYear(month, day, p.suffix(end))
	}
	if day, end := p.number(i, 2); end != 0 {
		if month, behind := p.month(p.skip(p.suffix(end), "of")); behind != 0 {
			return inYear(month, day, behind)
		}
	}
	r, end := p.ordinals(i)
	of := p.need(end, "of")
	if month, behind := p.month(of); of != 0 && behind != 0 && p.lexemes[behind].closed {
		r.frequency, r.month = yearly, month
		return r, behind
	}
	if of != 0 {
		if behind := p.need(p.skip(of, "the", "each", "every"), "month"); behind != 0 && p.lexemes[behind].closed {
			end = behind
		}
	}
	return r, end
}

// inYear is a rule for one date of each year.
func inYear(month time.Month, day, end int) (rule, int) {
	if _, end := valid(2000, month, day, end); end == 0 { // a leap year
		return rule{}, 0
	}
	return rule{frequency: yearly, interval: 1, month: month, monthDays: 1 << day}, end
}

// ordinals reads days of the month, by number or by weekday.
func (p *parser) ordinals(i int) (rule, int) {
	r := rule{frequency: monthly, interval: 1}
	inFigures := true
	end := 0
	for {
		nth, behind := p.ordinal(i)
		if behind == 0 {
			return rule{}, 0
		}
		inFigures = inFigures && p.lexemes[i].sort == digits
		r.nth = append(r.nth, nth)
		end = behind
		if i = p.and(end); i == 0 {
			break
		}
		i = p.skip(i, "the")
	}
	switch day, behind := p.weekday(end); {
	case behind != 0:
		r.days, end = 1<<day, behind
	case p.word(end) == "weekday" || p.word(end) == "workday":
		r.days, end = workdays, end+1
	case p.word(end) == "day":
		return r.byMonthDay(end + 1)
	case inFigures:
		return r.byMonthDay(end)
	default:
		return rule{}, 0
	}
	for _, n := range r.nth {
		if n > 5 {
			return rule{}, 0
		}
	}
	return r, end
}

// byMonthDay turns places in a list of all days into days of the month. A month has one last day: of the 29th, 30th,
// 31st and the last, a rule can have one.
func (r rule) byMonthDay(end int) (rule, int) {
	for _, n := range r.nth {
		if n == last {
			n = 31
		}
		if n > 31 {
			return rule{}, 0
		}
		r.monthDays |= 1 << n
	}
	if r.nth = nil; bits.OnesCount32(r.monthDays>>29) > 1 {
		return rule{}, 0
	}
	return r, end
}

// ordinal reads 1st to 99th, first to fifth, or last.
func (p *parser) ordinal(i int) (n, end int) {
	if n, end = p.number(i, 2); end != 0 {
		if suffix := p.suffix(end); suffix != end && n > 0 {
			return n, suffix
		}
		return 0, 0
	}
	switch p.word(i) {
	case "first":
		return 1, i + 1
	case "second":
		return 2, i + 1
	case "third":
		return 3, i + 1
	case "fourth":
		return 4, i + 1
	case "fifth":
		return 5, i + 1
	case "last":
		return last, i + 1
	}
	return 0, 0
}

// within reads the days in the week, month or year of a rule that names none:
// every 2 weeks on mon and fri, every month on the 15th.
func (p *parser) within(r rule, i int) (rule, int) {
	if i == 0 || r.days != 0 || r.part != 0 {
		return rule{}, 0
	}
	i = p.skip(i, "the")
	switch days, end := p.weekdays(i); {
	case end != 0 && r.frequency == weekly:
		r.days = days
		return r, end
	case end != 0:
		return rule{}, 0
	}
	inner, end := p.dates(i)
	if end == 0 || inner.frequency != r.frequency || r.month != 0 || r.monthDays != 0 {
		return rule{}, 0
	}
	inner.interval, inner.completed = r.interval, r.completed
	return inner, end
}

// tail reads what is said of a rule right behind it.
func (p *parser) tail(i int) (unit, int) {
	if !p.repeats || !p.taken(i) {
		return unit{}, 0
	}
	u := unit{kind: Recurrence}
	switch p.word(i) {
	case "until", "till", "ending":
		w, end := p.date(p.skip(i+1, "on"))
		if u.tail.until = w.day; w != (when{day: w.day}) || w.day.IsZero() {
			return unit{}, 0
		}
		return u, end
	case "for":
		return p.limit(i + 1)
	case "after", "from":
		if end := p.need(i+1, "completion"); end != 0 {
			u.tail.completed = true
			return u, end
		}
		if p.word(i) == "from" {
			w, end := p.date(i + 1)
			w.starts = true
			return unit{kind: Due, when: w}, end
		}
	}
	return unit{}, 0
}

// limit reads how often or how long a rule applies.
func (p *parser) limit(i int) (unit, int) {
	u := unit{kind: Recurrence}
	if n, end := p.amount(i); end != 0 && n > 0 {
		if times := p.need(end, "times", "time"); times != 0 {
			u.tail.count = n
			return u, times
		}
	}
	s, end := p.span(i)
	if s.hours != 0 || s.minutes != 0 || s == (span{}) {
		return unit{}, 0
	}
	u.tail.length = s
	return u, end
}

package quickadd

import (
	"strconv"
	"time"
)

// span is a length of time, in calendar units and elapsed ones.
type span struct{ years, months, weeks, days, hours, minutes int }

// after returns the day that lies the calendar units of a span behind a day;
// where the month has no such day, its last.
func (s span) after(day time.Time) time.Time {
	y, m, d := day.Date()
	first := date(y+s.years, m+time.Month(s.months), 1)
	last := first.AddDate(0, 1, -1)
	return first.AddDate(0, 0, min(d, last.Day())-1+7*s.weeks+s.days)
}

// before returns the reminder that lies a span before the due. Months and
// years have no fixed length, so there is none for them.
func (s span) before() (reminder string, ok bool) {
	days, clock := "", ""
	for _, part := range [...]struct {
		n    int
		text *string
		unit string
	}{{7*s.weeks + s.days, &days, "D"}, {s.hours, &clock, "H"}, {s.minutes, &clock, "M"}} {
		if part.n > 0 {
			*part.text += strconv.Itoa(part.n) + part.unit
		}
	}
	switch {
	case s.months != 0 || s.years != 0:
		return "", false
	case days == "" && clock == "":
		return "PT0S", true
	case days == strconv.Itoa(7*s.weeks)+"D" && clock == "":
		return "-P" + strconv.Itoa(s.weeks) + "W", true
	case clock == "":
		return "-P" + days, true
	}
	return "-P" + days + "T" + clock, true
}

// span reads amounts of units, the larger before the smaller: 3 days, a week,
// 1h30m, 1 hour and 30 minutes, half an hour.
func (p *parser) span(i int) (s span, end int) {
	if p.word(i) == "half" {
		return span{minutes: 30}, p.need(p.need(i+1, "an"), "hour")
	}
	units := [...]*int{&s.years, &s.months, &s.weeks, &s.days, &s.hours, &s.minutes}
	for smallest := -1; ; {
		n, j := p.amount(i)
		rank, j := p.unitName(j)
		if j == 0 || rank <= smallest {
			return s, end
		}
		smallest, *units[rank], end = rank, n, j
		i = p.skip(j, "and")
	}
}

// amount reads a number in figures or in a word.
func (p *parser) amount(i int) (n, end int) {
	if n, end = p.number(i, 4); end == 0 {
		n, end = p.figures(i, 1, 4)
	}
	if end != 0 {
		return n, end
	}
	word := p.word(i)
	if word == "a" || word == "an" {
		return 1, i + 1
	}
	for n, name := range numberNames {
		if word == name {
			return n + 1, i + 1
		}
	}
	return 0, 0
}

var numberNames = [...]string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

// The ranks of units, the larger first.
const (
	years = iota
	months
	weeks
	days
	hours
	minutes
)

// unitName reads a unit; a single letter only right behind the figures.
func (p *parser) unitName(i int) (rank, end int) {
	if i == 0 || p.lexemes[i].spaced && len(p.lexemes[i].word) == 1 {
		return 0, 0
	}
	switch p.lexemes[i].word {
	case "year", "years", "yr", "yrs", "y":
		return years, i + 1
	case "month", "months":
		return months, i + 1
	case "week", "weeks", "wk", "wks", "w":
		return weeks, i + 1
	case "day", "days", "d":
		return days, i + 1
	case "hour", "hours", "hr", "hrs", "h":
		return hours, i + 1
	case "minute", "minutes", "min", "mins", "m":
		return minutes, i + 1
	}
	return 0, 0
}

package quickadd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"todo-app/internal/task"
)

// settle makes one task of what the units say, and gives those of the due and
// the recurrence their values.
func (p *parser) settle() {
	for _, u := range p.units {
		switch u.kind {
		case Priority:
			priority, _ := task.ParsePriority(u.value)
			p.patch.Priority = task.Value(priority)
		case Category:
			p.patch.Category = task.Value(u.value)
		case Tag:
			p.patch.Tags = task.Value(append(p.patch.Tags.Value, u.value))
		case Reminder:
			p.addReminder(task.Reminder(u.value))
		case Description:
			if text := strings.TrimSpace(p.source(u)[len("//"):]); text != "" {
				p.patch.Description = task.Value(text)
			}
		}
	}
	agree(p, "priorities", func(u unit) string { return u.valueOf(Priority) })
	agree(p, "categories", func(u unit) string { return u.valueOf(Category) })
	p.settleDue()
}

// addReminder adds a reminder once, and no more of them than it takes to have
// too many.
func (p *parser) addReminder(r task.Reminder) {
	known := p.patch.Reminders.Value
	if len(known) <= task.MaxReminders && !slices.Contains(known, r) {
		p.patch.Reminders = task.Value(append(known, r))
	}
}

// source is the text of a unit.
func (p *parser) source(u unit) string {
	return p.text[p.lexemes[u.from].start:p.lexemes[u.to-1].end]
}

// agree finds a fault if two units say different things. A zero value says
// nothing.
func agree[T comparable](p *parser, things string, says func(unit) T) (agreed bool) {
	var nothing, said T
	var first unit
	for _, u := range p.units {
		switch v := says(u); {
		case v == nothing || v == said:
		case said == nothing:
			first, said = u, v
		default:
			p.fault(fmt.Sprintf("gives two %s, %s and %s: keep one, and write a backslash before the other to have it in the title", things, p.quote(first), p.quote(u)))
			return false
		}
	}
	return true
}

// quote returns the text of a unit for a fault.
func (p *parser) quote(u unit) string { return strconv.Quote(clip(p.source(u))) }

// clip cuts a text to a sane length for a message.
func clip(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return s
}

// settleDue finds the due and the rule.
func (p *parser) settleDue() {
	agreed := agree(p, "dates", unit.date) && agree(p, "times", unit.time) && agree(p, "times", unit.part)
	if !agree(p, "recurrences", unit.repetition) || !agree(p, "ends", unit.end) || !agreed {
		return
	}
	var w when
	var r *rule
	var t tail
	for _, u := range p.units {
		w, t = w.with(u.when), t.with(u.tail)
		if r == nil {
			r = u.rule
		}
	}
	if r == nil {
		p.setDue(p.once(w))
		return
	}
	r.completed = r.completed || t.completed
	if due, day, ok := p.begun(w, *r); ok {
		p.setDue(due)
		p.setRule(*r, t, day)
	}
}

// What a unit says of each thing that there can be one of.

func (u unit) valueOf(kind Kind) string {
	if u.kind != kind {
		return ""
	}
	return u.value
}

func (u unit) date() time.Time {
	if u.when.day.IsZero() {
		return u.when.moment
	}
	return u.when.day
}

func (u unit) time() any {
	switch {
	case u.when.clock != 0:
		return u.when.clock
	case !u.when.moment.IsZero():
		return u.when.moment
	}
	return nil
}

func (u unit) part() clock {
	if u.rule != nil {
		return u.rule.part
	}
	return u.when.part
}

func (u unit) repetition() string {
	if u.rule == nil {
		return ""
	}
	return u.rule.String() + strconv.FormatBool(u.rule.completed)
}

func (u unit) end() tail {
	u.tail.completed = false
	return u.tail
}

// with adds what another phrase says; both do not contradict each other.
func (w when) with(other when) when {
	if w.day.IsZero() {
		w.day = other.day
	}
	if w.moment.IsZero() {
		w.moment = other.moment
	}
	w.clock, w.part = max(w.clock, other.clock), max(w.part, other.part)
	w.starts = w.starts || other.starts
	return w
}

func (t tail) with(other tail) tail {
	completed := t.completed || other.completed
	if other.completed = false; other != (tail{}) {
		t = other
	}
	t.completed = completed
	return t
}

// once returns the due of a task that does not repeat.
func (p *parser) once(w when) task.Due {
	zone := p.now.Location()
	if w.clock == 0 && w.part != 0 && (!w.day.Equal(p.today) || !wall(w.day, w.part, zone).Before(p.now)) {
		w.clock = w.part
	}
	switch {
	case !w.moment.IsZero():
		return timed(w.moment)
	case w.clock == 0:
		return task.Due{At: w.day, AllDay: !w.day.IsZero()}
	case w.day.IsZero():
		return timed(p.upcoming(w.clock))
	}
	return timed(wall(w.day, w.clock, zone))
}

// upcoming returns the next moment at which clocks show a time.
func (p *parser) upcoming(c clock) time.Time {
	at := wall(p.today, c, p.now.Location())
	if at.Before(p.now) {
		at = wall(p.today.AddDate(0, 0, 1), c, p.now.Location())
	}
	return at
}

func timed(at time.Time) task.Due { return task.Due{At: at.UTC()} }

// begun returns what a rule's series begins with, and the day that it shows.
func (p *parser) begun(w when, r rule) (due task.Due, day time.Time, ok bool) {
	if p.first == nil || p.first.IsZero() {
		return p.repeated(w, r)
	}
	return *p.first, p.dayOf(*p.first), true
}

// repeated returns the first due that a rule has by itself, and the day that it
// shows.
func (p *parser) repeated(w when, r rule) (due task.Due, day time.Time, ok bool) {
	zone := p.now.Location()
	if w.clock == 0 && w.part == 0 {
		w.part = r.part
	}
	c := w.clock
	if c == 0 {
		c = w.part
	}
	switch {
	case r.byClock() && w.moment.IsZero() && c == 0:
		if !w.day.IsZero() {
			p.fault("repeats within a day: give a time to begin at")
			return due, day, false
		}
		due = timed(p.now.Truncate(time.Second).Add(r.step()))
	case r.byClock():
		w.clock = c
		due = p.once(w)
	case !w.moment.IsZero() || !w.day.IsZero() && !w.starts:
		due = p.once(w)
	default:
		if day = w.day; day.IsZero() {
			day = p.today
		}
		day = r.first(day)
		if c == 0 {
			return task.Due{At: day, AllDay: true}, day, true
		}
		if at := wall(day, c, zone); !w.starts && at.Before(p.now) {
			day = r.first(day.AddDate(0, 0, 1))
		}
		return timed(wall(day, c, zone)), day, true
	}
	return due, p.dayOf(due), true
}

// dayOf returns the day that a due shows where the writer is.
func (p *parser) dayOf(due task.Due) time.Time {
	if due.AllDay {
		return due.At
	}
	return dateOf(due.At.In(p.now.Location()))
}

func (p *parser) setDue(due task.Due) {
	switch year := due.At.Year(); {
	case due.IsZero():
		return
	case year < 1900 || year > 9999:
		p.fault("gives a due outside the years 1900 to 9999")
		return
	}
	p.patch.Due = task.Value(due)
	for i := range p.units {
		if p.units[i].kind == Due {
			p.units[i].value = due.String()
		}
	}
}

// setRule sets a rule whose series begins on a day.
func (p *parser) setRule(r rule, t tail, day time.Time) {
	rule := r.shorthand()
	if end := p.end(t, day); rule == "" || end != "" {
		if p.first == nil || !p.first.IsZero() {
			r = r.anchored(day)
		}
		rule = r.String() + end
	}
	rule, err := task.ParseRule(rule)
	if err != nil {
		p.fault("gives a recurrence that " + err.Error())
		return
	}
	recurrence := task.RecurrencePatch{Rule: task.Value(rule)}
	from := task.FromDue
	if r.completed {
		from = task.FromCompletion
		recurrence.From = task.Value(from)
	}
	p.patch.Recurrence = task.Value(recurrence)
	for i := range p.units {
		if p.units[i].kind == Recurrence {
			p.units[i].value, p.units[i].counted = rule, from
		}
	}
}

// end returns what ends a rule whose series begins on a day. UNTIL is a date if
// the due is one, and else a moment (RFC 5545, section 3.3.10): the last of
// that day.
func (p *parser) end(t tail, day time.Time) string {
	if t.length != (span{}) {
		t.until = t.length.after(day).AddDate(0, 0, -1)
	}
	switch {
	case t.count != 0:
		return ";COUNT=" + strconv.Itoa(t.count)
	case t.until.IsZero():
		return ""
	case p.first == nil && t.until.Before(day): // of another due the service says so
		p.fault("repeats until " + t.until.Format(time.DateOnly) + ", which is before its first date, " + day.Format(time.DateOnly))
		return ""
	case p.patch.Due.Value.AllDay:
		return ";UNTIL=" + t.until.Format("20060102")
	}
	return ";UNTIL=" + wall(t.until, endOfDay, p.now.Location()).UTC().Format("20060102T150405Z")
}

package quickadd

import "time"

// clock is a time of day in seconds after 00:00, plus one; zero is none.
type clock int

func at(hour, minute, second int) clock { return clock(3600*hour+60*minute+second) + 1 }

// endOfDay is the last second that clocks show on a day.
var endOfDay = at(23, 59, 59)

// wall returns the moment at which clocks in a zone show a time of a day
// (midnight UTC of it). Of a time shown twice that is the first moment; one
// that is skipped is as late as if clocks had not been put forward yet (RFC
// 5545, section 3.3.5).
func wall(day time.Time, c clock, zone *time.Location) time.Time {
	wanted := day.Add(time.Duration(c-1) * time.Second)
	y, m, d := wanted.Date()
	moment := time.Date(y, m, d, wanted.Hour(), wanted.Minute(), wanted.Second(), 0, zone)
	switch shown := shows(moment); {
	case shown.After(wanted):
		return moment
	case shown.Before(wanted):
		return wanted.Add(-offset(moment)).In(zone)
	}
	start, _ := moment.ZoneBounds()
	if start.IsZero() {
		return moment
	}
	if first := wanted.Add(-offset(start.Add(-1))); first.Before(start) {
		return first.In(zone)
	}
	return moment
}

// shows returns what clocks show at a moment, as if they stood in UTC.
func shows(t time.Time) time.Time { return t.Add(offset(t)).UTC() }

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// time reads 9am, 9:30 pm, 17:00 or noon.
func (p *parser) time(i int) (clock, int) {
	if p.word(i) == "noon" {
		return at(12, 0, 0), i + 1
	}
	hour, end := p.number(i, 2)
	minute, behind := p.figures(p.glued(end, ":"), 2, 2)
	if behind != 0 {
		end = behind
	}
	switch half, halved := p.half(end); {
	case end == 0 || minute > 59:
	case halved != 0 && 1 <= hour && hour <= 12:
		return at(hour%12+half, minute, 0), halved
	case halved == 0 && behind != 0 && hour < 24:
		return at(hour, minute, 0), end
	}
	return 0, 0
}

// half reads am or pm, as 0 or 12 hours.
func (p *parser) half(i int) (hours, end int) {
	if i == 0 {
		return 0, 0
	}
	switch p.lexemes[i].word {
	case "am", "a":
	case "pm", "p":
		hours = 12
	default:
		return 0, 0
	}
	if len(p.lexemes[i].word) == 2 {
		return hours, i + 1
	}
	if end = p.glued(p.glued(i+1, "."), "m"); end == 0 {
		return 0, 0
	}
	if dot := p.glued(end, "."); dot != 0 {
		end = dot
	}
	return hours, end
}

// part reads a part of the day.
func (p *parser) part(i int) (clock, int) {
	switch p.word(i) {
	case "morning":
		return at(9, 0, 0), i + 1
	case "afternoon":
		return at(12, 0, 0), i + 1
	case "evening":
		return at(19, 0, 0), i + 1
	case "night":
		return at(22, 0, 0), i + 1
	}
	return 0, 0
}

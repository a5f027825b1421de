package quickadd

import (
	"strings"
	"time"

	"todo-app/internal/task"
)

// parser reads a text from its beginning to its end, each word a bounded
// number of times, and then settles what the parts mean together.
type parser struct {
	text    string
	now     time.Time
	today   time.Time // midnight UTC of the date that now shows
	first   *task.Due // what a rule's series begins with: see ParseRule
	lexemes []lexeme
	closers map[string][]int // for a closing quote, the first at or behind each lexeme; 0 for none
	units   []unit           // in order
	repeats bool             // a rule has been read
	patch   task.Patch
	faults  task.Faults
}

// unit is a part of the text that has a meaning of its own.
type unit struct {
	kind     Kind
	from, to int    // lexemes
	value    string // as in Token; of a due and a recurrence it is settled last
	when     when
	rule     *rule // a whole rule
	tail     tail  // what is said of a rule behind it
	counted  task.RecurrenceFrom
}

func newParser(text string, now time.Time) *parser {
	p := &parser{text: text, now: now, today: dateOf(now), lexemes: lex(text)}
	if strings.ContainsAny(text, `"”`) {
		p.closers = map[string][]int{`"`: p.closersOf(`"`), "”": p.closersOf("”")}
	}
	return p
}

// closersOf finds the quotes that stand at a word's end.
func (p *parser) closersOf(quote string) []int {
	first := make([]int, len(p.lexemes))
	for i := len(p.lexemes) - 2; i > 0; i-- {
		first[i] = first[i+1]
		if l := p.lexemes[i]; l.word == quote && !l.spaced && p.lexemes[i+1].closed {
			first[i] = i
		}
	}
	return first
}

func (p *parser) read() {
	for i := 0; i < len(p.lexemes)-1; {
		i = p.step(i)
	}
}

// step reads what the word at i begins, and returns where the next begins.
func (p *parser) step(i int) int {
	switch {
	case !p.lexemes[i].spaced: // closing punctuation behind a phrase
		return i + 1
	case p.describes(i) != 0:
		p.units = append(p.units, unit{kind: Description, from: i, to: len(p.lexemes) - 1})
		return len(p.lexemes) - 1
	case p.mark(i, `\`) != 0:
		return p.escape(i)
	case p.quoted(i) != 0:
		return p.quoted(i)
	case p.other(i) != 0:
		return p.other(i)
	}
	u, end := p.phrase(i)
	if end == 0 {
		return p.wordEnd(i)
	}
	u.from, u.to = i, end
	p.units = append(p.units, u)
	p.repeats = p.repeats || u.rule != nil
	return end
}

// escape reads a backslash. It is taken out if it keeps something from having
// a meaning, and is text otherwise, as in \\server\share.
func (p *parser) escape(i int) int {
	end := p.escaped(i)
	if end == 0 {
		return p.wordEnd(i)
	}
	p.units = append(p.units, unit{kind: Escape, from: i, to: i + 1})
	return end
}

// escaped returns the end of what a backslash at i keeps as text, 0 if it
// keeps nothing.
func (p *parser) escaped(i int) int {
	l := &p.lexemes[i+1]
	if l.spaced {
		return 0
	}
	l.spaced = true // as it would stand without the backslash
	defer func() { l.spaced = false }()
	_, end := p.phrase(i + 1)
	if end != 0 {
		return end
	}
	switch l.word {
	case "#", "@", "!", `"`, "“":
		return p.wordEnd(i + 1)
	case "/":
		return p.describes(i + 1)
	case `\`:
		return p.escaped(i + 1)
	}
	return 0
}

// describes returns the end of a // that begins the description.
func (p *parser) describes(i int) int {
	if end := p.glued(p.mark(i, "/"), "/"); end != 0 && p.lexemes[end].spaced {
		return end
	}
	return 0
}

// quoted returns the end of the quotation that begins at i, 0 for none.
func (p *parser) quoted(i int) int {
	var closers []int
	switch p.lexemes[i].word {
	case `"`:
		closers = p.closers[`"`]
	case "“":
		closers = p.closers["”"]
	default:
		return 0
	}
	if closers == nil || p.lexemes[i+1].spaced || closers[i+1] == 0 {
		return 0
	}
	return closers[i+1] + 1
}

// phrase reads what has a meaning at i; end is 0 if nothing has.
func (p *parser) phrase(i int) (u unit, end int) {
	for _, read := range [...]func(*parser, int) (unit, int){
		(*parser).reminder, (*parser).priority, (*parser).name, (*parser).recurrence, (*parser).tail, (*parser).due,
	} {
		if u, end = read(p, i); end != 0 && p.lexemes[end].closed {
			return u, end
		}
	}
	return unit{}, 0
}

// taken reports whether a unit ends right before i.
func (p *parser) taken(i int) bool {
	return len(p.units) > 0 && p.units[len(p.units)-1].to == i
}

// The readers below return the place behind what they read, 0 if it is not
// there. Place 0 is thus also "not there" for the next, so that they chain.

// wordEnd returns the first place behind i where a word begins.
func (p *parser) wordEnd(i int) int {
	for i++; !p.lexemes[i].spaced; i++ {
	}
	return i
}

// word returns the letters at i if they begin a word.
func (p *parser) word(i int) string {
	if l := p.lexemes[i]; l.spaced && l.sort == letters {
		return l.word
	}
	return ""
}

// skip reads one of some words at i, and returns i if none is there.
func (p *parser) skip(i int, words ...string) int {
	for _, w := range words {
		if p.word(i) == w {
			return i + 1
		}
	}
	return i
}

// need reads one of some words at i.
func (p *parser) need(i int, words ...string) int {
	if i == 0 || p.skip(i, words...) == i {
		return 0
	}
	return i + 1
}

// mark reads a character at i that begins a word.
func (p *parser) mark(i int, s string) int {
	if l := p.lexemes[i]; l.spaced && l.word == s {
		return i + 1
	}
	return 0
}

// glued reads letters or a character that continue a word.
func (p *parser) glued(i int, s string) int {
	if l := p.lexemes[i]; i != 0 && !l.spaced && l.word == s {
		return i + 1
	}
	return 0
}

// number reads a number that begins a word and has at most most digits.
func (p *parser) number(i, most int) (n, end int) {
	if l := p.lexemes[i]; l.spaced && l.sort == digits && l.end-l.start <= most {
		return l.number, i + 1
	}
	return 0, 0
}

// figures reads a number of least to most digits that continues a word.
func (p *parser) figures(i, least, most int) (n, end int) {
	l := p.lexemes[i]
	if length := l.end - l.start; i == 0 || l.spaced || l.sort != digits || length < least || length > most {
		return 0, 0
	}
	return l.number, i + 1
}

// dateOf returns midnight UTC of the date that t shows in its own zone.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

package torture

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// kind is what an operation does.
type kind string

const (
	create   kind = "create"
	list     kind = "list"
	get      kind = "get"
	update   kind = "update"
	complete kind = "complete"
	reopen   kind = "reopen"
	remove   kind = "delete"
)

// input is what a client asks for. Clients name tasks by tokens of their own,
// which no two tasks share.
type input struct {
	kind  kind
	token int  // the task
	value int  // what a create or an update gives it
	match int  // the version that an If-Match asks for; 0: none
	open  bool // of a list: only tasks that are not done
}

// reads says whether it changes nothing.
func (in input) reads() bool { return in.kind == list || in.kind == get }

// outcome is what came of an operation.
type outcome string

const (
	done    outcome = "done"
	absent  outcome = "absent"  // 404
	stale   outcome = "stale"   // 412
	refused outcome = "refused" // surely not carried out; no part of a history
	unknown outcome = "unknown" // perhaps carried out, at any later time, or never
)

// cell is a task as far as the model goes.
type cell struct {
	token, value, version int
	done                  bool
}

// output is what a client was told: the task as read or as the write left it,
// or all that a list has.
type output struct {
	outcome outcome
	cells   []cell
	tagged  bool // 304: what the client had by that tag is what it has
}

// state is an owner's list, in the order of tokens. It is never changed in
// place.
type state []cell

func (s state) find(token int) (at int, found bool) {
	return slices.BinarySearchFunc(s, token, func(c cell, token int) int { return c.token - token })
}

// ownersList is what an owner's list does, one operation at a time.
var ownersList = porcupine.Model{
	Init: func() any { return state(nil) },
	Step: func(s, in, out any) (bool, any) { return step(s.(state), in.(input), out.(output)) },
	Equal: func(a, b any) bool {
		return slices.Equal(a.(state), b.(state))
	},
	Hash: func(s any) uint64 {
		h := fnv.New64a()
		fmt.Fprint(h, s)
		return h.Sum64()
	},
	DescribeOperation: func(in, out any) string { return describe(in.(input), out.(output)) },
	DescribeState:     func(s any) string { return describeCells(s.(state)) },
}

// step says whether an operation can have that outcome now, and what is left
// behind. One whose outcome nobody knows can always have been: it returns never,
// so that having come last of all, seen by nobody, stands for not at all.
func step(s state, in input, out output) (possible bool, after state) {
	after, want := apply(s, in)
	switch {
	case out.outcome == unknown:
		return true, after
	case out.outcome != want.outcome:
		return false, s
	}
	return slices.Equal(out.cells, want.cells), after
}

// apply carries an operation out.
func apply(s state, in input) (after state, out output) {
	if in.kind == list {
		return s, output{outcome: done, cells: s.listed(in.open)}
	}
	at, found := s.find(in.token)
	if in.kind == create {
		if found { // tokens are not used twice: it was carried out twice
			return s, output{outcome: absent}
		}
		made := cell{token: in.token, value: in.value, version: 1}
		return slices.Insert(slices.Clone(s), at, made), output{outcome: done, cells: []cell{made}}
	}
	switch {
	case !found:
		return s, output{outcome: absent}
	case in.match != 0 && in.match != s[at].version:
		return s, output{outcome: stale}
	}
	next := s[at]
	switch in.kind {
	case get:
		return s, output{outcome: done, cells: []cell{next}}
	case remove:
		return slices.Delete(slices.Clone(s), at, at+1), output{outcome: done}
	case update:
		next.value = in.value
	case complete:
		next.done = true
	case reopen:
		next.done = false
	}
	if next != s[at] {
		next.version++
		s = slices.Clone(s)
		s[at] = next
	}
	return s, output{outcome: done, cells: []cell{next}}
}

// listed returns what a list shows.
func (s state) listed(open bool) []cell {
	return slices.DeleteFunc(slices.Clone([]cell(s)), func(c cell) bool { return open && c.done })
}

func describe(in input, out output) string {
	var b strings.Builder
	b.WriteString(string(in.kind))
	if in.kind != list {
		fmt.Fprintf(&b, " t%d", in.token)
	}
	if in.open {
		b.WriteString(" of open ones")
	}
	if in.kind == create || in.kind == update {
		fmt.Fprintf(&b, " as %d", in.value)
	}
	if in.match != 0 {
		fmt.Fprintf(&b, " if v%d", in.match)
	}
	fmt.Fprintf(&b, ": %s", out.outcome)
	if out.tagged {
		b.WriteString(", not modified")
	}
	if out.outcome == done && in.kind != remove {
		fmt.Fprintf(&b, " %s", describeCells(out.cells))
	}
	return b.String()
}

func describeCells(cells []cell) string {
	var all []string
	for _, c := range cells {
		one := fmt.Sprintf("t%d=%d v%d", c.token, c.value, c.version)
		if c.done {
			one += " done"
		}
		all = append(all, one)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

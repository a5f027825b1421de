//go:build otel

package storage

import (
	"cmp"
	"strings"
	"sync"
	"sync/atomic"
)

// names keeps the names of statements, which are few and asked for often.
type names struct {
	known sync.Map
	count atomic.Int64
}

// most bounds the names kept, should statements ever be made of what callers
// send.
const most = 1000

func (n *names) of(sql string) string {
	if name, ok := n.known.Load(sql); ok {
		return name.(string)
	}
	name := nameOf(sql)
	if n.count.Load() < most {
		n.count.Add(1)
		n.known.Store(sql, name)
	}
	return name
}

// nameOf returns what a statement does and to which table, such as "insert
// tasks": the first change in it, or else the first table it reads, or else the
// first function that it calls. Nothing else of the statement is in it.
func nameOf(sql string) string {
	var verb, table, call, before string
	changes, target := false, false
	for word := range words(sql) {
		switch {
		case word == "(":
			if call == "" && verb != "" && before != verb {
				call = before
			}
			target = false
		case isChange(word, before) && !changes:
			verb, table, changes, target = word, "", true, word == "update"
		case word == "select" && verb == "":
			verb = word
		case (word == "from" || word == "into" || word == "join") && table == "" && before != "distinct":
			target = true
		case target && word != "lateral" && word != "only":
			table, target = word, false
		}
		before = word
	}
	switch {
	case verb == "":
		return first(sql)
	case table == "" && call == "":
		return verb
	}
	return verb + " " + cmp.Or(table, call)
}

// isChange tells changes from "for update", "for no key update" and "on conflict
// do update".
func isChange(word, before string) bool {
	return (word == "insert" || word == "update" || word == "delete") && before != "for" && before != "key" && before != "do"
}

// first returns the first word of a statement.
func first(sql string) string {
	for word := range words(sql) {
		return word
	}
	return "statement"
}

// words gives the names and parentheses of a statement in turn, and leaves out
// comments and what is quoted.
func words(sql string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for sql != "" {
			word := sql[:1]
			switch c := sql[0]; {
			case strings.HasPrefix(sql, "--"):
				_, sql, _ = strings.Cut(sql, "\n")
				continue
			case c == '\'' || c == '"':
				_, sql, _ = strings.Cut(sql[1:], word)
				continue
			case isLetter(c):
				word = sql[:len(sql)-len(strings.TrimLeftFunc(sql, func(r rune) bool { return r < 128 && (isLetter(byte(r)) || r >= '0' && r <= '9') }))]
			}
			sql = sql[len(word):]
			if (isLetter(word[0]) || word == "(" || word == ")") && !yield(strings.ToLower(word)) {
				return
			}
		}
	}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

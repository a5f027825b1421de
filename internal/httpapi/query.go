package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/task"
)

// params reads the query parameters of a request and gathers their faults.
type params struct {
	values url.Values
	faults task.Faults
	member bool // they are members of an object, in truth
}

// query reads the request's parameters, of which there may be those named,
// each at most once (a name that begins with '*' may be repeated), and reads
// tz, which every operation on tasks takes.
func (r *request) query(names ...string) *params {
	p := &params{}
	if r.URL.RawQuery == "" {
		return p
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		p.faults = task.Faults{{Pointer: "", Detail: "the query is not well formed: encode special characters as %XX"}}
		return p
	}
	p.values = values
	for _, name := range sortedKeys(values) {
		many := slices.Contains(names, "*"+name)
		switch {
		case name != "tz" && !many && !slices.Contains(names, name):
			p.fault(name, errors.New("is not known here"))
		case len(values[name]) > 1 && !many:
			p.fault(name, errors.New("is given more than once"))
		}
		for _, value := range values[name] {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				p.fault(name, errors.New("must be UTF-8 without U+0000"))
				values.Del(name)
				break
			}
		}
	}
	r.call.Zone, _ = read(p, "tz", r.api.Tasks.Zones.Load)
	return p
}

func sortedKeys(values url.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (p *params) fault(name string, err error) {
	name = short(name)
	detail := err.Error()
	if !p.member {
		detail = "query parameter " + name + " " + detail
	}
	p.faults = append(p.faults, task.Fault{Pointer: string(jsontext.Pointer("").AppendToken(name)), Detail: detail})
}

// err returns the faults so far.
func (p *params) err() error {
	if len(p.faults) == 0 {
		return nil
	}
	return p.faults
}

// read parses a parameter; given is false when it is absent.
func read[T any](p *params, name string, parse func(string) (T, error)) (value T, given bool) {
	if !p.values.Has(name) {
		return value, false
	}
	value, err := parse(p.values.Get(name))
	if err != nil {
		p.fault(name, err)
	}
	return value, true
}

func (p *params) flag(name string) (value, given bool) {
	return read(p, name, parseBool)
}

func parseBool(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, errors.New("must be true or false")
	}
	return s == "true", nil
}

// oneOf parses one of a few words.
func oneOf[T ~string](words ...T) func(string) (T, error) {
	return func(s string) (T, error) {
		if !slices.Contains(words, T(s)) {
			return "", fmt.Errorf("must be %s", or(words))
		}
		return T(s), nil
	}
}

func or[T ~string](words []T) string {
	var b strings.Builder
	for i, word := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(word))
	}
	return b.String()
}

// choice parses words that stand for having a property, not having it, and
// either.
func choice(yes, no, either string) func(string) (task.Choice, error) {
	return func(s string) (task.Choice, error) {
		switch s {
		case yes:
			return task.Yes, nil
		case no:
			return task.No, nil
		case either:
			if either != "" {
				return task.Either, nil
			}
		}
		words := []string{yes, no}
		if either != "" {
			words = append(words, either)
		}
		return 0, fmt.Errorf("must be %s", or(words))
	}
}

// The bounds of a search.
const (
	maxSearch      = 500 // code points
	maxSearchWords = 20
)

var listParams = []string{
	"q", "status", "priority", "category", "*tag", "due", "due_after", "due_before", "parent",
	"blocked", "archived", "sort", "limit", "cursor", "view",
}

// listQuery reads what a list is asked for.
func (r *request) listQuery() (task.Query, error) {
	p := r.query(listParams...)
	q := task.Query{Sort: task.SortCreated, Limit: task.DefaultLimit}
	if len(p.values) == 0 {
		q.Archived = task.No
		return q, p.err()
	}
	q.Filter = p.filter()
	if sort, given := read(p, "sort", parseSort); given {
		q.Sort, q.Desc = sort.key, sort.desc
	}
	if limit, given := read(p, "limit", upTo(task.MaxLimit)); given {
		q.Limit = limit
	}
	_, q.Tree = read(p, "view", oneOf("tree"))
	if q.Tree && !q.Parent.IsZero() {
		p.fault("view", errors.New("tree lists roots, so it cannot go with parent"))
	}
	q.After, _ = read(p, "cursor", q.ParseCursor) // last: a cursor belongs to all the rest
	return q, p.err()
}

// filter reads which tasks are asked for.
func (p *params) filter() (f task.Filter) {
	f.Archived = task.No
	f.Text, f.HasText = read(p, "q", parseSearch)
	f.Status, _ = read(p, "status", choice("completed", "pending", "all"))
	if archived, given := read(p, "archived", choice("true", "false", "all")); given {
		f.Archived = archived
	}
	f.Priority, _ = read(p, "priority", parsePriority)
	f.Category, _ = read(p, "category", parseName)
	f.Due, _ = read(p, "due", oneOf(task.DueWindows...))
	f.DueAfter, _ = read(p, "due_after", parseDueParam)
	f.DueBefore, _ = read(p, "due_before", parseDueParam)
	f.Blocked, _ = read(p, "blocked", choice("true", "false", ""))
	f.Tags = p.tags()
	if p.values.Get("parent") == "none" {
		f.RootsOnly = true
	} else {
		f.Parent, _ = read(p, "parent", task.ParseID)
	}
	return f
}

func parseSearch(s string) (string, error) {
	if utf8.RuneCountInString(s) > maxSearch {
		return "", fmt.Errorf("must be at most %d characters", maxSearch)
	}
	if len(strings.Fields(s)) > maxSearchWords {
		return "", fmt.Errorf("must be at most %d words", maxSearchWords)
	}
	return s, nil
}

func parseName(s string) (string, error) {
	if strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > task.MaxCategory {
		return "", fmt.Errorf("must be 1 to %d characters and not blank", task.MaxCategory)
	}
	return strings.ToLower(s), nil
}

func parseDueParam(s string) (task.Due, error) {
	d, err := task.ParseDue(s)
	if err != nil && strings.Contains(s, " ") {
		err = fmt.Errorf("%w; a + in a URL is a space: write %%2B", err)
	}
	return d, err
}

func (p *params) tags() []string {
	var tags []string
	for _, value := range p.values["tag"] {
		tag, err := parseName(value)
		if err != nil {
			p.fault("tag", err)
		}
		tags = append(tags, tag)
	}
	if len(tags) > task.MaxTags {
		p.fault("tag", fmt.Errorf("may be given at most %d times", task.MaxTags))
	}
	return tags
}

type sortParam struct {
	key  task.Sort
	desc bool
}

func parseSort(s string) (sortParam, error) {
	name, desc := strings.CutPrefix(s, "-")
	key, err := oneOf(task.Sorts...)(name)
	if err != nil {
		err = fmt.Errorf("%w, with a minus sign before it to reverse", err)
	}
	return sortParam{key, desc}, err
}

// upTo parses a whole number from 1 on.
func upTo(most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > most {
			return 0, fmt.Errorf("must be a whole number from 1 to %d", most)
		}
		return n, nil
	}
}

// nextLink returns the Link header that leads to the next page.
func nextLink(r *http.Request, base, cursor string) string {
	values := r.URL.Query()
	values.Set("cursor", cursor)
	return "<" + base + r.URL.EscapedPath() + "?" + values.Encode() + `>; rel="next"`
}

package assist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

// args are arguments that have been read, by the names of their parameters:
// string, int64, float64, bool, []string or args.
type args map[string]any

// get returns an argument, and whether there is one.
func get[T any](a args, name string) (value T, given bool) {
	value, given = a[name].(T)
	return value, given
}

// The bounds of what is read: faults listed, and bytes of arguments.
const (
	maxFaults    = 20
	maxArguments = 1 << 20
)

// decode reads arguments as the parameters say. Null counts as left out: some
// clients send it for whatever a model did not mention. The error is
// task.Faults, listing everything wrong.
func decode(params []Param, arguments []byte) (args, error) {
	if len(bytes.TrimSpace(arguments)) == 0 || string(arguments) == "null" {
		arguments = []byte("{}")
	}
	if len(arguments) > maxArguments {
		return nil, task.Faults{{Pointer: "", Detail: fmt.Sprintf("the arguments are larger than %d bytes", maxArguments)}}
	}
	d := &decoder{json: jsontext.NewDecoder(bytes.NewReader(arguments))}
	a, err := d.object(params, "")
	if err == nil {
		if _, rest := d.json.ReadToken(); rest != io.EOF {
			err = errors.New("more follows the object")
		}
	}
	if err != nil {
		d.fault("", fmt.Errorf("the arguments must be one JSON object: %s", strings.TrimPrefix(err.Error(), "jsontext: ")))
	}
	if len(d.faults) > 0 {
		return nil, append(d.faults, amiss(params, a)...)
	}
	return a, nil
}

// decoder reads arguments and gathers faults. Its errors end the reading.
type decoder struct {
	json   *jsontext.Decoder
	faults task.Faults
}

func (d *decoder) fault(pointer string, err error) {
	if err != nil && len(d.faults) < maxFaults {
		d.faults = append(d.faults, task.Fault{Pointer: pointer, Detail: err.Error()})
	}
}

func (d *decoder) object(members []Param, at string) (args, error) {
	if kind := d.json.PeekKind(); kind != '{' {
		_, err := d.json.ReadValue()
		d.fault(at, errors.New("must be an object"))
		return nil, err
	}
	d.json.ReadToken() // the brace, peeked at
	a := args{}
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadToken()
		if err != nil {
			return nil, err
		}
		if err := d.member(a, members, name.String(), at); err != nil {
			return nil, err
		}
	}
	_, err := d.json.ReadToken()
	for _, p := range members {
		if _, given := a[p.Name]; p.Required && !given && err == nil && !d.faulty(at+"/"+p.Name) {
			d.fault(at+"/"+p.Name, errors.New("is required"))
		}
	}
	return a, err
}

// faulty reports whether there is a fault at a pointer already.
func (d *decoder) faulty(pointer string) bool {
	return slices.ContainsFunc(d.faults, func(f task.Fault) bool { return f.Pointer == pointer })
}

func (d *decoder) member(a args, members []Param, name, at string) error {
	i := slices.IndexFunc(members, func(p Param) bool { return p.Name == name })
	pointer := at + "/" + short(name)
	switch {
	case i < 0:
		d.fault(pointer, fmt.Errorf("is not known here; there are %s", names(members)))
		return d.json.SkipValue()
	case d.json.PeekKind() == 'n':
		return d.json.SkipValue()
	case members[i].Kind == Object:
		inner, err := d.object(members[i].Members, pointer)
		if inner != nil {
			a[name] = inner
		}
		return err
	}
	v, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	value, err := members[i].read(v)
	if err == nil {
		a[name] = value
	}
	d.fault(pointer, err)
	return nil
}

func names(members []Param) string {
	if len(members) == 0 {
		return "no parameters"
	}
	all := make([]string, len(members))
	for i, p := range members {
		all[i] = p.Name
	}
	return strings.Join(all, ", ")
}

// read reads a value that is no object.
func (p Param) read(v jsontext.Value) (any, error) {
	switch p.Kind {
	case Flag:
		return jsonvalue.Boolean(v)
	case Whole:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || n < int64(p.Least) || p.Most > 0 && n > int64(p.Most) {
			return nil, fmt.Errorf("must be a whole number%s", p.bounds())
		}
		return n, nil
	case Number:
		return jsonvalue.Number(v)
	case Texts:
		return p.texts(v)
	}
	return p.text(v)
}

func (p Param) bounds() string {
	if p.Most == 0 {
		return fmt.Sprintf(" from %d on", p.Least)
	}
	return fmt.Sprintf(" from %d to %d", p.Least, p.Most)
}

func (p Param) text(v jsontext.Value) (string, error) {
	s, err := jsonvalue.Text(v)
	switch {
	case err != nil:
		return "", err
	case strings.ContainsRune(s, 0):
		return "", errors.New("must not contain U+0000")
	case p.Enum != nil && !slices.Contains(p.Enum, s):
		return "", fmt.Errorf("must be one of %s", strings.Join(p.Enum, ", "))
	}
	return s, nil
}

func (p Param) texts(v jsontext.Value) ([]string, error) {
	all := []string{}
	var fault error // the first
	err := jsonvalue.Elements(v, func(i int, item jsontext.Value) {
		s, err := p.text(item)
		switch {
		case fault != nil:
		case err != nil:
			fault = fmt.Errorf("has an item, number %d, that %w", i+1, err)
		case i == p.Most:
			fault = fmt.Errorf("must have at most %d items", p.Most)
		default:
			all = append(all, s)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%w of strings", err)
	}
	return all, fault
}

// short keeps a text that a model sent fit for a sentence.
func short(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

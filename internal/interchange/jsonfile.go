package interchange

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

// jsonFile walks the outer structure of a JSON file, the one that is not held,
// and returns records as they stand in it. Names given twice and bytes that
// are no UTF-8 are let through here: remembering all names would take memory
// for each, and a record has to answer for itself, in object.
type jsonFile struct {
	*decoder
	json *jsontext.Decoder
}

func (d *decoder) jsonFile() jsonFile {
	return jsonFile{d, jsontext.NewDecoder(d.in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// kind returns the kind of what comes next, 0 if nothing can be read.
func (f jsonFile) kind() jsontext.Kind {
	f.in.record(f.json.InputOffset())
	return f.json.PeekKind()
}

// value reads what comes next, good until the next reading.
func (f jsonFile) value() (jsontext.Value, error) {
	f.in.record(f.json.InputOffset())
	v, err := f.json.ReadValue()
	return v, f.readError(err)
}

// token reads a token, and must find it to be there.
func (f jsonFile) token() (jsontext.Token, error) {
	t, err := f.json.ReadToken()
	return t, f.readError(err)
}

// members walks an object, for the caller to read the value of each name.
func (f jsonFile) members(each func(name string) error) error {
	return f.walk('}', func(int) error {
		name, err := f.token()
		if err != nil {
			return err
		}
		return each(name.String())
	})
}

// elements walks an array, for the caller to read each element.
func (f jsonFile) elements(each func(i int) error) error { return f.walk(']', each) }

func (f jsonFile) walk(end jsontext.Kind, each func(i int) error) error {
	if _, err := f.token(); err != nil {
		return err
	}
	for i := 0; f.kind() != end; i++ {
		if err := each(i); err != nil {
			return err
		}
	}
	_, err := f.token()
	return err
}

// end holds that nothing follows the file's one value.
func (f jsonFile) end() error {
	f.in.record(f.json.InputOffset())
	_, err := f.json.ReadToken()
	switch {
	case err == io.EOF:
		return nil
	case err == nil:
		return &FileError{Detail: "goes on after its JSON value"}
	}
	return f.readError(err)
}

// readError puts an error of the JSON reader in the terms of the file.
func (f jsonFile) readError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return f.failed("ends too early")
	case errors.As(err, &syntax):
		return f.failed(fmt.Sprintf("is not valid JSON at byte %d: %s", syntax.ByteOffset, syntaxDetail(syntax)))
	}
	return f.failed("cannot be read")
}

func syntaxDetail(err *jsontext.SyntacticError) string {
	return clip(strings.TrimPrefix(err.Err.Error(), "jsontext: "))
}

// object reads the members of a record, a name in it once and all of it UTF-8;
// what is not so is a fault, and ends it.
func (d *draft) object(v jsontext.Value, each func(name string, v jsontext.Value)) {
	if v.Kind() != '{' {
		d.broken = true
		d.fault("", errors.New("must be an object"))
		return
	}
	if err := jsonvalue.Members(v, each); err != nil {
		d.broken = true
		d.syntaxFault(err)
	}
}

// syntaxFault puts an error inside a record in a sender's terms.
func (d *draft) syntaxFault(err error) {
	var syntax *jsontext.SyntacticError
	switch {
	case !errors.As(err, &syntax):
		d.fault("", errors.New("cannot be read"))
	case errors.Is(err, jsontext.ErrDuplicateName):
		d.fault(clip(string(syntax.JSONPointer)), errors.New("is given twice"))
	default:
		d.fault(clip(string(syntax.JSONPointer)), fmt.Errorf("is not valid: %s", syntaxDetail(syntax)))
	}
}

// pointer returns the JSON pointer of a member.
func pointer(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(name))
}

// take reads a member that may be null; ok if there is a value, and a right
// one.
func take[T any](d *draft, name string, v jsontext.Value, read func(jsontext.Value) (T, error)) (value T, ok bool) {
	if v.Kind() == 'n' {
		return value, false
	}
	value, err := read(v)
	if err != nil {
		d.fault(pointer(name), err)
	}
	return value, err == nil
}

func integer(v jsontext.Value) (int64, error) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		err = errors.New("must be an integer of ordinary size")
	}
	return n, err
}

// parsed reads a string that parse understands.
func parsed[T any](parse func(string) (T, error)) func(jsontext.Value) (T, error) {
	return func(v jsontext.Value) (T, error) {
		s, err := jsonvalue.Text(v)
		if err != nil {
			var none T
			return none, err
		}
		return parse(s)
	}
}

// list reads an array of at most some items, with a fault for each that is
// wrong.
func list[T any](most int, read func(jsontext.Value) (T, error)) func(jsontext.Value) ([]T, error) {
	return func(v jsontext.Value) (items []T, err error) {
		var faults task.Faults
		all := 0
		err = jsonvalue.Elements(v, func(i int, v jsontext.Value) {
			if all++; all > most {
				return
			}
			item, err := read(v)
			if err != nil {
				faults = append(faults, task.Fault{Pointer: "/" + strconv.Itoa(i), Detail: err.Error()})
			}
			items = append(items, item)
		})
		switch {
		case err != nil:
			return nil, err
		case all > most:
			return nil, fmt.Errorf("must have at most %d items; this has %d", most, all)
		case faults != nil:
			return nil, faults
		}
		return items, nil
	}
}

// Package jsonvalue reads the values of a JSON document one by one, strictly: what
// is of another kind, or out of range, is an error that says what it must be. The
// document is well formed, as jsontext leaves it.
package jsonvalue

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Text returns a string.
func Text(v jsontext.Value) (string, error) {
	if v.Kind() != '"' {
		return "", errors.New("must be a string")
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err
}

// Boolean returns true or false.
func Boolean(v jsontext.Value) (bool, error) {
	if k := v.Kind(); k != 't' && k != 'f' {
		return false, errors.New("must be true or false")
	}
	return v.Kind() == 't', nil
}

// Number returns a number.
func Number(v jsontext.Value) (float64, error) {
	if v.Kind() != '0' {
		return 0, errors.New("must be a number")
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		err = errors.New("must be a number of ordinary size")
	}
	return f, err
}

// Elements calls each for the elements of an array, in order.
func Elements(v jsontext.Value, each func(int, jsontext.Value)) error {
	if v.Kind() != '[' {
		return errors.New("must be an array")
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(v))
	_, err := d.ReadToken()
	for i := 0; err == nil && d.PeekKind() != ']'; i++ {
		var element jsontext.Value
		if element, err = d.ReadValue(); err == nil {
			each(i, element)
		}
	}
	return err
}

// Members calls each for the members of an object, in order. A name that comes
// twice ends it with an error of jsontext.
func Members(v jsontext.Value, each func(string, jsontext.Value)) error {
	if v.Kind() != '{' {
		return errors.New("must be an object")
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(v))
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != '}' {
		var token jsontext.Token
		if token, err = d.ReadToken(); err != nil {
			break
		}
		name := token.String() // the token is gone with the next
		var member jsontext.Value
		if member, err = d.ReadValue(); err == nil {
			each(name, member)
		}
	}
	return err
}

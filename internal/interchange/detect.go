package interchange

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrUnsure is returned where a file could be of several formats, or is of
// none that is known; whoever sent it has to name it.
var ErrUnsure = errors.New("what format the file is of cannot be told: JSON of this service or of the older command line, iCalendar, Todoist's CSV, and CSV with a column title are read")

// Detect tells the format of a file from its first 64 KiB, or all of it if
// shorter, and from the media type it was sent as, "" if none. What stands in
// the file decides. A media type that says otherwise is an error, one that says
// nothing, such as application/octet-stream, is not. The error is ErrUnsure or
// a *FileError.
func Detect(mediaType string, head []byte) (Format, error) {
	if detail := wrongEncoding(head); detail != "" {
		return "", &FileError{Detail: detail}
	}
	f, err := look(bytes.TrimLeft(bytes.TrimPrefix(head, utf8Mark), " \t\r\n"))
	if err != nil {
		return "", err
	}
	if !allowed(mediaType, f) {
		return "", &FileError{Detail: "was sent as " + clip(mediaType) + ", but looks like " + string(f)}
	}
	return f, nil
}

// Sniff is Detect for a file that is being read: what it returns reads the same
// from the beginning. An error of r is returned as it is.
func Sniff(mediaType string, r io.Reader) (Format, io.Reader, error) {
	b := bufio.NewReaderSize(r, headSize)
	head, err := b.Peek(headSize)
	if err != nil && err != io.EOF {
		return "", b, err
	}
	f, err := Detect(mediaType, head)
	return f, b, err
}

func look(head []byte) (Format, error) {
	switch {
	case len(head) == 0:
		return "", &FileError{Detail: "is empty"}
	case head[0] == '{' || head[0] == '[':
		return lookAtJSON(head)
	case len(head) > 15 && strings.EqualFold(string(head[:15]), "BEGIN:VCALENDAR"):
		return Calendar, nil
	}
	line, _, _ := strings.Cut(string(head), "\n")
	line = strings.TrimRight(line, "\r")
	names := strings.FieldsFunc(strings.ToUpper(line), func(r rune) bool { return r == ',' || r == ';' || r == '"' })
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	switch {
	case slices.Contains(names, "TYPE") && slices.Contains(names, "CONTENT"):
		return Todoist, nil
	case slices.Contains(names, "TITLE"):
		return CSV, nil
	}
	return "", ErrUnsure
}

// allowed reports whether a media type does not speak against a format.
func allowed(mediaType string, f Format) bool {
	name, _, _ := mime.ParseMediaType(mediaType)
	switch name {
	case "application/json", "text/json":
		return f == JSON || f == Legacy
	case "text/csv", "application/csv":
		return f == Todoist || f == CSV
	case "text/calendar", "application/ics":
		return f == Calendar
	}
	return true
}

// lookAtJSON tells our own export from the older dump by names that only one
// of them has. The file may end anywhere.
func lookAtJSON(head []byte) (Format, error) {
	json := jsontext.NewDecoder(bytes.NewBuffer(head), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	f := Format("")
	if json.PeekKind() == '[' {
		json.ReadToken()
		f = telling(json, recordMarks)
	} else {
		f = telling(json, fileMarks)
	}
	if f == "" && head[0] == '{' && beginsWithTemplate(head) {
		f = Legacy
	}
	if f == "" {
		return "", ErrUnsure
	}
	return f, nil
}

// telling walks the names of an object until one tells the format.
func telling(json *jsontext.Decoder, mark func(string, *jsontext.Decoder) Format) Format {
	if json.PeekKind() != '{' {
		return ""
	}
	json.ReadToken()
	for json.PeekKind() == '"' {
		name, err := json.ReadToken()
		if err != nil {
			return ""
		}
		if f := mark(name.String(), json); f != "" {
			return f
		}
		if json.SkipValue() != nil {
			return ""
		}
	}
	return ""
}

func fileMarks(name string, json *jsontext.Decoder) Format {
	switch kind := json.PeekKind(); {
	case name == "format" && kind == '"':
		return JSON
	case isNumber(name) && kind == '{':
		return Legacy
	case (name == "tasks" || name == "templates") && (kind == '{' || kind == '['): // ours says its format before
		return Legacy
	}
	return ""
}

// beginsWithTemplate reports whether the first thing in a file is what the
// older program had for a template, under its name.
func beginsWithTemplate(head []byte) bool {
	json := jsontext.NewDecoder(bytes.NewBuffer(head), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	json.ReadToken()
	json.ReadToken()
	return telling(json, templateMarks) != ""
}

func templateMarks(name string, json *jsontext.Decoder) Format {
	switch kind := json.PeekKind(); {
	case name == "description" && kind == '"', name == "due_date", name == "recurring":
		return Legacy
	}
	return ""
}

func recordMarks(name string, json *jsontext.Decoder) Format {
	switch name {
	case "title", "url", "version", "updated_at", "tags", "due", "reminders", "recurrence", "order":
		return JSON
	case "notes", "due_date", "recurring":
		return Legacy
	case "id":
		if json.PeekKind() == '0' {
			return Legacy
		}
	}
	return ""
}

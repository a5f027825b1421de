package interchange

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// headSize is how much of a file's beginning is looked at before it is read:
// to recognize it, and to tell it from others.
const headSize = 64 << 10

var errTooLong = errors.New("the record is too long")

// input is a file being read. It ends with an error where a record would
// become longer than MaxRecord, so that no parser above it can be made to hold
// more than that.
type input struct {
	r     io.Reader
	head  []byte // the file's beginning; good until the first Read
	read  int64  // bytes passed on
	limit int64
	err   error // what ended the reading, unless it was the file's end
}

// slack lets a parser find the end of the file behind the longest record.
const slack = 512

// open looks at a file's beginning, and passes over a byte order mark.
func open(r io.Reader) (*input, error) {
	b := bufio.NewReaderSize(r, headSize)
	in := &input{r: b, limit: MaxRecord + slack}
	var err error
	if in.head, err = b.Peek(headSize); err != nil && err != io.EOF {
		in.err = err
		return in, nil
	}
	if detail := wrongEncoding(in.head); detail != "" {
		return nil, &FileError{Detail: detail}
	}
	if rest, ok := bytes.CutPrefix(in.head, utf8Mark); ok {
		b.Discard(len(utf8Mark)) // it has been peeked at
		in.head = rest
	}
	return in, nil
}

var utf8Mark = []byte("\xef\xbb\xbf")

// wrongEncoding returns what is wrong with a file whose bytes are no UTF-8
// from the first on. What is no UTF-8 further on is seen in the records.
func wrongEncoding(head []byte) string {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\x00\x00\xfe\xff"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return "is in UTF-16 or UTF-32: save it as UTF-8"
		}
	}
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) || bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return "is compressed: unpack it first"
	}
	return ""
}

// record begins a record: what is read from an offset on is of it.
func (in *input) record(offset int64) { in.limit = offset + MaxRecord + slack }

func (in *input) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	room := in.limit - in.read
	if room <= 0 {
		in.err = errTooLong
		return 0, in.err
	}
	n, err := in.some(p[:min(int64(len(p)), room)])
	in.read += int64(n)
	if err != io.EOF {
		in.err = err
	}
	return n, err
}

// some reads at least one byte, and gives up on a reader that never has any:
// not every parser does.
func (in *input) some(p []byte) (n int, err error) {
	for range 100 {
		if n, err = in.r.Read(p); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

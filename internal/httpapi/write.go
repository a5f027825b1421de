package httpapi

import (
	"crypto/sha256"
	"fmt"
	"net/http"

	"todo-app/internal/task"
)

// answerWrite runs a write, once per Idempotency-Key where a POST has one,
// and answers it. render runs inside the transaction then, so that answer and
// change are kept or lost together.
func (r *request) answerWrite(w http.ResponseWriter, do func(task.Call) (task.Result, error), render func(task.Result) answer) error {
	var rendered answer
	call := r.call
	if r.Method == http.MethodPost {
		key, given, err := r.idempotencyKey()
		if err != nil {
			return err
		}
		if given {
			call.Once = &task.Once{Key: key, Digest: r.digest(), Answer: func(result task.Result) []byte {
				rendered = render(result)
				return rendered.keep()
			}}
		}
	}
	result, err := do(call)
	if err != nil {
		return err
	}
	if call.Once == nil {
		rendered = render(result)
	}
	rendered.write(w)
	r.api.Changed(call.Owner)
	return nil
}

// maxKey is the longest Idempotency-Key, in characters.
const maxKey = 255

// idempotencyKey returns the caller's key. It gets a prefix, so that it
// cannot meet the keys that events bring.
func (r *request) idempotencyKey() (key string, given bool, err error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", false, nil
	}
	if len(values) > 1 || !printable(values[0], maxKey) {
		return "", false, &Problem{Status: http.StatusBadRequest,
			Detail: fmt.Sprintf("the Idempotency-Key must be one value of 1 to %d printable ASCII characters", maxKey)}
	}
	return "k:" + values[0], true, nil
}

func printable(s string, most int) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return s != "" && len(s) <= most
}

// digest covers everything that makes a request what it is: another one with
// the same key is refused.
func (r *request) digest() [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %q ", r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	h.Write(r.body)
	return [32]byte(h.Sum(nil))
}

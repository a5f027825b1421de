package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

const (
	keysPath = "/api/v1/keys"
	keyPath  = keysPath + "/{id}"
)

// APIKey is a key as its owner is shown it.
type APIKey struct {
	ID         task.ID    `json:"id"`
	Name       string     `json:"name"`
	Scope      task.Scope `json:"scope"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	Token      string     `json:"token,omitempty"` // when it has just been made, and never again
}

func shownKey(k task.APIKey) APIKey {
	return APIKey{ID: k.ID, Name: k.Name, Scope: k.Scope, CreatedAt: k.CreatedAt, ExpiresAt: orNull(k.ExpiresAt), LastUsedAt: orNull(k.LastUsedAt)}
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// createKey makes an API key. What is kept for a replay has no token: that is
// shown once.
func createKey(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	wanted, err := decodeKey(r.body)
	if err = both(p.err(), err); err != nil {
		return err
	}
	if !r.api.TakesKeys {
		return &Problem{Status: http.StatusConflict, Detail: "this service takes no API keys, so one would open nothing"}
	}
	key, token, err := r.api.Tasks.NewAPIKey(r.call, wanted)
	if err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.AddAPIKey(r.Context(), c, key)
	}, func(task.Result) answer {
		kept := shownKey(key)
		whole := kept
		whole.Token = token
		return madeWithSecret(whole, kept)
	})
}

// getKeys answers with the caller's keys.
func getKeys(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	keys, err := r.api.Tasks.APIKeys(r.Context(), r.call)
	if err != nil {
		return err
	}
	shown := make([]APIKey, len(keys))
	for i, k := range keys {
		shown[i] = shownKey(k)
	}
	body, err := json.Marshal(shown)
	if err == nil {
		w.Header()["Cache-Control"] = []string{"no-store"}
		write(w, http.StatusOK, jsonType, body)
	}
	return err
}

// deleteKey revokes a key.
func deleteKey(w http.ResponseWriter, r *request) error {
	id, err := task.ParseID(r.PathValue("id"))
	if err != nil {
		return task.ErrNoAPIKey
	}
	if err := r.query().err(); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return task.Result{}, r.api.Tasks.RevokeAPIKey(r.Context(), c, id)
	}, func(task.Result) answer {
		return answer{Status: http.StatusNoContent}
	})
}

// decodeKey reads what a key is to be. The error is task.Faults, listing
// everything wrong with it.
func decodeKey(body []byte) (n task.NewAPIKey, err error) {
	n.Scope = task.ScopeWrite
	d := newDecoder(body, forCreate)
	given, ok, err := d.only(`{"name": "laptop"}`, d.values(func(name string, v jsontext.Value) (wrong error) {
		switch name {
		case "name":
			n.Name, wrong = jsonvalue.Text(v)
		case "scope":
			n.Scope, wrong = parsed(v, task.ParseScope)
		case "expires_at":
			var f task.Field[time.Time]
			f, wrong = field(v, moment)
			n.ExpiresAt = f.Value
		default:
			wrong = errors.New("is not a field of a key")
		}
		return wrong
	}))
	if ok && !given["name"] {
		d.fault("/name", errors.New("is required"))
	}
	return n, d.end(err)
}

func moment(v jsontext.Value) (time.Time, error) { return parsed(v, parseMoment) }

func parseMoment(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, errors.New("must be a time such as 2027-01-31T09:00:00Z")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

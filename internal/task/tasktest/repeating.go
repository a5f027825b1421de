package tasktest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"todo-app/internal/task"
)

var repeating = []test{
	{"a replay is answered as the first time, and changes nothing", func(t *testing.T, b *bench) {
		u := b.user(t)
		once := u.once("key", 1, describe)
		first := once.create(titled("x"))
		validator := u.page(every()).ETag
		for range 3 {
			_, err := once.service.Create(ctx(), once.call, []task.Patch{titled("x")}, false)
			isReplay(t, err, "1 tasks: "+first.ID.String())
		}
		equal(t, "tasks there", len(u.list(every())), 1)
		equal(t, "the list's validator", u.page(every()).ETag, validator)
	}},
	{"every kind of write can be replayed", func(t *testing.T, b *bench) {
		u := b.user(t)
		x, y := u.create(titled("x")), u.create(titled("y"))
		for key, do := range map[string]func(task.Call) (task.Result, error){
			"complete": func(c task.Call) (task.Result, error) {
				return u.service.Complete(ctx(), c, x.ID, task.Edit{Match: []string{"1-x"}})
			},
			"delete": func(c task.Call) (task.Result, error) { return u.service.Delete(ctx(), c, y.ID, false, nil) },
			"nothing": func(c task.Call) (task.Result, error) {
				return u.service.Reopen(ctx(), c, u.create(titled("z")).ID, task.Edit{})
			},
			"settings": func(c task.Call) (task.Result, error) {
				return task.Result{}, u.service.SetSettings(ctx(), c, task.Settings{Zone: "Asia/Tokyo"}, nil)
			},
		} {
			c := u.once(key, 1, func(task.Result) []byte { return []byte(key) }).call
			_, err := do(c)
			u.must(key, err)
			_, err = do(c)
			isReplay(t, err, key)
		}
	}},
	{"an empty answer is an answer", func(t *testing.T, b *bench) {
		u := b.user(t)
		for key, answer := range map[string][]byte{"none": nil, "empty": {}, "bytes": {0, 0xff, '\n'}} {
			once := u.once(key, 1, func(task.Result) []byte { return answer })
			once.create(titled(key))
			_, err := once.service.Create(ctx(), once.call, []task.Patch{titled(key)}, false)
			isReplay(t, err, string(answer))
		}
		equal(t, "tasks there", len(u.list(every())), 3)
	}},
	{"a key that belongs to another request is refused", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.once("key", 1, describe).create(titled("x"))
		other := u.once("key", 2, describe)
		_, err := other.service.Create(ctx(), other.call, []task.Patch{titled("y")}, false)
		isError(t, "creating", err, task.ErrKeyReused)
		_, err = other.service.Create(ctx(), u.once("kez", 2, describe).call, []task.Patch{titled("z")}, false)
		u.must("creating with another key", err)
		equal(t, "tasks there", titles(u.list(every())), []string{"x", "z"})
	}},
	{"a key belongs to its owner", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		u.once("key", 1, describe).create(titled("x"))
		other.once("key", 2, describe).create(titled("y"))
		equal(t, "tasks of the other", titles(other.list(every())), []string{"y"})
	}},
	{"a request that was refused may run again", func(t *testing.T, b *bench) {
		u := b.user(t)
		target := u.create(titled("target"))
		waiting := u.create(after("waiting", target.ID))
		once := u.once("key", 1, describe)
		_, err := once.service.Complete(ctx(), once.call, waiting.ID, task.Edit{})
		isConflict(t, "completing", err, target.ID)
		_, err = once.service.Complete(ctx(), u.once("key", 9, describe).call, newID(), task.Edit{})
		isError(t, "another request with the key", err, task.ErrNotFound)
		u.complete(target.ID)
		once.complete(waiting.ID)
		_, err = once.service.Complete(ctx(), once.call, waiting.ID, task.Edit{})
		isReplay(t, err, "1 tasks: "+waiting.ID.String())
	}},
	{"requests with one key at once have one effect and one answer", func(t *testing.T, b *bench) {
		u := b.user(t)
		for round := range rounds / 2 {
			once := u.once(fmt.Sprint("key ", round), 1, describe)
			var answers [5]string
			var all []func()
			for i := range answers {
				all = append(all, func() {
					r, err := once.service.Create(ctx(), once.call, []task.Patch{titled("x")}, false)
					var replay *task.Replay
					switch {
					case err == nil:
						answers[i] = string(describe(r))
					case errors.As(err, &replay):
						answers[i] = string(replay.Answer)
					default:
						answers[i] = err.Error()
					}
				})
			}
			together(all...)
			there := u.list(every())
			equal(t, "tasks there", len(there), round+1)
			want := "1 tasks: " + there[round].ID.String()
			equal(t, "answers", answers, [5]string{want, want, want, want, want})
			u.clock.advance(time.Second)
		}
	}},
	{"a key answers for a day", func(t *testing.T, b *bench) {
		u := b.user(t)
		once := u.once("key", 1, describe)
		first := once.create(titled("x"))
		u.clock.advance(24 * time.Hour)
		_, err := once.service.Create(ctx(), once.call, []task.Patch{titled("x")}, false)
		isReplay(t, err, "1 tasks: "+first.ID.String())
		u.clock.advance(time.Microsecond)
		other := u.once("key", 2, describe)
		second := other.create(titled("y"))
		_, err = other.service.Create(ctx(), other.call, []task.Patch{titled("y")}, false)
		isReplay(t, err, "1 tasks: "+second.ID.String())
		equal(t, "tasks there", titles(u.list(every())), []string{"x", "y"})
	}},
}

// describe is an answer that tells effects apart.
func describe(r task.Result) []byte {
	text := fmt.Sprint(len(r.Tasks), " tasks:")
	for _, t := range r.Tasks {
		text += " " + t.ID.String()
	}
	return []byte(text)
}

func isReplay(t *testing.T, err error, answer string) {
	t.Helper()
	var r *task.Replay
	if !errors.As(err, &r) {
		t.Errorf("got the error %v, want a replay", err)
		return
	}
	equal(t, "the answer replayed", string(r.Answer), answer)
}

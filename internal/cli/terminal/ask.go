package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrNobody is returned by questions where no terminal is there to answer.
var ErrNobody = errors.New("there is no terminal to ask")

// Asker asks whoever sits at a terminal.
type Asker struct {
	In  io.Reader
	Out io.Writer // where questions go; not where results do
}

// Present reports whether somebody can be asked.
func (a Asker) Present() bool {
	_, ok := a.terminal()
	return ok
}

func (a Asker) terminal() (int, bool) {
	f, ok := a.In.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}

// Confirm asks a question whose answer is yes or, in all other cases, no.
func (a Asker) Confirm(ctx context.Context, question string) (bool, error) {
	if !a.Present() {
		return false, ErrNobody
	}
	fmt.Fprintf(a.Out, "%s [y/N] ", Line(question))
	answer, err := unlessOver(ctx, func() (string, error) {
		return bufio.NewReader(a.In).ReadString('\n')
	})
	if err != nil {
		fmt.Fprintln(a.Out)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return false, err
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

// Secret asks for something that nobody should see. The terminal shows what is
// typed again afterwards, also when the context ends first.
func (a Asker) Secret(ctx context.Context, question string) (string, error) {
	fd, ok := a.terminal()
	if !ok {
		return "", ErrNobody
	}
	// Not term.ReadPassword: it hides what is typed only once it reads, which
	// could be after a context that ended has left the terminal as it was.
	before, err := term.MakeRaw(fd)
	if err != nil {
		return "", fmt.Errorf("hiding what is typed: %w", err)
	}
	secret, err := unlessOver(ctx, func() (string, error) {
		return term.NewTerminal(typist{a.In, a.Out}, "").ReadPassword(Line(question) + ": ")
	})
	if restored := term.Restore(fd, before); err == nil && restored != nil {
		err = fmt.Errorf("showing again what is typed: %w", restored)
	}
	if err != nil {
		fmt.Fprintln(a.Out)
	}
	if errors.Is(err, io.EOF) { // a raw terminal passes Ctrl-C on as a byte
		err = context.Canceled
	}
	return secret, err
}

// typist is who answers: typing at one end, looking at the other.
type typist struct {
	io.Reader
	io.Writer
}

// unlessOver returns what read returns, or the context's cause if that ends
// first. Nothing can end a read of a terminal, so it is left behind.
func unlessOver(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

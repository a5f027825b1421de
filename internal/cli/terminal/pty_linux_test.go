package terminal_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/cli/terminal/ptytest"
)

func TestATerminalTellsItsWidthAndHasColourUnlessForbidden(t *testing.T) {
	t.Parallel()
	tty := ptytest.Open(t, 72)
	for _, one := range []struct {
		env    map[string]string
		width  int
		colour bool
	}{
		{map[string]string{"TERM": "xterm"}, 72, true},
		{map[string]string{"TERM": "dumb"}, 72, false},
		{map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, 72, false},
		{map[string]string{"TERM": "xterm", "COLUMNS": "50"}, 50, true},
	} {
		s := terminal.NewScreen(tty.Slave, func(name string) string { return one.env[name] })
		if !s.Terminal || s.Width != one.width || s.Colour != one.colour {
			t.Errorf("with %v it is %+v", one.env, s)
		}
	}
}

func TestSomebodyIsAsked(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "yesterday\n": false, "\x04": false} {
		tty := ptytest.Open(t, 80)
		ask := terminal.Asker{In: tty.Slave, Out: tty.Slave}
		io.WriteString(tty.Master, typed)
		if got, err := ask.Confirm(t.Context(), "Really\x1b?"); err != nil || got != want {
			t.Errorf("%q means %v, %v", typed, got, err)
		}
		if line := tty.Until(t, "[y/N] "); !strings.HasSuffix(line, "Really␛? [y/N] ") {
			t.Errorf("it asks %q", line)
		}
	}
}

func TestASecretIsNotShownAndTheTerminalIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	tty := ptytest.Open(t, 80)
	ask := terminal.Asker{In: tty.Slave, Out: tty.Slave}
	answered := make(chan string, 1)
	go func() {
		secret, err := ask.Secret(t.Context(), "Token")
		answered <- secret
		if err != nil {
			t.Error(err)
		}
	}()
	tty.Until(t, "Token: ")
	tty.Silent(t)
	io.WriteString(tty.Master, "hunter2\n")
	if secret := <-answered; secret != "hunter2" {
		t.Errorf("it read %q", secret)
	}
	io.WriteString(tty.Master, "seen\n")
	if shown := tty.Until(t, "seen"); strings.Contains(shown, "hunter2") {
		t.Errorf("the terminal shows %q", shown)
	}
}

func TestAQuestionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for _, question := range []func(context.Context, terminal.Asker) error{
		func(ctx context.Context, a terminal.Asker) error { _, err := a.Confirm(ctx, "Really?"); return err },
		func(ctx context.Context, a terminal.Asker) error { _, err := a.Secret(ctx, "Token"); return err },
	} {
		tty := ptytest.Open(t, 80)
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			tty.Until(t, "Token: ", "[y/N] ")
			cancel(gone)
		}()
		if err := question(ctx, terminal.Asker{In: tty.Slave, Out: tty.Slave}); !errors.Is(err, gone) {
			t.Errorf("it ended with %v", err)
		}
		io.WriteString(tty.Master, "echoed\n")
		tty.Until(t, "echoed")
	}
}

func TestASecretIsRefusedByItsKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"\x03", "\x04"} {
		tty := ptytest.Open(t, 80)
		answered := make(chan error, 1)
		go func() {
			_, err := terminal.Asker{In: tty.Slave, Out: tty.Slave}.Secret(t.Context(), "Token")
			answered <- err
		}()
		tty.Until(t, "Token: ")
		io.WriteString(tty.Master, key)
		if err := <-answered; !errors.Is(err, context.Canceled) {
			t.Errorf("after %q it ended with %v", key, err)
		}
	}
}

func TestWhereNobodyIsNobodyIsAsked(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, in := range []io.Reader{strings.NewReader("y\n"), null, bufio.NewReader(null)} {
		ask := terminal.Asker{In: in, Out: io.Discard}
		if _, err := ask.Confirm(t.Context(), "Really?"); !errors.Is(err, terminal.ErrNobody) {
			t.Error(err)
		}
		if _, err := ask.Secret(t.Context(), "Token"); !errors.Is(err, terminal.ErrNobody) {
			t.Error(err)
		}
	}
}

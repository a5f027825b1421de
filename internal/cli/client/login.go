package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/contexts"
	"todo-app/internal/cli/terminal"
)

func (p *Program) login() *cobra.Command {
	name, fromStdin := "", false
	c := &cobra.Command{
		Use:   "login URL",
		Short: "Remember a service, and how to sign in there",
		Long: `Remember a service, and how to sign in there, as a context that is the current
one from then on. The service is asked whether it takes the credential before
that is kept: in the system's keyring, or else in a file that only you may read.

The credential is asked for, or read from standard input with --token-stdin, so
that it stays out of the shell's history. A service without sign-in needs none:
leave it empty.`,
		Example: `  todo login http://localhost:8080
  todo login https://todo.example.com --name work
  pass show todo | todo login https://todo.example.com --token-stdin`,
		Args: Named("where the service is", "todo login "+cmp.Or(p.Env("TODO_URL"), DefaultURL)),
	}
	c.Flags().StringVar(&name, "name", "", "what to call the context (default the host)")
	c.Flags().BoolVar(&fromStdin, "token-stdin", false, "read the credential from standard input")
	c.RunE = func(c *cobra.Command, args []string) error {
		ask := terminal.Asker{In: c.InOrStdin(), Out: c.ErrOrStderr()}
		return failed(p.logIn(c.Context(), c, ask, args[0], name, fromStdin))
	}
	return c
}

func (p *Program) logIn(ctx context.Context, c *cobra.Command, ask terminal.Asker, address, name string, fromStdin bool) error {
	address, err := contexts.ParseURL(address)
	if err != nil {
		return misused("%v", err)
	}
	token, err := readToken(ctx, ask, fromStdin)
	if err != nil {
		return err
	}
	at := place{url: address, credential: token}
	if _, err := at.client(verbTime, "", func(string) {}).List(ctx, url.Values{"limit": {"1"}}, ""); err != nil {
		return at.failed(err)
	}
	if token != "" && exposed(address) {
		fmt.Fprintln(c.ErrOrStderr(), "Beware: the credential goes to", terminal.Line(address), "unencrypted.")
	}
	book, err := p.Contexts()
	if err != nil {
		return err
	}
	if name == "" {
		name = nameOf(address)
	}
	added, err := book.Put(name, address, token)
	if err != nil {
		return misused("%v", err)
	}
	fmt.Fprintf(c.OutOrStdout(), "%s is %s", added.Name, added.URL)
	switch added.Credential {
	case contexts.Keyring:
		fmt.Fprint(c.OutOrStdout(), ", its credential is in the keyring")
	case contexts.File:
		fmt.Fprintf(c.OutOrStdout(), ", its credential is in a file of %s: there is no keyring", book.Dir)
	}
	fmt.Fprintln(c.OutOrStdout())
	return nil
}

// maxToken bounds a credential, in bytes; servers take headers of some 8 kB.
const maxToken = 16 << 10

// readToken reads a credential from standard input, or asks for it where
// somebody can be asked.
func readToken(ctx context.Context, ask terminal.Asker, fromStdin bool) (string, error) {
	var token string
	switch {
	case fromStdin:
		text, err := io.ReadAll(io.LimitReader(ask.In, maxToken))
		if err != nil {
			return "", fmt.Errorf("reading the credential: %w", err)
		}
		token = string(text)
	case ask.Present():
		var err error
		if token, err = ask.Secret(ctx, "Token, empty for none"); err != nil {
			return "", err
		}
	}
	token = strings.TrimSpace(token)
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", misused("a token has printable characters of ASCII only, and no spaces")
	}
	return token, nil
}

// exposed reports whether others could read what is sent to an address.
func exposed(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "https" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}

// nameOf makes a context's name of its address.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.Trim(strings.ReplaceAll(u.Hostname(), ":", "-"), "-"))
}

func (p *Program) logout() *cobra.Command {
	c := &cobra.Command{
		Use:               "logout [CONTEXT]",
		Short:             "Forget the credential of a context",
		Long:              "Forget the credential of a context, the current one if none is named. Where it\ngoes is still remembered: todo context rm forgets that, too.",
		Example:           "  todo logout\n  todo logout work",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: p.completeContexts,
	}
	c.RunE = p.withBook(func(c *cobra.Command, book *contexts.Book, args []string) error {
		name := ""
		if len(args) > 0 {
			name = args[0]
		}
		at, err := book.Get(name)
		if name == "" && errors.Is(err, contexts.ErrUnknown) {
			return &Failure{Code: NotFound, Text: "there is no current context"}
		}
		if err != nil {
			return err
		}
		if err := book.SignOut(at.Name); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "signed out of %s\n", at.Name)
		return nil
	})
	return c
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/spf13/cobra"

	"todo-app/internal/app"
	"todo-app/internal/cli/client"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// verifyRequest bounds one request of a verification: the front door may have
// to start first, and waits a minute for the function behind it.
const verifyRequest = 2 * time.Minute

func verifyCommand() *cobra.Command {
	var wait time.Duration
	c := &cobra.Command{
		Use:   "verify [URL]",
		Short: "Create, read, update and delete a task of a service, and check every answer",
		Long: `Create, read, update and delete a task of a service, and check every answer.
Without a URL it is the service of TODO_URL.
The task it makes is removed again, if the service answers, and no other is touched.
TODO_TOKEN, or a file named by TODO_TOKEN_FILE, is the credential.`,
		Example: `  todo verify http://localhost:8080`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && os.Getenv("TODO_URL") != "" {
				return nil
			}
			return client.Named("where the service is", "todo verify "+client.DefaultURL)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			address := os.Getenv("TODO_URL")
			if len(args) > 0 {
				address = args[0]
			}
			base, err := url.Parse(address)
			if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
				return fmt.Errorf("%q is no URL of a service, such as %s", address, client.DefaultURL)
			}
			token, err := app.Token()
			if err != nil {
				return err
			}
			service := &httpapi.Client{Base: strings.TrimSuffix(address, "/"), HTTP: &http.Client{Timeout: verifyRequest}, Prepare: func(r *http.Request) {
				if token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				}
			}}
			if err := answering(c.Context(), service, wait); err != nil {
				return err
			}
			return verify(c.Context(), service, c.OutOrStdout())
		},
	}
	c.Flags().DurationVar(&wait, "wait", 0, "how long to wait for a service that does not answer yet")
	return c
}

// answering waits until the service can list tasks.
func answering(ctx context.Context, c *httpapi.Client, wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	_, err := backoff.Retry(ctx, func() (httpapi.List, error) {
		l, err := c.List(ctx, url.Values{"limit": {"1"}}, "")
		var p *httpapi.Problem
		if errors.As(err, &p) && p.Status < http.StatusInternalServerError && p.Status != http.StatusNotFound { // an ingress knows no route yet
			err = backoff.Permanent(err)
		}
		return l, err
	}, backoff.WithMaxElapsedTime(wait))
	return err
}

// verify walks one task through its life.
func verify(ctx context.Context, c *httpapi.Client, out io.Writer) (err error) {
	title := "Verifying the service, " + time.Now().UTC().Format(time.RFC3339Nano)
	made, err := c.Create(ctx, task.Patch{Title: task.Value(title), Tags: task.Value([]string{"verify"})})
	if err != nil {
		return fmt.Errorf("creating a task: %w", err)
	}
	there := true
	defer func() {
		if there { // something went wrong half way
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyRequest)
			defer cancel()
			err = errors.Join(err, c.Delete(ctx, made.ID, false))
		}
	}()
	steps := []struct {
		name string
		do   func() error
	}{
		{"created", func() error { return expect(made.Title == title && made.Version == 1, made) }},
		{"read", func() error {
			got, err := c.Get(ctx, made.ID)
			return errors.Join(err, expect(got.Title == title, got))
		}},
		{"listed", func() error {
			l, err := c.List(ctx, url.Values{"tag": {"verify"}, "sort": {"-created"}, "limit": {"10"}}, "")
			found := false
			for _, t := range l.Tasks {
				found = found || t.ID == made.ID
			}
			return errors.Join(err, expect(found, l.Tasks))
		}},
		{"updated", func() error {
			got, err := c.Update(ctx, made.ID, task.Patch{Priority: task.Value(task.High)})
			return errors.Join(err, expect(got.Priority == task.High && got.Title == title && got.Version == 2, got))
		}},
		{"completed", func() error {
			got, err := c.Complete(ctx, made.ID, false)
			return errors.Join(err, expect(got.Completed(), got))
		}},
		{"read as completed", func() error {
			got, err := c.Get(ctx, made.ID)
			return errors.Join(err, expect(got.Completed() && got.Priority == task.High, got))
		}},
		{"deleted", func() error {
			err := c.Delete(ctx, made.ID, false)
			there = err != nil
			return err
		}},
		{"gone", func() error {
			got, err := c.Get(ctx, made.ID)
			var p *httpapi.Problem
			if errors.As(err, &p) && p.Status == http.StatusNotFound {
				return nil
			}
			return errors.Join(err, expect(err != nil, got))
		}},
	}
	for _, step := range steps {
		began := time.Now()
		if err := step.do(); err != nil {
			return fmt.Errorf("a task should be %s: %w", step.name, err)
		}
		fmt.Fprintf(out, "%-18s %v\n", step.name, time.Since(began).Round(time.Millisecond))
	}
	return nil
}

func expect(ok bool, got any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("the answer was %+v", got)
}

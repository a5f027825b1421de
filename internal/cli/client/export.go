package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
)

// exporting is what an export is told.
type exporting struct {
	format, component string
	force             bool
}

func (p *Program) export() *cobra.Command {
	var e exporting
	c := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write all tasks to a file",
		Long: `Write all tasks to a file, or to standard output without one: as JSON, which todo
import reads back with nothing lost; as CSV for spreadsheets; or as a calendar of
to-dos or, with --component vevent, of events, which more programs show. The name
of the file says which, unless --format does.

The file appears when it is whole. One that is there already stays, unless --force
has it replaced. With --json the answer is how large the file is.`,
		Example: `  todo export tasks.json
  todo export tasks.csv --force
  todo export due.ics --component vevent
  todo export | gzip > tasks.json.gz`,
		Args: cobra.MaximumNArgs(1),
	}
	flags := c.Flags()
	flags.StringVar(&e.format, "format", "", "json, csv or ics")
	flags.StringVar(&e.component, "component", "", "of a calendar: vtodo or vevent (default vtodo)")
	flags.BoolVar(&e.force, "force", false, "replace a file that is there")
	p.completeWords(c, "format", "json", "csv", "ics")
	p.completeWords(c, "component", "vtodo", "vevent")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		name := "-"
		if len(args) > 0 {
			name = args[0]
		}
		return s.export(ctx, e, name)
	})
}

// formatOf returns the format that a file is meant to have.
func (e exporting) formatOf(name string) (string, error) {
	if e.format != "" {
		return e.format, nil
	}
	switch extension := strings.ToLower(filepath.Ext(name)); extension {
	case ".csv", ".ics", ".json":
		return extension[1:], nil
	case "":
		return "json", nil
	default:
		return "", misused("a file is not known to be anything by the name %s: --format json, csv or ics says what it is to be", extension)
	}
}

func (s *session) export(ctx context.Context, e exporting, name string) error {
	named, err := e.formatOf(name)
	if err != nil {
		return err
	}
	format := httpapi.FileFormat(named)
	p := &progress{s: s}
	told := func(bytes int64) { p.tell("%s so far", size(bytes)) }
	if name == "-" {
		to := io.Writer(s.out)
		if s.out.Terminal {
			to = terminal.Harmless(to, format == httpapi.FileJSON)
		}
		err := s.client.Export(ctx, format, e.component, to, told)
		p.end()
		return err
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if there, err := os.Stat(name); err == nil {
		switch {
		case !there.Mode().IsRegular():
			return misused("%s is no file", name)
		case !e.force:
			return misused("%s is there already: --force replaces it", name)
		}
	}
	n, err := whole(name, func(w io.Writer) error {
		defer p.end()
		return s.client.Export(ctx, format, e.component, w, told)
	})
	if err != nil {
		return err
	}
	if s.json {
		_, err := fmt.Fprintf(s.out, "{\"bytes\":%d}\n", n)
		return err
	}
	s.print("exported   %s, %s", name, size(n))
	return nil
}

// whole has a file written that nobody sees before it is whole, and that its
// owner alone may read.
func whole(name string, write func(io.Writer) error) (n int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".todo-export-*")
	var path *fs.PathError
	if errors.As(err, &path) {
		path.Path = name // which is what was asked for
	}
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // in vain once it has its name
	if err = write(f); err == nil {
		n, err = f.Seek(0, io.SeekCurrent)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	return n, os.Rename(f.Name(), name)
}

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) importing() *cobra.Command {
	format := ""
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take over the tasks of a file",
		Long: `Take over the tasks of a file, or of standard input where that is -: this service's
own export, the dump of the earlier command, a project that Todoist exported as CSV,
a calendar with to-dos, or CSV with a column title. Which it is shows in the file,
unless --format says.

What was taken over before is skipped, so that an import that broke off can be begun
again, and a file that was mended sent again. Rows without an id are known by what
they say: those of another file that say the same are skipped, too.

A record that is refused is told of, and does not keep the others from being taken
over; exit code 2 says that there were some. What a task cannot hold is told of, too.

A task that repeats and has not been done for long goes on from its old date: with
todo edit --filter due=overdue --skip-if-open the next one is after today, however
many passed meanwhile.`,
		Example: `  todo import tasks.json
  todo import --format todoist Groceries.csv
  gunzip -c tasks.json.gz | todo import -
  todo import tasks.json --json | jq '.results[] | select(.result == "refused")'`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&format, "format", "", "json, todo-cli, todoist, csv or ics")
	p.completeWords(c, "format", "json", "todo-cli", "todoist", "csv", "ics")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		in, size, err := opened(c, args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		return s.takeOver(ctx, in, size, httpapi.FileFormat(format))
	})
}

// opened opens a file, and says how many bytes it has; 0 if that is not known.
func opened(c *cobra.Command, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(c.InOrStdin()), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return f, 0, err
	}
	return f, info.Size(), nil
}

// takeOver has the service take over a file, and tells what became of it.
func (s *session) takeOver(ctx context.Context, in io.Reader, whole int64, format httpapi.FileFormat) error {
	p := &progress{s: s}
	tell := func(bytes int64) {
		switch {
		case whole > 0 && bytes >= whole:
			p.next = time.Time{} // it stays until the service is done
			p.tell("%s sent, the rest is up to the service", size(bytes))
		case whole > 0:
			p.tell("%s of %s, %d %%", size(bytes), size(whole), bytes*100/whole)
		default:
			p.tell("%s so far", size(bytes))
		}
	}
	results := array{s: s}
	if s.json {
		fmt.Fprint(s.out, `{"results":`)
	}
	sum, err := s.client.Import(ctx, in, format, tell, func(r httpapi.ImportedRecord) error {
		p.end()
		if !s.json {
			s.tellRecord(r)
			return nil
		}
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return results.add(text)
	})
	p.end()
	if err != nil {
		return err
	}
	if s.json {
		results.end()
		fmt.Fprintf(s.out, ",\"created\":%d,\"skipped\":%d,\"refused\":%d}\n", sum.Created, sum.Skipped, sum.Refused)
	} else {
		if sum.Format != "" {
			s.print("taken for  %s", kinds[sum.Format])
		}
		s.print("created    %d", sum.Created)
		s.print("skipped    %d", sum.Skipped)
		s.print("refused    %d", sum.Refused)
	}
	if sum.Refused > 0 {
		return misused("of %d records %d were refused", sum.Created+sum.Skipped+sum.Refused, sum.Refused)
	}
	return nil
}

// kinds are what files are taken for, for people.
var kinds = map[httpapi.FileFormat]string{
	httpapi.FileJSON: "this service's own JSON (json)", httpapi.FileLegacy: "the earlier command's dump (todo-cli)",
	httpapi.FileTodoist: "a project of Todoist's (todoist)", httpapi.FileCalendar: "a calendar (ics)", httpapi.FileCSV: "a table with a column title (csv)",
}

// tellRecord tells of a record if there is more to say than that it was taken
// over, or had been.
func (s *session) tellRecord(r httpapi.ImportedRecord) {
	name := fmt.Sprintf("%s %d", r.Kind, r.Position)
	if r.Title != "" {
		name += fmt.Sprintf(" %q", r.Title)
	}
	if r.Name != "" && r.Name != r.Title {
		name += " (" + r.Name + ")"
	}
	if r.Result == task.ImportRefused {
		s.print("refused    %s", strings.TrimSpace(name+" "+r.Detail))
	}
	for _, f := range r.Errors {
		s.print("           %s %s", f.Pointer, f.Detail)
	}
	for _, f := range r.Notes {
		s.print("noted      %s %s %s", name, f.Pointer, f.Detail)
	}
}

// Package pagetest uses the task page as a person does: in a real browser,
// with the real service behind it.
package pagetest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"

	"todo-app/internal/postgres/postgrestest"
)

// server is the PostgreSQL of this package's tests, chromium their browser,
// which runs as long as they do.
var (
	server   *postgrestest.Server
	chromium context.Context
	artefact string // the folder of what tests leave to be looked at
)

// picture is where the README's is to be written.
var picture = flag.String("picture", "", "write the README's picture of the page to this `file`")

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	path, err := browserPath()
	if err != nil {
		fmt.Fprintln(os.Stderr, "there is no Chromium here; scripts/install-deps test installs it")
		return 1
	}
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	defer server.Close()
	if artefact, err = os.MkdirTemp("", "todo-page-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("screenshots are kept in", artefact)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("lang", "en-GB"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	var quit context.CancelFunc
	chromium, quit = chromedp.NewContext(allocator)
	defer quit()
	if err := chromedp.Do(chromium); err != nil {
		fmt.Fprintln(os.Stderr, "starting Chromium:", err)
		return 1
	}
	return m.Run()
}

// browserPath returns where the browser is.
func browserPath() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

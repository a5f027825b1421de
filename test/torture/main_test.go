package torture

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"todo-app/internal/cli"
)

var (
	long = flag.Duration("for", 0, "how long to torture the service; 0: as long as a test run has")
	seed = flag.Uint64("seed", 0, "what is drawn at random follows from it, as far as concurrency lets it; 0: another each time")
)

// tried counts over all tests of a run.
var tried totals

// asCommand in the environment makes the test binary the todo command.
const asCommand = "TORTURE_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	var err error
	if programs, err = os.MkdirTemp("", "todo-torture-bin-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Printf("seed: -seed %d\n", *seed)
	// They wait more than they work, on few processors too.
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	os.RemoveAll(programs)
	tried.tell(os.Stdout)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if tried.lost.Load() > 0 && code == 0 {
		return 1
	}
	return code
}

// share returns how long a test may go on, beside the others: so many seconds of
// a test run, or so many in a hundred of a long one.
func share(seconds, hundredths int) time.Duration {
	if *long > 0 {
		return *long * time.Duration(hundredths) / 100
	}
	return time.Duration(seconds) * time.Second
}

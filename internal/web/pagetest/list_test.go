package pagetest

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestATaskIsAddedSeenAndCompleted(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.writes("New task", "Pay rent tomorrow 9am !high @home #flat every month")
	p.sees("Tomorrow 9:00")
	p.sees("every month")
	p.types(kb.Enter)
	p.lists("Pay rent")
	p.clicks("checkbox", "Complete “Pay rent”")
	p.sees("Completed “Pay rent”. The next one is there.")
	p.photograph("first")
	p.clicks("link", "Completed 1")
	p.lists("Pay rent")
}

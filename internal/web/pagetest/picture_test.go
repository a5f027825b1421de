package pagetest

import (
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// mostPicture is how many bytes the README's picture may have.
const mostPicture = 200_000

// TestThePictureOfTheReadme makes it, where -picture says so.
func TestThePictureOfTheReadme(t *testing.T) {
	if *picture == "" {
		t.Skip("make picture does so")
	}
	s := serve(t)
	today := time.Now()
	day := func(n int) string { return today.AddDate(0, 0, n).Format("2006-01-02") }
	paint := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Buy paint", "category": "home", "tags": []string{"errand"}, "due": day(-2)})
	kitchen := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Paint the kitchen", "priority": "high", "category": "home", "tags": []string{"diy"}, "due": day(1),
		"description": "Two coats, and leave the windows open.", "reminders": []string{"-P1D"}, "depends_on": []string{paint["id"].(string)}})
	for _, task := range []map[string]any{
		{"title": "Tape the edges", "parent_id": kitchen["id"]},
		{"title": "Move the table", "parent_id": kitchen["id"], "completed": true},
		{"title": "Pay rent", "due": day(0), "recurrence": map[string]any{"rule": "monthly"}, "priority": "high", "category": "flat"},
		{"title": "Call mum", "due": day(2)},
		{"title": "Book flights to Lisbon", "category": "travel", "tags": []string{"summer"}, "due": day(9)},
		{"title": "دودھ اور روٹی لانا", "category": "home", "tags": []string{"errand"}, "due": day(3)},
		{"title": "Water the plants", "recurrence": map[string]any{"rule": "weekly"}, "due": day(4), "category": "home"},
	} {
		s.does(t, "POST", "/api/v1/tasks", task)
	}
	p := visit(t, s.url+"/#all")
	p.clicks("button", "Paint the kitchen")
	p.sees("Keep as template")
	p.writes("New task", "Dentist next tuesday 9am !high @health")
	p.sees("health")
	image, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil && len(image) <= mostPicture {
		err = os.WriteFile(*picture, image, 0o644)
	}
	if err != nil || len(image) > mostPicture {
		t.Error(len(image), err)
	}
}

package pagetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The release of axe-core that pages are examined with. Its licence is no
// reason not to use it, but one not to pass it on: it is fetched.
const (
	axe          = "axe-core@4.14.1"
	axeIntegrity = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)

// examiner is axe-core's script; an error where it cannot be had.
var examiner = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "todo-app")
	path := filepath.Join(dir, "axe-core-4.14.1.tgz")
	packed, err := os.ReadFile(path)
	if err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		if out, err := exec.Command("npm", "pack", "--silent", "--pack-destination", dir, axe).CombinedOutput(); err != nil {
			return "", fmt.Errorf("npm pack: %w: %s", err, out)
		}
		if packed, err = os.ReadFile(path); err != nil {
			return "", err
		}
	}
	if sum := sha512.Sum512(packed); base64.StdEncoding.EncodeToString(sum[:]) != axeIntegrity {
		return "", fmt.Errorf("%s is not what it was", path)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if err != nil {
			return "", err
		}
		if file.Name == "package/axe.min.js" {
			script, err := io.ReadAll(files)
			return string(script), err
		}
	}
})

// isAccessible examines what the page shows now.
func (p *person) isAccessible(what string) {
	p.Helper()
	script, err := examiner()
	if err != nil {
		p.Errorf("%s is not examined for accessibility: %v", what, err)
		return
	}
	if !asks[bool](p, "!!window.axe") {
		asks[any](p, script+";0")
	}
	// A toast that comes or goes is no colour to judge: what moves is waited for.
	found := asks[[]string](p, `axe.run({resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => v.impact + " " + v.id + ": " + v.nodes.map(n => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join("; ")))`)
	for _, violation := range found {
		p.Errorf("%s: %s", what, violation)
	}
}

func (p *person) prefers(media ...*emulation.MediaFeature) {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: media}); err != nil {
		p.Fatal(err)
	}
}

// furnished fills a service with what lists are made of.
func furnished(t *testing.T, s *service) {
	t.Helper()
	today := time.Now()
	day := func(n int) string { return today.AddDate(0, 0, n).Format("2006-01-02") }
	var paint string
	for _, task := range []map[string]any{
		{"title": "Buy paint", "category": "home", "tags": []string{"errand"}, "due": day(-2)},
		{"title": "Paint the kitchen", "priority": "high", "category": "home", "tags": []string{"diy"}, "due": day(1), "description": "Two coats.", "reminders": []string{"-P1D"}},
		{"title": "Pay rent", "due": day(0), "recurrence": map[string]any{"rule": "monthly"}, "priority": "high"},
		{"title": "Call mum", "due": today.Add(26 * time.Hour).UTC().Format(time.RFC3339)},
		{"title": "A title that goes on and on: " + strings.Repeat("so that somebody has to think of what becomes of it, ", 8)},
		{"title": strings.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 8), "tags": []string{strings.Repeat("x", 50)}},
		{"title": "دودھ اور روٹی لانا", "category": "گھر", "tags": []string{"بازار"}, "due": day(3)},
		{"title": "Book flights", "category": "travel", "priority": "low"},
	} {
		if paint != "" && task["title"] == "Paint the kitchen" {
			task["depends_on"] = []string{paint}
		}
		made := s.does(t, "POST", "/api/v1/tasks", task)
		switch task["title"] {
		case "Buy paint":
			paint = made["id"].(string)
		case "Paint the kitchen":
			s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Tape the edges", "parent_id": made["id"]})
			s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Move the table", "parent_id": made["id"], "completed": true})
		}
	}
}

func TestEveryoneCanUseThePage(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.photograph("empty")
	p.isAccessible("an empty list")
	furnished(t, s)
	p.sees("Book flights")
	for _, scheme := range []string{"light", "dark"} {
		p.prefers(&emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
		p.photograph("desktop-" + scheme)
		p.isAccessible("the list, " + scheme)
		p.clicks("button", "Paint the kitchen")
		p.sees("Keep as template")
		p.photograph("details-" + scheme)
		p.isAccessible("the details, " + scheme)
		p.clicks("button", "Close")
		p.seesNo("Keep as template")
		for _, name := range []string{"Statistics", "Templates", "Import and export", "Settings"} {
			p.clicks("link", name)
			p.until(name, func() bool {
				return asks[bool](p, "document.querySelector('h1').textContent === "+quoted(name)+" && document.querySelectorAll('.list > *').length > 1")
			})
			p.photograph(strings.ToLower(strings.ReplaceAll(name, " ", "-")) + "-" + scheme)
			p.isAccessible(name + ", " + scheme)
		}
		asks[any](p, "location.hash = '#all', 0")
		p.sees("Book flights")
	}
}

func TestThePageFitsAPhoneAndReadsFromRightToLeft(t *testing.T) {
	s := serve(t)
	furnished(t, s)
	p := visit(t, s.url+"/#all")
	p.sees("Book flights")
	p.prefers(&emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"}) // what moves is not easily clicked
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	p.fits()
	p.photograph("phone")
	p.isAccessible("the list on a phone")
	p.clicks("button", "Paint the kitchen")
	p.sees("Keep as template")
	p.fits()
	p.photograph("phone-details")
	p.isAccessible("the details on a phone")
	p.clicks("button", "Close")
	p.clicks("button", "Views")
	p.clicks("link", "Statistics")
	p.sees("Completed per day")
	p.fits()
	p.photograph("phone-statistics")
	asks[any](p, "localStorage.setItem('language', 'ur'), 0")
	p.do(chromedp.Reload())
	p.sees("اعداد و شمار")
	p.photograph("phone-urdu-statistics")
	asks[any](p, "location.hash = '#all', 0")
	p.do(chromedp.Reload())
	p.sees("دودھ اور روٹی لانا")
	if heading := asks[string](p, "document.querySelector('h1').firstChild.textContent.trim()"); heading != "تمام کام" {
		t.Errorf("the first list that is looked at is called %q", heading)
	}
	p.fits()
	p.photograph("phone-urdu")
	p.isAccessible("the list in Urdu")
	p.do(chromedp.EmulateViewport(1280, 800))
	p.clicks("button", "Paint the kitchen")
	p.sees("ذیلی کام")
	p.photograph("desktop-urdu")
	if dir := asks[string](p, "document.dir + document.documentElement.lang"); dir != "rtlur" {
		t.Error(dir)
	}
}

// fits checks that nothing has to be scrolled sideways.
func (p *person) fits() {
	p.Helper()
	if over := asks[int](p, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		p.Errorf("the page is %d pixels too wide", over)
		p.photograph("too-wide")
	}
}

func TestAThousandTasksScroll(t *testing.T) {
	s := serve(t)
	var many []map[string]any
	for i := range 1000 {
		many = append(many, map[string]any{"title": fmt.Sprintf("Task %04d", i), "tags": []string{"many"}, "due": time.Now().AddDate(0, 0, i%60).Format("2006-01-02")})
	}
	s.answer(t, "POST", "/api/v1/tasks", many)
	p := visit(t, s.url+"/#all")
	p.sees("Task 0000")
	// How long anything takes is the machine's matter, and bench's; how much is done in one go is the page's.
	asks[any](p, "window.most = 0, new MutationObserver(all => { const rows = all.flatMap(one => [...one.addedNodes]).filter(node => node.matches?.('.row')).length; most = Math.max(most, rows); }).observe(document.querySelector('.tasks'), {childList: true, subtree: true}), 0")
	p.until("the last task", func() bool {
		return asks[bool](p, "scrollTo(0, document.documentElement.scrollHeight), document.querySelectorAll('.row').length === 1000")
	})
	if most := asks[int](p, "most"); most == 0 || most > 24 {
		t.Errorf("%d tasks are drawn in one go", most)
	}
	if titles := p.titles(); titles[0] != "Task 0000" || titles[999] != "Task 0999" {
		t.Error(titles[0], titles[999])
	}
	asks[any](p, "document.querySelectorAll('.row .title')[500].focus(), 0")
	p.presses("c")
	p.sees("Completed “Task 0500”.")
	p.until("one less", func() bool { return asks[int](p, "document.querySelectorAll('.row').length") == 999 })
	p.photograph("thousand")
}

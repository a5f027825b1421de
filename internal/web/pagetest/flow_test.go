package pagetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/postgres"
)

// uploads gives a file to the one field that takes any.
func (p *person) uploads(path string) {
	p.Helper()
	p.until("a field for files", func() bool { return p.answers("!!document.querySelector('input[type=file]')") })
	document, err := chromedp.Call(p.ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		p.Fatal(err)
	}
	field, err := chromedp.Call(p.ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: "input[type=file]"})
	if err == nil {
		_, err = chromedp.Call(p.ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{NodeID: field.NodeID, Files: []string{path}})
	}
	if err != nil {
		p.Fatal(err)
	}
}

func TestTasksAreExportedAndImportedAgain(t *testing.T) {
	from, to := serve(t), serve(t)
	furnished(t, from)
	dir := t.TempDir()
	p := visit(t, from.url+"/#files")
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: "allow",
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID, DownloadPath: dir}); err != nil {
		t.Fatal(err)
	}
	p.clicks("button", "JSON: everything")
	p.sees("KiB")
	var saved []string
	var content []byte
	p.until("the whole file is there", func() bool {
		saved, _ = filepath.Glob(filepath.Join(dir, "*.json"))
		if len(saved) == 1 {
			content, _ = os.ReadFile(saved[0])
		}
		return json.Valid(content)
	})
	if want := from.answer(t, "GET", "/api/v1/export?format=json", nil); titles(t, content) != titles(t, want) {
		t.Errorf("saved: %s\nexported: %s", titles(t, content), titles(t, want))
	}

	other := visit(t, to.url+"/#files")
	asks[any](other, "window.said = new Set(), new MutationObserver(() => document.querySelectorAll('progress').forEach(bar => said.add(bar.closest('[role=status]').textContent))).observe(document.body, {childList: true, subtree: true, characterData: true}), 0")
	other.slow(true) // else it may be answered before anything is drawn
	other.uploads(saved[0])
	other.sees("10 created, 0 skipped, 0 refused")
	if progress := asks[string](other, "[...said].join()"); !strings.Contains(progress, "Taking over the tasks…") {
		t.Errorf("of the progress was told %q", progress)
	}
	other.slow(false)
	other.photograph("imported")
	other.isAccessible("the report of an import")
	asks[any](other, "location.hash = '#all', 0")
	other.sees("Pay rent")
	other.until("nine tasks and subtasks", func() bool { return len(other.titles()) == 9 })
	asks[any](other, "location.hash = '#files', 0")
	other.uploads(saved[0])
	other.sees("0 created, 10 skipped, 0 refused")
	broken := filepath.Join(dir, "broken.csv")
	if err := os.WriteFile(broken, []byte("\x00\xff what is this"), 0o600); err != nil {
		t.Fatal(err)
	}
	other.uploads(broken)
	other.until("a refusal", func() bool { return other.answers("!!document.querySelector('.card [role=alert]')") })
}

// titles lists those of an export, in its order.
func titles(t *testing.T, export []byte) string {
	t.Helper()
	var all []string
	for d := json.NewDecoder(bytes.NewReader(export)); ; {
		token, err := d.Token()
		if err != nil {
			return strings.Join(all, " | ")
		}
		if token == "title" {
			title, _ := d.Token()
			all = append(all, fmt.Sprint(title))
		}
	}
}

func TestATemplateIsKeptAndUsed(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Pack bags", "tags": []string{"travel"}, "priority": "high"})
	p := visit(t, s.url+"/#all")
	p.clicks("button", "Pack bags")
	p.clicks("button", "Keep as template")
	p.sees("Kept as the template “pack bags”.")
	p.clicks("button", "Close")
	p.clicks("link", "Templates")
	p.writes("Name", "Water")
	p.writes("Title", "Water the plants")
	p.writes("Due, in words", "tomorrow")
	p.clicks("button", "Keep")
	p.sees("Water the plants")
	p.photograph("templates")
	p.clicks("button", "Make a task of “water”")
	p.sees("Added “Water the plants”.")
	p.clicks("button", "Make a task of “pack bags”")
	p.sees("Added “Pack bags”.")
	p.clicks("link", "Tomorrow 1")
	p.lists("Water the plants")
	packed := s.tasks(t, "?q=pack")
	if len(packed) != 2 || fmt.Sprint(packed[0]["tags"], packed[0]["priority"]) != fmt.Sprint(packed[1]["tags"], packed[1]["priority"]) {
		t.Error(packed)
	}
	p.clicks("link", "Templates")
	asks[any](p, "window.confirm = () => true, 0")
	p.clicks("button", "Delete “water”")
	p.until("one template", func() bool { return asks[int](p, "document.querySelectorAll('.tasks .row').length") == 1 })
}

func TestTheSettingsSayWhichVersionItIs(t *testing.T) {
	s := serve(t)
	health := s.does(t, "GET", "/health", nil)
	p := visit(t, s.url+"/#settings")
	p.sees(fmt.Sprint("Version ", health["version"]))
}

func TestSettingsAreSavedAndCount(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#settings")
	p.chooses("Time zone", "Asia/Karachi")
	p.clicks("spinbutton", "Archive completed tasks after so many days")
	p.types("30")
	p.clicks("button", "Save")
	p.sees("Saved.")
	kept := s.does(t, "GET", "/api/v1/settings", nil)
	if kept["time_zone"] != "Asia/Karachi" || fmt.Sprint(kept["auto_archive_days"]) != "30" {
		t.Error(kept)
	}
	p.chooses("Time zone", "Nowhere/Land")
	p.clicks("button", "Save")
	p.until("a refusal", func() bool { return p.answers("!!document.querySelector('.list [role=alert]')") })
	p.clicks("checkbox", "Keyboard shortcuts of one character")
	asks[any](p, "location.hash = '#all', document.activeElement.blur(), 0")
	p.sees("Nothing here yet")
	p.presses("n")
	if focus := asks[string](p, "document.activeElement.id"); focus == "quickadd" {
		t.Error("a shortcut that is turned off works")
	}
	asks[any](p, "location.hash = '#settings', 0")
	p.until("the languages", func() bool { return p.answers("!!document.querySelector('.list select')") })
	asks[any](p, `(s => (s.value = "ur", s.dispatchEvent(new Event("change", {bubbles: true}))))(document.querySelector(".list select")), 0`)
	p.sees("ترتیبات")
	if dir := asks[string](p, "document.dir"); dir != "rtl" {
		t.Error(dir)
	}
}

// chooses types into a field that offers choices.
func (p *person) chooses(field, text string) {
	p.Helper()
	p.clicks("combobox", field)
	asks[any](p, "document.activeElement.select(), 0")
	p.types(text)
}

func TestStatisticsAreTheServices(t *testing.T) {
	s := serve(t)
	furnished(t, s)
	for _, title := range []string{"Book flights", "Call mum"} {
		id := s.tasks(t, "?q="+strings.ReplaceAll(title, " ", "+"))[0]["id"].(string)
		s.does(t, "POST", "/api/v1/tasks/"+id+"/complete", nil)
	}
	p := visit(t, s.url+"/#statistics")
	p.sees("Completed per day")
	stats := s.does(t, "GET", "/api/v1/stats?tz="+asks[string](p, "encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)"), nil)
	want := map[string]string{}
	for name, key := range map[string]string{"Open": "pending", "Completed": "completed", "Overdue": "overdue", "Due today": "today", "Due in 7 days": "this_week",
		"Created today": "created_today", "Completed today": "completed_today", "Repeating": "recurring", "Waiting for others": "with_dependencies",
		"Subtasks": "subtasks", "Without a date": "no_due_date", "Archived": "archived"} {
		want[name] = fmt.Sprint(stats[key])
	}
	got := asks[map[string]string](p, "Object.fromEntries([...document.querySelectorAll('.tiles div')].map(tile => [tile.querySelector('dt').textContent, tile.querySelector('dd').textContent]))")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p.sees("Longest overdue: Buy paint")
	days := asks[int](p, "[...document.querySelectorAll('.chart rect')].filter(bar => bar.height.baseVal.value > 0).length")
	if days != 1 {
		t.Errorf("something was completed on %d days", days)
	}
}

func TestADueReminderNotifies(t *testing.T) {
	s := serve(t)
	sweeper, err := app.NewSweeper(t.Context(), app.Settings{DatabaseURL: s.database.URL(postgres.SweepRole), Zone: time.UTC, Source: "/test"}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sweeper.Close(t.Context()) })
	p := visit(t, s.url+"/#settings")
	p.find("button", "Notify me of reminders while the page is open")
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "notifications"},
		Setting: "granted", BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID}); err != nil {
		t.Fatal(err)
	}
	p.clicks("button", "Notify me of reminders while the page is open")
	p.sees("Reminders are shown as notifications while the page is open.")
	// What the browser shows is beyond the page; that it is asked to show it is not.
	asks[any](p, "window.shown = [], window.Notification = class extends Notification { constructor(title, options) { super(title, options); shown.push(title); } }, location.hash = '#all', 0")
	p.sees("Nothing here yet")
	soon := time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Take the bread out", "reminders": []string{soon}})
	p.until("a notification", func() bool {
		if err := sweeper.Sweep(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		return asks[int](p, "shown.length") > 0
	})
	if shown := asks[string](p, "shown.join()"); shown != "Take the bread out" {
		t.Error(shown)
	}
	p.sees("Reminder: Take the bread out")
}

func TestAFunctionThatWakesIsWaitedFor(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "mine"})
	awake := make(chan struct{})
	s.asleep.Store(&awake)
	p := visit(t, s.url+"/#all")
	p.find("textbox", "New task")
	p.sees("Waking up…")
	p.photograph("waking")
	p.isAccessible("a page whose functions wake")
	close(awake)
	p.lists("mine")
	p.seesNo("Waking up…")
	p.writes("New task", "second"+kb.Enter)
	p.lists("mine", "second")
}

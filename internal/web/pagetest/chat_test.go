package pagetest

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestAServiceWithoutAChatSaysSo(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	if asks[bool](p, "performance.getEntriesByType('resource').some(one => one.name.endsWith('/chat.js'))") {
		t.Error("the chat is fetched before anybody asks for it")
	}
	p.presses("a")
	p.sees("This service has no chat.")
	p.isAccessible("no chat")
	p.types(kb.Escape)
	p.seesNo("This service has no chat.")
	if focus := asks[string](p, "document.activeElement.id"); focus != "chat" {
		t.Errorf("the focus is on %q", focus)
	}
}

package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestReadsCarryAStrongValidator(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.ask(t, "POST", tasks, `{"title":"a","due":"2026-03-01"}`).status(t, http.StatusCreated)
	one := at(made.task(t).ID)
	equal(t, made.Header.Get("Location"), s.url+one)
	equal(t, made.task(t).URL, s.url+one)
	equal(t, made.Header.Get("ETag"), s.ask(t, "GET", one, "").Header.Get("ETag"))
	if !strings.HasPrefix(made.Header.Get("ETag"), `"1-`) {
		t.Errorf("the validator is %s", made.Header.Get("ETag"))
	}
	for _, target := range []string{one, tasks, tasks + "?limit=1&sort=due", tasks + "?due=overdue", "/api/v1/settings"} {
		first := s.ask(t, "GET", target, "").status(t, http.StatusOK)
		tag := first.Header.Get("ETag")
		equal(t, first.Header.Get("Cache-Control"), "private, no-cache")
		for _, known := range []string{tag, "W/" + tag, `"x", ` + tag, `"x,y" , W/"z",` + tag + `, "u"`, "*", `"x",,` + tag + ","} {
			got := s.ask(t, "GET", target, "", "If-None-Match: "+known).status(t, http.StatusNotModified)
			equal(t, got.Body, "")
			equal(t, got.Header.Get("ETag"), tag)
			equal(t, got.Header.Get("Cache-Control"), "private, no-cache")
			equal(t, got.Header.Get("Content-Type"), "")
		}
		two := s.ask(t, "GET", target, "", `If-None-Match: "x"`, "If-None-Match: "+tag)
		two.status(t, http.StatusNotModified)
		for _, unknown := range []string{`"x"`, strings.Trim(tag, `"`), `"*"`, "", `"x,*,y"`, `"x, ` + strings.Trim(tag, `"`) + `"`, `w/` + tag, tag[:len(tag)-1], "W/*"} {
			got := s.ask(t, "GET", target, "", "If-None-Match: "+unknown).status(t, http.StatusOK)
			equal(t, got.Body, first.Body)
		}
		head := s.ask(t, "HEAD", target, "").status(t, http.StatusOK)
		equal(t, head.Body, "")
		equal(t, head.Header.Get("ETag"), tag)
		s.ask(t, "HEAD", target, "", "If-None-Match: "+tag).status(t, http.StatusNotModified)
	}
}

func TestAValidatorCoversWhatIsComputed(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a","due":"2026-03-01T10:00:00Z"}`)
	tag := s.ask(t, "GET", at(made.ID), "").Header.Get("ETag")
	changed := func(why string, headers ...string) {
		t.Helper()
		got := s.ask(t, "GET", at(made.ID), "", append(headers, "If-None-Match: "+tag)...)
		if got.Status != http.StatusOK || got.Header.Get("ETag") == tag {
			t.Errorf("after %s the answer is %d with %s", why, got.Status, got.Header.Get("ETag"))
		}
		tag = got.Header.Get("ETag")
	}
	s.create(t, `{"title":"b","parent_id":"`+made.ID.String()+`"}`)
	changed("a subtask more")
	s.clock.set("2026-03-01T10:00:01Z")
	changed("the due has passed")
	s.clock.set("2026-03-02T10:00:01Z")
	changed("another day has passed")
	changed("another host was asked", "Host: todo.example")
	equal(t, s.get(t, made.ID).Version, int64(1))
}

func TestAListsValidatorChangesWithTheClockTheZoneAndEveryWrite(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a","due":"2026-03-01"}`)
	target, headers := tasks+"?due=today", []string{}
	tag := s.ask(t, "GET", target, "").Header.Get("ETag")
	changed := func(why string) {
		t.Helper()
		got := s.ask(t, "GET", target, "", append([]string{"If-None-Match: " + tag}, headers...)...)
		if got.Status != http.StatusOK || got.Header.Get("ETag") == tag {
			t.Errorf("after %s the answer is %d with %s", why, got.Status, got.Header.Get("ETag"))
		}
		tag = got.Header.Get("ETag")
		s.ask(t, "GET", target, "", append([]string{"If-None-Match: " + tag}, headers...)...).status(t, http.StatusNotModified)
	}
	s.create(t, `{"title":"b"}`)
	changed("a write")
	s.ask(t, "PATCH", at(made.ID), `{"priority":"low"}`).status(t, http.StatusOK)
	changed("a change")
	s.ask(t, "PATCH", at(made.ID), `{"priority":"low"}`).status(t, http.StatusOK)
	s.ask(t, "GET", target, "", "If-None-Match: "+tag).status(t, http.StatusNotModified) // nothing was changed
	s.clock.set("2026-03-02T00:00:00Z")
	changed("midnight")
	target += "&tz=Europe/Berlin"
	changed("another zone")
	target += "&limit=7"
	changed("another size")
	headers = []string{"Host: todo.example"}
	changed("another host")
}

func TestAddressesAreThoseTheClientSees(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 2 {
		s.create(t, `{"title":"a"}`)
	}
	const host = "Host: todo.example:8443"
	made := s.ask(t, "POST", tasks, `{"title":"a"}`, host)
	equal(t, made.task(t).URL, "http://todo.example:8443"+at(made.task(t).ID))
	equal(t, made.Header.Get("Location"), made.task(t).URL)
	page := s.ask(t, "GET", tasks+"?limit=1", "", host)
	equal(t, page.tasks(t)[0].URL, "http://todo.example:8443"+at(page.tasks(t)[0].ID))
	if next := link(t, page); !strings.HasPrefix(next, "http://todo.example:8443/api/v1/tasks?cursor=") {
		t.Errorf("the next page is at %s", next)
	}
}

func TestAnotherOwnersTaskDoesNotExist(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"mine"}`)
	const other = "X-Owner: other"
	for _, r := range [][3]string{
		{"GET", at(made.ID), ""}, {"PUT", at(made.ID), `{"title":"b"}`}, {"PATCH", at(made.ID), `{"title":"b"}`}, {"DELETE", at(made.ID), ""},
		{"POST", at(made.ID) + "/complete", ""}, {"POST", at(made.ID) + "/reopen", ""},
	} {
		theirs := s.ask(t, r[0], r[1], r[2], other, "X-Request-Id: same", "If-Match: *").status(t, http.StatusNotFound)
		none := s.ask(t, r[0], strings.Replace(r[1], made.ID.String(), nobody, 1), r[2], other, "X-Request-Id: same", "If-Match: *").status(t, http.StatusNotFound)
		equal(t, theirs.Body, none.Body)
	}
	s.ask(t, "POST", tasks, `{"title":"c","parent_id":"`+made.ID.String()+`","depends_on":["`+made.ID.String()+`"]}`, other).faults(t, "/parent_id", "/depends_on/0")
	equal(t, s.ask(t, "GET", tasks, "", other).Body, "[]")
	equal(t, s.ask(t, "DELETE", tasks+"?ids="+made.ID.String(), "", other).Body, `{"deleted":0}`)
	equal(t, s.ask(t, "DELETE", tasks+"?all=true", "", other).Body, `{"deleted":0}`)
	equal(t, s.get(t, made.ID).Title, "mine")
}

func TestAMalformedIDIsNotFoundInAPathAndRefusedElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, id := range []string{"7", "x", strings.ToUpper(nobody), nobody + "0", strings.ReplaceAll(nobody, "-", ""), "00000000-0000-0000-0000-000000000000", url.PathEscape("{" + nobody + "}"), "%00", "%FF", "..%2F..", "*"} {
		for _, r := range [][3]string{
			{"GET", "", ""}, {"PUT", "", `{"title":"b"}`}, {"PATCH", "", `{"title":"b"}`}, {"DELETE", "", ""}, {"POST", "/complete", ""}, {"POST", "/reopen", ""},
		} {
			got := s.ask(t, r[0], tasks+"/"+id+r[1], r[2])
			if got.Status != http.StatusNotFound {
				t.Errorf("%s %s%s is answered with %d", r[0], id, r[1], got.Status)
			}
		}
	}
	s.ask(t, "GET", tasks+"?parent=7", "").faults(t, "/parent")
	s.ask(t, "DELETE", tasks+"?ids="+nobody+",7", "").faults(t, "/ids")
	s.ask(t, "POST", tasks, `{"title":"a","parent_id":"7"}`).faults(t, "/parent_id")
	// In upper case an id still names its task.
	made := s.create(t, `{"title":"a"}`)
	equal(t, s.ask(t, "GET", tasks+"/"+strings.ToUpper(made.ID.String()), "").task(t).ID, made.ID)
}

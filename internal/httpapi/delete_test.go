package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestATaskIsDeletedWithOrWithoutItsSubtasks(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"":                  {"other"},
		"?subtasks=delete":  {"other"},
		"?subtasks=promote": {"child", "other"},
		"?tz=Europe/Berlin": {"other"},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			parent := s.create(t, `{"title":"parent"}`)
			child := s.create(t, `{"title":"child","parent_id":"`+parent.ID.String()+`"}`)
			other := s.create(t, `{"title":"other","depends_on":["`+parent.ID.String()+`","`+child.ID.String()+`"]}`)
			got := s.ask(t, "DELETE", at(parent.ID)+query, "").status(t, http.StatusNoContent)
			equal(t, got.Body, "")
			equal(t, got.Header.Get("Content-Type"), "")
			equal(t, s.titles(t, ""), want)
			s.ask(t, "DELETE", at(parent.ID)+query, "").status(t, http.StatusNotFound)
			left := s.get(t, other.ID)
			equal(t, len(left.DependsOn), len(want)-1)
			equal(t, left.Version, other.Version+1)
			if len(want) == 2 {
				equal(t, s.get(t, child.ID).ParentID.IsZero(), true)
			}
		})
	}
}

func TestHowToDeleteSubtasksIsSaidInOneOfTwoWords(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	for _, query := range []string{"?subtasks=keep", "?subtasks=", "?subtasks=delete&subtasks=delete"} {
		s.ask(t, "DELETE", at(made.ID)+query, "").faults(t, "/subtasks")
	}
	equal(t, s.titles(t, ""), []string{"a"})
}

func TestManyTasksAreDeletedByExactlyOneSelection(t *testing.T) {
	t.Parallel()
	fresh := func(t *testing.T) (*service, []string) {
		t.Parallel()
		s := start(t)
		var ids []string
		for _, body := range []string{`{"title":"open"}`, `{"title":"done","completed":true}`, `{"title":"away","archived":true}`} {
			ids = append(ids, s.create(t, body).ID.String())
		}
		s.create(t, `{"title":"child","parent_id":"`+ids[1]+`"}`)
		return s, ids
	}
	for name, c := range map[string]struct {
		query func([]string) string
		count string
		left  []string
	}{
		"ids":                 {func(ids []string) string { return "ids=" + ids[0] + "," + ids[2] }, "2", []string{"done", "child"}},
		"an id twice":         {func(ids []string) string { return "ids=" + ids[0] + "," + strings.ToUpper(ids[0]) }, "1", []string{"done", "away", "child"}},
		"an id with subtasks": {func(ids []string) string { return "ids=" + ids[1] }, "2", []string{"open", "away"}},
		"ids of nothing":      {func([]string) string { return "ids=" + nobody }, "0", []string{"open", "done", "away", "child"}},
		"completed":           {func([]string) string { return "status=completed" }, "2", []string{"open", "away"}},
		"all":                 {func([]string) string { return "all=true&tz=UTC" }, "4", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			s, ids := fresh(t)
			got := s.ask(t, "DELETE", tasks+"?"+c.query(ids), "").status(t, http.StatusOK)
			equal(t, got.Body, `{"deleted":`+c.count+`}`)
			equal(t, s.titles(t, "?archived=all"), c.left)
		})
	}
	t.Run("none, several or malformed", func(t *testing.T) {
		s, ids := fresh(t)
		for query, want := range map[string][]string{
			"":                                  {""},
			"?":                                 {""},
			"?status=completed&all=true":        {""},
			"?ids=" + ids[0] + "&all=true":      {""},
			"?status=pending":                   {"/status"},
			"?status=all":                       {"/status"},
			"?all=false":                        {"/all"},
			"?all=":                             {"/all"},
			"?ids=":                             {"/ids"},
			"?ids=,":                            {"/ids"},
			"?ids=" + ids[0] + ",":              {"/ids"},
			"?ids=" + ids[0] + "&ids=" + ids[1]: {"/ids"},
			"?ids=" + strings.Repeat(ids[0]+",", 1000) + ids[0]: {"/ids"},
			"?priority=low":               {"", "/priority"},
			"?all=true&subtasks=promote":  {"/subtasks"},
			"?all=yes&status=x&ids=7&wat": {"", "/all", "/status", "/ids", "/wat"},
		} {
			s.ask(t, "DELETE", tasks+query, "").faults(t, want...)
		}
		equal(t, len(s.titles(t, "?archived=all")), 4)
	})
}

// A list has no version that a precondition could name.
func TestDeletingManyHoldsNoPrecondition(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"a"}`)
	for _, tag := range []string{s.ask(t, "GET", tasks, "").Header.Get("ETag"), s.ask(t, "GET", at(made.ID), "").Header.Get("ETag"), `"x"`} {
		s.ask(t, "DELETE", tasks+"?all=true", "", "If-Match: "+tag).status(t, http.StatusPreconditionFailed)
	}
	equal(t, s.ask(t, "DELETE", tasks+"?all=true", "", "If-Match: *").status(t, http.StatusOK).Body, `{"deleted":1}`)
}

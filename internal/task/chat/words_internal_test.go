package chat

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

func TestEachLanguageHasWordsForAll(t *testing.T) {
	for l, w := range speaking {
		if w.language != l {
			t.Errorf("the words of %s are of %s", l, w.language)
		}
		value := reflect.ValueOf(*w)
		for i := range value.NumField() {
			field := value.Field(i)
			if field.IsZero() || field.Kind() == reflect.Array && (field.Index(0).IsZero() || field.Index(1).IsZero()) {
				t.Errorf("%s has no %s", w.language, value.Type().Field(i).Name)
			}
		}
	}
	acts := func(w words) []string { return slices.Sorted(maps.Keys(w.acts)) }
	if !slices.Equal(acts(english), acts(urdu)) {
		t.Errorf("acts are %q and %q", acts(english), acts(urdu))
	}
}

// verbs are the places of a sentence that are filled in, in order.
func verbs(sentence string) []string {
	return regexp.MustCompile(`%[^a-zA-Z%]*[a-zA-Z%]`).FindAllString(sentence, -1)
}

func TestASentenceHasTheSamePlacesInEachLanguage(t *testing.T) {
	compare := func(name string, a, b reflect.Value) {
		if had, has := verbs(a.String()), verbs(b.String()); !slices.Equal(had, has) {
			t.Errorf("%s fills in %q in one language, %q in another", name, had, has)
		}
	}
	ours, theirs := reflect.ValueOf(english), reflect.ValueOf(urdu)
	for i := range ours.NumField() {
		switch name, a, b := ours.Type().Field(i).Name, ours.Field(i), theirs.Field(i); {
		case name == "day": // whose name is English, so that Urdu leaves it away
		case a.Kind() == reflect.String:
			compare(name, a, b)
		case a.Kind() == reflect.Array:
			compare(name, a.Index(0), b.Index(0))
			compare(name, a.Index(1), b.Index(1))
		case a.Kind() == reflect.Map:
			for _, key := range a.MapKeys() {
				compare(fmt.Sprint(name, " ", key), a.MapIndex(key), b.MapIndex(key))
			}
		}
	}
	for _, w := range speaking {
		if said := fmt.Sprintf(w.day, "Monday", "2026-03-02"); !strings.Contains(said, "2026-03-02") || strings.Contains(said, "%!") {
			t.Errorf("%s: %s", w.language, said)
		}
	}
}

func TestAQuestionBeginsInItsLanguageWhateverItIsAbout(t *testing.T) {
	for _, c := range []struct {
		words words
		title string
	}{{english, "دودھ"}, {urdu, "Milk"}} {
		w, plan := c.words, assist.Plan{Tasks: 7, Titles: []string{c.title}, Arguments: json.RawMessage(`{}`)}
		asked := map[string][]string{
			"addQuestion":      {w.addIt(c.title, ""), w.addIt(c.title, c.title), fmt.Sprintf(w.addQuestion, c.title, "")},
			"completeQuestion": {w.completeIt(c.title)},
			"moveQuestion":     {w.moveIt(c.title, c.title)},
			"undoQuestion":     {w.undoIt(assist.Step{Action: "another", Titles: plan.Titles, Tasks: 7})},
			"deleteQuestion":   {w.question(plan)},
		}
		for act := range w.acts {
			asked["undoQuestion"] = append(asked["undoQuestion"], w.undoIt(assist.Step{Action: task.Action(act), Titles: plan.Titles, Tasks: 1}))
			plan.Action, plan.Arguments = act, object(map[string]any{"action": act, "set": map[string]any{"title": c.title}})
			asked["bulkQuestion"] = append(asked["bulkQuestion"], w.question(plan))
		}
		for name, questions := range asked {
			for _, q := range questions {
				if l := (Confirmation{Question: q}).Language(); l != w.language || strings.Contains(q, "%!") {
					t.Errorf("%s is asked in %s, not in %s: %s", name, l, w.language, q)
				}
			}
		}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(w)) {
			if strings.HasSuffix(f.Name, "Question") && len(asked[f.Name]) == 0 {
				t.Errorf("%s is not tried", f.Name)
			}
		}
	}
}

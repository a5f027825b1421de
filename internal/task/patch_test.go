package task_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"todo-app/internal/task"
)

func TestAllThatIsWrongWithAPatchIsSaidAtOnce(t *testing.T) {
	ids := make([]task.ID, task.MaxDependsOn+1)
	for i := range ids {
		ids[i] = id(byte(i + 1))
	}
	p := task.Patch{
		Title: task.Value(strings.Repeat("x", 501)), Description: task.Value(strings.Repeat("x", 20_001)), Completed: task.Null[bool](), Archived: task.Null[bool](),
		Category: task.Value("\u3000"), Tags: task.Value([]string{"fine", "", "a\x00", "\xff"}), Reminders: task.Value(make([]task.Reminder, 11)),
		DependsOn: task.Value(ids), Order: task.Value(math.Inf(1)),
	}
	err := p.Normalize()
	equal(t, "faults", task.AsFaults(err), task.Faults{
		{Pointer: "/title", Detail: "must be at most 500 characters; this has 501"},
		{Pointer: "/description", Detail: "must be at most 20000 characters; this has 20001"},
		{Pointer: "/completed", Detail: "must be true or false"},
		{Pointer: "/archived", Detail: "must be true or false"},
		{Pointer: "/category", Detail: "must not be blank"},
		{Pointer: "/tags/1", Detail: "must not be blank"},
		{Pointer: "/tags/2", Detail: "must not contain the character U+0000"},
		{Pointer: "/tags/3", Detail: "must be valid UTF-8"},
		{Pointer: "/reminders", Detail: "must have at most 10 items"},
		{Pointer: "/depends_on", Detail: "must have at most 50 items"},
		{Pointer: "/order", Detail: "must lie between -1e+18 and 1e+18"},
	})
	if text := err.Error(); !strings.HasPrefix(text, "/title must be at most 500 characters; this has 501; /description ") {
		t.Errorf("as a sentence: %s", text)
	}
}

func TestTheLargestOfEverythingIsRight(t *testing.T) {
	var tags []string
	for i := range task.MaxTags {
		tags = append(tags, fmt.Sprint(i), fmt.Sprint(i)) // twice counts once
	}
	ids := make([]task.ID, 0, 2*task.MaxDependsOn)
	for i := range task.MaxDependsOn {
		ids = append(ids, id(byte(i)), id(byte(i)))
	}
	wide := "\U0001f600"
	for _, order := range []float64{task.MaxOrder, -task.MaxOrder, 0} {
		p := task.Patch{
			Title: task.Value(strings.Repeat(wide, task.MaxTitle)), Description: task.Value(strings.Repeat(wide, task.MaxDescription)), Category: task.Value(strings.Repeat(wide, task.MaxCategory)),
			Tags: task.Value(tags), Reminders: task.Value(make([]task.Reminder, task.MaxReminders)), DependsOn: task.Value(ids), Order: task.Value(order),
		}
		if err := p.Normalize(); err != nil {
			t.Error(err)
		}
		equal(t, "tags and dependencies", []int{len(p.Tags.Value), len(p.DependsOn.Value)}, []int{task.MaxTags, task.MaxDependsOn})
	}
	for _, order := range []float64{math.NaN(), math.Inf(-1), math.Nextafter(task.MaxOrder, math.Inf(1)), math.Nextafter(-task.MaxOrder, math.Inf(-1))} {
		p := task.Patch{Order: task.Value(order)}
		equal(t, fmt.Sprint("order ", order), pointers(p.Normalize()), []string{"/order"})
	}
	p := task.Patch{Tags: task.Value(append(tags, "one more"))}
	equal(t, "one tag too many", pointers(p.Normalize()), []string{"/tags"})
	for n, want := range map[int][]string{10 * task.MaxTags: {"/tags/0"}, 10*task.MaxTags + 1: {"/tags"}} {
		same := make([]string, n) // looked at one by one only while they are not far too many
		for i := range same {
			same[i] = "x"
		}
		same[0] = " "
		p = task.Patch{Tags: task.Value(same)}
		equal(t, fmt.Sprint(n, " tags"), pointers(p.Normalize()), want)
	}
	p = task.Patch{Tags: task.Value([]string{strings.Repeat(wide, task.MaxTag+1)}), Category: task.Value(strings.Repeat(wide, task.MaxCategory+1))}
	equal(t, "names too long", pointers(p.Normalize()), []string{"/category", "/tags/0"})
}

func TestNamesAreFoldedAndListsPutInOrder(t *testing.T) {
	p := task.Patch{
		Category: task.Value("GÄRTEN"), Tags: task.Value([]string{"b", "A", "B", "a", "É"}), DependsOn: task.Value([]task.ID{id(2), id(1), id(2)}),
	}
	if err := p.Normalize(); err != nil {
		t.Fatal(err)
	}
	equal(t, "category", p.Category.Value, "gärten")
	equal(t, "tags", p.Tags.Value, []string{"a", "b", "é"})
	equal(t, "dependencies", p.DependsOn.Value, []task.ID{id(2), id(1)})
}

func TestNormalizingLeavesTheCallersSlicesAlone(t *testing.T) {
	tags, ids := []string{"B", "a"}, []task.ID{id(2), id(2), id(1)}
	p := task.Patch{Tags: task.Value(tags), DependsOn: task.Value(ids)}
	if err := p.Normalize(); err != nil {
		t.Fatal(err)
	}
	equal(t, "tags", tags, []string{"B", "a"})
	equal(t, "dependencies", ids, []task.ID{id(2), id(2), id(1)})
}

func TestNullIsRightWhereThereIsADefault(t *testing.T) {
	p := task.Patch{
		Description: task.Null[string](), Priority: task.Null[task.Priority](), Category: task.Null[string](), Tags: task.Null[[]string](), Due: task.Null[task.Due](),
		Reminders: task.Null[[]task.Reminder](), Recurrence: task.Null[task.RecurrencePatch](), ParentID: task.Null[task.ID](), DependsOn: task.Null[[]task.ID](), Order: task.Null[float64](),
	}
	if err := p.Normalize(); err != nil {
		t.Error(err)
	}
	p = task.Patch{Title: task.Null[string]()}
	equal(t, "a title put back", task.AsFaults(p.Normalize()), task.Faults{{Pointer: "/title", Detail: "must not be null"}})
}

func TestANewTaskWithoutATitleTakesItFromItsDescription(t *testing.T) {
	long := strings.Repeat("é", 600)
	for description, want := range map[string]string{
		"one line":           "one line",
		"first\nsecond":      "first",
		"\n \r\n\t x \r\nyz": "x",
		"\u3000\n\u00a0ab":   "ab",
		long + "\nrest":      long[:2*task.MaxTitle],
	} {
		p, err := task.Patch{Description: task.Value(description)}.NewTask()
		if err != nil {
			t.Errorf("%q: %v", description, err)
		}
		equal(t, "title", p.Title, task.Value(want))
		equal(t, "description", p.Description, task.Value(description))
	}
	for _, description := range []string{"", " \n\t\r\n"} {
		_, err := task.Patch{Description: task.Value(description)}.NewTask()
		equal(t, "faults of "+description, task.AsFaults(err), task.Faults{{Pointer: "/title", Detail: "is required, or a description to take it from"}})
	}
	_, err := task.Patch{Category: task.Value("")}.NewTask()
	equal(t, "faults", pointers(err), []string{"/title", "/category"})
	for _, title := range []task.Field[string]{task.Value(" "), task.Null[string]()} {
		_, err := task.Patch{Title: title, Description: task.Value("text")}.NewTask()
		equal(t, "faults of a title that is given and wrong", pointers(err), []string{"/title"})
	}
}

func TestANewTaskIsWhole(t *testing.T) {
	p, err := titled("x").NewTask()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "completed", p.Completed, task.Value(false))
	equal(t, "archived", p.Archived, task.Value(false))
	equal(t, "priority", p.Priority, task.Null[task.Priority]())
	equal(t, "order", p.Order, task.Null[float64]())
	given, err := task.Patch{Title: task.Value("x"), Completed: task.Value(true), Priority: task.Value(task.Low)}.NewTask()
	if err != nil || !given.Completed.Value || given.Priority.Value != task.Low {
		t.Errorf("what was given: %+v, %v", given, err)
	}
}

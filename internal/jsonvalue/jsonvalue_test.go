package jsonvalue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
)

func TestAValueOfAnotherKindIsSaidToBeWrong(t *testing.T) {
	for _, c := range []struct{ value, text, boolean, number string }{
		{`"a\u0041\n"`, "aA\n", "must be true or false", "must be a number"},
		{`"\ud83d\ude00"`, "😀", "must be true or false", "must be a number"},
		{`true`, "must be a string", "true", "must be a number"},
		{`false`, "must be a string", "false", "must be a number"},
		{`-1.5e2`, "must be a string", "must be true or false", "-150"},
		{`1e999`, "must be a string", "must be true or false", "must be a number of ordinary size"},
		{`null`, "must be a string", "must be true or false", "must be a number"},
		{`{"a":1}`, "must be a string", "must be true or false", "must be a number"},
	} {
		v := jsontext.Value(c.value)
		for got, want := range map[string]string{
			"text " + said(jsonvalue.Text(v)): c.text, "boolean " + said(jsonvalue.Boolean(v)): c.boolean, "number " + said(jsonvalue.Number(v)): c.number,
		} {
			if _, got, _ := strings.Cut(got, " "); got != want {
				t.Errorf("%s: %q, not %q", c.value, got, want)
			}
		}
	}
}

// said is an error, or else a value.
func said[T any](value T, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(value)
}

func TestTheElementsOfAnArrayComeInOrder(t *testing.T) {
	for value, want := range map[string]string{
		`[1, [2, "]"], {"a": [3]}, null]`: `0=1 1=[2, "]"] 2={"a": [3]} 3=null `, `[]`: "", `{}`: "must be an array", `"[]"`: "must be an array",
	} {
		var got strings.Builder
		if err := jsonvalue.Elements(jsontext.Value(value), func(i int, v jsontext.Value) { fmt.Fprintf(&got, "%d=%s ", i, v) }); err != nil {
			got.WriteString(err.Error())
		}
		if got.String() != want {
			t.Errorf("%s: %s", value, got.String())
		}
	}
}

func TestTheMembersOfAnObjectComeInOrderEachOnce(t *testing.T) {
	for value, want := range map[string]string{
		`{"a": 1, "b\u0031": {"c": [2]}, "": null}`: `a=1 b1={"c": [2]} =null `, `{}`: "", `[]`: "must be an object", `"{}"`: "must be an object",
		`{"a": 1, "a": 2}`: `a=1 jsontext: duplicate object member name "a"`,
	} {
		var got strings.Builder
		if err := jsonvalue.Members(jsontext.Value(value), func(name string, v jsontext.Value) { fmt.Fprintf(&got, "%s=%s ", name, v) }); err != nil {
			got.WriteString(err.Error())
		}
		if got.String() != want {
			t.Errorf("%s: %s", value, got.String())
		}
	}
}

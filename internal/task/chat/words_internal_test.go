package chat

import (
	"maps"
	"reflect"
	"slices"
	"testing"
)

func TestEachLanguageHasWordsForAll(t *testing.T) {
	for _, w := range []words{english, urdu} {
		value := reflect.ValueOf(w)
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

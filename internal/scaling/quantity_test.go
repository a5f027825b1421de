package scaling_test

import (
	"testing"

	"todo-app/internal/scaling"
)

func TestQuantitiesAreReadAsKubernetesWritesThem(t *testing.T) {
	for text, want := range map[string]int{"250m": 250, "2": 2000, "0.29": 290, "1e3m": 0, "": 0, "many": 0} {
		if got := scaling.Milli(text); got != want {
			t.Errorf("CPU %q is %d, not %d", text, got, want)
		}
	}
	for text, want := range map[string]int64{"128Mi": 128 * mebi, "2Gi": 2048 * mebi, "64Ki": 64 << 10, "1000": 1000, "": 0, "Mi": 0, "much": 0} {
		if got := scaling.Bytes(text); got != want {
			t.Errorf("memory %q is %d, not %d", text, got, want)
		}
	}
}

package cli_test

import (
	"strings"
	"testing"

	"todo-app/internal/task"
)

func TestBootstrapPrintsWhatASecretOfOnesOwnWants(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	for range 2 {
		code, out, problems := outcome(t, []string{"bootstrap", "--print", "app-password", "api-key"})
		lines := strings.Fields(out)
		if code != 0 || len(lines) != 2 {
			t.Fatalf("ended with %d: %q %s", code, out, problems)
		}
		if _, _, ok := task.ParseAPIKey(lines[1]); !ok {
			t.Errorf("%q is no API key", lines[1])
		}
		made[lines[0]], made[lines[1]] = true, true
	}
	if len(made) != 4 {
		t.Errorf("of four values %d differ", len(made))
	}
}

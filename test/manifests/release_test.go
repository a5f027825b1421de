package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart/loader"
)

// sources is a Git repository of its own with what scripts/release reads, and
// programs in the place of those that take long or reach far. Each notes what
// it was asked in the file asked.
type sources struct {
	folder, tools string
}

// released is a changelog that is ready for v1.2.3.
const released = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n### Added\n\n- A thing.\n\n## [1.2.2] - 2026-01-01\n\n### Fixed\n\n- Another.\n"

func newSources(t *testing.T, changelog string) sources {
	t.Helper()
	s := sources{folder: t.TempDir(), tools: t.TempDir()}
	for _, folder := range []string{"scripts", "chart"} {
		if err := os.CopyFS(filepath.Join(s.folder, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	s.write(t, "CHANGELOG.md", changelog)
	s.write(t, ".gitignore", "/bin/\n/build/\n/dist/\nchart/values-images.yaml\n")
	noted := `echo "$(basename "$0") $*" >>"` + s.asked() + `"; `
	program(t, s.tools, "go", noted)
	program(t, s.tools, "goreleaser", noted+"mkdir -p dist")
	program(t, s.tools, "helm", noted+`tar -C "$(dirname "$2")" --transform 's/^chart/todo-app/' -czf "$8/todo-app-$4.tgz" chart`)
	// It answers as ko does for two platforms: a reference for each on the side, and the one for both.
	program(t, s.tools, "ko", noted+`for asked; do case $previous in --image-refs) echo "$KO_DOCKER_REPO/list@sha256:a1
$KO_DOCKER_REPO/list@sha256:a2" >"$asked" ;; esac; previous=$asked; done; echo "$KO_DOCKER_REPO/list@sha256:a0
$KO_DOCKER_REPO/create@sha256:b0"`)
	s.git(t, "init", "--quiet")
	s.commit(t)
	return s
}

func (s sources) asked() string { return filepath.Join(s.tools, "asked") }

func (s sources) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (s sources) git(t *testing.T, arguments ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", s.folder, "-c", "user.name=n", "-c", "user.email=n@example"}, arguments...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null") // hooks, signatures
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v: %s", arguments, err, out)
	}
}

func (s sources) commit(t *testing.T) {
	t.Helper()
	s.git(t, "add", ".")
	s.git(t, "commit", "--quiet", "--message", "x")
}

// release runs scripts/release, and returns what it wrote and whether it
// succeeded.
func (s sources) release(settings ...string) (string, bool) {
	cmd := exec.Command(filepath.Join(s.folder, "scripts", "release"))
	cmd.Env = append(os.Environ(), "PATH="+s.tools+":"+os.Getenv("PATH"), "GORELEASER=goreleaser", "HELM=helm", "KO=ko", "GOFLAGS=",
		"SNAPSHOT=", "IMAGES=", "TAGS=", "PUBLISH=", "KO_DOCKER_REPO=")
	cmd.Env = append(cmd.Env, settings...)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func TestWhatIsNotReadyIsNotReleased(t *testing.T) {
	undated := strings.Replace(released, " - 2026-01-31", "", 1)
	for name, c := range map[string]struct {
		changelog, tag string
		change         func(sources)
		settings       string
		says           string
	}{
		"a changed file":        {change: func(s sources) { s.write(t, "CHANGELOG.md", released+"\n") }, says: "not as they were committed:\n M CHANGELOG.md"},
		"a file of nobody's":    {change: func(s sources) { s.write(t, "new.go", "package x") }, says: "not as they were committed:\n?? new.go"},
		"no tag":                {tag: "other", says: "HEAD has no tag such as v1.2.3"},
		"a commit after it":     {change: func(s sources) { s.write(t, "x", ""); s.commit(t) }, says: "HEAD has no tag such as v1.2.3"},
		"a short tag":           {tag: "v1.2", says: "the tag v1.2 is not of the form"},
		"metadata":              {tag: "v1.2.3+4", says: "the tag v1.2.3+4 is not of the form"},
		"an older version":      {tag: "v1.2.2", says: "CHANGELOG.md is not that of 1.2.2: its newest section is [1.2.3]"},
		"a newer version":       {tag: "v1.2.4", says: "CHANGELOG.md is not that of 1.2.4: its newest section is [1.2.3]"},
		"a candidate":           {tag: "v1.2.3-rc.1", says: "CHANGELOG.md is not that of 1.2.3-rc.1: its newest section is [1.2.3]"},
		"no section":            {changelog: "# Changelog\n\n## [Unreleased]\n", says: "it has no section but Unreleased"},
		"no day":                {changelog: undated, says: "its heading has to be ## [1.2.3] - YYYY-MM-DD"},
		"nothing to tell":       {changelog: strings.Replace(released, "- A thing.\n", "", 1), says: "nothing is told in its section"},
		"something left untold": {changelog: strings.Replace(released, "[Unreleased]\n", "[Unreleased]\n\n### Fixed\n\n- It.\n", 1), says: "move it to [1.2.3]"},
		"no place for images":   {settings: "KO_DOCKER_REPO=", says: "KO_DOCKER_REPO is not set"},
		"no images":             {settings: "IMAGES=false", says: "a release has images"},
		"images nowhere":        {settings: "PUSH=false", says: "names images that are there"},
		"other images":          {settings: "TAGS=otel", says: "are the plain ones"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.changelog == "" {
				c.changelog = released
			}
			if c.tag == "" {
				c.tag = "v1.2.3"
			}
			s := newSources(t, c.changelog)
			s.git(t, "tag", c.tag)
			if c.change != nil {
				c.change(s)
			}
			said, succeeded := s.release("KO_DOCKER_REPO=registry.example/todo", c.settings)
			if succeeded || !strings.Contains(said, c.says) {
				t.Errorf("it says %q, not %q; released: %v", said, c.says, succeeded)
			}
			if asked, err := os.ReadFile(s.asked()); err == nil {
				t.Errorf("it began: %s", asked)
			}
		})
	}
}

func TestAReleaseIsOfItsTagAlone(t *testing.T) {
	s := newSources(t, released)
	s.git(t, "tag", "v1.2.3")
	if said, succeeded := s.release("KO_DOCKER_REPO=registry.example:5000/todo"); !succeeded {
		t.Fatal(said)
	}
	wantImages(t, s, map[string]any{"create": "registry.example:5000/todo/create@sha256:b0", "list": "registry.example:5000/todo/list@sha256:a0"}, "todo-app-1.2.3.tgz")
	digests, err := os.ReadFile(filepath.Join(s.folder, "dist", "images.txt"))
	if want := "b0  registry.example:5000/todo/create\na0  registry.example:5000/todo/list\n"; err != nil || string(digests) != want {
		t.Errorf("the digests are %q, not %q (%v)", digests, want, err)
	}
	asked, err := os.ReadFile(s.asked())
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{
		`(?m)^ko build .*--push=true --tags 1\.2\.3,[0-9a-f]{12} --image-label org\.opencontainers\.image\.version=1\.2\.3,org\.opencontainers\.image\.revision=[0-9a-f]{40} `,
		`(?m)^helm package .* --version 1\.2\.3 --app-version 1\.2\.3 `,
		`(?m)^goreleaser release --clean --release-notes .* --skip=publish$`,
	} {
		if !regexp.MustCompile(what).Match(asked) {
			t.Errorf("nobody was asked for %s:\n%s", what, asked)
		}
	}
}

func TestASnapshotPushesNothingUnlessToldWhere(t *testing.T) {
	s := newSources(t, released)
	s.write(t, "CHANGELOG.md", "not ready")
	for place, push := range map[string]string{"": "--push=false ", "registry.example/todo": "--push=true "} {
		os.Remove(s.asked())
		if said, succeeded := s.release("SNAPSHOT=1", "KO_DOCKER_REPO="+place); !succeeded {
			t.Fatal(said)
		}
		asked, err := os.ReadFile(s.asked())
		if err != nil || !strings.Contains(string(asked), push) || !strings.Contains(string(asked), "goreleaser release --clean --snapshot --skip=publish") {
			t.Errorf("to %q: %s (%v)", place, asked, err)
		}
		want := map[string]any{}
		if place != "" {
			want = map[string]any{"create": place + "/create@sha256:b0", "list": place + "/list@sha256:a0"}
		}
		wantImages(t, s, want, "todo-app-0.0.0-g*.tgz")
	}
}

// wantImages checks which images the packed chart names.
func wantImages(t *testing.T, s sources, want map[string]any, name string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.folder, "dist", name))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v is there for %s (%v)", found, name, err)
	}
	chart, err := loader.Load(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, chart.Values["images"]); diff != "" {
		t.Errorf("the chart's images (-want +got):\n%s", diff)
	}
}

// The moment of packing must not get into the chart.
func TestTheChartIsPackedTheSameTwice(t *testing.T) {
	s := newSources(t, released)
	s.git(t, "tag", "v1.2.3")
	var sums []string
	for range 2 {
		later := fmt.Sprintf(`find "$2" -exec touch --date @%d {} +`, 1e9+len(sums)) // what is read is of another time each time
		program(t, s.tools, "helm", later+`; tar -C "$(dirname "$2")" --transform 's/^chart/todo-app/' -czf "$8/todo-app-$4.tgz" chart`)
		if said, succeeded := s.release("KO_DOCKER_REPO=registry.example/todo"); !succeeded {
			t.Fatal(said)
		}
		packed, err := os.ReadFile(filepath.Join(s.folder, "dist", "todo-app-1.2.3.tgz"))
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(packed)))
	}
	if sums[0] != sums[1] {
		t.Errorf("%s, then %s", sums[0], sums[1])
	}
}

// The form is that of Keep a Changelog: versions from the newest to the oldest
// with their days, and changes by their kind.
func TestTheChangelogHasTheFormThatReleasesRead(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`^\[(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\] - (\d{4}-\d{2}-\d{2})$`)
	sections := strings.Split("\n"+string(text), "\n## ")
	if len(sections) < 2 || !strings.HasPrefix(sections[1], "[Unreleased]\n") {
		t.Fatal("[Unreleased] is not the first section")
	}
	day := "9999-12-31"
	for n, section := range sections[1:] {
		heading, rest, _ := strings.Cut(section, "\n")
		if found := version.FindStringSubmatch(heading); n > 0 && (found == nil || found[2] > day) {
			t.Errorf("## %s: it has to be ## [VERSION] - DAY, the newest first", heading)
		} else if n > 0 {
			day = found[2]
		}
		var kinds []string
		for kind := range strings.SplitSeq("\n"+rest, "\n### ") {
			kind, changes, _ := strings.Cut(kind, "\n")
			if kind == "" && len(kinds) == 0 && strings.TrimSpace(changes) == "" {
				continue
			}
			if !slices.Contains([]string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, kind) || slices.Contains(kinds, kind) {
				t.Errorf("## %s: %q is no kind of change, or there twice", heading, kind)
			}
			if !strings.HasPrefix(strings.TrimSpace(changes), "- ") {
				t.Errorf("## %s: nothing is told under %s", heading, kind)
			}
			kinds = append(kinds, kind)
		}
	}
}

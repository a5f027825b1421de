package serve_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"todo-app/internal/serve"
)

var promisedKeys = []string{"level", "message", "request_id", "service", "timestamp", "trace_id", "version"}

type fixedClock struct{ time.Time }

func (c fixedClock) Now() time.Time                       { return c.Time }
func (c fixedClock) NewTicker(time.Duration) *time.Ticker { panic("not used") }

func newLogger(t testing.TB, level zapcore.Level) (*zap.Logger, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	at := time.Date(2026, 3, 29, 4, 5, 6, 7_890_000, time.FixedZone("", 2*60*60))
	log := serve.NewLogger(zapcore.AddSync(&out), "create", "1.2.3", level)
	return log.WithOptions(zap.WithClock(fixedClock{at})), &out
}

// keys returns the top-level keys of a line, sorted, repeated ones repeated.
func keys(t testing.TB, line []byte) []string {
	t.Helper()
	if !json.Valid(line) || !utf8.Valid(line) {
		t.Fatalf("not JSON in UTF-8: %q", line)
	}
	var found []string
	depth, key := 0, true
	for decoder := json.NewDecoder(bytes.NewReader(line)); decoder.More() || depth > 0; {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case token == json.Delim('{') || token == json.Delim('['):
			depth++
			key = depth == 1
		case token == json.Delim('}') || token == json.Delim(']'):
			depth--
			key = depth == 1
		case depth == 1 && key:
			found = append(found, token.(string))
			key = false
		case depth == 1:
			key = true
		}
	}
	slices.Sort(found)
	return found
}

func TestALineLooksAsDocumented(t *testing.T) {
	log, out := newLogger(t, zapcore.InfoLevel)
	serve.WithRequest(log, "4bf92f35", "r-1").Info("task created", zap.Int("status", 201))
	want := `{"level":"INFO","timestamp":"2026-03-29T02:05:06.007Z","message":"task created",` +
		`"service":"create","version":"1.2.3","trace_id":"4bf92f35","request_id":"r-1","status":201}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLevelsHaveTheirPromisedNames(t *testing.T) {
	log, out := newLogger(t, zapcore.DebugLevel)
	log.Debug("")
	log.Info("")
	log.Warn("")
	log.Error("")
	log.DPanic("")
	for _, end := range []func(string, ...zap.Field){
		log.Panic,
		log.WithOptions(zap.WithFatalHook(zapcore.WriteThenPanic)).Fatal,
	} {
		func() {
			defer func() { _ = recover() }()
			end("")
		}()
	}

	var got []string
	for line := range strings.Lines(out.String()) {
		var entry struct{ Level string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		got = append(got, entry.Level)
	}
	want := []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "CRITICAL", "CRITICAL"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLinesBelowTheLevelAreNotWritten(t *testing.T) {
	log, out := newLogger(t, zapcore.WarnLevel)
	log.Info("quiet")
	log.With(zap.String("a", "b")).Info("quiet")
	serve.WithRequest(log, "t", "r").Info("quiet")
	if out.Len() > 0 {
		t.Errorf("wrote %s", out)
	}
	if log.Level() != zapcore.WarnLevel {
		t.Errorf("level is %v", log.Level())
	}
}

func TestParseLevelTakesTheFiveWordsAndNamesThemOtherwise(t *testing.T) {
	for word, want := range map[string]zapcore.Level{
		"debug": zapcore.DebugLevel, "INFO": zapcore.InfoLevel, "Warning": zapcore.WarnLevel,
		"error": zapcore.ErrorLevel, "critical": zapcore.DPanicLevel,
	} {
		if got, err := serve.ParseLevel(word); err != nil || got != want {
			t.Errorf("%s: got %v, %v", word, got, err)
		}
	}
	_, err := serve.ParseLevel("verbose")
	want := `must be debug, info, warning, error or critical, not "verbose"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestALaterRequestReplacesTheIdsOfAnEarlierOne(t *testing.T) {
	log, out := newLogger(t, zapcore.InfoLevel)
	first := serve.WithRequest(log, "t1", "r1").With(zap.String("owner", "ann"))
	serve.WithRequest(first, "t2", "r2").Info("")
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got["trace_id"] != "t2" || got["request_id"] != "r2" || got["owner"] != "ann" {
		t.Errorf("got %v", got)
	}
	if diff := cmp.Diff(8, len(keys(t, out.Bytes()))); diff != "" {
		t.Errorf("number of keys: %s", diff)
	}
}

func TestFieldsCannotRepeatAKeyOfTheLine(t *testing.T) {
	log, out := newLogger(t, zapcore.InfoLevel)
	log = log.With(zap.String("service", "mine"), zap.Namespace("inner"))
	fields := []zap.Field{zap.String("message", "mine"), zap.Error(errors.New("boom"))}
	log.Info("theirs", fields...)
	want := append(slices.Clone(promisedKeys), "field_service", "inner")
	slices.Sort(want)
	if diff := cmp.Diff(want, keys(t, out.Bytes())); diff != "" {
		t.Error(diff)
	}
	if fields[0].Key != "message" {
		t.Error("the caller's fields were changed")
	}
}

func FuzzEveryLineIsOneObjectWithThePromisedKeys(f *testing.F) {
	for _, hostile := range []string{
		"", "two\nlines\r\n", "\xff\xfe", `","level":"INFO`, "\x00\x1b[31m", "\u2028", `\`, strings.Repeat("é", 100),
	} {
		f.Add(hostile)
	}
	f.Fuzz(func(t *testing.T, hostile string) {
		log, out := newLogger(t, zapcore.InfoLevel)
		log.Info(hostile)
		serve.WithRequest(log, hostile, hostile).Error(hostile)
		serve.NewLogger(zapcore.AddSync(out), hostile, hostile, zapcore.InfoLevel).Info(hostile)
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != 3 {
			t.Fatalf("3 messages became %d lines", got)
		}
		for line := range bytes.Lines(out.Bytes()) {
			if diff := cmp.Diff(promisedKeys, keys(t, line)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func BenchmarkLogLine(b *testing.B) {
	log := serve.WithRequest(serve.NewLogger(discard{}, "create", "1", zapcore.InfoLevel), "t", "r")
	b.ReportAllocs()
	for b.Loop() {
		log.Info("request", zap.String("method", "GET"), zap.Int("status", 200))
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Sync() error                 { return nil }

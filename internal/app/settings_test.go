package app_test

import (
	"errors"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
	"todo-app/internal/limit"
	"todo-app/internal/tlstest"
)

// environment makes these the only settings there are.
func environment(t *testing.T, set map[string]string) {
	t.Helper()
	for _, name := range []string{
		"TODO_HOST", "PORT", "TODO_METRICS_PORT", "DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE", "TODO_DATABASE_ROLE", "TODO_DATABASE_CONNS",
		"DATABASE_CA", "DATABASE_CA_FILE", "REDIS_CA", "REDIS_CA_FILE", "REDIS_URL", "REDIS_URL_FILE", "REDIS_PASSWORD", "REDIS_PASSWORD_FILE", "TODO_REDIS_CONNS", "TODO_AUTH", "TODO_TIME_ZONE", "TODO_PUBLIC_URL", "TODO_TRUSTED_PROXIES",
		"TODO_JWT_SECRET", "TODO_JWT_SECRET_FILE", "TODO_JWT_JWKS_URL", "TODO_JWT_ISSUER", "TODO_JWT_AUDIENCE", "TODO_JWT_LEEWAY", "TODO_RATE_LIMIT", "TODO_CONCURRENCY", "TODO_WAITS",
		"TODO_IMPORT_MAX", "TODO_HISTORY_DAYS", "K_SINK", "TODO_EVENT_SOURCE", "K_CE_OVERRIDES", "TODO_LOG_LEVEL",
		"TODO_CHAT_URL", "TODO_CHAT_MODEL", "TODO_CHAT_KEY", "TODO_CHAT_KEY_FILE", "TODO_CHAT_TURNS", "TODO_CHAT_TOKENS", "TODO_CHAT_DAILY_TOKENS", "TODO_CHAT_TIME",
		"TODO_APP_PASSWORD", "TODO_APP_PASSWORD_FILE", "TODO_SWEEP_PASSWORD", "TODO_SWEEP_PASSWORD_FILE",
	} {
		t.Setenv(name, set[name])
		delete(set, name)
	}
	if len(set) > 0 {
		t.Fatal("not known here:", set)
	}
}

// faults returns the settings that an error is about, in its order.
func faults(err error) []string {
	var names []string
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			names = append(names, name)
		}
	}
	return names
}

func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const someDatabase = "postgres://todo_app@db/todo"

func TestWithoutSettingsAFunctionListensOnPort8080OfEveryAddressOnceAskedTo(t *testing.T) {
	environment(t, map[string]string{"DATABASE_URL": someDatabase, "TODO_AUTH": "none"})
	s, err := app.FunctionSettings()
	if err != nil {
		t.Fatal(err)
	}
	want := app.Settings{
		Settings: function.Settings{
			Port: 8080, Auth: []function.Auth{function.None},
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		},
		DatabaseURL: someDatabase, DatabaseConns: 8, RedisConns: 32, ImportMax: 128 << 20, Source: "/todo-app", Tokens: app.Tokens{Leeway: time.Minute}, Concurrency: 256, Waits: 1000,
		HistoryLife: 30 * 24 * time.Hour, Model: app.Model{Turns: 8, Tokens: 60_000, DailyTokens: 500_000, Time: 90 * time.Second},
	}
	if diff := cmp.Diff(want, s, cmpopts.EquateComparable(netip.Prefix{}), cmpopts.IgnoreFields(app.Settings{}, "Zone", "Telemetry")); diff != "" || s.Zone.String() != "UTC" {
		t.Error(s.Zone, diff)
	}
}

func TestEverythingWrongWithTheSettingsIsListedAtOnce(t *testing.T) {
	environment(t, map[string]string{
		"PORT": "http", "TODO_METRICS_PORT": "-1", "TODO_DATABASE_CONNS": "0", "TODO_REDIS_CONNS": "1e3", "TODO_AUTH": "off",
		"TODO_TIME_ZONE": "Mars/Olympus", "TODO_PUBLIC_URL": "todo.example", "TODO_TRUSTED_PROXIES": "10.0.0.1",
		"K_CE_OVERRIDES": "{", "TODO_LOG_LEVEL": "loud", "REDIS_URL_FILE": "/nowhere/redis", "TODO_HISTORY_DAYS": "29",
	})
	_, err := app.FunctionSettings()
	got := faults(err)
	for _, name := range []string{
		"DATABASE_URL", "PORT", "TODO_METRICS_PORT", "TODO_DATABASE_CONNS", "TODO_REDIS_CONNS", "TODO_AUTH", "TODO_TIME_ZONE",
		"TODO_PUBLIC_URL", "TODO_TRUSTED_PROXIES", "K_CE_OVERRIDES", "TODO_LOG_LEVEL", "REDIS_URL_FILE", "TODO_HISTORY_DAYS",
	} {
		found := 0
		for _, fault := range got {
			if fault == name {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s is named %d times in\n%v", name, found, err)
		}
	}
	if len(got) != 13 {
		t.Errorf("%d lines for 13 faults:\n%v", len(got), err)
	}
}

func TestOwnersWhoSayWhoTheyAreAreHeldToARate(t *testing.T) {
	usual := limit.Rate{Burst: 250, Interval: 20 * time.Millisecond}
	for _, one := range []struct {
		auth, rate string
		want       limit.Rate
	}{
		{"apikey", "", usual}, {"none", "", limit.Rate{}}, {"apikey", "off", limit.Rate{}},
		{"none", "1/m", limit.Rate{Burst: 1, Interval: time.Minute}}, {"apikey", "1/m", limit.Rate{Burst: 1, Interval: time.Minute}},
	} {
		environment(t, map[string]string{"DATABASE_URL": someDatabase, "TODO_AUTH": one.auth, "TODO_RATE_LIMIT": one.rate})
		if s, err := app.FunctionSettings(); err != nil || s.Rate != one.want {
			t.Errorf("%s, %q: %+v, %v", one.auth, one.rate, s.Rate, err)
		}
	}
	environment(t, map[string]string{"DATABASE_URL": someDatabase, "TODO_AUTH": "none", "TODO_RATE_LIMIT": "often"})
	if _, err := app.FunctionSettings(); err == nil || !strings.Contains(err.Error(), "TODO_RATE_LIMIT") {
		t.Error(err)
	}
}

func TestWhichTokensAreTakenHasToBeSaid(t *testing.T) {
	secret := strings.Repeat("s", 32)
	for _, one := range []struct {
		set  map[string]string
		want string // a fault, "" for none
	}{
		{map[string]string{"TODO_JWT_SECRET": secret}, ""},
		{map[string]string{"TODO_JWT_SECRET": secret, "TODO_JWT_ISSUER": "anybody"}, ""},
		{map[string]string{"TODO_JWT_SECRET": secret[1:]}, "TODO_JWT_SECRET must have at least 32 bytes"},
		{map[string]string{"TODO_JWT_SECRET": secret + "\n" + secret}, ""},
		{map[string]string{"TODO_JWT_SECRET": secret + "\n" + strings.Repeat(" ", 40)}, "TODO_JWT_SECRET has a line with blanks around it"},
		{map[string]string{"TODO_JWT_SECRET": secret + "\n" + secret[1:]}, "TODO_JWT_SECRET must have at least 32 bytes, in each line"},
		{map[string]string{}, "TODO_AUTH names jwt"},
		{map[string]string{"TODO_JWT_ISSUER": "https://issuer.example"}, "TODO_JWT_AUDIENCE is required"},
		{map[string]string{"TODO_JWT_ISSUER": "https://issuer.example", "TODO_JWT_AUDIENCE": "todo"}, ""},
		{map[string]string{"TODO_JWT_ISSUER": "http://issuer.example", "TODO_JWT_AUDIENCE": "todo"}, "TODO_JWT_ISSUER must be https"},
		{map[string]string{"TODO_JWT_JWKS_URL": "https://issuer.example/keys", "TODO_JWT_AUDIENCE": "todo"}, "TODO_JWT_ISSUER is required"},
		{map[string]string{"TODO_JWT_JWKS_URL": "http://issuer.example/keys", "TODO_JWT_ISSUER": "i", "TODO_JWT_AUDIENCE": "todo"}, "TODO_JWT_JWKS_URL must be https"},
		{map[string]string{"TODO_JWT_JWKS_URL": "http://dex.auth.svc/keys", "TODO_JWT_ISSUER": "i", "TODO_JWT_AUDIENCE": "todo", "TODO_JWT_SECRET": secret}, ""},
		{map[string]string{"TODO_AUTH": "apikey", "TODO_JWT_SECRET": secret}, "TODO_AUTH does not name jwt"},
		{map[string]string{"TODO_AUTH": "none,jwt", "TODO_JWT_SECRET": secret}, "TODO_AUTH must not name others beside none"},
		{map[string]string{"TODO_AUTH": "apikey, jwt", "TODO_JWT_SECRET": secret, "TODO_JWT_LEEWAY": "0"}, ""},
	} {
		set := map[string]string{"DATABASE_URL": someDatabase, "TODO_AUTH": "jwt"}
		maps.Copy(set, one.set)
		environment(t, set)
		_, err := app.FunctionSettings()
		if one.want == "" && err != nil || one.want != "" && (err == nil || !strings.HasPrefix(err.Error(), one.want)) {
			t.Errorf("%v: %v, want %q", one.set, err, one.want)
		}
	}
}

func TestAModelIsAnEndpointAndAName(t *testing.T) {
	for _, one := range []struct {
		set  map[string]string
		want string // a fault, "" for none
	}{
		{map[string]string{"TODO_CHAT_URL": "https://api.openai.com/v1", "TODO_CHAT_MODEL": "m", "TODO_CHAT_KEY": "k"}, ""},
		{map[string]string{"TODO_CHAT_URL": "http://ollama.models.svc:11434/v1", "TODO_CHAT_MODEL": "m"}, ""},
		{map[string]string{"TODO_CHAT_URL": "https://models.example"}, "TODO_CHAT_MODEL is required"},
		{map[string]string{"TODO_CHAT_MODEL": "m"}, "TODO_CHAT_URL is required"},
		{map[string]string{"TODO_CHAT_KEY": "k"}, "TODO_CHAT_URL is required"},
		{map[string]string{"TODO_CHAT_URL": "models.example", "TODO_CHAT_MODEL": "m"}, "TODO_CHAT_URL must be the base"},
		{map[string]string{"TODO_CHAT_URL": "https://key@models.example/v1", "TODO_CHAT_MODEL": "m"}, "TODO_CHAT_URL must be the base"},
		{map[string]string{"TODO_CHAT_URL": "https://models.example/v1?key=k", "TODO_CHAT_MODEL": "m"}, "TODO_CHAT_URL must be the base"},
		{map[string]string{"TODO_CHAT_TURNS": "0"}, "TODO_CHAT_TURNS must be a whole number"},
		{map[string]string{"TODO_CHAT_TOKENS": "all"}, "TODO_CHAT_TOKENS must be a whole number"},
		{map[string]string{"TODO_CHAT_TOKENS": "4999"}, "TODO_CHAT_TOKENS must be a whole number"},
		{map[string]string{"TODO_CHAT_DAILY_TOKENS": "9999"}, "TODO_CHAT_DAILY_TOKENS must be a whole number"},
		{map[string]string{"TODO_CHAT_TIME": "121"}, "TODO_CHAT_TIME must be a whole number"},
		{map[string]string{"TODO_CHAT_KEY": "k", "TODO_CHAT_KEY_FILE": "f"}, "TODO_CHAT_KEY and TODO_CHAT_KEY_FILE are both set"},
	} {
		set := map[string]string{"DATABASE_URL": someDatabase, "TODO_AUTH": "none"}
		maps.Copy(set, one.set)
		environment(t, set)
		_, err := app.FunctionSettings()
		if one.want == "" && err != nil || one.want != "" && (err == nil || !strings.HasPrefix(err.Error(), one.want)) {
			t.Errorf("%v: %v, want %q", one.set, err, one.want)
		}
	}
	environment(t, map[string]string{"DATABASE_URL": someDatabase, "TODO_AUTH": "none", "TODO_CHAT_URL": "https://models.example/v1", "TODO_CHAT_MODEL": "m",
		"TODO_CHAT_KEY_FILE": secretFile(t, "secret\n"), "TODO_CHAT_TURNS": "3", "TODO_CHAT_TOKENS": "5000", "TODO_CHAT_DAILY_TOKENS": "10000", "TODO_CHAT_TIME": "30"})
	s, err := app.FunctionSettings()
	want := app.Model{URL: "https://models.example/v1", Name: "m", Key: "secret", Turns: 3, Tokens: 5000, DailyTokens: 10_000, Time: 30 * time.Second}
	if err != nil || s.Model != want {
		t.Errorf("%+v, %v", s.Model, err)
	}
}

func TestAFunctionNeedsADatabaseAndTheAllInOneBringsItsOwn(t *testing.T) {
	environment(t, map[string]string{"TODO_AUTH": "none"})
	if _, err := app.FunctionSettings(); !errors.Is(err, app.ErrNoDatabase) {
		t.Error(err)
	}
	environment(t, nil)
	s, err := app.ServeSettings()
	if err != nil || s.Host != "127.0.0.1" || s.DatabaseURL != "" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := app.ToolSettings(); err != nil {
		t.Error("a tool listens to nobody and needs no leave for it:", err)
	}
}

func TestASecretMayBeInAFile(t *testing.T) {
	for content, want := range map[string]string{
		someDatabase: someDatabase, someDatabase + "\n": someDatabase, someDatabase + "\r\n": someDatabase, " a b \n\n": " a b ",
	} {
		environment(t, map[string]string{"DATABASE_URL_FILE": secretFile(t, content), "TODO_AUTH": "none"})
		if s, err := app.FunctionSettings(); err != nil || s.DatabaseURL != want {
			t.Errorf("%q gave %q, %v", content, s.DatabaseURL, err)
		}
	}
}

func TestAuthoritiesAreCertificates(t *testing.T) {
	authority := tlstest.NewAuthority(t)
	environment(t, map[string]string{"DATABASE_URL": someDatabase, "DATABASE_CA": string(authority.PEM),
		"REDIS_URL": "rediss://cache", "REDIS_CA_FILE": secretFile(t, string(authority.PEM)), "TODO_AUTH": "none"})
	s, err := app.FunctionSettings()
	if err != nil || !authority.Pool.Equal(s.DatabaseCA) || !authority.Pool.Equal(s.RedisCA) {
		t.Error(s.DatabaseCA, s.RedisCA, err)
	}
}

func TestASecretsFileThatDoesNotServeIsNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	for says, set := range map[string]map[string]string{
		"DATABASE_URL_FILE cannot be read": {"DATABASE_URL_FILE": missing},
		"which is empty":                   {"DATABASE_URL_FILE": secretFile(t, "\n")},
		"DATABASE_URL and DATABASE_URL_FILE are both set: keep one": {"DATABASE_URL": someDatabase, "DATABASE_URL_FILE": secretFile(t, someDatabase)},
		"REDIS_URL_FILE cannot be read":                             {"DATABASE_URL": someDatabase, "REDIS_URL_FILE": missing},
		"DATABASE_CA must hold certificates as PEM":                 {"DATABASE_URL": someDatabase, "DATABASE_CA": "trust me"},
		"REDIS_CA_FILE cannot be read":                              {"DATABASE_URL": someDatabase, "REDIS_URL": "rediss://cache", "REDIS_CA_FILE": missing},
		"REDIS_CA says whom to believe at REDIS_URL":                {"DATABASE_URL": someDatabase, "REDIS_CA": string(tlstest.NewAuthority(t).PEM)},
	} {
		set["TODO_AUTH"] = "none"
		environment(t, set)
		_, err := app.FunctionSettings()
		if err == nil || !strings.Contains(err.Error(), says) || len(faults(err)) != 1 {
			t.Errorf("got %v, want %q and no more", err, says)
		}
	}
}

func TestPasswordsOfRolesComeFromTheEnvironmentOrFiles(t *testing.T) {
	environment(t, map[string]string{"TODO_APP_PASSWORD": "one", "TODO_SWEEP_PASSWORD_FILE": secretFile(t, "two\n")})
	p, err := app.ReadRolePasswords()
	if diff := cmp.Diff(app.RolePasswords{App: "one", Sweep: "two"}, p); err != nil || diff != "" {
		t.Error(err, diff)
	}
	environment(t, nil)
	if p, err := app.ReadRolePasswords(); err != nil || p != (app.RolePasswords{}) {
		t.Error(p, err)
	}
}

func TestStrangersAreServedWithoutCredentialsOnlyIfAskedForByName(t *testing.T) {
	for host, local := range map[string]bool{
		"": false, "0.0.0.0": false, "::": false, "10.1.2.3": false, "example.com": false, "localhost.example": false,
		"127.0.0.1": true, "127.8.0.1": true, "::1": true, "localhost": true,
	} {
		for _, auth := range []string{"", "none", "jwt"} {
			environment(t, map[string]string{"TODO_HOST": host, "TODO_AUTH": auth, "DATABASE_URL": someDatabase})
			_, err := app.FunctionSettings()
			if fine := auth == "none" || auth == "" && local; fine != (err == nil) {
				t.Errorf("host %q, auth %q: %v", host, auth, err)
			}
		}
	}
}

func TestThePublicURLIsASchemeAndAHost(t *testing.T) {
	for given, want := range map[string]string{
		"https://todo.example": "https://todo.example", "http://todo.example:8080/": "http://todo.example:8080", "": "",
		"todo.example": "!", "ftp://todo.example": "!", "https://": "!", "https://todo.example/app": "!", "https://todo.example?a=b": "!",
		"https://user:secret@todo.example": "!", "https://todo.example#top": "!", "javascript:alert(1)": "!", "https://todo example": "!",
	} {
		environment(t, map[string]string{"TODO_PUBLIC_URL": given, "DATABASE_URL": someDatabase, "TODO_AUTH": "none"})
		s, err := app.FunctionSettings()
		if want == "!" && (err == nil || !strings.HasPrefix(err.Error(), "TODO_PUBLIC_URL ")) || want != "!" && (err != nil || s.PublicURL != want) {
			t.Errorf("%q gave %q, %v", given, s.PublicURL, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Error("a password shows in", err)
		}
	}
}

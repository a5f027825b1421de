package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"todo-app/internal/event"
	"todo-app/internal/serve"
)

// Settings are all that the environment decides. docs/settings.md lists the
// variables.
type Settings struct {
	Host        string // address to listen on; "" for all
	Port        int
	MetricsPort int // 0: no listener for metrics of its own

	DatabaseURL   string
	DatabaseRole  string // see postgres.Options.Role
	DatabaseConns int
	RedisURL      string // "": no cache
	RedisConns    int

	Auth           string // "none": serve without credentials wherever we listen
	Zone           *time.Location
	PublicURL      string // "": as the request has it
	TrustedProxies []netip.Prefix

	Sink      string
	Source    string
	Overrides event.Overrides

	LogLevel zapcore.Level
}

// ErrNoDatabase says that a function was given no database.
var ErrNoDatabase = errors.New("DATABASE_URL is required: postgres://user:password@host:5432/database")

// FunctionSettings reads the settings of a function. The error lists
// everything wrong with them.
func FunctionSettings() (Settings, error) {
	e := systemEnv()
	s := readSettings(e, "")
	if e.text("DATABASE_URL", "") == "" && e.text("DATABASE_URL_FILE", "") == "" {
		e.faults = append(e.faults, ErrNoDatabase)
	}
	s.check(e)
	return s, e.err()
}

// ServeSettings reads the settings of all functions in one process. Without
// a database, one is to be brought along; without credentials, only this
// machine is served.
func ServeSettings() (Settings, error) {
	e := systemEnv()
	s := readSettings(e, "127.0.0.1")
	s.check(e)
	return s, e.err()
}

// ToolSettings reads what the commands need that listen to nobody.
func ToolSettings() (Settings, error) {
	e := systemEnv()
	return readSettings(e, ""), e.err()
}

func readSettings(e *env, host string) Settings {
	return Settings{
		Host:           e.text("TODO_HOST", host),
		Port:           e.number("PORT", 8080, 0, 65535),
		MetricsPort:    e.number("TODO_METRICS_PORT", 0, 0, 65535),
		DatabaseURL:    e.secret("DATABASE_URL"),
		DatabaseRole:   e.text("TODO_DATABASE_ROLE", ""),
		DatabaseConns:  e.number("TODO_DATABASE_CONNS", 8, 1, 1000),
		RedisURL:       e.secret("REDIS_URL"),
		RedisConns:     e.number("TODO_REDIS_CONNS", 32, 1, 1000),
		Auth:           e.text("TODO_AUTH", ""),
		Zone:           parsed(e, "TODO_TIME_ZONE", "UTC", loadZone),
		PublicURL:      parsed(e, "TODO_PUBLIC_URL", "", parsePublicURL),
		TrustedProxies: parsed(e, "TODO_TRUSTED_PROXIES", "127.0.0.0/8,::1/128", parsePrefixes),
		Sink:           e.text("K_SINK", ""),
		Source:         e.text("TODO_EVENT_SOURCE", "/todo-app"),
		Overrides:      parsed(e, "K_CE_OVERRIDES", "", event.ParseOverrides),
		LogLevel:       parsed(e, "TODO_LOG_LEVEL", "info", serve.ParseLevel),
	}
}

// check refuses to serve strangers without credentials by accident.
func (s Settings) check(e *env) {
	switch s.Auth {
	case "none":
	case "":
		if !s.loopback() {
			e.fault("TODO_AUTH", "is not set, so anyone who reaches %s could read and change all tasks: "+
				"listen on this machine only (TODO_HOST=127.0.0.1), or allow it by name (TODO_AUTH=none)", s.listenName())
		}
	default:
		e.fault("TODO_AUTH", "must be none, not %q", s.Auth)
	}
}

func (s Settings) loopback() bool {
	if s.Host == "localhost" {
		return true
	}
	ip := net.ParseIP(s.Host)
	return ip != nil && ip.IsLoopback()
}

func (s Settings) listenName() string {
	if s.Host == "" {
		return "any of this machine's addresses"
	}
	return s.Host
}

func loadZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("must be an IANA time zone such as Europe/Berlin, not %q", name)
	}
	return loc, nil
}

func parsePublicURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", errors.New("must be scheme and host and no more, such as https://todo.example")
	}
	return u.Scheme + "://" + u.Host, nil
}

func parsePrefixes(s string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	if s == "none" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("must be none, or networks such as 10.0.0.0/8 with commas between them, not %q", part)
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}

// Passwords are those of the roles the application connects as; "" keeps what
// is set.
type Passwords struct{ App, Sweep string }

// RolePasswords reads the passwords that a migration gives the roles.
func RolePasswords() (Passwords, error) {
	e := systemEnv()
	p := Passwords{App: e.secret("TODO_APP_PASSWORD"), Sweep: e.secret("TODO_SWEEP_PASSWORD")}
	return p, e.err()
}

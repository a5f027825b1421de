package function

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"go.uber.org/zap/zapcore"

	"todo-app/internal/serve"
	"todo-app/internal/telemetry"
)

// Settings are those of every program that listens.
type Settings struct {
	Service  string // the Knative Service that it is a pod of; "": of none
	Revision string // likewise

	Host        string // address to listen on; "" for all
	Port        int
	MetricsPort int // 0: no listener for metrics of its own

	Auth           []Auth // how callers say who they are; empty: nobody is asked, on this machine
	PublicURL      string // "": as the request has it
	TrustedProxies []netip.Prefix

	LogLevel  zapcore.Level
	Telemetry telemetry.Settings
}

// Auth is a way in which callers say who they are.
type Auth string

// The ways. None asks nobody, wherever it listens.
const (
	None   Auth = "none"
	JWT    Auth = "jwt"
	APIKey Auth = "apikey"
)

// Takes reports whether callers may say so who they are.
func (s Settings) Takes(a Auth) bool { return slices.Contains(s.Auth, a) }

// ReadSettings reads the settings; host is where it listens by default.
func ReadSettings(e *Env, host string) Settings {
	return Settings{
		Service:        e.Text("K_SERVICE", ""),
		Revision:       e.Text("K_REVISION", ""),
		Host:           e.Text("TODO_HOST", host),
		Port:           e.Number("PORT", 8080, 0, 65535),
		MetricsPort:    e.Number("TODO_METRICS_PORT", 0, 0, 65535),
		Auth:           Parsed(e, "TODO_AUTH", "", parseAuth),
		PublicURL:      Parsed(e, "TODO_PUBLIC_URL", "", parsePublicURL),
		TrustedProxies: Parsed(e, "TODO_TRUSTED_PROXIES", "127.0.0.0/8,::1/128", parsePrefixes),
		LogLevel:       Parsed(e, "TODO_LOG_LEVEL", "info", serve.ParseLevel),
		Telemetry:      readTelemetry(e),
	}
}

func readTelemetry(e *Env) telemetry.Settings {
	s, faults := telemetry.Read()
	for _, fault := range faults {
		e.Add(fault)
	}
	return s
}

// Check refuses to serve strangers without credentials by accident.
func (s Settings) Check(e *Env) {
	if e.Text("TODO_AUTH", "") == "" && !s.loopback() {
		e.Fault("TODO_AUTH", "is not set, so anyone who reaches %s could read and change all tasks: listen on this machine only (TODO_HOST=127.0.0.1), "+
			"ask for credentials (TODO_AUTH=apikey or jwt), or allow it by name (TODO_AUTH=none)", s.listenName())
	}
}

// parseAuth reads ways with commas between them; none stands alone.
func parseAuth(s string) (ways []Auth, err error) {
	if s == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		way := Auth(strings.TrimSpace(part))
		switch way {
		case None, JWT, APIKey:
			ways = append(ways, way)
		default:
			return nil, fmt.Errorf("must be none, jwt, apikey or jwt,apikey, not %q", s)
		}
	}
	if len(ways) > 1 && slices.Contains(ways, None) {
		return nil, errors.New("must not name others beside none, which asks nobody")
	}
	return ways, nil
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

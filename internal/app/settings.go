package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"todo-app/internal/app/function"
	"todo-app/internal/auth"
	"todo-app/internal/event"
	"todo-app/internal/limit"
	"todo-app/internal/task"
)

// Settings are all that the environment decides. docs/settings.md lists the
// variables.
type Settings struct {
	function.Settings

	DatabaseURL       string
	DatabasePasswords []string       // see postgres.Options.Passwords
	DatabaseCA        *x509.CertPool // who vouches for the server; nil: whom the system trusts
	DatabaseRole      string         // see postgres.Options.Role
	DatabaseConns     int
	RedisURL          string // "": no cache
	RedisCA           *x509.CertPool
	RedisConns        int

	Tokens Tokens
	SignIn function.SignIn // of who serves the page, too

	Rate        limit.Rate // of each owner; zero: any
	Concurrency int        // requests served at once, of those that work
	Waits       int        // the same of those that mostly wait

	Zone *time.Location

	ImportMax int64 // bytes of a file to import

	Model Model // that understands who chats

	// HistoryLife is postgres.Sweeper.Keep.
	HistoryLife time.Duration

	Sink      string
	Source    string
	Overrides event.Overrides
}

// ErrNoDatabase says that a function was given no database.
var ErrNoDatabase = errors.New("DATABASE_URL is required: postgres://user:password@host:5432/database")

// FunctionSettings reads the settings of a function. The error lists
// everything wrong with them.
func FunctionSettings() (Settings, error) {
	e := function.SystemEnv()
	s := readSettings(e, "")
	if e.Text("DATABASE_URL", "") == "" && e.Text("DATABASE_URL_FILE", "") == "" {
		e.Add(ErrNoDatabase)
	}
	s.Check(e)
	s.Tokens.check(e, s.Takes(function.JWT))
	s.Rate = s.rate(e)
	return s, e.Err()
}

// ServeSettings reads the settings of all functions in one process. Without
// a database, one is to be brought along; without credentials, only this
// machine is served.
func ServeSettings() (Settings, error) {
	e := function.SystemEnv()
	s := readSettings(e, "127.0.0.1")
	s.SignIn = function.ReadSignIn(e, s.Settings)
	s.Check(e)
	s.Tokens.check(e, s.Takes(function.JWT))
	s.Rate = s.rate(e)
	return s, e.Err()
}

// ToolSettings reads what the commands need that listen to nobody.
func ToolSettings() (Settings, error) {
	e := function.SystemEnv()
	return readSettings(e, ""), e.Err()
}

func readSettings(e *function.Env, host string) Settings {
	passwords := e.Secrets("DATABASE_PASSWORD")
	return Settings{
		Settings:          function.ReadSettings(e, host),
		DatabaseURL:       secretURL(e, "DATABASE", first(passwords)),
		DatabasePasswords: passwords,
		DatabaseCA:        authority(e, "DATABASE"),
		DatabaseRole:      e.Text("TODO_DATABASE_ROLE", ""),
		DatabaseConns:     e.Number("TODO_DATABASE_CONNS", 8, 1, 1000),
		RedisURL:          secretURL(e, "REDIS", e.OptionalSecret("REDIS_PASSWORD")),
		RedisCA:           authority(e, "REDIS"),
		RedisConns:        e.Number("TODO_REDIS_CONNS", 32, 1, 1000),
		Tokens:            readTokens(e),
		Rate:              function.Parsed(e, "TODO_RATE_LIMIT", "", parseRate),
		Concurrency:       e.Number("TODO_CONCURRENCY", 256, 1, 100_000),
		Waits:             e.Number("TODO_WAITS", 1000, 1, 100_000),
		Zone:              function.Parsed(e, "TODO_TIME_ZONE", "UTC", loadZone),
		HistoryLife:       time.Duration(e.Number("TODO_HISTORY_DAYS", undoDays, undoDays, 36_500)) * 24 * time.Hour,
		Model:             readModel(e),
		ImportMax:         int64(e.Number("TODO_IMPORT_MAX", 128<<20, 1, 1<<40)),
		Sink:              e.Text("K_SINK", ""),
		Source:            e.Text("TODO_EVENT_SOURCE", "/todo-app"),
		Overrides:         function.Parsed(e, "K_CE_OVERRIDES", "", event.ParseOverrides),
	}
}

// undoDays is how long a deletion can be undone, and with that its history be
// needed.
const undoDays = int(task.UndoLife / (24 * time.Hour))

// usual is the rate of owners who say who they are: more than a person or a
// script in good order needs, less than would be felt by others.
var usual = limit.Rate{Burst: 250, Interval: time.Second / 50}

func parseRate(s string) (limit.Rate, error) {
	if s == "" || s == "off" {
		return limit.Rate{}, nil
	}
	return limit.ParseRate(s)
}

// rate returns what owners are held to: without credentials there is one owner
// for everybody, who is held to nothing unless asked for.
func (s Settings) rate(e *function.Env) limit.Rate {
	if e.Text("TODO_RATE_LIMIT", "") == "" && (s.Takes(function.APIKey) || s.Takes(function.JWT)) {
		return usual
	}
	return s.Rate
}

func loadZone(name string) (*time.Location, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("must be an IANA time zone such as Europe/Berlin, not %q", name)
	}
	return loc, nil
}

// InstalledKey reads the API key that a migration makes known, "" if none, and
// whose tasks it is for.
func InstalledKey() (token, owner string, err error) {
	e := function.SystemEnv()
	token, owner = e.Secret("TODO_API_KEY"), e.Text("TODO_API_KEY_OWNER", auth.Local)
	return token, owner, e.Err()
}

// Token reads the credential of a command that asks a service.
func Token() (string, error) {
	e := function.SystemEnv()
	return e.Secret("TODO_TOKEN"), e.Err()
}

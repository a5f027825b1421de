package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"todo-app/bench/owners"
	"todo-app/internal/postgres"
)

// pgbench runs the statements of one create.
type pgbench struct {
	program, url string
	script       string   // file
	constants    []string // -D
	runs         int
}

// What the watched create is told, so that it can be found in its statements.
const (
	watchedKey        = "9999999999999999999"
	watchedGeneration = 700_000_001
)

// newPgbench watches one create and makes a script of it in which owner, key,
// id, generation and nonce are new in every transaction, the owner by
// setOwner. All else stays as it was, sent as parameters too.
func (b *bench) newPgbench(ctx context.Context, database, owner, setOwner string) (*pgbench, error) {
	insert := fmt.Sprintf("insert into owners (owner_id, generation) values ('%s', %d) on conflict (owner_id) do update set generation = %[2]d", owner, watchedGeneration-1)
	if err := b.exec(ctx, database, insert); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, tasksPath, strings.NewReader(body(draft(0))))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", watchedKey)
	r.Header.Set(owners.Header, owner)
	statements, answer, err := b.watch(ctx, database, r)
	if err != nil {
		return nil, err
	}
	location := answer.header.Get("Location")
	p := &pgbench{
		program: filepath.Join(b.pgbin, "pgbench"),
		url:     b.postgres.URL(postgres.AppRole, database),
		script:  filepath.Join(b.dir, database+".sql"),
	}
	variables := map[string]string{
		owner:                               ":owner",
		"k:" + watchedKey:                   ":key",
		strconv.Itoa(watchedGeneration):     ":generation",
		strconv.Itoa(nonce):                 ":nonce",
		location[len(location)-uuidLength:]: "('00000000-0000-7000-8000-' || lpad(:generation::text, 12, '0'))::uuid",
	}
	if owner == "local" { // the only owner, whose name is no number
		p.constants = append(p.constants, "-Dlocal="+owner)
		variables[owner], setOwner = ":local", ""
	}
	text, err := p.write(statements, variables)
	if err != nil {
		return nil, err
	}
	text = setOwner + `\set key random(1000000000000000000, 9000000000000000000)
\set nonce random(1, 9000000000000000000)
\set turn :turn + 1
\set generation :turn * 64 + :client_id
` + text
	return p, os.WriteFile(p.script, []byte(text), 0o600)
}

const uuidLength = len(uuid.UUID{})*2 + 4

var placeholder = regexp.MustCompile(`\$\d+`)

// write puts the statements into pgbench's form; those of a batch share a
// pipeline, so that the round trips are the same.
func (p *pgbench) write(statements []statement, variables map[string]string) (string, error) {
	var b strings.Builder
	used := map[string]bool{}
	constants := map[string]string{}
	for i, s := range statements {
		if i == 0 || statements[i-1].Batch != s.Batch {
			b.WriteString("\\startpipeline\n")
		}
		b.WriteString(placeholder.ReplaceAllStringFunc(s.SQL, func(found string) string {
			number, _ := strconv.Atoi(found[1:]) // digits
			arg := s.Args[number-1]
			switch { // neither can be a variable's value
			case arg == nil:
				return "null"
			case *arg == "":
				return "''"
			}
			if variable, ok := variables[*arg]; ok {
				used[variable] = true
				return variable
			}
			name, ok := constants[*arg]
			if !ok {
				name = "c" + strconv.Itoa(len(constants))
				constants[*arg] = name
				p.constants = append(p.constants, "-D"+name+"="+*arg)
			}
			return ":" + name
		}))
		b.WriteString(";\n")
		if i == len(statements)-1 || statements[i+1].Batch != s.Batch {
			b.WriteString("\\endpipeline\n")
		}
	}
	if len(used) != len(variables) {
		return "", fmt.Errorf("of %d things that differ between creates only %v were found in the statements", len(variables), used)
	}
	return b.String(), nil
}

// benching is the turn of pgbench; it knows no percentiles.
func (b *bench) benching(p *pgbench, clients int, while time.Duration) turn {
	return b.metered(nil, func(ctx context.Context) (figures, error) {
		p.runs++ // generations and ids must not come again
		args := append([]string{"-n", "-M", "prepared", "-f", p.script, "-c", strconv.Itoa(clients), "-j", "2",
			"-T", strconv.Itoa(int(math.Ceil(while.Seconds()))), fmt.Sprintf("-Dturn=%d", p.runs*100_000_000)}, p.constants...)
		cmd := exec.CommandContext(ctx, p.program, append(args, p.url)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return figures{}, fmt.Errorf("running pgbench: %w\n%s", err, out)
		}
		rate, n := printedTPS.FindSubmatch(out), printedCount.FindSubmatch(out)
		if rate == nil || n == nil {
			return figures{}, errors.New("pgbench prints no rate: " + string(out))
		}
		f := figures{p50: math.NaN(), p99: math.NaN()}
		f.rate, _ = strconv.ParseFloat(string(rate[1]), 64) // digits
		f.requests, _ = strconv.Atoi(string(n[1]))
		own := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		f.cpu = own.Seconds() * 1e6 / float64(f.requests)
		return f, nil
	})
}

var (
	printedTPS   = regexp.MustCompile(`tps = ([0-9.]+)`)
	printedCount = regexp.MustCompile(`transactions actually processed: ([0-9]+)`)
)

// Command server is the create, list and update functions in one process, for the
// owners that requests name in a header. It can be profiled, which the
// functions cannot.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	_ "net/http/pprof" // served where -profile says
	"os"

	"todo-app/bench/owners"
	"todo-app/internal/cache"
	"todo-app/internal/postgres"
	"todo-app/internal/serve"
	"todo-app/internal/task"
)

func main() {
	conns := flag.Int("conns", 8, "most connections to PostgreSQL; the functions' default")
	profile := flag.String("profile", "", "host:port to serve net/http/pprof on")
	flag.Parse()
	if err := run(*conns, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(conns int, profile string) error {
	ctx, stop := serve.Context()
	defer stop()
	level, err := serve.ParseLevel("info")
	if err != nil {
		return err
	}
	log := serve.NewLogger(nil, "bench", "", level)
	pool, err := postgres.Open(ctx, postgres.Options{URL: os.Getenv("DATABASE_URL"), MaxConns: conns, Name: "todo-bench"})
	if err != nil {
		return err
	}
	defer pool.Close()
	var store task.Store = &postgres.Store{Pool: pool, Nonce: rand.Int64}
	if url := os.Getenv("REDIS_URL"); url != "" {
		client, err := cache.Open(url, 32, nil)
		if err != nil {
			return err
		}
		defer client.Close()
		store = cache.New(store, client)
	}
	if profile != "" {
		go func() { fmt.Fprintln(os.Stderr, http.ListenAndServe(profile, nil)) }()
	}
	server := &serve.Server{Addr: net.JoinHostPort("127.0.0.1", os.Getenv("PORT")), Handler: owners.Handler(store, log), Log: log}
	return server.Run(ctx)
}

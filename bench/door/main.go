// Command door is the front door before functions that all listen at one
// address: in a cluster each has a host of its own, here none has.
package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"

	"todo-app/internal/app/frontdoor"
	"todo-app/internal/app/function"
	"todo-app/internal/serve"
)

func main() {
	to := flag.String("to", "", "host:port of the functions")
	flag.Parse()
	if err := run(*to); err != nil {
		fmt.Fprintln(os.Stderr, "door:", err)
		os.Exit(1)
	}
}

func run(to string) error {
	s, err := frontdoor.ReadSettings()
	if err != nil {
		return err
	}
	s.FunctionURL = func(function.Name) *url.URL { return &url.URL{Scheme: "http", Host: to} }
	ctx, stop := serve.Context()
	defer stop()
	f, err := frontdoor.New(s, serve.NewLogger(nil, "door", function.Version, s.LogLevel))
	if err != nil {
		return err
	}
	return f.Serve(ctx)
}

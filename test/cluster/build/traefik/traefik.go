//go:build never

// Package traefik holds Traefik's version and its one changed dependency; go.mod needs an import to keep them.
package traefik

import _ "github.com/traefik/traefik/v3/cmd/traefik"

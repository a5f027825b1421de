package web

import (
	"net/http"
	"strings"
)

// Page is something that a browser may look at.
type Page struct {
	Path    string // a pattern of http.ServeMux
	Handler http.Handler
}

// Pages returns the task page at the root with what it asks about signing in,
// and the reference of the API at /docs, made from the document at
// /openapi.yaml. The page offers nothing of the functions that are off: those
// that are not deployed, by their plain names. It says of which version it is.
func Pages(s SignIn, version string, off ...string) []Page {
	at := site{pagePolicy(s.origin()), strings.Join(off, " "), version}
	return []Page{
		{"/{$}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page().serveIndex(w, r, at) })},
		{"/worker.js", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page().serveWorker(w, r, at) })},
		{"/signin", http.HandlerFunc(s.serve)},
		{"/assets/{digest}/{file...}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page().serveAsset(w, r) })},
		{"/docs", file("index.html", "text/html; charset=utf-8")},
		{"/docs/reference.js", file("reference.js", "text/javascript; charset=utf-8")},
		{"/docs/reference.css", file("reference.css", "text/css; charset=utf-8")},
		{"/docs/redoc.js", file("redoc.js.gz", "text/javascript; charset=utf-8")},
	}
}

package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
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

//go:embed reference/index.html reference/reference.js reference/reference.css reference/redoc.js.gz
var files embed.FS

// policy lets a page run our scripts alone. Of inline styles it has the empty
// one, which Redoc fills by script, and one of Redoc's; its search is a worker
// that the bundle brings along.
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; worker-src blob:; " +
	"style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// file answers with an embedded file. One whose name ends in .gz goes out as
// it is to whoever takes it so. Clients keep it and ask whether it is the same.
func file(name, contentType string) http.Handler {
	read := sync.OnceValues(func() ([]byte, string) {
		content, err := files.ReadFile("reference/" + name)
		if err != nil {
			panic(err) // it is embedded
		}
		digest := sha256.Sum256(content)
		return content, hex.EncodeToString(digest[:8])
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, tag := read()
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Cache-Control", "no-cache")
		guard(header, policy)
		if strings.HasSuffix(name, ".gz") {
			header.Set("Vary", "Accept-Encoding")
			if takesGzip(r) {
				header.Set("Content-Encoding", "gzip")
				tag += "-gzip"
			} else {
				content = inflated(content)
			}
		}
		header.Set("ETag", `"`+tag+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}

// takesGzip reports whether a client accepts gzip, named and not refused.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return weight == "" || strings.Trim(weight, " q=0.") != ""
		}
	}
	return false
}

// inflated returns what was compressed. Hardly anybody asks for it.
func inflated(content []byte) []byte {
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err == nil {
		content, err = io.ReadAll(unzipped)
	}
	if err != nil {
		panic(err) // it is embedded
	}
	return content
}

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

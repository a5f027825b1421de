package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed page/index.html page/*.css page/*.js page/*.svg page/*.webmanifest page/i18n page/vendor/*.js
var pageFiles embed.FS

// pagePolicy lets the page run our scripts and styles alone, speak to us and
// to where people sign in, and make nothing but text of what people typed:
// scripts may not write markup, and name no script but the worker.
func pagePolicy(provider string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src " + strings.TrimSpace("'self' "+provider) + "; img-src 'self' data:; manifest-src 'self'; " +
		"worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types worker"
}

// workerPolicy lets the worker fetch what it keeps.
const workerPolicy = "default-src 'none'; connect-src 'self'"

// assets are the files of the page under a path that says what they are, so
// that whoever has one never asks for it again. They name each other by paths
// relative to their own: no other file has to know of it.
type assets struct {
	digest string
	index  string
	worker string
	files  map[string]*asset
}

// asset is a file, compressed when it is first asked for.
type asset struct {
	content, mediaType string
	compressed         func() []byte
}

var page = sync.OnceValue(func() *assets {
	a := &assets{files: map[string]*asset{}}
	sum := sha256.New()
	root, err := fs.Sub(pageFiles, "page")
	if err == nil {
		err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(root, name)
			sum.Write([]byte(name))
			sum.Write(content)
			a.files[name] = newAsset(name, string(content))
			return err
		})
	}
	if err != nil {
		panic(err) // they are embedded
	}
	a.digest = hex.EncodeToString(sum.Sum(nil)[:8])
	a.index = a.addressed(a.files["index.html"].content)
	a.worker = a.files["worker.js"].content
	delete(a.files, "index.html")
	delete(a.files, "worker.js")
	return a
})

func newAsset(name, content string) *asset {
	mediaType := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".webmanifest" {
		mediaType = "application/manifest+json"
	}
	return &asset{content, mediaType, sync.OnceValue(func() []byte { return deflated([]byte(content)) })}
}

func deflated(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // nothing of it can fail
	}
	return b.Bytes()
}

// addressed returns the page with the paths of its assets, and has a browser
// fetch at once all the modules that the first one leads to.
func (a *assets) addressed(index string) string {
	var preload strings.Builder
	for _, name := range a.imports("app.js", nil) {
		preload.WriteString("<link rel=\"modulepreload\" href=\"/assets/" + name + "\">\n")
	}
	index = strings.Replace(index, "</head>", preload.String()+"</head>", 1)
	return strings.ReplaceAll(index, `"/assets/`, `"/assets/`+a.digest+"/")
}

var imported = regexp.MustCompile(`(?m)\b(?:from|import)\s*"(\.{1,2}/[^"]+)"`)

// imports returns the module with all that it cannot begin without.
func (a *assets) imports(module string, known []string) []string {
	if slices.Contains(known, module) {
		return known
	}
	known = append(known, module)
	for _, found := range imported.FindAllStringSubmatch(a.files[module].content, -1) {
		known = a.imports(path.Join(path.Dir(module), found[1]), known)
	}
	return known
}

// site is what differs between pages of one build.
type site struct {
	policy  string
	off     string // the functions that are not deployed, words
	version string // the version of the service, for people
}

// tag tells apart pages that differ in anything but what lies under digests.
func (a *assets) tag(at site) string {
	sum := sha256.Sum256([]byte(a.digest + at.policy + "\n" + at.off + "\n" + at.version))
	return hex.EncodeToString(sum[:8])
}

// serveIndex answers with the page, which asks whether it is still the same.
func (a *assets) serveIndex(w http.ResponseWriter, r *http.Request, at site) {
	guard(w.Header(), at.policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", `"`+a.tag(at)+`"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(strings.NewReplacer("{off}", html.EscapeString(at.off), "{version}", html.EscapeString(at.version)).Replace(a.index)))
}

// serveAsset answers with a file, for ever the same. Those of another build
// are not there: a page of that one is to be loaded anew.
func (a *assets) serveAsset(w http.ResponseWriter, r *http.Request) {
	guard(w.Header(), pagePolicy(""))
	file, known := a.files[r.PathValue("file")]
	if !known || r.PathValue("digest") != a.digest {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "this file is of another version of the page", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", file.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	content := []byte(file.content)
	if takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		content = file.compressed()
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// serveWorker answers with the worker that keeps the shell, another one
// whenever a file of that, the policy or what is offered is another.
func (a *assets) serveWorker(w http.ResponseWriter, r *http.Request, at site) {
	tag := a.tag(at)
	var files []string
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		files = append(files, "/assets/"+a.digest+"/"+name)
	}
	guard(w.Header(), workerPolicy)
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", `"`+tag+`"`)
	script := strings.NewReplacer("{tag}", tag, "{files}", strings.Join(files, `", "`)).Replace(a.worker)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(script))
}

// guard sets what keeps a page from being made to do what it was not made for.
func guard(header http.Header, policy string) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
}

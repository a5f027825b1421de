package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

const (
	templatesPath     = "/api/v1/templates"
	templatePath      = templatesPath + "/{name}"
	templateTasksPath = templatePath + "/tasks"
)

// Template is a template as its owner is shown it.
type Template struct {
	Name        string           `json:"name"`
	URL         string           `json:"url"`
	Version     int64            `json:"version"`
	CreatedAt   time.Time        `json:"created_at"`
	UpdatedAt   time.Time        `json:"updated_at"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Priority    string           `json:"priority"`
	Category    *string          `json:"category"` // nil: what a task without one gets
	Tags        []string         `json:"tags"`
	Due         *string          `json:"due"` // in words
	Reminders   []task.Reminder  `json:"reminders"`
	Recurrence  *task.Recurrence `json:"recurrence"`
	ETag        string           `json:"-"` // of answers that are a single template
}

// shownTemplate is the wire form of a template, for whom the service has the
// address base.
func shownTemplate(t task.Template, base string) Template {
	shown := Template{
		Name: t.Name, URL: base + templateAt(t.Name), Version: t.Version, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
		Title: t.Title, Description: t.Description, Priority: t.Priority.String(),
		Tags: orEmpty(t.Tags), Reminders: orEmpty(t.Reminders),
	}
	if t.Category != "" {
		shown.Category = &t.Category
	}
	if t.Due != "" {
		shown.Due = &t.Due
	}
	if !t.Recurrence.IsZero() {
		shown.Recurrence = &t.Recurrence
	}
	return shown
}

// templateAt returns the path of a template.
func templateAt(name string) string { return templatesPath + "/" + url.PathEscape(name) }

// oneTemplate answers a write with the template that it was about.
func oneTemplate(status int, r task.Result) answer {
	shown := shownTemplate(r.Template, r.View.URL)
	body, err := json.Marshal(shown)
	if err != nil {
		body = nil // cannot happen: strings, numbers, and times of four-digit years
	}
	a := answer{Status: status, Body: body, Header: map[string]string{"ETag": quote(r.Template.Tag())}}
	if status == http.StatusCreated {
		a.Header["Location"] = shown.URL
	}
	return a
}

// createTemplate keeps a template.
func createTemplate(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	draft, err := decodeTemplate(r.body, forCreate)
	if err = both(p.err(), err); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.CreateTemplate(r.Context(), c, draft, quickadd.ParseDue)
	}, func(result task.Result) answer { return oneTemplate(http.StatusCreated, result) })
}

// useTemplate adds a task made of a template, with what the body says instead.
func useTemplate(w http.ResponseWriter, r *request) error {
	name, err := r.templateName()
	if err != nil {
		return err
	}
	p := r.query()
	over, err := r.overrides()
	if err = both(p.err(), err); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.CreateFromTemplate(r.Context(), c, name, over, quickadd.ParseDue)
	}, func(result task.Result) answer { return oneTask(http.StatusCreated, result) })
}

// overrides reads a body that may be left away.
func (r *request) overrides() (task.Patch, error) {
	if r.Header.Get("Content-Type") == "" {
		return task.Patch{}, r.noBody()
	}
	if err := r.readBody(jsonType); err != nil {
		return task.Patch{}, err
	}
	return decodeTask(r.body, forOverride)
}

// getTemplates answers with a page of the caller's templates.
func getTemplates(w http.ResponseWriter, r *request) error {
	p := r.query("limit", "cursor")
	limit, given := read(p, "limit", upTo(task.MaxLimit))
	if !given {
		limit = task.DefaultLimit
	}
	after, _ := read(p, "cursor", parseNameCursor)
	if err := p.err(); err != nil {
		return err
	}
	page, more, err := r.api.Tasks.Templates(r.Context(), r.call, after, limit)
	if err != nil {
		return err
	}
	shown := make([]Template, len(page))
	for i, t := range page {
		shown[i] = shownTemplate(t, r.call.URL)
	}
	body, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	if more {
		cursor := base64.RawURLEncoding.EncodeToString([]byte(page[limit-1].Name))
		w.Header()["Link"] = []string{nextLink(r.Request, r.call.URL, cursor)}
	}
	r.writeTagged(w, body, "T~"+hashOf(body))
	return nil
}

func parseNameCursor(s string) (string, error) {
	name, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(name) == 0 || !storable(string(name)) {
		return "", errors.New("was not issued for this list: begin again without a cursor")
	}
	return string(name), nil
}

// storable reports whether a text can be that of anything that is kept.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// templateName returns the name in the path. One that no template can have
// names none.
func (r *request) templateName() (string, error) {
	name := r.PathValue("name")
	if !storable(name) {
		return "", task.ErrNoTemplate
	}
	return name, nil
}

// getTemplate answers with one of the caller's templates.
func getTemplate(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	name, err := r.templateName()
	if err != nil {
		return err
	}
	found, err := r.api.Tasks.Template(r.Context(), r.call, name)
	if err != nil {
		return err
	}
	body, err := json.Marshal(shownTemplate(found, r.call.URL))
	if err == nil {
		r.writeTagged(w, body, found.Tag())
	}
	return err
}

// writeTagged answers a read that has been made whole, with 304 if the caller
// has it already.
func (r *request) writeTagged(w http.ResponseWriter, body []byte, tag string) {
	known := entityTags(r.Request, "If-None-Match", true)
	writeRead(w, task.Rendered{Body: body, ETag: tag, NotModified: slices.Contains(known, tag) || slices.Contains(known, "*")})
}

// putTemplate has a template say something else.
func putTemplate(w http.ResponseWriter, r *request) error {
	name, err := r.templateName()
	if err != nil {
		return err
	}
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	draft, err := decodeTemplate(r.body, forChange)
	if draft.Name != "" && task.FoldTemplateName(draft.Name) != task.FoldTemplateName(name) {
		err = both(err, task.Faults{{Pointer: "/name", Detail: "must be the one in the path: a template keeps its name"}})
	}
	if err = both(p.err(), err); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.ReplaceTemplate(r.Context(), c, name, draft, entityTags(r.Request, "If-Match", false), quickadd.ParseDue)
	}, func(result task.Result) answer { return oneTemplate(http.StatusOK, result) })
}

// deleteTemplate removes a template.
func deleteTemplate(w http.ResponseWriter, r *request) error {
	name, err := r.templateName()
	if err != nil {
		return err
	}
	if err := r.query().err(); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.DeleteTemplate(r.Context(), c, name, entityTags(r.Request, "If-Match", false))
	}, func(task.Result) answer { return answer{Status: http.StatusNoContent} })
}

// decodeTemplate reads what a template is to be. The error is task.Faults,
// listing everything wrong with it.
func decodeTemplate(body []byte, for_ source) (draft task.TemplateDraft, err error) {
	d := newDecoder(body, for_)
	given, ok, err := d.only(`{"name": "packing", "title": "Pack for {trip}"}`, d.values(func(name string, v jsontext.Value) error {
		return d.templateMember(&draft, name, v)
	}))
	if ok && d.source == forCreate && !given["name"] {
		d.fault("/name", errors.New("is required"))
	}
	if ok && given["from_task"] {
		d.alone(given)
	} else if ok {
		d.check(draft.Patch, 0)
	}
	return draft, d.end(err)
}

// alone refuses what would be said beside a task to be like.
func (d *decoder) alone(given map[string]bool) {
	for _, member := range slices.Sorted(maps.Keys(given)) {
		if sketched[member] {
			d.fault("/"+member, errors.New("cannot be given beside from_task"))
		}
	}
}

// sketched are the members that say what tasks made of a template are to be.
var sketched = map[string]bool{
	"title": true, "description": true, "priority": true, "category": true, "tags": true, "due": true, "reminders": true, "recurrence": true,
}

// templateMember reads one member of a template, and says what is wrong with it.
func (d *decoder) templateMember(draft *task.TemplateDraft, member string, v jsontext.Value) (err error) {
	switch {
	case member == "name":
		draft.Name, err = jsonvalue.Text(v)
	case member == "from_task":
		if draft.From, err = id(v); err == nil && draft.From.IsZero() {
			err = errors.New("names no task")
		}
	case member == "due":
		var words task.Field[string]
		words, err = field(v, jsonvalue.Text)
		draft.Due = words.Value
	case sketched[member]:
		err = d.member(&draft.Patch, member, v)
	case member == "url" || member == "version" || member == "created_at" || member == "updated_at":
		if d.source == forCreate {
			err = errors.New("is set by the service and cannot be given")
		}
	default:
		err = errors.New("is not a field of a template")
	}
	return err
}

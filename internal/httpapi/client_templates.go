package httpapi

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	"todo-app/internal/task"
)

// TemplateList is a page of templates, by name.
type TemplateList struct {
	Templates []Template
	Next      string // URL of the next page, "" on the last
}

// CreateTemplate keeps a template under a name.
func (c *Client) CreateTemplate(ctx context.Context, d task.TemplateDraft) (Template, error) {
	body, err := encodeTemplate(d)
	if err != nil {
		return Template{}, err
	}
	return c.template(ctx, http.MethodPost, templatesPath, body, "")
}

// Templates returns the first page of the caller's templates.
func (c *Client) Templates(ctx context.Context) (TemplateList, error) {
	return c.templates(ctx, templatesPath)
}

// NextTemplates returns the page that follows one, as Next does.
func (c *Client) NextTemplates(ctx context.Context, l TemplateList) (TemplateList, error) {
	target, err := c.target(l.Next)
	if err != nil {
		return TemplateList{}, err
	}
	return c.templates(ctx, target)
}

func (c *Client) templates(ctx context.Context, target string) (l TemplateList, err error) {
	response, err := c.do(ctx, http.MethodGet, target, nil, "", &l.Templates)
	if err == nil {
		l.Next = nextOf(response)
	}
	return l, err
}

// Template returns one of the caller's templates.
func (c *Client) Template(ctx context.Context, name string) (Template, error) {
	return c.template(ctx, http.MethodGet, templateAt(name), nil, "")
}

// ReplaceTemplate has a template say something else, with an ETag only if it
// still says what was read. The draft's name is not looked at.
func (c *Client) ReplaceTemplate(ctx context.Context, name string, d task.TemplateDraft, etag string) (Template, error) {
	d.Name = name
	body, err := encodeTemplate(d)
	if err != nil {
		return Template{}, err
	}
	return c.template(ctx, http.MethodPut, templateAt(name), body, etag)
}

// DeleteTemplate removes a template.
func (c *Client) DeleteTemplate(ctx context.Context, name string) error {
	_, err := c.do(ctx, http.MethodDelete, templateAt(name), nil, "", nil)
	return err
}

// CreateFromTemplate adds a task as a template has it, but for what over says.
func (c *Client) CreateFromTemplate(ctx context.Context, name string, over task.Patch) (Task, error) {
	body, err := encodePatch(over)
	if err != nil {
		return Task{}, err
	}
	return c.one(ctx, http.MethodPost, templateAt(name)+"/tasks", body)
}

func (c *Client) template(ctx context.Context, method, target string, body []byte, etag string) (t Template, err error) {
	response, err := c.do(ctx, method, target, body, etag, &t)
	if err == nil {
		t.ETag = strings.Trim(response.Header.Get("ETag"), `"`)
	}
	return t, err
}

// encodeTemplate writes a draft as the body of a request.
func encodeTemplate(d task.TemplateDraft) ([]byte, error) {
	members := map[string]any{"name": d.Name}
	if !d.From.IsZero() {
		members["from_task"] = d.From
		return json.Marshal(members)
	}
	patch, err := encodePatch(d.Patch)
	if err != nil {
		return nil, err
	}
	var said map[string]any
	if err := json.Unmarshal(patch, &said); err != nil {
		return nil, err
	}
	maps.Copy(members, said)
	if d.Due != "" {
		members["due"] = d.Due
	}
	return json.Marshal(members)
}

package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"todo-app/internal/task/assist"
)

// The addresses of what can be read.
const (
	todayURI   = "todo://today"
	taskPrefix = "todo://tasks/"
)

const jsonType = "application/json"

// addResources offers what a client may put before a model without a call.
func (o Options) addResources(s *mcp.Server) {
	s.AddResource(&mcp.Resource{
		URI: todayURI, Name: "today", Title: "Today", MIMEType: jsonType,
		Description: "The user's date, and the open tasks that are overdue or due today.",
	}, func(ctx context.Context, _ *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return o.read(todayURI, func() (assist.Result, error) { return assist.Today(ctx, o.Tasks) })
	})
	s.AddResourceTemplate(&mcp.ResourceTemplate{
		URITemplate: taskPrefix + "{id}", Name: "task", Title: "A task", MIMEType: jsonType,
		Description: "One task with all that is known of it, its description, too.",
	}, func(ctx context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		uri := r.Params.URI
		return o.read(uri, func() (assist.Result, error) {
			return assist.One(ctx, o.Tasks, strings.TrimPrefix(uri, taskPrefix))
		})
	})
}

// read answers with a resource.
func (o Options) read(uri string, do func() (assist.Result, error)) (*mcp.ReadResourceResult, error) {
	result, cause := do()
	var refusal *assist.Refusal
	switch {
	case errors.As(cause, &refusal) && refusal.Kind == assist.NotFound:
		return nil, mcp.ResourceNotFoundError(uri)
	case cause != nil:
		return nil, errors.New(message(result.JSON))
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: jsonType, Text: string(result.JSON)}}}, nil
}

// message returns the sentence of a refusal.
func message(answer []byte) string {
	var said struct {
		Message  string `json:"message"`
		WhatToDo string `json:"what_to_do"`
	}
	if json.Unmarshal(answer, &said) != nil {
		return "it cannot be read"
	}
	return said.Message + ". " + said.WhatToDo
}

package kube

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// secret is as much of a Secret as is needed here.
type secret struct {
	APIVersion string            `json:"apiVersion,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Metadata   metadata          `json:"metadata"`
	Type       string            `json:"type,omitempty"`
	Data       map[string][]byte `json:"data,omitempty"`
}

type metadata struct {
	Name            string            `json:"name,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
}

// EnsureSecret sees to it that a Secret has the keys: it makes the Secret
// where there is none, gives it the keys that it lacks, each what generate
// returns, and never changes one that is there. It returns the keys it made.
func (c *Client) EnsureSecret(ctx context.Context, namespace, name string, keys []string, generate func(key string) []byte) ([]string, error) {
	var made []string
	var err error
	for range 5 { // others may be at it; each loss means that somebody won
		made, err = c.ensureSecret(ctx, namespace, name, keys, generate)
		if !is(err, http.StatusConflict) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("ensuring the secret %s in %s: %w", name, namespace, err)
	}
	return made, nil
}

func (c *Client) ensureSecret(ctx context.Context, namespace, name string, keys []string, generate func(key string) []byte) ([]string, error) {
	all := "/api/v1/namespaces/" + url.PathEscape(namespace) + "/secrets"
	one := all + "/" + url.PathEscape(name)
	var found secret
	err := c.do(ctx, http.MethodGet, one, "", nil, &found)
	absent := is(err, http.StatusNotFound)
	if err != nil && !absent {
		return nil, err
	}
	data := map[string][]byte{}
	var made []string
	for _, key := range keys {
		if len(found.Data[key]) == 0 {
			data[key] = generate(key)
			made = append(made, key)
		}
	}
	switch {
	case absent:
		err = c.do(ctx, http.MethodPost, all, "application/json", secret{
			APIVersion: "v1", Kind: "Secret", Type: "Opaque", Data: data,
			Metadata: metadata{Name: name, Labels: map[string]string{"app.kubernetes.io/part-of": "todo-app"}},
		}, nil)
	case len(made) > 0:
		// The version makes it a conflict if somebody else changed it meanwhile.
		err = c.do(ctx, http.MethodPatch, one, "application/merge-patch+json",
			secret{Metadata: metadata{ResourceVersion: found.Metadata.ResourceVersion}, Data: data}, nil)
	}
	return made, err
}

// Package kube speaks to the API server of the cluster that a pod runs in, by
// plain REST: what a pod needs of it is a handful of calls, and the official
// client is larger than all of a function.
package kube

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Client is the API server and who asks it.
type Client struct {
	Base  string // scheme and host, no trailing slash
	HTTP  *http.Client
	Token func() (string, error) // read for each request, because it is renewed
}

// accountFolder is where a pod finds its service account (Kubernetes
// documentation, "Accessing the Kubernetes API from a Pod").
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

// timeout bounds one call.
const timeout = 10 * time.Second

// InCluster returns the client of a pod's service account; a process needs one.
// The error says what of a pod's environment is missing.
func InCluster() (*Client, error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("this is no pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
	}
	ca, err := os.ReadFile(filepath.Join(accountFolder, "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("reading the cluster's certificate authority: %w", err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(ca) {
		return nil, errors.New("reading the cluster's certificate authority: it holds no certificate")
	}
	return &Client{
		Base: "https://" + net.JoinHostPort(host, port),
		HTTP: &http.Client{Timeout: timeout, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: authorities}, ForceAttemptHTTP2: true, IdleConnTimeout: timeout,
		}},
		Token: func() (string, error) {
			token, err := os.ReadFile(filepath.Join(accountFolder, "token"))
			return strings.TrimSpace(string(token)), err
		},
	}, nil
}

// Namespace returns the namespace of the pod that this runs in.
func Namespace() (string, error) {
	name, err := os.ReadFile(filepath.Join(accountFolder, "namespace"))
	return strings.TrimSpace(string(name)), err
}

// StatusError is an answer that is none of success.
type StatusError struct {
	Code    int
	Message string // the server's
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the API server answers %d: %s", e.Code, e.Message)
}

// is reports whether an error is an answer with a status.
func is(err error, code int) bool {
	var s *StatusError
	return errors.As(err, &s) && s.Code == code
}

// largest is the largest answer read, in bytes; an object has at most 1.5 MiB.
// One that is larger is an error.
const largest = 4 << 20

// do sends in, unless nil, as contentType and reads the answer into out,
// unless nil. An answer of 400 and more is a *StatusError.
func (c *Client) do(ctx context.Context, method, path, contentType string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.Base+path, &body)
	if err != nil {
		return err
	}
	token, err := c.Token()
	if err != nil {
		return fmt.Errorf("reading the service account's token: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	if in != nil {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, largest+1))
	switch {
	case err != nil:
		return err
	case len(data) > largest:
		return fmt.Errorf("the API server answers more than %d MiB", largest>>20)
	}
	if response.StatusCode >= 400 {
		var status struct{ Message string }
		if json.Unmarshal(data, &status) != nil || status.Message == "" {
			status.Message = response.Status
		}
		return &StatusError{Code: response.StatusCode, Message: status.Message}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

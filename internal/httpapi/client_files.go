package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Export writes a file of all of the caller's tasks; component is that of a
// calendar, vtodo or vevent, or "". Progress, unless nil, is told after each
// part how many bytes there are so far. Unless the error is nil what is written
// is not whole.
func (c *Client) Export(ctx context.Context, format FileFormat, component string, to io.Writer, progress func(bytes int64)) error {
	params := url.Values{"format": {string(format)}}
	if component != "" {
		params.Set("component", component)
	}
	response, err := c.unhurried().send(ctx, http.MethodGet, exportPath+"?"+params.Encode(), nil, "")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return problemIn(response, exportPath)
	}
	if _, err := io.Copy(to, &meter{response.Body, 0, progress}); err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}
	return nil
}

// unhurried is the client without a time that bounds whole exchanges: long
// ones are bounded by their context.
func (c *Client) unhurried() *Client {
	patient := *c
	once := *c.HTTP
	once.Timeout = 0
	patient.HTTP = &once
	return &patient
}

// problemIn reads an answer that is an error.
func problemIn(response *http.Response, target string) error {
	data, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // what there is of it may do
	p := &Problem{Status: response.StatusCode, Title: response.Status}
	if json.Unmarshal(data, p) != nil || p.Detail == "" {
		p.Detail = fmt.Sprintf("%s was answered %s", target, response.Status)
	}
	return p
}

// meter tells how much has been read.
type meter struct {
	io.Reader
	n    int64
	tell func(int64)
}

// Read implements io.Reader.
func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	m.n += int64(n)
	if m.tell != nil && n > 0 {
		m.tell(m.n)
	}
	return n, err
}

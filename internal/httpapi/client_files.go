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

// Imported is how many records of a file became what.
type Imported struct {
	Created, Skipped, Refused int
	Format                    FileFormat // what it was taken for; "" if nothing in it says
}

// Import has the tasks of a file taken over; format "" leaves it to the service
// to find out which it is. Progress, unless nil, is told after each part how
// many bytes have been taken, which the service does as it carries them out.
// Each, unless nil, is told of every record once all are done. What was taken
// of a file before an error is skipped when it is sent again.
func (c *Client) Import(ctx context.Context, file io.Reader, format FileFormat, progress func(bytes int64), each func(ImportedRecord) error) (sum Imported, err error) {
	target := importPath
	if format != "" {
		target += "?" + url.Values{"format": {string(format)}}.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Base+target, &meter{file, 0, progress})
	if err != nil {
		return sum, err
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	if c.Prepare != nil {
		c.Prepare(request)
	}
	response, err := c.unhurried().HTTP.Do(request)
	if err != nil {
		return sum, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return sum, problemIn(response, importPath)
	}
	if err := sum.read(json.NewDecoder(response.Body), each); err != nil {
		return sum, fmt.Errorf("reading what became of the file: %w", err)
	}
	return sum, nil
}

// read reads a report, a record at a time.
func (i *Imported) read(d *json.Decoder, each func(ImportedRecord) error) error {
	numbers := map[string]*int{"created": &i.Created, "skipped": &i.Skipped, "refused": &i.Refused}
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var into any = new(json.RawMessage)
		if n, ok := numbers[fmt.Sprint(name)]; ok {
			into = n
		} else if name == "format" {
			into = &i.Format
		} else if name == "results" {
			if err := eachRecord(d, each); err != nil {
				return err
			}
			continue
		}
		if err := d.Decode(into); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func eachRecord(d *json.Decoder, each func(ImportedRecord) error) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var r ImportedRecord
		if err := d.Decode(&r); err != nil {
			return err
		}
		if each == nil {
			continue
		}
		if err := each(r); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

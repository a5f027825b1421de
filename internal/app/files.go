package app

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/interchange"
	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// file joins the writer of files to the API.
type file struct {
	*interchange.Encoder
	to io.Writer
	o  httpapi.FileOptions
}

// WriteFile begins a file of tasks, for httpapi.API.WriteFile.
func WriteFile(to io.Writer, o httpapi.FileOptions) httpapi.FileWriter { return &file{to: to, o: o} }

// Begin implements task.File.
func (f *file) Begin(v task.View, chosen task.Settings) (err error) {
	f.Encoder, err = interchange.NewEncoder(f.to, interchange.Format(f.o.Format), interchange.Layout{
		At: v.Now, Zone: v.Zone, Events: f.o.Events, Name: f.o.Name, Refresh: f.o.Refresh,
		Link: func(id task.ID) string { return v.URL + "/api/v1/tasks/" + id.String() },
	})
	if err == nil && chosen != (task.Settings{}) {
		err = f.Settings(chosen)
	}
	return err
}

// ReadFile reads a file of tasks, for httpapi.API.ReadFile. What is wrong with
// it is a *httpapi.FileFault.
func ReadFile(f httpapi.FileSource) (iter.Seq2[httpapi.FileRecord, error], error) {
	format, body := interchange.Format(f.Format), f.Body
	if f.Format == "" {
		var err error
		if format, body, err = interchange.Sniff(f.MediaType, f.Body); err != nil {
			return nil, fileFault(err)
		}
	}
	records := interchange.Decode(body, format, interchange.Options{Zone: f.Zone, Words: inWords})
	return func(yield func(httpapi.FileRecord, error) bool) {
		for r, err := range records {
			if !yield(fileRecord(r), fileFault(err)) {
				return
			}
		}
	}, nil
}

// fileFault makes of what is wrong with a file what clients are told.
func fileFault(err error) error {
	var fault *interchange.FileError
	if errors.Is(err, interchange.ErrUnsure) || errors.As(err, &fault) {
		return fmt.Errorf("%w: %w", &httpapi.FileFault{Detail: err.Error()}, err)
	}
	return err
}

func fileRecord(r interchange.Record) httpapi.FileRecord {
	record := httpapi.FileRecord{
		Format: httpapi.FileFormat(r.Source.Format), Kind: string(r.Kind), Settings: r.Settings, Template: r.Name, Words: r.Words, Faults: r.Faults,
		ImportRecord: task.ImportRecord{
			Position: r.Position, Source: r.Source.Key(), Name: r.Source.ID, Patch: r.Patch,
			CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, CompletedAt: r.CompletedAt, ArchivedAt: r.ArchivedAt,
			Parent: r.Parent, DependsOn: r.DependsOn, Anchor: r.Anchor, Occurrence: r.Occurrence, NextID: r.NextID,
			Pointers: r.Pointers,
		},
	}
	switch id, _ := task.ParseID(r.Source.ID); r.Source.Format {
	case interchange.JSON: // of our own: a task that is gone comes back as itself
		record.ID = id
	case interchange.Calendar, interchange.CSV: // may be of our own: then the id is a task's
		record.Own = id
	}
	for _, n := range r.Notes {
		record.Notes = append(record.Notes, task.Fault{Pointer: n.Pointer, Detail: n.Detail})
	}
	return record
}

// inWords reads a date in words as quick add does, if it understands all of it.
func inWords(text string, zone *time.Location) (task.Due, task.RecurrencePatch, bool) {
	const title = "x"
	parsed, err := quickadd.Parse(title+" "+text, time.Now().In(zone))
	p := parsed.Patch
	due, rule := p.Due.Value, p.Recurrence.Value
	understood := err == nil && p.Title.Value == title && p.Due.Set
	for _, t := range parsed.Tokens {
		understood = understood && (t.Kind == quickadd.Title || t.Kind == quickadd.Due || t.Kind == quickadd.Recurrence || t.Kind == quickadd.Separator)
	}
	return due, rule, understood
}

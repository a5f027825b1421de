package app

import (
	"io"

	"todo-app/internal/httpapi"
	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// file joins the writer of files to the API.
type file struct {
	*interchange.Encoder
	to io.Writer
	o  httpapi.FileOptions
}

// writeFile begins a file of tasks.
func writeFile(to io.Writer, o httpapi.FileOptions) httpapi.FileWriter { return &file{to: to, o: o} }

// Begin implements task.File.
func (f *file) Begin(v task.View, zone string) (err error) {
	f.Encoder, err = interchange.NewEncoder(f.to, interchange.Format(f.o.Format), interchange.Layout{
		At: v.Now, Zone: v.Zone, Events: f.o.Events, Name: f.o.Name, Refresh: f.o.Refresh,
		Link: func(id task.ID) string { return v.URL + "/api/v1/tasks/" + id.String() },
	})
	if err == nil && zone != "" {
		err = f.Settings(zone)
	}
	return err
}

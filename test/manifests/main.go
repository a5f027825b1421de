// Command manifests writes what is made from the Helm chart: the schema and the
// README of its values, and the manifests in config/. Its tests hold the chart
// to its promises without a cluster. It is a module of its own, so that Helm's
// and Knative's libraries stay out of the functions'.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// root is the repository, seen from this folder.
const root = "../.."

func main() {
	files, err := generated()
	if err == nil {
		err = write(files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
}

// generated returns every file that is made from the chart, by its path in
// the repository.
func generated() (map[string]string, error) {
	values, err := readValues(filepath.Join(root, "chart", "values.yaml"))
	if err != nil {
		return nil, err
	}
	schema, err := values.schema()
	if err != nil {
		return nil, err
	}
	files, err := manifests(schema) // checked against the schema that is to be written
	if err != nil {
		return nil, err
	}
	files["chart/values.schema.json"] = schema
	files["chart/README.md"], err = readme(values)
	return files, err
}

func write(files map[string]string) error {
	old, err := filepath.Glob(filepath.Join(root, "config", "*.yaml"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

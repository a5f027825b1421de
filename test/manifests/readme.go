package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// readme returns the chart's README: its head, and every value.
func readme(values value) (string, error) {
	head, err := os.ReadFile(filepath.Join(root, "chart", "files", "README.head.md"))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Write(head)
	b.WriteString("\n| value | default | meaning |\n|---|---|---|\n")
	if err := rows(&b, values, "", ""); err != nil {
		return "", err
	}
	return b.String(), nil
}

// rows writes one row for each value that a reader would set. What has no
// text of its own has its parent's.
func rows(b *strings.Builder, v value, prefix, parent string) error {
	for _, c := range v.children {
		path := prefix + c.name
		text := c.text
		if text == "" {
			text = parent
		}
		if len(c.children) > 0 && c.node.Style&yaml.FlowStyle == 0 && c.rule != "functions" {
			if err := rows(b, c, path+".", text); err != nil {
				return err
			}
			continue
		}
		if text == "" {
			return fmt.Errorf("values.yaml, line %d: %s has no description", c.node.Line, path)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", path, byDefault(c), strings.ReplaceAll(text, "|", "\\|"))
	}
	return nil
}

func byDefault(v value) string {
	switch {
	case v.rule == "functions":
		names := make([]string, len(v.children))
		for i, c := range v.children {
			names[i] = "`" + c.name + "`"
		}
		return strings.Join(names, ", ")
	case v.node.Kind == yaml.ScalarNode && v.node.Value == "":
		return "`\"\"`"
	case v.node.Kind == yaml.ScalarNode:
		return "`" + v.node.Value + "`"
	}
	node := *v.node
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	text, err := yaml.Marshal(&node)
	if err != nil {
		return ""
	}
	plain, _, _ := strings.Cut(strings.TrimSpace(string(text)), " #")
	return "`" + plain + "`"
}

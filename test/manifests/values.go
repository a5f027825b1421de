package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// value is one entry of values.yaml with what its comments say.
type value struct {
	name     string
	text     string // the description: lines that begin with "# --"
	rule     string // what follows "# @schema"
	node     *yaml.Node
	children []value
}

// readValues reads values.yaml with its comments.
func readValues(path string) (value, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return value{}, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return value{}, err
	}
	root := value{node: document.Content[0]}
	root.children = entries(root.node)
	return root, nil
}

func entries(mapping *yaml.Node) []value {
	var all []value
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, node := mapping.Content[i], mapping.Content[i+1]
		v := value{name: key.Value, node: node}
		for line := range strings.Lines(key.HeadComment) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(line), "# -- "); ok {
				v.text = text
			}
		}
		for _, comment := range []string{key.LineComment, node.LineComment} {
			if rule, ok := strings.CutPrefix(comment, "# @schema "); ok {
				v.rule = rule
			}
		}
		if node.Kind == yaml.MappingNode {
			v.children = entries(node)
		}
		all = append(all, v)
	}
	return all
}

// schema returns values.schema.json.
func (v value) schema() (string, error) {
	definitions := map[string]any{}
	s := v.object(definitions)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "Values of the chart todo-app"
	s["definitions"] = definitions
	out, err := json.MarshalIndent(s, "", "  ")
	return string(out) + "\n", err
}

func (v value) object(definitions map[string]any) map[string]any {
	properties := map[string]any{}
	for _, c := range v.children {
		properties[c.name] = c.property(definitions)
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
}

func (v value) property(definitions map[string]any) map[string]any {
	kind, rest, _ := strings.Cut(v.rule, ": ")
	var s map[string]any
	switch {
	case kind == "functions":
		s = map[string]any{"type": "object", "additionalProperties": map[string]any{"$ref": "#/definitions/function"},
			"propertyNames": map[string]any{"pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": 40}}
	case kind == "function":
		definitions["function"] = v.object(definitions)
		s = map[string]any{"allOf": []any{map[string]any{"$ref": "#/definitions/function"}}}
	case kind == "list":
		s = map[string]any{"type": "array", "items": map[string]any{"type": rest}}
	case kind == "map":
		s = map[string]any{"type": "object", "additionalProperties": map[string]any{"type": rest}}
	case v.node.Kind == yaml.MappingNode:
		s = v.object(definitions)
		if v.name == "postgres" || v.name == "redis" { // Helm puts the globals into a subchart's values
			s["properties"].(map[string]any)["global"] = map[string]any{"type": "object"}
		}
	default:
		s = scalar(v.node, v.rule)
	}
	if v.text != "" {
		s["description"] = v.text
	}
	return s
}

func scalar(node *yaml.Node, rule string) map[string]any {
	s := map[string]any{"type": map[string]string{"!!int": "integer", "!!bool": "boolean", "!!float": "number"}[node.Tag]}
	if s["type"] == "" {
		s["type"] = "string"
	}
	if list, ok := strings.CutPrefix(rule, "enum: "); ok {
		options := strings.Split(list, ", ")
		if node.Value == "" { // left to be chosen
			options = append(options, "")
		}
		s["enum"] = options
		return s
	}
	for part := range strings.SplitSeq(rule, ", ") {
		key, argument, _ := strings.Cut(part, ": ")
		switch key {
		case "min", "max":
			n, err := strconv.Atoi(argument)
			if err != nil {
				panic(fmt.Sprintf("values.yaml, line %d: %v", node.Line, err))
			}
			s[key+"imum"] = n
		case "cpu": // which quantities add up is said by checks.yaml, in a sentence
			s["type"] = []string{"string", "number"}
		}
	}
	return s
}

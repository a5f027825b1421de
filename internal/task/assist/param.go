package assist

import (
	"encoding/json"
	"slices"
)

// Param is a parameter of a tool, or a member of one that is an object.
type Param struct {
	Name        string
	Kind        Kind
	Description string
	Required    bool
	Enum        []string // of Text and Texts: the words it may be
	Least, Most int      // of Whole: its bounds; of Texts: how many
	Members     []Param  // of Object
}

// Kind is what a parameter is in JSON.
type Kind string

// The kinds. Each is a single type: the narrowest readers of schemas know no
// unions, and lose the whole list of tools over one.
const (
	Text   Kind = "string"
	Whole  Kind = "integer"
	Number Kind = "number"
	Flag   Kind = "boolean"
	Texts  Kind = "array" // of strings
	Object Kind = "object"
)

// Schema returns the JSON Schema (2020-12) of the tool's arguments.
func (t Tool) Schema() json.RawMessage { return encode(objectSchema(t.Params)) }

func objectSchema(members []Param) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, p := range members {
		properties[p.Name] = p.schema()
		if p.Required {
			required = append(required, p.Name)
		}
	}
	schema := map[string]any{"type": Object, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

func (p Param) schema() map[string]any {
	schema := map[string]any{"type": p.Kind}
	switch p.Kind {
	case Object:
		schema = objectSchema(p.Members)
	case Texts:
		items := map[string]any{"type": Text}
		if p.Enum != nil {
			items["enum"] = p.Enum
		}
		schema["items"], schema["maxItems"] = items, p.Most
	case Whole:
		schema["minimum"] = p.Least
		if p.Most > 0 {
			schema["maximum"] = p.Most
		}
	case Text:
		if p.Enum != nil {
			schema["enum"] = p.Enum
		}
	}
	schema["description"] = p.Description
	return schema
}

// with returns parameters with more behind them.
func with(params []Param, more ...Param) []Param { return slices.Concat(params, more) }

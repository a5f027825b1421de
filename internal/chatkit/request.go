package chatkit

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/task"
)

// request is one of the protocol's. Members that are unknown here are a later
// version's, and pages send them whether we know them or not.
type request struct {
	Type   string `json:"type"`
	Params params `json:"params"`
}

// params are those of all requests together.
type params struct {
	ThreadID string  `json:"thread_id"`
	ItemID   string  `json:"item_id"`
	Title    string  `json:"title"`
	Limit    *int    `json:"limit"`
	Order    string  `json:"order"`
	After    string  `json:"after"`
	Input    *input  `json:"input"`
	Action   *action `json:"action"`
}

// input is what a person says.
type input struct {
	Content []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
	Attachments []jsontext.Value `json:"attachments"`
	Quoted      string           `json:"quoted_text"`
	Inference   struct {
		ToolChoice *struct{} `json:"tool_choice"`
		Model      string    `json:"model"`
	} `json:"inference_options"`
}

// action is a button that a person has pressed.
type action struct {
	Type    string `json:"type"`
	Payload struct {
		Confirmation string `json:"confirmation_id"`
	} `json:"payload"`
}

// decode reads a request of a type that is answered here. The error is task.Faults.
func decode(body []byte) (r request, err error) {
	if err := json.Unmarshal(body, &r); err != nil {
		return r, task.Faults{fault(err)}
	}
	switch _, ok := requests[r.Type]; {
	case r.Type == "":
		return r, task.Faults{{Pointer: "/type", Detail: "is required"}}
	case slices.Contains(others, r.Type):
		return r, task.Faults{{Pointer: "/type", Detail: "is not offered here"}}
	case !ok:
		return r, task.Faults{{Pointer: "/type", Detail: "is no request of the protocol"}}
	}
	return r, nil
}

// maxPointer is as much as is repeated of where something is wrong.
const maxPointer = 200

func fault(err error) task.Fault {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	pointer, detail := "", "must be a JSON object"
	switch {
	case errors.As(err, &syntactic) && errors.Is(err, jsontext.ErrDuplicateName):
		pointer, detail = string(syntactic.JSONPointer), "is given twice"
	case errors.As(err, &syntactic):
		pointer, detail = string(syntactic.JSONPointer), "is not valid JSON"
	case errors.As(err, &semantic):
		pointer, detail = string(semantic.JSONPointer), "is not what the protocol has there"
	}
	if len(pointer) > maxPointer {
		pointer = ""
	}
	return task.Fault{Pointer: pointer, Detail: detail}
}

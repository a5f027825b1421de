package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"todo-app/internal/task"
)

// Say is what somebody says: exactly one of Message, Confirm and Decline, in a
// conversation; none begins one.
type Say struct {
	Conversation task.ID `json:"conversation_id,omitzero"`
	Message      string  `json:"message,omitempty"`
	Confirm      task.ID `json:"confirm,omitzero"`
	Decline      task.ID `json:"decline,omitzero"`
}

// Chat says something, and returns what came of it.
func (c *Client) Chat(ctx context.Context, said Say) (s Spoken, err error) {
	body, err := json.Marshal(said)
	if err == nil {
		_, err = c.do(ctx, http.MethodPost, chatPath, body, "", &s)
	}
	return s, err
}

// Conversations returns a page of the caller's conversations, the latest first.
// Params are those of the contract.
func (c *Client) Conversations(ctx context.Context, params url.Values) (page Conversations, err error) {
	target := conversationsPath
	if len(params) > 0 {
		target += "?" + params.Encode()
	}
	_, err = c.do(ctx, http.MethodGet, target, nil, "", &page)
	return page, err
}

// Conversation returns a conversation with all that was said in it.
func (c *Client) Conversation(ctx context.Context, id task.ID) (whole Conversation, err error) {
	_, err = c.do(ctx, http.MethodGet, conversationsPath+"/"+id.String(), nil, "", &whole)
	return whole, err
}

// DeleteConversation forgets a conversation.
func (c *Client) DeleteConversation(ctx context.Context, id task.ID) error {
	_, err := c.do(ctx, http.MethodDelete, conversationsPath+"/"+id.String(), nil, "", nil)
	return err
}

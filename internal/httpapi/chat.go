package httpapi

// Chat returns the endpoints of the chat function.
func (a *API) Chat() []Endpoint { return nil }

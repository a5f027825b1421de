package httpapi

// ListParams are the query parameters of a list, as in the code; a '*' marks
// one that may be repeated.
var ListParams = listParams

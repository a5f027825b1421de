package migrations

// Load is All on other files.
var Load = load

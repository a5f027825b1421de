//go:build !race

package interchange_test

// raced makes large files smaller where each step is watched.
const raced = false

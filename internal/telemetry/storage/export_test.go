//go:build otel

package storage

// Most is how many names are kept.
const Most = most

// NameOf is nameOf.
func NameOf(sql string) string { return nameOf(sql) }

// Names is names.
type Names struct{ names }

// Of is of.
func (n *Names) Of(sql string) string { return n.of(sql) }

// Kept counts the names that are kept.
func (n *Names) Kept() (kept int) {
	n.known.Range(func(any, any) bool { kept++; return true })
	return kept
}

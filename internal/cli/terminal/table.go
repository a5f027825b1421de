package terminal

import (
	"bufio"
	"slices"
	"strings"
)

// Column is one of a table's.
type Column struct {
	Title string
	Most  int  // width beyond which text is cut; 0: none
	Grows bool // has what room the others leave, and at least roomToRead; one column at most
	// Spare says in which order columns give way in a narrow window, the
	// highest first; 0 never does.
	Spare int
}

// Cell is one entry: any text, in a style.
type Cell struct {
	Text  string
	Style Style
}

const (
	gap        = 2  // columns between two of the table's
	roomToRead = 24 // columns that text needs before others are left away for it
)

// Table writes rows under their titles, within the screen's width: the column
// that grows is cut first, then those that can be spared are left away, and
// then lines end at the edge. Columns without any text are left away, too.
func (s Screen) Table(columns []Column, rows [][]Cell) error {
	layout := s.lay(columns, rows)
	w := bufio.NewWriter(s)
	header := make([]Cell, len(columns))
	for i, c := range columns {
		header[i] = Cell{c.Title, Faint}
	}
	for _, row := range append([][]Cell{header}, rows...) {
		w.WriteString(s.row(row, layout))
	}
	return w.Flush()
}

// laid is a column as it is shown.
type laid struct {
	Column
	index int // in the rows
	width int
}

func (s Screen) lay(columns []Column, rows [][]Cell) []laid {
	var layout []laid
	for i, c := range columns {
		widest := 0
		for _, row := range rows {
			widest = max(widest, Width(Line(row[i].Text)))
		}
		if widest == 0 {
			continue
		}
		widest = max(widest, Width(c.Title))
		if c.Most > 0 {
			widest = min(widest, c.Most)
		}
		layout = append(layout, laid{c, i, widest})
	}
	if s.Width == 0 {
		return layout
	}
	for {
		over := total(layout) - s.Width
		grows := slices.IndexFunc(layout, func(l laid) bool { return l.Grows })
		if grows >= 0 && over > 0 {
			shrunk := max(layout[grows].width-over, min(layout[grows].width, roomToRead))
			over -= layout[grows].width - shrunk
			if over <= 0 {
				layout[grows].width = shrunk
			}
		}
		if over <= 0 || !spare(&layout) {
			return layout
		}
	}
}

func total(layout []laid) int {
	sum := gap * (len(layout) - 1)
	for _, l := range layout {
		sum += l.width
	}
	return sum
}

// spare leaves away the column that can be spared most easily.
func spare(layout *[]laid) bool {
	least := 0
	for i, l := range *layout {
		if l.Spare > (*layout)[least].Spare {
			least = i
		}
	}
	if len(*layout) == 0 || (*layout)[least].Spare == 0 {
		return false
	}
	*layout = slices.Delete(*layout, least, least+1)
	return true
}

func (s Screen) row(row []Cell, layout []laid) string {
	var b strings.Builder
	used, owed := 0, 0 // columns; spaces are written once something follows
	for _, l := range layout {
		width := l.width
		if s.Width > 0 {
			width = min(width, s.Width-used-owed)
		}
		text := Cut(Line(row[l.index].Text), width)
		if wide := Width(text); wide > 0 {
			b.WriteString(strings.Repeat(" ", owed))
			b.WriteString(s.Styled(row[l.index].Style, s.isolate(text)))
			used += owed + wide
			owed = l.width - wide + gap
			continue
		}
		owed += l.width + gap
	}
	b.WriteByte('\n')
	return b.String()
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// aim is what a row should reach; the zero value asks for nothing.
type aim struct {
	least, most float64 // of the ratio, 0: unbounded
	ceiling     float64 // of our figure itself, whatever the yardstick
}

func (a aim) String() string {
	switch {
	case a.least > 0:
		return fmt.Sprintf("≥ %.2f", a.least)
	case a.most > 0:
		return fmt.Sprintf("≤ %.2f", a.most)
	case a.ceiling > 0:
		return fmt.Sprintf("ours ≤ %g", a.ceiling)
	}
	return ""
}

func (a aim) verdict(ours, ratio float64) string {
	switch {
	case a == aim{}:
		return ""
	case a.least > 0 && ratio < a.least, a.most > 0 && ratio > a.most, a.ceiling > 0 && ours > a.ceiling:
		return "MISS"
	}
	return "yes"
}

// row is a comparison of figures in one unit, one of each side from each turn.
type row struct {
	name         string
	unit         string
	ours, theirs []float64
	aim          aim
}

type table struct {
	rows  []row
	notes []string
}

func (t *table) add(r row) { t.rows = append(t.rows, r) }

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *table) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tOURS\tYARDSTICK\tRATIO\t(LOW – HIGH)\tAIM\tMET")
	for _, r := range t.rows {
		ratio, low, high := r.ratio()
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t(%.2f – %.2f)\t%s\t%s\n", r.name, r.show(r.ours), r.show(r.theirs),
			ratio, low, high, r.aim, r.aim.verdict(median(r.ours), ratio))
	}
	w.Flush()
	fmt.Fprintln(out, "\nFigures are medians of turns; a ratio is the median of the turns' own, with its extremes. "+
		"CPU is that of the program, PostgreSQL and Redis together.")
	for _, note := range t.notes {
		fmt.Fprintln(out, note)
	}
}

func (r row) show(values []float64) string {
	v := median(values)
	digits := 0
	for limit := 100.0; v < limit && digits < 3; limit /= 10 {
		digits++
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", digits, v, r.unit))
}

// ratio returns the median of the ratios of each turn, and their extremes:
// what slows a machine down for a moment slows both sides of a turn.
func (r row) ratio() (middle, low, high float64) {
	ratios := make([]float64, min(len(r.ours), len(r.theirs)))
	for i := range ratios {
		ratios[i] = r.ours[i] / r.theirs[i]
	}
	return median(ratios), slices.Min(ratios), slices.Max(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

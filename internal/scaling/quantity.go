package scaling

import (
	"math"
	"strconv"
	"strings"
)

// Milli reads a quantity of CPU, as the chart admits them and Kubernetes writes
// them, in thousandths; 0 if it says none.
func Milli(quantity string) int {
	if thousandths, ok := strings.CutSuffix(quantity, "m"); ok {
		n, _ := strconv.Atoi(thousandths)
		return n
	}
	cpus, _ := strconv.ParseFloat(quantity, 64)
	return int(math.Round(1000 * cpus))
}

// cpus writes thousandths of a CPU likewise.
func cpus(milli int) string {
	if milli%1000 == 0 {
		return strconv.Itoa(milli / 1000)
	}
	return strconv.Itoa(milli) + "m"
}

// The units of memory, the largest first.
var units = []struct {
	suffix string
	bytes  int64
}{{"Gi", 1 << 30}, {"Mi", mebi}, {"Ki", 1 << 10}, {"", 1}}

const mebi = 1 << 20

// Bytes reads a quantity of memory, in bytes; 0 if it says none.
func Bytes(quantity string) int64 {
	for _, u := range units {
		if count, ok := strings.CutSuffix(quantity, u.suffix); ok {
			n, _ := strconv.ParseInt(count, 10, 64)
			return n * u.bytes
		}
	}
	return 0
}

// memory writes bytes exactly, as Kubernetes does.
func memory(bytes int64) string {
	for _, u := range units {
		if bytes%u.bytes == 0 {
			return strconv.FormatInt(bytes/u.bytes, 10) + u.suffix
		}
	}
	return "" // cannot be: the last is a byte
}

// held writes how much memory was used, rounded up to Mi.
func held(bytes int64) string { return rounded(bytes, 1) }

// step is that in which memory is advised, in Mi.
const step = 8

// rounded writes memory rounded up to whole steps of so many Mi.
func rounded(bytes, mebis int64) string {
	return strconv.FormatInt((bytes+mebis*mebi-1)/(mebis*mebi)*mebis, 10) + "Mi"
}

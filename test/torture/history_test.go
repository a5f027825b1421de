package torture

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// history is what the clients of one owner did and were told.
type history struct {
	owner string
	began time.Time

	mu       sync.Mutex
	ops      []porcupine.Operation
	unknowns int
}

// strands is where the operations are shown whose end nobody knows; the clients
// that began them went on.
const strands = 1000

// record notes an operation. What was refused has no part in a history: if it
// had an effect all the same, what is read later cannot be explained.
func (h *history) record(client int, in input, called, returned time.Time, out output) {
	if out.outcome == refused || out.outcome == unknown && in.reads() {
		return
	}
	op := porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(called.Sub(h.began)), Return: int64(returned.Sub(h.began))}
	h.mu.Lock()
	defer h.mu.Unlock()
	if out.outcome == unknown {
		op.Return, op.ClientId = math.MaxInt64, strands+h.unknowns
		h.unknowns++
	}
	h.ops = append(h.ops, op)
}

// length returns how many operations there are, and of how many nobody knows
// what came of them.
func (h *history) length() (ops, unknowns int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.ops), h.unknowns
}

// checkTime bounds the search for an order; what is not decided by then counts
// as not checked.
const checkTime = 20 * time.Second

// check looks for an order of the operations that explains what everybody was
// told.
func (h *history) check() porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(ownersList, h.ops, checkTime)
}

// illegal reports whether operations are surely explained by no order.
func illegal(ops []porcupine.Operation) bool {
	return porcupine.CheckOperationsTimeout(ownersList, ops, checkTime/4) == porcupine.Illegal
}

// shortest leaves out what the contradiction does not need: other tasks, which
// have nothing to do with one another, then whatever had no effect.
func shortest(ops []porcupine.Operation) []porcupine.Operation {
	for _, token := range tokens(ops) {
		if about := only(ops, token); illegal(about) {
			ops = about
			break
		}
	}
	for i := len(ops) - 1; i >= 0; i-- {
		in, out := ops[i].Input.(input), ops[i].Output.(output)
		if without := slices.Delete(slices.Clone(ops), i, i+1); (in.reads() || out.outcome == absent || out.outcome == stale) && illegal(without) {
			ops = without
		}
	}
	return ops
}

func tokens(ops []porcupine.Operation) []int {
	all := map[int]bool{}
	for _, op := range ops {
		all[op.Input.(input).token] = true
		for _, c := range op.Output.(output).cells {
			all[c.token] = true
		}
	}
	delete(all, 0)
	var sorted []int
	for token := range all {
		sorted = append(sorted, token)
	}
	slices.Sort(sorted)
	return sorted
}

// only returns what operations say about one task.
func only(ops []porcupine.Operation, token int) (about []porcupine.Operation) {
	for _, op := range ops {
		in, out := op.Input.(input), op.Output.(output)
		if in.kind != list && in.token != token {
			continue
		}
		out.cells = slices.DeleteFunc(slices.Clone(out.cells), func(c cell) bool { return c.token != token })
		op.Output = out
		about = append(about, op)
	}
	return about
}

// story tells the shortest history that cannot be, in order, and as far as it
// can be explained.
func (h *history) story() string {
	ops := shortest(slices.Clone(h.ops))
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var b strings.Builder
	fmt.Fprintf(&b, "the history of %s has no order that explains it: %d of its %d operations say so\n", h.owner, len(ops), len(h.ops))
	tell(&b, ops)
	_, info := porcupine.CheckOperationsVerbose(ownersList, ops, checkTime)
	var longest []porcupine.Operation
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, explained := range partition {
			if len(explained) > len(longest) {
				longest = explained
			}
		}
	}
	fmt.Fprintf(&b, "as far as they can be explained (%d):\n", len(longest))
	tell(&b, longest)
	return b.String()
}

func tell(b *strings.Builder, ops []porcupine.Operation) {
	for _, op := range ops {
		end := "      never"
		if op.Return != math.MaxInt64 {
			end = fmt.Sprintf("%11.3f", float64(op.Return)/1e6)
		}
		fmt.Fprintf(b, "  %11.3f to %s ms  client %d  %s\n", float64(op.Call)/1e6, end, op.ClientId, describe(op.Input.(input), op.Output.(output)))
	}
}

// keep puts a story into a file, with all that happened meanwhile and a drawing
// of the whole history, and returns where.
func (h *history) keep(story string, meanwhile []string) string {
	dir, err := os.MkdirTemp("", "todo-torture-")
	if err != nil {
		return err.Error()
	}
	text := story + "\nthe whole of it:\n"
	var b strings.Builder
	tell(&b, h.ops)
	text += b.String() + "\nmeanwhile:\n" + strings.Join(meanwhile, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(dir, "story.txt"), []byte(text), 0o644); err != nil {
		return err.Error()
	}
	_, info := porcupine.CheckOperationsVerbose(ownersList, h.ops, checkTime)
	if err := porcupine.VisualizePath(ownersList, info, filepath.Join(dir, "history.html")); err != nil {
		return dir + ", without the drawing: " + err.Error()
	}
	return dir
}

package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"todo-app/internal/pgserver"
)

const (
	many       = 1000             // tasks of the list that is scrolled
	browseTime = 60 * time.Second // for a page to come to rest
)

// conditions are a device and its network; the phone's are Lighthouse's.
type conditions struct {
	name       string
	slower     float64 // by how much its processor is
	latency    float64 // milliseconds
	throughput float64 // bytes per second, -1: as it is
	wide, tall int64
}

var (
	desk  = conditions{name: "desktop", slower: 1, throughput: -1, wide: 1280, tall: 800}
	phone = conditions{name: "phone", slower: 4, latency: 150, throughput: 1.6 * 1024 * 1024 / 8, wide: 412, tall: 823}
)

func pageRows(ctx context.Context, b *bench) error {
	const database = "page"
	ctx, quit, err := chromium(ctx)
	if err != nil {
		b.table.note("page: not measured: %v", err)
		return nil
	}
	defer quit()
	service, err := b.pageService(ctx, database)
	if err != nil {
		return err
	}
	plain, stop, err := plainPage()
	if err != nil {
		return err
	}
	defer stop()
	url := "http://" + service.addr + "/#all"
	for _, with := range []conditions{desk, phone} {
		ours, err := b.sights(ctx, url, with)
		if err != nil {
			return err
		}
		theirs, err := b.sights(ctx, plain, with)
		if err != nil {
			return err
		}
		for i, state := range []string{"cold", "warm"} {
			name := fmt.Sprintf("page on a %s, %s, ", with.name, state)
			b.table.add(row{name + "first contentful paint", "ms", ours[i].firsts(), theirs[i].firsts(), aim{}})
			b.table.add(row{name + "largest contentful paint", "ms", ours[i].largests(), theirs[i].largests(), aim{ceiling: 2500}})
			b.table.note("%s", ours[i].say(name))
		}
	}
	ours, err := b.scrolls(ctx, url)
	if err != nil {
		return err
	}
	theirs, err := b.scrolls(ctx, plain)
	if err != nil {
		return err
	}
	b.table.add(row{fmt.Sprintf("list of %d opened, scrolled and left, longest task", many), "ms", ours.longests(), theirs.longests(), aim{ceiling: longTask}})
	b.table.add(row{fmt.Sprintf("list of %d opened, scrolled and left, main thread", many), "ms", ours.runnings(), theirs.runnings(), aim{}})
	b.table.note("page: yardstick: the same tasks as one document without scripts; tasks of the main thread are counted by its time on a processor. " +
		"A phone is one as Lighthouse has it: a processor four times as slow, 150 ms and 1.6 Mbit/s away; its figures at Lighthouse are good below 1.8 s (first) and 2.5 s (largest), 200 ms blocked, and 0.1 shifted.")
	return nil
}

// pageService starts everything in one process, for an owner of many tasks.
func (b *bench) pageService(ctx context.Context, database string) (*process, error) {
	if err := b.database(ctx, database); err != nil {
		return nil, err
	}
	create, err := b.function(ctx, "create", database, "")
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, create, "", many, draft); err != nil {
		return nil, err
	}
	create.stop()
	env := []string{"TODO_AUTH=none", "DATABASE_URL=" + b.postgres.URL(pgserver.Superuser, database), "REDIS_URL=" + b.redisURL()}
	return b.run(ctx, "todo", env, "serve")
}

// chromium starts the browser that is measured in.
func chromium(ctx context.Context) (context.Context, context.CancelFunc, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, errors.New("there is no chromium here; scripts/install-deps test installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("lang", "en-GB"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	ctx, leave := chromedp.NewContext(ctx)
	return ctx, func() { leave(); stop() }, chromedp.Do(ctx)
}

// plainPage serves the same tasks as a document that needs no script.
func plainPage() (url string, stop func(), err error) {
	var document strings.Builder
	document.WriteString(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Tasks</title><ul>`)
	for i := range many {
		task := draft(i)
		due, _ := task["due"].(string) // one in two has none
		fmt.Fprintf(&document, `<li class="row"><b>%s</b> <span>%s %s</span></li>`, html.EscapeString(fmt.Sprint(task["title"])), task["category"], due)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{ReadHeaderTimeout: startTime, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(document.String()))
	})}
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String() + "/", func() { _ = s.Close() }, nil
}

// tab opens a tab whose browser knows nothing yet.
func tab(ctx context.Context, with conditions) (context.Context, context.CancelFunc, error) {
	ctx, leave := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	ctx, stop := context.WithTimeout(ctx, browseTime)
	end := func() { stop(); leave() }
	err := chromedp.Do(ctx, chromedp.EmulateViewport(with.wide, with.tall))
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: with.slower})
	}
	if err == nil && with.throughput > 0 {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
		if err == nil {
			_, err = chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
				MatchedNetworkConditions: []*network.Conditions{{Latency: with.latency, DownloadThroughput: with.throughput, UploadThroughput: with.throughput}}})
		}
	}
	if err != nil {
		end()
	}
	return ctx, end, err
}

// sights looks at a page for the first time, and again, once a round.
func (b *bench) sights(ctx context.Context, url string, with conditions) (found [2]sights, err error) {
	for range b.effort.rounds {
		err := func() error {
			ctx, leave, err := tab(ctx, with)
			if err != nil {
				return err
			}
			defer leave()
			for i := range found {
				s, err := look(ctx, url)
				if err != nil {
					return err
				}
				found[i] = append(found[i], s)
			}
			return nil
		}()
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// look opens a page and waits until its list is there and nothing more comes.
func look(ctx context.Context, url string) (sight, error) {
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		return sight{}, err
	}
	events, err := traced(ctx, func() error {
		if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
			return err
		}
		return evaluate(ctx, atRest)
	})
	return sightOf(events, strings.SplitN(url, "#", 2)[0]), err
}

// atRest waits for rows, and then for two seconds without a longer task or request.
const atRest = `new Promise(done => {
	let last = performance.now();
	const watch = new PerformanceObserver(() => (last = performance.now()));
	watch.observe({entryTypes: ["longtask", "resource", "largest-contentful-paint"].filter(t => PerformanceObserver.supportedEntryTypes.includes(t))});
	const timer = setInterval(() => {
		if (!document.querySelector(".row") || performance.now() - last < 2000) return;
		clearInterval(timer);
		done(true);
	}, 100);
})`

func evaluate(ctx context.Context, expression string) error {
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression, chromedp.EvalAwaitPromise))
	return err
}

// toTheEnd scrolls as a hand does, a screen in a few frames, to the last task.
const toTheEnd = `new Promise(done => {
	let still = 0, before = 0;
	const step = () => {
		scrollBy(0, innerHeight / 3);
		still = scrollY === before ? still + 1 : 0;
		before = scrollY;
		if (still > 120 && document.body.innerText.includes("floor 999")) done(true);
		else requestAnimationFrame(step);
	};
	step();
})`

// andAway completes a task in the middle of the list, opens another, and leaves the list for a short one.
const andAway = `(async () => {
	const rest = () => new Promise(done => setTimeout(done, 1500));
	const rows = [...document.querySelectorAll(".row")], middle = rows[rows.length >> 1];
	middle.querySelector(".check")?.click();
	await rest();
	rows[rows.length - 3].querySelector(".title")?.click();
	await rest();
	if (document.querySelector(".check")) location.hash = "#overdue";
	await rest();
	return true;
})()`

// scrolls opens the list, scrolls through it and leaves it, once a round.
func (b *bench) scrolls(ctx context.Context, url string) (found sights, err error) {
	for range b.effort.rounds {
		err := func() error {
			ctx, leave, err := tab(ctx, desk)
			if err != nil {
				return err
			}
			defer leave()
			events, err := traced(ctx, func() error {
				return errors.Join(chromedp.Do(ctx, chromedp.Navigate(url)), evaluate(ctx, atRest), evaluate(ctx, toTheEnd), evaluate(ctx, andAway))
			})
			found = append(found, sightOf(events, strings.SplitN(url, "#", 2)[0]))
			return err
		}()
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// sights are those of all rounds.
type sights []sight

func (s sights) pick(one func(sight) float64) []float64 {
	values := make([]float64, len(s))
	for i := range s {
		values[i] = one(s[i])
	}
	return values
}

func (s sights) firsts() []float64   { return s.pick(func(s sight) float64 { return s.first }) }
func (s sights) largests() []float64 { return s.pick(func(s sight) float64 { return s.largest }) }
func (s sights) longests() []float64 { return s.pick(func(s sight) float64 { return s.longest }) }
func (s sights) runnings() []float64 { return s.pick(func(s sight) float64 { return s.running }) }

// say puts in a line what has no yardstick: without scripts it is nothing.
func (s sights) say(name string) string {
	return fmt.Sprintf("%s%.0f ms blocked, %.3f shifted, %.0f ms of the main thread, longest task %.0f ms, %.1f KB in %.0f requests.", name,
		median(s.pick(func(s sight) float64 { return s.blocked })), median(s.pick(func(s sight) float64 { return s.shift })),
		median(s.runnings()), median(s.longests()),
		median(s.pick(func(s sight) float64 { return s.bytes }))/1000, median(s.pick(func(s sight) float64 { return float64(s.requests) })))
}

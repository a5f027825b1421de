package task

import (
	"context"
	"math"
	"strconv"
	"time"
)

// Report names one of the reports about an owner's tasks.
type Report string

// The reports: how things stand, and how they have been going.
const (
	ReportStats  Report = "stats"
	ReportTrends Report = "trends"
)

// The bounds of a report.
const (
	// MaxCategories is how many categories are told apart, the largest ones:
	// an owner may have as many as tasks.
	MaxCategories = 100
	// TrendDays is how many days trends go back, today included.
	TrendDays = 30
)

// Quarter is how finely storage counts by time, an hour's: wherever people
// live, their clocks differ from UTC by whole ones, so days are made of them.
const Quarter = 15 * time.Minute

// Happening is what storage counts tasks by the time of.
type Happening string

// The happenings. The last three are of pending tasks only, and Undated is at
// no time.
const (
	HappenedCreated   Happening = "created"
	HappenedCompleted Happening = "completed"
	HappensDue        Happening = "due"  // at a moment
	HappensDate       Happening = "date" // all day: midnight UTC of the date
	Undated           Happening = "undated"
)

// Span asks for a count: what happens from one moment to before another. A
// zero bound is open. Counts of one name are added up.
type Span struct {
	Name     string
	Of       Happening
	From, To time.Time
}

// Spans returns what is to be counted for the report to a reader.
func (r Report) Spans(v View) []Span {
	if r == ReportTrends {
		return trendSpans(v)
	}
	today := v.Today()
	from, to := v.StartOf(today), v.Tomorrow()
	spans := []Span{
		{Name: "no_due_date", Of: Undated},
		{"created_today", HappenedCreated, from, to},
		{"completed_today", HappenedCompleted, from, to},
	}
	for name, window := range map[string]DueWindow{"overdue": DueOverdue, "today": DueToday, "tomorrow": DueTomorrow, "this_week": DueWeek} {
		for _, d := range (Filter{Due: window}).Ranges(v) {
			spans = append(spans, Span{name, HappensDate, d.FromDate, d.ToDate}, Span{name, HappensDue, d.From, d.To})
		}
	}
	return spans
}

func trendSpans(v View) []Span {
	spans := make([]Span, TrendDays)
	for i := range spans {
		day := trendDay(v, i)
		spans[i] = Span{day.Format(time.DateOnly), HappenedCompleted, v.StartOf(day), v.StartOf(day.AddDate(0, 0, 1))}
	}
	return spans
}

// trendDay returns the days that trends tell of, oldest first.
func trendDay(v View, i int) time.Time { return v.Today().AddDate(0, 0, i+1-TrendDays) }

// Count is a number of tasks, and how many of them are completed.
type Count struct{ Total, Completed int64 }

// percent returns how much is completed, to a tenth of a percent; of nothing, 0.
func (c Count) percent() float64 {
	if c.Total == 0 {
		return 0
	}
	return math.Round(float64(c.Completed)*1000/float64(c.Total)) / 10
}

// CategoryCount is a Count of one category.
type CategoryCount struct {
	Category string
	Count
}

// Stats are the numbers that reports are made of, all in one snapshot. All but
// Archived and Spans are about tasks that are not archived.
type Stats struct {
	Generation Generation
	Active     Count
	Archived   int64
	Priorities [Low + 1]Count  // by priority
	Largest    []CategoryCount // the largest categories first, MaxCategories at most
	Categories int64           // how many there are
	Subtasks   int64
	Dependent  int64 // on others
	Recurring  int64
	Spans      map[string]int64 // by name
	Oldest     Task             // of the overdue ones; zero for none
	NextDue    time.Time        // the earliest of pending tasks that is still to come; zero for none
}

// Key names a report as v is shown it, as Query.Key does for a page.
func (r Report) Key(v View) string {
	b := append([]byte(r), ' ')
	b = append(strconv.AppendInt(b, format, 10), ' ')
	return string(append(append(append(b, v.Zone.String()...), ' '), v.URL...))
}

// Current reports whether a report's validator still describes what v would
// be shown at generation g.
func (r Report) Current(etag string, g Generation, v View) bool { return current(etag, r.Key(v), g, v) }

// Render writes a report down for a reader.
func (s Stats) Render(v View, r Report) Rendered {
	done := Rendered{Generation: s.Generation, Until: v.Tomorrow()}
	b := make([]byte, 0, 4096)
	if r == ReportTrends {
		done.Body = s.appendTrends(b, v)
	} else {
		done.Body = s.appendStats(b, v)
		done.Until = Filter{Due: DueOverdue}.until(v, s.NextDue)
	}
	done.ETag = validator(r.Key(v), s.Generation, done.Until)
	return done
}

func (s Stats) appendStats(b []byte, v View) []byte {
	number := func(name string, n int64) {
		b = strconv.AppendInt(append(appendString(b, name), ':'), n, 10)
		b = append(b, ',')
	}
	b = append(b, '{')
	number("total", s.Active.Total+s.Archived)
	number("active", s.Active.Total)
	number("pending", s.Active.Total-s.Active.Completed)
	number("completed", s.Active.Completed)
	number("archived", s.Archived)
	b = appendNumber(append(b, `"completion_rate":`...), s.Active.percent())
	b = s.appendGroups(append(b, ','), func(b []byte, c Count) []byte { return strconv.AppendInt(b, c.Total, 10) })
	b = append(b, ',')
	for _, name := range [...]string{"overdue", "today", "tomorrow", "this_week", "no_due_date"} {
		number(name, s.Spans[name])
	}
	number("root", s.Active.Total-s.Subtasks)
	number("subtasks", s.Subtasks)
	number("with_dependencies", s.Dependent)
	number("recurring", s.Recurring)
	number("created_today", s.Spans["created_today"])
	number("completed_today", s.Spans["completed_today"])
	b = append(b, `"oldest_overdue":`...)
	if s.Oldest.ID.IsZero() {
		return append(b, "null}"...)
	}
	return append(s.Oldest.AppendJSON(b, v), '}')
}

func (s Stats) appendTrends(b []byte, v View) []byte {
	b = appendProgress(append(b, `{"overall":`...), s.Active)
	b = s.appendGroups(append(b, ','), appendProgress)
	b = append(b, `,"days":[`...)
	for i := range TrendDays {
		if i > 0 {
			b = append(b, ',')
		}
		day := trendDay(v, i).Format(time.DateOnly)
		b = appendString(append(b, `{"date":`...), day)
		b = strconv.AppendInt(append(b, `,"completed":`...), s.Spans[day], 10)
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// appendGroups appends what is told of each priority and category.
func (s Stats) appendGroups(b []byte, one func([]byte, Count) []byte) []byte {
	b = append(b, `"by_priority":{`...)
	for p := High; p <= Low; p++ {
		if p > High {
			b = append(b, ',')
		}
		b = one(append(appendString(b, p.String()), ':'), s.Priorities[p])
	}
	b = append(b, `},"by_category":{`...)
	for i, c := range s.Largest {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(append(appendString(b, c.Category), ':'), c.Count)
	}
	return strconv.AppendInt(append(b, `},"categories":`...), s.Categories, 10)
}

func appendProgress(b []byte, c Count) []byte {
	b = strconv.AppendInt(append(b, `{"total":`...), c.Total, 10)
	b = strconv.AppendInt(append(b, `,"completed":`...), c.Completed, 10)
	return append(appendNumber(append(b, `,"percent":`...), c.percent()), '}')
}

// Report returns a report about the caller's tasks, or only NotModified if
// known, the entity tags the caller holds, has it.
func (s *Service) Report(ctx context.Context, c Call, r Report, known []string) (Rendered, error) {
	owner, err := s.Store.Owner(ctx, c.Owner)
	if err != nil {
		return Rendered{}, err
	}
	v := s.view(c, owner, s.now())
	for _, tag := range known {
		if r.Current(tag, owner.Generation, v) {
			return Rendered{ETag: tag, NotModified: true}, nil
		}
	}
	found, err := s.Store.Report(ctx, c.Owner, owner.Generation, v, r)
	return unless(known, found), err
}

package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
	"todo-app/internal/task/assist"
)

// words are what we say ourselves, in one language. What tasks say is in
// quotation marks.
type words struct {
	language                                                                                                                               Language
	yes, no                                                                                                                                string // as buttons say it
	noModel, help, declined, gone, nothingWaits, maybeDone, nothingToUndo, readOnly, notUnderstood, unavailable                            string
	which, whichOfThese, addWhat, notFound, cut, tokensMessage, tokensDay, turns, tooLong                                                  string
	modelFailed, storageFailed, callerGone, doneUntilThen, nothingDone, undoing, nothing                                                   string
	add, completeQuestion, moveQuestion, undoQuestion, deleteQuestion, withSubtasks, withTheirs, bulkQuestion, more, long, noTask, canUndo string
	added, completed, changed, deleted, bulked, bulkRefused, undone, next, already, refuse                                                 string
	none, listed, listedMore, day, dayFree, overdue, stats                                                                                 string
	quote                                                                                                                                  [2]string
	tasks, toTasks                                                                                                                         [2]string // one and several, as they are and as something is done to them
	acts                                                                                                                                   map[string]string
}

var english = words{
	language: English, yes: "Yes", no: "No",
	noModel: "No language model is set up here, so I understand a few words only; “help” lists them.",
	help: `This is what I understand:
- add Pay rent tomorrow 9am !high every month: adds a task, in the words of quick add
- today; list, list overdue, list tomorrow, list #work; find rent; stats
- done rent, or done 2: the second task of the list before
- move rent to friday 3pm
- delete rent, delete completed tasks: I ask before I do it
- undo: takes back what was done last
Of anything else I ask whether it is a task.`,
	declined: "All right, nothing was done.", gone: "This can no longer be done as it was asked for; ask for it again.",
	nothingWaits: "There is nothing that waits for a yes or a no.", nothingToUndo: "There is nothing to take back.",
	maybeDone: "Somebody said yes before, and it may have been done; if so, “undo” takes it back.", readOnly: "Your credential may only read tasks, not change them.",
	notUnderstood: "I do not understand that.", unavailable: "The tasks cannot be reached at the moment; nothing was done. Say it again in a while.",
	which: "Which task? Say words of its title.", whichOfThese: "Which of them? Say its number with what to do, such as “done 2”.",
	addWhat: "What is the task? Say it behind “add”.", notFound: "No task has these words.",
	cut: "The answer was longer than it may be, so it is cut off here.", tokensMessage: "I stop here: this message has used the tokens that one message may use.",
	tokensDay: "The language model's tokens for today are used up; there are new ones tomorrow (UTC).",
	turns:     "I stop here: the language model has been asked as often as it may be for one message, which is %d.",
	tooLong:   "I stop here: this took longer than one message may take.", modelFailed: "I stop here: %s.",
	storageFailed: "I stop here: the tasks cannot be reached at the moment.", callerGone: "I stopped here, because the connection was closed.", nothing: "nothing",
	doneUntilThen: "Until then was done: %s. “undo” takes it back, the last first.", nothingDone: "Nothing was changed.", undoing: "“undo” takes it back.",
	add: "Add %s as a task%s?", completeQuestion: "Mark %s as done?", moveQuestion: "Move %s to %s?", undoQuestion: "Take back what was done last, maybe elsewhere: %s?", deleteQuestion: "Delete %s%s? It can be undone for 30 days.", withSubtasks: " and its subtasks (%d)",
	withTheirs: ", with all subtasks that they have", bulkQuestion: "%s %s%s: %s?", more: "and %d more", long: "(%d characters)", noTask: "no such task", canUndo: "One undo takes all of it back.",
	added: "Added %s.", completed: "Done: %s.", changed: "Changed: %s.", deleted: "Deleted %s.", bulked: "Done to %s.", bulkRefused: "Refused for %d: %s.",
	undone: "Taken back%s. “undo” again goes one step further back.", next: "Next time: %s.", already: "Nothing changed: %s was like that already.",
	refuse: "That could not be done: %s.", none: "There are no such tasks.", listed: "%s:", listedMore: "The first %s; there are more:",
	day: "%s, %s:", dayFree: "Nothing is overdue or due today.", overdue: "overdue", stats: "%s: %d open, %d of them overdue, and %d done.",
	tasks: [2]string{"1 task", "%d tasks"}, toTasks: [2]string{"1 task", "%d tasks"},
	quote: [2]string{"“", "”"},
	acts: map[string]string{
		"add_task": "added", "update_task": "changed", "complete_task": "completed", "delete_task": "deleted", "bulk_tasks": "changed several", "undo": "taken back",
		"created": "added", "updated": "changed", "completed": "completed", "reopened": "reopened", "deleted": "deleted", "archived": "archived",
		"template": "changed a template", "settings": "changed settings",
		"delete": "Delete", "complete": "Complete", "reopen": "Reopen", "archive": "Archive", "update": "Change",
	},
}

var urdu = words{
	language: Urdu, yes: "ہاں", no: "نہیں",
	noModel: "یہاں کوئی لسانی ماڈل نہیں لگا، اس لیے میں صرف چند الفاظ سمجھتا ہوں؛ ”مدد“ سے ان کی فہرست ملتی ہے۔",
	help: `میں یہ سمجھتا ہوں:
- کرایہ دینا tomorrow 9am !high شامل کریں: نیا کام؛ تاریخیں انگریزی میں لکھیں
- آج؛ فہرست؛ تاخیر شدہ کام؛ کرایہ تلاش کریں؛ اعداد و شمار
- کرایہ مکمل کریں، یا مکمل 2: پچھلی فہرست کا دوسرا کام
- کرایہ حذف کریں: کرنے سے پہلے پوچھتا ہوں
- واپس لیں: جو آخر میں ہوا وہ واپس
باقی ہر بات پر پوچھتا ہوں کہ کیا یہ کوئی کام ہے۔`,
	declined: "ٹھیک ہے، کچھ نہیں کیا گیا۔", gone: "یہ اب اس طرح نہیں ہو سکتا؛ دوبارہ کہیں۔",
	nothingWaits: "ہاں یا نہیں کا انتظار کسی بات کو نہیں۔", nothingToUndo: "واپس لینے کو کچھ نہیں۔",
	maybeDone: "پہلے ہاں کہی گئی تھی، شاید یہ ہو چکا ہے؛ اگر ہاں تو ”واپس لیں“ سے واپس ہو جائے گا۔", readOnly: "آپ کی کلید کام صرف دیکھ سکتی ہے، بدل نہیں سکتی۔",
	notUnderstood: "میں یہ نہیں سمجھا۔", unavailable: "اس وقت کاموں تک رسائی نہیں؛ کچھ نہیں کیا گیا۔ کچھ دیر بعد دوبارہ کہیں۔",
	which: "کون سا کام؟ اس کے عنوان کے الفاظ لکھیں۔", whichOfThese: "ان میں سے کون سا؟ نمبر کے ساتھ لکھیں، جیسے ”مکمل 2“۔",
	addWhat: "کام کیا ہے؟ اسے ”شامل کریں“ سے پہلے لکھیں۔", notFound: "کسی کام میں یہ الفاظ نہیں۔",
	cut: "جواب حد سے لمبا تھا، اس لیے یہیں ختم کیا گیا۔", tokensMessage: "میں یہاں رکتا ہوں: ایک پیغام کے ٹوکن ختم ہو گئے۔",
	tokensDay: "لسانی ماڈل کے آج کے ٹوکن ختم ہو گئے؛ نئے کل (UTC) ملیں گے۔", turns: "میں یہاں رکتا ہوں: اس پیغام کے لیے لسانی ماڈل سے %d بار پوچھا گیا، اس سے زیادہ کی اجازت نہیں۔",
	tooLong: "میں یہاں رکتا ہوں: ایک پیغام کا وقت ختم ہو گیا۔", modelFailed: "میں یہاں رکتا ہوں، لسانی ماڈل سے جواب نہیں ملا: %s۔",
	storageFailed: "میں یہاں رکتا ہوں: اس وقت کاموں تک رسائی نہیں۔", callerGone: "میں یہاں رکا، کیونکہ رابطہ ختم ہو گیا۔", nothing: "کچھ نہیں",
	doneUntilThen: "تب تک یہ ہوا: %s۔ ”واپس لیں“ سے یہ واپس ہوتا ہے، آخری سب سے پہلے۔", nothingDone: "کچھ نہیں بدلا۔", undoing: "”واپس لیں“ سے یہ واپس ہو جائے گا۔",
	add: "کیا %s کو کام کے طور پر شامل کروں%s؟", completeQuestion: "کیا %s کو مکمل کروں؟", moveQuestion: "کیا %s کی تاریخ %s کروں؟", undoQuestion: "جو آخر میں ہوا، شاید کہیں اور سے، کیا اسے واپس لوں: %s؟", deleteQuestion: "کیا %s%s کو حذف کروں؟ 30 دن تک واپس لیا جا سکتا ہے۔", withSubtasks: " اور اس کے ذیلی کاموں (%d)",
	withTheirs: "، ان کے سب ذیلی کاموں کے ساتھ", bulkQuestion: "%s، %s%s: %s؟", more: "اور %d مزید", long: "(%d حروف)", noTask: "ایسا کوئی کام نہیں", canUndo: "ایک بار واپس لینے سے سب واپس ہو جاتا ہے۔",
	added: "شامل کیا: %s۔", completed: "مکمل ہوا: %s۔", changed: "بدلا: %s۔", deleted: "حذف ہوا: %s۔", bulked: "%s پر کر دیا گیا۔", bulkRefused: "%d پر نہیں ہو سکا: %s۔",
	undone: "واپس لے لیا گیا%s۔ دوبارہ ”واپس لیں“ ایک قدم اور پیچھے جاتا ہے۔", next: "اگلی بار: %s۔", already: "کچھ نہیں بدلا: %s پہلے ہی ایسا تھا۔",
	refuse: "یہ نہیں ہو سکا: %s۔", none: "ایسا کوئی کام نہیں۔", listed: "%s:", listedMore: "پہلے %s؛ اور بھی ہیں:",
	day: "%[2]s:", dayFree: "آج کوئی کام مقرر نہیں، اور کوئی تاخیر کا شکار نہیں۔", overdue: "تاخیر شدہ", stats: "%s: %d باقی، جن میں سے %d تاخیر شدہ، اور %d مکمل۔",
	tasks: [2]string{"1 کام", "%d کام"}, toTasks: [2]string{"1 کام", "%d کاموں"},
	quote: [2]string{"”", "“"},
	acts: map[string]string{
		"add_task": "شامل کیا", "update_task": "بدلا", "complete_task": "مکمل کیا", "delete_task": "حذف کیا", "bulk_tasks": "کئی بدلے", "undo": "واپس لیا",
		"created": "شامل کیا", "updated": "بدلا", "completed": "مکمل کیا", "reopened": "دوبارہ کھولا", "deleted": "حذف کیا", "archived": "محفوظ خانے میں رکھا",
		"template": "سانچہ بدلا", "settings": "ترتیبات بدلیں",
		"delete": "حذف کریں", "complete": "مکمل کریں", "reopen": "دوبارہ کھولیں", "archive": "محفوظ خانے میں رکھیں", "update": "بدلیں",
	},
}

// How many characters of a title are quoted: where it is one among others, and
// where a yes is about it alone.
const (
	maxQuoted = 80
	maxAlone  = 500
)

// quoted returns a title as part of a sentence.
func (w *words) quoted(title string) string { return w.upTo(maxQuoted, title) }

// upTo returns so many characters of titles, as part of a sentence.
func (w *words) upTo(most int, titles ...string) string {
	quoted := make([]string, len(titles))
	for i, title := range titles {
		quoted[i] = w.quote[0] + inLine(strings.Map(tame, title), most) + w.quote[1]
	}
	return strings.Join(quoted, ", ")
}

// tame keeps a title within its quotation marks, and what stands beside it in its
// place: titles are other people's words, too.
func tame(r rune) rune {
	switch {
	case unicode.In(r, unicode.Pi, unicode.Pf), strings.ContainsRune("\"„‚″‶＂＇❛❜❝❞❟❠〝〞〟", r):
		return '\''
	case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d': // turns the line, or cannot be seen; those two join letters
		return -1
	}
	return r
}

// counted counts in one of two forms.
func counted[N int | int64](forms [2]string, n N) string {
	if n == 1 {
		return forms[0]
	}
	return fmt.Sprintf(forms[1], n)
}

// question asks for a yes to a plan.
func (w *words) question(p assist.Plan) string {
	var named struct {
		Action string
		Set    map[string]json.RawMessage
	}
	_ = json.Unmarshal(p.Arguments, &named) // ours
	if named.Action == "" {
		subtasks := ""
		if p.Tasks > 1 {
			subtasks = fmt.Sprintf(w.withSubtasks, p.Tasks-1)
		}
		return fmt.Sprintf(w.deleteQuestion, w.upTo(maxAlone, p.Titles...), subtasks)
	}
	titles := w.upTo(maxQuoted, p.Titles...)
	if more := p.Tasks - len(p.Titles); more > 0 {
		titles += " " + fmt.Sprintf(w.more, more)
	}
	set := ""
	if len(named.Set) > 0 {
		set = " (" + w.settings(named.Set, p.Related) + ")"
	}
	if p.Action == string(task.BulkDelete) {
		titles += w.withTheirs
	}
	return fmt.Sprintf(w.bulkQuestion, w.acts[p.Action], counted(w.tasks, p.Tasks), set, titles) + " " + w.canUndo
}

// settings writes down what is set, as the contract has it: the words of others in
// quotation marks, and tasks by their titles.
func (w *words) settings(set map[string]json.RawMessage, related map[string]string) string {
	var all []string
	for name, value := range set {
		all = append(all, name+" = "+w.setting(name, value, related))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (w *words) setting(name string, value json.RawMessage, related map[string]string) string {
	var text string
	var texts []string
	switch {
	case string(value) == "null", string(value) == "[]":
		return w.nothing
	case json.Unmarshal(value, &texts) == nil && name == "depends_on":
		return w.related(texts, related)
	case json.Unmarshal(value, &texts) == nil:
		return w.upTo(maxQuoted, texts...)
	case json.Unmarshal(value, &text) != nil:
		return inLine(string(value), maxAlone) // a flag
	case strings.TrimSpace(text) == "":
		return w.nothing
	case name == "parent_id":
		return w.related([]string{text}, related)
	case name == "title", name == "description", name == "category":
		return w.excerpt(text)
	}
	return inLine(strings.Map(tame, text), maxQuoted) // a day, a rule, a word
}

// related names tasks by their titles, of many as many as were looked up.
func (w *words) related(ids []string, titles map[string]string) string {
	var all []string
	for _, id := range ids {
		switch title, known := titles[id]; {
		case title != "":
			all = append(all, w.quoted(title))
		case known:
			all = append(all, w.noTask)
		}
	}
	named := strings.Join(all, ", ")
	if more := len(ids) - len(all); more > 0 {
		named += " " + fmt.Sprintf(w.more, more)
	}
	return named
}

// excerpt quotes the beginning of a text, and says how long it is where that is not
// all of it.
func (w *words) excerpt(text string) string {
	begins := w.quoted(text)
	if begins == w.upTo(len(text), text) {
		return begins
	}
	return begins + " " + fmt.Sprintf(w.long, utf8.RuneCountInString(text))
}

func (w *words) moveIt(title, due string) string {
	return fmt.Sprintf(w.moveQuestion, w.quoted(title), inLine(due, 80))
}

// undoIt asks whether to take back a step.
func (w *words) undoIt(s assist.Step) string {
	did := w.acts[string(s.Action)]
	if did == "" { // of another release
		did = string(s.Action)
	}
	if len(s.Titles) > 0 {
		did += " " + w.upTo(maxQuoted, s.Titles...)
	}
	if more := s.Tasks - len(s.Titles); more > 0 {
		did += " " + fmt.Sprintf(w.more, more)
	}
	return fmt.Sprintf(w.undoQuestion, did)
}

func (w *words) completeIt(title string) string {
	return fmt.Sprintf(w.completeQuestion, w.quoted(title))
}

// addIt asks whether what was said is a task.
func (w *words) addIt(title, detail string) string {
	if detail != "" {
		detail = " (" + detail + ")"
	}
	return w.notUnderstood + " " + fmt.Sprintf(w.add, w.quoted(title), detail)
}

// faulty says why a line is no task.
func (w *words) faulty(faults task.Faults) string {
	details := make([]string, len(faults))
	for i, f := range faults {
		details[i] = f.Detail
	}
	return fmt.Sprintf(w.refuse, strings.Join(details, "; "))
}

// deeds says what was done until an answer had to stop.
func (w *words) deeds(done []deed) string {
	if len(done) == 0 {
		return w.nothingDone
	}
	all := make([]string, len(done))
	for i, d := range done {
		all[i] = w.acts[d.tool]
		if d.title != "" {
			all[i] += " " + w.quoted(d.title)
		}
	}
	return fmt.Sprintf(w.doneUntilThen, strings.Join(all, ", "))
}

func (w *words) turnsUsed(n int) string { return fmt.Sprintf(w.turns, n) }

// failed says why an answer had to stop.
func (w *words) failed(cause error) string {
	var f *Failure
	switch {
	case errors.As(cause, &f) && f.Kind != TooSlow:
		return fmt.Sprintf(w.modelFailed, f.Error())
	case errors.As(cause, &f):
		return w.tooLong
	case errors.Is(cause, context.Canceled): // who reads it later
		return w.callerGone
	}
	return w.storageFailed
}

// report says what came of a call.
func (w *words) report(c Call) string { return w.result(resultOf(c)) }

func (w *words) result(r result) string {
	switch {
	case r.Error != "":
		return w.refusal(r)
	case r.name == "list_tasks", r.name == "search_tasks":
		return w.list(r)
	case r.name == "today":
		return w.today(r)
	case r.name == "stats":
		return fmt.Sprintf(w.stats, counted(w.tasks, r.Stats.Total), r.Stats.Pending, r.Stats.Overdue, r.Stats.Completed)
	case r.name == "undo":
		return w.takenBack(r)
	case r.name == "bulk_tasks":
		return w.many(r)
	}
	return w.one(r)
}

func (w *words) refusal(r result) string {
	why := []string{strings.TrimSuffix(r.Message, ".")}
	if len(r.Faults) > 0 { // which say it all
		why = nil
	}
	for _, f := range r.Faults {
		why = append(why, f.Problem)
	}
	return fmt.Sprintf(w.refuse, strings.Join(why, "; "))
}

func (w *words) one(r result) string {
	var about item
	if r.Task != nil {
		about = *r.Task
	}
	said := fmt.Sprintf(w.added, w.titled(about))
	switch {
	case r.Deleted != nil:
		said = fmt.Sprintf(w.deleted, w.quoted(r.Deleted.Title))
	case strings.HasPrefix(r.Message, "Nothing"):
		return fmt.Sprintf(w.already, w.quoted(about.Title))
	case r.name == "update_task":
		said = fmt.Sprintf(w.changed, w.titled(about))
	case r.name == "complete_task":
		said = fmt.Sprintf(w.completed, w.titled(about))
	}
	if r.Next != nil {
		said += " " + fmt.Sprintf(w.next, showDue(r.Next.Due))
	}
	return said + " " + w.undoing
}

// titled returns a task with what matters of it.
func (w *words) titled(i item) string {
	s := w.quoted(i.Title)
	if i.Due != "" {
		s += ", " + showDue(i.Due)
	}
	if i.Overdue {
		s += ", " + w.overdue
	}
	return s
}

// showDue writes a due as people read it: a day, or a day and a time.
func showDue(due string) string {
	if len(due) > len("2006-01-02T15:04") {
		return strings.Replace(due[:len("2006-01-02T15:04")], "T", " ", 1)
	}
	return due
}

func (w *words) list(r result) string {
	all, whole := r.list()
	if len(all) == 0 {
		return w.none
	}
	form := w.listed
	if !whole {
		form = w.listedMore
	}
	return fmt.Sprintf(form, counted(w.tasks, len(all))) + w.numbered(all)
}

func (w *words) numbered(all []item) string {
	var b strings.Builder
	for n, i := range all {
		fmt.Fprintf(&b, "\n%d. %s", n+1, w.titled(i))
		if i.Status == "completed" {
			b.WriteString(" ✓")
		}
	}
	return b.String()
}

func (w *words) today(r result) string {
	all, _ := r.list()
	said := fmt.Sprintf(w.day, r.Weekday, r.Date)
	if len(all) == 0 {
		return said + " " + w.dayFree
	}
	return said + w.numbered(all)
}

func (w *words) takenBack(r result) string {
	titles := ""
	if len(r.Titles) > 0 {
		titles = ": " + w.upTo(maxQuoted, r.Titles...)
	}
	return fmt.Sprintf(w.undone, titles)
}

func (w *words) many(r result) string {
	if r.Done == 0 && r.Refused == 0 {
		return w.nothingDone
	}
	said := fmt.Sprintf(w.bulked, counted(w.toTasks, r.Done))
	var why []string
	for _, o := range r.Results {
		if o.Result == string(task.WasRefused) && len(why) < 3 {
			why = append(why, o.Detail)
		}
	}
	if r.Refused > 0 {
		said += " " + fmt.Sprintf(w.bulkRefused, r.Refused, strings.Join(why, "; "))
	}
	if r.Done == 0 {
		return said
	}
	return said + " " + w.undoing
}

package chat

var english = words{
	language: English,
	quote:    [2]string{"“", "”"},
	tasks:    [2]string{"1 task", "%d tasks"},
	toTasks:  [2]string{"1 task", "%d tasks"},

	yes: "Yes",
	no:  "No",

	acts: map[string]string{
		"add_task":      "added",
		"update_task":   "changed",
		"complete_task": "completed",
		"delete_task":   "deleted",
		"bulk_tasks":    "changed several",
		"undo":          "taken back",

		"created":   "added",
		"updated":   "changed",
		"completed": "completed",
		"reopened":  "reopened",
		"deleted":   "deleted",
		"archived":  "archived",
		"template":  "changed a template",
		"settings":  "changed settings",

		"delete":   "Delete",
		"complete": "Complete",
		"reopen":   "Reopen",
		"archive":  "Archive",
		"update":   "Change",
	},

	noModel: "No language model is set up here, so I understand a few words only; “help” lists them.",
	help: `This is what I understand:
- add Pay rent tomorrow 9am !high every month: adds a task, in the words of quick add
- today; list, list overdue, list tomorrow, list #work; find rent; stats
- done rent, or done 2: the second task of the list before
- move rent to friday 3pm
- delete rent, delete completed tasks: I ask before I do it
- undo: takes back what was done last
Of anything else I ask whether it is a task.`,
	notUnderstood: "I do not understand that.",
	readOnly:      "Your credential may only read tasks, not change them.",

	which:        "Which task? Say words of its title.",
	whichOfThese: "Which of them? Say its number with what to do, such as “done 2”.",
	addWhat:      "What is the task? Say it behind “add”.",
	notFound:     "No task has these words.",

	addQuestion:      "Add %s as a task%s?",
	completeQuestion: "Mark %s as done?",
	moveQuestion:     "Move %s to %s?",
	undoQuestion:     "Take back what was done last, maybe elsewhere: %s?",
	deleteQuestion:   "Delete %s%s? It can be undone for 30 days.",
	withSubtasks:     " and its subtasks (%d)",
	bulkQuestion:     "%s %s%s: %s?",
	withTheirs:       ", with all subtasks that they have",
	more:             "and %d more",
	long:             "(%d characters)",
	noTask:           "no such task",
	nothing:          "nothing",
	canUndo:          "One undo takes all of it back.",

	declined:     "All right, nothing was done.",
	gone:         "This can no longer be done as it was asked for; ask for it again.",
	nothingWaits: "There is nothing that waits for a yes or a no.",
	maybeDone:    "Somebody said yes before, and it may have been done; if so, “undo” takes it back.",

	added:         "Added %s.",
	completed:     "Done: %s.",
	changed:       "Changed: %s.",
	deleted:       "Deleted %s.",
	bulked:        "Done to %s.",
	bulkRefused:   "Refused for %d: %s.",
	undone:        "Taken back%s. “undo” again goes one step further back.",
	undoing:       "“undo” takes it back.",
	next:          "Next time: %s.",
	already:       "Nothing changed: %s was like that already.",
	refuse:        "That could not be done: %s.",
	nothingToUndo: "There is nothing to take back.",
	nothingDone:   "Nothing was changed.",

	none:       "There are no such tasks.",
	listed:     "%s:",
	listedMore: "The first %s; there are more:",
	day:        "%s, %s:",
	dayFree:    "Nothing is overdue or due today.",
	overdue:    "overdue",
	stats:      "%s: %d open, %d of them overdue, and %d done.",

	cut:           "The answer was longer than it may be, so it is cut off here.",
	tokensMessage: "I stop here: this message has used the tokens that one message may use.",
	tokensDay:     "The language model's tokens for today are used up; there are new ones tomorrow (UTC).",
	turns:         "I stop here: the language model has been asked as often as it may be for one message, which is %d.",
	tooLong:       "I stop here: this took longer than one message may take.",
	modelFailed:   "I stop here: %s.",
	storageFailed: "I stop here: the tasks cannot be reached at the moment.",
	callerGone:    "I stopped here, because the connection was closed.",
	doneUntilThen: "Until then was done: %s. “undo” takes it back, the last first.",
	unavailable:   "The tasks cannot be reached at the moment; nothing was done. Say it again in a while.",
}

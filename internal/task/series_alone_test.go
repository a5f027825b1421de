package task

import "time"

// These are the steps of a series with all the patience that one alone has.

func (s Series) Next(after Due) (next Due, ok bool) {
	left := much
	return s.next(after, &left)
}

func (s Series) NextSince(after Due, now time.Time) (next Due, ok bool) {
	left := much
	return s.nextSince(after, now, &left)
}

func (s Series) Occurrences(after Due, n int) []Due {
	left := much
	return s.occurrences(after, n, &left)
}

func (s Series) Follow(occurrence Due, at time.Time) (next Series, due Due, ok bool) {
	left := much
	return s.follow(occurrence, at, &left)
}

// Reads the golden calendars with ical.js, a library that calendar programs
// use, and holds that it finds in them what was written. By hand, with Node:
//
//	npm install --prefix /tmp/ical ical.js@2
//	NODE_PATH=/tmp/ical/node_modules node ical.mjs [calendar.ics …]
//
// Calendars named as arguments are checked for how their zones set clocks only,
// against the zones that Node itself has.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const ICAL = createRequire(import.meta.url)('ical.js').default ?? createRequire(import.meta.url)('ical.js')
ICAL.design.strict = true

const read = path => new ICAL.Component(ICAL.parse(readFileSync(path, 'utf8')))
const golden = name => read(new URL(`golden/${name}`, import.meta.url))
const bySummary = (cal, kind) => new Map(cal.getAllSubcomponents(kind).map(c => [c.getFirstPropertyValue('summary'), c]))

// zones checks every VTIMEZONE of a calendar every eleven hours of the years
// that ical.js computes, leaving out the hours about a change, in which a local
// time may come twice or not at all.
function zones(cal) {
	let n = 0
	for (const v of cal.getAllSubcomponents('vtimezone')) {
		const zone = new ICAL.Timezone(v)
		const clock = new Intl.DateTimeFormat('en-US', { timeZone: zone.tzid, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
		const local = at => {
			const p = Object.fromEntries(clock.formatToParts(at).map(p => [p.type, Number(p.value)]))
			return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second)
		}
		for (let at = Date.UTC(1970, 0, 3); at < Date.UTC(2035, 0); at += 11 * 3600e3) {
			const offset = local(at) - at
			if (local(at - 3 * 3600e3) - at + 3 * 3600e3 !== offset || local(at + 3 * 3600e3) - at - 3 * 3600e3 !== offset) continue
			const got = zone.utcOffset(ICAL.Time.fromJSDate(new Date(at + offset), true))
			assert.equal(got * 1000, offset, `${zone.tzid} at ${new Date(at).toISOString()}`)
			n++
		}
	}
	return n
}

// starts lists the first occurrences of an event, in UTC.
function starts(cal, component, n) {
	for (const v of cal.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(new ICAL.Timezone(v))
	const event = new ICAL.Event(component)
	const all = []
	for (let i = event.iterator(), next; all.length < n && (next = i.next());) {
		all.push(next.isDate ? next.toString() : next.toJSDate().toISOString())
	}
	return all
}

if (process.argv.length > 2) {
	for (const path of process.argv.slice(2)) console.log(path, zones(read(path)), 'offsets')
	process.exit()
}

process.env.TZ = 'UTC'
for (const [name, kind, count] of [['events.ics', 'vevent', 7], ['todos.ics', 'vtodo', 9], ['empty.ics', 'vevent', 0]]) {
	const cal = golden(name)
	assert.equal(cal.getFirstPropertyValue('version'), '2.0')
	assert.equal(cal.getAllSubcomponents(kind).length, count, name)
	if (name !== 'empty.ics') assert.equal(cal.getFirstPropertyValue('x-wr-calname'), 'Tasks\\, mine') // a text, of which ical.js cannot know
	for (const c of cal.getAllSubcomponents(kind)) {
		for (const p of ['uid', 'dtstamp', 'summary', 'sequence', 'status']) assert.equal(c.getAllProperties(p).length, 1, `${name} ${p}`)
		assert.match(c.getFirstPropertyValue('uid'), /^[0-9a-f-]{36}$/)
	}
	console.log(name, count, kind, zones(cal), 'offsets')
}

const tasks = new Map(JSON.parse(readFileSync(new URL('golden/export.json', import.meta.url))).tasks.map(t => [t.title, t]))
const todos = bySummary(golden('todos.ics'), 'vtodo')
const rent = todos.get('Pay rent')
assert.equal(rent.getFirstPropertyValue('description'), tasks.get('Pay rent').description.replace('\r\n', '\n').replace('\x01', '\ufffd'))
assert.deepEqual(rent.getFirstProperty('categories').getValues(), ['home', 'bank', 'flat, ground floor'])
assert.equal(rent.getFirstPropertyValue('due').toString(), '2026-01-31')
assert.equal(rent.getAllSubcomponents('valarm')[0].getFirstPropertyValue('trigger').toSeconds(), -86400)
assert.equal(todos.get('Done, at last').getFirstPropertyValue('completed').toString(), '2026-02-01T10:00:00Z')
assert.equal(todos.get('=SUM(A1:A9)').getAllProperties('related-to').length, 3)

const cal = golden('events.ics')
const events = bySummary(cal, 'vevent')
// The clocks are set on 29 March: half past nine is an hour earlier in UTC from then on.
assert.deepEqual(starts(cal, events.get('Standup'), 3), ['2026-03-27T08:30:00.000Z', '2026-03-30T07:30:00.000Z', '2026-04-03T07:30:00.000Z'])
assert.deepEqual(starts(cal, events.get('Standup'), 1000).slice(-1), ['2026-12-28T08:30:00.000Z'])
assert.deepEqual(starts(cal, events.get('Pay rent'), 4), ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'])
assert.deepEqual(starts(cal, events.get('Taxes'), 3), ['2024-02-29', '2025-02-28', '2026-02-28'])
assert.deepEqual(starts(cal, events.get('Bins'), 99).length, 22)
console.log('all is as it was written')

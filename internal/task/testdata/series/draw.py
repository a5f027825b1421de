#!/usr/bin/env python3
"""Prints dateutil.golden: what python-dateutil (2.9.0) makes of rules drawn at random.

A line is a rule, its anchor and its first dates, as wall times. Left out is
what dateutil is known to read otherwise than RFC 5545: plain weekdays beside
numbered ones, BYSETPOS in the week of an anchor amid it, and weeks of the year
that name no day or leave some years out.
"""
import datetime as module
import random
import sys
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

DATES = 12
YEARS = {"HOURLY": 9, "MINUTELY": 1, "SECONDLY": 1}  # to search: it walks each second
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
draw = random.Random(5545)


def some(values, most):
    return ",".join(str(v) for v in draw.sample(list(values), draw.randint(1, most)))


def either(most):
    return [n for n in range(-most, most + 1) if n]


def numbered(most):
    return [f"{n}{d}" for d in DAYS for n in either(most)]


def by(freq):
    parts = {}
    chance = lambda p: draw.random() < p
    if chance(0.3):
        parts["BYMONTH"] = some(range(1, 13), 4)
    if freq == "YEARLY" and chance(0.3):
        parts["BYWEEKNO"] = some(either(53), 4)
        parts["BYDAY"] = some(DAYS, 4)
    elif chance(0.5):
        if freq == "MONTHLY" and chance(0.5):
            parts["BYDAY"] = some(numbered(5), 3)
        elif freq == "YEARLY" and chance(0.6):
            parts["BYDAY"] = some(numbered(5 if "BYMONTH" in parts else 53), 3)
        else:
            parts["BYDAY"] = some(DAYS, 4)
    if freq != "WEEKLY" and "BYWEEKNO" not in parts and chance(0.35):
        parts["BYMONTHDAY"] = some(either(31), 5)
    if freq not in ("DAILY", "WEEKLY", "MONTHLY") and chance(0.2):
        parts["BYYEARDAY"] = some(either(366), 6)
    if chance(0.25):
        parts["BYHOUR"] = some(range(24), 3)
    if chance(0.2):
        parts["BYMINUTE"] = some(range(60), 3)
    if chance(0.1):
        parts["BYSECOND"] = some(range(60), 2)
    if parts and freq not in ("WEEKLY", "SECONDLY") and "BYWEEKNO" not in parts and chance(0.3):
        parts["BYSETPOS"] = some(either(4), 2)
    return parts


def rule():
    freq = draw.choices(
        ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"], [4, 4, 4, 3, 2, 1, 1])[0]
    parts = {"FREQ": freq}
    parts.update(by(freq))
    if "BYWEEKNO" not in parts and draw.random() < 0.5:
        parts["INTERVAL"] = draw.choice([2, 3, 4, 5, 6, 7, 10, 12, 14, 25, 30, 36, 60, 90, 97])
    if draw.random() < 0.3:
        parts["WKST"] = draw.choice(DAYS)
    return parts


def text(parts):
    return ";".join(f"{k}={v}" for k, v in parts.items())


def reachable(parts, start):
    """dateutil never returns where INTERVAL and a limit never meet."""
    step = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}.get(parts["FREQ"])
    if not step:
        return True
    step *= int(parts.get("INTERVAL", 1))
    limits = {"BYHOUR": (3600, 24), "BYMINUTE": (60, 60), "BYSECOND": (1, 60)}
    moment = start.hour * 3600 + start.minute * 60 + start.second
    for _ in range(86400):
        if all(str(moment // unit % of) in parts[name].split(",") for name, (unit, of) in limits.items() if name in parts and unit >= step // int(parts.get("INTERVAL", 1))):
            return True
        moment = (moment + step) % 86400
    return False


def dates(parts, start):
    return list(rrulestr(text(parts), dtstart=start).xafter(start - timedelta(seconds=1), count=DATES))


def series():
    parts = rule()
    start = datetime(draw.randint(1995, 2035), draw.randint(1, 12), draw.randint(1, 28), draw.randint(0, 23), draw.randint(0, 59), 0)
    if not reachable(parts, start):
        return None
    module.MAXYEAR = start.year + YEARS.get(parts["FREQ"], 60)
    found = dates(parts, start)
    if not found:
        return None
    start = found[0]
    end = draw.random()
    if end < 0.15:
        parts["COUNT"] = draw.randint(1, len(found))
    elif end < 0.3:
        parts["UNTIL"] = found[-1].strftime("%Y%m%dT%H%M%S")
    if not reachable(parts, start):
        return None
    found = dates(parts, start)
    if found[0] != start or len(found) < 2:
        return None
    return " ".join([text(parts)] + [d.strftime("%Y%m%dT%H%M%S") for d in found])


lines = set()
while len(lines) < 600:
    line = series()
    if line:
        lines.add(line)
sys.stdout.write("\n".join(sorted(lines)) + "\n")

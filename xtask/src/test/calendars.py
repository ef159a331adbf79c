"""Reads calendars of reminders as a calendar program does, and compares their times with Python's own rules of the zones.

Each is read twice: as it is, and with its zone under a name that no program knows, so that what the calendar itself says
of the zone is all there is.
"""

import re
import sys
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import icalendar
import recurring_ical_events

# The package's rules, which have a version, and not the machine's.
zoneinfo.reset_tzpath(())

FIRST, LAST = date(2026, 12, 1), date(2028, 1, 31)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

# Across both changes of the clocks in 2027, written by hand.
KNOWN = {
    "london.ics": [
        "2027-03-27T08:00Z", "2027-03-28T07:00Z", "2027-03-29T07:00Z",
        "2027-10-30T07:00Z", "2027-10-31T08:00Z", "2027-11-01T08:00Z",
    ],
    # Mondays, Thursdays and Sundays.
    "new-york.ics": [
        "2027-03-11T12:30Z", "2027-03-14T11:30Z", "2027-03-15T11:30Z",
        "2027-11-04T11:30Z", "2027-11-07T12:30Z", "2027-11-08T12:30Z",
    ],
}


def said(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found, f"no {pattern}"
    return found[1]


def expected(text: str) -> list[str]:
    """Every chosen day at the local time, by Python's own rules."""
    zone = zoneinfo.ZoneInfo(said(text, r"DTSTART;TZID=([^:]+):"))
    days = said(text, r"RRULE:FREQ=WEEKLY;BYDAY=([A-Z,]+)").split(",")
    hour, minute = re.search(r"DTSTART;TZID=[^:]+:\d{8}T(\d\d)(\d\d)00", text).groups()
    all_days = (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days))
    chosen = (day for day in all_days if DAYS[day.weekday()] in days)
    return sorted(utc(datetime.combine(day, time(int(hour), int(minute)), zone)) for day in chosen)


def occurring(text: str, margin: timedelta = timedelta(days=2)) -> list[str]:
    """When a calendar program would remind."""
    calendar = icalendar.Calendar.from_ical(text)
    broken = [str(error) for part in calendar.walk() for error in part.errors]
    assert not broken, broken
    events = recurring_ical_events.of(calendar).between(FIRST - margin, LAST + margin)
    inside = (event["DTSTART"].dt for event in events)
    return sorted(utc(at) for at in inside if FIRST <= at.date() < LAST)


def utc(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%MZ")


def check(path: Path) -> None:
    text = path.read_bytes().decode()
    wanted = expected(text)
    assert len(wanted) > 50, f"{path.name}: {len(wanted)} times"
    for known in KNOWN.get(path.name, []):
        assert known in wanted, f"{path.name}: {known}"
    # Its own each time: what was read once under a name is remembered.
    own = text.replace(said(text, r"TZID:(\S+)"), f"Nowhere/{path.stem}")
    for way, calendar in [("as it is", text), ("by its own zone", own)]:
        there = occurring(calendar)
        missing, more = sorted(set(wanted) - set(there)), sorted(set(there) - set(wanted))
        assert there == wanted, f"{path.name}, {way}: missing {missing[:5]}, too many {more[:5]}"
    print(f"{path.name}: {len(wanted)} times")


if __name__ == "__main__":
    files = sorted(Path(sys.argv[1]).glob("*.ics"))
    assert set(KNOWN) <= {file.name for file in files}, f"only {files}"
    for file in files:
        check(file)

"""DATEFORMAT and TIMEFORMAT: Redshift Developer Guide, "DATEFORMAT and TIMEFORMAT strings".

A month, day or hour may have one digit, seconds a fraction of up to six.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

PARTS: Final = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short_year>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "MON": r"(?P<name>[A-Za-z]{3})",
    "DD": r"(?P<day>[0-9]{1,2})",
    "HH24": r"(?P<hour>[0-9]{1,2})",
    "HH12": r"(?P<hour>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{1,2})",
    "MI": r"(?P<minute>[0-9]{1,2})",
    "SS": r"(?P<second>[0-9]{1,2}(?:\.[0-9]{1,6})?)",
    "AM": r"(?P<half>[AaPp][Mm])",
    "PM": r"(?P<half>[AaPp][Mm])",
}
PART: Final = re.compile(
    "|".join(sorted(PARTS, key=len, reverse=True)) + r"|T(?=HH)|[A-Za-z]+|.", re.S
)
MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip

AUTO_DATES: Final = ("YYYY-MM-DD", "YYYYMMDD", "MM/DD/YYYY", "MM-DD-YYYY", "DD MON YYYY")
AUTO_TIMES: Final = ("HH24:MI:SS", "HH24:MI", "HH12:MI:SS AM", "HH12:MI AM")
EPOCHS: Final = {
    "epochsecs": timedelta(seconds=1),
    "epochmillisecs": timedelta(milliseconds=1),
}
"""Their unit."""
YEAR_TURN: Final = 70
"""Two digits from here on are of the last century."""

ReadTime = Callable[[str], datetime | None]
"""None: the text is no such time."""


def check_format(text: str, *, has_time: bool) -> str | None:
    """What is wrong with a format; None: nothing."""
    if text == "auto" or (has_time and text in EPOCHS):
        return None
    names = [part for part in PART.findall(text) if part in PARTS]
    strange = [part for part in PART.findall(text) if part.isalpha() and part not in PARTS]
    if strange and strange != ["T"]:
        return f"{strange[0]} means nothing; parts are {', '.join(PARTS)}, in capitals"
    if len(set(names) & {"YYYY", "YY"}) != 1 or len(set(names) & {"MM", "MON"}) != 1:
        return "it needs one year and one month"
    hours = [name for name in names if name.startswith("HH")]
    if "DD" not in names or len(set(names)) != len(names) or len(hours) > 1:
        return "it needs a day, and each part once"
    return None


def time_reader(text: str) -> ReadTime:
    """Reads times of a format that `check_format` passed."""
    if text in EPOCHS:
        return partial(_epoch, EPOCHS[text])
    if text != "auto":
        return partial(_matched, [_pattern(text)])
    patterns = [_pattern(date) for date in AUTO_DATES]
    patterns += [
        _pattern(f"{date}{between}{time}")
        for date in AUTO_DATES
        for between in (" ", "T")
        for time in AUTO_TIMES
    ]
    return partial(_matched, patterns)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("".join(PARTS.get(part, re.escape(part)) for part in PART.findall(text)))


def _epoch(unit: timedelta, text: str) -> datetime | None:
    if re.fullmatch(r"-?[0-9]{1,15}", text) is None:
        return None
    try:
        at = datetime.fromtimestamp(0, UTC) + int(text) * unit
    except OverflowError:
        return None
    return at.replace(tzinfo=None)


def _matched(patterns: list[re.Pattern[str]], text: str) -> datetime | None:
    for pattern in patterns:
        found = pattern.fullmatch(text)
        if found is not None:
            return _time(found.groupdict())
    return None


def _time(parts: dict[str, str | None]) -> datetime | None:
    hour = int(parts.get("hour") or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half.lower() == "pm")
    second, _, fraction = (parts.get("second") or "0").partition(".")
    try:
        return datetime(
            _year(parts),
            _month(parts),
            int(parts["day"] or 0),
            hour,
            int(parts.get("minute") or 0),
            int(second),
            int(fraction.ljust(6, "0")) if fraction else 0,
        )
    except ValueError:
        return None


def _year(parts: dict[str, str | None]) -> int:
    if year := parts.get("year"):
        return int(year)
    short = int(parts["short_year"] or 0)
    return short + (1900 if short >= YEAR_TURN else 2000)


def _month(parts: dict[str, str | None]) -> int:
    if month := parts.get("month"):
        return int(month)
    # One that is no month is none of 1 to 12, and datetime refuses it.
    name = (parts["name"] or "").lower()
    return MONTHS.index(name) + 1 if name in MONTHS else 0

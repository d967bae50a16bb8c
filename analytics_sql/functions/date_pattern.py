"""Patterns of java.text.SimpleDateFormat, in English and UTC, as REF:sql-reference-datetime-
conversion-functions lists them.

Parsing is strict about ranges (REF:sql-reference-char-to-timestamp: an element out of its range
gives no result), takes what the pattern names and leaves what follows it in the text alone
(REF:sql-reference-template-strings-create-output-timestamps). Fields that the pattern does not name
are those of 1970-01-01 00:00:00.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from analytics_sql.functions.times import EARLIEST_MS, LATEST_MS, moment

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LETTERS = frozenset("GyYMwWDdFEuaHkKhmsSzZX")
_CENTURY_STARTS = 50
"""A year of two digits lies in 1950 to 2049. Java's window moves with the clock: from 80 years back
to 20 years ahead; a replay must give the same rows.
"""
_DIGITS_MAX = 9
_DAY_OF_1970 = date(1970, 1, 1).toordinal()
_PIECE = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z']+)")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d\d?):?(\d\d)?|Z|GMT|UTC")


class NotADatePattern(ValueError):
    """The text is no pattern; str() says why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one letter, or text that stands for itself (letter is empty)."""

    letter: str
    text: str

    @property
    def count(self) -> int:
        """How many letters."""
        return len(self.text)

    @property
    def is_number(self) -> bool:
        """Whether it stands for digits."""
        return self.letter not in ("", "G", "E", "a", "z", "Z", "X") and not (
            self.letter == "M" and self.count >= 3
        )


@lru_cache(maxsize=256)
def pieces(pattern: str) -> tuple[Piece, ...]:
    """A pattern taken apart. Raises NotADatePattern."""
    found: list[Piece] = []
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None:
            raise NotADatePattern("a quote in this pattern is never closed")
        quoted, run, letter, other = match.groups()
        if letter is not None and letter not in _LETTERS:
            raise NotADatePattern(
                f"{letter} is no letter of a date pattern; text in it stands in quotes, "
                "which are doubled inside a constant"
            )
        if letter is not None:
            found.append(Piece(letter, run))
        elif quoted is not None:
            found.append(Piece("", "'" if quoted == "" else quoted.replace("''", "'")))
        else:
            found.append(Piece("", other))
        at = match.end()
    return tuple(found)


def formatted(pattern: str, time_ms: int) -> str:
    """The time as the pattern writes it. Raises NotADatePattern, and ValueError for a time that no
    calendar holds.
    """
    point = moment(time_ms)
    return "".join(_written(piece, point) for piece in pieces(pattern))


def _written(piece: Piece, point: datetime) -> str:
    count = piece.count
    match piece.letter:
        case "":
            return piece.text
        case "G":
            return "AD"
        case "y" | "Y":
            year = point.year if piece.letter == "y" else _week_of_year(point)[0]
            return f"{year % 100:02d}" if count == 2 else f"{year:0{count}d}"
        case "M" if count >= 3:
            name = _MONTHS[point.month - 1]
            return name if count > 3 else name[:3]
        case "E":
            name = _DAYS[point.weekday()]
            return name if count > 3 else name[:3]
        case "a":
            return "AM" if point.hour < 12 else "PM"
        case "z":
            return "Coordinated Universal Time" if count > 3 else "UTC"
        case "Z":
            return "+0000"
        case "X":
            return "Z"
    return f"{_NUMBERS[piece.letter](point):0{count}d}"


def _week_of_year(point: datetime) -> tuple[int, int]:
    """Week year and week: weeks start on Sunday, and the first is the one with 1 January."""
    saturday = point.date() + timedelta(days=6 - point.isoweekday() % 7)
    first = date(saturday.year, 1, 1)
    start = first - timedelta(days=first.isoweekday() % 7)
    return saturday.year, (point.date() - start).days // 7 + 1


def _week_of_month(point: datetime) -> int:
    first_weekday = point.replace(day=1).isoweekday() % 7
    return (point.day + first_weekday - 1) // 7 + 1


_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "M": lambda t: t.month,
    "w": lambda t: _week_of_year(t)[1],
    "W": _week_of_month,
    "D": lambda t: t.timetuple().tm_yday,
    "d": lambda t: t.day,
    "F": lambda t: (t.day - 1) // 7 + 1,
    "u": lambda t: t.isoweekday(),
    "H": lambda t: t.hour,
    "k": lambda t: t.hour or 24,
    "K": lambda t: t.hour % 12,
    "h": lambda t: t.hour % 12 or 12,
    "m": lambda t: t.minute,
    "s": lambda t: t.second,
    "S": lambda t: t.microsecond // 1000,
}
_RANGES = {
    "M": (1, 12),
    "D": (1, 366),
    "d": (1, 31),
    "H": (0, 23),
    "k": (1, 24),
    "K": (0, 11),
    "h": (1, 12),
    "m": (0, 59),
    "s": (0, 59),
    "S": (0, 999),
    "w": (1, 53),
    "W": (0, 6),
    "F": (1, 5),
    "u": (1, 7),
}


def parsed(pattern: str, text: str) -> int:
    """Milliseconds since 1970 of the time in a text. Raises NotADatePattern, and ValueError for a
    text that does not follow the pattern.
    """
    matcher, letters = _matcher(pattern)
    match = None if matcher is None else matcher.match(text)
    if match is not None:
        fields = dict(zip(letters, map(int, match.groups()), strict=True))
        if all(_in_range(letter, value) for letter, value in fields.items()):
            return _assembled(fields, text)
    return _read(pattern, text)


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> tuple[re.Pattern[str] | None, str]:
    """A pattern of plain numbers as a regular expression, and the letters of its groups: several
    times as fast as reading piece by piece. It refuses more than it should, never less.
    """
    found = pieces(pattern)
    letters = [piece.letter for piece in found if piece.letter]
    is_plain = all(
        piece.is_number and not (piece.letter in "yY" and piece.count == 2)
        for piece in found
        if piece.letter
    )
    if not is_plain or len(set(letters)) < len(letters):
        return None, ""
    parts = []
    for piece, following in zip(found, [*found[1:], None], strict=True):
        adjoining = following is not None and following.is_number
        most = piece.count if adjoining else _DIGITS_MAX
        parts.append(rf"(\d{{1,{most}}}+)" if piece.letter else re.escape(piece.text))
    return re.compile("".join(parts), re.ASCII), "".join(letters)


def _in_range(letter: str, value: int) -> bool:
    low, high = _RANGES.get(letter, (1, 9999))
    return low <= value <= high


def _read(pattern: str, text: str) -> int:
    found = pieces(pattern)
    fields: dict[str, int] = {}
    at = 0
    for number, piece in enumerate(found):
        if piece.letter == "":
            if not text.startswith(piece.text, at):
                raise _mismatch(pattern, text)
            at += len(piece.text)
            continue
        if piece.is_number:
            # The count of letters matters only where digits follow digits.
            adjoining = number + 1 < len(found) and found[number + 1].is_number
            at = _read_number(piece, text, at, adjoining, fields, pattern)
        else:
            at = _read_word(piece, text, at, fields, pattern)
    return _assembled(fields, text)


def _read_number(
    piece: Piece, text: str, at: int, adjoining: bool, fields: dict[str, int], pattern: str
) -> int:
    most = piece.count if adjoining else _DIGITS_MAX
    match = re.compile(rf"[ \t]*(\d{{1,{most}}})", re.ASCII).match(text, at)
    if match is None:
        raise _mismatch(pattern, text)
    value = int(match[1])
    if piece.letter in "yY" and piece.count == len(match[1]) == 2:
        value += 1900 if value >= _CENTURY_STARTS else 2000
    if not _in_range(piece.letter, value):
        raise ValueError(f"{_shown(text)} has {value} where '{pattern}' has {piece.text}")
    fields[piece.letter] = value
    return match.end()


def _read_word(piece: Piece, text: str, at: int, fields: dict[str, int], pattern: str) -> int:
    rest = text[at:].lower()
    match piece.letter:
        case "M" | "E":
            names = _MONTHS if piece.letter == "M" else _DAYS
            for number, name in enumerate(names):
                for written in (name.lower(), name[:3].lower()):
                    if rest.startswith(written):
                        if piece.letter == "M":
                            fields["M"] = number + 1
                        return at + len(written)
        case "a":
            if rest[:2] in ("am", "pm"):
                fields["a"] = rest[:2] == "pm"
                return at + 2
        case "G":
            if rest.startswith("ad"):
                return at + 2
        case _:
            offset = _OFFSET.match(text, at)
            if offset is not None:
                if offset[1]:
                    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
                    fields["offset"] = -minutes if offset[1] == "-" else minutes
                return offset.end()
    raise _mismatch(pattern, text)


def _assembled(fields: dict[str, int], text: str) -> int:
    given = fields.get
    hour = given("H", given("k", 0) % 24)
    if "h" in fields or "K" in fields:
        hour = given("h", given("K", 0)) % 12 + 12 * given("a", 0)
    try:
        day = date(given("y", given("Y", 1970)), given("M", 1), given("d", 1)).toordinal()
    except ValueError:
        raise ValueError(f"{_shown(text)} names a day that there is not") from None
    if "D" in fields and "d" not in fields and "M" not in fields:
        day += fields["D"] - 1
    minutes = ((day - _DAY_OF_1970) * 24 + hour) * 60 + given("m", 0) - given("offset", 0)
    time_ms = (minutes * 60 + given("s", 0)) * 1000 + given("S", 0)
    if not EARLIEST_MS <= time_ms <= LATEST_MS:
        raise ValueError(f"{_shown(text)} is no time of the years 1 to 9999")
    return time_ms


def _mismatch(pattern: str, text: str) -> ValueError:
    return ValueError(f"{_shown(text)} does not follow the pattern '{pattern}'")


def _shown(text: str) -> str:
    return ascii(text[:40])

"""Constants: numbers, TIMESTAMP, DATE, TIME and INTERVAL '...', from their text to their value.

A number's type comes from how it is written, as in standard SQL: 1 is exact and an integer, 1.5 is
exact and a DECIMAL, 1.5E0 is approximate and a DOUBLE. A text is a CHAR of its own length.
"""

import re
from fractions import Fraction

from analytics_sql.expression import Literal
from analytics_sql.syntax.nodes import DatetimeLiteral, IntervalLiteral
from analytics_sql.syntax.source_text import shown
from analytics_sql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INTEGER,
    TIME,
    TIMESTAMP,
    UNIT_MS,
    Kind,
    SqlType,
)
from fleet.timestamp import timestamp_ms

DIGITS_MAX = 18
"""Of a decimal number. Source: REF:sql-reference-numeric-types-precision."""

_COARSEST_FIRST = tuple(UNIT_MS)

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d{1,3})?", re.ASCII)
_INTERVAL_SEPARATORS = {"DAY": " ", "HOUR": ":", "MINUTE": ":"}


class NotALiteral(ValueError):
    """The text is no constant of its kind; str() is the sentence that says so."""


def number(text: str, *, negative: bool = False) -> Literal:
    """The constant that digits, a point and an exponent stand for. Raises NotALiteral."""
    if "e" in text.lower():
        try:
            value = float(text)
        except ValueError:
            raise NotALiteral(f"{shown(text)} has no digits after its E") from None
        if value in (float("inf"), float("-inf")):
            raise NotALiteral(f"{shown(text)} is too large for a DOUBLE")
        return Literal(-value if negative else value, DOUBLE)
    whole, _, fraction = text.partition(".")
    if len(whole.lstrip("0")) + len(fraction) > DIGITS_MAX + (not fraction):
        raise NotALiteral(f"{shown(text)} has too many digits")
    if fraction:
        precision = max(len(fraction), len((whole + fraction).lstrip("0")))
        digits = int(whole + fraction)
        type_ = SqlType(Kind.DECIMAL, precision, len(fraction))
        return Literal(-digits if negative else digits, type_)
    integer = -int(whole or "0") if negative else int(whole or "0")
    for type_ in (INTEGER, BIGINT):
        smallest, largest = type_.integer_range
        if smallest <= integer <= largest:
            return Literal(integer, type_)
    raise NotALiteral(f"{text} does not fit a BIGINT")


def text(value: str) -> Literal:
    """A text in quotes."""
    return Literal(value, SqlType(Kind.CHAR, len(value)))


def timestamp(literal: DatetimeLiteral) -> Literal:
    """TIMESTAMP '2026-01-01 00:00:00.000': milliseconds since 1970. Raises NotALiteral."""
    if _TIMESTAMP.fullmatch(literal.name):
        return Literal(_milliseconds(literal.name), TIMESTAMP)
    raise NotALiteral("a TIMESTAMP is written TIMESTAMP 'yyyy-MM-dd HH:mm:ss.SSS'")


def date_or_time(literal: DatetimeLiteral) -> Literal:
    """DATE '2026-01-01' or TIME '12:30:00.000', as a TIMESTAMP too. Raises NotALiteral."""
    match literal.args["kind"]:
        case "DATE":
            if _DATE.fullmatch(literal.name):
                return Literal(_milliseconds(literal.name), DATE)
            raise NotALiteral("a DATE is written DATE 'yyyy-MM-dd'")
        case "TIME":
            if _TIME.fullmatch(literal.name):
                return Literal(_milliseconds(f"1970-01-01 {literal.name}"), TIME)
            raise NotALiteral("a TIME is written TIME 'HH:mm:ss.SSS'")
    return timestamp(literal)


def interval(literal: IntervalLiteral) -> Literal:
    """INTERVAL '1:30' MINUTE TO SECOND: milliseconds. Raises NotALiteral."""
    length_ms = interval_ms(literal)
    if length_ms.denominator != 1:
        raise NotALiteral("an interval has milliseconds at the finest")
    units = literal.args["first_unit"], literal.args["last_unit"]
    return Literal(int(length_ms), SqlType(Kind.INTERVAL, units=units))


def _milliseconds(text: str) -> int:
    try:
        return timestamp_ms(text)
    except ValueError as error:
        raise NotALiteral(f"there is no such time as {text}: {error}") from None


def interval_ms(literal: IntervalLiteral) -> Fraction:
    """INTERVAL '1:30' MINUTE TO SECOND: 90000, to any precision. Raises NotALiteral.

    Only day-time intervals exist (REF:sql-reference-data-types).
    """
    first, last = literal.args["first_unit"], literal.args["last_unit"]  # never the finer first
    if first not in UNIT_MS or last not in UNIT_MS:
        raise NotALiteral("an interval is counted in DAY, HOUR, MINUTE or SECOND")
    units = _COARSEST_FIRST[_COARSEST_FIRST.index(first) : _COARSEST_FIRST.index(last) + 1]
    pattern = "".join(
        rf"(\d{{1,9}}){_INTERVAL_SEPARATORS[unit] if unit != last else ''}" for unit in units
    )
    fraction = r"(\.\d{1,9})?" if last == "SECOND" else "()"
    match = re.fullmatch(r"([+-]?)" + pattern + fraction, literal.name.strip(), re.ASCII)
    if match is None:
        as_written = first if first == last else f"{first} TO {last}"
        raise NotALiteral(f"'{shown(literal.name)}' is no number of {as_written}")
    sign, *counts, part = match.groups()
    total = sum(
        (Fraction(count) * UNIT_MS[unit] for count, unit in zip(counts, units, strict=True)),
        start=Fraction(f"0{part}" if part else 0) * UNIT_MS["SECOND"],
    )
    return -total if (sign == "-") != literal.args["negative"] else total

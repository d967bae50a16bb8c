"""CAST to text, from text, and between lengths of text: once for each distinct value."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import numpy as np

from analytics_sql.functions.date_pattern import pieces
from analytics_sql.functions.times import DAY_MS
from analytics_sql.types import UNIT_MS, Kind, SqlType
from processor.columns import Vector
from processor.expressions.exact import bounds
from processor.expressions.number_text import value_text
from processor.expressions.time_text import TimeWriter
from processor.expressions.words import Answer, ValueTable, WordTable, strictly

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?)?", re.ASCII
)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1)
_PLACES_MAX = 20
"""Digits before the point, beyond which a number fits no exact type."""
_BLANKS = " \t\r\n"
_PATTERNS = {
    Kind.TIMESTAMP: "yyyy-MM-dd HH:mm:ss.SSS",
    Kind.DATE: "yyyy-MM-dd",
    Kind.TIME: "HH:mm:ss.SSS",
}
_PADDING = {Kind.CHAR: " ", Kind.BINARY: "\0"}
_SEPARATORS = {"DAY": " ", "HOUR": ":", "MINUTE": ":"}


def text_to_text(source: SqlType, target: SqlType) -> Callable[[Vector], Vector]:
    """A text, or bytes, as one of another length."""
    is_padded = target.kind in _PADDING and source != target
    is_short = target.length is None or (
        source.length is not None and source.length <= target.length
    )
    if is_short and not is_padded:
        return lambda vector: vector
    table = WordTable(target, strictly(lambda text: fitted(text, target)))

    def convert(vector: Vector) -> Vector:
        if not is_padded and _all_fit(vector, target.length or 0):
            return vector
        return table(vector)

    return convert


def _all_fit(vector: Vector, length: int) -> bool:
    """Whether no word of the column is too long: then the column stays as it is."""
    assert vector.words is not None
    entries: list[Any] = vector.words.entries
    return all(len(entries[i]) <= length for i in np.unique(vector.values).tolist() if i)


def fitted(text: str, target: SqlType) -> str:
    """The text as a VARCHAR(n) or CHAR(n), bytes as a VARBINARY(n) or BINARY(n). Raises ValueError
    when it is too long.
    """
    length = target.length
    if length is None:
        return text
    if len(text) > length:
        if target.is_bytes:
            raise ValueError(f"{len(text)} bytes do not fit {target}")
        shorter = text[:length]
        if text[length:].strip(" "):
            raise ValueError(f"a text of {len(text)} characters does not fit {target}")
        text = shorter
    return text.ljust(length, _PADDING[target.kind]) if target.kind in _PADDING else text


def to_text(source: SqlType, target: SqlType) -> Callable[[Vector], Vector]:
    """Any other type as text."""
    pattern = _PATTERNS.get(source.kind)
    if pattern is not None and target.kind is Kind.VARCHAR:
        found = pieces(pattern)
        if target.length is None or target.length >= sum(piece.count for piece in found):
            return TimeWriter(found)
    return ValueTable(target, strictly(lambda value: fitted(value_text(value, source), target)))


def from_text(target: SqlType) -> Callable[[Vector], Vector]:
    """A text as a value of another type."""
    parse = _parser(target)

    def answer(text: str) -> Any:
        try:
            value = parse(text.strip(_BLANKS))
        except (ValueError, ArithmeticError):
            value = None
        if value is None:
            raise ValueError(f"{text[:40]!a} is not a {target}")
        return value

    return WordTable(target, strictly(answer))


def _parser(target: SqlType) -> Answer:
    """Gives the value, or None, or raises ValueError or ArithmeticError, when there is none."""
    match target.kind:
        case Kind.BOOLEAN:
            return lambda text: {"true": True, "false": False}.get(text.lower())
        case Kind.TIMESTAMP:
            return parsed_timestamp
        case Kind.DATE:
            return lambda text: None if ":" in text else parsed_timestamp(text)
        case Kind.TIME:
            return parsed_time
        case Kind.INTERVAL:
            units = target.units or ("DAY", "SECOND")
            return lambda text: _interval(text, units)
    return lambda text: parsed_number(text, target)


def parsed_number(text: str, target: SqlType) -> int | float | None:
    """The number that a text says, rounded as CAST rounds; None when it says none that fits."""
    if not _NUMBER.fullmatch(text):
        return None
    if target.is_approximate:
        value = float(text) + 0.0
        if target.kind is Kind.REAL:
            with np.errstate(over="ignore"):
                value = float(np.float32(value))
        return value if abs(value) < float("inf") else None
    low, high = target.integer_range if target.is_integer else bounds(target.digits[0])
    number, scale = Decimal(text), target.digits[1]
    if number.adjusted() + scale > _PLACES_MAX:
        return None if number else 0
    # Exact: the context drops no digit that there is.
    context = Context(prec=len(text) + _PLACES_MAX + 1, rounding=ROUND_HALF_UP)
    whole = int(context.to_integral_value(context.scaleb(number, scale)))
    return whole if low <= whole <= high else None


def parsed_timestamp(text: str) -> int | None:
    """'1992-02-14' and '1992-02-14 18:35:44.0'; the fraction has at most the three digits that the
    type holds. Raises ValueError for a day that there is not.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    *parts, fraction = match.groups(default="0")
    year, month, day, hour, minute, second = map(int, parts)
    delta = datetime(year, month, day, hour, minute, second) - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + int(fraction.ljust(3, "0"))


def parsed_time(text: str) -> int | None:
    """'18:35:44.0' in milliseconds of the day."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    return (parsed_timestamp(f"1970-01-01 {text}") or 0) % DAY_MS


def _interval(text: str, units: tuple[str, str]) -> int | None:
    order = list(UNIT_MS)
    names = order[order.index(units[0]) : order.index(units[1]) + 1]
    pattern = "".join(
        rf"(\d{{1,9}}){_SEPARATORS[name] if name != units[1] else ''}" for name in names
    )
    fraction = r"(?:\.(\d{1,3}))?" if units[1] == "SECOND" else "()"
    match = re.fullmatch(rf"([-+]?) ?{pattern}{fraction}", text, re.ASCII)
    if match is None:
        return None
    sign, *counts, part = match.groups(default="")
    total = sum(int(count) * UNIT_MS[name] for count, name in zip(counts, names, strict=True))
    total += int(part.ljust(3, "0")) if part else 0
    return -total if sign == "-" else total

"""The type of a column, from the values of a sample."""

import re
from collections.abc import Iterable
from typing import Any

from fleet.timestamp import timestamp_ms

VARCHAR_MIN, VARCHAR_MAX = 4, 65_535
UNKNOWN_TYPE = "VARCHAR(64)"
"""Of a column whose values are all NULL, or of several kinds."""

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


def column_type(values: Iterable[Any]) -> tuple[str, str | None]:
    """(SqlType, what one should know about it, if anything) of decoded JSON values."""
    kinds: set[str] = set()
    longest, largest, all_times = 0, 0, True
    for value in values:
        if value is None:
            continue
        kind = _kind(value)
        kinds.add(kind)
        if kind == "text":
            longest = max(longest, len(value))
            all_times = all_times and _is_time(value)
        elif kind == "integer":
            largest = max(largest, abs(value))
            longest = max(longest, len(str(value)) if largest < 1 << 64 else 20)
        else:
            longest = max(longest, 32 if kind == "part" else 24)
    if not kinds:
        return UNKNOWN_TYPE, "no record of the sample has a value"
    if kinds == {"boolean"}:
        return "BOOLEAN", None
    if kinds == {"integer"}:
        return _integer(largest), None
    if kinds <= {"integer", "real"}:
        return "DOUBLE", None
    if kinds == {"text"}:
        return ("TIMESTAMP" if all_times else varchar(longest)), None
    if kinds == {"part"}:
        return "VARCHAR(4096)", "an array or an object, as text"
    return varchar(max(longest, 40)), f"values of several kinds: {', '.join(sorted(kinds))}"


def text_type(texts: Iterable[str]) -> tuple[str, str | None]:
    """The same of fields of CSV; an empty one is NULL."""
    return column_type([_value(text) for text in texts])


def varchar(longest: int) -> str:
    """Half as long again as the longest of the sample, and a power of two."""
    size = VARCHAR_MIN
    while size < longest * 3 // 2:
        size *= 2
    return f"VARCHAR({min(size, VARCHAR_MAX)})"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "real"
    return "text" if isinstance(value, str) else "part"


def _integer(largest: int) -> str:
    if largest < 1 << 31:
        return "INTEGER"
    return "BIGINT" if largest < 1 << 63 else "DOUBLE"


def _value(text: str) -> Any:
    stripped = text.strip()
    if not stripped:
        return None
    if stripped.lower() in ("true", "false"):
        return stripped.lower() == "true"
    if _INTEGER.fullmatch(stripped):
        return int(stripped)
    return float(stripped) if _NUMBER.fullmatch(stripped) else text


def _is_time(text: str) -> bool:
    if not 19 <= len(text) <= 32:
        return False
    try:
        timestamp_ms(text)
    except ValueError:
        return False
    return True

"""How numbers, times and truth values are written as text."""

import numpy as np

from analytics_sql.functions.times import moment
from analytics_sql.types import UNIT_MS, Kind, SqlType


def decimal_text(unscaled: int, scale: int) -> str:
    """150 of scale 2 -> '1.50'."""
    if scale == 0:
        return str(unscaled)
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    return f"{'-' if unscaled < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def real_text(value: float) -> str:
    """The shortest text that gives the same float32: 8671.3125."""
    return repr(float(str(np.float32(value))))


def time_text(time_ms: int) -> str:
    """Milliseconds of the day -> '12:30:00.000'."""
    seconds, milliseconds = divmod(time_ms, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{milliseconds:03d}"


def date_text(date_ms: int) -> str:
    """'2026-01-01'. Raises ValueError outside the years 1 to 9999."""
    return moment(date_ms).date().isoformat()


def timestamp_text(time_ms: int) -> str:
    """'2026-01-01 12:30:00.000'. Raises ValueError outside the years 1 to 9999."""
    return f"{date_text(time_ms)} {time_text(time_ms % UNIT_MS['DAY'])}"


def interval_text(length_ms: int, units: tuple[str, str]) -> str:
    """'+1 02:30' of DAY TO MINUTE: the first unit counts without end, the others have two digits.
    Source: the results of REF:sql-reference-date-timestamp-interval.
    """
    order = list(UNIT_MS)
    rest = abs(length_ms)
    text = "-" if length_ms < 0 else "+"
    for unit in order[order.index(units[0]) : order.index(units[1]) + 1]:
        count, rest = divmod(rest, UNIT_MS[unit])
        mark = "" if unit == units[0] else " " if unit == "HOUR" else ":"
        text += mark + (str(count) if unit == units[0] else f"{count:02d}")
    return f"{text}.{rest:03d}" if units[1] == "SECOND" and rest else text


def value_text(value: int | float | bool, type: SqlType) -> str:
    """A value, as a column holds it, as CAST to VARCHAR writes it."""
    match type.kind:
        case Kind.DECIMAL:
            return decimal_text(int(value), type.digits[1])
        case Kind.REAL:
            return real_text(value)
        case Kind.DOUBLE:
            return repr(float(value))
        case Kind.BOOLEAN:
            return "TRUE" if value else "FALSE"
        case Kind.TIMESTAMP:
            return timestamp_text(int(value))
        case Kind.DATE:
            return date_text(int(value))
        case Kind.TIME:
            return time_text(int(value))
        case Kind.INTERVAL:
            return interval_text(int(value), type.units or ("DAY", "SECOND"))
    return str(value)

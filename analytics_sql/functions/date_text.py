"""Between times and text, by patterns of java.text.SimpleDateFormat."""

from analytics_sql.functions.date_pattern import formatted, parsed, pieces
from analytics_sql.functions.registry import (
    DATE_ONLY,
    TEXT,
    TIME_ONLY,
    TIMESTAMP_ONLY,
    scalar,
)
from analytics_sql.functions.times import DAY_MS
from analytics_sql.types import DATE, TIME, TIMESTAMP, VARCHAR

_CHECKS = {0: pieces}


@scalar(
    "CHAR_TO_TIMESTAMP",
    "CHAR_TO_TIMESTAMP(pattern, text)",
    TEXT,
    TEXT,
    gives=TIMESTAMP,
    checks=_CHECKS,
    source="REF:sql-reference-char-to-timestamp",
)
def char_to_timestamp(pattern: str, text: str) -> int:
    """The time that a text says, read by the pattern."""
    return parsed(pattern, text)


@scalar(
    "CHAR_TO_DATE",
    "CHAR_TO_DATE(pattern, text)",
    TEXT,
    TEXT,
    gives=DATE,
    checks=_CHECKS,
    source="REF:sql-reference-char-to-date",
)
def char_to_date(pattern: str, text: str) -> int:
    """The day that a text says, read by the pattern."""
    return parsed(pattern, text) // DAY_MS * DAY_MS


@scalar(
    "CHAR_TO_TIME",
    "CHAR_TO_TIME(pattern, text)",
    TEXT,
    TEXT,
    gives=TIME,
    checks=_CHECKS,
    source="REF:sql-reference-char-to-time",
)
def char_to_time(pattern: str, text: str) -> int:
    """The time of day that a text says, read by the pattern."""
    return parsed(pattern, text) % DAY_MS


@scalar(
    "TIMESTAMP_TO_CHAR",
    "TIMESTAMP_TO_CHAR(pattern, timestamp)",
    TEXT,
    TIMESTAMP_ONLY,
    gives=VARCHAR,
    strict=False,
    checks=_CHECKS,
    fails_by=(0,),
    source="REF:sql-reference-timestamp-to-char",
)
def timestamp_to_char(pattern: str | None, time_ms: int | None) -> str | None:
    """The time as the pattern writes it; of NULL the text 'null'."""
    if pattern is None:
        return None
    return "null" if time_ms is None else formatted(pattern, time_ms)


@scalar(
    "DATE_TO_CHAR",
    "DATE_TO_CHAR(pattern, date)",
    TEXT,
    DATE_ONLY,
    gives=VARCHAR,
    checks=_CHECKS,
    fails_by=(0,),
    source="REF:sql-reference-date-to-char",
)
def date_to_char(pattern: str, date_ms: int) -> str:
    """The day as the pattern writes it."""
    return formatted(pattern, date_ms)


@scalar(
    "TIME_TO_CHAR",
    "TIME_TO_CHAR(pattern, time)",
    TEXT,
    TIME_ONLY,
    gives=VARCHAR,
    checks=_CHECKS,
    fails_by=(0,),
    source="REF:sql-reference-time-to-char",
)
def time_to_char(pattern: str, time_ms: int) -> str:
    """The time of day as the pattern writes it."""
    return formatted(pattern, time_ms)

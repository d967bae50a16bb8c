"""Times and intervals: milliseconds since 1970, of the day, or between two times. There is no time
zone but UTC.
"""

from datetime import UTC, datetime, timedelta

from analytics_sql.functions.registry import (
    INTEGER_NUMBER,
    MILLISECONDS,
    TEXT,
    TIMESTAMP_ONLY,
    Parameter,
    same_as,
    scalar,
)
from analytics_sql.types import BIGINT, TIMESTAMP, UNIT_MS, Kind, SqlType

DAY_MS = UNIT_MS["DAY"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST_MS = -62_135_596_800_000
LATEST_MS = 253_402_300_799_999
"""The years 1 to 9999."""
CALENDAR_UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK")
"""Units whose length is not fixed, or which do not start at 1970."""

TIME_OR_INTERVAL = Parameter(
    "a TIMESTAMP, DATE, TIME or interval",
    lambda type: type.is_datetime or type.kind is Kind.INTERVAL,
)
INTERVAL = Parameter("an interval", lambda type: type.kind is Kind.INTERVAL)


def moment(time_ms: int) -> datetime:
    """The calendar's view of milliseconds since 1970. Raises ValueError outside years 1 to 9999."""
    if not EARLIEST_MS <= time_ms <= LATEST_MS:
        raise ValueError(f"{time_ms} ms is no time of the years 1 to 9999")
    return _EPOCH + timedelta(milliseconds=time_ms)


def milliseconds(point: datetime) -> int:
    """The inverse of `moment`."""
    return (point - _EPOCH) // timedelta(milliseconds=1)


def start_of(unit: str, time_ms: int) -> int:
    """The last start of a unit that is not after this time. Weeks start on Sunday, as Java's
    calendar has them.
    """
    if unit in UNIT_MS:
        return time_ms // UNIT_MS[unit] * UNIT_MS[unit]
    day = moment(time_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "WEEK":
        return milliseconds(day) - (day.isoweekday() % 7) * DAY_MS
    month = {"YEAR": 1, "QUARTER": (day.month - 1) // 3 * 3 + 1}.get(unit, day.month)
    return milliseconds(day.replace(month=month, day=1))


def next_start(unit: str, start_ms: int) -> int:
    """The start of the unit after the one that starts here."""
    if unit in UNIT_MS:
        return start_ms + UNIT_MS[unit]
    if unit == "WEEK":
        return start_ms + 7 * DAY_MS
    # No unit is longer than 366 days, and 32 days after a start lies in the next month.
    longest = {"YEAR": 366, "QUARTER": 92}.get(unit, 31)
    return start_of(unit, start_ms + longest * DAY_MS)


@scalar(
    "FLOOR TO",
    "FLOOR(time TO unit)",
    TIME_OR_INTERVAL,
    TEXT,
    gives=same_as(0),
    source="REF:sql-reference-floor",
)
def floor_to(time_ms: int, unit: str) -> int:
    """The start of the YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE or SECOND that it lies in."""
    return start_of(unit, time_ms)


@scalar(
    "CEIL TO",
    "CEIL(time TO unit)",
    TIME_OR_INTERVAL,
    TEXT,
    gives=same_as(0),
    source="REF:sql-reference-ceil",
)
def ceil_to(time_ms: int, unit: str) -> int:
    """The same time if a unit starts there, else the start of the next one."""
    start_ms = start_of(unit, time_ms)
    return time_ms if start_ms == time_ms else next_start(unit, start_ms)


@scalar(
    "STEP",
    "STEP(time BY interval)",
    TIME_OR_INTERVAL,
    INTERVAL,
    gives=same_as(0),
    fails_by=(1,),
    source="REF:sql-reference-step",
)
def step(time_ms: int, width_ms: int) -> int:
    """The last multiple of the interval since 1970 that is not after this time."""
    if width_ms <= 0:
        raise ValueError(f"STEP takes an interval above 0, this is {width_ms} ms")
    return time_ms // width_ms * width_ms


@scalar(
    "EXTRACT",
    "EXTRACT(unit FROM time)",
    TEXT,
    TIME_OR_INTERVAL,
    gives=BIGINT,
    typed=True,
    fails_by=(0,),
    source="REF:sql-reference-extract",
)
def extract(types: tuple[SqlType, ...], unit: str, time_ms: int) -> int:
    """One field: YEAR, QUARTER, MONTH, WEEK (of ISO 8601), DAY, HOUR or MINUTE.

    An interval has no months, and its fields carry its sign.
    """
    if types[1].kind is Kind.INTERVAL:
        sign = -1 if time_ms < 0 else 1
        return sign * _field(unit, abs(time_ms), is_interval=True)
    return _field(unit, time_ms, is_interval=False)


@scalar(
    "EXTRACT SECOND",
    "EXTRACT(SECOND FROM time)",
    TIME_OR_INTERVAL,
    gives=SqlType(Kind.DECIMAL, 5, 3),
    typed=True,
    fails_by=(),
    source="REF:sql-reference-extract",
)
def extract_second(types: tuple[SqlType, ...], time_ms: int) -> int:
    """The seconds of the minute, with their milliseconds."""
    if types[0].kind is Kind.INTERVAL and time_ms < 0:
        return -(-time_ms % UNIT_MS["MINUTE"])
    return time_ms % UNIT_MS["MINUTE"]


def _field(unit: str, time_ms: int, *, is_interval: bool) -> int:
    match unit:
        case "MINUTE":
            return time_ms // UNIT_MS["MINUTE"] % 60
        case "HOUR":
            return time_ms // UNIT_MS["HOUR"] % 24
        case "DAY" if is_interval:
            return time_ms // DAY_MS
    point = moment(time_ms)
    if unit == "QUARTER":
        return (point.month - 1) // 3 + 1
    if unit == "WEEK":
        return point.isocalendar().week
    return {"YEAR": point.year, "MONTH": point.month, "DAY": point.day}[unit]


@scalar(
    "UNIX_TIMESTAMP",
    "UNIX_TIMESTAMP(timestamp)",
    TIMESTAMP_ONLY,
    gives=BIGINT,
    fails_by=(),
    source="REF:sql-reference-unix-timestamp",
)
def unix_timestamp(time_ms: int) -> int:
    """Milliseconds since 1970-01-01 00:00:00."""
    return time_ms


@scalar(
    "TO_TIMESTAMP",
    "TO_TIMESTAMP(integer)",
    INTEGER_NUMBER,
    gives=TIMESTAMP,
    source="REF:sql-reference-to-timestamp",
)
def to_timestamp(time_ms: int) -> int:
    """The time that is so many milliseconds after 1970-01-01 00:00:00."""
    moment(time_ms)
    return time_ms


@scalar(
    "TSDIFF",
    "TSDIFF(time, time)",
    MILLISECONDS,
    MILLISECONDS,
    gives=BIGINT,
    source="REF:sql-reference-tsdiff",
)
def tsdiff(one_ms: int, other_ms: int) -> int:
    """Milliseconds between two times, never negative: their order does not matter."""
    distance = abs(one_ms - other_ms)
    if distance > BIGINT.integer_range[1]:
        raise ValueError("TSDIFF overflows BIGINT")
    return distance

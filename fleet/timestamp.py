"""Time as the service writes it: milliseconds since 1970 in UTC, and text `yyyy-MM-dd
HH:mm:ss.SSS`.

Source of the text form: a published output of a real application (`"timestamp":"2021-01-31
14:47:00.000"`); there is no zone because the service's clock is UTC throughout.
"""

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999. A window may end after it."""


def timestamp_text(time_ms: int) -> str:
    """1767225660000 -> '2026-01-01 00:01:00.000'; OverflowError outside the years 1 to 9999."""
    seconds, milliseconds = divmod(time_ms, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    # Not strftime: its %Y does not pad the year on Linux.
    text = moment.replace(tzinfo=None).isoformat(" ", "seconds")
    return f"{text}.{milliseconds:03d}"


def timestamp_ms(text: str) -> int:
    """The inverse of `timestamp_text`; a missing time or fraction is zero. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(f"{text!r} has a time zone; timestamps here are UTC without one")
    delta = moment.replace(tzinfo=UTC) - _EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000

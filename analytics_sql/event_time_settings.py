"""Event time as it is written: in the options of a command, in application.toml, in a golden case.
All have the same keys, and what is said later wins.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fleet.duration import duration_ms
from fleet.errors import ConfigError

if TYPE_CHECKING:
    from analytics_sql.plan import EventTime

OFF: Final = "off"
LATE: Final = ("error-stream", "correct")
KEYS: Final = ("column", "lateness", "idle", "future", "late", "correct_for")
DEFAULTS: Final[Mapping[str, str]] = {
    "lateness": "10s",
    "idle": "1m",
    "future": "1m",
    "late": LATE[0],
    "correct_for": "1h",
}


def fault_of(key: str, text: str) -> str | None:
    """Why a text is no value of its key, as a sentence; None: it is one."""
    if key == "late":
        return None if text in LATE else f"{text!r} is not one of {', '.join(LATE)}"
    if key == "column" or (key in ("idle", "future") and text == OFF):
        return None
    try:
        duration_ms(text)
    except ValueError as error:
        return str(error) + (", or off" if key in ("idle", "future") else "")
    return None


def event_time_of(written: Mapping[str, str], given: Mapping[str, str]) -> "EventTime | None":
    """What a file has, and what a command was given beside it, both without fault; None when
    nothing is said. Raises ConfigError for keys that go together and do not come together.
    """
    # The options' help needs the defaults above, and no plan.
    from analytics_sql.plan import EventTime

    texts = {**written, **given}
    if not texts:
        return None
    if "column" not in texts:
        raise ConfigError(
            f"{next(iter(texts))} is given, but no column to take event time from",
            remedy="name one with --event-time COLUMN, or in application.toml: column = "
            '"SENT_AT" under [event_time]',
        )
    corrects = texts.get("late") == "correct"
    if "correct_for" in given and not corrects:
        raise ConfigError("--correct-for goes with --late correct")
    values = {**DEFAULTS, **texts}
    return EventTime(
        values["column"],
        lateness_ms=duration_ms(values["lateness"]),
        idle_ms=_duration_or_off(values["idle"]),
        future_ms=_duration_or_off(values["future"]),
        correct_ms=duration_ms(values["correct_for"]) if corrects else None,
    )


def _duration_or_off(text: str) -> int | None:
    return None if text == OFF else duration_ms(text)

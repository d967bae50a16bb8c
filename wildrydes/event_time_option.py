"""Event time on the command line, and in the file of a golden case."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from fleet.errors import ConfigError
from wildrydes.time_option import Duration

if TYPE_CHECKING:
    from analytics_sql.plan import Application, EventTime

Command = TypeVar("Command", bound=Callable[..., Any])

OFF: Final = "off"
LATE: Final = ("error-stream", "correct")
DEFAULTS: Final = {
    "lateness": "10s",
    "idle": "1m",
    "future": "1m",
    "late": LATE[0],
    "correct_for": "1h",
}
HELP: Final = {
    "event_time": "Take ROWTIME from this TIMESTAMP column of the input, not from the arrival.",
    "lateness": "How far a record may be behind the latest event time of its shard.",
    "idle": "After so long a silence the time of a shard goes on with the clock; or off.",
    "future": "An event time further ahead of the arrival is an error; or off.",
    "late": "Late records go to the error stream, or correct the rows of closed windows.",
    "correct_for": "How long a closed window is kept for corrections.",
}


class DurationOrOff(Duration):
    """A duration, or the word off as it is."""

    name = "duration|off"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return OFF if value == OFF else super().convert(value, param, ctx)


TYPES: Final[Mapping[str, click.ParamType[Any]]] = {
    "event_time": click.STRING,
    "lateness": Duration(),
    "idle": DurationOrOff(),
    "future": DurationOrOff(),
    "late": click.Choice(LATE),
    "correct_for": Duration(),
}


def event_time_options(command: Command) -> Command:
    """--event-time and what goes with it; hands the command one `event_time: EventTime | None`."""

    @functools.wraps(command)
    def with_event_time(*arguments: Any, **values: Any) -> Any:
        given = {name: values.pop(name) for name in TYPES}
        chosen = {name: value for name, value in given.items() if value is not None}
        return command(*arguments, event_time=_chosen(chosen) if chosen else None, **values)

    options: Any = with_event_time
    for name in reversed(list(TYPES)):
        options = click.option(
            _flag(name),
            name,
            type=TYPES[name],
            metavar="COLUMN" if name == "event_time" else None,
            help=HELP[name] + (f"  [default: {DEFAULTS[name]}]" if name in DEFAULTS else ""),
        )(options)
    wrapped: Command = options
    return wrapped


def _chosen(given: Mapping[str, Any]) -> "EventTime":
    """Raises UsageError for options that go together and do not come together."""
    from analytics_sql.plan import EventTime

    if "event_time" not in given:
        raise click.UsageError(f"{_flag(next(iter(given)))} goes with --event-time")
    values = {name: TYPES[name].convert(text, None, None) for name, text in DEFAULTS.items()}
    values |= given
    if "correct_for" in given and values["late"] != "correct":
        raise click.UsageError("--correct-for goes with --late correct")
    return EventTime(
        values["event_time"],
        lateness_ms=values["lateness"],
        idle_ms=None if values["idle"] == OFF else values["idle"],
        future_ms=None if values["future"] == OFF else values["future"],
        correct_ms=values["correct_for"] if values["late"] == "correct" else None,
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def event_time_of(texts: Mapping[str, str], where: str) -> "EventTime":
    """Event time from a file's texts, named and written as the options are, `correct_for` for
    --correct-for. Raises ConfigError that names `where`.
    """
    if unknown := sorted(set(texts) - set(TYPES)):
        raise ConfigError(f"{where}: there is no {unknown[0]}", remedy=f"known: {', '.join(TYPES)}")
    try:
        values = {name: TYPES[name].convert(text, None, None) for name, text in texts.items()}
        chosen = _chosen(values)
    except click.UsageError as error:
        raise ConfigError(f"{where}: {error.message}") from None
    return chosen


def on_event_time(application: "Application", event_time: "EventTime | None") -> "Application":
    """The application, on event time if that is asked for. Raises ConfigError."""
    from analytics_sql.event_time import with_event_time

    return application if event_time is None else with_event_time(application, event_time)

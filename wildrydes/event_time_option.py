"""Event time on the command line, and in the file of a golden case."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from fleet.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])

HELP: Final = {
    "column": "Take ROWTIME from this TIMESTAMP column of the input, not from the arrival. This "
    "and the next five win over [event_time] of application.toml.",
    "lateness": "How far a record may be behind the latest event time of its shard.",
    "idle": "After so long a silence the time of a shard goes on with the clock; or off.",
    "future": "An event time further ahead of the arrival is an error; or off.",
    "late": "Late records go to the error stream, or correct the rows of closed windows.",
    "correct_for": "How long a closed window is kept for corrections.",
}
METAVARS: Final = {
    "column": "COLUMN",
    "lateness": "DURATION",
    "idle": "DURATION|OFF",
    "future": "DURATION|OFF",
    "late": "[error-stream|correct]",
    "correct_for": "DURATION",
}
FLAGS: Final = {"column": "--event-time"}
"""Those that are not called as their key is."""


class EventTimeText(click.ParamType[str]):
    """The text of a key of analytics_sql.event_time_settings, as it is."""

    name = "text"

    def __init__(self, key: str) -> None:
        self._key = key

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from analytics_sql.event_time_settings import fault_of

        if fault := fault_of(self._key, value):
            self.fail(fault, param, ctx)
        return str(value)


def event_time_options(command: Command) -> Command:
    """--event-time and what goes with it; hands the command the texts that were given, by their
    keys in analytics_sql.event_time_settings, as `event_time`.
    """

    @functools.wraps(command)
    def with_event_time(*arguments: Any, **values: Any) -> Any:
        given = {key: values.pop(key) for key in HELP}
        texts = {key: text for key, text in given.items() if text is not None}
        return command(*arguments, event_time=texts, **values)

    from analytics_sql.event_time_settings import DEFAULTS

    options: Any = with_event_time
    for key in reversed(list(HELP)):
        options = click.option(
            FLAGS.get(key, f"--{key.replace('_', '-')}"),
            key,
            type=EventTimeText(key),
            metavar=METAVARS[key],
            help=HELP[key] + (f"  [default: {DEFAULTS[key]}]" if key in DEFAULTS else ""),
        )(options)
    wrapped: Command = options
    return wrapped


def case_texts(texts: Mapping[str, str], where: str) -> dict[str, str]:
    """Event time from a golden case's file, which has `event_time` for the column. Raises
    ConfigError that names `where`.
    """
    from analytics_sql.event_time_settings import KEYS, fault_of

    found = {"column" if name == "event_time" else name: text for name, text in texts.items()}
    if unknown := sorted(set(found) - set(KEYS)):
        known = ", ".join("event_time" if key == "column" else key for key in KEYS)
        raise ConfigError(f"{where}: there is no {unknown[0]}", remedy=f"known: {known}")
    for key, text in found.items():
        if fault := fault_of(key, text):
            raise ConfigError(f"{where}: {key}: {fault}")
    return found

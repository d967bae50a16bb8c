"""What the commands of `wildrydes dead-letter` share: which letters they are about."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fleet.settings import process_clock
from wildrydes.options import data_option
from wildrydes.time_option import Duration

if TYPE_CHECKING:
    from wildrydes.dead_letters.choice import Choice

Command = TypeVar("Command", bound=Callable[..., Any])


def file_options(command: Command) -> Command:
    """--data and --app, as `data` and `application`."""
    command = click.option(
        "--app",
        "application",
        metavar="NAME",
        help="Application, when the folder has several: its name, or its folder or SQL file.",
    )(command)
    return data_option(command)


def filter_options(command: Command) -> Command:
    """--shard, --stage, --reason and --last, as `shard`, `stage`, `reason` and `last_ms`."""
    for flag, name, text in (
        ("--reason", "reason", "Only those whose reason has this text in it."),
        (
            "--stage",
            "stage",
            "Only those that failed there: preprocess, decode, late, pump, `sink dynamodb`.",
        ),
        ("--shard", "shard", "Only those of this shard; the end of its id is enough."),
    ):
        command = click.option(flag, name, metavar="TEXT", help=text)(command)
    return click.option(
        "--last",
        "last_ms",
        type=Duration(),
        help="Only records that arrived in the last 10m, 2h, 1d.",
    )(command)


def choice(
    data: Path,
    application: str | None,
    shard: str | None,
    stage: str | None,
    reason: str | None,
    last_ms: int | None,
    numbers: tuple[int, ...] = (),
) -> "Choice":
    """The letters that the options mean. Raises ConfigError."""
    from wildrydes.dead_letters.choice import Choice, letters_file

    since_ms = None if last_ms is None else process_clock().now_ms() - last_ms
    path = letters_file(data, application)
    return Choice(path, shard, stage, reason, since_ms, frozenset(numbers))

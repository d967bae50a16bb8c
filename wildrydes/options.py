"""Options that every command shares."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from platformdirs import user_state_path

from fleet.clock import Clock, ScaledClock, SystemClock
from fleet.settings import TIME_SCALE_MAX, TIME_SCALE_MIN, aws_settings, process_clock

Command = TypeVar("Command", bound=Callable[..., Any])


def aws_options(command: Command) -> Command:
    """--endpoint-url, --region and --profile; hands the command one `settings: AwsSettings`."""

    def take(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        given = context.meta.setdefault("wildrydes.aws", {})
        given[parameter.name] = value
        context.params["settings"] = aws_settings(**given)

    for flags, text in (
        (("--profile",), "AWS profile, as the AWS CLI knows it."),
        (("--region", "-region"), "AWS region; default AWS_REGION, the profile's, or us-east-1."),
        (("--endpoint-url",), "Where AWS calls go; default AWS_ENDPOINT_URL, or AWS itself."),
    ):
        option = click.option(*flags, expose_value=False, callback=take, help=text)
        command = option(command)
    return command


class StreamName(click.ParamType[str]):
    """A name that a Kinesis stream can have (API reference, CreateStream)."""

    name = "stream"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if re.fullmatch(r"[a-zA-Z0-9_.-]{1,128}", value) is None:
            self.fail(
                f"{value!r} cannot be a stream: 1 to 128 letters, digits, '_', '.' or '-'",
                param,
                ctx,
            )
        return value


def listen_options(port_help: str) -> Callable[[Command], Command]:
    """--host and --port of a server; on this machine alone unless told otherwise."""

    def decorate(command: Command) -> Command:
        port = click.option(
            "--port",
            type=click.IntRange(0, 65_535),
            default=8080,
            show_default=True,
            help=port_help,
        )
        host = click.option(
            "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
        )
        return host(port(command))

    return decorate


def json_option(text: str) -> Callable[[Command], Command]:
    """--json, for scripts; `text` says what a line holds."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def time_scale_option(command: Command) -> Command:
    """--time-scale N; hands the command `clock: Clock`: one that begins now to run N times as fast,
    or without the flag that of every process.
    """

    def take(context: click.Context, parameter: click.Parameter, value: float | None) -> Clock:
        if value is None:
            return process_clock()
        if math.isnan(value):
            # Compares with nothing, so that no range refuses it.
            raise click.BadParameter("nan is not a number", context, parameter)
        # As exact as it is passed on: processes must agree.
        return ScaledClock(round(value, 6), SystemClock().now_ms())

    option = click.option(
        "--time-scale",
        "clock",
        type=click.FloatRange(TIME_SCALE_MIN, TIME_SCALE_MAX),
        callback=take,
        help="A clock so many times as fast: at 60 a minute passes in a second.",
    )
    return option(command)


def data_option(command: Command) -> Command:
    """--data DIR; hands the command `data: Path`, by default the user's state folder."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        default=lambda: user_state_path("wildrydes"),
        show_default="the user's state folder",
        help="Folder for snapshots and dead letters.",
    )(command)


def ledger_option(command: Command) -> Command:
    """--ledger FILE of what writes one; hands the command `ledger: Path | None`."""
    return click.option(
        "--ledger",
        type=click.Path(dir_okay=False, path_type=Path),
        help="File to enter each acknowledged reading in, for `wildrydes verify`; added to if it "
        "is there.",
    )(command)

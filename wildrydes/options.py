"""Options that every command shares."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from platformdirs import user_state_path

from fleet.settings import aws_settings

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


def json_option(text: str) -> Callable[[Command], Command]:
    """--json, for scripts; `text` says what a line holds."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def data_option(command: Command) -> Command:
    """--data DIR; hands the command `data: Path`, by default the user's state folder."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        default=lambda: user_state_path("wildrydes"),
        show_default="the user's state folder",
        help="Folder for snapshots and dead letters.",
    )(command)

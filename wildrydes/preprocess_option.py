"""--preprocess, as several commands have it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from analytics_sql.plan import Application

Command = TypeVar("Command", bound=Callable[..., Any])


def preprocess_option(command: Command) -> Command:
    """--preprocess, as `preprocessor`."""
    return click.option(
        "--preprocess",
        "preprocessor",
        metavar="MODULE:FUNCTION",
        help="Python function that every record goes through first, in place of a Lambda function: "
        "see docs/sql/moving-in.md.  [default: what application.toml names]",
    )(command)


def with_preprocessor(application: "Application", name: str | None) -> "Application":
    """The application with this function before it, if one is named; its module stands in the
    working directory or is installed. Raises ConfigError.
    """
    from analytics_sql.application_file import preprocessed

    return application if name is None else preprocessed(application, name, Path())

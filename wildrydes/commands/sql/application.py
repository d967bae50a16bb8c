"""What the commands of `wildrydes sql` share: the application and the schema of its input."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wildrydes.application_option import ApplicationPath

if TYPE_CHECKING:
    from analytics_sql.plan import Application

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def applications_argument(command: Command) -> Command:
    """APP..., as `applications`."""
    return click.argument(
        "applications", metavar="APP...", nargs=-1, required=True, type=ApplicationPath()
    )(command)


def application_argument(command: Command) -> Command:
    """APP, as `path`."""
    return click.argument("path", metavar="APP", type=ApplicationPath())(command)


def schema_options(command: Command) -> Command:
    """--schema and --source, as `schema` and `source`."""
    command = click.option(
        "--source",
        metavar="NAME",
        help="What the application calls its input.  [default: what the schema's NamePrefix makes "
        "it, or what the text reads and does not create]",
    )(command)
    return click.option(
        "--schema",
        type=FILE,
        help="Input schema.  [default: what application.toml names; of a file, FILE.schema.json or "
        "schema.json beside it]",
    )(command)


def load(
    path: Path,
    schema: Path | None,
    source: str | None,
    references: Sequence[tuple[str, str]] = (),
    event_time: Mapping[str, str] | None = None,
) -> "Application":
    """The plan. Raises SqlErrors and ConfigError."""
    from analytics_sql.application_file import load_application

    return load_application(
        path,
        schema_path=schema,
        source_name=source,
        references=dict(references),
        event_time=event_time,
    )

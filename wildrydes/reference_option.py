"""--reference, as several commands have it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fleet.errors import ConfigError

if TYPE_CHECKING:
    from analytics_sql.plan import Application

Command = TypeVar("Command", bound=Callable[..., Any])


class TableSource(click.ParamType[tuple[str, str]]):
    """NAME=FILE or NAME=s3://bucket/key, as (NAME, source)."""

    name = "NAME=FILE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        table, separator, source = str(value).partition("=")
        bucket, _, key = source.removeprefix("s3://").partition("/")
        is_whole = bucket and key if source.startswith("s3://") else source
        if not (separator and table and is_whole):
            self.fail(f"{value!r} is not such as ZONES=zones.csv", param, ctx)
        if not source.startswith("s3://") and not Path(source).is_file():
            self.fail(f"there is no file {source}", param, ctx)
        return table, source


def reference_option(what: str) -> Callable[[Command], Command]:
    """--reference, as `references`, pairs of table and source; `what` it is good for here."""
    return click.option(
        "--reference",
        "references",
        multiple=True,
        type=TableSource(),
        help=f"Take the rows of this reference table from there, {what}; several with several "
        "--reference.  [default: what application.toml names]",
    )


def refuse_objects(application: "Application", why: str) -> None:
    """Raises ConfigError, saying why, when a reference table is on S3."""
    for table in application.tables:
        if table.is_on_s3:
            raise ConfigError(
                f"reference table {table.name} comes from {table.source}: {why}",
                remedy=f"take a copy of it: --reference {table.name}=FILE",
            )

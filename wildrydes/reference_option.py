"""--reference, as several commands have it, and --reload, as the processor has it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from fleet.errors import ConfigError
from wildrydes.time_option import Duration

if TYPE_CHECKING:
    from analytics_sql.plan import Application

Command = TypeVar("Command", bound=Callable[..., Any])

INTERVAL_MIN_MS: Final = 1000
"""Of --reload: each look at S3 is a request that is paid for."""


class DurationOrOff(Duration):
    """A duration; None for off."""

    name = "duration|off"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return None if value == "off" else super().convert(value, param, ctx)


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
    """--reference, as `references`, pairs of table and source; `what` a source may be here."""
    return click.option(
        "--reference",
        "references",
        multiple=True,
        type=TableSource(),
        help=f"Take a reference table from {what} instead of what application.toml names; several "
        "with several --reference.",
    )


def reference_options(command: Command) -> Command:
    """--reference and --reload; hands the command one `tables: TableSettings`."""

    @reference_option("a file or s3://bucket/key")
    @click.option(
        "--reload",
        "interval_ms",
        type=DurationOrOff(),
        default="1m",
        show_default=True,
        help="How often to look whether a reference table has changed; off: read it again on "
        "SIGHUP only.",
    )
    @wraps(command)
    def with_tables(
        references: tuple[tuple[str, str], ...], interval_ms: int | None, **rest: Any
    ) -> Any:
        from processor.reference_tables.tables import TableSettings

        if interval_ms is not None and interval_ms < INTERVAL_MIN_MS:
            raise click.UsageError("--reload takes 1s or longer, or off")
        interval_s = None if interval_ms is None else interval_ms / 1000
        return command(tables=TableSettings(dict(references), interval_s), **rest)

    wrapped: Any = with_tables
    return wrapped  # type: ignore[no-any-return]


def refuse_objects(application: "Application", why: str) -> None:
    """Raises ConfigError, saying why, when a reference table is on S3."""
    for table in application.tables:
        if table.is_on_s3:
            raise ConfigError(
                f"reference table {table.name} comes from {table.source}: {why}",
                remedy=f"take a copy of it: --reference {table.name}=FILE",
            )

"""Where rows and raw records go, as options of a command."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from fleet.errors import ConfigError
from fleet.reading import SUMMARY_STREAM, TABLE
from sinks.archive_settings import ArchiveSettings
from sinks.output import Output, parse_output
from wildrydes.size_option import Size
from wildrydes.time_option import Duration

SINKS = ("dynamodb", "kinesis", "archive")
"""What --sinks chooses from: the workshop's two outputs, and the archive."""


class OutputUrl(click.ParamType[Output]):
    """[STREAM=]URL, as an Output."""

    name = "[STREAM=]URL"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Output:
        try:
            return parse_output(value)
        except ConfigError as error:
            self.fail(f"{error}: {error.remedy}", param, ctx)


def _sinks(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = tuple(name for name in value.split(",") if name and name != "none")
    if unknown := sorted(set(chosen) - set(SINKS)):
        raise click.BadParameter(f"no sink {unknown[0]!r}: choose from {', '.join(SINKS)} or none")
    return chosen


def _delivery_stream(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str:
    """The name in firehose://NAME; empty: not given."""
    if value is None:
        return ""
    try:
        output = parse_output(value)
    except ConfigError as error:
        raise click.BadParameter(f"{error}: {error.remedy}") from None
    if output.scheme != "firehose" or output.options or output.stream:
        raise click.BadParameter("the archive goes through firehose://DELIVERY_STREAM alone")
    return output.place


def _through_firehose(records: tuple[str, ...]) -> tuple[str, ...]:
    if "archive" not in records:
        raise click.UsageError("--archive-through goes with `archive` in --sinks")
    return tuple("firehose_archive" if name == "archive" else name for name in records)


def sink_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--output, --sinks and what goes with them; hands the command one `sinks: SinkChoice`."""

    @click.option(
        "--output",
        "outputs",
        type=OutputUrl(),
        multiple=True,
        help="Send the rows of an in-application stream, or of error_stream, or of all output "
        "streams, to dynamodb://TABLE, kinesis://STREAM, firehose://DELIVERY_STREAM, "
        "lambda://FUNCTION, file:PATH or "
        "postgresql://USER@HOST/DATABASE?table=TABLE, in place of the table and the stream below; "
        "can be given several times.",
    )
    @_workshop_options
    @_archive_options
    @click.option(
        "--archive-through",
        callback=_delivery_stream,
        metavar="firehose://DELIVERY_STREAM",
        help="Archive the raw records through a Firehose delivery stream of type DirectPut, which "
        "makes its own objects, at least once; not in the bucket.",
    )
    @click.option(
        "--sinks",
        default=",".join(SINKS),
        show_default=True,
        callback=_sinks,
        help="Where results go; `none` for the live map alone. An application that names its "
        "outputs has those instead, and no archive unless asked for.",
    )
    @wraps(command)
    def with_sinks(
        *arguments: Any,
        outputs: tuple[Output, ...],
        sinks: tuple[str, ...],
        workshop: Mapping[str, Output],
        archive_bucket: str | None,
        archive: ArchiveSettings,
        archive_through: str,
        **rest: Any,
    ) -> Any:
        from processor.assembly import SinkChoice
        from wildrydes.application_parts import outputs_of

        named = tuple(workshop[name] for name in sinks if name in workshop)
        records = tuple(name for name in sinks if name not in workshop)
        if not outputs and (own := outputs_of(rest.get("application"))):
            # The application says where its rows go: what is on by default is the workshop's.
            asked = click.get_current_context().get_parameter_source("sinks")
            by_default = asked is click.core.ParameterSource.DEFAULT
            outputs = own if by_default or not named else ()
            records = () if by_default and not (archive_bucket or archive_through) else records
        choice = SinkChoice(
            outputs=outputs or named,
            records=_through_firehose(records) if archive_through else records,
            archive_bucket=archive_bucket,
            archive=archive,
            archive_through=archive_through,
        )
        return command(*arguments, sinks=choice, **rest)

    return with_sinks


def _workshop_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where rows go when nobody says otherwise: `workshop`, the outputs by their names."""

    @click.option(
        "--summary-stream", default=SUMMARY_STREAM, show_default=True, help="Stream for the rows."
    )
    @click.option("--table", default=TABLE, show_default=True, help="DynamoDB table for the rows.")
    @click.option(
        "--table-writes",
        type=click.Choice(["conditional", "batched"]),
        default="conditional",
        show_default=True,
        help="`conditional`: no older processor can replace a row; `batched`: 25 rows a call "
        "instead.",
    )
    @wraps(command)
    def with_workshop(
        *arguments: Any, summary_stream: str, table: str, table_writes: str, **rest: Any
    ) -> Any:
        workshop = {
            "dynamodb": Output("dynamodb", table, {"writes": table_writes}),
            "kinesis": Output("kinesis", summary_stream),
        }
        return command(*arguments, workshop=workshop, **rest)

    return with_workshop


def _archive_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--archive-bucket and what makes the archive's objects: `archive: ArchiveSettings`."""

    @click.option(
        "--archive-bucket",
        help="S3 bucket for the raw records; needed on AWS.  "
        "[default: wildrydes-archive on a local endpoint]",
    )
    @click.option(
        "--archive-format",
        type=click.Choice(["json", "parquet"]),
        default="json",
        show_default=True,
        help="Of the archive's readings: GZIP JSON lines, or Parquet typed by the input schema "
        "(needs the extra `parquet`). An archive keeps its format.",
    )
    @click.option(
        "--archive-object-size",
        "archive_object_bytes",
        type=Size(),
        default="5MiB",
        show_default=True,
        help="Of records, before compression, that make an object. An archive keeps it.",
    )
    @click.option(
        "--archive-object-time",
        "archive_window_ms",
        type=Duration(),
        default="60s",
        show_default=True,
        help="Time of arrival that an object spans at most; divides an hour. An archive keeps it.",
    )
    @wraps(command)
    def with_archive(
        *arguments: Any,
        archive_format: Any,
        archive_object_bytes: int,
        archive_window_ms: int,
        **rest: Any,
    ) -> Any:
        archive = ArchiveSettings(archive_format, archive_object_bytes, archive_window_ms)
        return command(*arguments, archive=archive, **rest)

    return with_archive

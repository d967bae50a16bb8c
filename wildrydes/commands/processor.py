"""`wildrydes processor`: the long-running service."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.reading import STREAM, SUMMARY_STREAM, TABLE
from fleet.settings import AwsSettings, process_clock
from wildrydes.event_time_option import event_time_options
from wildrydes.options import aws_options, data_option, json_option
from wildrydes.size_option import Size
from wildrydes.source_options import source_options
from wildrydes.state_options import state_options
from wildrydes.time_option import Duration

if TYPE_CHECKING:
    from analytics_sql.plan import EventTime
    from processor.assembly import ProcessorSettings, StateSettings
    from processor.source.start import SourceSettings
    from sinks.archive_settings import Format
    from sinks.dynamodb import TableWrites

SINKS = ("dynamodb", "kinesis", "archive")

EPILOG = """\b
Examples:
  wildrydes processor --create-missing --endpoint-url http://127.0.0.1:4566
  wildrydes processor --app my.sql --stream readings --data /var/lib/wildrydes
  wildrydes processor --sinks dynamodb,archive --json
  wildrydes processor --start latest --on-gap skip
  wildrydes processor --state-store dynamodb://wildrydes-state/my-bucket
  wildrydes processor --app new.sql --state keep
  wildrydes processor --app my.sql --event-time SENT_AT --lateness 30s --late correct
  wildrydes processor --standby --port 8081

\b
Exit codes: 0 stopped as asked, 1 failure, 2 usage, 3 a newer processor has taken over.
"""


def _sinks(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = tuple(name for name in value.split(",") if name and name != "none")
    if unknown := sorted(set(chosen) - set(SINKS)):
        raise click.BadParameter(f"no sink {unknown[0]!r}: choose from {', '.join(SINKS)} or none")
    return chosen


@click.command("processor", epilog=EPILOG)
@click.option(
    "--app",
    "application",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="SQL file to run.  [default: the workshop's application]",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Input schema of --app.  [default: FILE.schema.json beside it]",
)
@click.option("--stream", default=STREAM, show_default=True, help="Kinesis stream to read.")
@click.option(
    "--summary-stream", default=SUMMARY_STREAM, show_default=True, help="Stream for the rows."
)
@click.option("--table", default=TABLE, show_default=True, help="DynamoDB table for the rows.")
@click.option(
    "--table-writes",
    type=click.Choice(["conditional", "batched"]),
    default="conditional",
    show_default=True,
    help="`conditional`: no older processor can replace a row; `batched`: 25 rows a call instead.",
)
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
@click.option(
    "--sinks",
    default=",".join(SINKS),
    show_default=True,
    callback=_sinks,
    help="Where results go; `none` for the live map alone.",
)
@click.option(
    "--create-missing",
    is_flag=True,
    help="Create the streams, the table and the bucket that are not there.",
)
@click.option(
    "--shards",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Of an input stream that --create-missing creates.",
)
@source_options
@data_option
@event_time_options
@state_options
@click.option(
    "--standby",
    is_flag=True,
    help="Take over only when no other processor of the application is at work: it has stopped, "
    "or has been silent for 15 s.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Of the live map, /healthz, /readyz and /metrics; 0 takes any free one.",
)
@aws_options
@json_option("JSON lines: ready, status (each second), stopped.")
@click.option("--exit-with-stdin", is_flag=True, hidden=True)
def command(
    application: Path | None,
    schema: Path | None,
    stream: str,
    summary_stream: str,
    table: str,
    table_writes: "TableWrites",
    archive_bucket: str | None,
    archive_format: "Format",
    archive_object_bytes: int,
    archive_window_ms: int,
    sinks: tuple[str, ...],
    create_missing: bool,
    shards: int,
    source: "SourceSettings",
    data: Path,
    state: "StateSettings",
    event_time: "EventTime | None",
    standby: bool,
    host: str,
    port: int,
    settings: AwsSettings,
    as_json: bool,
    exit_with_stdin: bool,
) -> None:
    """Run a SQL application over a Kinesis stream until told to stop.

    Reads every shard, runs the application's windows, writes closed rows to DynamoDB and to a
    summary stream, archives the raw records on S3, and serves the live map. Positions and open
    windows are saved together, so that a restart goes on as if nothing had happened. SIGTERM or
    Ctrl-C ends it: what was read is processed and the snapshot saved; open windows stay open in it.
    """
    from processor.assembly import ProcessorSettings
    from sinks.archive_settings import ArchiveSettings
    from wildrydes.lifecycle import run

    if schema is not None and application is None:
        raise click.UsageError("--schema goes with --app")
    choices = ProcessorSettings(
        application=application,
        schema=schema,
        stream=stream,
        summary_stream=summary_stream,
        table=table,
        table_writes=table_writes,
        archive_bucket=archive_bucket,
        archive=ArchiveSettings(archive_format, archive_object_bytes, archive_window_ms),
        sinks=sinks,
        create_missing=create_missing,
        shards=shards,
        source=source,
        data=data / "processor",
        state=state,
        host=host,
        port=port,
        event_time=event_time,
        standby=standby,
    )
    run(lambda stop: _serve(choices, settings, stop, as_json), exit_with_stdin=exit_with_stdin)


async def _serve(
    choices: "ProcessorSettings", settings: AwsSettings, stop: asyncio.Event, as_json: bool
) -> None:
    from processor.assembly import run_processor
    from processor.progress import Progress
    from wildrydes.logs import log_to_stderr
    from wildrydes.status import ProcessorReport

    log_to_stderr(as_json=as_json)
    progress = Progress()
    report = ProcessorReport(progress, process_clock(), as_json=as_json)
    async with report:
        await run_processor(choices, settings, stop, progress, report.on_ready)

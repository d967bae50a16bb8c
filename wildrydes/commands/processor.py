"""`wildrydes processor`: the long-running service."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.reading import STREAM
from fleet.settings import AwsSettings, process_clock
from wildrydes.application_option import ApplicationPath
from wildrydes.auth_options import auth_options
from wildrydes.event_time_option import event_time_options
from wildrydes.options import aws_options, data_option, json_option, listen_options
from wildrydes.preprocess_option import preprocess_option
from wildrydes.reference_option import reference_options
from wildrydes.sink_options import sink_options
from wildrydes.source_options import source_options
from wildrydes.state_options import state_options
from wildrydes.tile_options import tile_options

if TYPE_CHECKING:
    from processor.assembly import ProcessorSettings, SinkChoice, StateSettings
    from processor.reference_tables.tables import TableSettings
    from processor.source.start import SourceSettings
    from sinks.live_map.access.settings import AccessSettings
    from sinks.live_map.tile_source import TileSource

EPILOG = """\b
Examples:
  wildrydes processor --create-missing --endpoint-url http://127.0.0.1:4566
  wildrydes processor --app my-application --create-missing
  wildrydes processor --app my.sql --stream readings --data /var/lib/wildrydes
  wildrydes processor --sinks dynamodb,archive --json
  wildrydes processor --start latest --on-gap skip
  wildrydes processor --state-store dynamodb://wildrydes-state/my-bucket
  wildrydes processor --app new.sql --state keep
  wildrydes processor --app my.sql --event-time SENT_AT --lateness 30s --late correct
  wildrydes processor --host 0.0.0.0 --auth token --token-file /run/secrets/map
  wildrydes processor --app my.sql --preprocess preprocess:handler
  wildrydes processor --app my-application --reference ZONES=s3://stable/zones.csv
  wildrydes processor --app my-application --reload off
  wildrydes processor --standby --port 8081
  wildrydes processor --app my.sql --output ALARMS=kinesis://alarms --output dynamodb://All
  wildrydes processor --app my.sql --output ALARMS=lambda://page-the-stable
  wildrydes processor --output file:rows.jsonl --archive-through firehose://readings
  wildrydes processor --create-missing --output 'postgresql://me@db/rides?table=summary'

\b
Exit codes: 0 stopped as asked, 1 failure, 2 usage, 3 a newer processor has taken over, 5 stopped
as asked, but not finished within four seconds (nothing is lost: the next start does the rest).
"""


@click.command("processor", epilog=EPILOG)
@click.option(
    "--app",
    "application",
    type=ApplicationPath(),
    help="Application to run: a folder with app.sql and application.toml, one that ships with the "
    "program (docs/sql/applications.md), or a file of SQL.  [default: wildrydes, the workshop's]",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Input schema of --app.  [default: what application.toml names; of a file, "
    "FILE.schema.json or schema.json beside it]",
)
@click.option(
    "--stream",
    help=f"Kinesis stream to read.  [default: what application.toml names, or {STREAM}]",
)
@sink_options
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
@preprocess_option
@reference_options
@event_time_options
@state_options
@click.option(
    "--standby",
    is_flag=True,
    help="Take over only when no other processor of the application is at work: it has stopped, "
    "or has been silent for 15 s.",
)
@listen_options("Of the live map, /healthz, /readyz and /metrics; 0 takes any free one.")
@auth_options
@tile_options
@aws_options
@json_option("JSON lines: ready, status (each second), stopped.")
@click.option("--exit-with-stdin", is_flag=True, hidden=True)
def command(
    application: Path | None,
    schema: Path | None,
    stream: str | None,
    sinks: "SinkChoice",
    create_missing: bool,
    shards: int,
    source: "SourceSettings",
    data: Path,
    state: "StateSettings",
    preprocessor: str | None,
    tables: "TableSettings",
    event_time: Mapping[str, str],
    standby: bool,
    host: str,
    port: int,
    access: "AccessSettings",
    tiles: "TileSource | None",
    settings: AwsSettings,
    as_json: bool,
    exit_with_stdin: bool,
) -> None:
    """Run a SQL application over a Kinesis stream until told to stop.

    Reads every shard, runs the application's windows, writes closed rows to DynamoDB and to a
    summary stream, archives the raw records on S3, and serves the live map. Positions and open
    windows are saved together, so that a restart goes on as if nothing had happened. SIGTERM or
    Ctrl-C ends it: what was read is processed and the snapshot saved; open windows stay open in it.
    SIGHUP has the reference tables read again.
    """
    from processor.assembly import ProcessorSettings
    from wildrydes.application_parts import stream_of
    from wildrydes.lifecycle import run

    if schema is not None and application is None:
        raise click.UsageError("--schema goes with --app")
    choices = ProcessorSettings(
        application=application,
        schema=schema,
        stream=stream or stream_of(application) or STREAM,
        sinks=sinks,
        create_missing=create_missing,
        shards=shards,
        source=source,
        data=data / "processor",
        state=state,
        host=host,
        access=access,
        tiles=tiles,
        port=port,
        preprocessor=preprocessor,
        tables=tables,
        event_time=event_time,
        standby=standby,
    )
    run(
        lambda stop: _serve(choices, settings, stop, as_json),
        exit_with_stdin=exit_with_stdin,
        on_hangup=tables.asked.set,
    )


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

"""`wildrydes map`: the live map as a service of its own."""

import asyncio
import re
from typing import TYPE_CHECKING, Final

import click

from fleet.reading import STREAM, SUMMARY_STREAM, TABLE
from fleet.settings import AwsSettings
from wildrydes.auth_options import auth_options
from wildrydes.options import StreamName, aws_options, json_option, listen_options
from wildrydes.tile_options import tile_options

if TYPE_CHECKING:
    from sinks.live_map.access.settings import AccessSettings
    from sinks.live_map.tile_source import TileSource

EPILOG = """\b
Examples:
  wildrydes map --endpoint-url http://127.0.0.1:4566 --port 8081
  wildrydes map --workers 4 --host 0.0.0.0 --auth token --token-file map-token
  wildrydes map --auth cognito --identity-pool-id us-east-1:12345678-abcd-1234-abcd-123456789012
  wildrydes map --fan-out
  wildrydes map --fan-out control-room --region eu-west-1
  wildrydes map --summary-stream none --table none --archive-bucket none

\b
Exit codes: 0 stopped as asked, 1 failure, 2 usage.
"""


class _StreamOrNone(StreamName):
    """A stream's name, or `none`."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if value == "none" else super().convert(value, param, ctx)


CONSUMER: Final = "wildrydes-map"


def _consumer_name(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str | None:
    # API reference of RegisterStreamConsumer, ConsumerName.
    if value is not None and re.fullmatch(r"[a-zA-Z0-9_.-]{1,128}", value) is None:
        raise click.BadParameter("a consumer's name has 1 to 128 of a-z, A-Z, 0-9, _, . and -")
    return value


def _unless_none(value: str) -> str | None:
    return None if value == "none" else value


@click.command("map", epilog=EPILOG)
@click.option(
    "--stream", type=StreamName(), default=STREAM, show_default=True, help="Readings to show."
)
@click.option(
    "--summary-stream",
    type=_StreamOrNone(),
    default=SUMMARY_STREAM,
    show_default=True,
    help="Per-minute rows to show; `none` for no rows.",
)
@click.option(
    "--table",
    default=TABLE,
    show_default=True,
    help="DynamoDB table where one unicorn's past rows are looked up; `none` for nowhere.",
)
@click.option(
    "--archive-bucket",
    help="S3 bucket that the time slider replays; `none` for no replay.  "
    "[default: wildrydes-archive on a local endpoint, else none]",
)
@click.option(
    "--fan-out",
    metavar="NAME",
    is_flag=False,
    flag_value=CONSUMER,
    callback=_consumer_name,
    help="Have readings pushed to the registered consumer of this name (enhanced fan-out) instead "
    "of asking for them twice a second; AWS charges for it. One that is not there is made, and "
    f"deregistered at the end. Each map needs its own.  [name: {CONSUMER}]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that show what one process reads; all listen on one port.",
)
@listen_options("0 takes any free one.")
@auth_options
@tile_options
@aws_options
@json_option("JSON lines: ready, status (each second), stopped.")
def command(
    stream: str,
    summary_stream: str,
    table: str,
    archive_bucket: str | None,
    fan_out: str | None,
    workers: int,
    host: str,
    port: int,
    access: "AccessSettings",
    tiles: "TileSource | None",
    settings: AwsSettings,
    as_json: bool,
) -> None:
    """Show where every unicorn is, to many viewers, until told to stop.

    Reads the streams itself, from now on, beside whatever else reads them: the processor is not
    needed, and not disturbed. It writes nothing anywhere. One process serves about a thousand
    viewers of ten thousand unicorns; --workers takes more cores. SIGTERM or Ctrl-C ends it, and
    tells the viewers to come back later.
    """
    from sinks.registry import LOCAL_BUCKET
    from wildrydes.lifecycle import run
    from wildrydes.map.report import MapReport
    from wildrydes.map.service import run_map
    from wildrydes.map.settings import MapSettings

    if archive_bucket is None:
        archive_bucket = LOCAL_BUCKET if settings.is_loopback else "none"
    choices = MapSettings(
        stream=stream,
        summary_stream=_unless_none(summary_stream),
        table=_unless_none(table),
        archive_bucket=_unless_none(archive_bucket),
        host=host,
        port=port,
        workers=workers,
        access=access,
        tiles=tiles,
        fan_out=fan_out,
        aws=settings,
    )
    report = MapReport(as_json=as_json)

    async def main(stop: asyncio.Event) -> None:
        await run_map(choices, stop, report)

    run(main)

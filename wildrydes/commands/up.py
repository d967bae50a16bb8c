"""`wildrydes up`: everything on this machine, with one command."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.errors import ConfigError
from wildrydes.application_option import ApplicationPath
from wildrydes.auth_options import auth_options
from wildrydes.options import data_option, json_option, ledger_option, time_scale_option
from wildrydes.reference_option import reference_option, refuse_objects
from wildrydes.reserved_port import reserved_port
from wildrydes.tile_options import tile_options

if TYPE_CHECKING:
    from fleet.clock import Clock
    from sinks.live_map.access.settings import AccessSettings
    from sinks.live_map.tile_source import TileSource
    from wildrydes.supervisor import UpSettings

EPILOG = """\b
Examples:
  wildrydes up
  wildrydes up --unicorns 500 --for 120
  wildrydes up --app my-application
  wildrydes up --app my-application --reference ZONES=zones.csv
  wildrydes up --auth cognito
  wildrydes up --time-scale 60 --for 300
  wildrydes up --json | jq -c 'select(.event == "status")'

\b
Exit codes: 0 stopped as asked, 1 failure, 2 usage.
"""


@click.command("up", epilog=EPILOG)
@click.option(
    "--unicorns",
    type=click.IntRange(1, 1_000_000),
    default=20,
    show_default=True,
    help="Size of the fleet; each sends one reading a second.",
)
@click.option(
    "--for", "seconds", type=click.FloatRange(0, min_open=True), help="Stop after SECONDS."
)
@click.option(
    "--app",
    "application",
    type=ApplicationPath(),
    help="Application to run: one that ships with the program (docs/sql/applications.md), a folder "
    "with app.sql and application.toml, or a file of SQL.  [default: wildrydes, the workshop's]",
)
@reference_option("a file")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Of the live map; 0 takes any free one.",
)
@click.option(
    "--endpoint-port",
    type=click.IntRange(0, 65_535),
    default=4566,
    show_default=True,
    help="Of the local AWS endpoint; 0 takes any free one.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**64 - 1), help="Makes the fleet's motion replayable."
)
@auth_options
@tile_options
@time_scale_option
@ledger_option
@data_option
@json_option("JSON lines: started, ready, status (each second), stopped.")
def command(
    unicorns: int,
    seconds: float | None,
    application: Path | None,
    references: tuple[tuple[str, str], ...],
    port: int,
    endpoint_port: int,
    seed: int | None,
    clock: "Clock",
    ledger: Path | None,
    data: Path,
    access: "AccessSettings",
    tiles: "TileSource | None",
    as_json: bool,
) -> None:
    """Start the local endpoint, unicorns, the processor with its SQL, the sinks and the live map.

    Nothing leaves this machine and no account is needed. The local endpoint keeps its streams and
    tables in memory: the next `up` starts with an empty stream, and says so when it finds a
    snapshot of this one. A reference table that comes from S3 is taken from a file, with
    --reference; SIGHUP has the processor read its tables again. Ctrl-C or SIGTERM ends everything.
    """
    from wildrydes.lifecycle import run
    from wildrydes.supervisor import UpSettings

    if application is not None or references:
        _check_tables(application, dict(references))
    with (
        _usable(port, "--port") as map_port,
        _usable(endpoint_port, "--endpoint-port") as kinesis_port,
    ):
        settings = UpSettings(
            unicorns=unicorns,
            seconds=seconds,
            application=application,
            references=dict(references),
            port=map_port,
            endpoint_port=kinesis_port,
            seed=seed,
            clock=clock,
            ledger=ledger,
            data=data / "up",
            access=access,
            tiles=tiles,
        )
        reload = asyncio.Event()
        run(lambda stop: _supervise(settings, stop, reload, as_json), on_hangup=reload.set)


def _check_tables(application: Path | None, references: Mapping[str, str]) -> None:
    """Raises ConfigError for tables that the processor would not find, before anything starts."""
    from analytics_sql.application_file import WORKSHOP, load_application

    plan = load_application(application or WORKSHOP, references=references)
    refuse_objects(plan, "the endpoint of `up` begins without any object")


async def _supervise(
    settings: "UpSettings", stop: asyncio.Event, reload: asyncio.Event, as_json: bool
) -> None:
    from analytics_sql.application_file import WORKSHOP
    from wildrydes.fleet_status import FleetStatus, display
    from wildrydes.supervisor import Supervisor

    per_minute = settings.application in (None, WORKSHOP)
    status = FleetStatus(settings.clock, per_minute=per_minute)
    with display(status, as_json=as_json, is_terminal=sys.stdout.isatty()) as screen:
        await Supervisor(settings, status, screen).run(stop, reload)


@contextmanager
def _usable(port: int, flag: str) -> Iterator[int]:
    """The port itself if it can be taken, a free one for 0. Checked before anything starts, so that
    the message names the right flag.
    """
    with ExitStack() as stack:
        try:
            number = stack.enter_context(reserved_port(port))
        except OSError as error:
            raise ConfigError(
                f"port {port} on 127.0.0.1 cannot be used: {error.strerror}",
                remedy=f"stop what uses it (another `wildrydes up`?), or give {flag} another",
            ) from None
        yield number

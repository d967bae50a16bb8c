"""`wildrydes simulator`: unicorns that send one reading a second."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.errors import ResourceMissing
from fleet.reading import STREAM
from fleet.settings import AwsSettings, process_clock
from wildrydes.options import StreamName, aws_options, json_option, ledger_option

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

    from simulator.ledger import Ledger
    from simulator.producer import Producer
    from wildrydes.ride_report import Ride, RideReport

KEY_LENGTH_MAX = 256
"""Of a partition key; the service refuses what is longer."""

EPILOG = """\b
Examples:
  wildrydes simulator
  wildrydes simulator --name Bucephalus --create-stream --endpoint-url http://127.0.0.1:4566
  wildrydes simulator --unicorns 500 --for 120 --seed 7
  wildrydes simulator --unicorns 1000 --rate 5 --json
  wildrydes simulator --unicorns 50 --create-stream --ledger rides.ledger.jsonl

\b
Exit codes: 0 ended as asked, 1 failure, 2 usage.
"""


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not 1 <= len(value) <= KEY_LENGTH_MAX:
        raise click.BadParameter(f"a name has 1 to {KEY_LENGTH_MAX} characters")
    if not value.isprintable():
        raise click.BadParameter("a name is printable text")
    return value


@click.command("simulator", epilog=EPILOG)
@click.option(
    "--name",
    "-name",
    default="Shadowfax",
    show_default=True,
    callback=_name,
    help="Name of the unicorn, or of the first of several.",
)
@click.option(
    "--stream",
    "-stream",
    type=StreamName(),
    default=STREAM,
    show_default=True,
    help="Kinesis stream to send to.",
)
@click.option(
    "--unicorns",
    type=click.IntRange(1, 1_000_000),
    default=1,
    show_default=True,
    help="Size of the fleet; names are made up.",
)
@click.option(
    "--for", "seconds", type=click.FloatRange(0, min_open=True), help="Stop after SECONDS."
)
@click.option("--count", type=click.IntRange(1), help="Stop after COUNT readings of each unicorn.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    help="Makes the ride replayable: the same seed, the same readings.  [default: a new one]",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1000, min_open=True),
    default=1.0,
    show_default=True,
    help="Readings a second of each unicorn. Each reading is a second of its ride: a rate of 10 "
    "plays the ride ten times as fast.",
)
@click.option("--create-stream", is_flag=True, help="Create the stream if it is not there.")
@click.option(
    "--shards",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Of a stream that --create-stream creates.",
)
@ledger_option
@aws_options
@json_option("JSON lines: started, status (each second), end.")
@click.option("--exit-with-stdin", is_flag=True, hidden=True)
def command(
    name: str,
    stream: str,
    unicorns: int,
    seconds: float | None,
    count: int | None,
    seed: int | None,
    rate: float,
    create_stream: bool,
    shards: int,
    ledger: Path | None,
    settings: AwsSettings,
    as_json: bool,
    exit_with_stdin: bool,
) -> None:
    """Send sensor readings of one unicorn, or of a fleet, into a Kinesis stream.

    One reading a second each, as JSON, with the name as partition key. The unicorns start in the
    middle of Manhattan and fly at 30 m/s, over land. A dot is printed per reading; with a fleet,
    per reading of every unicorn. Ctrl-C or SIGTERM ends it.
    """
    from wildrydes.lifecycle import run
    from wildrydes.pipe_reader import ends_with_reader
    from wildrydes.ride_report import DotReport, JsonReport, Ride

    ride = Ride(
        name=name,
        unicorns=unicorns,
        stream=stream,
        create_shards=shards if create_stream else None,
        rate=rate,
        seed=secrets.randbits(32) if seed is None else seed,
        seconds=seconds,
        count=count,
    )
    report = JsonReport(ride) if as_json else DotReport(ride)
    with ends_with_reader(), _opened(ledger, ride, report) as opened:
        run(
            lambda stop: _simulate(ride, report, opened, settings, stop),
            exit_with_stdin=exit_with_stdin,
        )


@contextlib.contextmanager
def _opened(path: Path | None, ride: "Ride", report: "RideReport") -> "Iterator[Ledger | None]":
    from simulator.ledger import FORMAT, Header, Ledger
    from wildrydes import __version__

    if path is None:
        yield None
        return
    header = Header(FORMAT, ride.stream, ride.seed, ride.unicorns, __version__)
    with Ledger(path, header) as ledger:
        if ledger.entries_before:
            report.notice(f"the ledger {path} has {ledger.entries_before:,} entries; adding to it")
        yield ledger


async def _simulate(
    ride: "Ride",
    report: "RideReport",
    ledger: "Ledger | None",
    settings: AwsSettings,
    stop: asyncio.Event,
) -> None:
    from awsio.clients import AwsClients
    from fleet.race import done_before
    from simulator.herd import Herd
    from simulator.land import Land
    from simulator.names import LENGTH_MAX, names
    from simulator.producer import Producer

    if len(ride.name) > LENGTH_MAX:
        report.notice(
            f"{ride.name!r} is longer than {LENGTH_MAX} characters: the workshop's application "
            f'declares "Name" VARCHAR({LENGTH_MAX}) and cuts it to {ride.name[:LENGTH_MAX]!r}'
        )
    async with AwsClients(settings) as aws:
        client = await aws.kinesis()
        producer = Producer(
            client,
            ride.stream,
            names(ride.unicorns, ride.name),
            Herd(ride.unicorns, ride.seed, Land.load()),
            process_clock(),
            rate=ride.rate,
            notice=report.notice,
            on_round=report.on_round,
            on_ack=None if ledger is None else ledger.enter,
        )
        try:
            if await done_before(stop, _find_stream(client, ride, producer)):
                await _ride(producer, ride, report, stop)
        except ResourceMissing as error:
            raise ResourceMissing(
                str(error),
                remedy=f"`wildrydes simulator --stream {ride.stream} --create-stream` creates it; "
                "or check --stream, --region and --endpoint-url",
            ) from None


async def _find_stream(client: "KinesisClient", ride: "Ride", producer: "Producer") -> bool:
    """True once the stream is there; raises when it is not and is not to be created."""
    from awsio.streams import create_stream, describe_stream

    if ride.create_shards is None:
        await describe_stream(client, ride.stream, on_wait=producer.waits)
    else:
        await create_stream(client, ride.stream, ride.create_shards, on_wait=producer.waits)
    return True


async def _ride(
    producer: "Producer", ride: "Ride", report: "RideReport", stop: asyncio.Event
) -> None:
    report.started(producer.progress)
    status = asyncio.create_task(report.run(), name="status")
    try:
        await producer.run(stop, seconds=ride.seconds, count=ride.count)
    finally:
        status.cancel()
    report.ended()

"""`wildrydes consumer`: prints the records of a stream as JSON lines."""

import asyncio
import time
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from fleet.errors import ResourceMissing
from fleet.reading import STREAM, SUMMARY_STREAM
from fleet.settings import AwsSettings
from fleet.timestamp import timestamp_text
from wildrydes.options import StreamName, aws_options
from wildrydes.time_option import StartPoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from awsio.clients import AwsClients
    from awsio.retry import OnWait
    from processor.source.start import Start
    from wildrydes.stream_record import StreamRecord

EPILOG = """\b
Examples:
  wildrydes consumer
  wildrydes consumer --stream wildrydes --start trim-horizon --count 10
  wildrydes consumer --start trim-horizon --distinct
  wildrydes consumer --start 10m
  wildrydes consumer --with-metadata | jq -r '[.shard, .data.Name, .data.Distance] | @tsv'

\b
Exit codes: 0 ended as asked, 1 failure, 2 usage.
"""


@click.command("consumer", epilog=EPILOG)
@click.option(
    "--stream",
    "-stream",
    type=StreamName(),
    default=SUMMARY_STREAM,
    show_default=True,
    help="Kinesis stream to read.",
)
@click.option(
    "--start",
    type=StartPoint(),
    default="latest",
    show_default=True,
    metavar="trim-horizon|latest|AGO|TIME",
    help="Where to begin: the oldest record, now, so long ago (10m), or a time (UTC).",
)
@click.option("--count", type=click.IntRange(1), help="Stop after COUNT records.")
@click.option(
    "--with-metadata",
    is_flag=True,
    help="Print {shard, sequence_number, partition_key, arrival, data} of each record.",
)
@click.option(
    "--distinct",
    is_flag=True,
    help="Leave out rows that the processor wrote a second time, after a crash.",
)
@aws_options
def command(
    stream: str,
    start: "Start",
    count: int | None,
    with_metadata: bool,
    distinct: bool,
    settings: AwsSettings,
) -> None:
    """Print each record of a stream as one line of JSON.

    Follows every shard, through splits and merges too; the records of one partition key come in
    their order. Records that a producer packed into one are printed one by one. A record that is
    not JSON is printed as {"data_base64": "..."}. Ctrl-C, SIGTERM or the end of the pipe it prints
    into ends it.
    """
    from fleet.race import done_before
    from wildrydes.distinct import Distinct
    from wildrydes.lifecycle import run
    from wildrydes.pipe_reader import ends_with_reader

    is_wanted = Distinct().is_fresh if distinct else _any

    async def main(stop: asyncio.Event) -> None:
        await done_before(stop, _consume(stream, start, count, with_metadata, is_wanted, settings))

    with ends_with_reader():
        run(main)


def _any(_record: "StreamRecord") -> bool:
    return True


async def _consume(
    stream: str,
    start: "Start",
    count: int | None,
    with_metadata: bool,
    is_wanted: "Callable[[StreamRecord], bool]",
    settings: AwsSettings,
) -> None:
    from awsio.clients import AwsClients
    from awsio.trouble import Trouble
    from processor.source.kinesis import KinesisSource
    from wildrydes.lifecycle import complain
    from wildrydes.output import Output
    from wildrydes.stream_record import records_of

    output = Output()
    trouble = Trouble(lambda text: complain(f"wildrydes: {text}"))

    def on_wait(reason: str, _seconds: float) -> None:
        trouble.happens(_now_ms(), f"waiting: {reason}")

    async with AwsClients(settings) as aws:
        source: KinesisSource | None = None
        try:
            beginning = await _beginning(aws, stream, start, on_wait)
            source = KinesisSource(aws, stream, start=beginning, on_wait=on_wait)
            await source.open({})
            left = count
            while left is None or left > 0:
                batch = await source.read()
                records = [record for record in records_of(batch) if is_wanted(record)][:left]
                await output.write(b"".join(line(record, with_metadata) for record in records))
                output.check_reader()
                if not source.is_waiting:
                    trouble.goes_well(_now_ms(), "going on after {seconds} s")
                if left is not None:
                    left -= len(records)
        except ResourceMissing as error:
            raise ResourceMissing(str(error), remedy=_remedy(stream)) from None
        finally:
            if source is not None:
                await source.close()


async def _beginning(
    aws: "AwsClients", stream: str, start: "Start", on_wait: "OnWait"
) -> int | Literal["latest"] | None:
    """As KinesisSource takes it; a time is by the stream's own clock."""
    from awsio.streams import summarize_stream

    if start.ago_ms == 0:
        return "latest"
    return start.fixed(await summarize_stream(await aws.kinesis(), stream, on_wait=on_wait))


def line(record: "StreamRecord", with_metadata: bool) -> bytes:
    """The record as a line of JSON. Its data stands there as it was put, number for number; only
    white space between tokens goes.
    """
    fields: dict[str, Any] = {}
    if with_metadata:
        fields = {
            "shard": record.shard_id,
            "sequence_number": record.sequence_number,
            "partition_key": record.partition_key,
            "arrival": timestamp_text(record.arrival_ms),
        }
    try:
        msgspec.json.decode(record.data)
        text = msgspec.json.format(record.data, indent=-1)
    except (ValueError, RecursionError):
        # Bytes become base64 on encoding.
        return msgspec.json.encode({**fields, "data_base64": record.data}) + b"\n"
    if with_metadata:
        text = msgspec.json.encode({**fields, "data": msgspec.Raw(text)})
    return text + b"\n"


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _remedy(stream: str) -> str:
    makers = {
        STREAM: "`wildrydes simulator --create-stream` creates it",
        SUMMARY_STREAM: "`wildrydes processor --create-missing` creates it",
    }
    check = "check --stream, --region and --endpoint-url"
    return f"{makers[stream]}; or {check}" if stream in makers else check

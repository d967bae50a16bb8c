"""The streams that a map shows, read for itself alone: from now on, nothing remembered."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from awsio.clients import AwsClients
from awsio.retry import OnWait
from awsio.stream_consumer import registered_consumer
from fleet.errors import ResourceMissing
from processor.source.gap import Gap
from processor.source.kinesis import KinesisSource
from sinks.live_map import LiveMap
from sinks.live_map.minute_rows import MinuteRow, minute_row

MISSING_S: Final = 5.0
"""Between two looks for a stream of rows that is not there yet."""

Say = Callable[[str], None]

_decode = msgspec.json.Decoder(dict[str, object]).decode


async def follow_readings(
    live_map: LiveMap, aws: AwsClients, stream: str, on_wait: OnWait, fan_out: str | None
) -> None:
    """Shows what comes, without end; pushed to the consumer of that name when it is given. Raises
    ResourceMissing when there is no such stream."""
    if fan_out is None:
        await _follow(live_map, _source(aws, stream, on_wait))
        return
    async with registered_consumer(
        await aws.kinesis(), stream, fan_out, on_wait=on_wait
    ) as consumer_arn:
        await _follow(live_map, _source(aws, stream, on_wait, consumer_arn))


async def _follow(live_map: LiveMap, source: KinesisSource) -> None:
    try:
        await source.open({})
        await live_map.open({})
        while True:
            await live_map.write(await source.read())
    finally:
        await source.close()


async def follow_rows(
    live_map: LiveMap, aws: AwsClients, stream: str, on_wait: OnWait, say: Say
) -> None:
    """Shows the rows that come, without end. A stream that is not there is waited for: the map is
    of use without rows."""
    has_complained = False
    while True:
        source = _source(aws, stream, on_wait)
        try:
            await source.open({})
            has_complained = False
            while True:
                live_map.take_rows(rows_of((await source.read()).records))
        except ResourceMissing as error:
            if not has_complained:
                say(f"no per-minute rows yet: {error}")
            has_complained = True
        finally:
            await source.close()
        await asyncio.sleep(MISSING_S)


def rows_of(records: Sequence[bytes]) -> list[MinuteRow]:
    """The workshop's rows among a summary stream's records."""
    rows = []
    for record in records:
        try:
            row = minute_row(_decode(record))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if row is not None:
            rows.append(row)
    return rows


def _source(
    aws: AwsClients, stream: str, on_wait: OnWait, consumer_arn: str | None = None
) -> KinesisSource:
    def pass_over(_gap: Gap) -> None:
        """A map that fell behind shows the present."""

    return KinesisSource(
        aws,
        stream,
        start="latest",
        on_wait=on_wait,
        on_gap=pass_over,
        consumer_arn=consumer_arn,
    )

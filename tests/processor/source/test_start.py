"""A start is a moment by the stream's own clock, and nothing that comes after it is missed."""

from dataclasses import replace

import pytest

from awsio.streams import StreamSummary, summarize_stream
from fleet.errors import ConfigError
from processor.source.start import Start
from tests.processor.source.live_stream import (
    HOUR_MS,
    SHARDS,
    STREAM,
    LiveStream,
    Reading,
    at_all_tips,
)

CREATED_MS = 1_767_225_600_000
NOW_MS = CREATED_MS + 5 * HOUR_MS
SUMMARY = StreamSummary(
    arn="arn",
    created_ms=CREATED_MS,
    status="ACTIVE",
    retention_ms=24 * HOUR_MS,
    answered_ms=NOW_MS,
)


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        (Start(), None),
        (Start(ago_ms=0), NOW_MS),
        (Start(ago_ms=HOUR_MS), NOW_MS - HOUR_MS),
        (Start(at_ms=NOW_MS - 1), NOW_MS - 1),
        # Before there was a stream there was nothing that could be missed.
        (Start(ago_ms=50 * HOUR_MS), CREATED_MS),
        (Start(at_ms=0), CREATED_MS),
    ],
)
def test_a_start_is_a_moment(start: Start, moment: int | None) -> None:
    assert start.fixed(SUMMARY) == moment


def test_a_moment_to_come_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--start 2026-01-01 05:00:00.001 UTC is still to come"):
        Start(at_ms=NOW_MS + 1).fixed(SUMMARY)


def test_this_machines_clock_does_not_matter() -> None:
    later = replace(SUMMARY, answered_ms=NOW_MS + 10**12)
    assert Start(ago_ms=0).fixed(later) == NOW_MS + 10**12


async def test_all_that_arrives_after_latest_was_said_is_read(live: LiveStream) -> None:
    """Though nothing was read yet, the stream is resharded at once, and the first start dies."""
    await live.create()
    await live.put("a", b"before")
    live.clock.advance(2000)
    start_ms = Start(ago_ms=0).fixed(await summarize_stream(live.client, STREAM))
    await live.put("a", b"1")
    await live.split()
    await live.put("a", b"2")
    await live.split()
    await live.put("a", b"3")

    first = live.source(start=start_ms)
    assert await first.open({}) == {SHARDS[0]}
    await first.close()

    reading = Reading()
    await reading.life(live.source(start=start_ms), at_all_tips)
    assert reading.data == [b"1", b"2", b"3"]


async def test_shards_that_were_closed_before_the_start_give_nothing(live: LiveStream) -> None:
    await live.create(2)
    await live.put("a", b"before")
    await live.merge()
    await live.put("a", b"before, too")
    await live.split()
    live.clock.advance(2000)
    start_ms = Start(ago_ms=0).fixed(await summarize_stream(live.client, STREAM))
    await live.put("a", b"1")
    reading = Reading()
    await reading.life(live.source(start=start_ms), at_all_tips)
    assert reading.data == [b"1"]


async def test_a_moment_between_two_records(live: LiveStream) -> None:
    await live.create()
    await live.put("a", b"1")
    at_ms = live.clock.now_ms() + 1
    await live.put("a", b"2")
    await live.put("a", b"3")
    reading = Reading()
    await reading.life(live.source(start=at_ms), at_all_tips)
    assert reading.data == [b"2", b"3"]

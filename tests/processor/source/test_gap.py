"""What a stream no longer keeps is told, with its size in time, and only then."""

import asyncio

import pytest

from fleet.batch import SHARD_END
from fleet.errors import RecordsExpired
from processor.source.gap import Gap, duration_text
from processor.source.read_ahead import ANSWER_BYTES_MAX, BATCH_BYTES
from tests.processor.source.live_stream import (
    HOUR_MS,
    SHARDS,
    STREAM,
    LiveStream,
    Reading,
    at_all_tips,
)


async def read_and_stop(live: LiveStream, *records: bytes) -> Reading:
    """Reads records to the tip of a stream with one shard."""
    await live.create()
    for data in records:
        await live.put("a", data)
    live.clock.advance(2000)
    reading = Reading()
    await reading.life(live.source(), at_all_tips)
    assert reading.data == list(records)
    reading.batches.clear()
    return reading


async def go_on(live: LiveStream, reading: Reading, **choices: object) -> list[Gap]:
    """Another life, which skips gaps; returns them."""
    gaps: list[Gap] = []
    reading.batches.clear()
    source = live.source(clocks_ms=reading.clocks_ms, on_gap=gaps.append, **choices)
    await reading.life(source, at_all_tips)
    return gaps


async def test_a_position_older_than_the_retention_is_a_gap_with_its_size(
    live: LiveStream,
) -> None:
    reading = await read_and_stop(live, b"1")
    read_up_to_ms = reading.clocks_ms[SHARDS[0]]
    await live.put("a", b"2")
    live.clock.advance(30 * HOUR_MS)
    await live.put("a", b"3")
    horizon_ms = live.clock.now_ms() // 1000 * 1000 - 24 * HOUR_MS

    with pytest.raises(RecordsExpired) as caught:
        await reading.life(live.source(clocks_ms=reading.clocks_ms), at_all_tips)
    assert str(caught.value) == (
        "stream wildrydes, shardId-000000000000: what arrived from 2026-01-01 00:00:01.000 UTC to "
        "2026-01-01 06:00:02.000 UTC is no longer kept: up to 6 h 1 s of records are lost, if any "
        "arrived then (the stream keeps 1 d)"
    )
    assert "--on-gap skip" in (caught.value.remedy or "")

    [gap] = await go_on(live, reading)
    assert (gap.shard_id, gap.from_ms, gap.until_ms) == (SHARDS[0], read_up_to_ms, horizon_ms)
    assert reading.data == [b"3"]
    # Once it was skipped it is over: the next start knows nothing of it.
    assert await go_on(live, reading) == []


async def test_there_is_no_gap_while_the_record_at_the_position_is_kept(live: LiveStream) -> None:
    reading = await read_and_stop(live, b"1")
    await live.client.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=72)
    await live.put("a", b"2")
    live.clock.advance(60 * HOUR_MS)
    assert await go_on(live, reading) == []
    assert reading.data == [b"2"]


async def test_a_silent_shard_that_was_looked_at_has_no_gap(live: LiveStream) -> None:
    """Its last record is gone, but its clock went on with the stream's."""
    reading = await read_and_stop(live, b"1")
    live.clock.advance(40 * HOUR_MS)
    # The processor is at work all the time.
    reading.clocks_ms[SHARDS[0]] = live.clock.now_ms()
    live.clock.advance(23 * HOUR_MS)
    await live.put("a", b"2")
    assert await go_on(live, reading) == []
    assert reading.data == [b"2"]


async def test_of_a_silent_stream_it_is_said_that_nothing_may_be_lost(live: LiveStream) -> None:
    """It cannot be known, so it is an upper bound: up to, if any."""
    reading = await read_and_stop(live, b"1")
    live.clock.advance(30 * HOUR_MS)
    [gap] = await go_on(live, reading)
    assert "up to 6 h 1 s of records are lost, if any arrived then" in str(gap)
    assert reading.data == []


async def test_a_shard_that_is_gone_unfinished_is_a_gap_and_its_children_are_read(
    live: LiveStream,
) -> None:
    reading = await read_and_stop(live, b"1")
    await live.split()
    live.clock.advance(30 * HOUR_MS)
    await live.put("a", b"2")
    with pytest.raises(RecordsExpired, match=f"{SHARDS[0]}: what arrived from 2026-01-01 00:00:01"):
        await reading.life(live.source(clocks_ms=reading.clocks_ms), at_all_tips)

    source = live.source(clocks_ms=reading.clocks_ms, on_gap=lambda gap: None)
    assert await source.open(reading.positions) == {SHARDS[1], SHARDS[2]}
    # What is gone for ever leaves the snapshot.
    assert source.is_over(SHARDS[0])
    await source.close()

    gaps = await go_on(live, reading)
    assert [gap.shard_id for gap in gaps] == [SHARDS[0]]
    assert reading.data == [b"2"]


async def test_a_child_that_was_never_read_and_is_gone_is_a_gap(live: LiveStream) -> None:
    """Its parent was read to its end and handed it the clock; then it was resharded itself."""
    await live.create()
    await live.split()
    reading = Reading()
    await reading.life(live.source(), lambda reading: reading.positions.get(SHARDS[0]) == SHARD_END)
    assert set(reading.clocks_ms) <= {SHARDS[1], SHARDS[2]}
    reading.clocks_ms = dict.fromkeys(SHARDS[1:3], live.clock.now_ms())
    reading.positions = {SHARDS[0]: SHARD_END}
    await live.merge()
    live.clock.advance(30 * HOUR_MS)
    gaps = await go_on(live, reading)
    assert [gap.shard_id for gap in gaps] == SHARDS[1:3]


async def test_a_shard_that_goes_while_it_is_read_is_a_gap_at_once(live: LiveStream) -> None:
    reading = await read_and_stop(live, b"1")
    gaps: list[Gap] = []
    source = live.source(clocks_ms=reading.clocks_ms, on_gap=gaps.append)
    await source.open(reading.positions)
    await source.read()
    await live.split()
    live.clock.advance(30 * HOUR_MS)
    while not (batch := await source.read()).children:
        pass
    await source.close()
    assert (batch.position, batch.children) == (SHARD_END, (SHARDS[1], SHARDS[2]))
    assert [gap.shard_id for gap in gaps] == [SHARDS[0]]


async def test_a_reader_that_was_held_up_for_too_long_finds_the_gap_while_it_runs(
    live: LiveStream,
) -> None:
    """As behind a sink that is down for a day: its iterator has expired when it may go on."""
    reading = await read_and_stop(live, b"1")
    gaps: list[Gap] = []
    source = live.source(
        clocks_ms=reading.clocks_ms, on_gap=gaps.append, read_ahead_bytes_max=ANSWER_BYTES_MAX
    )
    await source.open(reading.positions)
    # One batch waits, and there is no room for another.
    while source._ahead.bytes != BATCH_BYTES:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await live.put("a", b"2")
    live.clock.advance(30 * HOUR_MS)
    await live.put("a", b"3")
    found: list[bytes] = []
    while not found:
        found += (await source.read()).records
    await source.close()
    assert found == [b"3"]
    assert [(gap.shard_id, gap.from_ms) for gap in gaps] == [
        (SHARDS[0], reading.clocks_ms[SHARDS[0]])
    ]


async def test_a_start_older_than_the_retention_is_a_gap_too(live: LiveStream) -> None:
    await live.create()
    created_ms = live.clock.now_ms()
    live.clock.advance(30 * HOUR_MS)
    await live.put("a", b"1")
    with pytest.raises(RecordsExpired, match="up to 6 h of records are lost"):
        await Reading().life(live.source(start=created_ms), at_all_tips)


async def test_no_gap_is_looked_for_within_a_day(live: LiveStream) -> None:
    """Whoever was away for less than the shortest retention asks nothing more than before."""
    reading = await read_and_stop(live, b"1")
    live.clock.advance(23 * HOUR_MS)
    asked: list[str] = []
    live.client.meta.events.register(
        "before-call.kinesis", lambda model, **_: asked.append(model.name)
    )
    assert await go_on(live, reading) == []
    assert set(asked) == {"ListShards", "GetShardIterator", "GetRecords"}


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0 s"),
        (1, "0.001 s"),
        (60_000, "1 min"),
        (90_061_500, "1 d 1 h 1 min 1.500 s"),
        (86_400_000, "1 d"),
    ],
)
def test_durations(duration_ms: int, text: str) -> None:
    assert duration_text(duration_ms) == text

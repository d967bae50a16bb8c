"""All is read once and the records of a key come in order, whatever becomes of the shards."""

import asyncio
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings, strategies as st

from awsio.put_records import Entry, put_records
from awsio.shards import Start, StreamReader, StreamRecord
from fleet.clock import SystemClock
from fleet.errors import ResourceMissing
from tests.awsio.fake_stream import FakeStream
from tests.awsio.instant import run

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

KEYS = "abcdefgh"
THROTTLED = "ProvisionedThroughputExceededException"
EXPIRED = "ExpiredIteratorException"


def reader(
    stream: FakeStream, start: Start, on_wait: Callable[[str, float], None] | None = None
) -> StreamReader:
    client = cast("KinesisClient", stream)
    return StreamReader(client, "wildrydes", start, stream.clock, on_wait=on_wait)


async def drained(following: StreamReader, rounds: int = 60) -> list[StreamRecord]:
    return [record for _ in range(rounds) for record in await following.read()]


def change(stream: FakeStream, action: str) -> list[tuple[str, str]]:
    """Puts a record for a key, or splits or merges whatever can be; returns what was put."""
    shards = stream.open_shards
    if action == "split":
        for shard in shards:
            if len(shard.keys) > 1:
                stream.split(shard)
                break
    elif action == "merge":
        if len(shards) > 1:
            stream.merge(shards[0], shards[-1])
    else:
        return [(action, stream.put(action))]
    return []


HISTORIES = st.lists(st.sampled_from([*KEYS, "split", "merge", "read"]), max_size=40)
FAULTS = st.lists(st.sampled_from(["", "", THROTTLED, EXPIRED, "InternalFailure"]), max_size=15)


@settings(deadline=None, derandomize=True)
@given(
    before=HISTORIES,
    after=HISTORIES,
    faults=FAULTS,
    start=st.sampled_from(["latest", "trim-horizon"]),
)
def test_any_history_is_read_once_and_in_the_order_of_its_keys(
    before: list[str], after: list[str], faults: list[str], start: Start
) -> None:
    stream = FakeStream(KEYS, faults)
    earlier = [put for action in before if action != "read" for put in change(stream, action)]

    async def main() -> tuple[list[tuple[str, str]], list[StreamRecord]]:
        following = reader(stream, start)
        await following.open()
        put, read = [], []
        for action in after:
            if action == "read":
                read += await following.read()
            else:
                put += change(stream, action)
        return put, read + await drained(following)

    put, read = run(main())

    expected = put if start == "latest" else earlier + put
    assert sorted(int(record.sequence_number) for record in read) == [int(n) for _, n in expected]
    for key in KEYS:
        numbers = [record.sequence_number for record in read if record.partition_key == key]
        assert numbers == [number for other, number in expected if other == key]


def test_a_child_of_two_is_read_after_both() -> None:
    stream = FakeStream("ab")
    stream.split(stream.open_shards[0])
    for key in "aaaab":
        stream.put(key)
    stream.merge(*stream.open_shards)
    stream.put("b")

    async def main() -> list[StreamRecord]:
        following = reader(stream, "trim-horizon")
        await following.open()
        return await drained(following)

    read = run(main())

    assert [record.shard_id[-1] for record in read] == ["1", "1", "2", "1", "1", "3"]
    assert read[0].arrival_ms == 1_767_225_600_250


def test_a_shard_is_read_at_most_five_times_a_second() -> None:
    stream = FakeStream("a")
    for _ in range(100):
        stream.put("a")

    async def main() -> float:
        following = reader(stream, "trim-horizon")
        await following.open()
        started_s = asyncio.get_running_loop().time()
        await drained(following, rounds=40)
        return asyncio.get_running_loop().time() - started_s

    took_s = run(main())
    assert len(stream.reads) == 40
    assert took_s > 39 / 5


def test_a_throttled_shard_waits_and_the_others_do_not() -> None:
    stream = FakeStream("ab", [THROTTLED])
    stream.split(stream.open_shards[0])
    waits: list[str] = []

    async def main() -> None:
        following = reader(stream, "latest", lambda reason, _: waits.append(reason))
        await following.open()
        stream.put("a")
        stream.put("b")
        assert [record.partition_key for record in await following.read()] == ["b"]
        assert following.is_waiting
        assert [record.partition_key for record in await following.read()] == ["a"]
        assert not following.is_waiting

    run(main())
    assert waits == [
        f"stream wildrydes, shardId-000000000001: {THROTTLED}: "
        f"An error occurred ({THROTTLED}) when calling the GetRecords operation: not now"
    ]


def test_a_shard_that_is_not_asked_again_yet_still_waits() -> None:
    stream = FakeStream("a", [THROTTLED] * 12)

    async def main() -> int:
        following = reader(stream, "latest")
        await following.open()
        stream.put("a")
        for rounds in itertools.count(1):
            if await following.read():
                return rounds
            assert following.is_waiting
        raise AssertionError

    # Waits of up to ten seconds, and a round every half second.
    assert run(main()) > 12


async def test_a_real_stream_from_its_oldest_record_and_from_now_on(
    kinesis: "KinesisClient",
) -> None:
    await kinesis.create_stream(StreamName="wildrydes", ShardCount=3)
    old = [Entry(key, f"old {key}".encode()) for key in KEYS]
    await put_records(kinesis, "wildrydes", old)
    everything = StreamReader(kinesis, "wildrydes", "trim-horizon", SystemClock())
    news = StreamReader(kinesis, "wildrydes", "latest", SystemClock())
    await everything.open()
    await news.open()

    new = [Entry(key, f"new {key}".encode()) for key in KEYS]
    acks = await put_records(kinesis, "wildrydes", new)

    from_oldest, from_now = await everything.read(), await news.read()
    assert sorted(record.data for record in from_oldest) == sorted(e.data for e in old + new)
    assert {(r.shard_id, r.sequence_number, r.partition_key, r.data) for r in from_now} == {
        (ack.shard_id, ack.sequence_number, entry.partition_key, entry.data)
        for ack, entry in zip(acks, new, strict=True)
    }
    now_ms = SystemClock().now_ms()
    assert all(now_ms - 60_000 < record.arrival_ms <= now_ms for record in from_oldest)


@pytest.mark.parametrize("start", ["latest", "trim-horizon"])
async def test_a_missing_stream_is_told_when_opening(
    kinesis: "KinesisClient", start: Start
) -> None:
    with pytest.raises(ResourceMissing, match="stream nowhere: "):
        await StreamReader(kinesis, "nowhere", start, SystemClock()).open()

"""All is read once and the records of a key come in order, whatever becomes of the shards."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Literal, cast

import pytest
from hypothesis import given, settings, strategies as st

from awsio.clients import AwsClients
from awsio.lineage import Lineage
from awsio.put_records import Entry, put_records
from fleet.batch import SHARD_END, Batch
from fleet.clock import SystemClock
from fleet.errors import ResourceMissing
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint
from processor.source.kinesis import KinesisSource
from tests.awsio.instant import run
from tests.processor.source.fake_stream import FakeStream

KEYS = "abcdefgh"
THROTTLED = "ProvisionedThroughputExceededException"
EXPIRED = "ExpiredIteratorException"
Start = Literal["latest"] | None


def source_of(
    stream: FakeStream, start: Start, on_wait: Callable[[str, float], None] | None = None
) -> KinesisSource:
    return KinesisSource(cast("AwsClients", stream), "wildrydes", start=start, on_wait=on_wait)


async def drained(source: KinesisSource, put: int) -> list[Batch]:
    """Batches, until so many records have come, and a little longer."""
    batches: list[Batch] = []
    silent = 0
    while silent < 10:
        batches.append(await source.read())
        silent = silent + 1 if sum(map(len, batches)) >= put else 0
    return batches


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


def check_lineage(batches: list[Batch], stream: FakeStream) -> None:
    """No record is delivered before its ancestors': every batch comes after the last one of each
    parent, and the last one names the children.
    """
    parents = {shard.id: shard.parents for shard in stream.shards}
    seen: set[str] = set()
    ended: set[str] = set()
    for batch in batches:
        assert batch.shard_id not in ended
        if batch.shard_id not in seen:
            assert all(parent in ended or parent not in seen for parent in parents[batch.shard_id])
        seen.add(batch.shard_id)
        if batch.position == SHARD_END:
            ended.add(batch.shard_id)
            heirs = {shard for shard, of in parents.items() if batch.shard_id in of}
            assert set(batch.children) == heirs


HISTORIES = st.lists(st.sampled_from([*KEYS, "split", "merge", "read"]), max_size=40)
FAULTS = st.lists(st.sampled_from(["", "", THROTTLED, EXPIRED, "InternalFailure"]), max_size=15)


def read_history(
    before: list[str], after: list[str], faults: list[str], start: Start
) -> tuple[FakeStream, list[tuple[str, str]], list[Batch]]:
    """The stream at the end, what was to be read of it, and the batches."""
    stream = FakeStream(KEYS, faults)
    earlier = [put for action in before if action != "read" for put in change(stream, action)]
    # Where an iterator of LATEST expires unused, now is a second of the stream's clock.
    stream.clock.advance(1000)

    async def main() -> tuple[list[tuple[str, str]], list[Batch]]:
        source = source_of(stream, start)
        await source.open({})
        put = [] if start == "latest" else earlier
        read = []
        for action in after:
            if action == "read":
                read.append(await source.read())
            else:
                put += change(stream, action)
        read += await drained(source, len(put) - sum(map(len, read)))
        await source.close()
        return put, read

    put, read = run(main())
    return stream, put, read


def check_history(put: list[tuple[str, str]], read: list[Batch]) -> None:
    records = [pair for b in read for pair in zip(b.partition_keys, b.records, strict=True)]
    assert sorted(int(number) for _, number in records) == [int(number) for _, number in put]
    for key in KEYS:
        numbers = [number.decode() for other, number in records if other == key]
        assert numbers == [number for other, number in put if other == key]


@settings(deadline=None, derandomize=True)
@given(before=HISTORIES, after=HISTORIES, faults=FAULTS, start=st.sampled_from(["latest", None]))
def test_any_history_is_read_once_and_in_the_order_of_its_keys(
    before: list[str], after: list[str], faults: list[str], start: Start
) -> None:
    stream, put, read = read_history(before, after, faults, start)
    check_history(put, read)
    check_lineage(read, stream)


def test_control_a_source_that_reads_children_first_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def all_unread(lineage: Lineage) -> list[str]:
        return sorted(lineage._shards.keys() - lineage._ended)

    monkeypatch.setattr(Lineage, "readable", all_unread)
    stream, put, read = read_history([*"aaaaaa", "split", *"aaa"], [], [], None)
    with pytest.raises(AssertionError):
        check_history(put, read)
    with pytest.raises(AssertionError):
        check_lineage(read, stream)


def test_a_child_of_two_is_read_after_both() -> None:
    stream = FakeStream("ab")
    stream.split(stream.open_shards[0])
    for key in "aaaab":
        stream.put(key)
    stream.merge(*stream.open_shards)
    stream.put("b")

    async def main() -> list[Batch]:
        source = source_of(stream, None)
        await source.open({})
        return await drained(source, 6)

    read = run(main())
    places = [batch.shard_id[-1] for batch in read for _ in batch.records]
    assert sorted(places[:5]) == ["1", "1", "1", "1", "2"]
    assert places[5] == "3"
    assert next(int(b.arrival_ms[0]) for b in read if len(b)) == 1_767_225_600_250


@pytest.mark.parametrize(("listed_closed", "late_ends"), [(True, 4), (False, 1)])
def test_a_closed_shard_says_nothing_of_the_time_after_its_end(
    listed_closed: bool, late_ends: int
) -> None:
    """Its last records come with the iterator of a tip; its children have newer ones, unread."""
    stream = FakeStream("ab")
    stream.put("a")
    stream.late_ends = late_ends

    async def main() -> list[Batch]:
        source = source_of(stream, None)
        if not listed_closed:
            await source.open({})
        stream.split(stream.open_shards[0])
        stream.put("a")
        stream.clock.advance(60_000)
        if listed_closed:
            await source.open({})
        batches = await drained(source, 2)
        await source.close()
        return batches

    batches = run(main())
    check_lineage(batches, stream)
    parent, child, _ = (shard.id for shard in stream.shards)
    assert [b.tip_ms for b in batches if b.shard_id == parent] == [None] * (late_ends + 1)
    [of_child] = [b for b in batches if b.shard_id == child and b.records]
    assert of_child.tip_ms is None, "only an answer with nothing new is believed"
    assert any(b.tip_ms for b in batches if b.shard_id == child)


def test_a_child_that_no_listing_shows_yet_is_read_all_the_same() -> None:
    """ListShards may be behind the answer that ended the parent, which names the children."""

    class Late(FakeStream):
        async def list_shards(self, **asked: str) -> dict[str, object]:
            parent = self._described(self.shards[0])
            return {"Shards": [parent]}

        async def get_records(self, ShardIterator: str, Limit: int) -> dict[str, object]:
            answer = await super().get_records(ShardIterator, Limit)
            if "NextShardIterator" not in answer:
                children = [self._described(shard) for shard in self.shards[1:]]
                answer["ChildShards"] = [
                    {**child, "ParentShards": [self.shards[0].id]} for child in children
                ]
            return answer

    stream = Late("ab")
    stream.put("a")
    stream.split(stream.open_shards[0])
    stream.put("a")
    stream.put("b")

    async def main() -> list[Batch]:
        source = source_of(stream, None)
        await source.open({})
        return await drained(source, 3)

    read = run(main())
    assert sorted(record for batch in read for record in batch.records) == [b"1", b"2", b"3"]
    [last] = [batch for batch in read if batch.position == SHARD_END]
    assert last.children == ("shardId-000000000001", "shardId-000000000002")


def test_a_shard_is_read_at_most_five_times_a_second() -> None:
    stream = FakeStream("a")
    for _ in range(100):
        stream.put("a")

    async def main() -> float:
        source = source_of(stream, None)
        await source.open({})
        started_s = asyncio.get_running_loop().time()
        for _ in range(40):
            await source.read()
        return asyncio.get_running_loop().time() - started_s

    took_s = run(main())
    assert len(stream.reads) == 40
    assert took_s > 39 / 5 - 0.2


def test_a_throttled_shard_waits_and_the_others_do_not() -> None:
    stream = FakeStream("ab", [THROTTLED])
    stream.split(stream.open_shards[0])
    waits: list[str] = []

    async def main() -> None:
        source = source_of(stream, "latest", lambda reason, _: waits.append(reason))
        await source.open({})
        stream.put("a")
        stream.put("b")
        assert (await source.read()).partition_keys == ["b"]
        assert source.is_waiting
        while not (batch := await source.read()).partition_keys:
            pass
        assert batch.partition_keys == ["a"]
        assert not source.is_waiting

    run(main())
    assert waits == [
        f"stream wildrydes, shardId-000000000001: {THROTTLED}: "
        f"An error occurred ({THROTTLED}) when calling the GetRecords operation: not now"
    ]


def test_a_reader_that_fails_is_told_after_what_was_read() -> None:
    stream = FakeStream("a", ["", "InvalidArgumentException"])
    stream.put("a")

    async def main() -> None:
        source = source_of(stream, None)
        await source.open({})
        await asyncio.sleep(10)
        # Looking for what is there must not swallow the failure behind it.
        assert (batch := source.read_now()) is not None
        assert batch.records == [b"1"]
        assert source.read_now() is None
        for _ in range(2):
            with pytest.raises(Exception, match="InvalidArgumentException"):
                await source.read()

    run(main())


def test_a_stalled_processor_is_read_ahead_of_only_so_far() -> None:
    stream = FakeStream("a")

    async def main() -> int:
        source = source_of(stream, None)
        await source.open({})
        await asyncio.sleep(100_000)
        return len(stream.reads)

    ahead = run(main())
    # Even of batches without records there are only as many as the bound has room for.
    assert 1000 < ahead < 20_000


@pytest.mark.parametrize("start", ["latest", None])
async def test_a_missing_stream_is_told_when_opening(start: Start) -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        with pytest.raises(ResourceMissing, match="stream nowhere: "):
            await KinesisSource(aws, "nowhere", start=start).open({})


async def test_a_real_stream_from_its_oldest_record_and_from_now_on() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        kinesis = await aws.kinesis()
        await kinesis.create_stream(StreamName="wildrydes", ShardCount=3)
        old = [Entry(key, f"old {key}".encode()) for key in KEYS]
        await put_records(kinesis, "wildrydes", old)
        everything = KinesisSource(aws, "wildrydes")
        news = KinesisSource(aws, "wildrydes", start="latest")
        await everything.open({})
        await news.open({})

        new = [Entry(key, f"new {key}".encode()) for key in KEYS]
        acks = await put_records(kinesis, "wildrydes", new)

        from_oldest = await records_of(everything, 2 * len(KEYS))
        from_now = await records_of(news, len(KEYS))
        assert sorted(data for *_, data in from_oldest) == sorted(e.data for e in old + new)
        assert set(from_now) == {
            (ack.shard_id, ack.sequence_number, entry.partition_key, entry.data)
            for ack, entry in zip(acks, new, strict=True)
        }
        await everything.close()
        await news.close()


async def records_of(source: KinesisSource, count: int) -> list[tuple[str, str, str, bytes]]:
    found: list[tuple[str, str, str, bytes]] = []
    now_ms = SystemClock().now_ms()
    while len(found) < count:
        batch = await source.read()
        assert all(now_ms - 60_000 < arrival_ms <= now_ms for arrival_ms in batch.arrival_ms)
        shards = itertools.repeat(batch.shard_id, len(batch))
        found += zip(shards, batch.sequence_numbers, batch.partition_keys, batch.records)  # noqa: B905
    return found

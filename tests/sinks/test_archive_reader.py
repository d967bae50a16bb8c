"""What was archived comes back: every record, its bytes, its arrival, its order."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from awsio.clients import AwsClients
from fleet.errors import FleetError
from sinks.archive_arrivals import Arrivals
from sinks.archive_reader import ArchivedRecord, ArchiveReader
from sinks.archive_settings import ArchiveSettings
from sinks.archive_store import ArchiveStore, FolderStore, MemoryStore, S3Store
from tests.sinks.archived import (
    AS_JSON,
    AS_PARQUET,
    HOUR_MS,
    START_MS,
    Sent,
    history,
    in_order,
    objects_of,
    store_of,
)

BOTH = pytest.mark.parametrize("settings", [AS_JSON, AS_PARQUET], ids=["json", "parquet"])


async def read(store: ArchiveStore, *times: int | None, **options: bool) -> list[ArchivedRecord]:
    reader = ArchiveReader(store)
    return [record async for chunk in reader.records(*times, **options) for record in chunk]


def as_sent(record: ArchivedRecord) -> Sent:
    return Sent(
        record.shard_id,
        record.sequence_number,
        record.partition_key,
        record.arrival_ms,
        record.data,
    )


@BOTH
@pytest.mark.parametrize("seed", range(4))
async def test_every_record_comes_back_in_order(settings: ArchiveSettings, seed: int) -> None:
    shards = history(seed)
    records = await read(store_of(shards, settings))
    assert [as_sent(record) for record in records] == in_order(shards)
    assert all(record.is_timed for record in records)


@BOTH
async def test_a_range_of_time_begins_and_ends_at_its_milliseconds(
    settings: ArchiveSettings,
) -> None:
    shards = history(5)
    store = store_of(shards, settings)
    everything = in_order(shards)
    first, last = everything[40].arrival_ms, everything[90].arrival_ms
    wanted = [record for record in everything if first <= record.arrival_ms < last]
    assert [as_sent(record) for record in await read(store, first, last)] == wanted
    assert await read(store, START_MS - HOUR_MS, START_MS) == []
    hours = [hour.start_ms async for hour in ArchiveReader(store).hours(first, last)]
    assert len(hours) >= 1
    assert hours == [h for h in range(START_MS, last, HOUR_MS) if h + HOUR_MS > first]


async def test_only_the_hours_asked_for_are_listed() -> None:
    store = store_of(history(5))
    hours = [
        h async for h in ArchiveReader(store).hours(START_MS + HOUR_MS, START_MS + 2 * HOUR_MS)
    ]
    assert [hour.start_ms for hour in hours] == [START_MS + HOUR_MS]
    assert await ArchiveReader(store).counts(hours[0]) != (0, 0)


@BOTH
async def test_readings_alone(settings: ArchiveSettings) -> None:
    shards = history(6)
    records = await read(store_of(shards, settings), with_errors=False)
    poison = {b"\xff poison", b"", b'{"a":1,"a":2}'}
    wanted = [record for record in in_order(shards) if record.data not in poison]
    assert [as_sent(record) for record in records] == wanted


@BOTH
async def test_counts(settings: ArchiveSettings) -> None:
    shards = history(7)
    reader = ArchiveReader(store_of(shards, settings))
    counts = [await reader.counts(hour) async for hour in reader.hours()]
    errors = sum(errors for _, errors in counts)
    assert sum(readings for readings, _ in counts) + errors == len(in_order(shards))
    assert errors == 3 * len([place for place in range(60) if place % 11 == 5])


async def test_an_archive_that_does_not_know_the_arrivals_has_the_order_of_each_shard() -> None:
    shards = history(8)
    objects = objects_of(shards)
    old = {key: body for key, body in objects.items() if not key.startswith("arrivals/")}
    records = await read(MemoryStore(old, modified_ms=START_MS + 5 * 60_000), with_errors=False)
    assert not any(record.is_timed for record in records)
    for shard_id, sent in shards.items():
        mine = [record.data for record in records if record.shard_id == shard_id]
        poison = {b"\xff poison", b"", b'{"a":1,"a":2}'}
        assert mine == [record.data for record in sent if record.data not in poison]
    assert records[0].arrival_ms == START_MS + 4 * 60_000, "the minute before the object's"


async def test_arrivals_that_do_not_fit_their_readings_are_an_error() -> None:
    objects = objects_of(history(9))
    key = next(key for key in objects if key.startswith("readings/"))
    objects[key] = gzip.compress(b'{"a":1}\n')
    with pytest.raises(FleetError, match="has 1 readings, and their arrivals are"):
        await read(MemoryStore(objects))


def damaged(whole: bytes) -> list[bytes]:
    """An object, damaged in different ways."""
    middle = len(whole) // 2
    return [
        b"",
        whole[:middle],
        whole[:middle] + b"\xff" * 8 + whole[middle + 8 :],
        whole[:-8] + b"\0" * 8,
        b"not GZIP",
    ]


@pytest.mark.parametrize("prefix", ["readings/", "arrivals/", "errors/"])
async def test_a_damaged_object_is_named(prefix: str) -> None:
    objects = objects_of(history(9))
    key = next(key for key in objects if key.startswith(prefix))
    for body in damaged(objects[key]):
        with pytest.raises(FleetError, match=key):
            await read(MemoryStore({**objects, key: body}))


async def test_a_damaged_object_of_parquet_is_named() -> None:
    objects = objects_of(history(9), AS_PARQUET)
    key = next(key for key in objects if key.startswith("readings/"))
    for body in damaged(objects[key]):
        with pytest.raises(FleetError, match=key):
            await read(MemoryStore({**objects, key: body}))


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"shard_id":"a","sequence_number":"1"}'])
async def test_a_line_of_errors_that_is_none_is_named(line: bytes) -> None:
    objects = objects_of(history(9))
    key = next(key for key in objects if key.startswith("errors/"))
    with pytest.raises(FleetError, match=f"{key} has a line that is no record"):
        await read(MemoryStore({**objects, key: gzip.compress(line + b"\n")}))


async def test_what_else_lies_in_the_bucket_is_passed_over() -> None:
    shards = history(10)
    store = store_of(shards)
    store.objects["readings/_SUCCESS"] = b""
    store.objects["readings/year=2026/month=13/day=01/hour=00/a_1.json.gz"] = b""
    store.objects["readings/year=2026/month=01/day=01/hour=00/other.csv"] = b""
    assert [as_sent(record) for record in await read(store)] == in_order(shards)


def test_arrivals_with_numbers_as_long_as_the_services() -> None:
    arrivals = Arrivals.none("shardId-000000000000")
    arrivals.add("49590338271490256608559692538361571095921575989136588898", START_MS, "a")
    arrivals.add("49590338271490256608559692540925702759324208523137515618", START_MS + 7, "ü")
    arrivals.add("49590338271490256608559692540925702759324208523137515619", START_MS + 7, "a")
    assert Arrivals.from_line(arrivals.line()) == arrivals


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"shard_id":"a"}'])
def test_a_line_that_is_no_line_of_arrivals(line: bytes) -> None:
    with pytest.raises(FleetError):
        Arrivals.from_line(line)


@pytest.fixture(params=["memory", "folder", "bucket"])
def store(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> ArchiveStore:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "folder":
        return FolderStore(tmp_path)
    bucket = fresh_name("bucket")
    reader("s3", moto_url).create_bucket(Bucket=bucket)
    return S3Store(aws, bucket)


async def test_every_store_keeps_the_contract(store: ArchiveStore) -> None:
    for key in ("a/2", "a/1", "a/3/x", "b/1"):
        await store.put(key, key.encode())
    assert [item.key for item in await store.listing("a/")] == ["a/1", "a/2", "a/3/x"]
    assert [item.key for item in await store.listing("a/", after="a/1", before="a/3")] == ["a/2"]
    assert [item.size_bytes for item in await store.listing("a/", at_most=1)] == [3]
    assert await store.get("a/4") is None
    assert await store.get_tagged("a/4") is None
    assert await store.get("a/3/x") == b"a/3/x"
    assert await store.put_if("new", b"1", etag=None)
    assert await store.put_if("new", b"1", etag=None), "its answer may have been lost"
    assert not await store.put_if("new", b"2", etag=None)
    tagged = await store.get_tagged("new")
    assert tagged is not None
    assert await store.put_if("new", b"2", etag=tagged[1])
    assert not await store.put_if("new", b"3", etag=tagged[1])
    assert not await store.put_if("newer", b"3", etag=tagged[1])
    await store.put_new("newest", b"1")
    await store.put_new("newest", b"2")
    assert await store.get("newest") == b"1"
    await store.delete(["a/1", "a/1", "a/9"])
    assert [item.key for item in await store.listing("a/")] == ["a/2", "a/3/x"]
    assert await store.listing("c/") == []


async def test_stores_read_alike(store: ArchiveStore) -> None:
    shards = history(11, records=25)
    for key, body in objects_of(shards).items():
        await store.put(key, body)
    assert [as_sent(record) for record in await read(store)] == in_order(shards)

"""Hours made of few objects: the same records to every reader at every moment, whatever dies."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from awsio.clients import AwsClients
from fleet.errors import FleetError
from sinks import archive_compaction
from sinks.archive_compaction import Compaction
from sinks.archive_hour import list_hours
from sinks.archive_reader import ArchiveReader
from sinks.archive_settings import ArchiveSettings
from sinks.archive_store import MemoryStore, S3Store
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
from tests.sinks.test_archive_reader import as_sent, read

BOTH = pytest.mark.parametrize("settings", [AS_JSON, AS_PARQUET], ids=["json", "parquet"])
NOW_MS = START_MS + 48 * HOUR_MS


class Killed(BaseException):
    """The process dies."""


@dataclass
class Dying(MemoryStore):
    """Memory that lives on when its user dies, which it does before the call of that number."""

    calls_left: int = 1 << 30

    def _call(self) -> None:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise Killed

    async def listing(self, *arguments: Any, **options: Any) -> Any:
        self._call()
        return await super().listing(*arguments, **options)

    async def get(self, key: str) -> bytes | None:
        self._call()
        return await super().get(key)

    async def put(self, key: str, body: bytes) -> None:
        self._call()
        await super().put(key, body)

    async def put_if(self, key: str, body: bytes, *, etag: str | None) -> bool:
        self._call()
        return await super().put_if(key, body, etag=etag)

    async def delete(self, keys: list[str]) -> None:
        # Not in one step: some are gone when it dies.
        for key in keys:
            self._call()
            await super().delete([key])


async def compact_all(store: MemoryStore, **options: Any) -> None:
    for hour_ms in await list_hours(store):
        await Compaction(store, **options).compact(hour_ms, NOW_MS)


@BOTH
async def test_few_objects_and_the_same_records(settings: ArchiveSettings) -> None:
    shards = history(1)
    store = store_of(shards, settings)
    before = [hour async for hour in ArchiveReader(store).hours()]
    counts = [await ArchiveReader(store).counts(hour) for hour in before]
    await compact_all(store)
    after = [hour async for hour in ArchiveReader(store).hours()]
    assert [hour.start_ms for hour in after] == [hour.start_ms for hour in before]
    assert all(hour.objects <= 3 for hour in after), "one a shard"
    assert sum(hour.objects for hour in before) > 3 * sum(hour.objects for hour in after)
    assert [await ArchiveReader(store).counts(hour) for hour in after] == counts
    assert [as_sent(record) for record in await read(store)] == in_order(shards)
    again = dict(store.objects)
    await compact_all(store)
    assert store.objects == again, "there is nothing more to do"


@BOTH
@pytest.mark.parametrize("keep", [False, True])
async def test_killed_at_any_step(settings: ArchiveSettings, keep: bool) -> None:
    shards = history(2, shards=2, records=14)
    wanted = in_order(shards)
    objects = objects_of(shards, settings)
    whole = MemoryStore(dict(objects))
    await compact_all(whole, keep_originals=keep)
    steps = 0
    while True:
        store = Dying(dict(objects), calls_left=steps)
        try:
            await compact_all(store, keep_originals=keep)
            break
        except Killed:
            steps += 1
        store.calls_left = 1 << 30
        assert [as_sent(record) for record in await read(store)] == wanted, f"{steps} steps"
        await compact_all(store, keep_originals=keep)
        assert [as_sent(record) for record in await read(store)] == wanted, f"{steps}, again"
        assert store.objects == whole.objects
    assert steps > 10


@BOTH
async def test_readers_that_began_before(settings: ArchiveSettings) -> None:
    """A reader that has read some records goes on while the hour is compacted under it."""
    shards = history(3, shards=2, records=25)
    wanted = in_order(shards)
    objects = objects_of(shards, settings)
    for pause in range(0, len(wanted), 3):
        store = MemoryStore(dict(objects))
        read_so_far: list[Sent] = []
        hours = ArchiveReader(store)
        async for hour in hours.hours():
            async for record in hours._of_hour(hour, True):
                if len(read_so_far) == pause:
                    await compact_all(store)
                read_so_far.append(as_sent(record))
        assert read_so_far == wanted, f"after {pause} records"


@BOTH
async def test_records_that_come_late_are_seen_and_compacted(settings: ArchiveSettings) -> None:
    """Also a replay, which writes once more what was compacted and deleted."""
    shards = history(4, shards=2)
    everything = objects_of(shards, settings)
    readings = sorted(key for key in everything if key.startswith("readings/"))
    late = set(readings[::5])
    late |= {key.replace("readings/", "arrivals/") for key in late}
    store = MemoryStore({key: body for key, body in everything.items() if key not in late})
    await compact_all(store)
    store.objects.update(everything)
    assert [as_sent(record) for record in await read(store)] == in_order(shards)
    await compact_all(store)
    assert [as_sent(record) for record in await read(store)] == in_order(shards)
    assert not [key for key in store.objects if key.startswith("readings/")]


async def test_objects_of_a_size() -> None:
    shards = history(5, shards=1)
    store = store_of(shards)
    await compact_all(store, object_bytes=700)
    async for hour in ArchiveReader(store).hours():
        assert all(item.size_bytes <= 700 or len(item.runs) == 1 for item in hour.manifest.objects)
    assert [as_sent(record) for record in await read(store)] == in_order(shards)


async def test_archives_without_arrivals_stay_without() -> None:
    old = {k: b for k, b in objects_of(history(6)).items() if not k.startswith("arrivals/")}
    store = MemoryStore(old, modified_ms=START_MS + 7 * 60_000)
    before = await read(store)
    await compact_all(store)
    after = await read(store)
    assert [record.data for record in after] == [record.data for record in before]
    assert not any(record.is_timed for record in after if record.is_reading)


async def test_an_hour_in_which_arrivals_began_to_be_kept() -> None:
    shards = history(12, shards=1, records=30)
    objects = objects_of(shards)
    keys = sorted(key for key in objects if key.startswith("arrivals/"))
    for key in keys[: len(keys) // 2]:
        del objects[key]
    store = MemoryStore(objects)
    before = await read(store)
    await compact_all(store)
    assert await read(store) == before
    await compact_all(store)
    assert await read(store) == before
    assert {record.is_timed for record in before} == {True, False}


async def test_two_compactions_at_once() -> None:
    shards = history(7, shards=1, records=20)
    store = store_of(shards)
    quicker = Compaction(store, object_bytes=700)

    class Slow(Compaction):
        async def _put_manifest(self, *arguments: Any) -> None:
            await quicker.compact(START_MS, NOW_MS)
            await super()._put_manifest(*arguments)

    with pytest.raises(FleetError, match="another compaction"):
        await Slow(store).compact(START_MS, NOW_MS)
    assert [as_sent(record) for record in await read(store)] == in_order(shards)


async def test_an_object_that_cannot_be_read_stays_where_it_is() -> None:
    store = store_of(history(8, shards=1, records=20))
    key = next(key for key in store.objects if key.startswith("readings/"))
    store.objects[key] = store.objects[key][:-9]
    before = {key for key in store.objects if key.startswith("readings/")}
    with pytest.raises(FleetError, match="cannot be read"):
        await compact_all(store)
    assert before <= set(store.objects)


async def test_what_a_killed_compaction_left_goes_after_a_day() -> None:
    store = store_of(history(9, shards=1, records=20))
    store.modified_ms = NOW_MS - archive_compaction.ORPHAN_MS
    orphan = f"compacted/year=2026/month=01/day=01/hour=00/shardId-0_1-{'a' * 16}.json.gz"
    store.objects[orphan] = gzip.compress(b"{}\n")
    await Compaction(store).compact(START_MS, NOW_MS)
    assert orphan in store.objects
    await Compaction(store).compact(START_MS, NOW_MS + 1)
    assert orphan not in store.objects


class DeletesFirst(Compaction):
    """The control: it makes room before the manifest says so."""

    async def _put_manifest(self, hour: Any, manifest: Any) -> None:
        await self._store.delete([item.key for item in hour.readings])
        await super()._put_manifest(hour, manifest)


async def test_the_control_that_deletes_before_the_manifest_is_caught() -> None:
    shards = history(2, shards=2, records=14)
    wanted = in_order(shards)
    lost = 0
    for steps in range(200):
        store = Dying(objects_of(shards), calls_left=steps)
        try:
            for hour_ms in await list_hours(store):
                await DeletesFirst(store).compact(hour_ms, NOW_MS)
            break
        except Killed:
            store.calls_left = 1 << 30
        lost += [as_sent(record) for record in await read(store)] != wanted
    assert lost


async def test_the_control_that_reads_without_the_manifest_sees_records_twice() -> None:
    shards = history(2, shards=2, records=14)
    store = store_of(shards)
    await compact_all(store, keep_originals=True)
    bodies = [
        body for key, body in store.objects.items() if key.startswith(("readings/", "compacted/"))
    ]
    lines = [line for body in bodies for line in gzip.decompress(body).splitlines()]
    readings = await read(store, with_errors=False)
    assert len(lines) > len(readings)


async def test_duckdb_reads_compacted_objects(tmp_path: Path) -> None:
    shards = history(10)
    for settings, reads in ((AS_JSON, "read_json"), (AS_PARQUET, "read_parquet")):
        store = store_of(shards, settings)
        readings = await read(store, with_errors=False)
        await compact_all(store)
        folder = tmp_path / settings.format
        for key, body in store.objects.items():
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(body)
        suffix = "json.gz" if settings is AS_JSON else "parquet"
        query = f"SELECT count(*) FROM {reads}('{folder}/*/**/*_*-*.{suffix}')"
        singles = f"SELECT count(*) FROM {reads}('{folder}/readings/**/*.{suffix}')"
        with duckdb.connect() as connection:
            count = connection.sql(query.replace("/*/**/", "/compacted/**/")).fetchall()[0][0]
            if any(key.startswith("readings/") for key in store.objects):
                count += connection.sql(singles).fetchall()[0][0]
        assert count == len(readings)


async def test_on_a_real_bucket(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    bucket = fresh_name("bucket")
    reader("s3", moto_url).create_bucket(Bucket=bucket)
    store = S3Store(aws, bucket)
    shards = history(11, shards=2, records=20)
    for key, body in objects_of(shards).items():
        await store.put(key, body)
    done = [await Compaction(store).compact(hour_ms, NOW_MS) for hour_ms in await list_hours(store)]
    assert sum(item.objects_after for item in done) < sum(item.objects_before for item in done)
    assert [as_sent(record) for record in await read(store)] == in_order(shards)

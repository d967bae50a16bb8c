"""Readers that follow the links, and know nothing else, see each record once at every moment."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from awsio.clients import AwsClients
from sinks.archive_compaction import Compaction
from sinks.archive_hour import list_hours
from sinks.archive_links import link_hour, links_key
from sinks.archive_object import lines_of
from sinks.archive_settings import ArchiveSettings
from sinks.archive_store import FolderStore, MemoryStore, S3Store
from tests.sinks.archived import AS_JSON, AS_PARQUET, START_MS, history, objects_of, store_of
from tests.sinks.test_archive_compaction import BOTH, NOW_MS, Dying, Killed, compact_all
from tests.sinks.test_archive_reader import read


async def link_all(store: Any) -> int:
    return sum([await link_hour(store, hour_ms) for hour_ms in await list_hours(store)])


def linked(store: MemoryStore) -> Counter[bytes]:
    """Every reading that the links lead to."""
    from sinks.archive_parquet import read_table, readings_of

    found: Counter[bytes] = Counter()
    for key, body in store.objects.items():
        if not key.startswith("links/"):
            continue
        for line in body.decode().splitlines():
            target = line.removeprefix("memory://archive/")
            packed = store.objects[target]  # A link that leads nowhere is an error.
            if target.endswith(".parquet"):
                found.update(readings_of(read_table(packed, target), target)[0])
            else:
                found.update(lines_of(packed, target))
    return found


async def readings_in(store: MemoryStore) -> Counter[bytes]:
    return Counter([record.data for record in await read(store, with_errors=False)])


@BOTH
@pytest.mark.parametrize("keep", [False, True])
async def test_links_are_whole_and_once_wherever_a_compaction_is_killed(
    settings: ArchiveSettings, keep: bool
) -> None:
    shards = history(2, shards=2, records=14)
    wanted = await readings_in(store_of(shards, settings))
    steps = 0
    while True:
        store = Dying(objects_of(shards, settings))
        await link_all(store)
        store.calls_left = steps
        try:
            await compact_all(store, keep_originals=keep)
            break
        except Killed:
            steps += 1
        assert linked(store) == wanted, f"{steps} steps"
        store.calls_left = 1 << 30
        await compact_all(store, keep_originals=keep)
        assert linked(store) == wanted, f"{steps}, again"
    assert steps > 10


class LinksLast(Compaction):
    """The control: it deletes before the links lead elsewhere."""

    async def _link(self, hour_ms: int) -> None:
        pass


async def test_the_control_that_does_not_link_before_it_deletes_is_caught() -> None:
    store = store_of(history(2, shards=2, records=14))
    await link_all(store)
    for hour_ms in await list_hours(store):
        await LinksLast(store).compact(hour_ms, NOW_MS)
    with pytest.raises(KeyError):
        linked(store)


async def test_links_that_a_compaction_overtakes_are_written_again() -> None:
    shards = history(3, shards=2, records=20)
    store = store_of(shards)
    wanted = await readings_in(store)

    class Overtaken(MemoryStore):
        overtaken = False

        async def put_if(self, key: str, body: bytes, *, etag: str | None) -> bool:
            if not self.overtaken:
                self.overtaken = True
                await compact_all(MemoryStore(self.objects))
            return await super().put_if(key, body, etag=etag)

    await link_hour(Overtaken(store.objects), START_MS)
    await link_all(store)
    assert linked(store) == wanted
    assert not [key for key in store.objects if key.startswith("readings/")]


async def test_what_is_archived_later_comes_with_the_next_links() -> None:
    shards = history(4, shards=2)
    everything = objects_of(shards)
    late = set(sorted(key for key in everything if key.startswith("readings/"))[::5])
    late |= {key.replace("readings/", "arrivals/") for key in late}
    store = MemoryStore({key: body for key, body in everything.items() if key not in late})
    await link_all(store)
    await compact_all(store)
    store.objects.update(everything)
    assert await link_all(store)
    assert linked(store) == await readings_in(store) == await readings_in(store_of(shards))
    assert not await link_all(store), "there is nothing more to do"


async def test_duckdb_counts_the_same_over_linked_files(tmp_path: Path) -> None:
    for settings, reads in ((AS_JSON, "read_json"), (AS_PARQUET, "read_parquet")):
        memory = store_of(history(10), settings)
        readings = await read(memory, with_errors=False)
        store = FolderStore(tmp_path / settings.format)
        for key, body in memory.objects.items():
            await store.put(key, body)
        for hour_ms in await list_hours(store):
            await Compaction(store).compact(hour_ms, NOW_MS)
        files = [
            line.removeprefix("file://")
            for path in (tmp_path / settings.format / "links").rglob("*.txt")
            for line in path.read_text().splitlines()
        ]
        with duckdb.connect() as connection:
            [(count,)] = connection.execute(f"SELECT count(*) FROM {reads}({files})").fetchall()
        assert count == len(readings)


async def test_on_a_real_bucket(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    bucket = fresh_name("bucket")
    s3 = reader("s3", moto_url)
    s3.create_bucket(Bucket=bucket)
    store = S3Store(aws, bucket)
    for key, body in objects_of(history(11, shards=2, records=20)).items():
        await store.put(key, body)
    await link_all(store)
    for hour_ms in await list_hours(store):
        await Compaction(store).compact(hour_ms, NOW_MS)
    body = s3.get_object(Bucket=bucket, Key=links_key(START_MS))["Body"].read().decode()
    compacted = s3.list_objects_v2(Bucket=bucket, Prefix="compacted/")["Contents"]
    of_hour = [f"s3://{bucket}/{item['Key']}" for item in compacted if "/hour=00/" in item["Key"]]
    assert body.splitlines() == sorted(of_hour)

"""Distance per unicorn per hour over a day of the archive: `wildrydes query` beside DuckDB alone.

`python -P bench/archive_query.py [UNICORNS]`: a day of so many unicorns, one reading a second, made
straight into archive objects in a temporary folder (10 unless told: 0.9 M readings, some minutes;
1,000 make 86 M). For each format, as archived and compacted: objects, their size, the median of
RUNS runs in seconds, and the ratio, which holds better than the seconds do. DuckDB alone reads the
same files by a glob with the same columns, without asking which of them count. Both are whole runs
in a process that is warm: translation, listing and pruning are in ours.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np

from analytics_sql.application_file import WORKSHOP_SCHEMA
from analytics_sql.athena.table import ArchiveTable
from fleet.batch import SHARD_END, Batch
from fleet.timestamp import timestamp_text
from sinks.archive_compaction import Compaction
from sinks.archive_hour import list_hours
from sinks.archive_object import Cutter
from sinks.archive_settings import MEBIBYTE, ArchiveSettings
from sinks.archive_store import FolderStore
from wildrydes.archives.columns import schema_columns
from wildrydes.queries.local import LocalQuery
from wildrydes.queries.objects import ObjectFiles

UNICORNS = 10
HOURS = 24
SHARD = "shardId-000000000000"
START_MS = 1_767_225_600_000
RUNS = 5
QUERY = (
    "SELECT hour, name, sum(distance) AS metres FROM wildrydes "
    "WHERE year = 2026 AND month = 1 AND day = 1 GROUP BY hour, name ORDER BY hour, name"
)


def fill(folder: Path, unicorns: int, settings: ArchiveSettings) -> int:
    """A day, a minute a batch; returns the readings' bytes."""
    chance = np.random.default_rng(7)
    names = [f"Unicorn-{number:04}" for number in range(unicorns)]
    cutter = Cutter(SHARD, None, settings)
    sequence = raw_bytes = 0
    for minute in range(HOURS * 60):
        records: list[bytes] = []
        arrivals: list[int] = []
        for second in range(60):
            now_ms = START_MS + (minute * 60 + second) * 1000
            text = timestamp_text(now_ms)
            moved = chance.random((unicorns, 3)).round(6).tolist()
            records += [
                (
                    f'{{"Name":"{name}","StatusTime":"{text}","Latitude":{40 + a},'
                    f'"Longitude":{-73 - b},"Distance":{30 + c},"MagicPoints":150,'
                    f'"HealthPoints":151}}'
                ).encode()
                for name, (a, b, c) in zip(names, moved, strict=True)
            ]
            arrivals += [now_ms] * unicorns
        numbers = [str(49_590_338_271 * 10**20 + sequence + n) for n in range(len(records))]
        sequence += len(records)
        raw_bytes += sum(map(len, records))
        batch = Batch(
            SHARD,
            records,
            np.array(arrivals, np.int64),
            numbers,
            names * 60,
            SHARD_END if minute == HOURS * 60 - 1 else numbers[-1],
        )
        for run in cutter.add(batch):
            for key, body in run.objects(settings):
                path = folder / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
    return raw_bytes


def median_s(work: Callable[[], object]) -> float:
    """Of RUNS runs, after one that warms up."""
    work()
    took: list[float] = []
    for _ in range(RUNS):
        started_s = time.perf_counter()
        work()
        took.append(time.perf_counter() - started_s)
    return statistics.median(took)


def ours(folder: Path, table: ArchiveTable) -> int:
    query = LocalQuery(QUERY, "athena", table)
    with ObjectFiles(FolderStore(folder), folder, 0) as objects:
        hours = query.hours(asyncio.run(objects.hours()))
        rows = query.run(asyncio.run(objects.fetch(hours)).files).rows
    query.close()
    return len(rows)


def alone(folder: Path, table: ArchiveTable, prefix: str) -> int:
    suffix = "parquet" if table.format == "parquet" else "json.gz"
    with duckdb.connect() as connection:
        connection.execute(table.duckdb_view([f"{folder}/{prefix}/**/*.{suffix}"]))
        return len(connection.execute(QUERY).fetchall())


async def compact(folder: Path) -> None:
    store = FolderStore(folder)
    for hour_ms in await list_hours(store):
        await Compaction(store).compact(hour_ms, START_MS)


def main() -> None:
    unicorns = int(sys.argv[1]) if len(sys.argv) > 1 else UNICORNS
    columns = schema_columns(WORKSHOP_SCHEMA)
    print(f"{unicorns} unicorns, {unicorns * HOURS * 3600:,} readings; seconds, median of {RUNS}")
    print("format   state      objects     MB  query  DuckDB alone  ratio")
    for form in ("json", "parquet"):
        settings = ArchiveSettings(form, 5 * MEBIBYTE, 60_000, columns)  # type: ignore[arg-type]
        table = ArchiveTable(tuple((c.name, c.type, c.path) for c in columns), form)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            fill(folder, unicorns, settings)
            for state, prefix in (("archived", "readings"), ("compacted", "compacted")):
                if prefix == "compacted":
                    asyncio.run(compact(folder))
                files = [path for path in (folder / prefix).rglob("*") if path.is_file()]
                megabytes = sum(path.stat().st_size for path in files) / 1e6
                assert ours(folder, table) == alone(folder, table, prefix) == unicorns * HOURS
                mine = median_s(lambda: ours(folder, table))  # noqa: B023
                theirs = median_s(lambda: alone(folder, table, prefix))  # noqa: B023
                print(
                    f"{form:8} {state:10} {len(files):7,} {megabytes:6.0f} {mine:6.2f} "
                    f"{theirs:13.2f} {mine / theirs:6.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()

"""Memory does not grow with what has been read: a processor's whole pipeline over an input that is
a hundred times as large as all the memory that the process takes.

    python -P bench/memory.py [--times 100] [--keys 10000]

The records are made as they are read, fresh bytes each time, so that nothing but the pipeline holds
them; rows and dead letters are counted and dropped by sinks that hold nothing. What is left is the
engine, the snapshot each second, and one batch.
"""

import argparse
import asyncio
import platform
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analytics_sql.application_file import workshop_application
from fleet.batch import Batch
from fleet.clock import SystemClock
from fleet.reading import Reading, encode_reading
from fleet.row import DeadLetter, Row
from fleet.timestamp import timestamp_text
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.snapshot.base import StreamIdentity
from processor.snapshot.disk import DiskSnapshots
from sinks.base import Cursor

START_MS = 1_767_225_600_000
BATCH = 5000
POISON = b'{"Name":"Poison","Distance":"none"}'


class EndlessFleet:
    """A source: one reading a second of each of `keys` unicorns, until `bytes_max` were read. One
    record in a batch is poison.
    """

    def __init__(self, keys: int, bytes_max: int) -> None:
        self._keys = keys
        self._left = bytes_max
        self._number = 0
        self._time = timestamp_text(START_MS).encode()
        readings = (
            Reading(f"Unicorn {n}", self._time.decode(), 40.7, -73.9, 30.1 + n % 7, n % 99, n % 98)
            for n in range(keys)
        )
        lines = [encode_reading(reading) for reading in readings]
        self._texts = [b"\n".join(lines[at : at + BATCH - 1]) for at in range(0, keys, BATCH - 1)]

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        return frozenset({"shard"})

    async def read(self) -> Batch | None:
        return self.read_now()

    def read_now(self) -> Batch | None:
        if self._left <= 0:
            return None
        second, part = divmod(self._number, len(self._texts))
        self._number += 1
        arrival_ms = START_MS + second * 1000
        text = self._texts[part].replace(self._time, timestamp_text(arrival_ms).encode())
        records = [*text.split(b"\n"), POISON]
        self._left -= sum(map(len, records))
        first = self._number * BATCH
        return Batch(
            shard_id="shard",
            records=records,
            arrival_ms=np.full(len(records), arrival_ms, np.int64),
            sequence_numbers=[str(n) for n in range(first, first + len(records))],
            partition_keys=[""] * len(records),
            position=str(first + len(records) - 1),
        )

    def is_over(self, shard_id: str) -> bool:
        return False

    async def close(self) -> None:
        """Nothing is held."""


class Counted:
    """A sink of rows, and of dead letters, that keeps none."""

    name = "counted"

    def __init__(self) -> None:
        self.count = 0

    async def open(self, cursor: Cursor | None = None) -> None:
        """Ready."""

    async def write(self, rows: Sequence[Row] | Sequence[DeadLetter]) -> None:
        self.count += len(rows)

    def cursor(self) -> Cursor:
        return {"letters": self.count}

    async def close(self) -> None:
        """Nothing is held."""


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def run(keys: int, bytes_max: int, folder: Path) -> tuple[Progress, Counted]:
    application = workshop_application()
    snapshots = DiskSnapshots(folder)
    start, _ = await resume(snapshots, application, StreamIdentity("arn:aws:kinesis:::s/s", 0))
    rows, letters, progress = Counted(), Counted(), Progress()
    outputs = Outputs(application.outputs, [rows], [], letters)
    source = EndlessFleet(keys, bytes_max)
    pipeline = Pipeline(
        Engine(application), source, outputs, snapshots, start, SystemClock(), progress
    )
    await pipeline.run(asyncio.Event())
    assert rows.count == progress.rows_out > 0
    assert letters.count == progress.records_dead > 0
    return progress, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=float, default=100.0, help="input over memory")
    parser.add_argument("--keys", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Three minutes of the fleet: by then every part has been used, and its memory taken.
        asyncio.run(run(arguments.keys, 200 * arguments.keys * 180, Path(folder) / "first"))
        before_mb = peak_mb()
        bytes_max = int(arguments.times * before_mb * 1024 * 1024)
        started_s = time.perf_counter()
        progress, _ = asyncio.run(run(arguments.keys, bytes_max, Path(folder) / "second"))
        seconds = time.perf_counter() - started_s
    after_mb = peak_mb()
    print(f"{platform.machine()}, Python {platform.python_version()}, {arguments.keys} keys")
    print(f"peak memory after 3 minutes of the fleet  {before_mb:,.0f} MB")
    print(f"then read                                 {progress.bytes_in / 2**20:,.0f} MB")
    print(f"  that is {progress.records_in:,} records in {seconds:.0f} s, "
          f"{progress.rows_out:,} rows, {progress.records_dead:,} dead letters, "
          f"{progress.snapshots} snapshots")  # fmt: skip
    print(f"peak memory at the end                    {after_mb:,.0f} MB")
    if after_mb > before_mb * 1.1:
        raise SystemExit("memory grew with what was read")


if __name__ == "__main__":
    main()

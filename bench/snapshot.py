"""What a snapshot costs: `python -P bench/snapshot.py [KEYS] [RECORDS_PER_KEY]`, 100,000 and 10
unless told; a minute and 3 GB of memory.

-P, because this folder has a file with the name of a package. The event loop is held while the
engine dumps its state; making bytes of it and writing them is a thread's work. Best of five. The
workshop's window keeps a few numbers a key; a sliding window keeps every row of its last minute.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from analytics_sql.application_file import load_application, workshop_application
from analytics_sql.plan import Application
from fleet.batch import Batch
from fleet.reading import Reading, encode_reading
from processor.engine import Engine
from processor.snapshot.base import Snapshot, StreamIdentity
from processor.snapshot.codec import decode, encode
from processor.snapshot.disk import DiskSnapshots

KEYS = 100_000
RECORDS_PER_KEY = 10
BATCH = 5000
ROUNDS = 5
START_MS = 1_767_225_600_000
QUERIES = Path(__file__).parent / "sql" / "queries"
SCHEMA = Path(__file__).parents[1] / "analytics_sql" / "applications" / "wildrydes" / "schema.json"


def filled(application: Application, keys: int, records: int) -> Engine:
    """An engine in the middle of a minute: `records` records, all of them in the open windows."""
    engine = Engine(application)
    rng = np.random.default_rng(7)
    distance, points = rng.uniform(29, 31, records), rng.integers(100, 200, (records, 2))
    for start in range(0, records, BATCH):
        rows = range(start, min(start + BATCH, records))
        lines = [
            encode_reading(
                Reading(
                    f"U-{i % keys:08d}",
                    "2026-01-01 00:00:00.000",
                    *(40.7, -73.9, distance[i].item(), int(points[i, 0]), int(points[i, 1])),
                )
            )
            for i in rows
        ]
        arrival_ms = START_MS + np.array(rows) * 50_000 // records
        numbers = [str(i) for i in rows]
        engine.add(Batch("shard", lines, arrival_ms, numbers, [""] * len(lines), numbers[-1]))
        engine.advance(int(arrival_ms[-1]))
    return engine


def best_ms(work: Callable[[], object]) -> float:
    """The quickest of the rounds."""
    times = []
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - started_s)
    return min(times) * 1000


def measure(name: str, application: Application, keys: int, records: int) -> None:
    """Prints one line."""
    engine = filled(application, keys, records)
    snapshot = Snapshot(
        application=application.name,
        fingerprint=application.fingerprint,
        stream=StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/bench", START_MS),
        epoch=1,
        saved_ms=START_MS,
        positions={},
        clocks_ms={},
        state=b"",
        cursors={},
    )
    dump_ms = best_ms(engine.dump)
    snapshot = replace(snapshot, state=engine.dump())
    encode_ms = best_ms(lambda: encode(snapshot))
    stored = encode(snapshot)
    with TemporaryDirectory() as folder:
        store = DiskSnapshots(Path(folder))
        with asyncio.Runner() as runner:
            save_ms = best_ms(lambda: runner.run(store.save(snapshot)))

    def restore() -> None:
        Engine(application).load(decode(stored, "bench").state)

    print(
        f"{name:<10} {dump_ms:>9.0f} {encode_ms:>9.0f} {save_ms:>9.0f} {best_ms(restore):>9.0f} "
        f"{len(snapshot.state) / 1e6:>9.1f} {len(stored) / 1e6:>9.1f}"
    )


def main() -> None:
    """Prints the table."""
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else KEYS
    records = keys * (int(sys.argv[2]) if len(sys.argv) > 2 else RECORDS_PER_KEY)
    print(f"{keys:,} keys, {records:,} records in open windows")
    columns = ("dump ms", "encode ms", "save ms", "load ms", "state MB", "stored MB")
    print(f"{'query':<10} " + " ".join(f"{column:>9}" for column in columns))
    measure("wildrydes", workshop_application(), keys, records)
    for name in ("sliding", "extremes"):
        application = load_application(QUERIES / f"{name}.sql", schema_path=SCHEMA)
        measure(name, application, keys, records)


if __name__ == "__main__":
    main()

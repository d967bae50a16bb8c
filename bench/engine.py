"""Records to window rows on one core: our engine beside a loop and Polars, answers checked.

    python bench/engine.py [--records 300000] [--keys 1000 10000 100000] [--batch 500 2000 10000]

All candidates get the same seeded lists of bytes, sums per key and minute of arrival, and must give
the same rows; a wrong answer ends the run. Ratios hold within one run; absolute figures drift with
the machine. The order of the candidates changes from round to round, and the best round counts.
"""

import argparse
import json
import platform
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics_sql.application_file import workshop_application
from fleet.batch import Batch
from fleet.reading import Reading, encode_reading
from processor.engine import Engine

MINUTE_MS = 60_000
START_MS = 1_767_225_600_000
ROUNDS = 3
Answer = dict[tuple[str, int], tuple[int, int, int, int, int]]
"""(name, minute) -> distance, min and max magic, min and max health."""


@dataclass(frozen=True)
class Load:
    """Records in batches, with the arrival time of each."""

    batches: Sequence[tuple[list[bytes], NDArray[np.int64]]]
    records: int


def make_load(records: int, keys: int, batch: int, *, odd: bool) -> Load:
    """One reading a second of each key. `odd`: 3 % escaped or reordered."""
    rng = np.random.default_rng(7)
    distance = rng.uniform(29, 31, records)
    points = rng.integers(100, 200, (records, 2))
    arrival_ms = START_MS + np.arange(records) // keys * 1000 + np.arange(records) % 1000
    arrival_ms = np.maximum.accumulate(arrival_ms)
    strange = rng.random(records) < (0.03 if odd else 0)
    lines = []
    for i in range(records):
        name = f"U-{i % keys:08d}"
        values = (40.7, -73.9, distance[i].item(), int(points[i, 0]), int(points[i, 1]))
        line = encode_reading(Reading(name, "2026-01-01 00:00:00.000", *values))
        if strange[i]:
            fields = json.loads(line)
            line = json.dumps(dict(reversed(fields.items()))).replace("U-", "\\u0055-").encode()
        lines.append(line)
    cuts = range(0, records, batch)
    return Load([(lines[i : i + batch], arrival_ms[i : i + batch]) for i in cuts], records)


def with_engine(load: Load) -> Answer:
    """Ours, through the whole plan, rows included."""
    engine = Engine(workshop_application())
    rows = []
    number = 0
    for records, arrival_ms in load.batches:
        numbers = [str(n) for n in range(number, number + len(records))]
        number += len(records)
        keys = [""] * len(records)
        batch = Batch("shard", records, arrival_ms, numbers, keys, numbers[-1])
        emitted = engine.add(batch)
        assert not emitted.letters
        rows += engine.advance(int(arrival_ms[-1])).rows
    rows += engine.advance(1 << 60).rows
    names = ("Distance", "MinMagicPoints", "MaxMagicPoints", "MinHealthPoints", "MaxHealthPoints")
    return {
        (str(r.values["Name"]), r.rowtime_ms // MINUTE_MS - 1): tuple(  # type: ignore[misc]
            r.values[name] for name in names
        )
        for r in rows
    }


class Wanted(msgspec.Struct, gc=False):
    """The needed fields."""

    Name: str
    Distance: float
    MagicPoints: int
    HealthPoints: int


def with_msgspec(load: Load) -> Answer:
    """A loop written for this one query: msgspec struct of the needed fields, dict of lists."""
    decode = msgspec.json.Decoder(Wanted).decode
    return _loop(
        ((r.Name, r.Distance, r.MagicPoints, r.HealthPoints), t)
        for records, arrival_ms in load.batches
        for r, t in zip(map(decode, records), arrival_ms.tolist(), strict=True)
    )


def with_json(load: Load) -> Answer:
    """The loop that a newcomer writes: json.loads and a dict."""
    return _loop(
        ((r["Name"], r["Distance"], r["MagicPoints"], r["HealthPoints"]), t)
        for records, arrival_ms in load.batches
        for r, t in zip(map(json.loads, records), arrival_ms.tolist(), strict=True)
    )


def _loop(readings: Iterator[tuple[tuple[str, float, int, int], int]]) -> Answer:
    groups: dict[tuple[str, int], list[float]] = {}
    for (name, distance, magic, health), time_ms in readings:
        key = (name, time_ms // MINUTE_MS)
        group = groups.get(key)
        if group is None:
            groups[key] = [distance, magic, magic, health, health]
            continue
        group[0] += distance
        if magic < group[1]:
            group[1] = magic
        elif magic > group[2]:
            group[2] = magic
        if health < group[3]:
            group[3] = health
        elif health > group[4]:
            group[4] = health
    return {key: (round(g[0]), *map(int, g[1:])) for key, g in groups.items()}  # type: ignore[misc]


def with_polars(load: Load) -> Answer:
    """Polars per batch, partial results united at the end: no rows before all is read."""
    schema = {"Name": pl.String, "Distance": pl.Float64}
    schema |= {"MagicPoints": pl.Int64, "HealthPoints": pl.Int64}
    parts = []
    for records, arrival_ms in load.batches:
        frame = pl.read_ndjson(b"\n".join(records), schema=schema)
        frame = frame.with_columns(pl.Series("minute", arrival_ms // MINUTE_MS))
        parts.append(_grouped(frame, "MagicPoints", "MagicPoints", "HealthPoints", "HealthPoints"))
    united = _grouped(pl.concat(parts), "a", "b", "c", "d")
    return {(n, m): (round(d), a, b, c, e) for n, m, d, a, b, c, e in united.iter_rows()}


def _grouped(frame: pl.DataFrame, a: str, b: str, c: str, d: str) -> pl.DataFrame:
    return frame.group_by("Name", "minute").agg(
        pl.col("Distance").sum(),
        pl.col(a).min().alias("a"),
        pl.col(b).max().alias("b"),
        pl.col(c).min().alias("c"),
        pl.col(d).max().alias("d"),
    )


CANDIDATES: dict[str, Callable[[Load], Answer]] = {
    "engine": with_engine,
    "msgspec+dict": with_msgspec,
    "Polars": with_polars,
    "json+dict": with_json,
}


def measure(load: Load) -> dict[str, tuple[float, float]]:
    """Candidate -> (records per CPU second, wall second) in millions, best of the rounds."""
    best = dict.fromkeys(CANDIDATES, (0.0, 0.0))
    names = list(CANDIDATES)
    for turn in range(ROUNDS):
        expected: Answer | None = None
        for name in names[turn:] + names[:turn]:
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            answer = CANDIDATES[name](load)
            wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
            expected = expected or answer
            if answer != expected:
                raise SystemExit(f"{name} gives another answer: its speed means nothing")
            cpu, wall = load.records / cpu_s / 1e6, load.records / wall_s / 1e6
            best[name] = (max(best[name][0], cpu), max(best[name][1], wall))
    return best


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--keys", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--batch", type=int, nargs="+", default=[500, 2_000, 10_000])
    arguments = parser.parse_args()
    libraries = ", ".join(f"{n} {version(n)}" for n in ("msgspec", "numpy", "polars"))
    print(f"Python {platform.python_version()}, {libraries}; M records per CPU second (x engine)")
    print(f"{'keys':>7} {'batch':>6} {'records':>8} " + "".join(f"{n:>22}" for n in CANDIDATES))
    for keys in arguments.keys:
        for batch in arguments.batch:
            for odd in (False, True) if batch == max(arguments.batch) else (False,):
                best = measure(make_load(arguments.records, keys, batch, odd=odd))
                ours = best["engine"][0]
                cells = [f"{cpu:.2f} ({cpu / ours:.2f})" for cpu, _ in best.values()]
                kind = "odd" if odd else "plain"
                print(f"{keys:>7} {batch:>6} {kind:>8} " + "".join(f"{c:>22}" for c in cells))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the whole run, load included: {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()

"""What joins take: `python -P bench/joins.py`, some minutes.

Two queries over 100,000 records of JSON, decoding included, on one core:

    lookup    each record with its row of a reference table of 900 rows: a row out a record
    windows   two streams whose rows of one key meet within five seconds: about five rows out a
              record

Beside the engine stand DuckDB over the whole file at once, Polars, and the loop that one writes in
Python: a dict for the table, a dict of deques for the windows. All have to give the same rows. "No
table" is the lookup's query without its join: what decoding leaves of the time. Millions of rows
out per CPU second, best of six; ratios hold within one run.
"""

import argparse
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import msgspec
import numpy as np
import polars as pl

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, ReferenceTable, SourceColumn
from analytics_sql.types import DOUBLE, INTEGER, Kind, SqlType
from fleet.batch import Batch
from processor.columns import vector_of
from processor.engine import Engine
from processor.operators.rows import Rows
from processor.watermark import END_MS

KEYS = 1_000
WINDOW_MS = 5_000
ROUNDS = 6

TEXT = SqlType(Kind.VARCHAR, 16)
SCHEMA = InputSchema(
    (
        SourceColumn("Side", TEXT, ("Side",)),
        SourceColumn("Name", TEXT, ("Name",)),
        SourceColumn("Id", INTEGER, ("Id",)),
        SourceColumn("Distance", DOUBLE, ("Distance",)),
    )
)
STABLES = ReferenceTable(
    "STABLES", (SourceColumn("NAME", TEXT, ("NAME",)), SourceColumn("STABLE", TEXT, ("STABLE",)))
)
LOOKUP = """
CREATE STREAM D ("Name" VARCHAR(16), "Id" INTEGER, STABLE VARCHAR(16));
CREATE PUMP P AS INSERT INTO D SELECT STREAM r."Name", r."Id", s.STABLE
FROM "SOURCE_SQL_STREAM_001" AS r LEFT JOIN STABLES AS s ON r."Name" = s.NAME;
"""
PROJECTION = """
CREATE STREAM D ("Name" VARCHAR(16), "Id" INTEGER);
CREATE PUMP P AS INSERT INTO D SELECT STREAM "Name", "Id" FROM "SOURCE_SQL_STREAM_001";
"""
WINDOWS = """
CREATE STREAM A ("Name" VARCHAR(16), "Id" INTEGER, "Distance" DOUBLE);
CREATE PUMP PA AS INSERT INTO A
SELECT STREAM "Name", "Id", "Distance" FROM "SOURCE_SQL_STREAM_001" WHERE "Side" = 'a';
CREATE STREAM B ("Name" VARCHAR(16), "Id" INTEGER, "Distance" DOUBLE);
CREATE PUMP PB AS INSERT INTO B
SELECT STREAM "Name", "Id", "Distance" FROM "SOURCE_SQL_STREAM_001" WHERE "Side" = 'b';
CREATE STREAM D ("Name" VARCHAR(16), L INTEGER, R INTEGER, "Distance" DOUBLE);
CREATE PUMP P AS INSERT INTO D
SELECT STREAM x."Name", x."Id", y."Id", y."Distance"
FROM A OVER (RANGE INTERVAL '5' SECOND PRECEDING) AS x
JOIN B OVER (RANGE INTERVAL '5' SECOND PRECEDING) AS y ON x."Name" = y."Name";
"""


class Reading(msgspec.Struct, gc=False):
    """What a loop needs of a record."""

    Side: str
    Name: str
    Id: int
    Distance: float


@dataclass(frozen=True)
class Load:
    """The same records for everybody."""

    batches: Sequence[Batch]
    file: Path
    """As JSON lines with the arrival time."""
    stables: dict[str, str]


Answer = set[tuple[object, ...]]
Candidate = Callable[[Load], tuple[int, Callable[[], Answer]]]
"""Does the work, and says how many rows came; what it returns beside is made off the clock."""


def make_load(records: int, batch: int, folder: Path) -> Load:
    rng = np.random.default_rng(7)
    names = [f"U-{i:08d}" for i in range(KEYS)]
    numbers = np.arange(records)
    sides, metres = rng.integers(0, 2, records), rng.uniform(29, 31, records)
    lines = [
        json.dumps(
            {
                "Side": "ab"[sides[i]],
                "Name": names[i % KEYS],
                "Id": i,
                "Distance": metres[i].item(),
            }
        ).encode()
        for i in range(records)
    ]
    # Each key has a record a second.
    arrival_ms = numbers * 1000 // KEYS
    file = folder / "records.jsonl"
    with file.open("wb") as out:
        for line, time_ms in zip(lines, arrival_ms.tolist(), strict=True):
            out.write(b'{"t":%d,%s\n' % (time_ms, line[1:]))
    batches = []
    for start in range(0, records, batch):
        ids = [str(n) for n in range(start, min(start + batch, records))]
        part = slice(start, start + batch)
        batches.append(
            Batch("shard-0", lines[part], arrival_ms[part], ids, [""] * len(ids), ids[-1])
        )
    # Every tenth unicorn has no stable.
    stables = {name: f"S-{i % 50}" for i, name in enumerate(names) if i % 10}
    return Load(batches, file, stables)


def engine(application: Application, columns: Sequence[str], *, as_rows: bool) -> Candidate:
    """The whole engine; `as_rows`: with the Row objects that a sink takes."""

    def run(load: Load) -> tuple[int, Callable[[], Answer]]:
        running = Engine(application)
        for table in running.tables.values():
            values = list(load.stables.keys()), list(load.stables.values())
            named = zip(("NAME", "STABLE"), values, strict=True)
            table.replace({n: vector_of(v, TEXT) for n, v in named}, len(load.stables))
        taken: list[Rows] = []
        count = 0
        for batch in load.batches:
            emitted = running.add(batch), running.advance(int(batch.arrival_ms[-1]))
            for rows in (each.rows.of(["D"]) for each in emitted):
                count += len(list(rows)) if as_rows else len(rows)
                taken += [] if as_rows else [rows]
        last = running.advance(END_MS).rows.of(["D"])
        count += len(last)
        taken.append(last)
        if as_rows:
            return count, lambda: set()
        return count, lambda: {
            tuple(row.values[name] for name in columns) for rows in taken for row in rows
        }

    return run


def duckdb_over(sql: str) -> Candidate:
    """One batch over the whole file, its answer as columns."""

    def run(load: Load) -> tuple[int, Callable[[], Answer]]:
        types = "{t: 'BIGINT', Side: 'VARCHAR', Name: 'VARCHAR', Id: 'INTEGER', Distance: 'DOUBLE'}"
        with duckdb.connect(config={"threads": 1}) as connection:
            stables = pl.DataFrame(
                {"NAME": list(load.stables), "STABLE": list(load.stables.values())}
            )
            connection.register("stables", stables.to_arrow())
            connection.execute(
                f"CREATE TEMP TABLE r AS FROM read_json('{load.file}', "
                f"format='newline_delimited', columns={types})"
            )
            found = connection.sql(sql).to_arrow_table()
        return len(found), lambda: set(pl.DataFrame(found).rows())

    return run


def polars_lookup(load: Load) -> tuple[int, Callable[[], Answer]]:
    """Batch by batch."""
    table = pl.DataFrame({"Name": list(load.stables), "STABLE": list(load.stables.values())})
    schema = {"Name": pl.String, "Id": pl.Int64}
    parts = [
        pl.read_ndjson(b"\n".join(batch.records), schema=schema).join(table, "Name", "left")
        for batch in load.batches
    ]
    return sum(map(len, parts)), lambda: {row for part in parts for row in part.rows()}


def dict_lookup(load: Load) -> tuple[int, Callable[[], Answer]]:
    """A struct a record, a tuple a row."""
    decode, stable = msgspec.json.Decoder(Reading).decode, load.stables.get
    rows = []
    for batch in load.batches:
        for line in batch.records:
            reading = decode(line)
            rows.append((reading.Name, reading.Id, stable(reading.Name)))
    return len(rows), lambda: set(rows)


def polars_windows(load: Load) -> tuple[int, Callable[[], Answer]]:
    """All at once: equal keys, then those within the windows."""
    frame = pl.read_ndjson(load.file)
    left, right = (frame.filter(pl.col("Side") == side) for side in "ab")
    within = (pl.col("t") - pl.col("t_right")).abs() <= WINDOW_MS
    # Equal keys alone would be ten thousand times too many: steps of the window's length first.
    step = pl.col("t") // WINDOW_MS
    near = pl.concat(
        [right.with_columns(step=step + shift, t_right=pl.col("t")) for shift in (-1, 0, 1)]
    )
    pairs = left.with_columns(step=step).join(near, on=["Name", "step"], suffix="_y")
    found = pairs.filter(within).select("Name", "Id", "Id_y", "Distance_y")
    return len(found), lambda: set(found.rows())


def dict_windows(load: Load) -> tuple[int, Callable[[], Answer]]:
    """A struct a record, a deque of each side for each key, a tuple a row."""
    decode = msgspec.json.Decoder(Reading).decode
    kept: dict[str, dict[str, deque[tuple[int, Reading]]]] = {
        side: defaultdict(deque) for side in "ab"
    }
    rows = []
    for batch in load.batches:
        for line, time_ms in zip(batch.records, batch.arrival_ms.tolist(), strict=True):
            reading = decode(line)
            is_left = reading.Side == "a"
            others = kept["b" if is_left else "a"][reading.Name]
            while others and others[0][0] < time_ms - WINDOW_MS:
                others.popleft()
            for _, other in others:
                x, y = (reading, other) if is_left else (other, reading)
                rows.append((x.Name, x.Id, y.Id, y.Distance))
            mine = kept[reading.Side][reading.Name]
            while mine and mine[0][0] < time_ms - WINDOW_MS:
                mine.popleft()
            mine.append((time_ms, reading))
    return len(rows), lambda: set(rows)


def queries() -> dict[str, dict[str, Candidate]]:
    projection = compile_application(PROJECTION, name="projection", schema=SCHEMA)
    lookup = compile_application(LOOKUP, name="lookup", schema=SCHEMA, tables=[STABLES])
    windows = compile_application(WINDOWS, name="windows", schema=SCHEMA)
    found, pair = ("Name", "Id", "STABLE"), ("Name", "L", "R", "Distance")
    return {
        "lookup": {
            "engine": engine(lookup, found, as_rows=False),
            "as Row objects": engine(lookup, found, as_rows=True),
            "no table": engine(projection, ("Name", "Id"), as_rows=False),
            "DuckDB": duckdb_over(
                "SELECT r.Name, Id, STABLE FROM r LEFT JOIN stables AS s ON r.Name = s.NAME"
            ),
            "Polars": polars_lookup,
            "Python dict": dict_lookup,
        },
        "windows": {
            "engine": engine(windows, pair, as_rows=False),
            "as Row objects": engine(windows, pair, as_rows=True),
            "DuckDB": duckdb_over(
                "SELECT x.Name, x.Id, y.Id AS R, y.Distance FROM r AS x JOIN r AS y "
                "ON x.Name = y.Name AND x.Side = 'a' AND y.Side = 'b' "
                f"AND x.t - y.t BETWEEN -{WINDOW_MS} AND {WINDOW_MS}"
            ),
            "Polars": polars_windows,
            "Python dict": dict_windows,
        },
    }


def measure(load: Load, candidates: dict[str, Candidate]) -> dict[str, float]:
    """Candidate -> millions of rows out per CPU second. Ends the run when an answer is wrong."""
    best = dict.fromkeys(candidates, 0.0)
    expected: Answer = set()
    names = list(candidates)
    for turn in range(ROUNDS):
        # Each has every place in the order once: what runs before another one warms it up.
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            started_s = time.process_time()
            count, answer = candidates[name](load)
            took_s = time.process_time() - started_s
            best[name] = max(best[name], count / took_s / 1e6)
            if turn == 0 and name not in ("as Row objects", "no table"):
                rows = answer()
                expected = expected or rows
                if rows != expected or len(rows) != count:
                    raise SystemExit(f"{name} gives another answer: its speed means nothing")
    return best


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--batch", type=int, nargs="+", default=[2_000, 10_000])
    arguments = parser.parse_args()
    for batch in arguments.batch:
        with TemporaryDirectory() as folder:
            load = make_load(arguments.records, batch, Path(folder))
            for query, candidates in queries().items():
                best = measure(load, candidates)
                cells = [f"{n} {v:.2f} ({v / best['engine']:.2f})" for n, v in best.items()]
                print(f"{query:<8} batches of {batch:>6}: {', '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()

"""Who answers the queries: the engine, DuckDB, and for the workshop query two loops and Polars."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import msgspec
import polars as pl
from load import Load
from query import Answer, Query

from fleet.batch import Batch
from fleet.row import Row
from processor.engine import Emitted, Engine
from processor.operators.rows import Rows
from processor.watermark import END_MS

MINUTE_MS = 60_000
Candidate = Callable[[Load, Query], Callable[[], Answer]]
"""Does the work, all of it; what it returns only makes the answer comparable, off the clock."""


def with_engine(load: Load, query: Query) -> Callable[[], Answer]:
    """The whole engine: bytes in, rows out. A wide answer stays columns, as in the others."""
    engine = Engine(query.application)
    taken: list[Rows] = []
    for batch in load.batches:
        added = engine.add(batch)
        assert not added.letters
        taken += [added.rows, engine.advance(clock_of(added, batch)).rows]
    taken.append(engine.advance(END_MS).rows)
    answer = [rows.of([query.stream]) for rows in taken]
    if query.wide:
        return lambda: _plain(query, [row for rows in answer for row in rows])
    made = [row for rows in answer for row in rows]
    return lambda: _plain(query, made)


def clock_of(added: Emitted, batch: Batch) -> int:
    """The watermark of an input of one shard."""
    return int(batch.arrival_ms[-1]) if added.clock_ms is None else added.clock_ms


def _plain(query: Query, rows: list[Row]) -> Answer:
    return [tuple(row.values[name] for name in query.columns) for row in rows]


def with_rows(load: Load, query: Query) -> Callable[[], Answer]:
    """The same, and Row objects made of the answer batch by batch, as a sink takes them, and let
    go. The answer is the one that was checked.
    """
    engine = Engine(query.application)
    count = 0
    for batch in load.batches:
        added = engine.add(batch)
        count += len(list(added.rows.of([query.stream])))
        due = engine.advance(clock_of(added, batch)).rows
        count += len(list(due.of([query.stream])))
    count += len(list(engine.advance(END_MS).rows.of([query.stream])))
    assert count == len(load.lines)
    return lambda: with_engine(load, query)()


def with_duckdb(load: Load, query: Query) -> Callable[[], Answer]:
    """One batch over the whole file: no rows before all has been read."""
    types = (
        "{t: 'BIGINT', Name: 'VARCHAR', StatusTime: 'TIMESTAMP', Distance: 'DOUBLE', "
        "MagicPoints: 'SMALLINT', HealthPoints: 'SMALLINT'}"
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        source = f"read_json('{load.file}', format='newline_delimited', columns={types})"
        sql = query.duckdb.replace("FROM records", f"FROM {source}")
        if not query.wide:
            rows = connection.execute(sql).fetchall()
            return lambda: rows
        columns = connection.execute(sql).fetchnumpy()
    return lambda: list(zip(*(column.tolist() for column in columns.values()), strict=True))


class Wanted(msgspec.Struct, gc=False):
    """The needed fields."""

    Name: str
    Distance: float
    MagicPoints: int
    HealthPoints: int


def with_msgspec(load: Load, query: Query) -> Callable[[], Answer]:
    """A loop written for this one query: msgspec struct of the needed fields, dict of lists."""
    decode = msgspec.json.Decoder(Wanted).decode
    readings = ((decode(line), time) for line, time in load.timed())
    return _loop(((r.Name, r.Distance, r.MagicPoints, r.HealthPoints), t) for r, t in readings)


def with_json(load: Load, query: Query) -> Callable[[], Answer]:
    """The loop that a newcomer writes: json.loads and a dict."""
    readings = ((json.loads(line), time) for line, time in load.timed())
    names = ("Name", "Distance", "MagicPoints", "HealthPoints")
    return _loop((tuple(r[name] for name in names), t) for r, t in readings)


def _loop(readings: Iterator[tuple[tuple[Any, ...], int]]) -> Callable[[], Answer]:
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
    return lambda: [(name, round(g[0]), *g[1:]) for (name, _), g in groups.items()]


def with_polars(load: Load, query: Query) -> Callable[[], Answer]:
    """Polars per batch, partial results united at the end: no rows before all is read."""
    schema = {"Name": pl.String, "Distance": pl.Float64}
    schema |= {"MagicPoints": pl.Int64, "HealthPoints": pl.Int64}
    parts = []
    for batch in load.batches:
        frame = pl.read_ndjson(b"\n".join(batch.records), schema=schema)
        frame = frame.with_columns(pl.Series("minute", batch.arrival_ms // MINUTE_MS))
        parts.append(_grouped(frame, "MagicPoints", "MagicPoints", "HealthPoints", "HealthPoints"))
    rows = _grouped(pl.concat(parts), "a", "b", "c", "d").rows()
    return lambda: [(name, round(d), a, b, c, e) for name, _, d, a, b, c, e in rows]


def _grouped(frame: pl.DataFrame, a: str, b: str, c: str, d: str) -> pl.DataFrame:
    return frame.group_by("Name", "minute").agg(
        pl.col("Distance").sum(),
        pl.col(a).min().alias("a"),
        pl.col(b).max().alias("b"),
        pl.col(c).min().alias("c"),
        pl.col(d).max().alias("d"),
    )


def candidates(query: Query) -> dict[str, Candidate]:
    """Those that answer the query, the engine first."""
    if query.name == "wildrydes":
        loops: dict[str, Candidate] = {"msgspec loop": with_msgspec, "Polars": with_polars}
        return {"engine": with_engine, "DuckDB": with_duckdb, **loops, "json loop": with_json}
    if query.wide:
        return {"engine": with_engine, "as Row objects": with_rows, "DuckDB": with_duckdb}
    return {"engine": with_engine, "DuckDB": with_duckdb}

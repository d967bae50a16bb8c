"""Joins against DuckDB, on random streams with windows, NULLs, duplicates and ties, in every way in
which records may reach the engine: over shards that run apart, with restarts.

DuckDB has all rows at once and joins them by a condition on their times or on their numbers; the
rows that an outer join keeps have the time at which they leave their window.
"""

import gc
import json
import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import ClassVar

import duckdb
import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, SourceColumn
from analytics_sql.types import INTEGER, Kind, SqlType
from fleet.errors import StateTooLarge
from fleet.row import Row
from processor.engine import Engine
from tests.duckdb_rows import insert
from tests.processor.engine.runs import Outcome, Record, batch_of, in_every_way, shard_after_shard

TEXT = SqlType(Kind.VARCHAR, 8)
SCHEMA = InputSchema(
    (
        SourceColumn("SIDE", TEXT, ("SIDE",)),
        SourceColumn("K", TEXT, ("K",)),
        SourceColumn("J", INTEGER, ("J",)),
        SourceColumn("ID", INTEGER, ("ID",)),
    )
)
"""K and J are keys, ID tells the rows apart."""

Pair = tuple[int, int | None, int | None]
"""ROWTIME, the left row's ID and the right one's."""
CONDITIONS = (
    "x.K = y.K",
    "x.K = y.K AND x.J = y.J",
    "x.J = y.J AND x.ID < y.ID",
    "x.J < y.J",
    "x.K = y.K AND (x.J <> y.J OR y.ID > 40)",
)


@dataclass(frozen=True, slots=True)
class Window:
    """`length` milliseconds, 0 without OVER; or the last `rows` rows."""

    length_ms: int | None = None
    rows: int | None = None

    @property
    def over(self) -> str:
        if self.rows is not None:
            return f"OVER (ROWS {self.rows} PRECEDING)"
        if self.length_ms is None:
            return ""
        return f"OVER (RANGE INTERVAL '{self.length_ms / 1000:.3f}' SECOND PRECEDING)"

    def holds(self, row: str, at: str, count: str) -> str:
        """Whether a row is in the window at the time of another one, by which the side had `count`
        rows.
        """
        if self.rows is not None:
            return f"{row}.place > {at}.{count} - {self.rows}"
        return f"{row}.t >= {at}.t - {self.length_ms or 0}"

    @property
    def end(self) -> str:
        """When a row leaves it; NULL when it never does."""
        if self.rows is not None:
            return f"lead(t, {self.rows}) OVER (ORDER BY t, ID)"
        return f"t + {self.length_ms or 0}"


Windows = tuple[Window, Window]


SECOND = (Window(1000), Window())


def application(kind: str, windows: Windows, condition: str) -> Application:
    left, right = (window.over for window in windows)
    text = f"""
    CREATE STREAM A (K VARCHAR(8), J INTEGER, ID INTEGER);
    CREATE PUMP PA AS INSERT INTO A
    SELECT STREAM K, J, ID FROM "SOURCE_SQL_STREAM_001" WHERE SIDE = 'a';
    CREATE STREAM B (K VARCHAR(8), J INTEGER, ID INTEGER);
    CREATE PUMP PB AS INSERT INTO B
    SELECT STREAM K, J, ID FROM "SOURCE_SQL_STREAM_001" WHERE SIDE = 'b';
    CREATE STREAM D (L INTEGER, R INTEGER);
    CREATE PUMP P AS INSERT INTO D
    SELECT STREAM x.ID, y.ID FROM A {left} AS x {kind} JOIN B {right} AS y ON {condition};
    """
    return compile_application(text, name="joins", schema=SCHEMA)


def random_records(rng: random.Random, count: int, span_ms: int) -> list[Record]:
    """In the order of their times, many of which are equal; keys are few, and some NULL."""
    times = sorted(rng.randrange(0, span_ms, 50) for _ in range(count))
    records = []
    for number, time in enumerate(times):
        key, other = rng.choice(["k", "j", "ii", None]), rng.choice([1, 2, 3, None])
        fields = {"SIDE": rng.choice("ab"), "K": key, "J": other, "ID": number}
        records.append(Record(number, time, json.dumps(fields).encode()))
    return records


def pairs_of(outcome: Outcome) -> list[Pair]:
    rows = rows_of(outcome)
    return [(row.rowtime_ms, row.values["L"], row.values["R"]) for row in rows]


def rows_of(outcome: Outcome) -> list[Row]:
    return [row for row in outcome.window_rows if row.stream == "D"]


def theirs(records: list[Record], kind: str, windows: Windows, condition: str) -> Counter[Pair]:
    """What DuckDB says."""
    left, right = windows
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE r (t BIGINT, SIDE TEXT, K TEXT, J INTEGER, ID INTEGER)")
        values = [(r.arrival_ms, *json.loads(r.data).values()) for r in records]
        insert(connection, "r", values)
        found = connection.execute(
            f"""
            WITH counted AS (SELECT *,
              count(*) FILTER (SIDE = 'a') OVER (ORDER BY t) AS a_count,
              count(*) FILTER (SIDE = 'b') OVER (ORDER BY t) AS b_count FROM r),
            a AS (SELECT *, row_number() OVER (ORDER BY t, ID) AS place, {left.end} AS gone
              FROM counted WHERE SIDE = 'a'),
            b AS (SELECT *, row_number() OVER (ORDER BY t, ID) AS place, {right.end} AS gone
              FROM counted WHERE SIDE = 'b')
            SELECT CASE WHEN y.ID IS NULL THEN x.gone WHEN x.ID IS NULL THEN y.gone
                        ELSE greatest(x.t, y.t) END AS rowtime, x.ID, y.ID
            FROM a AS x {kind} JOIN b AS y
            ON ({condition}) AND (x.t <= y.t AND {left.holds("x", "y", "a_count")}
              OR y.t <= x.t AND {right.holds("y", "x", "b_count")})
            WHERE rowtime IS NOT NULL
            """
        ).fetchall()
    return Counter(found)


def _shard_of(record: Record, first: str) -> int:
    """Records of one side and one time stay in one shard: among shards they would have another
    order.
    """
    is_first = json.loads(record.data)["SIDE"] == first
    return 2 * (not is_first) + record.arrival_ms // 50 % 2


def check(seed: int, count: int) -> int:
    rng = random.Random(seed)
    kind = rng.choice(["INNER", "LEFT", "RIGHT", "FULL"])
    windows = (
        rng.choice([Window(), Window(0), Window(150), Window(1000), Window(rows=3)]),
        rng.choice([Window(), Window(0), Window(100), Window(2500), Window(rows=1)]),
    )
    condition = rng.choice(CONDITIONS)
    records = random_records(rng, count, count * 40)
    app = application(kind, windows, condition)
    outcome = in_every_way(app, records, together=True)
    first = rng.choice("ab")
    # Each side in two shards, first all of one side, then all of the other.
    late = shard_after_shard(app, records, lambda record: _shard_of(record, first))
    case = (seed, kind, windows, condition)
    assert repr(late.settled().by_stream()) == repr(outcome.by_stream()), case
    assert Counter(pairs_of(outcome)) == theirs(records, kind, windows, condition), case
    rows = rows_of(outcome)
    times = [row.rowtime_ms for row in rows]
    assert times == sorted(times)
    assert len({row.id for row in rows}) == len(rows)
    return len(rows)


def test_joins_are_those_of_duckdb() -> None:
    assert sum(check(seed, count=40) for seed in range(10)) > 150


@pytest.mark.long
def test_many_joins_are_those_of_duckdb() -> None:
    assert sum(check(seed, count=250) for seed in range(1000, 1030)) > 6_000


def test_another_window_is_not_the_same() -> None:
    """The control: the comparison can fail."""
    records = random_records(random.Random(7), 80, 3000)
    app = application("INNER", SECOND, "x.K = y.K")
    pairs = Counter(pairs_of(in_every_way(app, records, together=True)))
    assert pairs == theirs(records, "INNER", SECOND, "x.K = y.K")
    assert pairs != theirs(records, "INNER", (Window(900), Window()), "x.K = y.K")


def test_rows_that_left_their_windows_are_forgotten() -> None:
    """Of a stream with ten rows a second and ever new keys."""
    engine, most = Engine(application("FULL", SECOND, "x.ID = y.ID")), 0
    groups = 0
    for start in range(0, 12_000, 20):
        records = [
            Record(n, n * 100, json.dumps({"SIDE": "ab"[n % 2], "K": "k", "ID": n}).encode())
            for n in range(start, start + 20)
        ]
        engine.add(batch_of(records))
        engine.advance(records[-1].arrival_ms)
        most, groups = max(most, engine.state_bytes), max(groups, engine.groups)
    assert most < 50 * 500
    assert groups < 4500


class Data(bytes):
    """The bytes of a record, which count those that are gone."""

    gone: ClassVar[int] = 0

    def __del__(self) -> None:
        Data.gone += 1


def test_rows_in_a_window_do_not_hold_the_bytes_of_their_records() -> None:
    engine = Engine(application("LEFT", (Window(60_000), Window(60_000)), "x.K = y.K"))
    records = random_records(random.Random(2), 200, 10_000)
    data = [Data(record.data) for record in records]
    batch = batch_of([replace(r, data=d) for r, d in zip(records, data, strict=True)])
    engine.add(batch)
    pairs = engine.advance(records[-1].arrival_ms + 1).rows.of(["D"])
    del data, batch
    gc.collect()
    assert Data.gone == 200
    assert len({row.id for row in pairs}) == len(pairs) > 1000


def test_more_state_than_it_may_have_is_an_error_that_names_the_join() -> None:
    engine = Engine(
        application("INNER", (Window(60_000), Window()), "x.K = y.K"), state_bytes_max=20_000
    )
    with pytest.raises(StateTooLarge, match="right side of JOIN in their windows, 200 that wait"):
        engine.add(batch_of(random_records(random.Random(1), 200, 10_000)))

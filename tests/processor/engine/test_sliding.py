"""OVER, against two others: DuckDB for what is common SQL, and plain Python over exact fractions.

DuckDB has no order among rows of one ROWTIME, so there ROWTIMEs are made distinct by the place of
the row: a frame of n milliseconds begins at place 0 of the millisecond n before.
"""

import json
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from analytics_sql.expression import ColumnRef, Literal
from analytics_sql.plan import Analytic, Application, Column, Frame, Slide, Stream
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, SqlType
from processor.columns import Columns
from processor.engine import Engine
from processor.operators import hold, range_sums
from tests.duckdb_rows import insert
from tests.processor.engine.plans import (
    SOURCE,
    application,
    columns_of,
    project,
    pump,
    scan,
    source,
    varchar,
)
from tests.processor.engine.runs import Outcome, Record, batch_of, in_every_way

COLUMNS: dict[str, SqlType] = {
    "i": BIGINT,
    "k": varchar(),
    "n": BIGINT,
    "x": DOUBLE,
    "w": varchar(),
    "b": BOOLEAN,
}
NUMBER, K, N, X, W, B = (ColumnRef(name, type) for name, type in COLUMNS.items())
PLACES = 1000
FRAMES = [
    (Frame(range_ms=3000), f"RANGE BETWEEN 3000 * {PLACES} + i PRECEDING AND CURRENT ROW"),
    (Frame(range_ms=0), "RANGE BETWEEN i PRECEDING AND CURRENT ROW"),
    (Frame(rows=4), "ROWS BETWEEN 4 PRECEDING AND CURRENT ROW"),
    (Frame(rows=0), "ROWS BETWEEN 0 PRECEDING AND CURRENT ROW"),
    (Frame(), "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"),
]
CALLS: list[tuple[str, ColumnRef | None, SqlType, dict[str, Any], str]] = [
    ("COUNT", None, BIGINT, {}, "count(*)"),
    ("COUNT", W, BIGINT, {}, "count(w)"),
    ("SUM", N, BIGINT, {}, "sum(n)"),
    ("SUM", X, DOUBLE, {}, "sum(x)"),
    ("AVG", X, DOUBLE, {}, "avg(x)"),
    ("AVG", N, DOUBLE, {}, "avg(n)"),
    ("MIN", X, DOUBLE, {}, "min(x)"),
    ("MAX", W, varchar(), {}, "max(w)"),
    ("MIN", N, BIGINT, {}, "min(n)"),
    ("FIRST_VALUE", W, varchar(), {}, "first_value(w)"),
    ("LAST_VALUE", N, BIGINT, {}, "last_value(n)"),
    ("FIRST_VALUE", N, BIGINT, {"ignore_nulls": True}, "first_value(n IGNORE NULLS)"),
    ("LAST_VALUE", W, varchar(), {"ignore_nulls": True}, "last_value(w IGNORE NULLS)"),
    ("NTH_VALUE", X, DOUBLE, {"offset": 2}, "nth_value(x, 2)"),
    ("ANY", B, BOOLEAN, {}, "bool_or(b)"),
    ("EVERY", B, BOOLEAN, {}, "bool_and(b)"),
]


def over(calls: list[Analytic]) -> Application:
    """SELECT i, calls FROM the source."""
    slide = Slide(scan(SOURCE, COLUMNS), tuple(calls))
    outputs = [NUMBER, *(ColumnRef(call.name, call.type) for call in calls)]
    stream = Stream("OUT", columns_of({f"c{i}": o.type for i, o in enumerate(outputs)}))
    return application(source(COLUMNS), [stream], [pump(project(slide, *outputs), stream)])


def call(function: str, argument: ColumnRef | None, frame: Frame, **more: Any) -> Analytic:
    """PARTITION BY k, unless it is said otherwise."""
    given: dict[str, Any] = {"partition": (K,), "type": DOUBLE, "name": "call", **more}
    return Analytic(function, argument, frame=frame, **given)  # type: ignore[arg-type]


def some_rows(rng: random.Random, count: int) -> list[tuple[int, dict[str, Any]]]:
    """(ROWTIME, values), in order; several rows of one time, and NULLs everywhere."""
    time, rows = 0, []
    for i in range(count):
        time += rng.choice([0, 0, 1, 400, 1500, 3000])
        values = {
            "i": i,
            "k": rng.choice(["a", "b", "a", None]),
            "n": rng.choice([None, *range(-5, 6)]),
            "x": rng.choice([None, 0.0, 0.5, -0.25, 7.125, 100.0]),
            "w": rng.choice(["", "Oslo", "Paris", "Århus", None]),
            "b": rng.choice([True, False, None]),
        }
        rows.append((time, values))
    return rows


def records(rows: list[tuple[int, dict[str, Any]]]) -> list[Record]:
    return [Record(i, time, json.dumps(row).encode()) for i, (time, row) in enumerate(rows)]


def results(outcome: Outcome) -> list[tuple[Any, ...]]:
    """The rows by their number in the input."""
    rows = [tuple(row.values.values()) for row in outcome.window_rows]
    return sorted(rows, key=lambda row: row[0])


@pytest.mark.parametrize("seed", range(8))
def test_frames_mean_what_duckdb_says(seed: int) -> None:
    compare_with_duckdb(seed)


@pytest.mark.long
def test_many_frames_mean_what_duckdb_says() -> None:
    for seed in range(1000, 1200):
        compare_with_duckdb(seed)


def compare_with_duckdb(seed: int) -> None:
    """A dozen random calls over random rows, in every way."""
    rng = random.Random(seed)
    rows = some_rows(rng, 60)
    calls, texts = [], []
    for i in range(12):
        function, argument, type, more, text = rng.choice(CALLS)
        frame, said = rng.choice(FRAMES)
        partition, key = rng.choice([("PARTITION BY k", (K,)), ("", ())])
        given = {"type": type, "name": f"call {i}", "partition": key, **more}
        calls.append(call(function, argument, frame, **given))
        texts.append(f"{text} OVER ({partition} ORDER BY t * {PLACES} + i {said})")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE s "
            "(t BIGINT, i BIGINT, k VARCHAR, n BIGINT, x DOUBLE, w VARCHAR, b BOOLEAN)"
        )
        insert(connection, "s", [(t, *row.values()) for t, row in rows])
        query = f"SELECT i, {', '.join(texts)} FROM s ORDER BY i"
        wanted = connection.execute(query).fetchall()
    assert results(in_every_order(over(calls), records(rows))) == wanted


def in_every_order(plan: Application, given: list[Record]) -> Outcome:
    """The outcome of a plan whose rows of one time depend on their order, in each shard the same
    one: in_every_way, with the rows of one time kept together in one shard.
    """
    return in_every_way(plan, given, together=True)


def test_lag_and_its_default() -> None:
    lag = {"type": BIGINT, "offset": 1}
    calls = [
        call("LAG", N, Frame(rows=3), **lag, name="a"),
        call("LAG", N, Frame(rows=3), **lag | {"offset": 2}, default=NUMBER, name="b"),
        call("LAG", N, Frame(rows=3), **lag, ignore_nulls=True, name="c"),
        call("LAG", N, Frame(rows=1), **lag | {"offset": 2}, default=Literal(-1, BIGINT), name="d"),
        call("NTH_VALUE", N, Frame(rows=2), **lag, from_last=True, name="e"),
    ]
    plan = over(calls)
    numbers = [7, None, 9, None, 11]
    given = [(i, {"i": i, "k": "a", "n": n}) for i, n in enumerate(numbers)]
    assert results(in_every_way(plan, records(given))) == [
        (0, None, 0, None, -1, 7),
        (1, 7, 1, 7, -1, None),
        (2, None, 7, 7, -1, 9),  # the row before is NULL: its NULL, not the default
        (3, 9, None, 9, -1, None),
        (4, None, 9, 9, -1, 11),
    ]


HARD = [0.1, 0.2, 0.3, 1e16, -1e16, 1e-9, 1e300, -1e300, 5e-324, 3.0, None, 29.77, 1 / 3]
FUNCTIONS = ["SUM", "AVG", "VAR_POP", "VAR_SAMP", "STDDEV_POP", "STDDEV_SAMP", "COUNT"]


def exactly(function: str, values: list[float]) -> float | int | None:
    """The result over the values of a frame, from fractions."""
    count, total = len(values), sum(map(Fraction, values))
    if function == "COUNT":
        return count
    if count == 0 or (count == 1 and function.endswith("SAMP")):
        return None
    if function in ("SUM", "AVG"):
        return float(total if function == "SUM" else total / count)
    squares = sum(Fraction(value) ** 2 for value in values) - total**2 / count
    var = float(squares / (count if function.endswith("POP") else count - 1))
    return math.sqrt(var) if function.startswith("STDDEV") else var


@pytest.mark.parametrize("frame", [Frame(range_ms=3000), Frame(rows=3), Frame()])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_leaves_a_frame_leaves_nothing_behind(frame: Frame, function: str) -> None:
    rng = random.Random(5)
    hard = HARD if not function.startswith(("VAR", "STD")) else [v for v in HARD if v != 1e300]
    hard = [v for v in hard if v is None or abs(v) < 1e150] if len(hard) < len(HARD) else hard
    rows = some_rows(rng, 120)
    for _, row in rows:
        row["x"] = rng.choice(hard)
    type = BIGINT if function == "COUNT" else DOUBLE
    outcome = in_every_order(over([call(function, X, frame, type=type)]), records(rows))
    wanted = []
    for i, (time, row) in enumerate(rows):
        before = [(t, r["x"]) for t, r in rows[: i + 1] if r["k"] == row["k"]]
        if frame.rows is not None:
            before = before[-frame.rows - 1 :]
        elif frame.range_ms is not None:
            before = [(t, x) for t, x in before if time - t <= frame.range_ms]
        wanted.append((i, exactly(function, [x for _, x in before if x is not None])))
    assert list(map(repr, results(outcome))) == list(map(repr, wanted))


def test_rows_of_one_time_come_shard_by_shard() -> None:
    plan = over([call("COUNT", None, Frame(), partition=(), type=BIGINT)])
    given = records([(5, {"i": i}) for i in range(6)])
    engine = Engine(plan)
    assert not engine.add(batch_of(given[4:], shard=2)).rows
    engine.add(batch_of(given[:2], shard=0))
    engine.add(batch_of(given[2:4], shard=1))
    assert not engine.advance(5).rows  # a row of the same time could still come
    rows = engine.advance(6).rows
    assert [tuple(row.values.values()) for row in rows] == [(i, i + 1) for i in range(6)]


def test_a_long_frame_forgets_its_keys() -> None:
    calls = [
        call("AVG", X, Frame(range_ms=1000), name="a"),
        call("MAX", X, Frame(range_ms=1000), name="b"),
    ]
    engine = Engine(over(calls))
    most = 0
    for batch in range(60):
        given = [
            Record(i, batch * 1000 + i, b'{"i": %d, "k": "%d-%d", "x": 0.1}' % (i, batch, i))
            for i in range(1000)
        ]
        engine.add(batch_of(given))
        rows = engine.advance(given[-1].arrival_ms).rows
        assert {row.values["c1"] for row in rows} == {0.1}
        most = max(most, engine.groups)
    # 60,000 keys were seen; two seconds of them live.
    assert most <= 4096 + 4 * 2000 + 2 * 2000


def test_exp_avg_halves_the_weight_from_part_to_part() -> None:
    calls = [
        call("EXP_AVG", X, Frame(range_ms=30_000), parameter_ms=10_000, name="a"),
        call("EXP_AVG", X, Frame(rows=1), parameter_ms=10_000, name="b"),
    ]
    times = {0: 8.0, 5000: None, 10_000: 4.0, 19_999: 2.0, 20_000: 1.0, 31_000: 3.0}
    given = [(t, {"i": i, "k": "a", "x": x}) for i, (t, x) in enumerate(times.items())]
    wanted = [
        (0, 8.0, 8.0),
        (1, 8.0, 8.0),
        (2, (4 + 8 / 2) / (1 + 1 / 2), 4.0),  # 10 s old: the part before
        (3, (2 + 4 + 8 / 2) / (2 + 1 / 2), 3.0),
        (4, (1 + 2 + 4 / 2 + 8 / 4) / (2 + 1 / 2 + 1 / 4), 1.5),
        # 8 has left; 11 s, 11.001 s and 21 s old.
        (5, (3 + (1 + 2) / 2 + 4 / 4) / (1 + 2 / 2 + 1 / 4), (3 + 1 / 2) / (1 + 1 / 2)),
    ]
    assert results(in_every_way(over(calls), records(given))) == wanted


def test_unbounded_frames_keep_no_rows() -> None:
    functions = ["SUM", "AVG", "MAX", "MIN", "FIRST_VALUE", "LAST_VALUE", "STDDEV_POP", "COUNT"]
    calls = [call(function, X, Frame(), name=function) for function in functions]
    calls.append(call("LAG", X, Frame(), offset=3, name="lag"))
    calls.append(call("NTH_VALUE", X, Frame(), offset=2, name="nth"))
    engine, sizes = Engine(over(calls)), []
    for batch in range(20):
        given = [
            Record(i, batch * 1000 + i, b'{"i": %d, "k": "%d", "x": %d.5}' % (i, i % 3, -i))
            for i in range(300)
        ]
        engine.add(batch_of(given))
        engine.advance(batch * 1000 + 500)
        sizes.append(len(engine.dump()))
    assert max(sizes) < 1.2 * sizes[0]


def test_several_batches_in_one_step_are_as_one() -> None:
    """More rows at once than the running sums take at a time."""
    plan = over([call("SUM", X, Frame(range_ms=50)), call("AVG", X, Frame(), name="all")])
    given = [Record(i, i // 10, b'{"i": %d, "k": "%d", "x": 0.1}' % (i, i % 7)) for i in range(300)]
    wanted = in_every_order(plan, given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(range_sums, "ROWS_MAX", 20)
        assert repr(in_every_order(plan, given)) == repr(wanted)


def test_control_an_engine_without_order_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks above would prove nothing if rows in the order of their coming passed them."""

    def as_they_come(parts: Sequence[Columns], columns: Sequence[Column], **_: Any) -> Columns:
        return merged(parts, columns, sort=False)

    merged = hold.merged
    monkeypatch.setattr(hold, "merged", as_they_come)
    plan = over([call("LAST_VALUE", X, Frame(), partition=(), name="last")])
    with pytest.raises(AssertionError, match="four_shards"):
        in_every_order(plan, records(some_rows(random.Random(1), 60)))

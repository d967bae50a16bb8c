"""The aggregates of a tumbling window beyond the five common ones: against DuckDB, against exact
fractions, and by hand.
"""

import json
import math
import random
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from analytics_sql.expression import ColumnRef
from analytics_sql.plan import Aggregate, Application, Stream
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, Kind, SqlType
from tests.duckdb_rows import insert
from tests.processor.engine.plans import (
    SOURCE,
    application,
    columns_of,
    project,
    pump,
    scan,
    source,
    tumbling,
    varchar,
)
from tests.processor.engine.runs import Record, in_every_way

COLUMNS: dict[str, SqlType] = {
    "k": varchar(),
    "n": BIGINT,
    "x": DOUBLE,
    "w": varchar(),
    "b": BOOLEAN,
}
K, N, X, W, B = (ColumnRef(name, type) for name, type in COLUMNS.items())
SIZE_MS = 5000


def grouped(*aggregates: Aggregate) -> Application:
    """SELECT k, aggregates GROUP BY k and the window."""
    window = tumbling(scan(SOURCE, COLUMNS), (K,), aggregates, SIZE_MS)
    outputs = [K, *(ColumnRef(a.name, a.type) for a in aggregates)]
    stream = Stream("OUT", columns_of({f"c{i}": o.type for i, o in enumerate(outputs)}))
    return application(source(COLUMNS), [stream], [pump(project(window, *outputs), stream)])


def results(plan: Application, rows: list[tuple[int, dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """ROWTIME and values."""
    given = [Record(i, time, json.dumps(row).encode()) for i, (time, row) in enumerate(rows)]
    outcome = in_every_way(plan, given, together=True)
    return [(row.rowtime_ms, *row.values.values()) for row in outcome.window_rows]


def some_rows(rng: random.Random, values: list[Any]) -> list[tuple[int, dict[str, Any]]]:
    """In the order of time, with several rows of one time."""
    times = sorted(rng.randrange(20_000) for _ in range(80))
    return [
        (
            time,
            {
                "k": rng.choice(["a", "b", None]),
                "n": rng.choice([None, *range(-5, 6)]),
                "x": rng.choice(values),
                "w": rng.choice(["", "Oslo", "Århus", None]),
                "b": rng.choice([True, False, None]),
            },
        )
        for time in times
    ]


CALLS: list[tuple[str, ColumnRef, SqlType, bool, str]] = [
    ("FIRST_VALUE", W, varchar(), False, "first(w ORDER BY i)"),
    ("LAST_VALUE", N, BIGINT, False, "last(n ORDER BY i)"),
    ("FIRST_VALUE", N, BIGINT, True, "any_value(n ORDER BY i)"),
    ("LAST_VALUE", W, varchar(), True, "any_value(w ORDER BY i DESC)"),
    ("LAST_VALUE", B, BOOLEAN, False, "last(b ORDER BY i)"),
    ("ANY", B, BOOLEAN, False, "bool_or(b)"),
    ("EVERY", B, BOOLEAN, False, "bool_and(b)"),
    ("MIN", B, BOOLEAN, False, "min(b)"),
    ("MAX", W, varchar(), False, "max(w)"),
]


@pytest.mark.parametrize("seed", range(5))
def test_edges_and_truths_mean_what_duckdb_says(seed: int) -> None:
    rng = random.Random(seed)
    rows = some_rows(rng, [None, 0.5])
    aggregates = [
        Aggregate(function, argument, type, f"a{i}", ignore_nulls=ignore)  # type: ignore[arg-type]
        for i, (function, argument, type, ignore, _) in enumerate(CALLS)
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE s "
            "(t BIGINT, i BIGINT, k VARCHAR, n BIGINT, x DOUBLE, w VARCHAR, b BOOLEAN)"
        )
        insert(connection, "s", [(t, i, *row.values()) for i, (t, row) in enumerate(rows)])
        texts = ", ".join(text for *_, text in CALLS)
        wanted = connection.execute(
            f"SELECT (t // {SIZE_MS} + 1) * {SIZE_MS} e, k, {texts} FROM s "
            "GROUP BY ALL ORDER BY e, k NULLS FIRST"
        ).fetchall()
    assert results(grouped(*aggregates), rows) == wanted


HARD = [0.1, 0.2, 1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3, -7.0, 1e-9, 5e-324, 1e150, 1e-200, None, 1 / 3]


@pytest.mark.parametrize("function", ["VAR_POP", "VAR_SAMP", "STDDEV_POP", "STDDEV_SAMP"])
@pytest.mark.parametrize("argument", [X, N], ids=["double", "integer"])
def test_moments_are_exact(function: Any, argument: ColumnRef) -> None:
    rng = random.Random(3)
    for hard in (HARD[:5], HARD):
        rows = some_rows(rng, hard)
        rows[0][1]["n"], rows[1][1]["n"] = 2**63 - 1, -(2**62)
        groups: dict[tuple[int, str, Any], list[float]] = {}
        for time, row in rows:
            key = (time // SIZE_MS * SIZE_MS + SIZE_MS, row["k"] or "", row["k"])
            groups.setdefault(key, []).append(row[argument.name])
        wanted = []
        for (end, _, k), values in sorted(groups.items(), key=lambda item: item[0][:2]):
            there = [Fraction(value) for value in values if value is not None]
            divisor = len(there) if function.endswith("POP") else len(there) - 1
            result = None
            if divisor > 0:
                mean = sum(there) / len(there)
                result = float(sum((value - mean) ** 2 for value in there) / divisor)
                result = math.sqrt(result) if function.startswith("STDDEV") else result
            wanted.append((end, k, result))
        plan = grouped(Aggregate(function, argument, DOUBLE, "a"))
        assert list(map(repr, results(plan, rows))) == list(map(repr, wanted))


def test_moments_of_decimals() -> None:
    price = ColumnRef("p", SqlType(Kind.DECIMAL, 10, 2))
    window = tumbling(
        scan(SOURCE, {"p": price.type}), (), (Aggregate("VAR_POP", price, DOUBLE, "a"),), SIZE_MS
    )
    stream = Stream("OUT", columns_of({"a": DOUBLE}))
    query = project(window, ColumnRef("a", DOUBLE))
    plan = application(source({"p": price.type}), [stream], [pump(query, stream)])
    # 1.10, 1.30, 1.50: the mean is 1.30, the squares 0.04, 0, 0.04.
    given = [Record(i, i, b'{"p": %s}' % p) for i, p in enumerate([b"1.10", b"1.30", b"1.50"])]
    (row,) = in_every_way(plan, given).window_rows
    assert row.values == {"a": float(Fraction(8, 300))}


def test_exp_avg_halves_the_weight_from_part_to_part() -> None:
    plan = grouped(Aggregate("EXP_AVG", X, DOUBLE, "a", parameter_ms=2000))
    rows = [
        (0, {"k": "a", "x": 8.0}),  # [-1, 1): a quarter
        (999, {"k": "a", "x": 4.0}),
        (1000, {"k": "a", "x": 2.0}),  # [1, 3): a half
        (1500, {"k": "a", "x": None}),
        (2999, {"k": "a", "x": 6.0}),
        (3000, {"k": "a", "x": 1.0}),  # [3, 5): the last part
        (4000, {"k": "b", "x": None}),
    ]
    # (8 + 4) / 4 + (2 + 6) / 2 + 1 = 8, over 2 / 4 + 2 / 2 + 1 = 2.5.
    assert results(plan, rows) == [(5000, "a", 3.2), (5000, "b", None)]

"""Common SQL, checked by another engine: DuckDB runs the same query over the same rows.

Numbers are small and dyadic, so that DuckDB's sums are exact too: what differs is then the meaning.
"""

import json
import random
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from analytics_sql.expression import (
    Arithmetic,
    ColumnRef,
    Comparison,
    Expression,
    IsNull,
    Literal,
    Logical,
    Not,
)
from analytics_sql.plan import Aggregate, Filter, Stream
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, TIMESTAMP, SqlType
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

COLUMNS: dict[str, SqlType] = {"city": varchar(), "kind": INTEGER, "n": BIGINT, "x": DOUBLE}
CITY, KIND, N, X = (ColumnRef(name, type) for name, type in COLUMNS.items())
CITIES = ["", "Lyon", "Oslo", "Paris", "Århus", "😀", "Å", None]
SIZE_MS = 5000


def given_rows(rng: random.Random) -> list[tuple[int, dict[str, Any]]]:
    """(arrival, values), in order of arrival."""
    times = sorted(rng.randrange(20_000) for _ in range(rng.choice([1, 20, 120])))
    return [
        (
            time,
            {
                "city": rng.choice(CITIES),
                "kind": rng.choice([None, 0, 1, 2, -1]),
                "n": rng.choice([None, *range(-5, 6)]),
                "x": rng.choice([None, 0.0, 0.5, -0.25, 7.125, 100.0]),
            },
        )
        for time in times
    ]


def condition(rng: random.Random, depth: int) -> tuple[Expression, str]:
    """A predicate, as the plan and as SQL."""
    kind = rng.randrange(6 if depth else 3)
    if kind == 0:
        ref, name = rng.choice([(CITY, "city"), (KIND, "kind"), (X, "x")])
        return IsNull(ref), f"({name} IS NULL)"
    if kind == 1:
        symbol, city = rng.choice(["=", "<>", "<", ">="]), rng.choice(CITIES)
        literal = "CAST(NULL AS VARCHAR)" if city is None else f"'{city}'"
        return Comparison(symbol, CITY, Literal(city, varchar())), f"(city {symbol} {literal})"
    if kind == 2:
        symbol, (left, text) = rng.choice(["=", "<>", "<=", ">"]), number(rng)
        right, other = number(rng)
        return Comparison(symbol, left, right), f"({text} {symbol} {other})"
    if kind == 3:
        inner, text = condition(rng, depth - 1)
        return Not(inner), f"(NOT {text})"
    word = rng.choice(["AND", "OR"])
    left, text = condition(rng, depth - 1)
    right, other = condition(rng, depth - 1)
    return Logical(word, left, right), f"({text} {word} {other})"


def number(rng: random.Random) -> tuple[Expression, str]:
    """A number, as the plan and as SQL."""
    ref, name = rng.choice([(KIND, "kind"), (N, "n"), (X, "x")])
    if rng.random() < 0.5:
        return ref, name
    symbol, value = rng.choice(["+", "-", "*"]), rng.choice([2, -3])
    literal = Literal(value, INTEGER)
    type = DOUBLE if ref is X else BIGINT
    return Arithmetic(symbol, ref, literal, type), f"({name} {symbol} {value})"


AGGREGATES: list[tuple[Aggregate, str]] = [
    (Aggregate("COUNT", None, BIGINT, "a"), "count(*)"),
    (Aggregate("COUNT", CITY, BIGINT, "b"), "count(city)"),
    (Aggregate("SUM", N, BIGINT, "c"), "CAST(sum(n) AS BIGINT)"),
    (Aggregate("SUM", X, DOUBLE, "d"), "sum(x)"),
    (Aggregate("AVG", N, DOUBLE, "e"), "avg(n)"),
    (Aggregate("AVG", X, DOUBLE, "f"), "avg(x)"),
    (Aggregate("MIN", CITY, varchar(), "g"), "min(city)"),
    (Aggregate("MAX", CITY, varchar(), "h"), "max(city)"),
    (Aggregate("MIN", X, DOUBLE, "i"), "min(x)"),
    (Aggregate("MAX", KIND, INTEGER, "j"), "max(kind)"),
]


def duckdb_rows(rows: Sequence[tuple[int, dict[str, Any]]], query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE s (t BIGINT, city VARCHAR, kind INTEGER, n BIGINT, x DOUBLE)"
        )
        insert(connection, "s", [(t, *row.values()) for t, row in rows])
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("seed", range(20))
def test_filters_and_tumbling_groups_mean_what_duckdb_says(seed: int) -> None:
    rng = random.Random(seed)
    rows = given_rows(rng)
    predicate, where = condition(rng, 3)
    keys = rng.sample([(CITY, "city"), (KIND, "kind"), (X, "x")], rng.randrange(4))
    names = [name for _, name in keys]
    chosen = rng.sample(AGGREGATES, 5)
    window = tumbling(
        Filter(scan(SOURCE, COLUMNS), predicate),
        tuple(ref for ref, _ in keys),
        tuple(aggregate for aggregate, _ in chosen),
        SIZE_MS,
    )
    outputs = [ColumnRef(column.name, column.type) for column in window.columns]
    types = {f"c{i}": column.type for i, column in enumerate(window.columns)}
    stream = Stream("OUT", columns_of(types))
    plan = application(source(COLUMNS), [stream], [pump(project(window, *outputs), stream)])
    records = [Record(i, t, json.dumps(row).encode()) for i, (t, row) in enumerate(rows)]

    outcome = in_every_way(plan, records)

    columns = [f"t // {SIZE_MS}", *names]
    order = ", ".join(f"{name} NULLS FIRST" for name in columns)
    wanted = ", ".join([f"t // {SIZE_MS} * {SIZE_MS}", *names, *(text for _, text in chosen)])
    groups = ", ".join(columns)
    query = f"SELECT {wanted} FROM s WHERE {where} GROUP BY {groups} ORDER BY {order}"
    got = [tuple(row.values.values())[1:] for row in outcome.window_rows]
    starts = [row.rowtime_ms - SIZE_MS for row in outcome.window_rows]
    found = duckdb_rows(rows, query)
    assert got == [row[1:] for row in found]
    assert starts == [row[0] for row in found]
    assert types["c0"] == TIMESTAMP

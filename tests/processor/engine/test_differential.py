"""Random plans over random records: the engine, in every way, against plain Python over rows."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from analytics_sql.expression import (
    Arithmetic,
    ColumnRef,
    Comparison,
    Expression,
    InputRowTime,
    IsNull,
    Literal,
    Logical,
    Not,
    RowTime,
)
from analytics_sql.plan import Aggregate, Application, Filter, Node, Stream, Tumble
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType
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
from tests.processor.engine.reference import expected
from tests.processor.engine.runs import Outcome, Record, in_every_way

TINYINT = SqlType(Kind.TINYINT)
COLUMNS: dict[str, SqlType] = {
    "tiny": TINYINT,
    "small": SMALLINT,
    "whole": INTEGER,
    "big": BIGINT,
    "real": DOUBLE,
    "flag": BOOLEAN,
    "at": TIMESTAMP,
    "word": varchar(3),
}
NUMBERS = [name for name, type in COLUMNS.items() if type.is_numeric]
TEXTS = ["", "a", "b", "ab", "é", "longer than three"]
TIMES = ["2026-01-01", "2026-01-01 00:00:01.5", "2026-01-01 00:00:01.500", "1969-12-31 23:59:59"]
DOUBLES = [0.0, -0.0, 0.1, 0.2, 0.3, 1.5, 2.5, -2.5, 1e16, -1e16, 1e-9, 1e308, 32767.5, 1e300]
INTEGERS = [0, 1, 2, 3, -1, 127, -128, 128, 32767, 32768, 2**31 - 1, 2**62, -(2**63), 2**63 - 1]


def field(rng: random.Random, name: str) -> Any:
    """What a record may hold: mostly what fits, now and then what has to be converted or does not
    fit at all.
    """
    type = COLUMNS[name]
    luck = rng.random()
    if luck < 0.1:
        return None
    if luck < 0.12:
        return rng.choice(["5", "x", 1e2, True, [1], {"a": 1}])
    if type.is_integer:
        low, high = type.integer_range
        return rng.choice([n for n in INTEGERS if low <= n <= high])
    if type.kind is Kind.DOUBLE:
        return rng.choice([*DOUBLES, rng.uniform(-100, 100), rng.uniform(-100, 100)])
    if type.kind is Kind.BOOLEAN:
        return rng.random() < 0.5
    return rng.choice(TIMES if type == TIMESTAMP else TEXTS)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """Some records; a seed makes them, as what matters is that there are many of all sorts."""
    rng = random.Random(draw(st.integers(0, 1 << 32)))
    arrival_ms, out = draw(st.integers(-3, 3)) * 1000, []
    for number in range(draw(st.integers(1, 40))):
        names = rng.sample(sorted(COLUMNS), rng.choice([8, 8, 8, 5]))
        arrival_ms += rng.choice([0, 0, 1, 300, 999, 2500])
        data = json.dumps({name: field(rng, name) for name in names}).encode()
        out.append(Record(number, arrival_ms, data))
    return out


def refs(columns: dict[str, SqlType], *, numeric: bool = False) -> st.SearchStrategy[Expression]:
    names = [name for name, type in columns.items() if type.is_numeric or not numeric]
    return st.sampled_from([ColumnRef(name, columns[name]) for name in names])


@st.composite
def numbers(draw: st.DrawFn, columns: dict[str, SqlType], depth: int = 2) -> Expression:
    """An arithmetic expression."""
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            return draw(refs(columns, numeric=True))
        value = draw(st.sampled_from([0, 1, 3, -7]) | st.sampled_from([0.5, -1.0]))
        return Literal(value, INTEGER if isinstance(value, int) else DOUBLE)
    left, right = draw(numbers(columns, depth - 1)), draw(numbers(columns, depth - 1))
    whole = left.type.is_integer and right.type.is_integer
    type = draw(st.sampled_from([SMALLINT, INTEGER, BIGINT])) if whole else DOUBLE
    return Arithmetic(draw(st.sampled_from(["+", "-", "*"])), left, right, type)


@st.composite
def conditions(draw: st.DrawFn, columns: dict[str, SqlType], depth: int = 3) -> Expression:
    """A predicate."""
    kind = draw(st.integers(0, 6 if depth else 3))
    symbol = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
    if kind == 0:
        return IsNull(draw(refs(columns) | numbers(columns)))
    if kind == 1:
        return Comparison(symbol, draw(numbers(columns)), draw(numbers(columns)))
    if kind == 2:
        text = ColumnRef("word", columns["word"])
        other = draw(st.sampled_from([*TEXTS, None]))
        sides = [text, text if draw(st.booleans()) else Literal(other, varchar())]
        left, right = sides if draw(st.booleans()) else reversed(sides)
        return Comparison(symbol, left, right)
    if kind == 3:
        return Comparison(symbol, ColumnRef("at", TIMESTAMP), InputRowTime())
    if kind == 4:
        return Not(draw(conditions(columns, depth - 1)))
    operator = draw(st.sampled_from(["AND", "OR"]))
    return Logical(
        operator, draw(conditions(columns, depth - 1)), draw(conditions(columns, depth - 1))
    )


@st.composite
def tumbles(draw: st.DrawFn, node: Node, columns: dict[str, SqlType]) -> Tumble:
    keys = draw(st.lists(st.sampled_from(sorted(columns)), max_size=3, unique=True))
    aggregates = [Aggregate("COUNT", None, BIGINT, "rows")]
    for i in range(draw(st.integers(0, 4))):
        function = draw(st.sampled_from(["SUM", "AVG", "MIN", "MAX", "COUNT"]))
        argument = draw(
            numbers(columns) if function in ("SUM", "AVG") else numbers(columns) | refs(columns)
        )
        if argument.type == BOOLEAN and function != "COUNT":
            continue
        type = argument.type
        if function in ("SUM", "COUNT") and (type.is_integer or function == "COUNT"):
            type = BIGINT
        if function == "AVG" and type.is_integer and draw(st.booleans()):
            type = DOUBLE
        aggregates.append(Aggregate(function, argument, type, f"aggregate {i}"))
    refs_of_keys = tuple(ColumnRef(name, columns[name]) for name in keys)
    size_ms = draw(st.sampled_from([1000, 3000]))
    return tumbling(node, refs_of_keys, tuple(aggregates), size_ms)


def targets(draw: st.DrawFn, types: list[SqlType]) -> dict[str, SqlType]:
    """Columns that take these types, often too narrow for a value."""
    chosen = {}
    for i, type in enumerate(types):
        if type.is_numeric:
            type = draw(st.sampled_from([TINYINT, SMALLINT, INTEGER, BIGINT, DOUBLE]))
        elif type.is_text:
            type = draw(st.sampled_from([varchar(), varchar(1), varchar(3)]))
        chosen[f"column {i}"] = type
    return chosen | {"nobody fills": SMALLINT}


@st.composite
def applications(draw: st.DrawFn) -> Application:
    """One pump from the source, with a window or without, and now and then one that reads it."""
    node: Node = scan(SOURCE, COLUMNS)
    if draw(st.booleans()):
        node = Filter(node, draw(conditions(COLUMNS)))
    if draw(st.booleans()):
        node = draw(tumbles(node, COLUMNS))
        expressions: list[Expression] = [ColumnRef(c.name, c.type) for c in node.columns]
        if draw(st.booleans()):
            rows = ColumnRef("rows", BIGINT)
            node = Filter(node, Comparison(">", rows, Literal(1, INTEGER)))
    else:
        expressions = [draw(numbers(COLUMNS)), ColumnRef("word", COLUMNS["word"])]
    expressions.append(RowTime())
    types = targets(draw, [e.type for e in expressions])
    first = Stream("FIRST", columns_of(types))
    pumps, streams = [pump(project(node, *expressions), first, "ONE")], [first]
    readable = {name: type for name, type in types.items() if type != BOOLEAN}
    if draw(st.booleans()):
        keys = tuple(ColumnRef(n, readable[n]) for n in draw(st.sets(st.sampled_from([*readable]))))
        second = Stream("SECOND", columns_of({"n": BIGINT, "end": TIMESTAMP}))
        count = Aggregate("COUNT", None, BIGINT, "n")
        window = tumbling(scan("FIRST", types), keys, (count,), 2000)
        pumps.append(pump(project(window, ColumnRef("n", BIGINT), RowTime()), second, "TWO"))
        streams.append(second)
    return application(source(COLUMNS), streams, pumps)


def compare(outcome: Outcome, plan: Application, given: list[Record]) -> None:
    want = expected(plan, given)
    rows = [*outcome.plain_rows, *outcome.window_rows]
    got = {row.id: (row.stream, row.rowtime_ms, dict(row.values)) for row in rows}
    assert len(got) == len(rows)
    assert {i: repr(v) for i, v in got.items()} == {i: repr(v) for i, v in want.rows.items()}
    letters = []
    for letter in outcome.letters:
        text = letter.data.decode("latin-1" if letter.stage == "decode" else "utf-8")
        if letter.stage != "decode":
            text = json.dumps(json.loads(text))
        letters.append((letter.stage, letter.sequence_number, letter.arrival_ms, text))
    assert sorted(letters) == sorted(want.letters)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(applications(), records())
def test_any_plan_means_what_plain_python_says(plan: Application, given: list[Record]) -> None:
    compare(in_every_way(plan, given), plan, given)


@pytest.mark.long
@settings(max_examples=2_000, deadline=None, database=None)
@given(applications(), records())
def test_many_plans_mean_what_plain_python_says(plan: Application, given: list[Record]) -> None:
    compare(in_every_way(plan, given), plan, given)

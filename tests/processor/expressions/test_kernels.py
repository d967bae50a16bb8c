"""What NumPy computes for a column is what the function says of each value."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from analytics_sql.expression import Call, ColumnRef, Expression, Literal
from analytics_sql.functions import SCALARS
from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    SMALLINT,
    TIME,
    TIMESTAMP,
    VARCHAR,
    Kind,
    SqlType,
)
from processor.columns import vector_of
from processor.expressions.kernels import kernel_of

TIMES = st.integers(-62_135_596_800_000, 253_402_300_799_999)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
DECIMAL = SqlType(Kind.DECIMAL, 10, 3)
UNITS = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"]

OF_ONE: list[tuple[str, SqlType, st.SearchStrategy[Any]]] = [
    ("ABS", SMALLINT, st.integers(-32768, 32767)),
    ("ABS", BIGINT, INTEGERS),
    ("ABS", DECIMAL, st.integers(-(10**10) + 1, 10**10 - 1)),
    ("ABS", DOUBLE, st.floats(allow_nan=False, allow_infinity=False)),
    ("FLOOR", BIGINT, INTEGERS),
    ("FLOOR", DECIMAL, st.integers(-(10**10) + 1, 10**10 - 1)),
    ("FLOOR", DOUBLE, st.floats(allow_nan=False, allow_infinity=False)),
    ("CEIL", DECIMAL, st.integers(-(10**10) + 1, 10**10 - 1)),
    ("CEIL", DOUBLE, st.floats(allow_nan=False, allow_infinity=False)),
    ("SQRT", DOUBLE, st.floats(allow_nan=False, allow_infinity=False)),
    ("EXTRACT SECOND", TIMESTAMP, TIMES),
    ("UNIX_TIMESTAMP", TIMESTAMP, TIMES),
    ("TO_TIMESTAMP", BIGINT, INTEGERS),
    ("IS TRUE", BOOLEAN, st.booleans()),
    ("IS FALSE", BOOLEAN, st.booleans()),
]


def check(name: str, arguments: tuple[Expression, ...], columns: list[list[Any]]) -> None:
    """The kernel against the function, over columns of plain values."""
    function = SCALARS[name]
    types = tuple(argument.type for argument in arguments)
    call = Call(name, arguments, function.result(types))
    kernel = kernel_of(call)
    assert kernel is not None
    vectors = [vector_of(values, type) for values, type in zip(columns, types, strict=True)]
    result = kernel(vectors)
    got = result.to_list()
    for row, values in enumerate(zip(*columns, strict=True)):
        if function.strict and None in values:
            assert got[row] is None
            assert row not in result.failed
            continue
        want, reason = None, None
        try:
            want = function.meaning(*([types] if function.typed else []), *values)
        except ValueError as error:
            reason = str(error)
        assert result.failed.get(row) == reason
        assert reason is not None or got[row] == want, values


@pytest.mark.parametrize(("name", "type", "values"), OF_ONE, ids=lambda value: str(value)[:20])
def test_of_one_value(name: str, type: SqlType, values: st.SearchStrategy[Any]) -> None:
    @settings(max_examples=40, derandomize=True, deadline=None, database=None)
    @given(st.lists(st.none() | values, max_size=20))
    def agrees(column: list[Any]) -> None:
        check(name, (ColumnRef("a", type),), [column])

    agrees()


@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(st.lists(st.none() | TIMES, max_size=20))
def test_units(unit: str, times: list[int | None]) -> None:
    column, word = ColumnRef("a", TIMESTAMP), Literal(unit, VARCHAR)
    words = [unit] * len(times)
    check("FLOOR TO", (column, word), [times, words])
    if unit not in ("YEAR", "MONTH"):
        check("CEIL TO", (column, word), [times, words])
    if unit != "SECOND":
        check("EXTRACT", (word, column), [words, times])
        days = [None if t is None else t // 86_400_000 * 86_400_000 for t in times]
        check("EXTRACT", (word, ColumnRef("a", DATE)), [words, days])


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.none() | TIMES, st.none() | TIMES), max_size=20), st.integers(1, 10**9)
)
def test_differences_and_steps(pairs: list[tuple[int | None, int | None]], width: int) -> None:
    ones, others = [one for one, _ in pairs], [other for _, other in pairs]
    column = ColumnRef("a", TIMESTAMP)
    check("TSDIFF", (column, ColumnRef("b", TIMESTAMP)), [ones, others])
    check("STEP", (column, Literal(width, DAY_TO_SECOND)), [ones, [width] * len(ones)])
    integers = ColumnRef("a", BIGINT)
    check("STEP NUMBER", (integers, Literal(width, BIGINT)), [ones, [width] * len(ones)])


@pytest.mark.parametrize("name", ["TIMESTAMP_TO_CHAR", "DATE_TO_CHAR", "TIME_TO_CHAR"])
@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(
    st.lists(st.none() | TIMES, max_size=20),
    st.lists(
        st.sampled_from(["yyyy", "MM", "dd", "HH", "mm", "ss", "SSS", "'at '", ":", "/", "''"]),
        min_size=1,
        max_size=6,
    ).map("-".join),
)
def test_times_as_text(name: str, times: list[int | None], pattern: str) -> None:
    types = {"TIMESTAMP_TO_CHAR": TIMESTAMP, "DATE_TO_CHAR": DATE, "TIME_TO_CHAR": TIME}
    word, column = Literal(pattern, VARCHAR), ColumnRef("a", types[name])
    check(name, (word, column), [[pattern] * len(times), times])

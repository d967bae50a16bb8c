"""+, - and * against Python's own integers and floats."""

import itertools
import math
import operator

import pytest

from analytics_sql.types import BIGINT, DOUBLE, SMALLINT, SqlType
from processor.columns import Vector, vector_of
from processor.expressions.arithmetic import arithmetic

COMPUTE = {"+": operator.add, "-": operator.sub, "*": operator.mul}
EDGES = [0, 1, -1, 2, -2, 3, 181, 182, 32767, -32768, 2**31, -(2**31), 3037000499, 3037000500]
EDGES += [2**62, -(2**62), 2**63 - 1, -(2**63), 2**62 - 1, -(2**62) - 1, 4294967296]


@pytest.mark.parametrize("type", [SMALLINT, BIGINT], ids=str)
@pytest.mark.parametrize("symbol", COMPUTE)
def test_integers_never_wrap(symbol: str, type: SqlType) -> None:
    pairs = list(itertools.product(EDGES, EDGES))
    left = vector_of([a for a, _ in pairs], BIGINT)
    right = vector_of([b for _, b in pairs], BIGINT)
    result = arithmetic(symbol, BIGINT, BIGINT, type)(left, right)
    smallest, largest = type.integer_range
    for row, (a, b) in enumerate(pairs):
        want = COMPUTE[symbol](a, b)
        if smallest <= want <= largest:
            assert row not in result.failed, (a, b)
            assert result.values[row] == want
        else:
            assert result.failed[row] == f"{symbol} overflows {type}", (a, b)


def test_doubles_are_python_s_and_never_infinite() -> None:
    numbers = [0.0, 0.1, 1e308, -1e308, 5e-324, -3.5, 1e-200]
    pairs = list(itertools.product(numbers, numbers))
    for symbol, compute in COMPUTE.items():
        left = vector_of([a for a, _ in pairs], DOUBLE)
        right = vector_of([b for _, b in pairs], DOUBLE)
        result = arithmetic(symbol, DOUBLE, DOUBLE, DOUBLE)(left, right)
        for row, (a, b) in enumerate(pairs):
            want = compute(a, b)
            assert (row in result.failed) == math.isinf(want)
            assert row in result.failed or result.values[row] == want
            assert math.copysign(1, result.values[row]) == 1 or want < 0, "no -0.0"


def test_null_gives_null_whatever_stands_beneath() -> None:
    left = vector_of([None, 5, None], BIGINT)
    huge = Vector(vector_of([2**63 - 1] * 3, BIGINT).values + 0, left.null)
    result = arithmetic("+", BIGINT, BIGINT, BIGINT)(huge, vector_of([1, -1, None], BIGINT))
    assert result.to_list() == [None, 2**63 - 2, None]
    assert result.failed == {}


def test_integers_meet_doubles_as_doubles() -> None:
    combine = arithmetic("*", SMALLINT, DOUBLE, DOUBLE)
    result = combine(vector_of([3, None], SMALLINT), vector_of([0.5, 1.0], DOUBLE))
    assert result.to_list() == [1.5, None]


def test_a_failure_inside_stays_the_reason() -> None:
    inner = Vector(vector_of([1, 2], BIGINT).values, failed={1: "inner"})
    result = arithmetic("*", BIGINT, BIGINT, SMALLINT)(inner, vector_of([40_000, 40_000], BIGINT))
    assert result.failed == {0: "* overflows SMALLINT", 1: "inner"}

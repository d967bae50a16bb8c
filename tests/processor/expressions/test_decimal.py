"""Arithmetic, comparison and CAST of decimals against Python's exact fractions, up to the edges of
64 bits.
"""

import operator
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings, strategies as st

from analytics_sql.binding.conversion import arithmetic_type
from analytics_sql.types import BIGINT, Kind, SqlType
from processor.columns import vector_of
from processor.expressions.arithmetic import arithmetic
from processor.expressions.cast import cast
from processor.expressions.comparison import comparison

MOST = 2**63 - 1
COMPUTE = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
COMPARE = {"=": operator.eq, "<": operator.lt, ">=": operator.ge}


@st.composite
def decimals(draw: st.DrawFn) -> tuple[SqlType, int]:
    """A type, and a value of it without its point."""
    if draw(st.booleans()) and draw(st.booleans()):
        return BIGINT, draw(st.integers(-MOST, MOST))
    precision = draw(st.integers(1, 19))
    most = min(10**precision - 1, MOST)
    unscaled = st.integers(-most, most) | st.sampled_from([0, 1, -1, most, -most])
    return SqlType(Kind.DECIMAL, precision, draw(st.integers(0, precision))), draw(unscaled)


def exact(type: SqlType, unscaled: int) -> Fraction:
    return Fraction(unscaled, 10 ** type.digits[1])


def rounded(number: Fraction, scale: int) -> int:
    """Without its point; halves away from zero."""
    half_up: int = floor(abs(number) * 10**scale + Fraction(1, 2))
    return half_up if number >= 0 else -half_up


@pytest.mark.parametrize("symbol", COMPUTE)
@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(decimals(), decimals())
def test_arithmetic(symbol: str, one: tuple[SqlType, int], other: tuple[SqlType, int]) -> None:
    (left, a), (right, b) = one, other
    type = arithmetic_type(symbol, left, right)
    assert type is not None
    result = arithmetic(symbol, left, right, type)(vector_of([a], left), vector_of([b], right))
    if symbol == "/" and b == 0:
        assert result.failed == {0: "division by zero"}
        return
    if type.is_integer:
        return
    want = rounded(COMPUTE[symbol](exact(left, a), exact(right, b)), type.digits[1])
    if abs(want) > min(10 ** type.digits[0] - 1, MOST):
        assert result.failed == {0: f"{symbol} overflows {type}"}
    else:
        assert not result.failed
        assert result.to_list() == [want]


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(decimals(), decimals())
def test_comparison(one: tuple[SqlType, int], other: tuple[SqlType, int]) -> None:
    (left, a), (right, b) = one, other
    for symbol, compare in COMPARE.items():
        result = comparison(symbol, left, right)(vector_of([a], left), vector_of([b], right))
        assert result.to_list() == [compare(exact(left, a), exact(right, b))]


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(decimals(), decimals())
def test_cast(one: tuple[SqlType, int], other: tuple[SqlType, int]) -> None:
    (source, a), (target, _) = one, other
    result = cast(source, target)(vector_of([a], source))
    want = rounded(exact(source, a), target.digits[1])
    most = MOST if target.is_integer else min(10 ** target.digits[0] - 1, MOST)
    if abs(want) > most:
        assert list(result.failed) == [0]
    else:
        assert result.to_list() == [want]

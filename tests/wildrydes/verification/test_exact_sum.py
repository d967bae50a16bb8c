"""Exact, and rounded once: the same as fractions say."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from wildrydes.verification.exact_sum import exact_mean, exact_sum

DOUBLES = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20)


def nearest(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return float("inf") if exact > 0 else float("-inf")


@given(DOUBLES)
def test_sums_and_means(values: list[float]) -> None:
    exact = sum(map(Fraction, values), Fraction(0))
    assert exact_sum(values) == nearest(exact)
    assert exact_mean(values) == nearest(exact / len(values))


@pytest.mark.parametrize("values", [[0.1] * 10, [1e16, 1.0, -1e16], [1e308, 1e308, -1e308]])
def test_where_the_usual_sum_is_wrong(values: list[float]) -> None:
    assert exact_sum(values) == nearest(sum(map(Fraction, values), Fraction(0)))
    assert sum(values) != exact_sum(values)

"""Three truth values, and failures among them."""

import numpy as np
import pytest

from analytics_sql.types import BOOLEAN
from processor.columns import Vector, vector_of
from processor.expressions.logic import conjunction, disjunction, is_null, negation

FAILS = "fails"
"""Stands for a value that could not be computed."""
T, F, N = True, False, None


def vector(values: list[bool | str | None]) -> Vector:
    failed = {i: "why" for i, value in enumerate(values) if value == FAILS}
    # What stands in the array of a value that failed is anything.
    plain = vector_of([True if value == FAILS else value for value in values], BOOLEAN)
    return Vector(plain.values, plain.null, failed=failed)


def values_of(vector: Vector) -> list[bool | str | None]:
    return [FAILS if i in vector.failed else v for i, v in enumerate(vector.to_list())]


SIDES = [T, F, N, FAILS]
LEFT: list[bool | str | None] = [a for a in SIDES for _ in SIDES]
RIGHT: list[bool | str | None] = SIDES * 4


def test_and() -> None:
    want = [T, F, N, FAILS, F, F, F, F, N, F, N, FAILS, FAILS, F, FAILS, FAILS]
    assert values_of(conjunction(vector(LEFT), vector(RIGHT))) == want


def test_or() -> None:
    want = [T, T, T, T, T, F, N, FAILS, T, N, N, FAILS, T, FAILS, FAILS, FAILS]
    assert values_of(disjunction(vector(LEFT), vector(RIGHT))) == want


def test_not() -> None:
    assert values_of(negation(vector(list(SIDES)))) == [F, T, N, FAILS]


def test_is_null() -> None:
    assert values_of(is_null(vector(list(SIDES)))) == [F, F, T, FAILS]
    assert values_of(is_null(vector([T, F]))) == [F, F]


@pytest.mark.parametrize("combine", [conjunction, disjunction])
def test_false_where_unknown(combine: object) -> None:
    assert callable(combine)
    result = combine(vector(LEFT), vector(RIGHT))
    assert result.null is not None
    assert not np.any(result.values & result.null)


def test_the_left_reason_is_told() -> None:
    left = Vector(np.array([True]), failed={0: "left"})
    right = Vector(np.array([True]), failed={0: "right"})
    assert conjunction(left, right).failed == {0: "left"}

"""AND, OR, NOT and IS NULL over three truth values.

A BOOLEAN vector is true where `values` is, unknown where `null` is, and false elsewhere. A value
that failed counts as unknown, and stays a failure unless the other side decides the matter: FALSE
AND x is FALSE whatever x is, in whichever order the two are written.
"""

from collections.abc import Mapping

import numpy as np

from processor.columns import Mask, Vector
from processor.expressions.failure import failures_of


def conjunction(left: Vector, right: Vector) -> Vector:
    """AND."""
    true = _is_true(left) & _is_true(right)
    false = _is_false(left) | _is_false(right)
    return Vector(true, _unknown(true | false), failed=_undecided(left, right, false))


def disjunction(left: Vector, right: Vector) -> Vector:
    """OR."""
    true = _is_true(left) | _is_true(right)
    false = _is_false(left) & _is_false(right)
    return Vector(true, _unknown(true | false), failed=_undecided(left, right, true))


def negation(operand: Vector) -> Vector:
    """NOT."""
    return Vector(_is_false(operand), operand.null, failed=operand.failed)


def is_null(operand: Vector) -> Vector:
    """IS NULL, which is never unknown."""
    null = operand.nulls()
    if null is None:
        null = np.zeros(len(operand), np.bool_)
    return Vector(null, failed=operand.failed)


def _is_true(vector: Vector) -> Mask:
    true: Mask = vector.values
    return _without(true.copy(), vector.failed) if vector.failed else true


def _is_false(vector: Vector) -> Mask:
    false: Mask = ~vector.values
    if vector.null is not None:
        false &= ~vector.null
    return _without(false, vector.failed)


def _without(mask: Mask, failed: Mapping[int, str]) -> Mask:
    if failed:
        mask[list(failed)] = False
    return mask


def _unknown(known: Mask) -> Mask | None:
    return None if known.all() else ~known


def _undecided(left: Vector, right: Vector, decided: Mask) -> Mapping[int, str]:
    failed = failures_of(left, right)
    return {row: why for row, why in failed.items() if not decided[row]} if failed else failed

"""Sums of DOUBLEs against math.fsum, which is exact as well and made in another way."""

import math
import random
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from processor.columns import Vector
from processor.operators import double_sum
from processor.operators.double_sum import LARGEST, DoubleSum

KINDS: dict[str, Callable[[random.Random], float]] = {
    "metres": lambda rng: rng.uniform(29, 31),
    "signs": lambda rng: rng.uniform(-60, 60),
    "integers": lambda rng: float(rng.randint(-(10**15), 10**15)),
    "small": lambda rng: rng.uniform(-1, 1) * 2.0 ** rng.randint(-1074, -20),
    "large": lambda rng: rng.uniform(-1, 1) * 2.0 ** rng.randint(30, 900),
    "at the limit": lambda rng: rng.choice([-1, 1]) * np.nextafter(LARGEST, rng.choice([0, 1e300])),
    # Sums end half-way between two DOUBLEs: the worst case for rounding.
    "ties": lambda rng: rng.choice([2.0**53, -(2.0**53), 1.0, 1.0, 2.0**-84, -(2.0**-84)]),
    "wide": lambda rng: rng.choice([2.0**40, -(2.0**40), 2.0**-84, 3.0, 2.0**-40, -(2.0**-13)]),
}


def summed(values: list[float], groups: list[int], rng: random.Random) -> DoubleSum:
    """The sums, made in batches of any size with now and then a restart."""
    total, at = DoubleSum(), 0
    total.grow(8)
    while at < len(values):
        end = at + rng.randint(1, len(values))
        part = slice(at, end)
        total.add(np.array(groups[part]), Vector(np.array(values[part]) + 0.0))
        at = end
        if rng.random() < 0.3:
            state, every = total.dump(np.arange(4)), np.arange(4)
            total = DoubleSum()
            total.grow(4)
            total.load(every, state)
            assert total.dump(every) == state
    return total


@pytest.mark.parametrize("kind", KINDS)
def test_sums_are_what_fsum_gives(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(kind)
    for carry_rows in (1 << 20, 3):
        # Carrying after every few rows must not show.
        monkeypatch.setattr(double_sum, "CARRY_ROWS", carry_rows)
        for _ in range(60):
            count = rng.choice([1, 2, 7, 60])
            values = [KINDS[kind](rng) for _ in range(count)]
            groups = [rng.randrange(3) for _ in values]
            total = summed(values, groups, rng)
            sums = total.sums(np.arange(3)).values.tolist()
            for group in range(3):
                members = [v for v, g in zip(values, groups, strict=True) if g == group]
                assert sums[group] == math.fsum(members), members
            counts = [max(1, groups.count(group)) for group in range(3)]
            means = total.means(np.arange(3), np.array(counts)).values.tolist()
            for group in range(3):
                exact = sum(
                    (Fraction(v) for v, g in zip(values, groups, strict=True) if g == group),
                    Fraction(0),
                )
                assert means[group] == float(exact / counts[group])


@pytest.mark.parametrize(
    "values",
    [
        # The middle limbs add up to more than a DOUBLE holds exactly.
        [*[0.25] * 8192, 2.0**-42, 2.0**-84],
        # So do the upper ones.
        [2.0**40 + 3 + i % 7 / 8 for i in range(10_000)],
        # Half-way between two DOUBLEs but for the last limb, which decides.
        [*[2.0**40] * 4096, 0.5, 2.0**-84],
        [*[2.0**40] * 4096, 1.5, -(2.0**-84)],
        [*[2.0**40] * 4096, 0.5],
        [*[-(2.0**40)] * 4096, -0.5, -(2.0**-84)],
    ],
    ids=["middle", "upper", "above a tie", "below a tie", "a tie", "beneath a tie"],
)
def test_large_sums_are_rounded_once(values: list[float]) -> None:
    total, at = DoubleSum(), np.zeros(1, np.int64)
    total.grow(1)
    total.add(np.zeros(len(values), np.int64), Vector(np.array(values)))
    assert total.sums(at).values.tolist() == [math.fsum(values)]


def test_many_of_the_largest_values_do_not_wrap() -> None:
    total, groups = DoubleSum(), np.zeros(1 << 20, np.int64)
    total.grow(1)
    value = LARGEST - 1.25
    for _ in range(5):
        total.add(groups, Vector(np.full(len(groups), value)))
    (got,) = total.sums(np.zeros(1, np.int64)).values.tolist()
    assert got == float(Fraction(value) * 5 * len(groups))


def test_a_sum_beyond_the_largest_double_fails_alone() -> None:
    total = DoubleSum()
    total.grow(2)
    total.add(np.array([0, 1, 0]), Vector(np.array([1.7e308, 2.5, 1.7e308])))
    sums = total.sums(np.array([1, 0]))
    assert sums.failed == {1: "the sum overflows DOUBLE"}
    assert sums.values[0] == 2.5
    total.add(np.array([0]), Vector(np.array([-1.7e308])))
    assert total.sums(np.array([0])).values.tolist() == [1.7e308]

"""Positions and cutting batches."""

import numpy as np
import pytest

from fleet.batch import SHARD_END, Batch, earlier, later


def batch(*numbers: str) -> Batch:
    return Batch(
        "s",
        [n.encode() for n in numbers],
        np.array([int(n) for n in numbers], np.int64),
        list(numbers),
        ["k"] * len(numbers),
        numbers[-1] if numbers else None,
    )


@pytest.mark.parametrize(
    ("position", "left"),
    [
        (None, ["8", "9", "10", "11"]),
        ("7", ["8", "9", "10", "11"]),
        ("9", ["10", "11"]),  # as numbers: as text, "10" comes before "9"
        ("11", []),
        ("200", []),
        (SHARD_END, []),
    ],
)
def test_after_leaves_what_comes_later(position: str | None, left: list[str]) -> None:
    rest = batch("8", "9", "10", "11").after(position)
    assert rest.sequence_numbers == left
    assert rest.records == [n.encode() for n in left]
    assert rest.arrival_ms.tolist() == [int(n) for n in left]
    assert len(rest.partition_keys) == len(left)
    assert rest.position == "11"


@pytest.mark.parametrize(
    ("one", "other", "first", "last"),
    [
        ("9", "10", "9", "10"),
        (None, "10", None, "10"),
        (None, None, None, None),
        ("9", SHARD_END, "9", SHARD_END),
        (SHARD_END, SHARD_END, SHARD_END, SHARD_END),
    ],
)
def test_earlier_and_later(
    one: str | None, other: str | None, first: str | None, last: str | None
) -> None:
    assert earlier(one, other) == earlier(other, one) == first
    assert later(one, other) == later(other, one) == last

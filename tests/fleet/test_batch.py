"""Positions and cutting batches."""

from dataclasses import replace

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


def test_the_end_of_a_shard_is_news_once() -> None:
    """A shard that is read again, for a sink that held records back, tells no time any more."""
    end = replace(batch("8", "9"), position=SHARD_END, tip_ms=5, children=("t",))
    assert end.after("8").children == ("t",)
    used = end.after(SHARD_END)
    assert (used.records, used.tip_ms, used.children) == ([], None, ())
    assert replace(batch(), tip_ms=5).after(SHARD_END).tip_ms is None

"""The clock of several shards, by hand-worked histories."""

import numpy as np

from fleet.batch import SHARD_END, Batch
from processor.watermark import BEGINNING_MS, Watermark


def batch(
    shard: str,
    *arrivals_ms: int,
    tip_ms: int | None = None,
    children: tuple[str, ...] | None = None,
) -> Batch:
    n = len(arrivals_ms)
    return Batch(
        shard_id=shard,
        records=[b"{}"] * n,
        arrival_ms=np.array(arrivals_ms, np.int64),
        sequence_numbers=[str(i) for i in range(1, n + 1)],
        partition_keys=[""] * n,
        position=SHARD_END if children is not None else "1",
        tip_ms=tip_ms,
        children=children or (),
    )


def test_it_is_the_minimum_over_the_shards() -> None:
    watermark = Watermark({"a", "b"}, {})
    watermark.observe(batch("a", 100, 250))
    assert watermark.now_ms == BEGINNING_MS  # nothing is known of b yet
    watermark.observe(batch("b", 90))
    assert watermark.now_ms == 90
    watermark.observe(batch("b", 300))
    assert watermark.now_ms == 250


def test_a_silent_shard_at_its_tip_moves_on() -> None:
    watermark = Watermark({"a", "b"}, {})
    watermark.observe(batch("a", 60_500))
    watermark.observe(batch("b", tip_ms=60_000))
    assert watermark.now_ms == 60_000
    watermark.observe(batch("b", tip_ms=61_000))
    assert watermark.now_ms == 60_500


def test_it_never_goes_back() -> None:
    watermark = Watermark({"a"}, {"a": 500})
    assert watermark.now_ms == 500
    watermark.observe(batch("a", 100, 200))  # read again for a sink that had held records back
    assert watermark.now_ms == 500
    assert watermark.clocks_ms == {"a": 500}


def test_a_split_hands_the_time_to_both_children() -> None:
    watermark = Watermark({"a"}, {})
    watermark.observe(batch("a", 100, children=("b", "c")))
    watermark.observe(batch("b", 900))
    assert watermark.now_ms == 100  # c may still hold records from 100 on
    watermark.observe(batch("c", 800))
    assert watermark.now_ms == 800


def test_a_merged_child_waits_for_both_parents() -> None:
    watermark = Watermark({"a", "b"}, {})
    watermark.observe(batch("a", 100, children=("c",)))
    watermark.observe(batch("b", 400))
    assert watermark.now_ms == 100  # b still runs, and c cannot be read before it ends
    watermark.observe(batch("b", 500, children=("c",)))
    assert watermark.now_ms == 500
    watermark.observe(batch("c", 700))
    assert watermark.now_ms == 700


def test_a_shard_that_ends_with_no_child_lets_the_others_go_on() -> None:
    watermark = Watermark({"a", "b"}, {})
    watermark.observe(batch("b", 900))
    watermark.observe(batch("a", 100, children=()))
    assert watermark.now_ms == 900

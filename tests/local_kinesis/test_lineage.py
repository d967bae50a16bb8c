"""Uniform scaling: the steps against the one history that is published, and against what must hold
of any.
"""

from itertools import pairwise

from hypothesis import given, settings, strategies as st

from local_kinesis.hash_key import HASH_KEY_COUNT, HashKeyRange, even_ranges
from local_kinesis.lineage import Merge, Split, Step, uniform_scaling


def taken(
    shards: dict[int, HashKeyRange], steps: list[Step], next_index: int
) -> dict[int, HashKeyRange]:
    """The open shards after some steps, done by hand."""
    shards = dict(shards)
    for step in steps:
        if isinstance(step, Split):
            parent, at = shards.pop(step.index), int(step.hash_key)
            assert parent.start < at <= parent.end
            shards[next_index] = HashKeyRange(parent.start, at - 1)
            shards[next_index + 1] = HashKeyRange(at, parent.end)
            next_index += 2
        else:
            lower, upper = shards.pop(step.lower), shards.pop(step.upper)
            assert lower.end + 1 == upper.start
            shards[next_index] = HashKeyRange(lower.start, upper.end)
            next_index += 1
    return shards


def test_four_shards_become_three_as_the_service_does_it() -> None:
    """Seen of the service and published: 1 and 2 are split, and 6, 9 and 10 remain."""
    shards = dict(enumerate(even_ranges(4)))
    steps = uniform_scaling(list(shards.items()), 3, 4)
    third = HASH_KEY_COUNT // 3
    assert steps == [
        Split(1, str(third)),
        Merge(0, 4),
        Split(2, str(2 * third)),
        Merge(5, 7),
        Merge(8, 3),
    ]
    assert sorted(taken(shards, steps, 4)) == [6, 9, 10]


def test_doubling_only_splits_and_halving_only_merges() -> None:
    two, four = (list(enumerate(even_ranges(count))) for count in (2, 4))
    assert [type(step) for step in uniform_scaling(two, 4, 2)] == [Split, Split]
    assert [type(step) for step in uniform_scaling(four, 2, 4)] == [Merge, Merge]
    assert uniform_scaling(four, 4, 4) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(1, HASH_KEY_COUNT - 1), max_size=12, unique=True),
    count=st.integers(1, 24),
)
def test_any_shards_become_even_ones(cuts: list[int], count: int) -> None:
    starts = [0, *sorted(cuts)]
    ranges = [HashKeyRange(a, b - 1) for a, b in pairwise([*starts, HASH_KEY_COUNT])]
    shards = dict(enumerate(ranges, start=7))
    next_index = 7 + len(ranges)
    after = taken(shards, uniform_scaling(list(shards.items()), count, next_index), next_index)
    assert sorted(after.values(), key=lambda one: one.start) == even_ranges(count)

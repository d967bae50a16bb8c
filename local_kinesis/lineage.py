"""Resharding as data: the splits and merges that take a stream's open shards to other ranges.

A step names shards by their index. The shards it makes get the next free indices, in the order of
their hash keys, so a plan is known before its first step is taken and can be kept until it is due.
"""

from collections.abc import Sequence

from msgspec import Struct

from local_kinesis.hash_key import HashKeyRange, even_ranges


class Split(Struct, frozen=True, tag="split"):
    """One shard becomes two, the second of which starts at `hash_key`."""

    index: int
    hash_key: str
    """Decimal digits: JSON's numbers end at 64 bits."""


class Merge(Struct, frozen=True, tag="merge"):
    """Two neighbours become one; `lower` has the smaller hash keys, and is the child's
    ParentShardId.
    """

    lower: int
    upper: int


Step = Split | Merge


def uniform_scaling(
    open_shards: Sequence[tuple[int, HashKeyRange]], count: int, next_index: int
) -> list[Step]:
    """The steps from the open shards, which are in the order of their hash keys, to `count` of
    equal size.

    From left to right, for each range wanted: the shard that reaches beyond its end is split there,
    and what lies within it is merged. Thus 4 shards become 3 as the service does it: 1 is split,
    its lower part merged with 0; 2 is split, its lower part merged with the upper one of 1; the
    rest of 2 is merged with 3. The shards in between live for no time.
    """
    steps: list[Step] = []
    waiting = list(reversed(open_shards))
    for wanted in even_ranges(count):
        merged: int | None = None
        while True:
            index, hash_keys = waiting.pop()
            if hash_keys.end > wanted.end:
                steps.append(Split(index, str(wanted.end + 1)))
                index, rest = next_index, next_index + 1
                waiting.append((rest, HashKeyRange(wanted.end + 1, hash_keys.end)))
                next_index += 2
            if merged is None:
                merged = index
            else:
                steps.append(Merge(merged, index))
                merged = next_index
                next_index += 1
            if hash_keys.end >= wanted.end:
                break
    return steps

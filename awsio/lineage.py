"""The rule of a reshard: a shard may be read when every listed parent has been read to its end.

Source: Kinesis developer guide, "Resharding": records of a key may be in the parent and the child,
and reading the child first would reverse their order. A parent that is no longer listed has
outlived its retention: there is nothing left in it to read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard as ListShards tells it; a merged shard has two parents, a split one has one."""

    id: str
    parents: tuple[str, ...] = ()
    is_closed: bool = False
    """Whether it takes no more records."""


def readable(shards: Mapping[str, Shard], ended: Collection[str]) -> list[str]:
    """The ids of the listed shards that may be read now, in order."""
    return sorted(
        shard.id
        for shard in shards.values()
        if shard.id not in ended
        and all(parent not in shards or parent in ended for parent in shard.parents)
    )


def children(shards: Mapping[str, Shard], parent: str) -> tuple[str, ...]:
    """The listed shards that go on where `parent` ended."""
    return tuple(sorted(s.id for s in shards.values() if parent in s.parents))

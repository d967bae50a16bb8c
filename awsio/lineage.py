"""The rule of a reshard: a shard may be read when every parent of it has been read to its end.

Source: Kinesis developer guide, "Resharding": records of a key may be in the parent and the child,
and reading the child first would reverse their order. A parent that was never listed has outlived
its retention: there is nothing left in it to read.
"""

from collections.abc import Iterable
from dataclasses import dataclass

ALL_HASH_KEYS = range(2**128)


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard as ListShards tells it; a merged shard has two parents, a split one has one."""

    id: str
    parents: tuple[str, ...] = ()
    is_closed: bool = False
    """Whether it takes no more records."""
    hash_keys: range = ALL_HASH_KEYS


class Lineage:
    """The shards of a stream as far as they are known, and which of them are read to their end."""

    def __init__(self, ended: Iterable[str] = ()) -> None:
        """`ended`: the ids of those that were read to their end before."""
        self._shards: dict[str, Shard] = {}
        self._listed: frozenset[str] = frozenset()
        self._ended = set(ended)

    def learn(self, listed: Iterable[Shard]) -> None:
        """Takes a whole listing. What an earlier one had stays known: of two listings under way at
        a time the older may come last, and would hide children that are to be read.
        """
        shards = {shard.id: shard for shard in listed}
        self._shards.update(shards)
        self._listed = frozenset(shards)

    def add(self, shard: Shard) -> None:
        """Takes a shard that no listing has shown yet."""
        self._shards.setdefault(shard.id, shard)

    def end(self, shard_id: str) -> None:
        """Notes that a shard has been read to its end."""
        self._ended.add(shard_id)

    def __getitem__(self, shard_id: str) -> Shard:
        return self._shards[shard_id]

    def is_listed(self, shard_id: str) -> bool:
        """Whether the newest listing has it: what it had held is gone otherwise."""
        return shard_id in self._listed

    def is_closed(self, shard_id: str) -> bool:
        """Whether a known shard takes no more records: its children may have newer ones."""
        return self._shards[shard_id].is_closed

    def is_over(self, shard_id: str) -> bool:
        """Whether nobody will ever ask for it again: read to its end, and no longer listed. Its
        children need not know that it ended, as a parent that is not listed holds nobody back.
        """
        return shard_id in self._ended and shard_id not in self._listed

    def closed_shards(self) -> list[str]:
        """The ids of the known shards that take no more records, in order."""
        return sorted(shard.id for shard in self._shards.values() if shard.is_closed)

    def readable(self) -> list[str]:
        """The ids of the shards that may be read now and are not read to their end, in order."""
        return sorted(
            shard.id
            for shard in self._shards.values()
            if shard.id not in self._ended
            and all(parent not in self._shards or parent in self._ended for parent in shard.parents)
        )

    def children(self, parent: str) -> tuple[str, ...]:
        """The known shards that go on where `parent` ended, in order."""
        return tuple(sorted(s.id for s in self._shards.values() if parent in s.parents))

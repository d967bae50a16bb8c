"""The contract of every source of records."""

from collections.abc import Mapping
from typing import Protocol

from fleet.batch import Batch


class Source(Protocol):
    """Reads all shards of one stream. What is in a record is no matter: whatever its bytes, it is
    delivered, or its user records are, where it is an aggregate.

    Order: the batches of a shard come in sequence; a child shard's first batch comes after the
    SHARD_END batch of each of its parents. So the records of one partition key come in the order
    in which they were put, across any number of splits and merges.
    """

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        """Starts reading after `positions` (shard id -> sequence number or SHARD_END; a shard that
        is missing is read from its oldest record) and returns the shards whose time counts from
        now on: those that are listed, not at their end, and have no unfinished parent.

        Raises ResourceMissing when there is no such stream.
        """
        ...

    async def read(self) -> Batch | None:
        """The next batch of any shard. Waits for it, however long; never spins. None: the source
        has ended and nothing will ever come (a stream of the service never ends).

        A reader's failure is raised here.
        """
        ...

    def read_now(self) -> Batch | None:
        """A batch that was already read, or None: what is left to process when stopping."""
        ...

    def is_over(self, shard_id: str) -> bool:
        """Whether a shard was read to its end and nobody will ask for its position again."""
        ...

    async def close(self) -> None:
        """Stops reading; batches already read can still be taken with `read_now`."""
        ...

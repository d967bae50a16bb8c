"""One stream: its shards, and which of them a record belongs to."""

from bisect import bisect_right
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from typing import Final, Literal

from local_kinesis.errors import InvalidArgument
from local_kinesis.hash_key import HASH_KEY_COUNT, even_ranges, partition_hash_key
from local_kinesis.shard import Shard

StreamMode = Literal["PROVISIONED", "ON_DEMAND"]

RETENTION_HOURS: Final = 24
_ROUTES_MAX: Final = 4_096
"""A table that outgrows the processor's cache costs as much to look things up in as MD5 does."""


Route = tuple[int, str, int]
"""What a partition key comes to: its shard's place in `shards`, the key as an ASCII JSON string,
and its size as the service counts it, in UTF-8.
"""


class Stream:
    """A named set of shards that together own all hash keys."""

    def __init__(
        self,
        *,
        name: str,
        arn: str,
        mode: StreamMode,
        shard_count: int,
        created_ms: int,
        sequence_created_s: int,
        record_bytes_max: int,
        tags: Mapping[str, str],
    ) -> None:
        self.name = name
        self.arn = arn
        self.mode: StreamMode = mode
        self.created_ms = created_ms
        self.record_bytes_max = record_bytes_max
        self.retention_hours = RETENTION_HOURS
        self.tags = dict(tags)
        self.shards = [
            Shard(index, hash_keys, sequence_created_s)
            for index, hash_keys in enumerate(even_ranges(shard_count))
        ]
        self.routes: dict[str, Route] = {}
        """Routes by partition key, those that were asked for lately; `route` fills it."""
        self._starts = [shard.hash_keys.start for shard in self.shards]

    @property
    def memory_bytes(self) -> int:
        """What its records take of the memory bound."""
        return sum(shard.memory_bytes for shard in self.shards)

    def horizon_ms(self, now_ms: int) -> int:
        """Records that arrived before this are gone."""
        return now_ms - self.retention_hours * 3_600_000

    def route(self, partition_key: str) -> Route:
        """Where a partition key goes. Remembered, because keys come again and MD5 is dear."""
        routes = self.routes
        if len(routes) >= _ROUTES_MAX:
            routes.clear()
        route = routes[partition_key] = (
            self._owner(partition_hash_key(partition_key)),
            encode_basestring_ascii(partition_key),
            len(partition_key.encode()),
        )
        return route

    def explicit(self, hash_key: str) -> Shard:
        """Where an ExplicitHashKey, decimal digits, goes. Raises InvalidArgument beyond the last
        hash key.
        """
        number = int(hash_key)
        if number >= HASH_KEY_COUNT:
            raise InvalidArgument(
                "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
                f"Specified value was {hash_key}"
            )
        return self.shards[self._owner(number)]

    def _owner(self, hash_key: int) -> int:
        return bisect_right(self._starts, hash_key) - 1

"""Which shard a record goes to."""

from bisect import bisect_right
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii
from typing import Final

from local_kinesis.errors import InvalidArgument
from local_kinesis.hash_key import HASH_KEY_COUNT, hash_key_bytes, partition_hash_key
from local_kinesis.shard import Shard

_ROUTES_MAX: Final = 4_096
"""A table that outgrows the processor's cache costs as much to look things up in as MD5 does."""
_MISSES_MAX: Final = 16 * _ROUTES_MAX
"""After so many the table is of keys that do not come any more, and begins anew."""

Route = tuple[Shard, str, int]
"""What a partition key comes to: its shard, the key as an ASCII JSON string, and its size as the
service counts it, in UTF-8.
"""


class Router:
    """The way to each of some shards, which together own all hash keys; another reshard, another
    router.
    """

    def __init__(self, shards: Sequence[Shard]) -> None:
        """`shards` are in the order of their hash keys."""
        self.routes: dict[str, Route] = {}
        """Routes by partition key, of those that came early; `route` fills it."""
        self._misses = 0
        self._shards = shards
        self._starts = [hash_key_bytes(shard.hash_keys.start) for shard in shards]

    def route(self, partition_key: str) -> Route:
        """Where a partition key goes. Remembered, because keys come again and MD5 is dear; but not
        when there are too many, because remembering is no cheaper than MD5.
        """
        self._misses += 1
        routes = self.routes
        if self._misses > _MISSES_MAX:
            routes.clear()
            self._misses = 0
        route = (
            self._owner(partition_hash_key(partition_key)),
            encode_basestring_ascii(partition_key),
            len(partition_key.encode()),
        )
        if len(routes) < _ROUTES_MAX:
            routes[partition_key] = route
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
        return self._owner(hash_key_bytes(number))

    def _owner(self, hash_key: bytes) -> Shard:
        return self._shards[bisect_right(self._starts, hash_key) - 1]

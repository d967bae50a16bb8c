"""Hash keys: the 128-bit numbers by which records find their shard.

A partition key's hash key is the MD5 of its UTF-8 bytes, read big-endian. Shards own ranges of hash
keys, both ends included, that together cover 0 to 2**128 - 1 exactly once. Source: the API
reference of PutRecord ("An MD5 hash function is used to map partition keys to 128-bit integer
values").

Where one is only compared it is 16 bytes, which order as the number does and cost a fifth of it.
"""

from dataclasses import dataclass
from typing import Final

try:
    # CPython's own, for which a key is not worth OpenSSL's preparations: half the time.
    from _md5 import md5  # type: ignore[import-not-found]
except ImportError:
    from hashlib import md5

HASH_KEY_COUNT: Final = 2**128


@dataclass(frozen=True, slots=True)
class HashKeyRange:
    """The hash keys of one shard, both ends included."""

    start: int
    end: int


def partition_hash_key(partition_key: str) -> bytes:
    """Where `partition_key` falls."""
    digest: bytes = md5(partition_key.encode(), usedforsecurity=False).digest()
    return digest


def hash_key_bytes(hash_key: int) -> bytes:
    """A hash key as `partition_hash_key` gives it."""
    return hash_key.to_bytes(16, "big")


def even_ranges(count: int) -> list[HashKeyRange]:
    """`count` ranges of equal size; what does not divide goes to the last one, as the service does
    it.
    """
    size = HASH_KEY_COUNT // count
    starts = [index * size for index in range(count)]
    ends = [start - 1 for start in starts[1:]] + [HASH_KEY_COUNT - 1]
    return [HashKeyRange(start, end) for start, end in zip(starts, ends, strict=True)]

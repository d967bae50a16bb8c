"""Shard iterators: a place in a shard, good for five minutes.

Source: the API reference of GetShardIterator ("A shard iterator expires 5 minutes after it is
returned to the requester"); messages as the service gives them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from local_kinesis.errors import ExpiredIterator, InvalidArgument
from local_kinesis.token import seal, unseal

LIFETIME_MS: Final = 300_000
_KIND: Final = "iterator"


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """Where to read next."""

    issued_ms: int
    stream_name: str
    shard_index: int
    created_s: int
    """Of the shard; another value today means that the stream was made anew since."""
    position: int

    def seal(self) -> str:
        """The text the client gets."""
        return seal(
            _KIND, self.issued_ms, self.created_s, self.shard_index, self.position, self.stream_name
        )

    @classmethod
    def unseal(cls, text: str, now_ms: int) -> "ShardIterator":
        """The inverse of `seal`. Raises InvalidArgument for what is no iterator, ExpiredIterator
        for an old one.
        """
        fields = unseal(_KIND, text, 5)
        if fields is None:
            raise InvalidArgument("Invalid ShardIterator.")
        issued_ms, created_s, shard_index, position = map(int, fields[:4])
        if now_ms - issued_ms > LIFETIME_MS:
            raise ExpiredIterator(
                f"Iterator expired. The iterator was created at time {_date(issued_ms)} while "
                f"right now it is {_date(now_ms)} which is further in the future than the "
                f"tolerated delay of {LIFETIME_MS} milliseconds."
            )
        return cls(issued_ms, fields[4], shard_index, created_s, position)


def _date(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%a %b %d %H:%M:%S UTC %Y}"

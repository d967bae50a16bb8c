"""Records on their way into a stream: all are checked and encoded before one is visible."""

from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from local_kinesis.errors import InvalidArgument, ValidationError
from local_kinesis.shard import Shard, ShardWrite
from local_kinesis.stream import Stream

REQUEST_BYTES_MAX: Final = 10 * 1024 * 1024
"""Data and partition keys of one PutRecords. Source: its API reference."""


class Entry(Protocol):
    """A record as a producer sends it."""

    @property
    def Data(self) -> bytes: ...
    @property
    def PartitionKey(self) -> str: ...
    @property
    def ExplicitHashKey(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Put:
    """One request's records, ready to be committed."""

    writes: dict[Shard, ShardWrite]
    sequence_numbers: list[str]
    """In the order of the request, as `shard_ids`."""
    shard_ids: list[str]


def prepare(stream: Stream, entries: Sequence[Entry], now_ms: int) -> Put:
    """Routes, numbers and encodes `entries`. Raises ServiceError, and then nothing has happened."""
    writes: dict[Shard, ShardWrite] = {}
    sequence_numbers: list[str] = []
    shard_ids: list[str] = []
    routes, shards = stream.routes, stream.shards
    record_bytes_max = stream.record_bytes_max
    request_bytes = 0
    for entry in entries:
        key = entry.PartitionKey
        data = entry.Data
        hash_key = entry.ExplicitHashKey
        place, key_json, key_bytes = routes.get(key) or stream.route(key)
        shard = shards[place] if hash_key is None else stream.explicit(hash_key)
        size = len(data) + key_bytes
        if size > record_bytes_max:
            raise _too_large(entries, len(sequence_numbers), stream)
        request_bytes += size
        write = writes.get(shard)
        if write is None:
            write = writes[shard] = ShardWrite(shard, now_ms)
        text = b2a_base64(data, newline=False).decode("ascii")
        sequence_numbers.append(write.add(text, key_json, size))
        shard_ids.append(shard.id)
    if request_bytes > REQUEST_BYTES_MAX:
        raise InvalidArgument(f"Records size exceeds {REQUEST_BYTES_MAX >> 20} MB limit")
    return Put(writes, sequence_numbers, shard_ids)


def _too_large(entries: Sequence[Entry], offset: int, stream: Stream) -> ValidationError:
    size = len(entries[offset].Data)
    where = "data" if len(entries) == 1 else f"records.{offset + 1}.member.data"
    return ValidationError(
        [
            f"Value 'java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]' at '{where}' failed to "
            "satisfy constraint: Member must have length less than or equal to "
            f"{stream.record_bytes_max}"
        ]
    )

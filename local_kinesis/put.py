"""Records on their way into a stream: all are checked and encoded before one is visible."""

from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.errors import InvalidArgument, ThroughputExceeded, ValidationError
from local_kinesis.shard import Shard, ShardWrite
from local_kinesis.stream import Stream
from local_kinesis.throughput import Limits

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
class Refusal:
    """Why one record of a request was not put, while others were."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Put:
    """One request's records, ready to be committed."""

    writes: dict[Shard, ShardWrite]
    sequence_numbers: list[str]
    """In the order of the request, as `shard_ids`; an empty text where a record was refused."""
    shard_ids: list[str]
    refusals: Mapping[int, Refusal]
    """The refused records by their place in the request: none in all but a throttled one."""
    encrypted: bool


def prepare(stream: Stream, entries: Sequence[Entry], now_ms: int) -> Put:
    """Routes, numbers and encodes `entries`. Raises ServiceError, and then nothing has happened."""
    writes: dict[Shard, ShardWrite] = {}
    sequence_numbers: list[str] = []
    shard_ids: list[str] = []
    router = stream.router
    routes = router.routes
    record_bytes_max = stream.record_bytes_max
    encrypted = stream.key_id is not None
    request_bytes = 0
    for entry in entries:
        key = entry.PartitionKey
        data = entry.Data
        hash_key = entry.ExplicitHashKey
        shard, key_json, key_bytes = routes.get(key) or router.route(key)
        if hash_key is not None:
            shard = router.explicit(hash_key)
        size = len(data) + key_bytes
        if size > record_bytes_max:
            raise _too_large(entries, len(sequence_numbers), stream)
        request_bytes += size
        write = writes.get(shard)
        if write is None:
            write = writes[shard] = ShardWrite(shard, now_ms, encrypted=encrypted)
        text = b2a_base64(data, newline=False).decode("ascii")
        sequence_numbers.append(write.add(text, key_json, size))
        shard_ids.append(shard.id)
    if request_bytes > REQUEST_BYTES_MAX:
        raise InvalidArgument(f"Records size exceeds {REQUEST_BYTES_MAX >> 20} MB limit")
    return Put(writes, sequence_numbers, shard_ids, {}, encrypted)


def prepare_within(limits: Limits, stream: Stream, entries: Sequence[Entry], now_ms: int) -> Put:
    """As `prepare`, without the records that are more than their shard takes in a second."""
    whole = prepare(stream, entries, now_ms)
    shards = {shard.id: shard for shard in whole.writes}
    refusals: dict[int, Refusal] = {}
    for place, entry in enumerate(entries):
        shard = shards[whole.shard_ids[place]]
        size = len(entry.Data) + len(entry.PartitionKey.encode())
        if not shard.metered(limits, now_ms).take_record(size, now_ms):
            refusals[place] = Refusal(ThroughputExceeded.kind, rate_exceeded(stream, shard))
    if not refusals:
        return whole
    kept = [entry for place, entry in enumerate(entries) if place not in refusals]
    return among(refusals, prepare(stream, kept, now_ms), len(entries))


def among(refusals: Mapping[int, Refusal], put: Put, count: int) -> Put:
    """The put of a request of `count` records, of which those in `refusals` are not in `put`."""
    numbers, shard_ids = iter(put.sequence_numbers), iter(put.shard_ids)
    places = range(count)
    return Put(
        put.writes,
        ["" if place in refusals else next(numbers) for place in places],
        ["" if place in refusals else next(shard_ids) for place in places],
        refusals,
        put.encrypted,
    )


def rate_exceeded(stream: Stream, shard: Shard) -> str:
    """Why a shard takes or gives nothing more for now."""
    return f"Rate exceeded for shard {shard.id} in stream {stream.name} under account {ACCOUNT_ID}."


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

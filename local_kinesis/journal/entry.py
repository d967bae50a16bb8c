"""The bytes of a log: a file head, then entries end to end, each of which proves itself.

    file head   magic | first ordinal | arrival floor | horizon
    entry       CRC-32 of all that follows | body bytes | records | arrival time | first ordinal
                body: size of each record's JSON, size of its data and key, the JSON end to end

Integers are in the byte order of the machine; the directory's own file says which that is. An entry
is what one request put into one shard. Its JSON is what GetRecords answers with, byte for byte, so
recovery encodes nothing.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

_MAGIC: Final = b"kinlog01"
_HEAD: Final = Struct("=8sQqQ")
_ENTRY: Final = Struct("=IIIqQ")
_SUMMED: Final = Struct("=IIqQ")
_CHECKSUM: Final = Struct("=I")
_HORIZON: Final = Struct("=Q")
_SIZE_BYTES: Final = array("I").itemsize

HEAD_BYTES: Final = _HEAD.size
HORIZON_AT: Final = HEAD_BYTES - 8
"""Where in a file its head's horizon is, the one thing that is ever written over."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known at the start of a log file, so that the files before it may be deleted."""

    first_ordinal: int
    arrival_floor_ms: int
    """When the record before its first arrived: no record in it arrived earlier."""
    horizon: int
    """The shard's, when it was last trimmed."""


class Entry(NamedTuple):
    """Records that arrived together. A tuple, because one is made for every request."""

    first_ordinal: int
    arrival_ms: int
    chunk: bytes
    sizes: "array[int]"
    payload_bytes: "array[int]"


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a log stops making sense."""

    at: int
    """Everything before this many bytes is whole."""
    torn: bool
    """Whether it merely ends too early, as it does when its writer is killed."""


def encode_head(head: Head) -> bytes:
    """The inverse of `decode_head`."""
    return _HEAD.pack(_MAGIC, head.first_ordinal, head.arrival_floor_ms, head.horizon)


def encode_horizon(horizon: int) -> bytes:
    """What stands at HORIZON_AT."""
    return _HORIZON.pack(horizon)


def decode_head(data: bytes) -> Head | None:
    """The head a file begins with; None when that is not one."""
    if len(data) < HEAD_BYTES:
        return None
    magic, first_ordinal, arrival_floor_ms, horizon = _HEAD.unpack_from(data)
    return Head(first_ordinal, arrival_floor_ms, horizon) if magic == _MAGIC else None


def encode_entry(entry: Entry) -> bytes:
    """The inverse of `decode_entries`."""
    sizes, payload_bytes = entry.sizes.tobytes(), entry.payload_bytes.tobytes()
    body_bytes = len(sizes) + len(payload_bytes) + len(entry.chunk)
    head = _SUMMED.pack(body_bytes, len(entry.sizes), entry.arrival_ms, entry.first_ordinal)
    checksum = crc32(entry.chunk, crc32(payload_bytes, crc32(sizes, crc32(head))))
    return b"".join((_CHECKSUM.pack(checksum), head, sizes, payload_bytes, entry.chunk))


def decode_entries(data: bytes, first_ordinal: int) -> Iterator[Entry | Damage]:
    """The entries of a whole file, the first of which must have `first_ordinal`; last of all, where
    it is damaged if it is.
    """
    view = memoryview(data)
    at = HEAD_BYTES
    while at < len(data):
        if len(data) - at < _ENTRY.size:
            yield Damage(at, torn=True)
            return
        checksum, body_bytes, count, arrival_ms, ordinal = _ENTRY.unpack_from(data, at)
        body = at + _ENTRY.size
        end = body + body_bytes
        table = count * _SIZE_BYTES
        if ordinal != first_ordinal or count == 0 or 2 * table > body_bytes:
            yield Damage(at, torn=False)
            return
        if end > len(data):
            yield Damage(at, torn=True)
            return
        if crc32(view[at + 4 : end]) != checksum:
            yield Damage(at, torn=False)
            return
        sizes, payload_bytes = array("I"), array("I")
        sizes.frombytes(view[body : body + table])
        payload_bytes.frombytes(view[body + table : body + 2 * table])
        yield Entry(ordinal, arrival_ms, data[body + 2 * table : end], sizes, payload_bytes)
        first_ordinal += count
        at = end

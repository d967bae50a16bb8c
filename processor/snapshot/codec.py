"""A snapshot as bytes: a line that names the format, a SHA-256, and MessagePack in zstd."""

import hashlib
from typing import Final

import msgspec
import zstandard

from fleet.errors import SnapshotCorrupt
from processor.snapshot.base import Snapshot

HEADER: Final = b"wildrydes snapshot 2\n"
"""The number is the format's version: a change of Snapshot's meaning needs a new one."""

LEVEL: Final = 1
"""Of zstd: a snapshot is written every second and read once, so speed is worth more than size."""

_DIGEST_BYTES: Final = 32
_decoder = msgspec.msgpack.Decoder(Snapshot)


def encode(snapshot: Snapshot) -> bytes:
    """Bytes that `decode` turns back into an equal snapshot; equal ones for an equal snapshot."""
    body = zstandard.ZstdCompressor(LEVEL).compress(msgspec.msgpack.encode(snapshot))
    return HEADER + hashlib.sha256(body).digest() + body


def decode(data: bytes, where: str) -> Snapshot:
    """The inverse of `encode`. Raises SnapshotCorrupt, naming `where`, for anything else."""
    name, rest = data[: len(HEADER)], data[len(HEADER) :]
    digest, body = rest[:_DIGEST_BYTES], rest[_DIGEST_BYTES:]
    if name != HEADER:
        if name.startswith(b"wildrydes snapshot "):
            version = name.split()[-1].decode("ascii", "replace")
            raise SnapshotCorrupt(
                f"{where}: snapshot format {version} is not one this version reads",
                remedy="start it with the version of wildrydes that wrote it, "
                "or start afresh with --state discard",
            )
        raise SnapshotCorrupt(f"{where} is not a snapshot")
    if hashlib.sha256(body).digest() != digest:
        raise SnapshotCorrupt(f"{where} is damaged: its checksum does not match")
    try:
        return _decoder.decode(zstandard.ZstdDecompressor().decompress(body))
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise SnapshotCorrupt(f"{where} is damaged: {error}") from None

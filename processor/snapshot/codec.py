"""A snapshot as bytes: a line that names the format, a SHA-256, and compressed MessagePack."""

import hashlib
import zlib

import msgspec

from fleet.errors import SnapshotCorrupt
from processor.snapshot.base import Snapshot

HEADER = b"wildrydes snapshot 1\n"
"""The number is the format's version: a change of Snapshot's meaning needs a new one."""

_decoder = msgspec.msgpack.Decoder(Snapshot)


def encode(snapshot: Snapshot) -> bytes:
    """Bytes that `decode` turns back into an equal snapshot."""
    # Level 1: a snapshot is written every second and read once; speed is worth more than size.
    body = zlib.compress(msgspec.msgpack.encode(snapshot), 1)
    return HEADER + hashlib.sha256(body).digest() + body


def decode(data: bytes, where: str) -> Snapshot:
    """The inverse of `encode`. Raises SnapshotCorrupt, naming `where`, for anything else."""
    name, digest, body = data[: len(HEADER)], data[len(HEADER) :][:32], data[len(HEADER) + 32 :]
    if name != HEADER:
        if name.startswith(b"wildrydes snapshot "):
            version = name.split()[-1].decode("ascii", "replace")
            raise SnapshotCorrupt(
                f"{where}: snapshot format {version} is not one this version reads",
                remedy="start it with the version of wildrydes that wrote it",
            )
        raise SnapshotCorrupt(f"{where} is not a snapshot")
    if hashlib.sha256(body).digest() != digest:
        raise SnapshotCorrupt(f"{where} is damaged: its checksum does not match")
    try:
        return _decoder.decode(zlib.decompress(body))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise SnapshotCorrupt(f"{where} is damaged: {error}") from None

"""The requests that changed something, in the order in which they did: an append-only file.

    entry   CRC-32 of all that follows | head bytes | body bytes | done
            head: JSON; body: as the client sent it

An entry is written before its request is run, so that a disk without room refuses the request
rather than half of it, and becomes valid when it has been run: then its last byte before the head
is set to 1. A killed process leaves at most one entry that is not done; nobody was told that it
was.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from struct import Struct
from typing import Final, Self
from zlib import crc32

logger = logging.getLogger(__name__)

_HEAD: Final = Struct("<IIQB")
_DONE_AT: Final = _HEAD.size - 1
_DONE: Final = b"\1"


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request, and what else its effect depends on."""

    service: str
    time_ms: int
    """What moto took for now."""
    seed: int
    """What moto's identifiers were drawn from."""
    environ: dict[str, str]
    """As WSGI has it."""
    body: bytes


class RequestLog:
    """A file of requests; whoever opens it reads `requests` to the end before writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.size = 0
        """Of what is valid."""
        self._pending_bytes = 0

    @classmethod
    def create(cls, path: Path) -> Self:
        """An empty one, whatever was there."""
        path.unlink(missing_ok=True)
        return cls(path)

    def requests(self) -> Iterator[KeptRequest]:
        """All that were done, oldest first. What follows the last of them is not valid."""
        self.size = 0
        while (found := self._entry_at(self.size)) is not None:
            head, body = found
            yield KeptRequest(**json.loads(head), body=body)
            self.size += _HEAD.size + len(head) + len(body)

    def cut(self) -> None:
        """Drops what is not valid; called when all requests have been read."""
        extra_bytes = os.fstat(self._file).st_size - self.size
        if extra_bytes:
            os.ftruncate(self._file, self.size)
            logger.warning(
                "%s ended in a request that was never answered: its last %d bytes are cut off",
                self.path,
                extra_bytes,
            )

    def begin(self, request: KeptRequest) -> None:
        """Writes a request that is about to be run. Raises OSError, and then it is not there."""
        kept = asdict(request)
        body = kept.pop("body")
        head = json.dumps(kept).encode()
        sizes = _HEAD.pack(0, len(head), len(body), 0)[4:-1]
        checksum = crc32(body, crc32(head, crc32(sizes)))
        data = b"".join((_HEAD.pack(checksum, len(head), len(body), 0), head, body))
        self._pending_bytes = len(data)
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._file, memoryview(data)[written:], self.size + written)
        except OSError:
            self.abandon()
            raise

    def finish(self) -> None:
        """The request has been run, and is kept from now on."""
        os.pwrite(self._file, _DONE, self.size + _DONE_AT)
        self.size += self._pending_bytes

    def abandon(self) -> None:
        """The request had no effect."""
        # Should this fail: what is not done is passed over, and written over.
        with suppress(OSError):
            os.ftruncate(self._file, self.size)

    def close(self) -> None:
        """Gives the file back."""
        os.close(self._file)

    def _entry_at(self, at: int) -> tuple[bytes, bytes] | None:
        """Head and body of a whole entry that was done; None when there is none."""
        fixed = os.pread(self._file, _HEAD.size, at)
        if len(fixed) < _HEAD.size:
            return None
        checksum, head_bytes, body_bytes, done = _HEAD.unpack(fixed)
        if not done or at + _HEAD.size + head_bytes + body_bytes > os.fstat(self._file).st_size:
            return None
        head = os.pread(self._file, head_bytes, at + _HEAD.size)
        body = _read(self._file, body_bytes, at + _HEAD.size + head_bytes)
        return (head, body) if crc32(body, crc32(head, crc32(fixed[4:-1]))) == checksum else None


def _read(file: int, size: int, at: int) -> bytes:
    """Reads all of it; the system gives at most 2 GiB at a time."""
    parts = []
    while size > 0:
        part = os.pread(file, size, at)
        if not part:
            break
        parts.append(part)
        size -= len(part)
        at += len(part)
    return b"".join(parts)

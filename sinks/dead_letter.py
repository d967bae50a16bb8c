"""What could not be used, as JSON lines in a file on this machine.

The cursor is the file's length. A restart cuts the file back to the length in the snapshot, since
the replay from that snapshot writes again whatever came after: each letter stands there once.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from fleet.errors import FleetError
from fleet.row import DeadLetter
from fleet.timestamp import timestamp_text
from sinks.base import Cursor

FILE_NAME: Final = "dead-letter.jsonl"
"""In the folder of an application."""
BLOCK_BYTES = 64 * 1024

_encode = msgspec.json.Encoder(decimal_format="number").encode


class DeadLetterFile:
    """One writer at a time, which the snapshot's epoch sees to."""

    name = "dead_letter"

    def __init__(self, path: Path, stream: str = "") -> None:
        """`stream`: what the letters say of where their records came from."""
        self._path = path
        self._stream = stream
        self._file = -1
        self._bytes = 0

    async def open(self, cursor: Cursor) -> None:
        """Without a cursor (a first start, or state that was discarded) everything in the file is
        kept and letters are added after it. A last line without its end is cut in either case: its
        write never returned.
        """
        await asyncio.to_thread(self._open, cursor)

    async def write(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            lines = b"".join(letter_line(letter, self._stream) for letter in letters)
            await asyncio.to_thread(self._append, lines)

    def cursor(self) -> Cursor:
        return {"bytes": self._bytes}

    async def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self, cursor: Cursor) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            size = os.fstat(self._file).st_size
            # A file shorter than the cursor was moved away or emptied by somebody: begin anew.
            self._bytes = _whole_lines(self._file, min(size, int(cursor.get("bytes", size))))
            os.ftruncate(self._file, self._bytes)
            os.fsync(self._file)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._failure(error) from error

    def _append(self, lines: bytes) -> None:
        """Writes at a known place, so that half a write is overwritten by the next."""
        rest = memoryview(lines)
        at = self._bytes
        try:
            while rest:
                written = os.pwrite(self._file, rest, at)
                at += written
                rest = rest[written:]
            os.fsync(self._file)
        except OSError as error:
            raise self._failure(error) from error
        self._bytes = at

    def _failure(self, error: OSError) -> FleetError:
        return FleetError(
            f"dead letters: {self._path}: {error.strerror}",
            remedy="free some space or give another --data folder; nothing is lost, the records "
            "are read again",
        )


def letter_line(letter: DeadLetter, stream: str = "") -> bytes:
    """The letter as one JSON line; data that is not UTF-8 stands there in base64."""
    line: dict[str, str | bytes | bool] = {} if not stream else {"stream": stream}
    line |= {
        "shard_id": letter.shard_id,
        "sequence_number": letter.sequence_number,
        "arrival": timestamp_text(letter.arrival_ms),
        "partition_key": letter.partition_key,
        "stage": letter.stage,
        "reason": letter.reason,
    }
    if letter.partial:
        line["partial"] = True
    try:
        line["data"] = letter.data.decode()
    except UnicodeDecodeError:
        line["data_base64"] = letter.data
    return _encode(line) + b"\n"


def _whole_lines(file: int, size: int) -> int:
    """How many of the first `size` bytes are whole lines."""
    end = size
    while end > 0:
        start = max(0, end - BLOCK_BYTES)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0

"""What could not be used, as JSON lines in a file on this machine.

The cursor is the file's length. A restart cuts the file back to the length in the snapshot, since
the replay from that snapshot writes again whatever came after: each letter stands there once.

A processor that was taken for dead may come back in the middle of anything, even of a write. So who
may write stands in a file beside, and is looked up under a lock that is held until the write is
done: an older processor can neither cut the file nor write over what a newer one has written.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from fleet.errors import FleetError, Superseded
from fleet.row import DeadLetter
from fleet.timestamp import timestamp_text
from sinks.base import Cursor

FILE_NAME: Final = "dead-letter.jsonl"
"""In the folder of an application."""
BLOCK_BYTES = 64 * 1024

_encode = msgspec.json.Encoder(decimal_format="number").encode


class DeadLetterFile:
    """Of several writers the one of the newest epoch; the others get Superseded."""

    name = "dead_letter"

    def __init__(self, path: Path, stream: str = "", *, epoch: int = 0) -> None:
        """`stream`: what the letters say of where their records came from."""
        self._path = path
        self._holder = path.with_suffix(".epoch")
        self._epoch = epoch
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
        with self._held():
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

    def _append(self, lines: bytes) -> None:
        """Writes at a known place, so that half a write is overwritten by the next."""
        rest = memoryview(lines)
        at = self._bytes
        with self._held():
            while rest:
                written = os.pwrite(self._file, rest, at)
                at += written
                rest = rest[written:]
            os.fsync(self._file)
        self._bytes = at

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Nobody else writes meanwhile. Raises Superseded when a newer epoch has written, and
        FleetError for what the disk says.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self._holder, os.O_RDWR | os.O_CREAT, 0o666), "rb") as holder:
                fcntl.flock(holder, fcntl.LOCK_EX)
                self._claim(holder.fileno())
                yield
        except OSError as error:
            raise FleetError(
                f"dead letters: {self._path}: {error.strerror}",
                remedy="free some space or give another --data folder; nothing is lost, the "
                "records are read again",
            ) from error

    def _claim(self, holder: int) -> None:
        newest = int(os.pread(holder, 32, 0) or 0)
        if newest > self._epoch:
            raise Superseded(
                f"dead letters: epoch {newest} writes to {self._path}, ours is {self._epoch}"
            )
        if newest < self._epoch:
            # Written over, then cut: on a full disk the older number is still there.
            text = b"%d\n" % self._epoch
            os.pwrite(holder, text, 0)
            os.ftruncate(holder, len(text))


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

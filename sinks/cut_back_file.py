"""A file of lines that grows, and that a restart cuts back to where the snapshot says it ended: the
replay from that snapshot writes again whatever came after, so that each line stands there once.
"""

import os
from pathlib import Path
from threading import Lock

from sinks.base import Cursor
from sinks.epoch_file import EpochFile, sync_folder

BLOCK_BYTES = 64 * 1024


class CutBackFile:
    """Blocking. Of several writers the one of the newest epoch; the others get Superseded."""

    def __init__(self, path: Path, holder: EpochFile) -> None:
        """`holder` says who may write."""
        self._path = path
        self._holder = holder
        self._file = -1
        self._busy = Lock()
        """Held while the file is used: its number may be another file's once it is closed, and a
        write goes on in its thread when whoever waited for it is cancelled.
        """
        self._length_bytes = 0
        """Up to which everything is durable."""

    def cursor(self) -> Cursor:
        """Which file it is, and its length up to which everything is durable."""
        return {"file": self._holder.id, "bytes": self._length_bytes}

    def open(self, cursor: Cursor) -> None:
        """Cuts the file to where the cursor says. A cursor of another file, such as that of the
        machine which ran the application last, says nothing about this one: everything in it is
        kept, as it is without a cursor. A last line without its end is cut in any case: its write
        never returned.
        """
        with self._busy, self._holder.held():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            size = os.fstat(self._file).st_size
            is_ours = cursor.get("file") == self._holder.id
            # A file shorter than that was moved away or emptied by somebody: begin anew.
            wanted = min(size, int(cursor["bytes"])) if is_ours else size
            self._length_bytes = _whole_lines(self._file, wanted)
            os.ftruncate(self._file, self._length_bytes)
            os.fsync(self._file)
            sync_folder(self._path.parent)

    def append(self, lines: bytes) -> None:
        """Returns when they are durable. Writes at a known place, so that half a write is
        overwritten by the next.
        """
        rest = memoryview(lines)
        at = self._length_bytes
        with self._busy, self._holder.held():
            while rest:
                written = os.pwrite(self._file, rest, at)
                at += written
                rest = rest[written:]
            os.fsync(self._file)
        self._length_bytes = at

    def close(self) -> None:
        """Lets go of the file; can be called again."""
        with self._busy:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


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

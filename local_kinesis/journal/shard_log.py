"""The log of one shard: files of about a megabyte, the newest of which grows.

A file is named for the ordinal of its first record. There is always a newest file once there has
been a record, if only its head: that is where the shard's next ordinal is known from when all its
records are gone.
"""

import os
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from local_kinesis.journal.entry import (
    HEAD_BYTES,
    HORIZON_AT,
    Entry,
    Head,
    encode_entry,
    encode_head,
    encode_horizon,
)

FILE_BYTES: Final = 1 << 20
"""A file that has reached this is not added to; what is trimmed goes by whole files."""
SUFFIX: Final = ".log"
_DIGITS: Final = 20


class ShardLog:
    """Where one shard's records go. `written` is called with each file that has new bytes.

    At most one file is open, and only between `append` and `close`, which may come at any time: a
    closed log opens itself again.
    """

    def __init__(self, folder: Path, written: Callable[[Path], object]) -> None:
        self._folder = folder
        self._written = written
        self._firsts = sorted(int(path.stem) for path in folder.glob(f"*{SUFFIX}"))
        self._newest: int | None = None
        """The open file."""
        self._size = 0
        """Of the newest file: what is beyond it, should there be anything, is a failed write."""
        if self._firsts:
            self._size = self._path(self._firsts[-1]).stat().st_size

    def append(self, entry: Entry, arrival_floor_ms: int, horizon: int) -> int:
        """Writes an entry at the end; returns the size to go back to with `undo`. Raises OSError,
        and then the log is as it was.
        """
        if not self._firsts or self._size >= FILE_BYTES:
            self._begin(Head(entry.first_ordinal, arrival_floor_ms, horizon))
        before = self._size
        data = encode_entry(entry)
        try:
            _write(self._open(), data, before)
        except OSError:
            self.undo(before)
            raise
        self._size = before + len(data)
        self._written(self._path(self._firsts[-1]))
        return before

    def undo(self, size: int) -> None:
        """Takes the newest entry back."""
        self._size = size
        # Should this fail as well: the next entry is written over it, and recovery cuts the rest.
        with suppress(OSError):
            os.ftruncate(self._open(), size)

    def trim(self, horizon: int, next_ordinal: int, arrival_floor_ms: int) -> list[Path]:
        """Lets go of the files whose records are all before the horizon; they are the caller's to
        delete. Raises OSError, and then they are still part of the log.
        """
        if not self._firsts:
            return []
        if horizon >= next_ordinal > self._firsts[-1]:
            self._begin(Head(next_ordinal, arrival_floor_ms, horizon))
        else:
            _write(self._open(), encode_horizon(horizon), HORIZON_AT)
            self._written(self._path(self._firsts[-1]))
        gone = max(0, bisect_right(self._firsts, horizon) - 1)
        paths = [self._path(first) for first in self._firsts[:gone]]
        del self._firsts[:gone]
        return paths

    def close(self) -> None:
        """Gives the open file back."""
        if self._newest is not None:
            os.close(self._newest)
            self._newest = None

    def _begin(self, head: Head) -> None:
        """Starts a file. Raises OSError, and then there is none."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(head.first_ordinal)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            _write(file, encode_head(head), 0)
        except OSError:
            os.close(file)
            path.unlink()
            raise
        self.close()
        self._newest = file
        self._size = HEAD_BYTES
        self._firsts.append(head.first_ordinal)
        self._written(path)

    def _open(self) -> int:
        if self._newest is None:
            self._newest = os.open(self._path(self._firsts[-1]), os.O_RDWR)
        return self._newest

    def _path(self, first_ordinal: int) -> Path:
        return self._folder / f"{first_ordinal:0{_DIGITS}d}{SUFFIX}"


def _write(file: int, data: bytes, at: int) -> None:
    """Writes all of it at a place. Raises OSError, and then any part of it may be there."""
    written = os.pwrite(file, data, at)
    while written < len(data):
        written += os.pwrite(file, memoryview(data)[written:], at + written)

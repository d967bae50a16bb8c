"""Whose turn it is to write to a file or folder: the epoch of the newest writer, in a file beside.

A processor that was taken for dead may come back in the middle of anything, even of a write. So the
epoch is looked up under a lock that is held until the write is done.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import FleetError, Superseded


class EpochFile:
    """Of several writers the one of the newest epoch may write; the others get Superseded."""

    def __init__(self, path: Path, epoch: int, what: str, remedy: str) -> None:
        """`what` is written to, for people, such as `dead letters: /data/dead-letter.jsonl`;
        `remedy` is for a disk that refuses.
        """
        self._path = path
        self._epoch = epoch
        self._what = what
        self._remedy = remedy

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes meanwhile. Makes the folder. Raises Superseded when a newer epoch has
        written, and FleetError for what the disk says.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666), "rb") as holder:
                fcntl.flock(holder, fcntl.LOCK_EX)
                self._claim(holder.fileno())
                yield
        except OSError as error:
            raise FleetError(
                f"{self._what}: {error.strerror or error}", remedy=self._remedy
            ) from error

    def _claim(self, holder: int) -> None:
        newest = int(os.pread(holder, 32, 0) or 0)
        if newest > self._epoch:
            raise Superseded(f"{self._what}: epoch {newest} writes to it, ours is {self._epoch}")
        if newest < self._epoch:
            # Written over, then cut: on a full disk the older number is still there.
            text = b"%d\n" % self._epoch
            os.pwrite(holder, text, 0)
            os.ftruncate(holder, len(text))


def sync_folder(folder: Path) -> None:
    """Makes names in it durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Whose turn it is to write to a file or folder: the epoch of the newest writer, in a file beside.
There, too, is an id by which the file or folder is told from one of the same name elsewhere.

A processor that was taken for dead may come back in the middle of anything, even of a write. So the
epoch is looked up under a lock that is held until the write is done.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from awsio.retry import DISK_OUTAGES
from fleet.errors import ConfigError, FleetError, Superseded, TransientError


class EpochFile:
    """Of several writers the one of the newest epoch may write; the others get Superseded."""

    def __init__(self, path: Path, epoch: int, what: str, remedy: str, *, owner: str = "") -> None:
        """`what` is written to, for people, such as `dead letters: /data/dead-letter.jsonl`;
        `remedy` is for a disk that refuses. With an `owner` (an application), nobody else may
        write.
        """
        self._path = path
        self._owner = owner
        self._epoch = epoch
        self._what = what
        self._remedy = remedy
        self.id = ""
        """Of what is written to; known from the first `held` on."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes meanwhile. Makes the folder. Raises Superseded when a newer epoch has
        written, ConfigError when it is another owner's, and for what the disk says
        TransientError if it can be well again, else FleetError.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666), "rb") as holder:
                fcntl.flock(holder, fcntl.LOCK_EX)
                self._claim(holder.fileno())
                yield
        except OSError as error:
            text = error.strerror or str(error)
            if error.errno in DISK_OUTAGES:
                raise TransientError(text, remedy=self._remedy) from error
            raise FleetError(f"{self._what}: {text}", remedy=self._remedy) from error

    def _claim(self, holder: int) -> None:
        newest, known_id, owner = self._read(holder)
        if known_id and owner != self._owner:
            # Its epochs are not ours to compare, nor are its lines ours to cut.
            raise ConfigError(
                f"{self._what}: application {owner or '?'} writes to it",
                remedy=f"name another place; if that application is gone, remove {self._path}",
            )
        if newest > self._epoch:
            raise Superseded(f"{self._what}: epoch {newest} writes to it, ours is {self._epoch}")
        self.id = known_id or uuid.uuid4().hex
        if newest < self._epoch or not known_id:
            # Written over, then cut: on a full disk the older number is still there.
            text = f"{self._epoch} {self.id} {self._owner}".rstrip().encode() + b"\n"
            os.pwrite(holder, text, 0)
            os.ftruncate(holder, len(text))

    def _read(self, holder: int) -> tuple[int, str, str]:
        """The newest epoch, the id and the owner; 0 and nothing while there is none."""
        try:
            words = os.pread(holder, 4096, 0).decode().split(maxsplit=2)
            epoch, known_id, owner = [*words, "", "", ""][:3]
            return int(epoch or 0), known_id, owner.strip()
        except ValueError:
            raise FleetError(
                f"{self._what}: {self._path} holds no epoch",
                remedy="stop every processor that writes there, then remove that file",
            ) from None


def sync_folder(folder: Path) -> None:
    """Makes names in it durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

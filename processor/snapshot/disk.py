"""Snapshots on the local disk: two files, replaced atomically, guarded by a lock file."""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import SnapshotCorrupt, SnapshotRefused
from processor.snapshot.base import Snapshot
from processor.snapshot.codec import decode, encode

log = logging.getLogger(__name__)


class DiskSnapshots:
    """Keeps `snapshot` and `snapshot.previous` in a folder.

    A save is: write beside, fsync, move the current one to previous, move the new one to current,
    fsync the folder. A crash between any two of these leaves at least one whole snapshot.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current = folder / "snapshot"
        self._previous = folder / "snapshot.previous"
        folder.mkdir(parents=True, exist_ok=True)

    async def load(self) -> Snapshot | None:
        return await asyncio.to_thread(self._load)

    async def save(self, snapshot: Snapshot) -> None:
        await asyncio.to_thread(self._save, snapshot)

    async def set_aside(self, reason: str) -> str:
        return await asyncio.to_thread(self._set_aside, reason)

    def _load(self) -> Snapshot | None:
        failure: SnapshotCorrupt | None = None
        for path in (self._current, self._previous):
            try:
                snapshot = decode(path.read_bytes(), str(path))
            except FileNotFoundError:
                continue
            except SnapshotCorrupt as error:
                log.error("%s; trying the one before it", error)
                failure = error
                continue
            if failure is not None:
                log.error("going on from %s: the records since then are read again", path)
            return snapshot
        if failure is not None:
            raise SnapshotCorrupt(
                f"no snapshot in {self._folder} checks out: {failure}",
                remedy="restore one from a backup, or start afresh with --state discard",
            )
        return None

    def _save(self, snapshot: Snapshot) -> None:
        with self._locked():
            self._refuse_older(snapshot)
            fresh = self._folder / "snapshot.new"
            with fresh.open("wb") as file:
                file.write(encode(snapshot))
                file.flush()
                os.fsync(file.fileno())
            if self._current.exists():
                self._current.replace(self._previous)
            fresh.replace(self._current)
            self._sync_folder()

    def _refuse_older(self, snapshot: Snapshot) -> None:
        epoch_file = self._folder / "epoch"
        stored = int(epoch_file.read_text()) if epoch_file.exists() else 0
        if snapshot.epoch < stored:
            raise SnapshotRefused(
                f"another processor of {snapshot.application} took over {self._folder} "
                f"(epoch {stored}, ours is {snapshot.epoch})",
                remedy="run one processor per application and --data folder",
            )
        if snapshot.epoch > stored:
            fresh = self._folder / "epoch.new"
            with fresh.open("w") as file:
                file.write(str(snapshot.epoch))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(epoch_file)

    def _set_aside(self, reason: str) -> str:
        with self._locked():
            number = 1
            while (home := self._folder / f"set-aside-{number}").exists():
                number += 1
            home.mkdir()
            (home / "reason.txt").write_text(reason + "\n")
            for path in (self._current, self._previous):
                if path.exists():
                    path.replace(home / path.name)
            self._sync_folder()
            return str(home)

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One save at a time, between processes too: epoch check and write are one step."""
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

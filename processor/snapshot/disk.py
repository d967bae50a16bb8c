"""Snapshots on the local disk: two files, replaced atomically, guarded by a lock file."""

import fcntl
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from awsio.retry import DISK_OUTAGES, OnWait, retry_blocking
from fleet.errors import ConfigError, SnapshotCorrupt, TransientError
from processor.snapshot.base import Snapshot, SnapshotStore, superseded
from processor.snapshot.codec import decode, encode

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class DiskSnapshots(SnapshotStore):
    """Keeps `snapshot` and `snapshot.previous` in a folder, and `epoch`: the newest one, and who
    claimed it.

    A save is: write beside, fsync, move the current one to previous, move the new one to current,
    fsync the folder. A crash between any two of these leaves at least one whole snapshot. A full
    disk is waited for, visibly through `on_wait`.
    """

    def __init__(self, folder: Path, *, on_wait: OnWait | None = None) -> None:
        self.where = str(folder)
        self._folder = folder
        self._on_wait = on_wait
        self._current = folder / "snapshot"
        self._previous = folder / "snapshot.previous"
        self._damaged = folder / "snapshot.damaged"
        self._newest_damaged = False
        self._epoch = folder / "epoch"
        self._writer = uuid.uuid4().hex

    async def load(self) -> Snapshot | None:
        return await self._off_the_loop(self._load)

    async def save(self, snapshot: Snapshot) -> None:
        await self._off_the_loop(lambda: self._save(snapshot))

    async def claim(self, epoch: int) -> None:
        def work() -> None:
            with self._locked():
                self._claim(epoch)
                self._sync_folder()

        await self._off_the_loop(work)

    async def newest_epoch(self) -> int:
        return await self._off_the_loop(lambda: self._read_epoch()[0])

    async def set_aside(self, reason: str) -> str:
        return await self._off_the_loop(lambda: self._set_aside(reason))

    async def _off_the_loop(self, work: Callable[[], Result]) -> Result:
        def attempt() -> Result:
            try:
                return work()
            except OSError as error:
                text = f"{error.strerror} ({error.filename or self._folder})"
                if error.errno in DISK_OUTAGES:
                    raise TransientError(text) from error
                raise ConfigError(
                    f"snapshots in {self._folder}: {text}",
                    remedy="check the folder and its permissions, or give another with --data",
                ) from error

        return await retry_blocking(attempt, f"folder {self._folder}", on_wait=self._on_wait)

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
                self._newest_damaged = True
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
        data = encode(snapshot)
        with self._locked():
            self._claim(snapshot.epoch)
            self._write(self._folder / "snapshot.new", data)
            if self._current.exists():
                # What is damaged must not push out the one that was found whole.
                self._current.replace(self._damaged if self._newest_damaged else self._previous)
                self._newest_damaged = False
            (self._folder / "snapshot.new").replace(self._current)
            self._sync_folder()

    def _claim(self, epoch: int) -> None:
        newest, writer = self._read_epoch()
        if epoch < newest or (epoch == newest and writer != self._writer):
            raise superseded(self.where, newest, epoch)
        if epoch > newest:
            fresh = self._folder / "epoch.new"
            self._write(fresh, f"{epoch} {self._writer}\n".encode())
            fresh.replace(self._epoch)

    def _read_epoch(self) -> tuple[int, str]:
        try:
            epoch, writer = self._epoch.read_text().split()
            return int(epoch), writer
        except FileNotFoundError:
            return 0, ""
        except ValueError:
            raise SnapshotCorrupt(
                f"{self._epoch} holds no epoch",
                remedy="stop every processor of this folder, then remove the file",
            ) from None

    def _write(self, path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _set_aside(self, reason: str) -> str:
        with self._locked():
            self._claim(self._read_epoch()[0] + 1)
            number = 1
            while (home := self._folder / f"set-aside-{number}").exists():
                number += 1
            home.mkdir()
            (home / "reason.txt").write_text(reason + "\n")
            # The newest last: a crash in between must not leave the previous one to be loaded.
            for path in (self._previous, self._current):
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
        """One save at a time, between processes too: epoch check and write are one step. Whoever
        comes while another is at it waits, visibly: a process can be stopped in the middle.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise TransientError(
                    f"process {file.read()} is in the middle of a save there, or was stopped in it "
                    "(SIGSTOP): let it go on, or kill it"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

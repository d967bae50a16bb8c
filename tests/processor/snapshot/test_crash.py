"""Dies between any two steps of a save: the old snapshot or the new one is there, whole. The
controls save in a torn order, and must be caught.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from awsio.clients import AwsClients
from fleet.errors import SnapshotCorrupt
from processor.snapshot.base import Snapshot
from processor.snapshot.codec import encode
from processor.snapshot.disk import DiskSnapshots
from processor.snapshot.place import Place
from processor.snapshot.remote import Entry, RemoteSnapshots
from tests.processor.snapshot.conftest import APPLICATION
from tests.processor.snapshot.flaky import WatchedClients
from tests.processor.snapshot.samples import FIRST, SECOND, large

SNAPSHOTS = [replace(FIRST, saved_ms=number, epoch=1 + number // 3) for number in range(6)]


class Crash(BaseException):
    """The process dies here: nothing may catch it and go on."""


class Fuse:
    """Counts the steps at which a process can die, and dies at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> bool:
        self.steps += 1
        return self.steps == self.at


class DyingDisk:
    """Puts a fuse into the calls that change a disk. What was written and not yet synced is half
    there after a death.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fuse: Fuse) -> None:
        fsync, replace_, open_ = os.fsync, Path.replace, Path.open

        def dying_fsync(descriptor: int) -> None:
            if fuse.step():
                if not os.path.isdir(f"/proc/self/fd/{descriptor}"):
                    os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
                raise Crash
            fsync(descriptor)

        def dying_replace(path: Path, target: Path) -> Path:
            if fuse.step():
                raise Crash
            return replace_(path, target)

        def dying_open(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if "w" in mode and fuse.step():
                raise Crash
            return open_(path, mode, *rest, **options)

        monkeypatch.setattr(os, "fsync", dying_fsync)
        monkeypatch.setattr(Path, "replace", dying_replace)
        monkeypatch.setattr(Path, "open", dying_open)


class InPlace(DiskSnapshots):
    """The control: writes over the current snapshot, keeping none."""

    def _save(self, snapshot: Snapshot) -> None:
        self._folder.mkdir(exist_ok=True)
        with self._current.open("wb") as file:
            file.write(encode(snapshot))
            file.flush()
            os.fsync(file.fileno())


async def die_on_disk(folder: Path, kind: type[DiskSnapshots], at: int) -> bool:
    """Saves one after the other, dies at a step, and looks; returns whether it did die."""
    fuse, saved = Fuse(at), None
    attempted = None
    with pytest.MonkeyPatch.context() as monkeypatch:
        DyingDisk(monkeypatch, fuse)
        store = kind(folder)
        try:
            for snapshot in SNAPSHOTS:
                attempted = snapshot
                store._save(snapshot)
                saved = snapshot
        except Crash:
            pass
    again = kind(folder)
    found = await again.load()
    assert found in (saved, attempted), f"died at step {at}"
    newer = replace(SECOND, epoch=9)
    await again.save(newer)
    assert await kind(folder).load() == newer
    return fuse.steps >= at


async def deaths_on_disk(tmp_path: Path, kind: type[DiskSnapshots]) -> int:
    at = 1
    while await die_on_disk(tmp_path / str(at), kind, at):
        at += 1
    return at - 1


async def test_dying_at_every_step_on_a_disk(tmp_path: Path) -> None:
    # write, sync, two renames, sync of the folder; for each new epoch write, sync, rename
    assert await deaths_on_disk(tmp_path, DiskSnapshots) == 6 * 5 - 1 + 2 * 3


async def test_a_torn_order_on_a_disk_is_caught(tmp_path: Path) -> None:
    with pytest.raises(SnapshotCorrupt):
        await deaths_on_disk(tmp_path, InPlace)


class EntryFirst(RemoteSnapshots):
    """The control: names the object before it is there."""

    async def save(self, snapshot: Snapshot) -> None:
        seen = await self._register.read()
        data = encode(snapshot)
        key = f"{snapshot.epoch:012d}-{snapshot.saved_ms}"
        version = 0 if seen is None else seen.version
        await self._register.replace(
            Entry(snapshot.epoch, version + 1, self._writer, 0, False, key, None), seen
        )
        await self._objects.put(key, data)


def die_in_service(
    place: Place, aws: AwsClients, kind: type[RemoteSnapshots]
) -> Callable[[int], Any]:
    def open_kind(clients: AwsClients, application: str) -> RemoteSnapshots:
        store = place.open(application, clients)
        assert isinstance(store, RemoteSnapshots)
        return kind(store._register, store._objects, inline_bytes_max=store._inline_bytes_max)

    async def die(at: int) -> bool:
        fuse = Fuse(at)

        def around(name: str, is_done: bool) -> None:
            if fuse.step():
                raise Crash

        application = f"{APPLICATION}-{at}"
        saved = attempted = None
        store = open_kind(WatchedClients(aws, around), application)
        try:
            for number, snapshot in enumerate(SNAPSHOTS[1:5]):
                # Small ones stay in the entry, large ones do not.
                attempted = large(snapshot, 190_000) if number % 3 else snapshot
                await store.save(attempted)
                saved = attempted
        except Crash:
            pass
        again = open_kind(aws, application)
        found = await again.load()
        assert found in (saved, attempted), f"died at step {at}"
        newer = large(replace(SECOND, epoch=9), 190_000)
        await again.save(newer)
        assert await open_kind(aws, application).load() == newer
        return fuse.steps >= at

    return die


async def deaths_in_service(place: Place, aws: AwsClients, kind: type[RemoteSnapshots]) -> int:
    die = die_in_service(place, aws, kind)
    at = 1
    while await die(at):
        at += 1
    return at - 1


@pytest.mark.long
async def test_dying_at_every_call_to_a_service(place: Place, aws: AwsClients) -> None:
    assert await deaths_in_service(place, aws, RemoteSnapshots) >= 15


async def test_a_torn_order_in_a_service_is_caught(place: Place, aws: AwsClients) -> None:
    with pytest.raises((SnapshotCorrupt, AssertionError)):
        await deaths_in_service(place, aws, EntryFirst)

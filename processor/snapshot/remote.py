"""Snapshots in services: a small entry, replaced conditionally, that holds or names the bytes.

    register   one entry per application: epoch, version, and where the newest snapshot and the one
               before it are; changed only by whoever has seen what is there
    objects    the bytes of snapshots that are too large for the entry, each under its own key

A save puts the object first, then the entry that names it. A crash in between leaves an object that
nobody names, which the next start removes.
"""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from fleet.errors import ResourceMissing, SnapshotCorrupt
from processor.snapshot.base import SignOfLife, Snapshot, SnapshotStore, superseded
from processor.snapshot.codec import decode, encode

log = logging.getLogger(__name__)

ASIDE: Final = "set-aside-"
"""Before the key of an object that was set aside: it sorts after every epoch."""

NEVER_MS: Final = -1
"""The time of an entry without a snapshot."""

Held = bytes | str
"""A snapshot's bytes, or the key of the object that holds them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register holds for one application."""

    epoch: int
    version: int
    """Grows by one with each change."""
    writer: str
    """A name that no other store object has: who made this change."""
    saved_ms: int
    released: bool
    """Of the current snapshot, as in it: so that a look at them needs no more than the entry."""
    current: Held | None
    previous: Held | None

    @property
    def keys(self) -> set[str]:
        """The objects that it names."""
        return {held for held in (self.current, self.previous) if isinstance(held, str)}


class Register(Protocol):
    """One entry of one application, in a service that can replace it conditionally.

    All of its methods wait out throttling and outages, visibly, and raise ResourceMissing when
    there is no such table or bucket.
    """

    where: str

    async def read(self) -> Entry | None:
        """The entry as the last change left it; None when there never was one."""
        ...

    async def glance(self) -> SignOfLife | None:
        """Its epoch and whether it was released, no more: cheaper than `read`."""
        ...

    async def replace(self, new: Entry, seen: Entry | None) -> bool:
        """Puts `new` in place of `seen` (None: of nothing), in one conditional write. False when
        something else was there: perhaps `new` itself, put by an attempt whose answer was lost.
        """
        ...

    async def keep_aside(self, entry: Entry, reason: str) -> str:
        """Keeps a copy for a person who looks for it; says where."""
        ...


class Objects(Protocol):
    """Bytes by key. Waits and raises as Register does."""

    async def put(self, key: str, data: bytes) -> None:
        """Returns when they are durable."""
        ...

    async def get(self, key: str) -> bytes:
        """Raises KeyError when there are none."""
        ...

    async def keys(self) -> list[str]:
        """All keys."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Keys that are not there do not matter."""
        ...


class RemoteSnapshots(SnapshotStore):
    """The store on a register and objects. Snapshots of up to `inline_bytes_max` stay in the entry.

    Objects are named `EPOCH-SHA256`, so that one that was loaded need not be fetched again: a start
    loads, claims its epoch, and loads what was saved until then. Two rules make it safe to remove
    them: a save removes what its own entry has just let go of, after that entry is in place; the
    first save of an epoch removes what older epochs left and the entry does not name. So nobody
    removes what a newer epoch wrote.
    """

    def __init__(self, register: Register, objects: Objects, *, inline_bytes_max: int) -> None:
        self.where = register.where
        self._register = register
        self._objects = objects
        self._inline_bytes_max = inline_bytes_max
        self._writer = uuid.uuid4().hex
        self._seen: Entry | None = None
        self._damaged: set[Held] = set()
        self._swept_epoch = 0
        self._fetched: tuple[str, Snapshot] | None = None

    async def load(self) -> Snapshot | None:
        while True:
            entry = self._seen = await self._register.read()
            try:
                return await self._newest_whole(entry)
            except KeyError as missing:
                # The holder may have saved twice since, and removed what this entry names.
                if await self._register.read() == entry:
                    raise SnapshotCorrupt(
                        f"{self.where} names {missing}, which is not there",
                        remedy="restore the object, or start afresh with --state discard",
                    ) from None

    async def save(self, snapshot: Snapshot) -> None:
        self._fetched = None
        seen = self._seen or await self._register.read()
        self._refuse(seen, snapshot.epoch)
        data = await asyncio.to_thread(encode, snapshot)
        held: Held = data
        if len(data) > self._inline_bytes_max:
            held = f"{snapshot.epoch:012d}-{hashlib.sha256(data).hexdigest()}"
            await self._objects.put(held, data)
        seen, new = await self._put(seen, snapshot, held)
        if seen is not None:
            await self._remove(seen.keys - new.keys)
        if self._swept_epoch < new.epoch:
            await self._sweep(new)

    async def claim(self, epoch: int) -> None:
        def claimed(seen: Entry | None) -> Entry:
            if seen is None:
                return Entry(epoch, 1, self._writer, NEVER_MS, False, None, None)
            return replace(seen, epoch=epoch, version=seen.version + 1, writer=self._writer)

        await self._change(await self._register.read(), epoch, claimed)

    async def newest_epoch(self) -> int:
        found = await self._register.glance()
        return 0 if found is None else found.epoch

    async def sign_of_life(self) -> SignOfLife | None:
        found = await self._register.glance()
        # Without a time nothing was saved since a set-aside.
        return found if found is not None and found.saved_ms != NEVER_MS else None

    async def set_aside(self, reason: str) -> str:
        while True:
            entry = await self._register.read()
            if entry is None:
                return f"{self.where} (there was nothing)"
            kept = replace(
                entry,
                current=await self._copied(entry.current),
                previous=await self._copied(entry.previous),
            )
            home = await self._register.keep_aside(kept, reason)
            empty = Entry(
                entry.epoch + 1, entry.version + 1, self._writer, NEVER_MS, False, None, None
            )
            if await self._register.replace(empty, entry) or await self._register.read() == empty:
                self._seen = empty
                return home

    async def _copied(self, held: Held | None) -> Held | None:
        """A copy of an object under a name that no sweep takes."""
        if not isinstance(held, str):
            return held
        try:
            data = await self._objects.get(held)
        except KeyError:
            return None
        await self._objects.put(f"{ASIDE}{held}", data)
        return f"{ASIDE}{held}"

    async def _newest_whole(self, entry: Entry | None) -> Snapshot | None:
        """Raises KeyError when none is whole and an object is not there."""
        failures: list[Exception] = []
        for held in () if entry is None else (entry.current, entry.previous):
            if held is None:
                continue
            try:
                snapshot = await self._held(held)
            except (SnapshotCorrupt, KeyError) as error:
                log.error("%s: the newest snapshot is not whole: %s", self.where, error)
                failures.append(error)
                self._damaged.add(held)
                continue
            if failures:
                log.error("going on from the one before it: the records since are read again")
            return snapshot
        for failure in failures:
            if isinstance(failure, KeyError):
                raise failure
        if failures:
            raise SnapshotCorrupt(
                f"no snapshot in {self.where} checks out: {failures[0]}",
                remedy="restore one from an export, or start afresh with --state discard",
            )
        return None

    async def _held(self, held: Held) -> Snapshot:
        """Raises KeyError and SnapshotCorrupt."""
        if isinstance(held, bytes):
            return await asyncio.to_thread(decode, held, self.where)
        if self._fetched is None or self._fetched[0] != held:
            data = await self._objects.get(held)
            self._fetched = held, await asyncio.to_thread(decode, data, self.where)
        return self._fetched[1]

    async def _put(
        self, seen: Entry | None, snapshot: Snapshot, held: Held
    ) -> tuple[Entry | None, Entry]:
        """Puts the snapshot into the entry; returns what that was and what it is."""

        def saved(seen: Entry | None) -> Entry:
            version, previous = (0, None) if seen is None else (seen.version, self._whole(seen))
            return Entry(
                snapshot.epoch,
                version + 1,
                self._writer,
                snapshot.saved_ms,
                snapshot.released,
                held,
                previous,
            )

        return await self._change(seen, snapshot.epoch, saved)

    async def _change(
        self, seen: Entry | None, epoch: int, change: Callable[[Entry | None], Entry]
    ) -> tuple[Entry | None, Entry]:
        """Replaces the entry by what `change` makes of it; returns both. Whoever has the newer
        epoch, or claimed it first, goes on; an entry of an older epoch is replaced whatever its
        version.
        """
        while True:
            self._refuse(seen, epoch)
            new = change(seen)
            if not await self._register.replace(new, seen):
                found = await self._register.read()
                if found != new:
                    seen = found
                    continue
            self._seen = new
            return seen, new

    def _refuse(self, seen: Entry | None, epoch: int) -> None:
        if seen is None or seen.epoch < epoch:
            return
        if seen.epoch > epoch or seen.writer != self._writer:
            raise superseded(self.where, seen.epoch, epoch)

    def _whole(self, seen: Entry) -> Held | None:
        """What becomes the previous one: a damaged snapshot must not push out a whole one."""
        return seen.previous if seen.current in self._damaged else seen.current

    async def _sweep(self, new: Entry) -> None:
        older = [key for key in await self._objects.keys() if key < f"{new.epoch:012d}-"]
        await self._remove(set(older) - new.keys)
        self._swept_epoch = new.epoch

    async def _remove(self, keys: set[str]) -> None:
        if keys:
            await self._objects.delete(sorted(keys))


def missing(what: str) -> ResourceMissing:
    """The error for a table or a bucket that is not there."""
    return ResourceMissing(
        f"there is no {what}",
        remedy="`wildrydes processor --create-missing` makes it, and --state-store names another",
    )

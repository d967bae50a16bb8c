"""Snapshots in memory, as bytes: for tests and runs that need no restart."""

from processor.snapshot.base import Snapshot, SnapshotStore, superseded
from processor.snapshot.codec import decode, encode


class MemorySnapshots(SnapshotStore):
    """Keeps encoded bytes, so that what is loaded is what a disk would give back."""

    where = "memory"

    def __init__(self) -> None:
        self._shelf = _Shelf()

    def as_another(self) -> "MemorySnapshots":
        """The same snapshots, as another process would see them."""
        other = type(self)()
        other._shelf = self._shelf
        return other

    async def load(self) -> Snapshot | None:
        stored = self._shelf.stored
        return None if stored is None else decode(stored, self.where)

    async def save(self, snapshot: Snapshot) -> None:
        await self.claim(snapshot.epoch)
        self._shelf.stored = encode(snapshot)

    async def claim(self, epoch: int) -> None:
        shelf = self._shelf
        await self.check(epoch)
        if epoch == shelf.epoch and shelf.writer is not self:
            raise superseded(self.where, shelf.epoch, epoch)
        shelf.epoch, shelf.writer = epoch, self

    async def newest_epoch(self) -> int:
        return self._shelf.epoch

    async def set_aside(self, reason: str) -> str:
        self._shelf.stored = None
        self._shelf.epoch += 1
        self._shelf.writer = self
        return f"memory ({reason})"


class _Shelf:
    """What outlives a process."""

    def __init__(self) -> None:
        self.stored: bytes | None = None
        self.epoch = 0
        self.writer: MemorySnapshots | None = None

"""Snapshots in memory, as bytes: for tests and runs that need no restart."""

from fleet.errors import SnapshotRefused
from processor.snapshot.base import Snapshot
from processor.snapshot.codec import decode, encode


class MemorySnapshots:
    """Keeps encoded bytes, so that what is loaded is what a disk would give back."""

    def __init__(self) -> None:
        self._stored: bytes | None = None
        self._epoch = 0

    async def load(self) -> Snapshot | None:
        return None if self._stored is None else decode(self._stored, "memory")

    async def save(self, snapshot: Snapshot) -> None:
        if snapshot.epoch < self._epoch:
            raise SnapshotRefused(
                f"another processor of {snapshot.application} took over "
                f"(epoch {self._epoch}, ours is {snapshot.epoch})"
            )
        self._epoch = snapshot.epoch
        self._stored = encode(snapshot)

    async def set_aside(self, reason: str) -> str:
        self._stored = None
        return f"memory ({reason})"

"""The snapshot and the contract of every store that keeps one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fleet.errors import Superseded
from sinks.base import Cursor


@dataclass(frozen=True, slots=True)
class StreamIdentity:
    """Which stream the positions belong to: a stream deleted and made again under the same name is
    another one, and its sequence numbers mean nothing to the old positions.
    """

    arn: str
    created_ms: int

    def __str__(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a state holds, for people."""

    watermark_ms: int
    open_windows: int
    groups: int
    """Those included that are about to be forgotten."""
    state_bytes: int
    """In memory, about."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a restart needs, consistent because it is saved in one write."""

    application: str
    fingerprint: str
    """Of the plan that made `state` (analytics_sql.plan.Application.fingerprint)."""
    stream: StreamIdentity
    epoch: int
    """Grows with each start of a processor; a store refuses a save with an older one."""
    saved_ms: int
    positions: Mapping[str, str]
    """Shard id -> sequence number of the last record in `state`, or SHARD_END."""
    clocks_ms: Mapping[str, int]
    """Shard id -> how far the shard's time had come."""
    state: bytes
    """The engine's dump: open windows and watermark."""
    cursors: Mapping[str, Cursor]
    """Sink name -> how far its durable output reaches."""
    shape: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Pump -> what `state` keeps for it, in words (Engine.shape): another plan can go on with the
    state when its pumps keep the same.
    """
    figures: Figures | None = None
    """Of `state`; None: there is none yet."""
    released: bool = False
    """Whether the holder has stopped gracefully: a successor that waits may take over at once. A
    start saves it as False.
    """
    start_ms: int | None = None
    """A shard that has no position is read from its first record that arrived at this time or
    later; None: from its oldest.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    """Reference table -> digest of the rows that records after `positions` are looked up in."""

    @property
    def sign_of_life(self) -> "SignOfLife":
        """What it shows of its holder."""
        return SignOfLife(self.epoch, self.saved_ms, self.released)


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """Who holds an application; the same as before when the holder has saved nothing since."""

    epoch: int
    saved_ms: int
    released: bool


class SnapshotStore(Protocol):
    """Keeps the newest snapshot of one application.

    Saving is conditional on the epoch, so that a processor that was thought dead, and comes back
    after another has taken over, cannot overwrite what the other saved. The first claim or save of
    an epoch claims it for the store object that makes it: of two that start at the same moment with
    the same epoch, one wins.
    """

    where: str
    """The place, for messages."""

    async def load(self) -> Snapshot | None:
        """The newest whole snapshot, or None when there never was one.

        A newest one that does not check out is reported and the one before it is returned; raises
        SnapshotCorrupt when none checks out.
        """
        ...

    async def save(self, snapshot: Snapshot) -> None:
        """Returns when it is durable. Raises Superseded when a newer epoch has been saved, or this
        epoch by another.
        """
        ...

    async def claim(self, epoch: int) -> None:
        """Returns when `epoch` is durably this store object's, and no older one can save; the
        stored snapshots stay as they are. Raises Superseded as `save` does.
        """
        ...

    async def newest_epoch(self) -> int:
        """The newest epoch ever saved, 0 when there is none: a cheap read. It outlives
        `set_aside`.
        """
        ...

    async def sign_of_life(self) -> SignOfLife | None:
        """That of the newest snapshot, None when there is none. Stores that can tell without the
        whole snapshot do.
        """
        found = await self.load()
        if found is None:
            return None
        return found.sign_of_life

    async def check(self, epoch: int) -> None:
        """Raises Superseded when a newer epoch has been saved: whoever holds `epoch` may write
        nothing more, to any sink.
        """
        newest = await self.newest_epoch()
        if newest > epoch:
            raise superseded(self.where, newest, epoch)

    async def set_aside(self, reason: str) -> str:
        """Puts the stored snapshots away, so that `load` gives None; says where they are now. It
        raises the epoch: a processor that is at work would save its state anew.
        """
        ...


def superseded(where: str, newest: int, epoch: int) -> Superseded:
    """The error for whoever holds `epoch` when `newest` has been saved."""
    return Superseded(
        f"another processor took over {where} (epoch {newest}, ours is {epoch})",
        remedy="run one processor per application and state store; the newest start goes on",
    )

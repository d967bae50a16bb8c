"""What a start goes on from: the stored snapshot if it fits, a beginning if there is none."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal

from analytics_sql.plan import Application
from fleet.batch import earlier
from fleet.errors import SnapshotCorrupt, SnapshotRefused
from fleet.timestamp import timestamp_text
from processor.engine import Engine, adopted
from processor.snapshot.base import Snapshot, SnapshotStore, StreamIdentity
from processor.snapshot.fit import Shape, misfits, newcomers
from sinks.base import Cursor

log = logging.getLogger(__name__)

StatePolicy = Literal["exact", "keep", "discard"]
"""What is done with a snapshot that is there: `exact` goes on only with the plan that made it,
`keep` with any plan that it fits too, `discard` sets it aside.
"""

DISCARD: Final = (
    "start afresh with --state discard (the stream is then read again, from its oldest record or "
    "from --start)"
)


async def resume(
    snapshots: SnapshotStore,
    application: Application,
    stream: StreamIdentity,
    *,
    source_now_ms: int = 0,
    policy: StatePolicy = "exact",
    start_ms: int | None = None,
) -> tuple[Snapshot, str]:
    """Returns the snapshot to go on from and a sentence that says what was found.

    The epoch is claimed first, and only then is the snapshot to go on from loaded: what the holder
    has saved until then counts, and after that it is refused, so nothing newer can be replaced by
    something older. What does not fit is refused before the claim, and the holder stays at work.

    The epoch is at least `source_now_ms`, the time on the source's own clock (0: it has none), in
    seconds: sinks refuse the rows of an older epoch, and a count that began at 1 again after a
    state folder was lost would have every row of the new start refused. Two starts in one second
    still differ as long as the store is there.

    A snapshot of a stream that is gone, or one to `discard`, is set aside, never deleted. A
    beginning reads what arrived from `start_ms` on (None: from the oldest record), which is saved
    with the epoch: a second start before the first snapshot begins there, too.

    Raises SnapshotRefused when the stored state does not fit the plan, Superseded when another
    start came first at the same moment.
    """
    shape = Engine(application).shape if application.pumps else {}
    found, failure = await _found(snapshots, policy)
    reason = failure or _reason_to_set_aside(found, stream, policy)
    if found is not None and reason is None:
        _going_on(found, application, shape, policy)
    if reason is not None:
        # That claims the next epoch, too.
        home = await snapshots.set_aside(reason)
        epoch = max(await snapshots.newest_epoch(), source_now_ms // 1000)
        found = None
    else:
        home = None
        epoch = max(await snapshots.newest_epoch() + 1, source_now_ms // 1000)
        await snapshots.claim(epoch)
        found, _ = await _found(snapshots, policy)
    if found is not None:
        start, message = _going_on(found, application, shape, policy)
        start = replace(start, epoch=epoch, released=False)
        if start_ms is not None:
            message += "; --start is for a beginning without one"
    else:
        start = Snapshot(
            application=application.name,
            fingerprint=application.fingerprint,
            stream=stream,
            epoch=epoch,
            saved_ms=0,
            positions={},
            clocks_ms={},
            state=b"",
            cursors={},
            shape=shape,
            start_ms=start_ms,
        )
        message = _beginning(stream, start_ms, reason, home)
    await snapshots.save(start)
    return start, message


def start_positions(positions: Mapping[str, str], cursors: Iterable[Cursor]) -> dict[str, str]:
    """Where each shard is read from: a record sink that holds records back needs them again, so the
    earliest of the position and the cursors. A shard left out is read from its oldest record.
    """
    kept = list(cursors)
    start: dict[str, str] = {}
    for shard_id, position in positions.items():
        at: str | None = position
        for cursor in kept:
            held = cursor.get(shard_id)
            at = earlier(at, None if held is None else str(held))
        if at is not None:
            start[shard_id] = at
    return start


async def _found(
    snapshots: SnapshotStore, policy: StatePolicy
) -> tuple[Snapshot | None, str | None]:
    """The stored snapshot, and when none is whole and none is wanted, why."""
    try:
        return await snapshots.load(), None
    except SnapshotCorrupt as error:
        if policy != "discard":
            raise
        return None, f"discarded on request: {error}"


def _reason_to_set_aside(
    found: Snapshot | None, stream: StreamIdentity, policy: StatePolicy
) -> str | None:
    if found is None:
        return None
    if found.stream != stream:
        return _gone(found, stream)
    return "discarded on request" if policy == "discard" else None


def _beginning(
    stream: StreamIdentity, start_ms: int | None, reason: str | None, home: str | None
) -> str:
    """What is said of a start without a snapshot."""
    text = "the oldest record"
    if start_ms is not None:
        text = f"what arrived at {timestamp_text(start_ms)} UTC or later"
    if reason is not None:
        return f"{reason}; set aside in {home}; reading from {text}"
    return f"no snapshot: reading {stream} from {text}"


def _going_on(
    found: Snapshot, application: Application, shape: Shape, policy: StatePolicy
) -> tuple[Snapshot, str]:
    when = f"the snapshot of {timestamp_text(found.saved_ms)} UTC"
    message = f"going on from {when}, {len(found.positions)} shards"
    if found.fingerprint == application.fingerprint:
        return found, message
    differences = misfits(found.shape, shape)
    if differences:
        raise SnapshotRefused(
            f"{when} was made by another version of the SQL of {found.application}: its windows do "
            f"not fit: {'; '.join(differences)}",
            remedy=f"restore the SQL, or {DISCARD}",
        )
    if policy != "keep":
        raise SnapshotRefused(
            f"{when} was made by another version of the SQL of {found.application}",
            remedy="what it keeps fits this one: go on with --state keep (rows already in open "
            f"windows were taken in by the old version), restore the SQL, or {DISCARD}",
        )
    message += "; the SQL has changed, and its open windows fit"
    if new := newcomers(found.shape, shape):
        message += f"; new, with no rows so far: {', '.join(new)}"
    state = adopted(found.state, application.fingerprint) if found.state else b""
    kept = replace(found, fingerprint=application.fingerprint, shape=shape, state=state)
    return kept, message


def _gone(found: Snapshot, stream: StreamIdentity) -> str:
    return (
        f"the snapshot of {timestamp_text(found.saved_ms)} UTC belongs to stream {found.stream} "
        f"made at {timestamp_text(found.stream.created_ms)} UTC, which is gone "
        f"(today's {stream} was made at {timestamp_text(stream.created_ms)} UTC); "
        f"its open windows stay unfinished"
    )

"""Waiting one's turn: a second processor of an application, which takes over when the first one
stops, is killed, or falls silent.
"""

import asyncio

from awsio.retry import OnWait
from processor.snapshot.base import SignOfLife, SnapshotStore

SILENCE_S = 15.0
"""A holder that has saved nothing for so long is taken to be gone. It saves every five seconds,
even when nothing happens (HEARTBEAT_S in processor/pipeline.py). Should it live after all, it is
held off like any older processor: patience spares a needless change, correctness does not depend on
it.
"""

POLL_S = 0.5


async def until_free(snapshots: SnapshotStore, on_wait: OnWait) -> None:
    """Returns when nobody holds the application: there is no snapshot, its holder has released it,
    or has been silent for SILENCE_S. Only this process's own sense of time counts, not the times
    in the snapshot: the two machines' clocks may differ.
    """
    loop = asyncio.get_running_loop()
    seen: SignOfLife | None = None
    seen_s = 0.0
    while True:
        found = await snapshots.sign_of_life()
        if found is None or found.released:
            return
        if found != seen:
            seen, seen_s = found, loop.time()
        elif loop.time() - seen_s >= SILENCE_S:
            return
        on_wait(f"standing by: epoch {found.epoch} is at work on {snapshots.where}", POLL_S)
        await asyncio.sleep(POLL_S)

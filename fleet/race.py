"""Work that is given up when the program is told to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def done_before(
    stop: asyncio.Event,
    work: Coroutine[Any, Any, Result],
    *,
    beat: Callable[[], Awaitable[None]] | None = None,
    beat_s: float | None = None,
) -> Result | None:
    """The result of `work`, or None when `stop` is set first: then `work` is cancelled.

    What `work` raises is raised here. `beat` is awaited each time that another `beat_s` have passed
    beside the work: a deadline that ended it would lose a result that comes at the same moment.
    """
    working = asyncio.create_task(work, name="work")
    stopping = asyncio.create_task(stop.wait(), name="wait for stop")
    both = {working, stopping}
    try:
        while True:
            done, _ = await asyncio.wait(both, timeout=beat_s, return_when=asyncio.FIRST_COMPLETED)
            if done or beat is None:
                break
            await beat()
    finally:
        working.cancel()
        stopping.cancel()
    await asyncio.wait({working})
    return None if working.cancelled() else working.result()


async def finish_in_time(
    stop: asyncio.Event, work: Coroutine[Any, Any, None], patience_s: float
) -> bool:
    """Runs `work`, which knows `stop` itself; after a stop it has so long to finish, then it is
    cancelled. Returns whether it finished. What it raises is raised here.
    """
    running = asyncio.create_task(work, name="work")
    stopping = asyncio.create_task(stop.wait(), name="wait for stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({running}, timeout=patience_s if not running.done() else None)
    finally:
        stopping.cancel()
        if not running.done():
            running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return not running.cancelled()

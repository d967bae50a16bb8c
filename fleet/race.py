"""Work that is given up when the program is told to stop."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def done_before(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """The result of `work`, or None when `stop` is set first: then `work` is cancelled.

    What `work` raises is raised here.
    """
    working = asyncio.create_task(work, name="work")
    stopping = asyncio.create_task(stop.wait(), name="wait for stop")
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        stopping.cancel()
    await asyncio.wait({working})
    return None if working.cancelled() else working.result()


async def finish_in_time(
    stop: asyncio.Event, work: Coroutine[Any, Any, None], patience_s: float
) -> None:
    """Runs `work`, which knows `stop` itself; after a stop it has so long to finish, then it is
    cancelled. What it raises is raised here.
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

"""Work that is given up when the program is told to stop."""

import asyncio
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

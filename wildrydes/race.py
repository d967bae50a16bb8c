"""Work that is given up when the program is told to stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def done_before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Does `work`, unless `stop` is set first: then `work` is cancelled and the answer is False.
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
    if working.cancelled():
        return False
    working.result()
    return True

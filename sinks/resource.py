"""Waiting for a table or stream that is being created, and saying clearly that one is missing."""

import asyncio
from collections.abc import Awaitable, Callable

from awsio.retry import OnWait
from fleet.errors import ResourceMissing

POLL_S = 0.5


async def until_ready(
    status: Callable[[], Awaitable[str]],
    what: str,
    *,
    remedy: str,
    on_wait: OnWait | None = None,
) -> None:
    """Returns once `status` says ACTIVE or UPDATING, in which the service takes writes; waits while
    it says CREATING.

    Raises ResourceMissing, with `remedy`, when there is no such thing or it is on its way out.
    """
    while True:
        try:
            now = await status()
        except ResourceMissing as error:
            raise ResourceMissing(f"there is no {what}", remedy=remedy) from error
        if now in ("ACTIVE", "UPDATING"):
            return
        if now != "CREATING":
            raise ResourceMissing(f"{what} is {now}", remedy=remedy)
        if on_wait is not None:
            on_wait(f"{what} is being created", POLL_S)
        await asyncio.sleep(POLL_S)

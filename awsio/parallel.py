"""Several calls at a time, but never more than a few."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

Item = TypeVar("Item")


async def in_parallel(
    items: Collection[Item], work: Callable[[Item], Awaitable[None]], *, at_most: int
) -> None:
    """Awaits `work(item)` for every item, `at_most` at a time, and returns when all are done.

    The first failure cancels what is still running and is raised as it is, not in a group.
    """
    if not items:
        return
    pending = iter(items)

    async def worker() -> None:
        for item in pending:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_most, len(items))):
                group.create_task(worker())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None

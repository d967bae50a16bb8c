"""A map of our own to be loaded, in a process of its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fleet.errors import FleetError


class OwnMap:
    """fed_map.py, running."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.url = url
        self._process = process

    async def status(self) -> Mapping[str, Any]:
        """Its counters and its memory."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"status\n")
        return await _event(self._process)


@asynccontextmanager
async def own_map(unicorns: int) -> AsyncIterator[OwnMap]:
    """One with so many unicorns, while inside."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wildrydes.bench.fed_map",
        str(unicorns),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield OwnMap(process, str((await _event(process))["url"]))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _event(process: asyncio.subprocess.Process) -> Mapping[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise FleetError("the map to be loaded has ended; what it wrote stands above")
    event: Mapping[str, Any] = json.loads(line)
    return event

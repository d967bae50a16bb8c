"""Lines between a load run and the map that it loads."""

import asyncio
import sys
from collections.abc import AsyncIterator


async def lines_of_stdin() -> AsyncIterator[bytes]:
    """Each line of standard input, until it ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while line := await reader.readline():
            yield line
    finally:
        transport.close()

"""The local Kinesis endpoint on a thread of its own, beside the processes that a test starts."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fleet.clock import Clock
from local_kinesis.endpoint import LocalEndpoint


@contextmanager
def kinesis_endpoint(clock: Clock | None = None) -> Iterator[str]:
    """Its URL, while the block runs."""
    started = threading.Event()
    urls: list[str] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with LocalEndpoint(kinesis_only=True, clock=clock) as endpoint:
            urls.append(endpoint.url)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        started.wait()
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()

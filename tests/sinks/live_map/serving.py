"""A map behind a real HTTP server on loopback."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from sinks.live_map import LiveMap


@asynccontextmanager
async def serving(live_map: LiveMap) -> AsyncIterator[str]:
    """Serves it while inside; gives its address."""
    app = web.Application()
    live_map.add_routes(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    await live_map.open({})
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await live_map.close()
        await runner.cleanup()

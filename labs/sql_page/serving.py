"""The page served on loopback, for as long as it is wanted."""

import asyncio
from pathlib import Path
from socket import socket
from typing import Final

from aiohttp import web

from labs.sql_page.database import Database
from labs.sql_page.routes import SqlPage, cancelled

SHUTDOWN_S: Final = 1.0
"""How long open requests may take when stopping."""


class SqlServer:
    """Entered, it serves `path` at `url`, on a bound socket. Raises ConfigError for a file that
    cannot be opened.
    """

    def __init__(self, path: Path, bound: socket, *, is_writable: bool = False) -> None:
        self.path = path
        self._bound = bound
        self._is_writable = is_writable

    async def __aenter__(self) -> "SqlServer":
        self._database = await asyncio.to_thread(
            lambda: Database(self.path, is_writable=self._is_writable)
        )
        self._runner = web.AppRunner(
            SqlPage(self._database).app(),
            access_log=None,
            # A query that nobody waits for any more ends.
            handler_cancellation=True,
            shutdown_timeout=SHUTDOWN_S,
        )
        try:
            await self._runner.setup()
            await web.SockSite(self._runner, self._bound).start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    @property
    def url(self) -> str:
        host, port = self._bound.getsockname()
        return f"http://{host}:{port}/"

    async def _stop(self) -> None:
        await cancelled(self._database.running())
        await self._runner.cleanup()
        self._database.close()

"""A map behind HTTP, with what it looks up at AWS."""

import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from awsio.clients import AwsClients
from fleet.listening import cannot_listen
from sinks.archive_store import ArchiveStore, S3Store
from sinks.live_map.serving import map_runner
from sinks.live_map.show import Show
from sinks.live_map.unicorn_routes import History, table_history
from wildrydes.map.settings import MapSettings

BACKLOG: Final = 1_024
"""Connections that wait to be taken: a crowd comes back at once after a restart."""
FILES: Final = 8_192
"""Open files that are asked for; each viewer is one."""


def lookups(settings: MapSettings, aws: AwsClients) -> tuple[History | None, ArchiveStore | None]:
    """Where the panel's rows and the replay come from."""
    history = None if settings.table is None else table_history(aws, settings.table)
    bucket = settings.archive_bucket
    return history, None if bucket is None else S3Store(aws, bucket)


def listener(host: str, port: int, *, shared: bool) -> socket.socket:
    """A bound socket. Several processes listen on one port when it is `shared`. Raises
    ConfigError."""
    try:
        [family, kind, protocol, _, address] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise cannot_listen(host, port, error) from None
    return bound


def url_of(bound: socket.socket) -> str:
    """The address of what listens there."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@asynccontextmanager
async def served(show: Show, bound: socket.socket) -> AsyncIterator[None]:
    """Serves the map on a bound socket while inside."""
    allow_many_files()
    app = web.Application()
    show.add_routes(app)
    app.router.add_get("/healthz", _healthz)
    runner = map_runner(app)
    await runner.setup()
    try:
        await web.SockSite(runner, bound, backlog=BACKLOG).start()
        yield
    finally:
        await runner.cleanup()


def allow_many_files() -> None:
    """A thousand viewers are more open files than a process may have unless it asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _healthz(_request: web.Request) -> web.Response:
    """About this process alone: it answers, so it lives."""
    return web.json_response({"status": "ok"})

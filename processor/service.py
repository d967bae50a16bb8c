"""The processor's HTTP server: the live map, /healthz, /readyz and /metrics."""

from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from fleet.clock import Clock
from fleet.listening import cannot_listen
from processor.metrics import exposition
from processor.progress import Progress

SHUTDOWN_S = 1.0
"""How long open requests and viewers may take when stopping."""
IDLE_S = 15.0
"""How long a connection may be open without a whole request: one that never asks, or asks a letter
at a time, takes a place from others."""
LINGER_S = 2.0
"""How long the rest of a body that nobody wants is read."""


class Service:
    """`async with Service(app, host, port) as service: service.url`. Routes of other parts (the
    live map's) are added to `app` before.
    """

    def __init__(
        self, app: web.Application, host: str, port: int, progress: Progress, clock: Clock
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._host = host
        self._port = port
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=SHUTDOWN_S,
            keepalive_timeout=IDLE_S,
            lingering_time=LINGER_S,
        )

    @property
    def url(self) -> str:
        """Where it listens, with the port that was really taken."""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise cannot_listen(self._host, self._port, error) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        """About this process alone: it answers, so it lives."""
        return web.json_response({"status": "ok"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        """About what it needs: 200 when it reads and waits for nothing, else 503 and why."""
        progress = self._progress
        ready = progress.running and not progress.waiting
        body = {"ready": ready, "running": progress.running, "waiting": progress.waiting}
        return web.json_response(body, status=200 if ready else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        body = exposition(self._progress, self._clock)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

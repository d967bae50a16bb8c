"""`/replay` and `/replay/range`."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from fleet.clock import Clock
from fleet.errors import FleetError
from sinks.archive_reader import ArchiveReader
from sinks.archive_span import archive_span
from sinks.archive_store import ArchiveStore
from sinks.live_map.documents import encode_failed
from sinks.live_map.replay import TEXT, Replay, packed_message

REPLAYS_MAX: Final = 8
SPAN_MS_MAX: Final = 6 * 3_600_000
PATIENCE_S: Final = 600.0
"""How long a reader may pause: then the place is another's."""
SPAN_GOOD_S: Final = 30.0
"""How long the range is told again without looking."""
LOOK_S: Final = 10.0


class ReplayRoutes:
    """Answers from an archive; without one, that there is none."""

    def __init__(self, store: ArchiveStore | None, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._running = 0
        self._span: tuple[int, int] | None = None
        self._span_s = float("-inf")
        self._looking = asyncio.Lock()

    def add_to(self, app: web.Application) -> None:
        """Mounts them."""
        app.router.add_get("/replay", self._replay)
        app.router.add_get("/replay/range", self._range)

    async def _range(self, _request: web.Request) -> web.Response:
        if self._store is None:
            return _no_archive()
        try:
            async with asyncio.timeout(LOOK_S), self._looking:
                now_s = asyncio.get_running_loop().time()
                if now_s - self._span_s > SPAN_GOOD_S:
                    self._span = await archive_span(self._store, self._clock.now_ms())
                    self._span_s = now_s
        except (FleetError, ClientError, BotoCoreError, TimeoutError):
            return _problem(502, "unavailable", "The archive does not answer just now.")
        from_ms, to_ms = self._span or (None, None)
        if to_ms is not None:
            # An archive knows its hours; the last one may not be over.
            to_ms = min(to_ms, self._clock.now_ms())
        return web.json_response({"from_ms": from_ms, "to_ms": to_ms})

    async def _replay(self, request: web.Request) -> web.StreamResponse:
        if self._store is None:
            return _no_archive()
        from_ms = moment_ms(request.query.get("from", ""))
        to_ms = moment_ms(request.query.get("to", ""))
        if from_ms is None or to_ms is None or not from_ms < to_ms <= from_ms + SPAN_MS_MAX:
            return _problem(
                400,
                "malformed",
                "from and to are like 2026-01-01T13:00:00Z or milliseconds since 1970, "
                "from before to, at most six hours apart.",
            )
        if self._running >= REPLAYS_MAX:
            return _problem(503, "busy", "Too many replays are running; try again later.")
        as_json = request.query.get("format") == "json"
        self._running += 1
        try:
            replay = Replay(ArchiveReader(self._store), from_ms, to_ms, as_json=as_json)
            return await _stream(request, replay, as_json=as_json)
        finally:
            self._running -= 1


async def _stream(request: web.Request, replay: Replay, *, as_json: bool) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = "application/x-ndjson" if as_json else "application/octet-stream"
    await response.prepare(request)
    try:
        async for piece in replay.body():
            async with asyncio.timeout(PATIENCE_S):
                await response.write(piece)
            # A reader that is fast must not keep the process from everybody else.
            await asyncio.sleep(0)
    except (FleetError, ClientError, BotoCoreError) as error:
        failed = encode_failed(str(error))
        await response.write(failed + b"\n" if as_json else packed_message(TEXT, failed))
    except (ConnectionError, TimeoutError):
        # The reader has left, or has been away for long.
        if request.transport is not None:
            request.transport.abort()
    return response


def moment_ms(text: str) -> int | None:
    """`2026-01-01T13:00:00Z` or `1767272400000` as milliseconds since 1970; without a zone it is
    UTC. None for anything else."""
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text) if int(text) < _LAST_MS else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, round(moment.timestamp() * 1000))


_LAST_MS: Final = 253_370_764_800_000
"""The year 9999: places in the archive have four digits for it."""


def _no_archive() -> web.Response:
    return _problem(404, "no_archive", "This map has no archive to replay.")


def _problem(status: int, error: str, message: str) -> web.Response:
    return web.json_response({"error": error, "message": message}, status=status)

"""LiveMap: a record sink that shows the readings to whoever looks, instead of keeping them.

It holds nothing durable, so it has no cursor, and it never holds the pipeline up: `write` only
notes the latest readings, and one task sends what has changed to all viewers. Ticks follow the
data: a reading after a pause goes out at once, a steady stream about once a second.
"""

import asyncio
import secrets
from typing import Final

from aiohttp import web

from fleet.batch import Batch
from fleet.clock import Clock, SystemClock
from sinks.base import Cursor
from sinks.live_map.feed import Feed
from sinks.live_map.frame import encode_hello
from sinks.live_map.messages import Messages
from sinks.live_map.page_files import add_page
from sinks.live_map.picture import Picture
from sinks.live_map.viewers import Viewers

INTERVAL_MS: Final = 1_000

_SETTLE: Final = 0.05
"""Share of the interval for which a tick waits for the rest of the fleet: its readings come in
several batches."""
_APART: Final = 0.9
"""Share of the interval between two ticks, at least. Less than one, so that ticks that fell behind
the fleet's beat move back to just after it."""


class LiveMap:
    """The feed and the page; implements sinks.base.RecordSink. Make it, `add_routes`, hand it to
    the pipeline."""

    name = "live_map"

    def __init__(self, clock: Clock | None = None, interval_ms: int = INTERVAL_MS) -> None:
        self.viewers = Viewers()
        self._clock = clock or SystemClock()
        self.picture = Picture(time_scale=self._clock.scale)
        self._interval_s = interval_ms / 1000
        self._hello = encode_hello(secrets.token_hex(8), interval_ms)
        self._sequence = 0
        self._news = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None

    def add_routes(self, app: web.Application) -> None:
        """Mounts the page at `/`, its files under `/page/` and the feed at `/feed`; before the
        server starts."""
        add_page(app)
        feed = Feed(self.viewers, self._hello, self._first_messages)
        app.router.add_get("/feed", feed.handle)

        async def close_viewers(_: web.Application) -> None:
            # Otherwise a server that stops would wait for them to leave of their own accord.
            self.viewers.close()

        app.on_shutdown.append(close_viewers)

    async def open(self, cursor: Cursor) -> None:
        """Starts ticking. A map shows the present, so the cursor tells it nothing."""
        self._ticking = asyncio.create_task(self._tick_forever(), name="live map")

    async def write(self, batch: Batch) -> None:
        """Notes the batch's readings. Those that cannot be read are passed over: the pipeline
        dead-letters them."""
        if self._ticking is not None and self._ticking.done() and not self._ticking.cancelled():
            # Only a mistake of ours ends it, and that must not pass in silence.
            self._ticking.result()
        self.picture.take(batch, self._now_ms())
        if self.picture.has_news:
            self._news.set()

    def cursor(self) -> None:
        """Nothing is kept durable, so nothing is read again for the map's sake."""

    async def close(self) -> None:
        """Stops ticking and says goodbye to the viewers."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.wait([self._ticking])
        self.viewers.close()

    async def _tick_forever(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(self._interval_s * _SETTLE)
            self._news.clear()
            self._sequence += 1
            now_ms = self._now_ms()
            full = self.picture.full(self._sequence, now_ms)
            changes = self.picture.changes(self._sequence, now_ms)
            await self.viewers.send(Messages(self.picture.names, full, changes))
            await asyncio.sleep(self._interval_s * (_APART - _SETTLE))

    def _first_messages(self) -> Messages:
        """For one who has just come: the full picture, which leaves the news to the others."""
        full = self.picture.full(self._sequence, self._now_ms())
        return Messages(self.picture.names, full, full)

    def _now_ms(self) -> int:
        """The viewers' time: see Picture."""
        return int(self._clock.now_ms() / self._clock.scale)

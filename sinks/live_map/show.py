"""What a process shows of a picture: the page, the feed and its viewers, behind the gate.

One process may take readings in and show them, or several show what another takes in: both have a
Show.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from fleet.clock import Clock
from sinks.archive_store import ArchiveStore
from sinks.live_map.access.door import OpenDoor
from sinks.live_map.access.gate import Gate
from sinks.live_map.access.review import REVIEW_S
from sinks.live_map.access.routes import AuthRoutes
from sinks.live_map.feed import Feed
from sinks.live_map.intake import Hidden
from sinks.live_map.messages import Messages, Setting
from sinks.live_map.minute_rows import MinuteRows
from sinks.live_map.page_files import add_page
from sinks.live_map.picture import Picture
from sinks.live_map.replay_routes import ReplayRoutes
from sinks.live_map.speech import SESSION_OVER
from sinks.live_map.tile_source import TileSource
from sinks.live_map.unicorn_routes import History, UnicornRoutes
from sinks.live_map.viewers import Viewers

HOUSEKEEPING_S: Final = 1.0
"""Between two looks for sessions that are over."""


@dataclass(slots=True)
class Audience:
    """What the status tells beside the picture."""

    hidden: Mapping[str, int] = field(default_factory=lambda: Hidden().as_dict())
    elsewhere: int = 0
    """Viewers of other processes."""


class Show:
    """`add_routes`, then `publish` at each tick."""

    def __init__(
        self,
        picture: Picture,
        rows: MinuteRows,
        clock: Clock,
        interval_ms: int,
        *,
        gate: Gate | None = None,
        history: History | None = None,
        archive: ArchiveStore | None = None,
        tiles: TileSource | None = None,
    ) -> None:
        self.viewers = Viewers()
        self.audience = Audience()
        self.gate = gate or Gate(OpenDoor(), clock)
        self.gate.on_revoked = self.viewers.close_session
        self._picture = picture
        self._rows = rows
        self._clock = clock
        self._history = history
        self._archive = archive
        self._tiles = tiles
        self._setting = Setting(interval_ms, clock.scale, picture.unicorns_max)
        self._messages = self._now()
        self._housekeeping: list[asyncio.Task[None]] = []

    def add_routes(self, app: web.Application) -> None:
        """Mounts the page at `/`, its files under `/page/`, the feed at `/feed` and all that goes
        with them; before the server starts."""
        self.gate.guard(app)
        add_page(app, self._tiles, has_archive=self._archive is not None)
        AuthRoutes(self.gate).add_to(app)
        UnicornRoutes(self._picture, self._rows, self._clock, self._history).add_to(app)
        ReplayRoutes(self._archive, self._clock).add_to(app)
        app.router.add_get("/feed", Feed(self.viewers, self.messages).handle)

        async def start(_: web.Application) -> None:
            self._housekeeping = [
                asyncio.create_task(self._keep_house(), name="map housekeeping"),
                asyncio.create_task(self._review(), name="map review"),
            ]

        async def stop(_: web.Application) -> None:
            # Otherwise a server that stops would wait for them to leave of their own accord.
            self.viewers.close()
            for task in self._housekeeping:
                task.cancel()
            await asyncio.wait(self._housekeeping)

        app.on_startup.append(start)
        app.on_shutdown.append(stop)

    async def publish(self) -> None:
        """Tells the viewers what the picture's last tick has changed."""
        self._messages = self._now()
        await self.viewers.send(self._messages)

    def messages(self) -> Messages:
        """For one who has just come: those of the last tick, so that a crowd shares them."""
        age_ms = self.now_ms() - self._messages.time_ms
        if self._messages.feed != self._picture.feed or age_ms > self._setting.interval_ms:
            # A stream that is silent has no ticks, but its unicorns grow old.
            self._messages = self._now()
        return self._messages

    def now_ms(self) -> int:
        """The viewers' time: see Picture."""
        return int(self._clock.now_ms() / self._clock.scale)

    def _now(self) -> Messages:
        return Messages(
            self._picture.still(self.now_ms()),
            self._rows.published(),
            self._setting,
            viewers=len(self.viewers) + self.audience.elsewhere,
            hidden=self.audience.hidden,
        )

    async def _review(self) -> None:
        while True:
            await asyncio.sleep(REVIEW_S)
            await self.gate.turn_out()

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            if self.gate.has_changed_lock():
                self.viewers.close(SESSION_OVER)
            for session in self.viewers.sessions():
                if self.gate.sessions.is_over(session):
                    self.viewers.close_session(session.id)

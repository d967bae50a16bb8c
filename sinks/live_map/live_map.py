"""LiveMap: a record sink that shows the readings to whoever looks, instead of keeping them.

It holds nothing durable, so it has no cursor, and it never holds the pipeline up: `write` only
notes the latest readings, and one task sends what has changed to all viewers. Ticks follow the
data: a reading after a pause goes out at once, a steady stream about once a second.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from aiohttp import web

from fleet.batch import Batch
from fleet.clock import Clock, SystemClock
from fleet.row import Row
from fleet.timestamp import timestamp_ms
from sinks.archive_store import ArchiveStore
from sinks.base import Cursor
from sinks.live_map.access.gate import Gate
from sinks.live_map.frame import RowBlock
from sinks.live_map.intake import Intake
from sinks.live_map.minute_rows import MinuteRow, MinuteRows, minute_row
from sinks.live_map.picture import Picture, Tick
from sinks.live_map.show import Show
from sinks.live_map.tile_source import TileSource
from sinks.live_map.unicorn_routes import History
from sinks.live_map.viewers import Viewers

INTERVAL_MS: Final = 1_000

_SETTLE: Final = 0.05
"""Share of the interval for which a tick waits for the rest of the fleet: its readings come in
several batches."""
_APART: Final = 0.9
"""Share of the interval between two ticks, at least. Less than one, so that ticks that fell behind
the fleet's beat move back to just after it."""
_FORGET_MS: Final = 30_000
"""Between two attempts to free ids, when there are no more."""


class Relay(Protocol):
    """Hands ticks to the processes that show them."""

    def send(self, tick: Tick, rows: Sequence[RowBlock], hidden: Mapping[str, int]) -> None:
        """Hands one on; waits for nobody."""
        ...


class LiveMap:
    """The feed and the page; implements sinks.base.RecordSink. Make it, `add_routes`, hand it to
    the pipeline; `rows` goes among the sinks of rows."""

    name = "live_map"

    def __init__(
        self,
        clock: Clock | None = None,
        interval_ms: int = INTERVAL_MS,
        *,
        gate: Gate | None = None,
        history: History | None = None,
        archive: ArchiveStore | None = None,
        tiles: TileSource | None = None,
        relay: Relay | None = None,
        picture: Picture | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.picture = picture or Picture()
        self.minute_rows = MinuteRows(self.picture)
        self.intake = Intake(self.picture, clock.scale)
        self.show = Show(
            self.picture,
            self.minute_rows,
            clock,
            interval_ms,
            gate=gate,
            history=history,
            archive=archive,
            tiles=tiles,
        )
        self.rows = MapRows(self)
        self._relay = relay
        self._interval_s = interval_ms / 1000
        self._news = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None
        self._forget_after_ms = 0

    @property
    def has_news(self) -> bool:
        """Whether there is anything that the viewers have not been told."""
        return self._news.is_set() or self.picture.has_news or self.minute_rows.has_news

    @property
    def viewers(self) -> Viewers:
        """Who looks."""
        return self.show.viewers

    def add_routes(self, app: web.Application) -> None:
        """See Show."""
        self.show.add_routes(app)

    async def open(self, cursor: Cursor) -> None:
        """Starts ticking. A map shows the present, so the cursor tells it nothing."""
        self._ticking = asyncio.create_task(self._tick_forever(), name="live map")

    async def write(self, batch: Batch) -> None:
        """Notes the batch's readings. Those that cannot be read are passed over: the pipeline
        dead-letters them."""
        if self._ticking is not None and self._ticking.done() and not self._ticking.cancelled():
            # Only a mistake of ours ends it, and that must not pass in silence.
            self._ticking.result()
        now_ms = self.show.now_ms()
        self._make_room(now_ms)
        hidden = self.intake.hidden.total
        self.intake.take(batch, now_ms)
        if self.picture.has_news or self.intake.hidden.total != hidden:
            self._news.set()

    def take_rows(self, rows: Sequence[MinuteRow]) -> None:
        """Notes per-minute rows."""
        timed = [(row, _time_ms(row)) for row in rows]
        kept = [(row, time_ms) for row, time_ms in timed if time_ms is not None]
        self.minute_rows.take([row for row, _ in kept], [time_ms for _, time_ms in kept])
        if self.minute_rows.has_news:
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
        told_feed = self.picture.feed
        while True:
            await self._news.wait()
            await asyncio.sleep(self._interval_s * _SETTLE)
            self._news.clear()
            tick = self.picture.tick(self.show.now_ms())
            blocks = self.minute_rows.tick()
            self.show.audience.hidden = self.intake.hidden.as_dict()
            if self._relay is not None:
                if tick.feed != told_feed:
                    # Whoever shows it has to begin anew, with rows of the new ids.
                    blocks = [published.block for published in self.minute_rows.published()]
                self._relay.send(tick, blocks, self.show.audience.hidden)
                told_feed = tick.feed
            await self.show.publish()
            await asyncio.sleep(self._interval_s * (_APART - _SETTLE))

    def _make_room(self, now_ms: int) -> None:
        """Frees the ids of the gone when there are no more."""
        if len(self.picture) < self.picture.unicorns_max or now_ms < self._forget_after_ms:
            return
        self._forget_after_ms = now_ms + _FORGET_MS
        if (new_ids := self.picture.forget_the_gone(now_ms)) is not None:
            self.minute_rows.renumber(new_ids)


class MapRows:
    """The live map as a sink of rows; implements sinks.base.Sink. Nothing is kept durable."""

    name = "live_map"

    def __init__(self, live_map: LiveMap) -> None:
        self._live_map = live_map

    async def open(self) -> None:
        """There is nothing to get ready."""

    async def write(self, rows: Sequence[Row]) -> None:
        """Notes the rows that have the workshop's columns."""
        self._live_map.take_rows([row for row in map(_minute_row, rows) if row is not None])

    async def close(self) -> None:
        """There is nothing to let go of."""


def _minute_row(row: Row) -> MinuteRow | None:
    return minute_row(row.values)


def _time_ms(row: MinuteRow) -> int | None:
    try:
        return timestamp_ms(row.StatusTime)
    except ValueError:
        return None

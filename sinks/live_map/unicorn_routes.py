"""`/unicorns/NAME` and its rows: what the panel of one unicorn shows."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from awsio.clients import AwsClients
from fleet.clock import Clock
from fleet.errors import FleetError
from fleet.timestamp import timestamp_text
from sinks.dynamodb_table import query
from sinks.live_map.minute_rows import MinuteRows
from sinks.live_map.picture import Picture

History = Callable[[str, str, str], AsyncIterator[dict[str, Any]]]
"""`(name, first, last)`: the rows that the table has, by their StatusTime, both included."""

LAST_MAX_S: Final = 24 * 3600
HISTORY_S: Final = 2.0
"""How long the table may take: the panel is open, and somebody waits."""
QUESTIONS_MAX: Final = 16
"""At once."""
_encode = msgspec.json.Encoder(decimal_format="number").encode

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600}


class UnicornRoutes:
    """Answers from the picture, the live rows and, if there is one, the table."""

    def __init__(
        self, picture: Picture, rows: MinuteRows, clock: Clock, history: History | None
    ) -> None:
        self._picture = picture
        self._rows = rows
        self._clock = clock
        self._history = history
        self._questions = asyncio.Semaphore(QUESTIONS_MAX)

    def add_to(self, app: web.Application) -> None:
        """Mounts them."""
        app.router.add_get("/unicorns/{name}", self._latest)
        app.router.add_get("/unicorns/{name}/rows", self._rows_of)

    async def _latest(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        unicorn = self._picture.id_of(name)
        if unicorn is None:
            return web.json_response(
                {"error": "unknown", "message": "No unicorn of that name has been seen."},
                status=404,
            )
        latest = self._picture.latest(unicorn)
        now_ms = int(self._clock.now_ms() / self._clock.scale)
        heading = float(latest["heading"])
        return web.json_response(
            {
                "name": name,
                "latitude": float(latest["latitude"]),
                "longitude": float(latest["longitude"]),
                "age_ms": max(0, now_ms - int(latest["arrival_ms"])),
                "distance_m": float(latest["distance_m"]),
                "health": int(latest["health"]),
                "magic": int(latest["magic"]),
                "heading": None if heading != heading else round(heading, 1),
            }
        )

    async def _rows_of(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        seconds = duration_s(request.query.get("last", "30m"))
        if seconds is None:
            return web.json_response(
                {"error": "malformed", "message": "last is like 30m or 2h, at most 24h."},
                status=400,
            )
        to_ms = self._clock.now_ms()
        from_ms = to_ms - seconds * 1000
        stored = await self._stored(name, timestamp_text(from_ms), timestamp_text(to_ms))
        rows = {row["StatusTime"]: row for row in self._rows.of(name, from_ms, to_ms)}
        # What is in the table has every digit and column.
        rows |= {str(row.get("StatusTime")): row for row in stored or ()}
        return web.json_response(
            {
                "name": name,
                "from": timestamp_text(from_ms),
                "to": timestamp_text(to_ms),
                "complete": stored is not None,
                "rows": [rows[time] for time in sorted(rows)],
            },
            dumps=lambda value: _encode(value).decode(),
        )

    async def _stored(self, name: str, first: str, last: str) -> list[dict[str, Any]] | None:
        """The table's rows; None when it could not be asked."""
        if self._history is None:
            return None
        try:
            async with asyncio.timeout(HISTORY_S), self._questions:
                return [row async for row in self._history(name, first, last)]
        except (FleetError, ClientError, BotoCoreError, TimeoutError):
            return None


def table_history(aws: AwsClients, table: str) -> History:
    """The rows of a DynamoDB table keyed by name and time."""
    return lambda name, first, last: query(aws, table, name, first, last)


def duration_s(text: str) -> int | None:
    """`30m` -> 1800; None for what is no duration, or longer than LAST_MAX_S."""
    match = re.fullmatch(r"([0-9]{1,6})([smh])", text)
    seconds = int(match[1]) * _UNITS_S[match[2]] if match else 0
    return seconds if 0 < seconds <= LAST_MAX_S else None

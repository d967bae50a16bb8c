"""Many viewers of one map, on this machine."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import aiohttp
from yarl import URL

from fleet.errors import ConfigError, FleetError
from sinks.live_map.access.settings import is_loopback_host
from wildrydes.bench.outcome import Outcome, percentiles
from wildrydes.bench.viewer import LoadViewer, handshake
from wildrydes.map.server import allow_many_files

AT_ONCE: Final = 50
"""Viewers that open their connection at the same time."""
OPEN_S: Final = 30.0
"""How long a connection may take to be answered."""
BETWEEN_S: Final = 5.0
"""How long a run waits for a moment between two ticks, to begin and to end at."""
READ_ON_S: Final = 2.0
"""How long stuck viewers read on at the end."""
SETTLE_S: Final = 2.0
"""After the last viewer has come, before anything counts: all have their first picture by then."""


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """What a run is."""

    url: str
    viewers: int
    stuck: int
    seconds: float
    token: str | None = None
    identity_pool_id: str | None = None

    def check(self) -> None:
        """Raises ConfigError for another machine: its owner did not ask for this."""
        host = URL(self.url).host or ""
        if not is_loopback_host(host):
            raise ConfigError(
                f"{self.url} is not on this machine",
                remedy="run the load where the map runs, against 127.0.0.1",
            )


@dataclass(slots=True)
class _Ticks:
    """When the frames of each tick arrived."""

    is_counting: bool = False
    latency_ms: list[float] = field(default_factory=list)
    last_ms: dict[int, float] = field(default_factory=dict)
    unicorns: int = 0

    def on_frame(self, sequence: int, made_ms: float, arrived_ms: float, count: int) -> None:
        self.unicorns = max(self.unicorns, count)
        if self.is_counting:
            late_ms = arrived_ms - made_ms
            self.latency_ms.append(late_ms)
            self.last_ms[sequence] = max(late_ms, self.last_ms.get(sequence, 0.0))


async def run_load(settings: LoadSettings) -> Outcome:
    """Opens the viewers, watches for so many seconds, and leaves. Raises FleetError when the map
    turns them away."""
    settings.check()
    allow_many_files()
    ticks = _Ticks()
    viewers: list[LoadViewer] = []
    try:
        for first in range(0, settings.viewers, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, settings.viewers))
            viewers += await _open(settings, numbers, ticks)
        await asyncio.sleep(SETTLE_S)
        await _between_ticks(viewers)
        for viewer in viewers:
            viewer.delivered = viewer.skipped = viewer.bytes = 0
        ticks.is_counting = True
        started_s = time.monotonic()
        await asyncio.sleep(settings.seconds)
        await _between_ticks(viewers)
        ticks.is_counting = False
        seconds = time.monotonic() - started_s
        # What arrives while stuck viewers read on is not of the run.
        outcome = _outcome(settings, viewers, ticks, seconds)
        stuck = [viewer for viewer in viewers if viewer.is_stuck]
        for viewer in stuck:
            viewer.read_on()
        await asyncio.sleep(READ_ON_S if stuck else 0)
        return replace(outcome, stuck_closed=sum(viewer.is_closed for viewer in stuck))
    finally:
        for viewer in viewers:
            viewer.close()


async def _between_ticks(viewers: Sequence[LoadViewer]) -> None:
    """Waits until no tick has reached some viewers only, if that is soon: it would count for them
    alone. A map that is overloaded may never come to that.
    """
    healthy = [viewer for viewer in viewers if not viewer.is_stuck]
    with suppress(TimeoutError):
        async with asyncio.timeout(BETWEEN_S):
            while len({viewer.last for viewer in healthy if not viewer.is_closed}) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


async def _open(settings: LoadSettings, numbers: Sequence[int], ticks: _Ticks) -> list[LoadViewer]:
    url = URL(settings.url)
    loop = asyncio.get_running_loop()
    headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
    tickets = await _tickets(settings, len(numbers))

    async def open_one(number: int, ticket: str) -> LoadViewer:
        path = "/feed?version=2" + (f"&ticket={ticket}" if ticket else "")
        _, viewer = await loop.create_connection(
            lambda: LoadViewer(
                handshake(path, url.authority, headers),
                ticks.on_frame,
                is_stuck=number < settings.stuck,
            ),
            url.host or "",
            url.port or 80,
        )
        async with asyncio.timeout(OPEN_S):
            await viewer.opened
        return viewer

    try:
        return list(
            await asyncio.gather(
                *(open_one(n, ticket) for n, ticket in zip(numbers, tickets, strict=True))
            )
        )
    except OSError as error:
        raise FleetError(
            f"{settings.url} does not take viewer {numbers[0] + 1} or one soon after: {error}",
            remedy="is the map running there, with --auth none, or give --token-file or "
            "--identity-pool-id; one process takes 2,000 viewers",
        ) from None


async def _tickets(settings: LoadSettings, count: int) -> list[str]:
    """One for each viewer, where a session is needed."""
    if settings.identity_pool_id is None:
        return [""] * count
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(settings.url, cookie_jar=jar) as client:
        credentials = {"identity_pool_id": settings.identity_pool_id}
        async with client.post("/auth", json=credentials) as answer:
            body = await answer.json()
            if answer.status != 200:
                raise FleetError(f"{settings.url}: {body.get('message', answer.status)}")
        tickets = []
        for _ in range(count):
            async with client.post("/auth/ticket") as answer:
                tickets.append(str((await answer.json())["ticket"]))
        return tickets


def _outcome(
    settings: LoadSettings, viewers: Sequence[LoadViewer], ticks: _Ticks, seconds: float
) -> Outcome:
    healthy = [viewer for viewer in viewers if not viewer.is_stuck]
    latency = percentiles(ticks.latency_ms)
    fan_out = percentiles(list(ticks.last_ms.values()))
    return Outcome(
        viewers=settings.viewers,
        stuck=settings.stuck,
        seconds=seconds,
        ticks=len(ticks.last_ms),
        delivered=sum(viewer.delivered for viewer in healthy),
        skipped=sum(viewer.skipped for viewer in healthy),
        closed=sum(viewer.is_closed for viewer in healthy),
        stuck_closed=0,
        bytes=sum(viewer.bytes for viewer in healthy),
        latency_ms_p50=latency[0],
        latency_ms_p95=latency[1],
        latency_ms_max=latency[2],
        fan_out_ms_p50=fan_out[0],
        fan_out_ms_p95=fan_out[1],
        fan_out_ms_max=fan_out[2],
        unicorns=ticks.unicorns,
    )

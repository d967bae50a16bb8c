"""The processes of `wildrydes up`: started together, watched, and stopped in order.

Each is a command of its own, the same that a user would start by hand, so that `up` proves nothing
that a real deployment would not do. Stopping goes along the flow: the unicorns first, then the
processor, which takes in what was sent, then the endpoint.
"""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.clock import Clock, ScaledClock
from fleet.errors import FleetError
from fleet.reading import STREAM
from fleet.settings import CLOCK, clock_text, pass_clock_on
from sinks.live_map.access.settings import AccessSettings
from sinks.live_map.tile_source import TileSource
from wildrydes.application_parts import outputs_of
from wildrydes.auth_options import auth_arguments
from wildrydes.child import Child, Event
from wildrydes.fleet_status import Display, FleetStatus
from wildrydes.tile_options import tile_arguments

SHARDS = 2
"""More than one, so that what runs on a laptop meets what a real stream brings."""

PATIENCE_S = {"simulator": 5.0, "processor": 10.0, "local": 5.0}
"""How long each may take to finish, in the order in which they are stopped: some tenths of a second
on an idle machine, much more on a busy one, and one that is ended before loses what it had to say.
Who does not want to wait for one that hangs asks a second time.
"""

CATCH_UP_S = 10.0
"""How long the processor may say nothing of having read more of the last readings: it looks twice a
second, and tells how far it is once.
"""


@dataclass(frozen=True, slots=True)
class UpSettings:
    """What `wildrydes up` was asked for; ports are real ones, not 0."""

    unicorns: int
    seconds: float | None
    """By the clock that the processes have."""
    application: Path | None
    references: Mapping[str, str]
    """Reference table -> file."""
    port: int
    endpoint_port: int
    seed: int | None
    clock: Clock
    ledger: Path | None
    """Where the simulator enters what was acknowledged."""
    data: Path
    access: AccessSettings
    """Who may look at the map."""
    tiles: TileSource | None


class Supervisor:
    """Owns the children. `run` returns when everything has ended."""

    def __init__(self, settings: UpSettings, status: FleetStatus, screen: Display) -> None:
        self._settings = settings
        self._status = status
        self._screen = screen
        self._news = asyncio.Event()
        self._endpoint_url = f"http://127.0.0.1:{settings.endpoint_port}"
        logs = settings.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._children = [
            Child(name, arguments, logs / f"{name}.log")
            for name, arguments in self._commands().items()
        ]

    async def run(self, stop: asyncio.Event, reload: asyncio.Event) -> None:
        """Starts everything and waits for `stop`, the time that was asked for, or a child's end.
        Each time that `reload` is set, the processor reads its reference tables again.

        Raises FleetError when a child ends by itself.
        """
        settings = self._settings
        self._screen.started(
            f"http://127.0.0.1:{settings.port}/", self._endpoint_url, str(settings.data)
        )
        if isinstance(settings.clock, ScaledClock):
            # What another terminal needs to agree with it.
            self._screen.say(f"clock          export {CLOCK}={clock_text(settings.clock)}")
        pass_clock_on(settings.clock)
        watching: dict[asyncio.Task[int], Child] = {}
        try:
            # At once, not one after the other: each waits for what it needs.
            for child in self._children:
                await child.start(self._on_event)
                watching[asyncio.create_task(child.wait(), name=f"watch {child.name}")] = child
            reloading = asyncio.create_task(self._pass_on(reload), name="reload")
            failed = await self._wait(stop, set(watching))
            reloading.cancel()
        finally:
            for task in watching:
                task.cancel()
            codes = await self._stop_all()
        if failed is not None:
            child = watching[failed]
            raise FleetError(
                f"{child.name} ended with exit code {codes[child.name]}; its log ends with\n"
                f"{child.log_tail()}"
            )
        self._last_word(codes)

    async def _pass_on(self, reload: asyncio.Event) -> None:
        (processor,) = (child for child in self._children if child.name == "processor")
        while True:
            await reload.wait()
            reload.clear()
            # Before that it has not read them yet.
            if self._status.start:
                processor.send(signal.SIGHUP)

    async def _wait(
        self, stop: asyncio.Event, watching: set[asyncio.Task[int]]
    ) -> asyncio.Task[int] | None:
        """Waits; returns the watch of a child that ended by itself, if that was what happened."""
        stopping = asyncio.create_task(stop.wait(), name="wait for stop")
        seconds = self._settings.seconds
        try:
            done, _ = await asyncio.wait(
                {stopping, *watching},
                timeout=None if seconds is None else seconds / self._settings.clock.scale,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            stopping.cancel()
        ended = [task for task in done if task is not stopping]
        return ended[0] if ended and stopping not in done else None

    async def _stop_all(self) -> dict[str, int]:
        by_name = {child.name: child for child in self._children}
        codes = {}
        for name, patience_s in PATIENCE_S.items():
            codes[name] = await by_name[name].stop(patience_s)
            if name == "simulator":
                await self._catch_up(int(by_name[name].last.get("sent", 0)))
        return codes

    async def _catch_up(self, sent: int) -> None:
        """Waits until the processor has taken in all that was sent, for as long as it gets on."""
        loop = asyncio.get_running_loop()
        read, until_s = -1, 0.0
        with contextlib.suppress(TimeoutError):
            while (now_read := int(self._status.processor.get("records_in", 0))) < sent:
                if now_read > read:
                    read, until_s = now_read, loop.time() + CATCH_UP_S
                async with asyncio.timeout_at(until_s):
                    self._news.clear()
                    await self._news.wait()

    def _on_event(self, name: str, event: Event) -> None:
        self._status.take(name, event)
        self._screen.changed(name, event)
        self._news.set()

    def _commands(self) -> dict[str, list[str]]:
        settings = self._settings
        endpoint = ["--endpoint-url", self._endpoint_url]
        simulator = [*endpoint, "--unicorns", str(settings.unicorns), "--create-stream"]
        simulator += ["--shards", str(SHARDS)]
        if settings.seed is not None:
            simulator += ["--seed", str(settings.seed)]
        if settings.ledger is not None:
            simulator += ["--ledger", str(settings.ledger)]
        processor = [*endpoint, "--data", str(settings.data), "--port", str(settings.port)]
        processor += ["--create-missing", "--shards", str(SHARDS)]
        processor += auth_arguments(settings.access)
        processor += tile_arguments(settings.tiles)
        if settings.application is not None:
            # The unicorns write to this stream, whatever application.toml reads elsewhere.
            processor += ["--app", str(settings.application), "--stream", STREAM]
            for table, file in settings.references.items():
                processor += ["--reference", f"{table}={file}"]
            if outputs_of(settings.application):
                processor += ["--sinks", "archive"]
        return {
            "local": ["--port", str(settings.endpoint_port)],
            "processor": processor,
            "simulator": simulator,
        }

    def _last_word(self, codes: dict[str, int]) -> None:
        last = {child.name: child.last for child in self._children}
        sent = int(last["simulator"].get("sent", 0))
        processor = last["processor"]
        read = int(processor.get("records_in", 0))
        rows = int(processor.get("rows_out", 0))
        windows = int(processor.get("windows_closed", 0))
        summary = (
            f"stopped: {sent} readings sent, {read} processed, {rows} rows of {windows} windows "
            f"landed; the open window stays in the snapshot"
        )
        late = [name for name, code in codes.items() if code != 0]
        if late:
            summary += f" ({', '.join(late)} did not finish in time and was ended)"
        self._screen.stopped(
            summary,
            readings_sent=sent,
            readings_in=read,
            windows_closed=windows,
            rows_landed=rows,
            dead_letters=int(processor.get("records_dead", 0)),
        )

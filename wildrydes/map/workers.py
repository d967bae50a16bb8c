"""The processes that show a map which this one reads: started, fed, and started again if need be.

Each listens on the same port (SO_REUSEPORT), so the kernel spreads the viewers over them. All have
one key for sessions; which tickets were used, and which sessions were revoked, passes through here.
"""

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec

from fleet.clock import SystemClock
from sinks.live_map import LiveMap
from sinks.live_map.access.sessions import SpentHere
from sinks.live_map.frame import RowBlock
from sinks.live_map.picture import Tick
from sinks.live_map.tick_wire import (
    LENGTH,
    Spend,
    Spent,
    Ticked,
    Told,
    Watching,
    packed,
    read_message,
    ticked,
)
from wildrydes.map.settings import MapSettings

UNREAD_BYTES_MAX: Final = 64 * 1024 * 1024
"""A worker that has not taken this much is stuck: it is ended, and another one started."""
RESTART_S: Final = 1.0
PATIENCE_S: Final = 2.0
"""How long a worker may take to say goodbye to its viewers."""


class Begin(msgspec.Struct, frozen=True):
    """The first message to a worker."""

    settings: MapSettings
    secret: bytes


def encode_begin(begin: Begin) -> bytes:
    """With its length before it."""
    body = msgspec.msgpack.encode(begin, enc_hook=str)
    return LENGTH.pack(len(body)) + body


@dataclass(slots=True)
class _Worker:
    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    watching: Watching = field(default_factory=lambda: Watching(0, 0, 0))


class Workers:
    """Implements sinks.live_map.live_map.Relay."""

    def __init__(self, settings: MapSettings, say: Callable[[str], None]) -> None:
        self._begin = Begin(settings, secrets.token_bytes(32))
        self._count = settings.workers
        self._say = say
        self._workers: dict[int, _Worker] = {}
        self._spent = SpentHere(SystemClock())
        self._hidden: Mapping[str, int] = {}
        self._live_map: LiveMap | None = None

    @asynccontextmanager
    async def running(self, live_map: LiveMap, stop: asyncio.Event) -> AsyncIterator[None]:
        """Starts them, and keeps them running while inside."""
        self._live_map = live_map
        keeping = [
            asyncio.create_task(self._keep(number, stop), name=f"map worker {number}")
            for number in range(self._count)
        ]
        try:
            yield
        finally:
            stop.set()
            for worker in self._workers.values():
                # They end when this end of their pipe does.
                worker.writer.close()
            await asyncio.wait(keeping, timeout=PATIENCE_S)
            for worker in self._workers.values():
                if worker.process.returncode is None:
                    worker.process.kill()
            await asyncio.gather(*keeping)

    def watching(self) -> dict[str, int]:
        """How many look, and how it goes for them, all together."""
        found = [worker.watching for worker in self._workers.values()]
        return {
            "workers": len(found),
            "viewers": sum(one.viewers for one in found),
            "skipped": sum(one.skipped for one in found),
            "dropped": sum(one.dropped for one in found),
        }

    def send(self, tick: Tick, rows: Sequence[RowBlock], hidden: Mapping[str, int]) -> None:
        self._hidden = hidden
        message = packed(ticked(tick, rows, hidden, self.watching()["viewers"]))
        for number, worker in self._workers.items():
            if worker.writer.transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
                self._say(f"worker {number} is stuck: it is started anew")
                worker.process.kill()
            else:
                worker.writer.write(message)

    async def _keep(self, number: int, stop: asyncio.Event) -> None:
        while not stop.is_set():
            worker = self._workers[number] = await self._start()
            await self._listen(worker)
            code = await worker.process.wait()
            del self._workers[number]
            worker.writer.close()
            if not stop.is_set():
                self._say(f"worker {number} ended with exit code {code}: it is started anew")
                await asyncio.sleep(RESTART_S)

    async def _start(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "wildrydes.map.worker",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                # Ctrl-C reaches the one who reads alone, and it ends the others.
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(encode_begin(self._begin))
        writer.write(packed(self._everything()))
        return _Worker(process, reader, writer)

    def _everything(self) -> Ticked:
        assert self._live_map is not None
        live_map = self._live_map
        blocks = [published.block for published in live_map.minute_rows.published()]
        viewers = self.watching()["viewers"]
        return ticked(
            live_map.picture.everything(), blocks, live_map.intake.hidden.as_dict(), viewers
        )

    async def _listen(self, worker: _Worker) -> None:
        """Until it is gone."""
        while (message := await read_message(worker.reader)) is not None:
            if isinstance(message, Watching):
                worker.watching = message
            elif isinstance(message, Told):
                for other in self._workers.values():
                    if other is not worker:
                        other.writer.write(packed(message))
            elif isinstance(message, Spend):
                first = await self._spent.is_first_use(message.ticket_id, message.expires_ms)
                worker.writer.write(packed(Spent(message.question, first)))

"""`python -m wildrydes.map.worker FD`: one of the processes that show a map. Only Workers starts
it; it ends when the other end of its socket does."""

import asyncio
import itertools
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from awsio.clients import AwsClients
from fleet.settings import process_clock
from sinks.live_map.access.settings import open_gate
from sinks.live_map.live_map import INTERVAL_MS
from sinks.live_map.minute_rows import MinuteRows
from sinks.live_map.picture import Picture
from sinks.live_map.show import Show
from sinks.live_map.tick_wire import (
    LENGTH,
    Spend,
    Spent,
    Ticked,
    Told,
    Watching,
    packed,
    read_message,
)
from wildrydes.map.server import listener, lookups, served
from wildrydes.map.workers import Begin


class SpentElsewhere:
    """Asks the process that all workers have in common."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = itertools.count()
        self._asked: dict[int, asyncio.Future[bool]] = {}

    async def is_first_use(self, ticket_id: str, expires_ms: int) -> bool:
        question = next(self._numbers)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[question] = answer
        self._writer.write(packed(Spend(question, ticket_id, expires_ms)))
        try:
            return await answer
        finally:
            del self._asked[question]

    def answered(self, answer: Spent) -> None:
        """Hands an answer to whoever waits for it."""
        waiting = self._asked.get(answer.question)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.is_first_use)


async def work(pipe: socket.socket) -> None:
    """Shows what comes out of the pipe until it ends."""
    reader, writer = await asyncio.open_connection(sock=pipe)
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    begin = msgspec.msgpack.decode(await reader.readexactly(length), type=Begin, dec_hook=_path_of)
    settings = begin.settings
    spent = SpentElsewhere(writer)
    picture = Picture()
    rows = MinuteRows(picture)
    async with (
        AwsClients(settings.aws) as aws,
        open_gate(
            settings.access, settings.aws, settings.host, secret=begin.secret, spent=spent
        ) as gate,
    ):
        history, archive = lookups(settings, aws)
        show = Show(
            picture,
            rows,
            process_clock(),
            INTERVAL_MS,
            gate=gate,
            history=history,
            archive=archive,
            tiles=settings.tiles,
        )
        gate.told = lambda *told: writer.write(packed(Told(*told)))
        with listener(settings.host, settings.port, shared=True) as bound:
            async with served(show, bound):
                while (message := await read_message(reader)) is not None:
                    if isinstance(message, Ticked):
                        await _show(show, picture, rows, message)
                        viewers = show.viewers
                        watching = Watching(len(viewers), viewers.skipped, viewers.dropped)
                        writer.write(packed(watching))
                    elif isinstance(message, Told):
                        gate.hear(message.what, message.session_id, message.until_ms)
                    elif isinstance(message, Spent):
                        spent.answered(message)
    writer.close()


async def _show(show: Show, picture: Picture, rows: MinuteRows, message: Ticked) -> None:
    if message.feed != picture.feed:
        rows.clear()
    picture.apply(message.tick())
    rows.apply(message.blocks())
    show.audience.hidden = message.hidden
    show.audience.elsewhere = max(0, message.viewers - len(show.viewers))
    await show.publish()


def _path_of(_type: type, value: Any) -> Path:
    return Path(value)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(socket.socket(fileno=int(sys.argv[1]))))

"""Sending to many without waiting for one, over real connections."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import numpy as np
import pytest

from sinks.live_map.messages import Known, Messages, Setting
from sinks.live_map.picture import UNICORN
from sinks.live_map.speech import LINES, http_chunk, websocket_farewell, websocket_message
from sinks.live_map.still import Still
from sinks.live_map.viewers import Viewer, Viewers

UNICORNS = 20_000
NAMES = [str(number) for number in range(UNICORNS)]
TIME_MS = 1_767_225_600_000
NEVER_S = 3600.0


class News:
    """Ticks of a large fleet in each of which a few have changed."""

    def __init__(self) -> None:
        self.unicorns = np.zeros(UNICORNS, UNICORN)
        self.unicorns["arrival_ms"] = TIME_MS
        self.sequence = 0

    def messages(self, changed: int = 1) -> Messages:
        """The next tick's."""
        self.sequence += 1
        self.unicorns["changed_at"][:changed] = self.sequence
        still = Still("feed", self.sequence, TIME_MS, NAMES, UNICORNS, self.unicorns.copy())
        return Messages(still, (), Setting(1000, 1.0, UNICORNS), viewers=0, hidden={})


class Connections:
    """Makes viewers with small buffers, each with the reader at its other end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._arrived: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []

    async def viewer(self) -> tuple[Viewer, asyncio.StreamReader]:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, self._listener.getsockname())
        # The limit is how much the reader itself holds before it stops taking from the socket.
        reader, writer = await asyncio.open_connection(sock=client, limit=4_096)
        served = await self._arrived.get()
        self._writers += [writer, served]
        return Viewer(served.transport, LINES), reader

    async def serve(self) -> asyncio.Server:
        async def arrive(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._arrived.put(writer)

        return await asyncio.start_server(arrive, sock=self._listener)

    async def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
            await asyncio.wait([asyncio.ensure_future(writer.wait_closed())])


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    connections = Connections(listener)
    async with await connections.serve():
        yield connections
        await connections.close()


async def line(reader: asyncio.StreamReader) -> dict:
    """The next chunk that is a frame, as JSON."""
    while True:
        size = int(await reader.readuntil(b"\r\n"), 16)
        document = json.loads(await reader.readexactly(size + 2))
        if "unicorns" in document and document["type"] != "status":
            return document


async def test_the_picture_first_and_then_the_changes(connections: Connections) -> None:
    viewers, news = Viewers(), News()
    viewer, reader = await connections.viewer()
    viewers.add(viewer, news.messages())
    assert len((await line(reader))["unicorns"]) == UNICORNS
    await viewers.send(news.messages(changed=3))
    changes = await line(reader)
    assert (changes["type"], changes["sequence"]) == ("changes", 2)
    assert [unicorn["name"] for unicorn in changes["unicorns"]] == ["0", "1", "2"]
    assert (viewers.skipped, viewers.dropped) == (0, 0)


async def test_one_who_does_not_read_is_skipped_and_harms_nobody(connections: Connections) -> None:
    viewers, news = Viewers(stuck_after_s=NEVER_S), News()
    stuck, late_reader = await connections.viewer()
    healthy, reader = await connections.viewer()
    first = news.messages()
    viewers.add(stuck, first)
    viewers.add(healthy, first)
    await line(reader)
    held = stuck.transport.get_write_buffer_size()
    assert held > 0
    for changed in (5, 1, 2, 1, 1):
        await viewers.send(news.messages(changed))
        assert len((await line(reader))["unicorns"]) == changed
    assert viewers.skipped == 5
    assert stuck.transport.get_write_buffer_size() <= held, "nothing piles up"

    # It comes back to its senses, and gets all that it has missed.
    assert len((await line(late_reader))["unicorns"]) == UNICORNS
    await viewers.send(news.messages(3))
    missed = await line(late_reader)
    assert (missed["type"], missed["sequence"]) == ("changes", 7)
    assert [unicorn["name"] for unicorn in missed["unicorns"]] == list("01234")
    assert len((await line(reader))["unicorns"]) == 3
    await viewers.send(news.messages(2))
    assert len((await line(late_reader))["unicorns"]) == 2


async def test_one_who_is_stuck_is_let_go(connections: Connections) -> None:
    viewers, news = Viewers(stuck_after_s=NEVER_S), News()
    stuck, _ = await connections.viewer()
    viewers.add(stuck, news.messages())
    for _ in range(2):
        await viewers.send(news.messages())
    assert (viewers.skipped, viewers.dropped) == (2, 0)
    viewers.stuck_after_s = 0.0
    while not stuck.transport.is_closing():
        # Until the reader holds all that it takes, its buffer moves.
        await viewers.send(news.messages())
        await asyncio.sleep(0.01)
    assert viewers.dropped == 1


async def test_all_who_know_the_same_are_told_with_the_same_bytes() -> None:
    news = News()
    first, then = news.messages(), news.messages(changed=3)
    viewers = [Known() for _ in range(3)]
    pictures = {id(first.news(LINES, known)) for known in viewers[:2]}
    assert len(pictures) == 1
    changes = {id(then.news(LINES, known)) for known in viewers[:2]}
    assert len(changes) == 1
    newcomer = then.news(LINES, viewers[2])
    assert b'"type":"full"' in newcomer


async def test_goodbye(connections: Connections) -> None:
    viewers, news = Viewers(), News()
    viewer, reader = await connections.viewer()
    viewers.add(viewer, news.messages())
    await line(reader)
    viewers.close()
    assert (await reader.read()).endswith(b"0\r\n\r\n")
    assert len(viewers) == 0


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (5, "81 05"),
        (125, "81 7d"),
        (126, "81 7e 00 7e"),
        (256, "81 7e 01 00"),
        (65_535, "81 7e ff ff"),
        (65_536, "81 7f 00 00 00 00 00 01 00 00"),
    ],
)
def test_websocket_messages_as_in_rfc_6455_section_5_7(size: int, header: str) -> None:
    payload = b"x" * size
    assert websocket_message(0x81, payload) == bytes.fromhex(header) + payload


def test_the_farewells() -> None:
    assert websocket_farewell(1001).hex(" ") == "88 02 03 e9"
    assert http_chunk(b"hello, unicorn!!") == b"10\r\nhello, unicorn!!\r\n"

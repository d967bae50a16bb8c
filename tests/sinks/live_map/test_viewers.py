"""Sending to many without waiting for one, over real connections."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import numpy as np
import pytest

from sinks.live_map.frame import CHANGES, FULL, Frame
from sinks.live_map.messages import Messages
from sinks.live_map.viewers import (
    HTTP_FAREWELL,
    WEBSOCKET_FAREWELL,
    Viewer,
    Viewers,
    http_chunk,
    http_lines,
    websocket_message,
)

UNICORNS = 20_000
NAMES = [str(number) for number in range(UNICORNS)]


def frame(kind: int, count: int) -> Frame:
    zeros = np.zeros(count)
    return Frame(kind, 1, 0, np.arange(count), zeros, zeros, zeros, zeros, zeros, zeros)


def messages(changed: int = 1) -> Messages:
    """News of `changed` unicorns out of a large fleet."""
    return Messages(NAMES, frame(FULL, UNICORNS), frame(CHANGES, changed))


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
        return Viewer(served.transport, http_lines, HTTP_FAREWELL), reader

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
    """The next chunk, as JSON."""
    size = int(await reader.readuntil(b"\r\n"), 16)
    chunk = await reader.readexactly(size + 2)
    return json.loads(chunk)


async def test_the_picture_first_and_then_the_changes(connections: Connections) -> None:
    viewers = Viewers()
    viewer, reader = await connections.viewer()
    viewers.add(viewer, messages())
    assert len((await line(reader))["unicorns"]) == UNICORNS
    await viewers.send(messages(changed=3))
    assert await line(reader) == {
        "type": "changes",
        "sequence": 1,
        "time_ms": 0,
        "unicorns": [
            dict.fromkeys(("latitude", "longitude", "age_ms", "distance_m", "health", "magic"), 0.0)
            | {"name": name}
            for name in ("0", "1", "2")
        ],
    }
    assert (viewers.skipped, viewers.dropped) == (0, 0)


async def test_one_who_does_not_read_is_skipped_and_harms_nobody(connections: Connections) -> None:
    viewers = Viewers()
    stuck, late_reader = await connections.viewer()
    healthy, reader = await connections.viewer()
    viewers.add(stuck, messages())
    viewers.add(healthy, messages())
    await line(reader)
    held = stuck.transport.get_write_buffer_size()
    assert held > 0
    for _ in range(5):
        await viewers.send(messages())
        assert (await line(reader))["type"] == "changes"
    assert viewers.skipped == 5
    assert stuck.transport.get_write_buffer_size() <= held, "nothing piles up"

    # It comes back to its senses, and gets the whole picture for what it has missed.
    assert len((await line(late_reader))["unicorns"]) == UNICORNS
    await viewers.send(messages())
    assert (await line(late_reader))["type"] == "full"
    assert (await line(reader))["type"] == "changes"
    await viewers.send(messages())
    assert (await line(late_reader))["type"] == "changes"


async def test_one_who_is_stuck_is_let_go(connections: Connections) -> None:
    viewers = Viewers(stuck_after_s=0.05)
    stuck, _ = await connections.viewer()
    viewers.add(stuck, messages())
    while not stuck.transport.is_closing():
        await viewers.send(messages())
        await asyncio.sleep(0.01)
    assert viewers.dropped == 1
    assert viewers.skipped >= 2


async def test_goodbye(connections: Connections) -> None:
    viewers = Viewers()
    viewer, reader = await connections.viewer()
    viewers.add(viewer, messages())
    await line(reader)
    viewers.close()
    assert await reader.read() == b"0\r\n\r\n"
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
    assert WEBSOCKET_FAREWELL.hex(" ") == "88 02 03 e9"
    assert http_chunk(b"hello, unicorn!!") == b"10\r\nhello, unicorn!!\r\n"

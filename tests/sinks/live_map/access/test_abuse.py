"""Those who do not even ask properly: half requests, idle connections, requests made of noise."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from fleet.clock import ManualClock
from sinks.live_map import LiveMap
from sinks.live_map.access import routes
from sinks.live_map.access.door import TokenDoor
from sinks.live_map.access.gate import Gate
from sinks.live_map.serving import map_runner

TOKEN = "correct horse battery staple"
REFUSED = (b"HTTP/1.1 4", b"HTTP/1.0 4")
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A map behind a token whose patience is a fifth of a second."""
    clock = ManualClock()
    live_map = LiveMap(clock, 20, gate=Gate(TokenDoor(lambda: TOKEN, clock), clock))
    app = web.Application()
    live_map.add_routes(app)
    runner = map_runner(app, idle_s=0.2, linger_s=0.2)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    await web.SockSite(runner, listener, backlog=2_048).start()
    await live_map.open({})
    yield listener.getsockname()[1]
    await live_map.close()
    await runner.cleanup()


async def answer_to(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """What comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def still_serves(port: int) -> bool:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with client.ws_connect("/feed?version=2", headers=headers) as viewer:
            return "hello" in await viewer.receive_str(timeout=60)


async def test_one_who_never_asks(port: int) -> None:
    assert await answer_to(port) == b""


async def test_one_who_asks_a_letter_at_a_time(port: int) -> None:
    head = b"GET /feed?format=json HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"x" * 100
    drips = [head[at : at + 1] for at in range(len(head))]
    assert await answer_to(port, *drips, pause_s=0.01) == b""


async def test_one_whose_body_drips(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "BODY_S", 0.2)
    head = (
        b"POST /auth HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{"
    )
    answer = await answer_to(port, head, b'"', b"t")
    assert answer.startswith(b"HTTP/1.1 400")


async def test_heads_and_bodies_that_are_too_large(port: int) -> None:
    for head in (
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: x\r\n" % n for n in range(1000)) + b"\r\n",
        b"POST /auth HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000000000\r\n\r\n" + b" " * 10_000,
    ):
        assert (await answer_to(port, head)).startswith(REFUSED)
    assert await still_serves(port)


def noise(seed: int) -> bytes:
    """An upgrade request in which some things are not as they should be."""
    chance = random.Random(seed)
    headers = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Extensions": "permessage-deflate",
        "Cookie": "wildrydes_map=session.x.1.y",
        "Origin": "http://127.0.0.1",
    }
    values = (
        "", "websocket", "WebSocket, h2c", "\x00", "é" * 10, "x" * 7000, "-1", "99999999999999999",
        "upgrade, keep-alive", "null", "[::1",
        "http://[", "%s%n", "\t", KEY[:-1], "ticket.a.1.b.2.c",
    )  # fmt: skip
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*headers, "Content-Length", "Transfer-Encoding", "Authorization", ""])
        headers[name] = chance.choice(values)
    if chance.random() < 0.3:
        del headers[chance.choice([name for name in headers if name])]
    query = chance.choice(
        ("", "?version=2", "?ticket=", "?ticket=%00", "?version=2&view=1,2", "?resume=%ff.%fe",
         "?version=2&ticket=ticket.a.99999999999999.b.99999999999999." + "0" * 64)
    )  # fmt: skip
    lines = [f"GET /feed{query} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    message = ("\r\n".join(lines) + "\r\n\r\n").encode()
    if chance.random() < 0.2:
        at = chance.randrange(len(message))
        message = message[:at] + bytes([chance.randrange(256)]) + message[at + 1 :]
    return message + chance.randbytes(chance.choice((0, 0, 10, 200)))


async def test_upgrade_requests_made_of_noise(port: int) -> None:
    for first in range(0, 400, 50):
        answers = await asyncio.gather(
            *(answer_to(port, noise(seed)) for seed in range(first, first + 50))
        )
        for answer in answers:
            assert answer == b"" or answer.startswith(REFUSED), answer[:200]
    assert await still_serves(port)


async def test_noise_after_a_good_handshake(port: int) -> None:
    head = (
        f"GET /feed?version=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
        f"Authorization: Bearer {TOKEN}\r\n\r\n"
    ).encode()
    for seed in range(30):
        answer = await answer_to(port, head + random.Random(seed).randbytes(300))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 101")
    assert await still_serves(port)


async def test_two_thousand_idle_connections(port: int) -> None:
    """Others are served meanwhile, and the idle ones are closed."""
    idle = []
    for _ in range(2_000):
        one = socket.socket()
        one.setblocking(False)
        await asyncio.get_running_loop().sock_connect(one, ("127.0.0.1", port))
        idle.append(one)
    assert await still_serves(port)
    async with asyncio.timeout(60):
        for one in idle:
            assert await asyncio.get_running_loop().sock_recv(one, 1) == b""
            one.close()

"""Answers that moto never gives, but a moto that is being killed may."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local_kinesis import LocalEndpoint
from tests.local_kinesis.wire import RawConnection, kinesis_request, raw_connection


@pytest.fixture
async def odd(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RawConnection]:
    program = Path(__file__).with_name("odd_server.py")
    monkeypatch.setattr("local_kinesis.moto_server._PROGRAM", program)
    async with LocalEndpoint() as endpoint, raw_connection(endpoint.port) as raw:
        yield raw


def ask(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


@pytest.mark.parametrize("path", ["/truncated", "/truncated-chunks"])
async def test_half_an_answer_is_not_made_a_whole_one(odd: RawConnection, path: str) -> None:
    await odd.send(ask(path) + kinesis_request("ListStreams"))
    received = b""
    try:
        received = await odd.reader.read()
    except ConnectionResetError:
        return
    assert received.endswith((b"half", b"hello\r\n")), "nothing after it on this connection"


@pytest.mark.parametrize("path", ["/silent", "/garbage"])
async def test_no_answer_is_an_answer(odd: RawConnection, path: str) -> None:
    await odd.send(ask(path, "X-Amz-Target: DynamoDB_20120810.ListTables"))
    reply = await odd.reply()
    assert (reply.status, reply.json["__type"]) == (502, "ServiceUnavailable")
    assert await odd.ended()


async def test_an_answer_that_ends_with_the_connection_ends_ours(odd: RawConnection) -> None:
    await odd.send(ask("/until-close"))
    received = await odd.reader.read()
    assert b"\r\nConnection: close\r\n" in received
    assert received.endswith(b"\r\n\r\nall of it")


async def test_what_concerned_motos_connection_stays_there(odd: RawConnection) -> None:
    await odd.send(
        ask("/interim") + ask("/chunks") + ask("/nothing") + ask("/chunks", method="HEAD")
    )
    reply = await odd.reply()
    assert (reply.status, reply.body) == (200, b"ok")
    assert not {"connection", "keep-alive"} & set(reply.headers)
    assert (await odd.reply()).headers["transfer-encoding"] == "chunked"
    # A trailer is left out, as a proxy may (RFC 9110, 6.5.1).
    assert await odd.reader.readuntil(b"0\r\n\r\n") == b"5\r\nhello\r\n0\r\n\r\n"
    assert (await odd.reply()).status == 204
    assert (await odd.reply()).status == 200
    await odd.send(kinesis_request("ListStreams"))
    assert (await odd.reply()).json["StreamNames"] == []

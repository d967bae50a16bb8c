"""Starting and stopping, in the process that uses it."""

import asyncio
import socket

import pytest

from fleet.errors import ConfigError
from local_kinesis import LocalEndpoint
from tests.local_kinesis.wire import kinesis_request, raw_connection


async def test_a_taken_port_is_said_with_a_remedy() -> None:
    async with LocalEndpoint(kinesis_only=True) as endpoint:
        with pytest.raises(
            ConfigError, match=f"port {endpoint.port} on 127.0.0.1 is taken"
        ) as caught:
            async with LocalEndpoint(port=endpoint.port, kinesis_only=True):
                pass
        assert caught.value.remedy is not None
        assert "--port" in caught.value.remedy


async def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on 203\.0\.113\.7"):
        async with LocalEndpoint(host="203.0.113.7", kinesis_only=True):
            pass


async def test_endpoints_know_nothing_of_each_other() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as one,
        LocalEndpoint(kinesis_only=True) as other,
        raw_connection(one.port) as raw,
        raw_connection(other.port) as other_raw,
    ):
        await raw.send(kinesis_request("CreateStream", b'{"StreamName":"s","ShardCount":1}'))
        assert (await raw.reply()).status == 200
        await other_raw.send(kinesis_request("ListStreams"))
        assert (await other_raw.reply()).json["StreamNames"] == []


async def test_closing_ends_connections_and_frees_the_port() -> None:
    async with LocalEndpoint(kinesis_only=True) as endpoint:
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    with socket.create_server(("127.0.0.1", endpoint.port)):
        pass


@pytest.mark.parametrize(
    ("host", "url", "is_loopback"),
    [
        ("127.0.0.1", "http://127.0.0.1", True),
        ("localhost", "http://localhost", True),
        ("::1", "http://[::1]", True),
        ("0.0.0.0", "http://127.0.0.1", False),
        ("example.com", "http://example.com", False),
    ],
)
def test_the_url_is_one_that_works_here(host: str, url: str, is_loopback: bool) -> None:
    endpoint = LocalEndpoint(host=host, port=4566, kinesis_only=True)
    assert endpoint.url == f"{url}:4566"
    assert endpoint.is_loopback is is_loopback

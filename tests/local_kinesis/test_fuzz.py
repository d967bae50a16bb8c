"""Requests as nobody should send them, by the thousand: each is answered or its connection ended,
nothing stays behind, and a good client is served afterwards as if nothing had been.

A seed makes a run repeatable; what fails prints the bytes that did it.
"""

import asyncio
import gc
import json
import logging
import random
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection

from local_kinesis import LocalEndpoint
from local_kinesis.connection import Connection
from local_kinesis.http2_connection import Http2Connection
from local_kinesis.http2_stream import Http2Stream
from local_kinesis.operations.registry import OPERATIONS
from local_kinesis.subscription import Subscription
from local_kinesis.upload import Upload
from tests.local_kinesis.http2_client import kinesis_headers
from tests.local_kinesis.wire import RawConnection, eventually, kinesis_request, raw_connection

PUT = b'{"StreamName":"s","Data":"eA==","PartitionKey":"k"}'
ODD_VALUES: list[Any] = [
    *(None, True, 0, -1, 2**31, 2**63, 1.5, float("inf"), "", "x", "\0", "\u2603" * 300),
    *([], {}, [[]], {"": ""}, ["x"] * 600, "0" * 60, "shardId-000000000000", b"", b"\xff" * 9),
]
MEMBERS = [
    *("StreamName", "StreamARN", "ShardId", "ShardIterator", "ShardIteratorType", "Timestamp"),
    *("Data", "PartitionKey", "ExplicitHashKey", "Records", "ShardFilter", "Limit", "NextToken"),
    *("StartingSequenceNumber", "ShardCount", "Tags", "ConsumerARN", "StartingPosition", "Nothing"),
]


def bodies(rng: random.Random) -> tuple[bytes, bool]:
    """(a request's body, whether it is CBOR)"""
    members: dict[str, Any] = {"StreamName": "s"} if rng.random() < 0.7 else {}
    for name in rng.sample(MEMBERS, rng.randrange(5)):
        members[name] = rng.choice(ODD_VALUES)
    cbor = rng.random() < 0.5
    if cbor:
        body = cbor2.dumps(members, indefinite_containers=rng.random() < 0.5)
    else:
        body = json.dumps(members, default=lambda value: value.hex()).encode()
    return (mutated(rng, body) if rng.random() < 0.5 else body), cbor


def mutated(rng: random.Random, data: bytes) -> bytes:
    """A few bytes changed, cut out, doubled or put in."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(5):
            case 0:
                changed[at : at + 1] = rng.randbytes(1)
            case 1:
                del changed[at : at + rng.randrange(1, 9)]
            case 2:
                changed[at:at] = rng.randbytes(rng.randrange(1, 9))
            case 3:
                changed[at:at] = changed[at : at + rng.randrange(1, 30)]
            case _:
                changed[at:] = b""
    return bytes(changed)


def http1(rng: random.Random) -> bytes:
    head = ["Expect: 100-continue"] if rng.random() < 0.1 else []
    if rng.random() < 0.2:
        head.append("Transfer-Encoding: chunked")
    request = kinesis_request(rng.choice(list(OPERATIONS)), bodies(rng)[0], *head)
    return mutated(rng, request * rng.randrange(1, 3))


def http2(rng: random.Random) -> bytes:
    """Good frames that are changed, or frames of nothing but chance."""
    connection = H2Connection(
        H2Configuration(
            client_side=True,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
    )
    connection.initiate_connection()
    preface = connection.data_to_send()
    for _ in range(rng.randrange(1, 4)):
        stream_id = connection.get_next_available_stream_id()
        headers = kinesis_headers(rng.choice(list(OPERATIONS)))
        if rng.random() < 0.2:
            headers = [header for header in headers if rng.random() < 0.7] or headers
        connection.send_headers(stream_id, headers)
        connection.send_data(stream_id, bodies(rng)[0], end_stream=rng.random() < 0.9)
        if rng.random() < 0.2:
            connection.reset_stream(stream_id)
    frames = connection.data_to_send()
    if rng.random() < 0.3:
        frames += b"".join(frame(rng) for _ in range(rng.randrange(1, 6)))
        return preface + frames
    return preface + mutated(rng, frames) if rng.random() < 0.9 else mutated(rng, preface + frames)


def frame(rng: random.Random) -> bytes:
    payload = rng.randbytes(rng.choice((0, 4, 5, 6, 8, 17)))
    stream_id = rng.choice((0, 0, 1, 2, 3, 2**31 - 1))
    kind, flags = rng.randrange(11), rng.randrange(256)
    return (
        len(payload).to_bytes(3, "big")
        + bytes((kind, flags))
        + stream_id.to_bytes(4, "big")
        + payload
    )


async def answered(raw: RawConnection, rng: random.Random) -> None:
    """A whole HTTP request is answered, whatever its body says."""
    body, cbor = bodies(rng)
    operation = rng.choice([*OPERATIONS, "Nothing", ""])
    request = kinesis_request(operation, body)
    if cbor:
        request = request.replace(b"x-amz-json", b"x-amz-cbor")
    await raw.send(request)
    async with asyncio.timeout(60):
        reply = await raw.reply()
    assert reply.status in (200, 400), (operation, body, reply)


async def survived(port: int, data: bytes) -> None:
    """The connection comes to its end, answered or not."""
    async with raw_connection(port) as raw:
        try:
            await raw.send(data)
            raw.writer.write_eof()
            async with asyncio.timeout(60):
                await raw.reader.read()
        except ConnectionError:
            return
        except TimeoutError:
            pytest.fail(f"no end after {data!r}")


async def storm(endpoint: LocalEndpoint, seed: int, count: int) -> None:
    rng = random.Random(seed)
    kinds: list[Callable[[random.Random], bytes]] = [http1, http2]
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("CreateStream", b'{"StreamName":"s","ShardCount":1}'))
        assert (await raw.reply()).status in (200, 400)
        for _ in range(count // 2):
            await answered(raw, rng)
    for number in range(count - count // 2):
        await survived(endpoint.port, kinds[number % 2](rng))
    await eventually(lambda: not endpoint._connections)
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("CreateStream", b'{"StreamName":"good","ShardCount":1}'))
        assert (await raw.reply()).status == 200
        await raw.send(kinesis_request("PutRecord", PUT.replace(b'"s"', b'"good"')))
        assert (await raw.reply()).status == 200
        await raw.send(kinesis_request("ListStreams"))
        for name in (await raw.reply()).json["StreamNames"]:
            members = {"StreamName": name, "EnforceConsumerDeletion": True}
            await raw.send(kinesis_request("DeleteStream", json.dumps(members).encode()))
            assert (await raw.reply()).status == 200


async def test_a_thousand_malformed_requests(
    endpoint: LocalEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    await storm(endpoint, seed=1, count=1_000)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def left_behind() -> list[Any]:
    """What belongs to a connection and is still alive."""
    gc.collect()
    kinds = {Connection, Http2Connection, Http2Stream, Upload, Subscription}
    return [one for one in gc.get_objects() if type(one) in kinds]


@pytest.mark.long
async def test_a_hundred_thousand_malformed_requests_leave_nothing(
    endpoint: LocalEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """What is alive after half of them is alive after all of them, and no more."""
    objects = []
    for seed in range(20):
        await storm(endpoint, seed=100 + seed, count=5_000)
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
        caplog.clear()
        # A connection that has ended lingers for a second.
        await eventually(lambda: not left_behind())
        objects.append(len(gc.get_objects()))
    assert max(objects[10:]) < max(objects[:10]) * 1.02

"""HTTP as clients should speak it, and as they should not, byte by byte."""

import asyncio
from email.utils import parsedate_to_datetime

import pytest
import uvloop

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from local_kinesis.connection import Connection
from tests.local_kinesis.wire import RawConnection, eventually, kinesis_request, raw_connection

PUT = b'{"StreamName":"s","Data":"eA==","PartitionKey":"k"}'


async def create(raw: RawConnection) -> None:
    await raw.send(kinesis_request("CreateStream", b'{"StreamName":"s","ShardCount":1}'))
    assert (await raw.reply()).status == 200


async def test_requests_in_one_packet_are_answered_in_order(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        await raw.send(kinesis_request("PutRecord", PUT) * 300)
        numbers = [int((await raw.reply()).json["SequenceNumber"]) for _ in range(300)]
        assert numbers == sorted(set(numbers))


async def test_a_request_may_come_byte_by_byte(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        for byte in kinesis_request("ListStreams"):
            await raw.send(bytes((byte,)))
            await asyncio.sleep(0)
        assert (await raw.reply()).json["StreamNames"] == []


async def test_a_body_may_be_chunked(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (PUT[:5], PUT[5:]))
        head = kinesis_request("PutRecord").partition(b"Content-Length")[0]
        await raw.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        assert (await raw.reply()).status == 200


async def test_the_date_is_the_endpoints_clock(endpoint: LocalEndpoint, clock: ManualClock) -> None:
    async with raw_connection(endpoint.port) as raw:
        for advance_ms in (0, 999, 1, 3_600_000):
            clock.advance(advance_ms)
            await raw.send(kinesis_request("ListStreams"))
            date = (await raw.reply()).headers["date"]
            assert parsedate_to_datetime(date).timestamp() == clock.now_ms() // 1000
            assert date.endswith(" GMT")


async def test_every_answer_has_an_id_of_its_own(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw, raw_connection(endpoint.port) as other:
        ids = []
        for connection in (raw, other, raw):
            await connection.send(kinesis_request("ListStreams"))
            ids.append((await connection.reply()).headers["x-amzn-requestid"])
        assert len(set(ids)) == 3
        assert all(len(one) == 36 for one in ids)


async def test_a_client_may_wait_to_be_asked_for_the_body(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        message = kinesis_request("ListStreams", b"{}", "Expect: 100-continue")
        await raw.send(message[:-2])
        interim = await raw.reply()
        assert interim.status == 100
        await raw.send(message[-2:])
        assert (await raw.reply()).status == 200


async def test_a_connection_is_kept_or_closed_as_the_client_says(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("ListStreams"))
        assert "connection" not in (await raw.reply()).headers
        request = kinesis_request("ListStreams", b"{}", "Connection: close")
        await raw.send(request + kinesis_request("ListStreams"))
        assert (await raw.reply()).headers["connection"] == "close"
        assert await raw.ended()
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("ListStreams").replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert (await raw.reply()).headers["connection"] == "close"
        assert await raw.ended()


async def test_a_client_that_has_said_all_still_gets_its_answer(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("ListStreams"))
        raw.writer.write_eof()
        assert (await raw.reply()).status == 200
        assert await raw.ended()


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5000),
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nNo colon here\r\n\r\n",
        b"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
    ],
    ids=lambda garbage: repr(garbage[:40]),
)
async def test_garbage_is_answered_and_the_connection_ends(
    endpoint: LocalEndpoint, garbage: bytes
) -> None:
    async with raw_connection(endpoint.port) as raw:
        # What came before it is answered as if nothing was wrong.
        await raw.send(kinesis_request("ListStreams") + garbage)
        assert (await raw.reply()).status == 200
        reply = await raw.reply()
        assert reply.status == 400
        assert reply.headers["connection"] == "close"
        assert reply.json["__type"] == "BadRequest"
        assert await raw.ended()


async def test_an_offer_of_another_protocol_is_declined(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        offer = b"GET /_local/health HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        await raw.send(offer + kinesis_request("ListStreams"))
        assert (await raw.reply()).json["status"] == "ok"
        assert (await raw.reply()).json["StreamNames"] == []


async def test_a_head_has_its_limit(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await raw.send(b"GET / HTTP/1.1\r\n" + b"X-Filler: %s\r\n" % (b"x" * 1000) * 70)
        assert (await raw.reply()).status == 431
        assert await raw.ended()


@pytest.mark.parametrize("framing", ["Content-Length: 20000000", "Transfer-Encoding: chunked"])
async def test_a_body_has_its_limit(endpoint: LocalEndpoint, framing: str) -> None:
    async with raw_connection(endpoint.port) as raw:
        head = kinesis_request("PutRecord").partition(b"Content-Length")[0]
        await raw.send(head + framing.encode() + b"\r\n\r\n")
        if "chunked" in framing:
            chunk = b"x" * 1_000_000
            for _ in range(17):
                await raw.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        reply = await raw.reply()
        assert reply.status == 413
        assert reply.json["__type"] == "RequestEntityTooLargeException"
        assert await raw.ended()


@pytest.mark.parametrize(
    ("request_line", "target", "status", "kind"),
    [
        ("POST / HTTP/1.1", "Kinesis_20131202.Nothing", 400, "UnknownOperationException"),
        ("POST / HTTP/1.1", "Kinesis_20131202.", 400, "UnknownOperationException"),
        ("GET / HTTP/1.1", "Kinesis_20131202.ListStreams", 405, "MethodNotAllowed"),
        ("POST / HTTP/1.1", "DynamoDB_20120810.ListTables", 501, "NotImplemented"),
        ("GET /bucket/key HTTP/1.1", None, 501, "NotImplemented"),
        ("GET /_local/nothing HTTP/1.1", None, 404, "NotFound"),
        ("POST /_local/health HTTP/1.1", None, 405, "MethodNotAllowed"),
    ],
)
async def test_requests_for_what_is_not_here(
    endpoint: LocalEndpoint, request_line: str, target: str | None, status: int, kind: str
) -> None:
    async with raw_connection(endpoint.port) as raw:
        for _ in range(2):
            header = f"X-Amz-Target: {target}\r\n" if target else ""
            await raw.send(f"{request_line}\r\nHost: x\r\n{header}\r\n".encode())
            reply = await raw.reply()
            assert (reply.status, reply.json["__type"]) == (status, kind)


@pytest.mark.parametrize("body", [b"null", b"", b"[]", b"5", b"{", b"\xff"])
async def test_a_body_that_is_no_request_is_refused(endpoint: LocalEndpoint, body: bytes) -> None:
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("ListStreams", body))
        reply = await raw.reply()
        assert (reply.status, reply.json["__type"]) == (400, "SerializationException")


async def test_health(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        await raw.send(kinesis_request("PutRecord", PUT) * 3)
        for _ in range(3):
            await raw.reply()
        await raw.send(b"GET /_local/health HTTP/1.1\r\nHost: x\r\n\r\n")
        health = (await raw.reply()).json
        memory_bytes = health["kinesis"].pop("memory_bytes")
        assert 3 * 120 < memory_bytes < 4000
        assert health == {
            "status": "ok",
            "moto": "off",
            "kinesis": {"streams": 1, "records": 3, "dropped_records": 0},
        }


async def test_a_client_that_does_not_read_is_not_read_from(endpoint: LocalEndpoint) -> None:
    """It asks for a thousand answers of 100 kB: they are made as it takes them, not before."""
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        entry = b'{"Data":"%s","PartitionKey":"k"}' % (b"QUJD" * 256)
        await raw.send(
            kinesis_request(
                "PutRecords", b'{"StreamName":"s","Records":[%s]}' % b",".join([entry] * 90)
            )
        )
        assert (await raw.reply()).json["FailedRecordCount"] == 0
        ask = b'{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}'
        await raw.send(kinesis_request("GetShardIterator", ask))
        token = (await raw.reply()).json["ShardIterator"]
        request = kinesis_request("GetRecords", b'{"ShardIterator":"%s"}' % token.encode())
        sending = asyncio.create_task(raw.send(request * 1000))
        await asyncio.sleep(0.1)
        [connection] = endpoint._connections
        assert connection._transport.get_write_buffer_size() < 1_000_000
        for _ in range(1000):
            assert (await raw.reply()).status == 200
        await sending


async def test_a_client_that_goes_away_leaves_nothing(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("ListStreams")[:-1])
        await eventually(lambda: any(isinstance(c, Connection) for c in endpoint._connections))
        [connection] = endpoint._connections
    async with asyncio.timeout(60):
        await connection.closed
    assert not endpoint._connections


async def test_half_a_request_is_not_waited_for_for_ever(
    endpoint: LocalEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_kinesis.connection._STALL_S", 0.0)
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("ListStreams"))
        await raw.reply()
        [connection] = endpoint._connections
        connection.check_stall()
        await raw.send(kinesis_request("ListStreams")[:-1])
        await asyncio.sleep(0.01)
        connection.check_stall()
        assert (await raw.reply()).status == 408
        assert await raw.ended()


def test_uvloop_serves_as_asyncio_does() -> None:
    async def main() -> None:
        async with LocalEndpoint(kinesis_only=True) as endpoint:
            await test_requests_in_one_packet_are_answered_in_order(endpoint)
            await test_a_body_has_its_limit(endpoint, "Transfer-Encoding: chunked")
            await test_garbage_is_answered_and_the_connection_ends(endpoint, b"GET\r\n\r\n")
            await test_a_client_that_has_said_all_still_gets_its_answer(endpoint)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

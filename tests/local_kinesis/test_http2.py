"""HTTP/2 with prior knowledge: as clients speak it, and as they should not."""

import asyncio
import tracemalloc
from base64 import b64encode
from contextlib import suppress

import pytest
import uvloop
from h2.exceptions import StreamClosedError

from local_kinesis import LocalEndpoint
from tests.local_kinesis.http2_client import Http2Client, http2_client, kinesis_headers
from tests.local_kinesis.wire import eventually, raw_connection

MEGABYTE = 1_000_000


async def create(client: Http2Client) -> None:
    reply = await client.reply(
        await client.ask("CreateStream", b'{"StreamName":"s","ShardCount":1}')
    )
    assert reply.status == 200


def put(size: int, fill: bytes = b"x") -> bytes:
    data = b64encode(fill * size)
    return b'{"StreamName":"s","PartitionKey":"k","Data":"%s"}' % data


async def first_iterator(client: Http2Client) -> bytes:
    ask = b'{"StreamName":"s","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}'
    reply = await client.reply(await client.ask("GetShardIterator", ask))
    return b'{"ShardIterator":"%s"}' % reply.json["ShardIterator"].encode()


async def test_a_request_is_answered(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        reply = await client.reply(await client.ask("ListStreams"))
        assert reply.json == {"HasMoreStreams": False, "StreamNames": []} | reply.json
        assert reply.headers["content-type"] == "application/x-amz-json-1.1"
        assert int(reply.headers["content-length"]) == len(reply.body)
        assert {"date", "x-amzn-requestid", "x-amz-id-2"} < set(reply.headers)


async def test_the_preface_may_come_in_any_pieces(endpoint: LocalEndpoint) -> None:
    async with raw_connection(endpoint.port) as raw:
        client = Http2Client(raw.reader, raw.writer)
        client.h2.initiate_connection()
        client.begin(kinesis_headers("ListStreams"))
        client.h2.send_data(1, b"{}", end_stream=True)
        for byte in client.h2.data_to_send():
            raw.writer.write(bytes((byte,)))
            await asyncio.sleep(0)
        assert (await client.reply(1)).status == 200


async def test_many_requests_at_once(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        await create(client)
        streams = [client.begin(kinesis_headers("PutRecord")) for _ in range(90)]
        for stream_id in reversed(streams):
            await client.send_body(stream_id, put(10))
        replies = [await client.reply(stream_id) for stream_id in streams]
        numbers = {reply.json["SequenceNumber"] for reply in replies}
        assert len(numbers) == 90


async def test_bodies_and_answers_beyond_every_window(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port, window_bytes=10_000) as client:
        await create(client)
        for _ in range(3):
            reply = await client.reply(await client.ask("PutRecord", put(MEGABYTE)))
            assert reply.status == 200
        iterator = await first_iterator(client)
        both = [await client.ask("GetRecords", iterator) for _ in range(2)]
        for stream_id in both:
            records = (await client.reply(stream_id)).json["Records"]
            assert [len(record["Data"]) for record in records] == [1_333_336] * 3


async def test_an_answer_that_is_not_taken_holds_up_no_other(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        await create(client)
        await client.reply(await client.ask("PutRecord", put(MEGABYTE)))
        iterator = await first_iterator(client)
        # Room for the connection, none for this stream beyond its first 64 KiB.
        client.h2.increment_flow_control_window(MEGABYTE)
        client.greedy = False
        slow = await client.ask("GetRecords", iterator)
        while len(client.answers[slow].body) < 65_535:
            await client.receive()
        quick = await client.ask("ListStreams")
        assert (await client.reply(quick)).status == 200
        assert not client.answers[slow].ended
        client.h2.increment_flow_control_window(2 * MEGABYTE, slow)
        client.h2.increment_flow_control_window(2 * MEGABYTE)
        await client.flush()
        assert len((await client.reply(slow)).json["Records"]) == 1


async def test_a_reset_request_is_forgotten(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        for _ in range(300):
            stream_id = client.begin(kinesis_headers("ListStreams"))
            client.h2.send_data(stream_id, b"{")
            client.h2.reset_stream(stream_id)
        await client.flush()
        assert (await client.reply(await client.ask("ListStreams"))).status == 200
        [connection] = endpoint._connections
        await eventually(lambda: not connection._streams)


async def test_a_body_has_its_limit(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        headers = kinesis_headers("PutRecord")
        told = client.begin([*headers, ("content-length", "20000000")])
        await client.flush()
        assert (await client.reply(told)).status == 413
        untold = client.begin(headers)
        # The answer, and the reset after it, may come before all is sent.
        with suppress(StreamClosedError):
            await client.send_body(untold, b"x" * 17 * MEGABYTE)
        while not client.answers[untold].headers:
            await client.receive()
        assert client.answers[untold].headers[":status"] == "413"
        assert (await client.reply(await client.ask("ListStreams"))).status == 200


async def test_a_client_may_wait_to_be_asked_for_the_body(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        stream_id = client.begin([*kinesis_headers("ListStreams"), ("expect", "100-continue")])
        await client.flush()
        while not client.answers[stream_id].interim:
            await client.receive()
        assert client.answers[stream_id].interim == ["100"]
        await client.send_body(stream_id, b"{}")
        assert (await client.reply(stream_id)).status == 200


async def test_a_client_that_says_goodbye_still_gets_its_answers(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port, window_bytes=1000) as client:
        await create(client)
        await client.reply(await client.ask("PutRecord", put(MEGABYTE)))
        iterator = await first_iterator(client)
        stream_id = await client.ask("GetRecords", iterator)
        # GOAWAY by hand: the library would take no answer after its own.
        client.writer.write(bytes.fromhex("000008070000000000" + "00000000" * 2))
        client.h2.increment_flow_control_window(1000)
        assert len((await client.reply(stream_id)).json["Records"]) == 1
        await client.until_end()


async def test_the_endpoint_says_goodbye(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        await client.reply(await client.ask("ListStreams"))
        [connection] = endpoint._connections
        connection.finish()
        await client.until_end()
        assert client.goodbye is not None
        assert client.goodbye.error_code == 0
        assert client.goodbye.last_stream_id == 1


async def test_what_is_not_http_2_ends_the_connection(endpoint: LocalEndpoint) -> None:
    async with http2_client(endpoint.port) as client:
        await client.reply(await client.ask("ListStreams"))
        client.writer.write(b"\x00\x00\x04\x08\x00\x00\x00\x00\x00" + bytes(4))
        await client.until_end()
        assert client.goodbye is not None
        assert client.goodbye.error_code == 1


async def test_half_a_request_is_not_waited_for_for_ever(
    endpoint: LocalEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_kinesis.http2_connection._STALL_S", 0.0)
    async with http2_client(endpoint.port) as client:
        await client.reply(await client.ask("ListStreams"))
        stream_id = client.begin(kinesis_headers("ListStreams"))
        await client.flush()
        [connection] = endpoint._connections
        await eventually(lambda: bool(connection._streams))
        connection.check_stall()
        assert (await client.reply(stream_id)).status == 408


async def test_a_client_that_takes_nothing_makes_nothing_grow(endpoint: LocalEndpoint) -> None:
    """It asks a hundred times for an answer of a megabyte, and takes none of them."""
    async with http2_client(endpoint.port) as client:
        await create(client)
        await client.reply(await client.ask("PutRecord", put(MEGABYTE)))
        iterator = await first_iterator(client)
        client.greedy = False
        tracemalloc.start()
        try:
            for _ in range(99):
                await client.ask("GetRecords", iterator)
            [connection] = endpoint._connections
            await asyncio.sleep(0.1)
            held_bytes = sum(stream.unsent_bytes for stream in connection._streams.values())
            assert held_bytes < 36 * MEGABYTE
            assert tracemalloc.get_traced_memory()[0] < 60 * MEGABYTE
        finally:
            tracemalloc.stop()


def test_uvloop_serves_as_asyncio_does() -> None:
    async def main() -> None:
        async with LocalEndpoint(kinesis_only=True) as endpoint:
            await test_bodies_and_answers_beyond_every_window(endpoint)
            await test_the_preface_may_come_in_any_pieces(endpoint)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

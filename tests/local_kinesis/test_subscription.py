"""SubscribeToShard through a real client, over both versions of HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import cbor2
import msgspec
import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError, EventStreamError

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from tests.local_kinesis.http2_client import http2_client
from tests.local_kinesis.wire import eventually, kinesis_request, raw_connection

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

SHARD = "shardId-000000000000"


@pytest.fixture
async def consumer(client: "KinesisClient") -> str:
    await client.create_stream(StreamName="s", ShardCount=1)
    stream = await client.describe_stream_summary(StreamName="s")
    arn = stream["StreamDescriptionSummary"]["StreamARN"]
    registered = await client.register_stream_consumer(StreamARN=arn, ConsumerName="fan")
    return registered["Consumer"]["ConsumerARN"]


async def put(client: "KinesisClient", *keys: str) -> list[str]:
    return [
        (await client.put_record(StreamName="s", Data=key.encode(), PartitionKey=key))[
            "SequenceNumber"
        ]
        for key in keys
    ]


@asynccontextmanager
async def subscribed(
    client: "KinesisClient", consumer: str, shard: str = SHARD, **position: Any
) -> AsyncIterator[AsyncIterator[Any]]:
    answer = await client.subscribe_to_shard(
        ConsumerARN=consumer,
        ShardId=shard,
        StartingPosition=position or {"Type": "TRIM_HORIZON"},  # type: ignore[arg-type]
    )
    events: Any = answer["EventStream"]
    try:
        yield (one["SubscribeToShardEvent"] async for one in events)
    finally:
        events.close()


async def next_with_records(events: AsyncIterator[Any]) -> Any:
    async with asyncio.timeout(60):
        while not (event := await anext(events))["Records"]:
            continue
    return event


async def test_records_come_as_they_are_put(
    endpoint: LocalEndpoint, client: "KinesisClient", consumer: str
) -> None:
    before = await put(client, "a", "b")
    async with subscribed(client, consumer) as events:
        event = await next_with_records(events)
        assert [record["SequenceNumber"] for record in event["Records"]] == before
        assert [record["Data"] for record in event["Records"]] == [b"a", b"b"]
        assert event["ContinuationSequenceNumber"] == before[-1]
        assert event["MillisBehindLatest"] == 0
        for key in ("c", "d"):
            [number] = await put(client, key)
            event = await next_with_records(events)
            assert [record["PartitionKey"] for record in event["Records"]] == [key]
            assert event["ContinuationSequenceNumber"] == number


async def test_an_empty_shard_has_a_continuation_too(
    client: "KinesisClient", consumer: str
) -> None:
    async with subscribed(client, consumer, Type="LATEST") as events:
        event = await anext(events)
        assert event["Records"] == []
    continuation = event["ContinuationSequenceNumber"]
    place = await client.get_shard_iterator(
        StreamName="s",
        ShardId=SHARD,
        ShardIteratorType="AFTER_SEQUENCE_NUMBER",
        StartingSequenceNumber=continuation,
    )
    assert place["ShardIterator"]


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
async def test_a_subscription_goes_on_where_one_ended(
    client: "KinesisClient", consumer: str, clock: ManualClock, kind: str
) -> None:
    numbers = await put(client, "a", "b", "c")
    start = {"Type": kind, "SequenceNumber": numbers[1]}
    async with subscribed(client, consumer, **start) as events:
        event = await next_with_records(events)
    expected = ["b", "c"] if kind.startswith("AT") else ["c"]
    assert [record["PartitionKey"] for record in event["Records"]] == expected


async def test_it_ends_after_five_minutes(
    client: "KinesisClient", consumer: str, clock: ManualClock
) -> None:
    async with subscribed(client, consumer) as events:
        await anext(events)
        clock.advance(5 * 60_000 - 1)
        await put(client, "in time")
        assert len((await next_with_records(events))["Records"]) == 1
        clock.advance(1)
        await put(client, "too late")
        with pytest.raises(StopAsyncIteration):
            await anext(events)
    async with subscribed(client, consumer) as events:
        assert len((await next_with_records(events))["Records"]) == 2


async def test_the_end_of_a_shard_names_its_children(
    client: "KinesisClient", consumer: str
) -> None:
    await put(client, "a")
    async with subscribed(client, consumer) as events:
        await next_with_records(events)
        await client.split_shard(StreamName="s", ShardToSplit=SHARD, NewStartingHashKey=str(2**127))
        event = await anext(events)
        assert "ContinuationSequenceNumber" not in event
        children = [child["ShardId"] for child in event["ChildShards"]]
        assert children == ["shardId-000000000001", "shardId-000000000002"]
        with pytest.raises(StopAsyncIteration):
            await anext(events)


async def test_one_subscription_of_a_consumer_to_a_shard(
    client: "KinesisClient", consumer: str, clock: ManualClock
) -> None:
    async with subscribed(client, consumer) as first:
        await anext(first)
        clock.advance(4_999)
        with pytest.raises(ClientError, match="ResourceInUseException"):
            async with subscribed(client, consumer):
                pass
        clock.advance(1)
        async with subscribed(client, consumer) as second:
            await anext(second)
            with pytest.raises(EventStreamError, match="ResourceInUseException"):
                await anext(first)


async def test_a_subscription_that_was_given_up_is_no_hindrance(
    endpoint: LocalEndpoint, client: "KinesisClient", consumer: str
) -> None:
    [connection] = endpoint._connections
    active = connection._gateway.service._subscriptions._active
    for _ in range(3):
        async with subscribed(client, consumer) as events:
            await anext(events)
        await eventually(lambda: not active)


async def test_the_consumer_or_stream_may_go(client: "KinesisClient", consumer: str) -> None:
    async with subscribed(client, consumer) as events:
        await anext(events)
        await client.deregister_stream_consumer(ConsumerARN=consumer)
        with pytest.raises(EventStreamError, match="ResourceNotFoundException"):
            await anext(events)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        async with subscribed(client, consumer):
            pass


@pytest.mark.parametrize("content_type", ["json", "cbor"])
async def test_http_2_carries_it_beside_other_requests(
    endpoint: LocalEndpoint, client: "KinesisClient", consumer: str, content_type: str
) -> None:
    members = {
        "ConsumerARN": consumer,
        "ShardId": SHARD,
        "StartingPosition": {"Type": "TRIM_HORIZON"},
    }
    encode, decode = (
        (cbor2.dumps, partial(cbor2.loads, semantic_decoders={1: lambda value, immutable: value}))
        if content_type == "cbor"
        else (msgspec.json.encode, msgspec.json.decode)
    )
    async with http2_client(endpoint.port) as http2:
        mime = f"application/x-amz-{content_type}-1.1"
        stream_id = await http2.ask("SubscribeToShard", encode(members), mime)
        [number] = await put(client, "a")
        assert (await http2.reply(await http2.ask("ListStreams"))).status == 200
        answer = http2.answers[stream_id]
        buffer, seen = EventStreamBuffer(), []
        while not seen or not seen[-1][1].get("Records"):
            if not answer.body:
                await http2.receive()
            buffer.add_data(bytes(answer.body))
            answer.body.clear()
            seen += [(one.headers[":event-type"], decode(one.payload)) for one in buffer]
        assert answer.headers["content-type"] == "application/vnd.amazon.eventstream"
        assert seen[0] == ("initial-response", {})
        [record] = seen[-1][1]["Records"]
        assert record["SequenceNumber"] == number


async def test_a_slow_reader_makes_nothing_grow(
    endpoint: LocalEndpoint, client: "KinesisClient", consumer: str
) -> None:
    body = msgspec.json.encode(
        {
            "ConsumerARN": consumer,
            "ShardId": SHARD,
            "StartingPosition": {"Type": "TRIM_HORIZON"},
        }
    )
    entries: Any = [{"Data": b"x" * 200_000, "PartitionKey": "k"}] * 3
    async with raw_connection(endpoint.port) as raw:
        await raw.send(kinesis_request("SubscribeToShard", body))
        await raw.reader.readuntil(b"\r\n\r\n")
        before = set(endpoint._connections)
        for _ in range(40):
            await client.put_records(StreamName="s", Records=entries)
        held = [one._transport.get_write_buffer_size() for one in before]
        assert max(held) < 4_000_000

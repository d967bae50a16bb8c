"""What clients see of faults, and what has happened behind them."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiobotocore.httpsession import HTTPClientError
from botocore.exceptions import ClientError, EndpointConnectionError

from fleet.clock import ManualClock
from local_kinesis import Fault, Faults, LocalEndpoint
from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

CUT_OFF = (HTTPClientError, EndpointConnectionError)


class Rides:
    """An endpoint with one stream of two shards, its faults, and a client."""

    def __init__(self, client: "KinesisClient", faults: Faults) -> None:
        self.client = client
        self.faults = faults

    async def put(self, count: int = 4) -> Any:
        records = [{"Data": b"%d" % i, "PartitionKey": f"k{i}"} for i in range(count)]
        return await self.client.put_records(StreamName="rides", Records=records)  # type: ignore[arg-type]

    async def iterator(self, shard: str = "shardId-000000000000") -> str:
        answer = await self.client.get_shard_iterator(
            StreamName="rides", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        return answer["ShardIterator"]

    async def kept(self) -> int:
        """How many records there are; no fault may be set."""
        assert not self.faults
        shards = (await self.client.list_shards(StreamName="rides"))["Shards"]
        answers = [
            await self.client.get_records(ShardIterator=await self.iterator(shard["ShardId"]))
            for shard in shards
        ]
        return sum(len(answer["Records"]) for answer in answers)


@pytest.fixture
async def rides(clock: ManualClock) -> Any:
    faults = Faults()
    async with (
        LocalEndpoint(kinesis_only=True, clock=clock, faults=faults) as endpoint,
        aws_client("kinesis", endpoint.url) as client,
    ):
        await client.create_stream(StreamName="rides", ShardCount=2)
        yield Rides(client, faults)


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("throttle", "ProvisionedThroughputExceededException", 400),
        ("internal_failure", "InternalFailure", 500),
        ("unavailable", "ServiceUnavailable", 503),
    ],
)
async def test_a_refused_put_puts_nothing(rides: Rides, kind: Any, code: str, status: int) -> None:
    rides.faults.add(Fault(kind=kind, times=1))
    with pytest.raises(ClientError) as refused:
        await rides.put()
    response: Any = refused.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    rides.faults.clear()
    assert await rides.kept() == 0


async def test_what_has_no_throughput_is_throttled_by_its_own_error(rides: Rides) -> None:
    rides.faults.add(Fault(kind="throttle"))
    with pytest.raises(ClientError, match="LimitExceededException"):
        await rides.client.describe_stream_summary(StreamName="rides")


@pytest.mark.parametrize(
    ("kind", "kept"), [("reset_before", 0), ("reset_after", 4), ("truncate", 4)]
)
async def test_a_connection_that_ends_says_nothing_of_what_happened(
    rides: Rides, kind: Any, kept: int
) -> None:
    rides.faults.add(Fault(kind=kind, operation="PutRecords", times=1))
    with pytest.raises(CUT_OFF):
        await rides.put()
    # The next request gets a connection of its own.
    assert (await rides.put(1))["FailedRecordCount"] == 0
    rides.faults.clear()
    assert await rides.kept() == kept + 1


async def test_a_slow_answer_holds_nobody_else_up(rides: Rides) -> None:
    rides.faults.add(Fault(kind="delay", operation="PutRecords", delay_ms=150))
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    putting = asyncio.create_task(rides.put())
    await rides.client.describe_stream_summary(StreamName="rides")
    assert not putting.done()
    assert (await putting)["FailedRecordCount"] == 0
    assert loop.time() - started_s >= 0.15


async def test_a_partial_failure_names_the_records_that_are_not_there(rides: Rides) -> None:
    rides.faults.add(Fault(kind="partial_failure", share=0.25, seed=3))
    answer = await rides.put(20)
    failed = [i for i, record in enumerate(answer["Records"]) if "ErrorCode" in record]
    assert answer["FailedRecordCount"] == len(failed) == 5
    assert {answer["Records"][i]["ErrorCode"] for i in failed} == {"InternalFailure"}
    rides.faults.clear()
    assert await rides.kept() == 15


async def test_a_partial_failure_of_a_shard_spares_the_others(rides: Rides) -> None:
    shard = "shardId-000000000001"
    rides.faults.add(Fault(kind="partial_failure", shard=shard, share=1))
    answer = await rides.put(40)
    put = [record for record in answer["Records"] if "ErrorCode" not in record]
    assert {record["ShardId"] for record in put} == {"shardId-000000000000"}
    assert 0 < len(put) < 40
    rides.faults.clear()
    assert await rides.kept() == len(put)


async def test_all_records_may_fail(rides: Rides) -> None:
    rides.faults.add(Fault(kind="partial_failure", share=1))
    assert (await rides.put(3))["FailedRecordCount"] == 3
    rides.faults.clear()
    assert await rides.kept() == 0


async def test_an_iterator_can_be_called_expired(rides: Rides) -> None:
    iterator = await rides.iterator()
    rides.faults.add(Fault(kind="expired_iterator", times=1))
    with pytest.raises(ClientError, match="ExpiredIteratorException"):
        await rides.client.get_records(ShardIterator=iterator)
    await rides.client.get_records(ShardIterator=iterator)


async def test_a_stalled_shard_is_behind_and_loses_nothing(rides: Rides) -> None:
    await rides.put(20)
    stalled = "shardId-000000000000"
    rides.faults.add(Fault(kind="stall", shard=stalled, times=2))
    iterator = await rides.iterator(stalled)
    for _ in range(2):
        answer = await rides.client.get_records(ShardIterator=iterator)
        assert answer["Records"] == []
        # A reader must not take it for the tip of the shard.
        assert answer["MillisBehindLatest"] > 0
        iterator = answer["NextShardIterator"]
    answer = await rides.client.get_records(ShardIterator=iterator)
    other = await rides.client.get_records(ShardIterator=await rides.iterator("shardId-1"))
    assert len(answer["Records"]) + len(other["Records"]) == 20


async def test_a_reshard_loses_nothing(rides: Rides) -> None:
    rides.faults.add(Fault(kind="reshard", operation="PutRecords", probability=0.5, seed=11))
    for _ in range(30):
        assert (await rides.put(4))["FailedRecordCount"] == 0
    (done,) = rides.faults.listing()
    rides.faults.clear()
    shards = (await rides.client.list_shards(StreamName="rides"))["Shards"]
    closed = [one for one in shards if "EndingSequenceNumber" in one["SequenceNumberRange"]]
    assert done.struck > 5
    assert len(closed) >= done.struck
    assert await rides.kept() == 120


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncate"])
async def test_a_subscription_that_nobody_heard_of_is_in_nobodys_way(
    rides: Rides, kind: Any
) -> None:
    await rides.put(1)
    streams = await rides.client.describe_stream_summary(StreamName="rides")
    consumer = await rides.client.register_stream_consumer(
        StreamARN=streams["StreamDescriptionSummary"]["StreamARN"], ConsumerName="fan"
    )
    rides.faults.add(Fault(kind=kind, operation="SubscribeToShard", times=1))

    async def subscribe() -> Any:
        return await rides.client.subscribe_to_shard(
            ConsumerARN=consumer["Consumer"]["ConsumerARN"],
            ShardId="shardId-000000000000",
            StartingPosition={"Type": "TRIM_HORIZON"},
        )

    with pytest.raises(CUT_OFF):
        await subscribe()
    events = (await subscribe())["EventStream"]
    async for event in events:
        assert "SubscribeToShardEvent" in event
        break
    events.close()


async def test_faults_come_together(rides: Rides) -> None:
    rides.faults.add(Fault(kind="delay", delay_ms=20, times=1))
    rides.faults.add(Fault(kind="reset_after", times=1))
    started_s = asyncio.get_running_loop().time()
    with pytest.raises(CUT_OFF):
        await rides.put()
    assert asyncio.get_running_loop().time() - started_s >= 0.02
    rides.faults.clear()
    assert await rides.kept() == 4

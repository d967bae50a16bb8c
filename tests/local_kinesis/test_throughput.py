"""What a shard takes and gives a second, worked out by hand."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from local_kinesis.throughput import AWS_LIMITS, ShardMeter
from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

MIB = 1 << 20
MESSAGE = "Rate exceeded for shard shardId-000000000000 in stream s under account 123456789012."


@pytest.fixture
async def client(clock: ManualClock) -> Any:
    async with (
        LocalEndpoint(kinesis_only=True, clock=clock, limits=AWS_LIMITS) as endpoint,
        aws_client("kinesis", endpoint.url) as client,
    ):
        await client.create_stream(StreamName="s", ShardCount=1)
        yield client


def test_a_thousand_records_a_second() -> None:
    meter = ShardMeter(AWS_LIMITS, 0)
    assert [meter.take_record(1, 0) for _ in range(1001)].count(True) == 1000
    assert not meter.take_record(1, 0)
    assert [meter.take_record(1, 250) for _ in range(300)].count(True) == 250
    assert [meter.take_record(1, 60_000) for _ in range(1100)].count(True) == 1000


def test_a_mebibyte_a_second() -> None:
    meter = ShardMeter(AWS_LIMITS, 0)
    assert meter.take_record(MIB, 0)
    assert not meter.take_record(1, 0)
    assert meter.take_record(MIB // 2, 500)
    assert not meter.take_record(MIB // 2, 900)


def test_a_large_record_is_paid_for_afterwards() -> None:
    """Records may have 10 MiB, and the average may not exceed 1 MiB a second."""
    meter = ShardMeter(AWS_LIMITS, 0)
    assert meter.take_record(10 * MIB, 0)
    assert not meter.take_record(1, 9000)
    assert meter.take_record(1, 9001)


def test_five_reads_a_second() -> None:
    meter = ShardMeter(AWS_LIMITS, 0)
    assert [meter.begin_read(0) for _ in range(6)] == [True] * 5 + [False]
    assert meter.begin_read(200)


@pytest.mark.parametrize(("mebibytes", "wait_ms"), [(10, 5000), (4, 2000), (2, 0)])
def test_reading_much_is_waited_for(mebibytes: int, wait_ms: int) -> None:
    """The API reference: after 10 MiB, calls "within the next 5 seconds" are refused."""
    meter = ShardMeter(AWS_LIMITS, 0)
    assert meter.begin_read(0)
    meter.end_read(mebibytes * MIB, 0)
    if wait_ms:
        assert not meter.begin_read(wait_ms - 1)
    assert meter.begin_read(wait_ms)


async def test_a_batch_is_put_in_part(client: "KinesisClient", clock: ManualClock) -> None:
    for _ in range(2):
        answer = await client.put_records(
            StreamName="s", Records=[{"PartitionKey": "p", "Data": b"x"}] * 400
        )
        assert answer["FailedRecordCount"] == 0
    answer = await client.put_records(
        StreamName="s", Records=[{"PartitionKey": "p", "Data": b"%d" % n} for n in range(400)]
    )
    assert answer["FailedRecordCount"] == 200
    good, bad = answer["Records"][:200], answer["Records"][200:]
    assert all("ErrorCode" not in entry for entry in good)
    assert {(entry["ErrorCode"], entry["ErrorMessage"]) for entry in bad} == {
        ("ProvisionedThroughputExceededException", MESSAGE)
    }
    assert not any("SequenceNumber" in entry for entry in bad)
    with pytest.raises(ClientError) as caught:
        await client.put_record(StreamName="s", PartitionKey="p", Data=b"x")
    assert caught.value.response["Error"] == {
        "Code": "ProvisionedThroughputExceededException",
        "Message": MESSAGE,
    }
    clock.advance(1000)
    place = await client.get_shard_iterator(
        StreamName="s", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )
    records = (await client.get_records(ShardIterator=place["ShardIterator"]))["Records"]
    assert [record["Data"] for record in records[800:]] == [b"%d" % n for n in range(200)]


async def test_a_reader_is_told_to_wait(client: "KinesisClient", clock: ManualClock) -> None:
    place = await client.get_shard_iterator(StreamName="s", ShardId="0", ShardIteratorType="LATEST")
    for _ in range(5):
        await client.get_records(ShardIterator=place["ShardIterator"])
    with pytest.raises(ClientError, match="Rate exceeded for shard shardId-000000000000"):
        await client.get_records(ShardIterator=place["ShardIterator"])
    clock.advance(200)
    await client.get_records(ShardIterator=place["ShardIterator"])


async def test_scaling_and_modes_have_their_number_a_day(
    client: "KinesisClient", clock: ManualClock
) -> None:
    for turn in range(10):
        await client.update_shard_count(
            StreamName="s", TargetShardCount=1 + turn % 2, ScalingType="UNIFORM_SCALING"
        )
    with pytest.raises(ClientError, match="LimitExceeded"):
        await client.update_shard_count(
            StreamName="s", TargetShardCount=1, ScalingType="UNIFORM_SCALING"
        )
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    for mode in ("ON_DEMAND", "PROVISIONED"):
        await client.update_stream_mode(
            StreamARN=arn,
            StreamModeDetails={"StreamMode": mode},  # type: ignore[typeddict-item]
        )
    with pytest.raises(ClientError, match="LimitExceeded"):
        await client.update_stream_mode(
            StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"}
        )
    clock.advance(86_400_000)
    await client.update_shard_count(
        StreamName="s", TargetShardCount=1, ScalingType="UNIFORM_SCALING"
    )


async def test_only_five_are_made_at_a_time(clock: ManualClock) -> None:
    async with (
        LocalEndpoint(
            kinesis_only=True, clock=clock, limits=AWS_LIMITS, transition_ms=1000
        ) as endpoint,
        aws_client("kinesis", endpoint.url) as client,
    ):
        for number in range(5):
            await client.create_stream(StreamName=f"s{number}", ShardCount=1)
        with pytest.raises(ClientError, match="LimitExceeded"):
            await client.create_stream(StreamName="s5", ShardCount=1)
        clock.advance(1000)
        await client.create_stream(StreamName="s5", ShardCount=1)
        arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s0"
        for number in range(5):
            await client.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{number}")
        with pytest.raises(ClientError, match="LimitExceeded"):
            await client.register_stream_consumer(StreamARN=arn, ConsumerName="c5")
        clock.advance(1000)
        await client.register_stream_consumer(StreamARN=arn, ConsumerName="c5")

"""Settings of a stream that need a clock, or an endpoint of our own, to be seen. The rest is in the
conformance suite.
"""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
async def _stream(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=1)


async def error_of(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        await call
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


async def put(client: "KinesisClient", data: bytes) -> None:
    await client.put_record(StreamName="s", PartitionKey="p", Data=data)


async def read(client: "KinesisClient") -> list[bytes]:
    place = await client.get_shard_iterator(
        StreamName="s", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )
    answer = await client.get_records(ShardIterator=place["ShardIterator"])
    return [record["Data"] for record in answer["Records"]]


async def test_a_longer_retention_keeps_more_and_brings_nothing_back(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await put(client, b"expired")
    clock.advance(20 * HOUR_MS)
    await put(client, b"kept")
    clock.advance(5 * HOUR_MS)
    await client.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    assert await read(client) == [b"kept"]
    clock.advance(40 * HOUR_MS)
    assert await read(client) == [b"kept"]
    await client.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=24)
    assert await read(client) == []


@pytest.mark.parametrize(
    ("operation", "hours", "message"),
    [
        (
            "increase",
            23,
            "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) "
            "is too short.",
        ),
        (
            "decrease",
            8761,
            "Maximum allowed retention period is 8760 hours. Requested retention period (8761 "
            "hours) is too long.",
        ),
        (
            "increase",
            47,
            "Requested retention period (47 hours) for stream s can not be shorter than existing "
            "retention period (48 hours). Use DecreaseRetentionPeriod API.",
        ),
        (
            "decrease",
            49,
            "Requested retention period (49 hours) for stream s can not be longer than existing "
            "retention period (48 hours). Use IncreaseRetentionPeriod API.",
        ),
    ],
)
async def test_retentions_that_are_refused(
    client: "KinesisClient", operation: str, hours: int, message: str
) -> None:
    await client.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    call = getattr(client, f"{operation}_stream_retention_period")
    refused = call(StreamName="s", RetentionPeriodHours=hours)
    assert await error_of(refused) == ("InvalidArgumentException", message)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_the_record_size_can_be_raised(client: "KinesisClient") -> None:
    large = b"x" * (3 << 20)
    assert (await error_of(put(client, large)))[0] == "ValidationException"
    await client.update_max_record_size(StreamARN=ARN, MaxRecordSizeInKiB=4096)
    await put(client, large)
    summary = await client.describe_stream_summary(StreamName="s")
    assert summary["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] == 4096


async def test_encrypted_records_say_so_and_others_do_not(client: "KinesisClient") -> None:
    await put(client, b"before")
    await client.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="k")
    answer = await client.put_records(
        StreamName="s", Records=[{"PartitionKey": "p", "Data": b"within"}]
    )
    assert answer["EncryptionType"] == "KMS"
    await client.stop_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="k")
    await put(client, b"after")
    place = await client.get_shard_iterator(
        StreamName="s", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )
    records = (await client.get_records(ShardIterator=place["ShardIterator"]))["Records"]
    found = [(record["Data"], record.get("EncryptionType")) for record in records]
    assert found == [(b"before", None), (b"within", "KMS"), (b"after", None)]
    call = client.start_stream_encryption(StreamName="s", EncryptionType="NONE", KeyId="k")
    assert (await error_of(call))[0] == "InvalidArgumentException"


async def test_all_metrics_at_once(client: "KinesisClient") -> None:
    answer = await client.enable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["ALL"])
    assert len(answer["DesiredShardLevelMetrics"]) == 7
    answer = await client.disable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["ALL"])
    assert len(answer["CurrentShardLevelMetrics"]) == 7
    assert answer["DesiredShardLevelMetrics"] == []


async def test_what_the_account_has(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="t", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    answer = await client.describe_limits()
    assert answer["OpenShardCount"] == 5
    assert answer["ShardLimit"] == 20_000
    assert answer["OnDemandStreamCount"] == 1
    settings = await client.describe_account_settings()
    assert settings["MinimumThroughputBillingCommitment"]["Status"] == "DISABLED"


async def test_who_may_choose_shards(client: "KinesisClient") -> None:
    """Only what is offered is taken: anything else would put records elsewhere than is said."""
    mine: Any = {"StreamARN": ARN, "RecordDistributionStrategy": "USER_PARTITION_KEY"}
    code, message = await error_of(client.update_stream_record_distribution_strategy(**mine))
    assert (code, "ON_DEMAND" in message) == ("InvalidArgumentException", True)
    await client.update_stream_mode(StreamARN=ARN, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    await client.update_stream_record_distribution_strategy(**mine)
    auto = {**mine, "RecordDistributionStrategy": "AUTO"}
    code, message = await error_of(client.update_stream_record_distribution_strategy(**auto))
    assert message == "RecordDistributionStrategy AUTO is not supported by the local endpoint."


async def test_a_stream_is_updating_for_a_while(clock: ManualClock) -> None:
    async with (
        LocalEndpoint(kinesis_only=True, clock=clock, transition_ms=1000) as endpoint,
        aws_client("kinesis", endpoint.url) as client,
    ):
        await client.create_stream(StreamName="s", ShardCount=1)
        clock.advance(1000)
        await client.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="k")
        call = client.update_max_record_size(StreamARN=ARN, MaxRecordSizeInKiB=2048)
        assert await error_of(call) == (
            "ResourceInUseException",
            "Stream s under account 123456789012 not ACTIVE, instead in state UPDATING",
        )
        clock.advance(1000)
        await client.update_max_record_size(StreamARN=ARN, MaxRecordSizeInKiB=2048)

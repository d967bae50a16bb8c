"""Tags, retention, consumers, encryption, metrics, mode: what was set is what is described."""

import asyncio
from typing import Any

import pytest

from tests.local_kinesis.conformance.conftest import Account

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def arn_of(account: Account, name: str) -> str:
    return str((await account.active(name))["StreamARN"])


async def test_a_stream_is_found_by_name_and_by_arn(account: Account) -> None:
    name = await account.create(ShardCount=1)
    arn = await arn_of(account, name)
    put = await account.client.put_record(StreamARN=arn, PartitionKey="p", Data=b"x")
    assert put["ShardId"] == "shardId-000000000000"
    by_both = await account.client.describe_stream_summary(StreamARN=arn, StreamName=name)
    assert by_both["StreamDescriptionSummary"]["StreamName"] == name
    assert len((await account.client.list_shards(StreamARN=arn))["Shards"]) == 1


async def test_tags(account: Account) -> None:
    name = await account.create(ShardCount=1, Tags={"made": "by"})
    client = account.client
    await client.add_tags_to_stream(StreamName=name, Tags={"herd": "1", "a": "x"})
    await client.add_tags_to_stream(StreamName=name, Tags={"herd": "2"})
    await client.remove_tags_from_stream(StreamName=name, TagKeys=["a", "never"])
    answer = await client.list_tags_for_stream(StreamName=name)
    expected = [{"Key": "herd", "Value": "2"}, {"Key": "made", "Value": "by"}]
    assert sorted(answer["Tags"], key=lambda tag: str(tag["Key"])) == expected
    assert answer["HasMoreTags"] is False
    arn = await arn_of(account, name)
    await client.tag_resource(ResourceARN=arn, Tags={"z": ""})
    await client.untag_resource(ResourceARN=arn, TagKeys=["made"])
    tags = (await client.list_tags_for_resource(ResourceARN=arn))["Tags"]
    assert {tag["Key"]: tag.get("Value") for tag in tags} == {"herd": "2", "z": ""}


async def test_retention(account: Account) -> None:
    name = await account.create(ShardCount=1)
    client = account.client
    await client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    assert (await account.active(name))["RetentionPeriodHours"] == 48
    call = client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    assert await account.refusal(call) == "InvalidArgumentException"
    await client.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    assert (await account.active(name))["RetentionPeriodHours"] == 24
    for hours in (23, 8761):
        call = client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
        assert await account.refusal(call) == "InvalidArgumentException"


async def test_consumers(account: Account) -> None:
    name = await account.create(ShardCount=1)
    arn = await arn_of(account, name)
    client = account.client
    made = await client.register_stream_consumer(StreamARN=arn, ConsumerName="map")
    consumer = made["Consumer"]
    assert consumer["ConsumerStatus"] == "CREATING"
    assert consumer["ConsumerARN"].startswith(f"{arn}/consumer/map:")
    again = client.register_stream_consumer(StreamARN=arn, ConsumerName="map")
    assert await account.refusal(again) == "ResourceInUseException"
    described: Any = None
    while described is None or described["ConsumerStatus"] == "CREATING":
        answer = await client.describe_stream_consumer(ConsumerARN=consumer["ConsumerARN"])
        described = answer["ConsumerDescription"]
        await asyncio.sleep(0.001)
    assert described["StreamARN"] == arn
    listed = (await client.list_stream_consumers(StreamARN=arn))["Consumers"]
    assert [one["ConsumerName"] for one in listed] == ["map"]
    assert await account.refusal(client.delete_stream(StreamName=name)) == "ResourceInUseException"
    await client.deregister_stream_consumer(StreamARN=arn, ConsumerName="map")


async def test_encryption(account: Account) -> None:
    name = await account.create(ShardCount=1)
    client = account.client
    await client.start_stream_encryption(
        StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis"
    )
    summary = await account.active(name)
    assert (summary["EncryptionType"], summary["KeyId"]) == ("KMS", "alias/aws/kinesis")
    put = await client.put_record(StreamName=name, PartitionKey="p", Data=b"x")
    assert put["EncryptionType"] == "KMS"
    place = await account.place(name, "shardId-000000000000", "TRIM_HORIZON")
    (record,), _ = await account.read(place, 1)
    assert (record["Data"], record["EncryptionType"]) == (b"x", "KMS")
    await client.stop_stream_encryption(
        StreamName=name, EncryptionType="KMS", KeyId="alias/aws/kinesis"
    )
    assert (await account.active(name))["EncryptionType"] == "NONE"


async def test_metrics(account: Account) -> None:
    name = await account.create(ShardCount=1)
    client = account.client
    answer = await client.enable_enhanced_monitoring(
        StreamName=name, ShardLevelMetrics=["IncomingBytes", "OutgoingBytes"]
    )
    assert answer.get("CurrentShardLevelMetrics", []) == []
    assert sorted(answer["DesiredShardLevelMetrics"]) == ["IncomingBytes", "OutgoingBytes"]
    await account.active(name)
    answer = await client.disable_enhanced_monitoring(
        StreamName=name, ShardLevelMetrics=["OutgoingBytes"]
    )
    assert answer["DesiredShardLevelMetrics"] == ["IncomingBytes"]
    summary = await account.active(name)
    assert summary["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["IncomingBytes"]}]


async def test_modes(account: Account) -> None:
    name = await account.create(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    summary = await account.active(name)
    assert summary["OpenShardCount"] == 4
    call = account.client.update_shard_count(
        StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
    )
    assert await account.refusal(call) == "ValidationException"
    await account.client.update_stream_mode(
        StreamARN=summary["StreamARN"], StreamModeDetails={"StreamMode": "PROVISIONED"}
    )
    summary = await account.active(name)
    assert summary["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert summary["OpenShardCount"] == 4


async def test_limits(account: Account) -> None:
    await account.create(ShardCount=2)
    answer = await account.client.describe_limits()
    assert answer["OpenShardCount"] >= 2
    assert answer["ShardLimit"] >= answer["OpenShardCount"]

"""Registered consumers and tags, with a clock. The rest is in the conformance suite."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"


@pytest.fixture(autouse=True)
async def _stream(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=1)


async def code_of(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        await call
    return str(caught.value.response["Error"]["Code"])


async def register(client: "KinesisClient", name: str) -> str:
    made = await client.register_stream_consumer(StreamARN=ARN, ConsumerName=name)
    return made["Consumer"]["ConsumerARN"]


async def test_states(clock: ManualClock) -> None:
    async with (
        LocalEndpoint(kinesis_only=True, clock=clock, transition_ms=1000) as endpoint,
        aws_client("kinesis", endpoint.url) as client,
    ):
        await client.create_stream(StreamName="s", ShardCount=1)
        clock.advance(1000)
        arn = await register(client, "map")
        described = await client.describe_stream_consumer(ConsumerARN=arn)
        assert described["ConsumerDescription"]["ConsumerStatus"] == "CREATING"
        deregister = client.deregister_stream_consumer(ConsumerARN=arn)
        assert await code_of(deregister) == "ResourceInUseException"
        clock.advance(1000)
        described = await client.describe_stream_consumer(ConsumerARN=arn)
        assert described["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE"
        await client.deregister_stream_consumer(ConsumerARN=arn)
        described = await client.describe_stream_consumer(ConsumerARN=arn)
        assert described["ConsumerDescription"]["ConsumerStatus"] == "DELETING"
        clock.advance(1000)
        call = client.describe_stream_consumer(ConsumerARN=arn)
        assert await code_of(call) == "ResourceNotFoundException"


async def test_one_made_anew_is_another_one(client: "KinesisClient") -> None:
    """In the same second too: ARNs hold whole seconds, and are still never used twice."""
    first = await register(client, "map")
    await client.deregister_stream_consumer(StreamARN=ARN, ConsumerName="map")
    second = await register(client, "map")
    assert first != second
    call = client.describe_stream_consumer(ConsumerARN=first)
    assert await code_of(call) == "ResourceNotFoundException"


async def test_twenty_and_no_more_in_pages(client: "KinesisClient", clock: ManualClock) -> None:
    names = [f"consumer-{number:02d}" for number in range(20)]
    for name in reversed(names):
        await register(client, name)
    assert await code_of(register(client, "one-more")) == "LimitExceededException"
    first = await client.list_stream_consumers(StreamARN=ARN, MaxResults=15)
    second = await client.list_stream_consumers(StreamARN=ARN, NextToken=first["NextToken"])
    found = [one["ConsumerName"] for page in (first, second) for one in page["Consumers"]]
    assert found == names
    assert "NextToken" not in second
    clock.advance(300_001)
    call = client.list_stream_consumers(StreamARN=ARN, NextToken=first["NextToken"])
    assert await code_of(call) == "ExpiredNextTokenException"
    summary = await client.describe_stream_summary(StreamName="s")
    assert summary["StreamDescriptionSummary"]["ConsumerCount"] == 20


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "InvalidArgumentException"),
        ({"ConsumerName": "map"}, "InvalidArgumentException"),
        ({"StreamARN": ARN, "ConsumerName": "other"}, "ResourceNotFoundException"),
        ({"ConsumerARN": f"{ARN}/consumer/map:1"}, "ResourceNotFoundException"),
        ({"ConsumerARN": f"{ARN}x/consumer/map:1"}, "ResourceNotFoundException"),
    ],
)
async def test_who_is_not_found(
    client: "KinesisClient", members: dict[str, Any], code: str
) -> None:
    await register(client, "map")
    assert await code_of(client.describe_stream_consumer(**members)) == code


async def test_all_three_names_must_agree(client: "KinesisClient") -> None:
    arn = await register(client, "map")
    await client.describe_stream_consumer(StreamARN=ARN, ConsumerName="map", ConsumerARN=arn)
    call = client.describe_stream_consumer(ConsumerName="other", ConsumerARN=arn)
    assert await code_of(call) == "InvalidArgumentException"


async def test_a_consumer_has_tags_of_its_own(client: "KinesisClient") -> None:
    made = await client.register_stream_consumer(
        StreamARN=ARN, ConsumerName="map", Tags={"of": "consumer"}
    )
    arn = made["Consumer"]["ConsumerARN"]
    await client.tag_resource(ResourceARN=arn, Tags={"more": "x"})
    await client.untag_resource(ResourceARN=arn, TagKeys=["of"])
    tags = await client.list_tags_for_resource(ResourceARN=arn)
    assert tags["Tags"] == [{"Key": "more", "Value": "x"}]
    assert (await client.list_tags_for_resource(ResourceARN=ARN))["Tags"] == []


async def test_tags_in_pages_and_fifty_at_most(client: "KinesisClient") -> None:
    tags = {f"{number:02d}": "x" for number in range(50)}
    await client.add_tags_to_stream(StreamName="s", Tags=tags)
    first = await client.list_tags_for_stream(StreamName="s", Limit=30)
    assert first["HasMoreTags"] is True
    second = await client.list_tags_for_stream(
        StreamName="s", ExclusiveStartTagKey=first["Tags"][-1]["Key"]
    )
    assert second["HasMoreTags"] is False
    keys = [tag["Key"] for page in (first, second) for tag in page["Tags"]]
    assert keys == sorted(tags)
    for one_more in (
        client.add_tags_to_stream(StreamName="s", Tags={"51": "x"}),
        client.add_tags_to_stream(StreamName="s", Tags={"a;b": "x"}),
        client.create_stream(StreamName="t", ShardCount=1, Tags={"a": "<"}),
    ):
        assert await code_of(one_more) == "InvalidArgumentException"
    await client.add_tags_to_stream(StreamName="s", Tags={"00": "Ünïcode 独角 a_b./=+-@:"})


async def test_consumers_stop_a_deletion_unless_told(client: "KinesisClient") -> None:
    await register(client, "map")
    assert await code_of(client.delete_stream(StreamName="s")) == "ResourceInUseException"
    await client.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    assert (await client.list_streams())["StreamNames"] == []

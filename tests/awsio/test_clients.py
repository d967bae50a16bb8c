"""One client per service and process; wrong settings are our errors, before any call."""

from pathlib import Path

import pytest

from awsio.clients import AwsClients
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint


@pytest.fixture(autouse=True)
def no_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This machine's own profiles and credentials are out of sight."""
    for name in (
        "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_REGION", "AWS_ROLE_ARN",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text("[profile without-region]\noutput = json\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


async def test_a_client_is_made_once_and_works_without_credentials_on_loopback() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        kinesis = await aws.kinesis()
        assert await aws.kinesis() is kinesis
        assert (await kinesis.list_streams())["StreamNames"] == []


async def test_times_are_seconds_as_a_float() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        kinesis = await aws.kinesis()
        await kinesis.create_stream(StreamName="wildrydes", ShardCount=1)
        await kinesis.put_record(StreamName="wildrydes", PartitionKey="a", Data=b"1")
        iterator = await kinesis.get_shard_iterator(
            StreamName="wildrydes",
            ShardId="shardId-000000000000",
            ShardIteratorType="TRIM_HORIZON",
        )
        answer = await kinesis.get_records(ShardIterator=iterator["ShardIterator"])
    assert isinstance(answer["Records"][0]["ApproximateArrivalTimestamp"], float)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (AwsSettings(), "no AWS region"),
        (AwsSettings(profile="without-region"), "no AWS region"),
        (AwsSettings(profile="nobody", region="us-east-1"), r"profile \(nobody\)"),
        (AwsSettings(region="not a region"), "not a region"),
        (AwsSettings("127.0.0.1:4566", "us-east-1"), "Invalid endpoint: 127.0.0.1:4566"),
    ],
    ids=["no region", "profile without region", "no such profile", "region", "endpoint"],
)
async def test_wrong_settings_say_what_to_do(settings: AwsSettings, message: str) -> None:
    async with AwsClients(settings) as aws:
        with pytest.raises(ConfigError, match=message) as caught:
            await aws.kinesis()
    assert caught.value.remedy

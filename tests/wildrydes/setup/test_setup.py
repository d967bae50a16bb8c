"""`wildrydes setup` against the local endpoint, looked at with boto3."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.wildrydes.running import Running, client
from wildrydes.commands.policy.public_read import command as public_read
from wildrydes.commands.setup import command

NAMES = ["stream", "stream", "table", "bucket", "delivery stream"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Running("local", "--port", "0") as local:
        yield local.named("ready")["url"]


def setup(url: str, stem: str, *more: str) -> Result:
    names = [
        *("--stream", f"{stem}-in", "--summary-stream", f"{stem}-out", "--table", f"{stem}-table"),
        *("--archive-bucket", f"{stem}-bucket", "--delivery-stream", f"{stem}-delivery"),
    ]
    return CliRunner().invoke(command, ["--endpoint-url", url, *names, *more])


def done(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [json.loads(line)["done"] for line in result.output.splitlines()]


def test_it_makes_what_is_missing_and_deletes_what_it_made(url: str) -> None:
    assert done(setup(url, "one", "--json", "--dry-run")) == ["to make"] * 5
    assert done(setup(url, "one", "--json", "--shards", "3")) == ["made"] * 5
    assert done(setup(url, "one", "--json")) == ["there"] * 5

    kinesis, s3 = client("kinesis", url), client("s3", url)
    assert len(kinesis.list_shards(StreamName="one-in")["Shards"]) == 3
    dynamodb = client("dynamodb", url)
    backups = dynamodb.describe_continuous_backups(TableName="one-table")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    described = client("firehose", url).describe_delivery_stream(DeliveryStreamName="one-delivery")
    [destination] = described["DeliveryStreamDescription"]["Destinations"]
    s3_of_it = destination["ExtendedS3DestinationDescription"]
    assert s3_of_it["BucketARN"] == "arn:aws:s3:::one-bucket"
    assert s3_of_it["Prefix"].startswith("firehose/readings/year=")

    for number in range(3):
        s3.put_object(Bucket="one-bucket", Key=f"readings/{number}", Body=b"{}")
    told = setup(url, "one", "--destroy", "--dry-run").output
    assert "to delete   bucket one-bucket  (with 3 objects)" in told
    assert done(setup(url, "one", "--json", "--destroy", "--yes")) == ["deleted"] * 5
    assert done(setup(url, "one", "--json", "--destroy", "--yes")) == ["absent"] * 5
    assert "one-in" not in kinesis.list_streams()["StreamNames"]
    assert "one-table" not in dynamodb.list_tables()["TableNames"]
    assert "one-bucket" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


def test_what_it_did_not_make_it_never_deletes(url: str) -> None:
    kinesis, s3 = client("kinesis", url), client("s3", url)
    kinesis.create_stream(StreamName="two-in", ShardCount=1)
    s3.create_bucket(Bucket="two-bucket")
    s3.put_object(Bucket="two-bucket", Key="mine", Body=b"mine")
    assert done(setup(url, "two", "--json")) == ["there", "made", "made", "there", "made"]
    ended = done(setup(url, "two", "--json", "--destroy", "--yes"))
    assert ended == ["deleted", "left alone", "deleted", "deleted", "left alone"]
    assert "two-in" in kinesis.list_streams()["StreamNames"]
    assert s3.get_object(Bucket="two-bucket", Key="mine")["Body"].read() == b"mine"


def test_deleting_asks_first(url: str) -> None:
    setup(url, "three")
    asked = CliRunner().invoke(
        command,
        [
            *("--endpoint-url", url, "--stream", "three-in", "--summary-stream", "three-out"),
            *("--table", "three-table", "--archive-bucket", "three-bucket"),
            *("--delivery-stream", "three-delivery", "--destroy"),
        ],
        input="n\n",
    )
    assert asked.exit_code == 1
    assert "Delete these?" in asked.output
    assert "three-table" in client("dynamodb", url).list_tables()["TableNames"]


def test_on_aws_the_bucket_has_to_be_named() -> None:
    result = CliRunner().invoke(command, ["--region", "us-east-1"], env={"AWS_ENDPOINT_URL": None})
    assert "no bucket for the raw archive" in str(result.exception)


@pytest.mark.parametrize("versions", [False, True])
def test_a_public_policy_is_printed_and_applied_only_when_told_twice(
    url: str, versions: bool
) -> None:
    bucket = f"public-{versions}".lower()
    s3: Any = client("s3", url)
    s3.create_bucket(Bucket=bucket)
    more = ["--versions"] if versions else []
    printed = CliRunner().invoke(public_read, [bucket, *more])
    assert json.loads(printed.output) == {
        "Id": "WildrydesPublicRead",
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "PublicRead",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"] if versions else ["s3:GetObject"],
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ],
    }
    once = CliRunner().invoke(public_read, [bucket, *more, "--apply", "--endpoint-url", url])
    assert once.exit_code == 2
    assert "--yes-make-public" in once.output
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_bucket_policy(Bucket=bucket)
    twice = CliRunner().invoke(
        public_read, [bucket, *more, "--apply", "--yes-make-public", "--endpoint-url", url]
    )
    assert twice.exit_code == 0, twice.output
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(printed.output)


@pytest.mark.parametrize("name", ["a", "UPPER", "with_underscore", "a..b", "-a-", "x" * 64])
def test_a_name_that_no_bucket_can_have(name: str) -> None:
    result = CliRunner().invoke(public_read, ["--", name])
    assert result.exit_code == 2
    assert "cannot be a bucket" in result.output

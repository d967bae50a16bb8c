"""The S3 lab against the local endpoint; boto3 as the owner who looks afterwards."""

import asyncio
import json
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from click.testing import CliRunner

from awsio.clients import AwsClients
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from labs.lab_run import LabRun
from labs.s3.lab import run
from labs.s3.picture import given
from local_kinesis.endpoint import LocalEndpoint
from wildrydes.cli import wildrydes

# Hand-worked from S3's user guide; the local endpoint lets version ids be read like the object.
SEEN = [
    ("bucket made, picture uploaded", 403, 403),
    ("policy allows s3:GetObject to everybody", 200, 200),
    ("uploaded again", 200, 200),
    ("the same policy", 403, 200),
    ("policy allows s3:GetObjectVersion too", 200, 200),
    ("picture deleted", 404, 404),
    ("delete marker deleted", 200, 200),
    ("page with the picture uploaded", 200, 200),
    ("policy deleted, public access blocked", 403, 403),
]


def lab_run(out: Path, data: Path | None = None):
    return LabRun(out=out, say=lambda _: None, data=data)


async def test_a_stranger_sees_what_the_policy_allows(tmp_path: Path) -> None:
    async with LocalEndpoint() as endpoint:
        settings = AwsSettings(endpoint.url, "us-east-1")
        report = await run(lab_run(tmp_path), settings, "a-lab")
        again = await run(lab_run(tmp_path), settings, "a-lab")
        await asyncio.to_thread(_left_closed, endpoint.url)
    steps = report.results["steps"]
    assert [(s["done"], s["expected"], s["seen"]) for s in steps] == SEEN
    assert report.results["as_s3"] is False
    assert report.results["versions"] == 2
    assert again.results["steps"] == steps


def _left_closed(url: str) -> None:
    owner = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="owner",
        aws_secret_access_key="owner",
        config=Config(s3={"addressing_style": "path"}),
    )
    block = owner.get_public_access_block(Bucket="a-lab")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    with pytest.raises(owner.exceptions.ClientError, match="NoSuchBucketPolicy"):
        owner.get_bucket_policy(Bucket="a-lab")
    assert owner.get_object(Bucket="a-lab", Key="ride")["ContentType"] == "image/png"
    owner.close()


async def test_a_bucket_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    async with LocalEndpoint() as endpoint:
        settings = AwsSettings(endpoint.url, "us-east-1")
        async with AwsClients(settings) as aws:
            await (await aws.s3()).create_bucket(Bucket="theirs")
        with pytest.raises(ConfigError, match="this lab did not make it"):
            await run(lab_run(tmp_path), settings, "theirs")


@pytest.mark.parametrize(("name", "content"), [("notes.txt", b"x"), ("empty.png", b"")])
def test_what_is_no_picture_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=name):
        given(tmp_path / name)


def test_the_command_writes_its_report(tmp_path: Path) -> None:
    ran = CliRunner().invoke(wildrydes, ["lab", "run", "s3", "--out", str(tmp_path), "--json"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout) == json.loads((tmp_path / "report.json").read_text())


@pytest.mark.parametrize(
    "flags", [["--aws"], ["--aws", "--bucket", "b-lab"], ["--yes-make-public"]]
)
def test_nothing_becomes_public_by_accident(tmp_path: Path, flags: list[str]) -> None:
    ran = CliRunner().invoke(wildrydes, ["lab", "run", "s3", "--out", str(tmp_path), *flags])
    assert ran.exit_code == 2
    assert "--yes-make-public" in ran.output

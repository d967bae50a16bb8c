"""The AWS CLI as it is: botocore's JSON over HTTP/1.1, in an environment of its own."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.local_kinesis.clients.program import run, served

pytestmark = pytest.mark.long

PACKAGE = "awscli==1.46.3"
PARENT = "shardId-000000000000"


def test_the_aws_cli(tmp_path: Path) -> None:
    run([sys.executable, "-m", "venv", "cli"], tmp_path)
    run(f"cli/bin/pip install --quiet --disable-pip-version-check {PACKAGE}", tmp_path)
    with served() as url:

        def aws(*words: str) -> Any:
            said = run(
                ["cli/bin/aws", "--endpoint-url", url, "--output", "json", "kinesis", *words],
                tmp_path,
                AWS_PAGER="",
            )
            return json.loads(said) if said.strip() else None

        stream = ("--stream-name", "cli")
        aws("create-stream", *stream, "--shard-count", "1")
        aws("wait", "stream-exists", *stream)
        data = base64.b64encode(b"hello").decode()
        aws("put-record", *stream, "--partition-key", "k", "--data", "hello")
        aws(
            *("split-shard", *stream, "--shard-to-split", PARENT),
            *("--new-starting-hash-key", str(2**127)),
        )
        aws("wait", "stream-exists", *stream)
        assert len(aws("list-shards", *stream)["Shards"]) == 3
        place = aws(
            *("get-shard-iterator", *stream, "--shard-id", PARENT),
            *("--shard-iterator-type", "TRIM_HORIZON"),
        )
        page = aws("get-records", "--shard-iterator", place["ShardIterator"])
        assert [record["Data"] for record in page["Records"]] == [data]
        assert len(page["ChildShards"]) == 2
        assert "NextShardIterator" not in page

"""`wildrydes local` as a process."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import boto3
import pytest
from click.testing import CliRunner

from wildrydes.commands.local import Size, command


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command on a free port; killed should a test fail."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wildrydes", "local", "--port", "0", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_exports_are_all_that_boto3_needs() -> None:
    with running("--kinesis-only") as process:
        text = ""
        while "Ctrl-C" not in text:
            text += line(process)
        exports = dict(
            word.split("=", 1)
            for row in text.splitlines()
            if not row.startswith("#")
            for word in shlex.split(row)[1:]
        )
        client = boto3.client(
            "kinesis",
            endpoint_url=exports["AWS_ENDPOINT_URL"],
            region_name=exports["AWS_REGION"],
            aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_stream(StreamName="s", ShardCount=1)
        client.get_waiter("stream_exists").wait(
            StreamName="s", WaiterConfig={"Delay": 1, "MaxAttempts": 10}
        )
        client.put_record(StreamName="s", Data=b"x", PartitionKey="k")
        place = client.get_shard_iterator(
            StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        answer = client.get_records(ShardIterator=place)
        assert [record["Data"] for record in answer["Records"]] == [b"x"]
        client.close()
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate()
        assert (rest, complaints, process.returncode) == ("", "", 0)


def test_sigterm_ends_it_in_good_order() -> None:
    with running("--json") as process:
        ready = json.loads(line(process))
        assert ready["event"] == "ready"
        assert ready["moto_ready"] is False
        assert ready["environment"]["AWS_ENDPOINT_URL"] == ready["url"]
        with urlopen(f"{ready['url']}/_local/health") as answer:
            assert json.load(answer)["status"] == "ok"
        events = [json.loads(line(process)) for _ in range(2)]
        assert [(event["event"], event["ready"]) for event in events] == [
            ("moto", False),
            ("moto", True),
        ]
        process.send_signal(signal.SIGTERM)
        rest, complaints = process.communicate()
        assert json.loads(rest.splitlines()[-1]) == {"event": "stopped"}
        assert (complaints, process.returncode) == ("", 0)


def test_it_ends_with_its_standard_input() -> None:
    with running("--kinesis-only", "--json", "--exit-with-stdin") as process:
        assert json.loads(line(process))["moto_ready"] is None
        rest, complaints = process.communicate()
        assert json.loads(rest) == {"event": "stopped"}
        assert (complaints, process.returncode) == ("", 0)


def test_a_taken_port_is_one_clear_error() -> None:
    with running("--kinesis-only", "--json") as process:
        port = json.loads(line(process))["url"].rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "wildrydes", "local", "--kinesis-only", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert second.stdout == ""
    assert f"port {port} on 127.0.0.1 is taken" in second.stderr
    assert "--port" in second.stderr
    assert "Traceback" not in second.stderr


def test_it_warns_when_others_can_reach_it() -> None:
    with running("--kinesis-only", "--json", "--host", "0.0.0.0") as process:
        json.loads(line(process))
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate()
    assert re.search("warning: other machines can reach this endpoint", complaints)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1048576", 1 << 20), ("512M", 512 << 20), ("1g", 1 << 30), ("2048K", 2 << 20)],
)
def test_sizes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "1X", "lots", "-1G", "1.5G", "512", "0"])
def test_what_is_no_size_is_a_usage_error(text: str) -> None:
    result = CliRunner().invoke(command, ["--memory-max", text])
    assert result.exit_code == 2
    assert "--memory-max" in result.output


@pytest.mark.parametrize("scale", ["nan", "inf", "0", "-60", "3601", "fast"])
def test_a_time_scale_that_cannot_be_is_a_usage_error(scale: str) -> None:
    result = CliRunner().invoke(command, ["--time-scale", scale])
    assert result.exit_code == 2
    assert "--time-scale" in result.output


def test_a_faster_clock_is_told_and_kept() -> None:
    with running("--kinesis-only", "--json", "--time-scale", "60") as process:
        ready = json.loads(line(process))
        scale, _, origin_ms = ready["environment"]["WILDRYDES_CLOCK"].partition("@")
        before_ms = time.time() * 1000
        with urlopen(f"{ready['url']}/_local/status") as answer:
            status = json.load(answer)
        after_ms = time.time() * 1000
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate()
    assert (scale, status["time_scale"], complaints) == ("60", 60, "")
    passed_ms = status["now_ms"] - int(origin_ms)
    # A millisecond of ours is sixty of its own.
    earliest, latest = ((at - int(origin_ms)) * 60 for at in (before_ms, after_ms))
    assert earliest - 60 <= passed_ms <= latest + 60

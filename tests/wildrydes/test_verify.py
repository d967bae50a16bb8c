"""`wildrydes verify` as a user runs it: exit codes, output, and a whole system while it runs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleet.clock import ManualClock
from fleet.settings import CLOCK
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import DEADLINE_S, Running, client, table_rows, wait_until
from wildrydes.commands.verify import command

LEDGER_ALONE = ("--skip", "archive", "--skip", "summary", "--skip", "table")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with kinesis_endpoint() as endpoint_url:
        yield endpoint_url


@pytest.fixture(scope="module")
def ledger(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a short ride."""
    path = tmp_path_factory.mktemp("ride") / "rides.ledger.jsonl"
    flags = ["--unicorns", "3", "--rate", "100", "--count", "5", "--create-stream", "--shards", "2"]
    subprocess.run(
        [sys.executable, "-m", "wildrydes", "simulator", "--endpoint-url", url, *flags,
         "--ledger", str(path)],
        check=True, capture_output=True, timeout=DEADLINE_S,
    )  # fmt: skip
    return path


def verify(url: str, *arguments: str) -> Result:
    given = ["--endpoint-url", url, *arguments]
    return CliRunner().invoke(command, given, standalone_mode=False)


def test_a_ledger_that_agrees(url: str, ledger: Path) -> None:
    result = verify(url, "--ledger", str(ledger), *LEDGER_ALONE)
    assert result.return_value == 0
    assert result.stdout.splitlines()[-1] == "all right"
    [row] = [line for line in result.stdout.splitlines() if line.startswith("ledger vs stream ")]
    assert row.split()[3:] == ["15", "15", "0", "0", "0", "0", "0"]
    assert "windows vs DynamoDB: skipped" in result.stdout
    assert "read 15 ledger entries" in result.stderr


def test_a_ledger_that_does_not_agree(url: str, ledger: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    lost = {
        "shard": "shardId-000000000001",
        "sequence_number": "4711",
        "partition_key": "\x1b[31mShadowfax",
        "data": {"Name": "Shadowfax"},
    }
    path.write_text(ledger.read_text() + json.dumps(lost) + "\n")
    result = verify(url, "--ledger", str(path), *LEDGER_ALONE)
    assert result.return_value == 1
    assert result.stdout.splitlines()[-1] == "WRONG: 1 in ledger vs stream"
    assert "ledger vs stream, missing (1 of 1):" in result.stdout
    assert "shard shardId-000000000001, sequence_number 4711" in result.stdout
    assert "\x1b" not in result.stdout

    as_json = verify(url, "--ledger", str(path), "--json", *LEDGER_ALONE)
    verdict = json.loads(as_json.stdout)
    assert as_json.return_value == 1
    assert verdict["ok"] is False
    first = verdict["comparisons"][0]
    assert (first["name"], first["expected"], first["missing"]) == ("ledger vs stream", 16, 1)
    assert first["examples"][0]["sequence_number"] == "4711"
    assert json.loads(first["examples"][0]["expected"]) == {"Name": "Shadowfax"}


def test_nothing_to_judge(url: str, ledger: Path) -> None:
    assert ledger.exists()
    result = verify(url, *LEDGER_ALONE)
    assert result.return_value == 4
    assert "nothing to judge" in result.stdout
    assert json.loads(verify(url, "--json", *LEDGER_ALONE).stdout)["ok"] is False


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (("--stream", "none"), "there is no stream none", "--stream"),
        (("--data", "."), "no dead letters of application wildrydes", "--data"),
        (("--ledger", __file__), "is no line of a ledger", "--ledger"),
    ],
)
def test_what_is_missing_is_said(
    url: str, arguments: tuple[str, ...], message: str, remedy: str
) -> None:
    error: Any = verify(url, *arguments, *LEDGER_ALONE).exception
    assert message in str(error)
    assert remedy in error.remedy


def test_a_clock_that_runs_faster_is_noticed() -> None:
    with kinesis_endpoint(ManualClock(1_767_225_600_000)) as url:
        client_ = client("kinesis", url)
        client_.create_stream(StreamName="wildrydes", ShardCount=1)
        client_.close()
        result = verify(url, *LEDGER_ALONE)
    assert "hours off this one" in result.stderr
    assert "WILDRYDES_CLOCK" in result.stderr


@pytest.mark.long
def test_a_system_while_it_runs_and_one_that_is_broken(tmp_path: Path) -> None:
    ledger = tmp_path / "rides.ledger.jsonl"
    flags = [
        "--port",
        "0",
        "--endpoint-port",
        "0",
        "--data",
        str(tmp_path),
        "--ledger",
        str(ledger),
    ]
    with Running("up", *flags, "--time-scale", "30", "--unicorns", "10", "--seed", "1") as up:
        url = up.named("started")["endpoint_url"]
        clock = up.named("message")["text"].rpartition("=")[2]
        up.event(lambda e: e["event"] == "status" and e["rows_landed"] >= 100)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}

        def verdict() -> tuple[int, str, bool]:
            """The exit code, the summary, and whether there was enough to judge."""
            program = [sys.executable, "-m", "wildrydes", "verify", "--endpoint-url", url, "--json"]
            ended = subprocess.run(
                [*program, "--ledger", str(ledger), "--data", str(tmp_path)],
                capture_output=True, text=True, timeout=DEADLINE_S, check=False,
                env={**environment, CLOCK: clock},
            )  # fmt: skip
            said = json.loads(ended.stdout)
            is_enough = all(compared["found"] >= 20 for compared in said["comparisons"][:4])
            return ended.returncode, said["summary"], is_enough

        # When the machine is busy rows land later than what is settled.
        right = (0, "all right", True)
        wait_until(str(right), lambda: verdict() == right)

        dynamodb = client("dynamodb", url)
        row = min(table_rows(dynamodb, "UnicornSensorData"), key=lambda row: row["StatusTime"])
        key = {name: {"S": row[name]} for name in ("Name", "StatusTime")}
        dynamodb.delete_item(TableName="UnicornSensorData", Key=key)
        wrong = (1, "WRONG: 1 in windows vs DynamoDB", True)
        wait_until(str(wrong), lambda: verdict() == wrong)
        dynamodb.close()
        assert up.end(signal.SIGINT) == 0

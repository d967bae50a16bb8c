"""`wildrydes simulator` as a user and as a supervisor runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fleet.settings import CLOCK
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import DEADLINE_S, Running, all_records, client, wait_until
from wildrydes.cli import main
from wildrydes.commands.simulator import command


@pytest.fixture
def url() -> Iterator[str]:
    with kinesis_endpoint() as endpoint_url:
        yield endpoint_url


@pytest.fixture
def kinesis(url: str) -> Iterator[Any]:
    boto = client("kinesis", url)
    yield boto
    boto.close()


def readings(kinesis: Any, stream: str = "wildrydes") -> list[dict[str, Any]]:
    return [json.loads(record["Data"]) for record in all_records(kinesis, stream)]


def slow_clock() -> str:
    """One that goes a tenth as fast: a simulator leaves out what it cannot send within a second of
    its own, and says so, which on a busy machine is soon.
    """
    return f"0.1@{time.time_ns() // 1_000_000}"


def program(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    command_line = [sys.executable, "-m", "wildrydes", "simulator", *arguments]
    return subprocess.run(
        command_line, capture_output=True, text=True, timeout=DEADLINE_S, check=False, **options
    )


def test_the_workshops_own_flags_and_a_dot_for_each_reading(url: str, kinesis: Any) -> None:
    flags = ("-name", "Bucephalus", "-stream", "rides", "-region", "us-east-1")
    ended = program(
        *flags, "--endpoint-url", url, "--create-stream", "--rate", "1000", "--count", "65",
        "--seed", "7", env={**os.environ, CLOCK: slow_clock()},
    )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (0, "")
    first, full, rest, last = ended.stdout.splitlines()
    assert first.startswith("Bucephalus: 1000 readings a second into stream rides, seed 7;")
    assert (full, rest) == ("." * 60 + " 60", "." * 5)
    assert last.startswith("65 readings sent in ")
    assert last.endswith(" s, to 1 shard")
    assert [reading["Name"] for reading in readings(kinesis, "rides")] == ["Bucephalus"] * 65


def test_a_fleet_in_json_until_interrupted(url: str, kinesis: Any) -> None:
    arguments = ("--unicorns", "3", "--name", "Rocinante", "--create-stream", "--shards", "2")
    flags = ("--endpoint-url", url, "--rate", "200")
    with Running("simulator", *flags, *arguments, clock=slow_clock()) as process:
        started = process.named("started")
        assert {k: started[k] for k in ("stream", "unicorns", "rate")} == {
            "stream": "wildrydes",
            "unicorns": 3,
            "rate": 200.0,
        }
        status = process.named("status")
        assert status["sent"] > 0
        assert status["readings_per_s"] > 0
        assert (status["left_out"], status["waiting"]) == (0, None)
        assert process.end(signal.SIGINT) == 0
        end = json.loads(process.rest()[-1])
        assert process.errors == ""

    stored = readings(kinesis)
    assert end["event"] == "end"
    assert end["sent"] == len(stored)
    assert end["sent"] % 3 == 0
    assert {reading["Name"] for reading in stored} == {"Rocinante", "Shadowfax", "Bucephalus"}


def test_it_ends_with_the_supervisor_that_holds_its_stdin(url: str) -> None:
    arguments = ["--endpoint-url", url, "--create-stream", "--json", "--exit-with-stdin"]
    ended = program(*arguments, input="")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_missing_stream_names_the_command_that_creates_it(url: str, kinesis: Any) -> None:
    ended = program("--endpoint-url", url, "--stream", "rides")

    assert (ended.returncode, ended.stdout) == (1, "")
    first, second = ended.stderr.splitlines()
    assert first.startswith("wildrydes: stream rides: ")
    assert "`wildrydes simulator --stream rides --create-stream`" in second
    assert kinesis.list_streams()["StreamNames"] == []


def test_without_an_endpoint_it_waits_visibly_and_ends_when_told() -> None:
    # Port 1 of this machine is nobody's.
    with Running("simulator", "--endpoint-url", "http://127.0.0.1:1") as process:
        wait_until("a line on stderr", lambda: bool(process.errors))
        assert process.end(signal.SIGTERM) == 0
        assert process.errors.startswith("wildrydes: waiting: stream wildrydes: Endpoint")
        assert process.errors.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--unicorns", "0"),
        ("--unicorns", "1000001"),
        ("--rate", "0"),
        ("--for", "-1"),
        ("--count", "0"),
        ("--seed", "-1"),
        ("--shards", "0"),
        ("--name", ""),
        ("--name", "x" * 257),
        ("--stream", "two words"),
        ("--stream", ""),
        ("--name", "two\nlines"),
        ("--no-such-flag",),
        ("argument",),
    ],
    ids=" ".join,
)
def test_usage_errors_exit_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(command, list(arguments)).exit_code == 2


def test_usage_errors_of_the_whole_program_exit_with_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulator", "--unicorns", "many"])
    assert ended.value.code == 2
    assert "'many' is not a valid integer" in capsys.readouterr().err


def test_the_ledger_has_each_record_of_the_stream(url: str, kinesis: Any, tmp_path: Path) -> None:
    path = tmp_path / "rides.ledger.jsonl"
    flags = ("--endpoint-url", url, "--unicorns", "7", "--rate", "50", "--ledger", str(path))
    assert program(*flags, "--create-stream", "--shards", "3", "--count", "4").returncode == 0
    again = program(*flags, "--count", "2", "--seed", "9")
    assert again.returncode == 0
    assert "has 28 entries; adding to it" in again.stderr

    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["unicorns"] for line in lines if "ledger" in line] == [7, 7]
    entered = {
        line["sequence_number"]: (line["partition_key"], line["data"])
        for line in lines
        if "shard" in line
    }
    stored = {
        record["SequenceNumber"]: (record["PartitionKey"], json.loads(record["Data"]))
        for record in all_records(kinesis, "wildrydes")
    }
    assert len(stored) == 42
    assert entered == stored


def test_a_ledger_of_another_stream_is_an_error(url: str, tmp_path: Path) -> None:
    path = tmp_path / "rides.ledger.jsonl"
    flags = ("--endpoint-url", url, "--create-stream", "--count", "1", "--ledger", str(path))
    assert program(*flags).returncode == 0
    ended = program(*flags, "--stream", "other")
    assert ended.returncode == 1
    assert "is the ledger of stream wildrydes, not of other" in ended.stderr
    assert "--ledger" in ended.stderr

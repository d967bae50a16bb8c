"""`wildrydes consumer` in a terminal and in a pipe."""

import base64
import itertools
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from fleet.row_mark import marked
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import DEADLINE_S, Running, client
from wildrydes.commands.consumer import command, line
from wildrydes.distinct import Distinct
from wildrydes.stream_record import StreamRecord


@pytest.fixture
def url() -> Iterator[str]:
    with kinesis_endpoint() as endpoint_url:
        yield endpoint_url


@pytest.fixture
def kinesis(url: str) -> Iterator[Any]:
    boto = client("kinesis", url)
    boto.create_stream(StreamName="wildrydes-summary", ShardCount=2)
    yield boto
    boto.close()


def put(kinesis: Any, numbers: range) -> list[dict[str, Any]]:
    rows = [{"Name": f"unicorn-{number % 7}", "Number": number} for number in numbers]
    for row in rows:
        kinesis.put_record(
            StreamName="wildrydes-summary",
            PartitionKey=row["Name"],
            Data=json.dumps(row).encode(),
        )
    return rows


def program(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command_line = [sys.executable, "-m", "wildrydes", "consumer", *arguments]
    return subprocess.run(
        command_line, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )


def record(data: bytes) -> StreamRecord:
    return StreamRecord("shardId-000000000001", "495", "Bucephalus", 1_767_225_660_005, data)


@pytest.mark.parametrize(
    ("data", "printed"),
    [
        (b'{"Name":"Bucephalus","Distance":1800}', b'{"Name":"Bucephalus","Distance":1800}'),
        # Numbers keep their digits, names their order; only space between tokens goes.
        (b'{\n  "b": 1.50,\n  "a": [1, 2e3]\n}\n', b'{"b":1.50,"a":[1,2e3]}'),
        (b'"two\\nlines and  spaces"', b'"two\\nlines and  spaces"'),
        ('"天馬"'.encode(), '"天馬"'.encode()),
        (b"not json", b'{"data_base64":"bm90IGpzb24="}'),
        (b"", b'{"data_base64":""}'),
        (b'"\xff"', b'{"data_base64":"Iv8i"}'),
        (b'{"Distance":NaN}', b'{"data_base64":"eyJEaXN0YW5jZSI6TmFOfQ=="}'),
        (b"[" * 5000, b'{"data_base64":"' + base64.b64encode(b"[" * 5000) + b'"}'),
    ],
)
def test_a_record_is_one_line_of_json(data: bytes, printed: bytes) -> None:
    assert line(record(data), with_metadata=False) == printed + b"\n"
    with_metadata = json.loads(line(record(data), with_metadata=True))
    plain = json.loads(printed)
    content = plain if "data_base64" in plain else {"data": plain}
    assert with_metadata == {
        "shard": "shardId-000000000001",
        "sequence_number": "495",
        "partition_key": "Bucephalus",
        "arrival": "2026-01-01 00:01:00.005",
        **content,
    }


def test_all_that_a_stream_has_through_a_pipe_that_closes(url: str, kinesis: Any) -> None:
    rows = put(kinesis, range(20))
    arguments = ("--endpoint-url", url, "--start", "trim-horizon")
    program = [sys.executable, "-m", "wildrydes", "consumer", *arguments]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        printed = [json.loads(process.stdout.readline()) for _ in rows]
        # As `head` does; nothing more is put, so only the pipe can tell.
        process.stdout.close()
        assert process.wait(DEADLINE_S) == 0
        assert process.stderr.read() == b""
    assert sorted(printed, key=lambda row: int(row["Number"])) == rows
    for name in {row["Name"] for row in rows}:
        numbers = [row["Number"] for row in printed if row["Name"] == name]
        assert numbers == sorted(numbers)


def test_from_now_on_until_interrupted(url: str, kinesis: Any) -> None:
    put(kinesis, range(5))
    read_enough = threading.Event()

    def put_on() -> None:
        # It says nothing when it is ready, so there must be something to see whenever it is.
        for number in itertools.count(5):
            if read_enough.wait(0.02):
                break
            kinesis.put_record(
                StreamName="wildrydes-summary", PartitionKey="Grani", Data=str(number).encode()
            )

    with Running("consumer", "--endpoint-url", url, "--with-metadata", json_lines=False) as process:
        putting = threading.Thread(target=put_on)
        putting.start()
        printed = [json.loads(process.line()) for _ in range(30)]
        read_enough.set()
        putting.join()
        assert process.end(signal.SIGINT) == 0
        assert process.errors == ""

    first = printed[0]["data"]
    assert first >= 5
    assert [one["data"] for one in printed] == list(range(first, first + 30))
    assert {one["partition_key"] for one in printed} == {"Grani"}
    assert len({one["shard"] for one in printed}) == 1
    numbers = [int(one["sequence_number"]) for one in printed]
    assert numbers == sorted(numbers)


def test_a_count_ends_it(url: str, kinesis: Any) -> None:
    put(kinesis, range(9))
    ended = program("--endpoint-url", url, "--start", "trim-horizon", "--count", "4")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 4


def test_it_begins_at_a_time(url: str, kinesis: Any) -> None:
    put(kinesis, range(3))
    ended = program("--endpoint-url", url, "--start", "1h", "--count", "3")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(json.loads(line)["Number"] for line in ended.stdout.splitlines()) == [0, 1, 2]
    ended = program("--endpoint-url", url, "--start", "2999-01-01 00:00")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "--start 2999-01-01 00:00:00.000 UTC is still to come" in ended.stderr


@pytest.mark.usefixtures("kinesis")
def test_a_missing_stream_is_told(url: str) -> None:
    ended = program("--endpoint-url", url, "--stream", "wildrydes")
    assert (ended.returncode, ended.stdout) == (1, "")
    first, second = ended.stderr.splitlines()
    assert first.startswith("wildrydes: stream wildrydes: ")
    assert "`wildrydes simulator --create-stream`" in second


@pytest.mark.parametrize(
    "arguments",
    [("--from", "yesterday"), ("--count", "0"), ("--stream", "a/b"), ("wildrydes",)],
    ids=" ".join,
)
def test_usage_errors_exit_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(command, list(arguments)).exit_code == 2


def test_distinct_leaves_out_rows_that_were_written_twice(url: str, kinesis: Any) -> None:
    def put_row(name: str, row_id: str, distance: int) -> None:
        kinesis.put_record(
            StreamName="wildrydes-summary",
            PartitionKey=marked(name, row_id, 256),
            Data=json.dumps({"Name": name, "Distance": distance}).encode(),
        )

    for name, row_id, distance in [
        ("Bucephalus", "minute 1", 1800),
        ("Bucephalus", "minute 1", 1800),  # written again after a crash
        ("Bucephalus", "minute 1", 1830),  # corrected
        ("Bucephalus", "minute 2", 1800),  # another minute, equal values
        ("Bucephalus", "minute 2", 1800),
    ]:
        put_row(name, row_id, distance)
    kinesis.put_record(StreamName="wildrydes-summary", PartitionKey="Bucephalus", Data=b"{}")
    kinesis.put_record(StreamName="wildrydes-summary", PartitionKey="Bucephalus", Data=b"{}")

    arguments = ("--endpoint-url", url, "--start", "trim-horizon", "--count")
    kept = program(*arguments, "5", "--distinct").stdout.splitlines()
    # Two shards: in any order.
    assert sorted(kept) == sorted(
        ["{}", "{}", *(f'{{"Name":"Bucephalus","Distance":{d}}}' for d in (1800, 1830, 1800))]
    )
    assert len(program(*arguments, "7").stdout.splitlines()) == 7


def test_the_oldest_of_too_many_rows_are_forgotten() -> None:
    distinct = Distinct(remembered_max=3)

    def is_fresh(row_id: str) -> bool:
        key = marked("Bucephalus", row_id, 256)
        return distinct.is_fresh(StreamRecord("shardId-0", "1", key, 0, b"{}"))

    assert [is_fresh(n) for n in "abcabcd"] == [True, True, True, False, False, False, True]
    assert is_fresh("a")
    assert distinct.repeats == 3

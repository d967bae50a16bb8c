"""`wildrydes dead-letter` as its users call it; replay against a real endpoint, read by boto3."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleet.row import DeadLetter
from sinks.dead_letter import letter_line
from sinks.dead_letter_log import read_letters
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import all_records, client
from wildrydes.cli import wildrydes
from wildrydes.dead_letters.marks import Marks
from wildrydes.dead_letters.replay import Tally, Terms, calls, due, replay

HALF = DeadLetter("shardId-000000000001", "12:3", 1000, "b", "decode", "x", b'{"n":2}', True)
ROW = DeadLetter("", "", 4000, "", "sink dynamodb", "too large", b'{"n":5}')


def bad(number: int, data: bytes, key: str = "a") -> DeadLetter:
    reason = f"column \"n\": '{number}' is not a SMALLINT"
    shard = "shardId-000000000000"
    return DeadLetter(shard, str(number), number * 1000, key, "decode", reason, data)


BYTES = DeadLetter(
    "shardId-000000000001",
    "21",
    1_767_225_600_000,
    "c",
    "decode",
    "the record is not JSON in UTF-8: 'utf-8' codec can't decode byte 0xff in position 17: invalid",
    b'{"Name": "Shadow\xff\x00fax"}',
)


def put(folder: Path, *letters: DeadLetter, stream: str = "rides") -> Path:
    home = folder / "processor" / "app"
    home.mkdir(parents=True, exist_ok=True)
    path = home / "dead-letter.jsonl"
    path.write_bytes(b"".join(letter_line(letter, stream) for letter in letters))
    return path


def call(folder: Path, name: str, *arguments: str) -> Result:
    arguments = ("dead-letter", name, "--data", str(folder), *arguments)
    return CliRunner().invoke(wildrydes, list(arguments), standalone_mode=False)


def test_list_counts_by_reason(tmp_path: Path) -> None:
    put(tmp_path, bad(1, b"{}"), bad(2, b"{}"), ROW)
    lines = call(tmp_path, "list").output.splitlines()
    assert lines[0].split() == ["letters", "replayed", "stage", "last", "reason"]
    assert lines[2].split(maxsplit=5)[:3] == ["2", "0", "decode"]
    assert lines[2].endswith("column \"n\": '2' is not a SMALLINT")
    assert lines[3].split()[:4] == ["1", "0", "sink", "dynamodb"]
    assert "dead-letter show" in lines[-1]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ((), [1, 2, 3, 4]),
        (("--shard", "1"), [3]),
        (("--stage", "sink"), [4]),
        (("--stage", "sink dynamodb"), [4]),
        (("--stage", "dec"), []),
        (("--reason", "smallint"), [1, 2]),
        (("--last", "1d"), []),
    ],
)
def test_list_filters(tmp_path: Path, filters: tuple[str, ...], numbers: list[int]) -> None:
    put(tmp_path, bad(1, b"{}"), bad(2, b"{}"), HALF, ROW)
    output = call(tmp_path, "list", "--json", *filters).output
    letters = [json.loads(line) for line in output.splitlines()]
    assert [letter["number"] for letter in letters] == numbers
    assert all(letter["stream"] == "rides" for letter in letters)
    if not numbers:
        assert "that match" in call(tmp_path, "list", *filters).output


def test_show_marks_the_place(tmp_path: Path) -> None:
    put(tmp_path, bad(1, b"{}"), BYTES)
    lines = call(tmp_path, "show", "21").output.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("00000010"))
    column = lines[at + 1].index("^^")
    assert lines[at][column : column + 2] == "00"  # byte 17, counted from 0
    shown = json.loads(call(tmp_path, "show", "2", "--json").output)
    assert shown["data_base64"]
    assert shown["sequence_number"] == "21"
    missing = call(tmp_path, "show", "77")
    assert missing.exit_code == 1
    assert "no letter 77" in str(missing.exception)


def test_show_cuts_long_data_about_the_place(tmp_path: Path) -> None:
    reason = "the record is not JSON in UTF-8: Expecting value: line 1 column 5001 (char 5000)"
    put(tmp_path, DeadLetter("s", "1", 0, "k", "decode", reason, b"\t" * 5000 + b"?" + b"x" * 9000))
    lines = call(tmp_path, "show", "1").output.splitlines()
    caret = next(i for i, line in enumerate(lines) if line.strip() == "^")
    assert lines[caret - 1][lines[caret].index("^")] == "?"
    assert "--all" in lines[-1]
    assert sum(map(len, call(tmp_path, "show", "1", "--all").output.splitlines())) > 14_000


def test_which_application(tmp_path: Path) -> None:
    assert "no processor has run" in str(call(tmp_path, "list").exception)
    put(tmp_path, ROW)
    other = tmp_path / "processor" / "other"
    other.mkdir()
    assert call(tmp_path, "list").exit_code == 0
    (other / "dead-letter.jsonl").touch()
    assert "several applications" in str(call(tmp_path, "list").exception)
    assert call(tmp_path, "list", "--app", "sql/app.sql").exit_code == 0
    assert "No dead letters" in call(tmp_path, "list", "--app", "other").output
    assert "no application third" in str(call(tmp_path, "list", "--app", "third").exception)


def records(url: str, stream: str) -> list[tuple[str, bytes]]:
    """Partition key and data of each, as boto3 reads them."""
    found = all_records(client("kinesis", url), stream)
    return sorted((record["PartitionKey"], record["Data"]) for record in found)


def make_stream(url: str, name: str) -> None:
    kinesis = client("kinesis", url)
    kinesis.create_stream(StreamName=name, ShardCount=2)
    waiter = kinesis.get_waiter("stream_exists")
    waiter.wait(StreamName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 1000})


def test_replay_puts_each_record_once(tmp_path: Path) -> None:
    path = put(tmp_path, bad(1, b'{"n":1}'), HALF, ROW, bad(1, b'{"n":1}'), bad(2, b"\xff", "z"))
    with kinesis_endpoint() as url:
        make_stream(url, "rides")
        planned = call(tmp_path, "replay", "--dry-run", "--json")
        tally = json.loads(planned.output)
        assert (tally["replayed"], tally["already"], tally["streams"]) == (2, 1, {"rides": 2})
        assert planned.return_value == 1  # some are left
        assert not path.with_name("dead-letter.jsonl.replayed").exists()
        assert records(url, "rides") == []

        endpoint = ("--endpoint-url", url)
        done = call(tmp_path, "replay", *endpoint)
        assert "2 put back (2 on rides; 8 bytes)" in done.output
        assert "1 left: a row that a pump or sink refused" in done.output
        assert records(url, "rides") == [("a", b'{"n":1}'), ("z", b"\xff")]

        again = json.loads(call(tmp_path, "replay", "--json", *endpoint).stdout)
        assert (again["replayed"], again["already"]) == (0, 3)
        assert records(url, "rides") == [("a", b'{"n":1}'), ("z", b"\xff")]
        listed = json.loads(call(tmp_path, "list", "--json").output.splitlines()[0])
        assert listed["replayed"] is True

        whole = call(tmp_path, "replay", "2", "--partial", *endpoint)
        assert whole.return_value == 0
        assert ("b", b'{"n":2}') in records(url, "rides")


def test_what_an_interrupted_replay_left_is_in_doubt(tmp_path: Path) -> None:
    path = put(tmp_path, bad(1, b'{"n":1}'), bad(2, b'{"n":2}'))
    mark = b'{"shard_id":"shardId-000000000000","sequence_number":"1","state":"sent"}'
    path.with_name("dead-letter.jsonl.replayed").write_bytes(mark + b'\n{"shard_id":"shardId-0000')
    with kinesis_endpoint() as url:
        make_stream(url, "rides")
        endpoint = ("--endpoint-url", url)
        first = call(tmp_path, "replay", *endpoint)
        assert first.return_value == 1
        assert "1 left: an earlier replay was interrupted" in first.output
        assert records(url, "rides") == [("a", b'{"n":2}')]
        assert call(tmp_path, "replay", "--again", *endpoint).return_value == 0
        assert len(records(url, "rides")) == 2


async def test_a_replay_that_is_stopped_says_so(tmp_path: Path) -> None:
    path = put(tmp_path, bad(1, b'{"n":1}'))
    stop, tally, marks = asyncio.Event(), Tally(), Marks(path)
    stop.set()
    chunks = calls(due(read_letters(path), marks, Terms(), tally))
    nobody: Any = None  # is not asked
    await replay(chunks, nobody, marks, tally, stop, on_call=print, on_wait=print)
    assert tally.stopped
    assert tally.replayed == 0


def test_a_stream_that_is_not_there_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    put(tmp_path, bad(1, b'{"n":1}'), stream="")
    unnamed = call(tmp_path, "replay", "--dry-run")
    assert "does not say which stream" in str(unnamed.exception)
    with kinesis_endpoint() as url:
        missing = call(tmp_path, "replay", "--stream", "nowhere", "--endpoint-url", url)
        assert "nowhere" in str(missing.exception)
        make_stream(url, "here")
        assert call(tmp_path, "replay", "--stream", "here", "--endpoint-url", url).return_value == 0
        assert records(url, "here") == [("a", b'{"n":1}')]

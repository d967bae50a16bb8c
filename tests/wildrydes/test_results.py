"""`wildrydes results` against moto's DynamoDB, filled by boto3."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tests.wildrydes.running import client
from wildrydes.cli import main

Results = Callable[..., tuple[int, str, str]]
"""Runs the command; returns exit code, standard output, standard error."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    fill(address)
    yield address
    server.stop()
    assert server._server is not None
    server._server.server_close()


@pytest.fixture
def results(url: str, capsys: pytest.CaptureFixture[str]) -> Results:
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["results", "--endpoint-url", url, *arguments])
        output, errors = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, output, errors

    return run


def fill(url: str) -> None:
    """Bucephalus every minute of the first hour of 2026 and 5, 15 and 90 minutes ago; one unicorn
    with an unpleasant name; one with columns of its own.
    """
    dynamodb = client("dynamodb", url)
    for table in ("UnicornSensorData", "Other"):
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "Name", "AttributeType": "S"},
                {"AttributeName": "StatusTime", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "Name", "KeyType": "HASH"},
                {"AttributeName": "StatusTime", "KeyType": "RANGE"},
            ],
        )

    def put(name: str, when: str, table: str = "UnicornSensorData", **attributes: Any) -> None:
        item = {"Name": {"S": name}, "StatusTime": {"S": when}, **attributes}
        dynamodb.put_item(TableName=table, Item=item)

    for minute in range(60):
        when = f"2026-01-01 00:{minute:02}:00.000"
        put("Bucephalus", when, Distance={"N": str(1700 + minute)}, MaxMagicPoints={"N": "9"})
    now = datetime.now(UTC)
    for minutes in (5, 15, 90):
        when = f"{now - timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}.000"
        put("Bucephalus", when, Distance={"N": str(minutes)})
    put("[red]\x1b]0;owned\x07", "2026-01-01 00:00:00.000", Distance={"N": "1"})
    put("Odd", "2026-01-01 00:00:00.000", Mean={"N": "30.25"}, Note={"S": "x"})
    put("Odd", "2026-01-01 00:01:00.000", Alive={"BOOL": True})
    put("Bucephalus", "2026-01-01 00:00:00.000", table="Other", Distance={"N": "4711"})
    dynamodb.close()


def distances(output: str) -> list[int]:
    return [json.loads(line)["Distance"] for line in output.splitlines()]


def test_a_table_with_key_columns_first_and_numbers_aligned(results: Results) -> None:
    code, output, errors = results(
        "Bucephalus", "--from", "2026-01-01 00:00", "--to", "2026-01-01 00:01"
    )
    assert (code, errors) == (0, "")
    lines = [line.rstrip() for line in output.splitlines() if "─" not in line and line.strip()]
    assert lines == [
        "Name         StatusTime                Distance   MaxMagicPoints",
        "Bucephalus   2026-01-01 00:01:00.000       1701                9",
        "Bucephalus   2026-01-01 00:00:00.000       1700                9",
        "2 rows",
        "column             sum   lowest      mean   highest   over time",
        "Distance         3,401    1,700   1,700.5     1,701   ▁█",
        "MaxMagicPoints      18        9         9         9   ▅▅",
    ]


def test_json_lines(results: Results) -> None:
    code, output, _ = results("Odd", "--from", "2026-01-01 00:00", "--json")
    assert code == 0
    assert [json.loads(line) for line in output.splitlines()] == [
        {"Name": "Odd", "StatusTime": "2026-01-01 00:01:00.000", "Alive": True},
        {"Name": "Odd", "StatusTime": "2026-01-01 00:00:00.000", "Mean": 30.25, "Note": "x"},
    ]


def test_columns_that_only_some_rows_have(results: Results) -> None:
    code, output, _ = results("Odd", "--from", "2026-01-01 00:00")
    assert code == 0
    header, _, first, second = [line for line in output.splitlines() if line.strip()][:4]
    assert header.split() == ["Name", "StatusTime", "Alive", "Mean", "Note"]
    assert first.split() == ["Odd", "2026-01-01", "00:01:00.000", "True"]
    assert second.split() == ["Odd", "2026-01-01", "00:00:00.000", "30.25", "x"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), [5]),
        (("--last", "10m"), [5]),
        (("--last", "1200s"), [5, 15]),
        (("--last", "2h"), [5, 15, 90]),
        (("--last", "1d"), [5, 15, 90]),
        (("--all",), [5, 15, 90, *range(1759, 1699, -1)]),
        (("--to", "2026-01-01 00:02:30", "--last", "2m"), [1702, 1701]),
        (("--from", "2026-01-01 00:57:00", "--to", "2026-01-01 00:58:00"), [1758, 1757]),
        (("--from", "2026-01-01 00:57:00.001", "--to", "2026-01-01 00:58"), [1758]),
        (("--from", "2026-01-01", "--to", "2026-01-01", "--table", "Other"), [4711]),
    ],
)
def test_the_time_asked_for(results: Results, arguments: tuple[str, ...], found: list[int]) -> None:
    code, output, _ = results("Bucephalus", "--json", *arguments)
    assert code == 0
    assert distances(output) == found


def test_further_back_than_time_itself_is_all_of_it(results: Results) -> None:
    code, output, _ = results("Bucephalus", "--json", "--last", "999999999d")
    assert code == 0
    assert len(output.splitlines()) == 63


def test_nothing_found_says_what_to_check(results: Results) -> None:
    code, output, errors = results(
        "bucephalus", "--from", "2026-01-01 00:00", "--to", "2026-01-01 00:10"
    )
    assert (code, errors) == (0, "")
    assert output.startswith(
        "No rows of bucephalus from 2026-01-01 00:00:00.000 to 2026-01-01 00:10:00.000 (UTC) "
        "in table UnicornSensorData.\n"
    )
    assert "capitals" in output
    assert "--last 1d" in output
    code, output, errors = results("bucephalus", "--json")
    assert (code, output) == (0, "")
    assert "No rows of bucephalus" in errors


def test_a_name_cannot_drive_the_terminal(results: Results) -> None:
    code, output, _ = results("[red]\x1b]0;owned\x07", "--from", "2026-01-01 00:00")
    assert code == 0
    assert "[red]\\x1b]0;owned\\x07" in output
    assert "\x1b" not in output


def test_a_name_without_rows_cannot_either(results: Results) -> None:
    code, output, _ = results("\x1b[2J")
    assert code == 0
    assert "No rows of \\x1b[2J" in output
    assert "\x1b" not in output


def test_a_missing_table_says_what_makes_it(results: Results) -> None:
    code, output, errors = results("Bucephalus", "--table", "nowhere")
    assert (code, output) == (1, "")
    assert "there is no table nowhere at http://127.0.0.1:" in errors
    assert "--create-missing" in errors


def test_an_endpoint_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not waited for: nothing here would end that."""
    with pytest.raises(SystemExit) as left:
        main(["results", "Bucephalus", "--endpoint-url", "http://127.0.0.1:9"])
    assert left.value.code == 1
    assert "is `wildrydes up` or `wildrydes local` running?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--last", "10"), "'10' is not a duration such as 30s, 10m, 2h or 1d"),
        (("--last", "-5m"), "'-5m' is not a duration"),
        (("--from", "yesterday"), "'yesterday' is not a time such as '2026-01-01 00:05' (UTC)"),
        (("--to", "2026-01-01 00:00+01:00"), "is not a time"),
        (("--from", "2026-01-01", "--last", "5m"), "give --last or --from, not both"),
        (("--all", "--last", "5m"), "--all goes without --last, --from and --to"),
        (("--all", "--to", "2026-01-01"), "--all goes without --last, --from and --to"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(
    results: Results, arguments: tuple[str, ...], message: str
) -> None:
    code, output, errors = results("Bucephalus", *arguments)
    assert (code, output) == (2, "")
    assert message in errors


def test_a_picture(results: Results, tmp_path: Path) -> None:
    file = tmp_path / "ride.png"
    code, _, errors = results("Bucephalus", "--all", "--plot", str(file))
    assert (code, errors) == (0, f"drawn: {file}\n")
    assert file.read_bytes().startswith(b"\x89PNG")
    code, _, errors = results("Bucephalus", "--all", "--plot", str(tmp_path / "ride.doc"))
    assert code == 1
    assert "cannot be written" in errors
    assert "give a .png, .svg or .pdf file" in errors

"""The Lambda handler over the summary stream, with hand-made events, against moto's DynamoDB."""

import base64
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fleet.row_mark import marked
from sinks.dynamodb_item import values_of

FILE = Path(__file__).parents[2] / "deploy" / "summary_to_dynamodb.py"


@pytest.fixture
def lambda_(
    monkeypatch: pytest.MonkeyPatch,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> ModuleType:
    """The bundle as Lambda loads it, over a new table."""
    name = fresh_name("table")
    keys = ("Name", "StatusTime")
    reader("dynamodb", moto_url).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
        ],
    )
    for variable, value in {
        "TABLE": name,
        "AWS_ENDPOINT_URL": moto_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "lambda",
        "AWS_SECRET_ACCESS_KEY": "lambda",
    }.items():
        monkeypatch.setenv(variable, value)
    spec = importlib.util.spec_from_file_location("summary_to_dynamodb", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(number: int, name: str, minute: int = 1, **values: Any) -> dict[str, Any]:
    """A record as an event source mapping hands it over."""
    time = f"2026-01-01 00:{minute:02d}:00.000"
    data = json.dumps({"Name": name, "StatusTime": time, **values}).encode()
    return raw(number, data, marked(name, f"app/OUT/{minute}/{name}", 256))


def raw(number: int, data: bytes, partition_key: str) -> dict[str, Any]:
    return {
        "eventSource": "aws:kinesis",
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": partition_key,
            "sequenceNumber": str(10**55 + number),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": 1767225660.0,
        },
    }


def call(module: ModuleType, *records: dict[str, Any]) -> list[str]:
    answer = module.handler({"Records": list(records)}, None)
    assert set(answer) == {"batchItemFailures"}
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def table(lambda_: ModuleType, moto_url: str, reader: Callable[[str, str], Any]) -> Any:
    """What is in the table, without the handler's own two attributes."""

    def rows() -> list[dict[str, Any]]:
        items = reader("dynamodb", moto_url).scan(TableName=lambda_.table.name)["Items"]
        found = [values_of(item) for item in items]
        for row in found:
            row.pop("RowSequence")
            row.pop("RowVersion", None)
        return sorted(found, key=lambda row: (row["Name"], row["StatusTime"]))

    return rows


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return line


def test_rows_land_once_whatever_comes_again(
    lambda_: ModuleType, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = record(1, "Bucephalus", Distance=30.5, Note=None), record(2, "Shadowfax")
    assert call(lambda_, first, second) == []
    assert said(capsys) == {"records": 2, "repeats": 0}
    # The processor's repeat has a sequence number of its own; Lambda's has the same.
    assert call(lambda_, first, record(3, "Bucephalus", Distance=30.5, Note=None)) == []
    assert said(capsys) == {"records": 2, "repeats": 2}
    assert table() == [
        {"Name": "Bucephalus", "StatusTime": "2026-01-01 00:01:00.000", "Distance": 30.5},
        {"Name": "Shadowfax", "StatusTime": "2026-01-01 00:01:00.000"},
    ]


def test_a_correction_replaces_and_what_is_older_does_not(lambda_: ModuleType, table: Any) -> None:
    first, corrected = record(1, "Bucephalus", Distance=1), record(2, "Bucephalus", Distance=2)
    assert call(lambda_, first, corrected) == []
    # The whole batch again, as after a time-out.
    assert call(lambda_, first) == []
    assert [row["Distance"] for row in table()] == [2]
    assert call(lambda_, record(3, "Bucephalus", Distance=1), corrected) == []
    assert [row["Distance"] for row in table()] == [1], "the stream's order decides"


def test_it_stops_at_what_it_cannot_write_and_goes_on_from_there(
    lambda_: ModuleType, table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    poison = raw(2, b"\xff", "x")
    keyless = raw(2, b'{"Distance":1}', "x")
    for bad in (poison, keyless, raw(2, b"[1]", "x")):
        failed = call(lambda_, record(1, "A"), bad, record(3, "B"))
        assert failed == [bad["kinesis"]["sequenceNumber"]]
        assert said(capsys)["failed"] == failed[0]
    assert [row["Name"] for row in table()] == ["A"]
    assert call(lambda_, record(3, "B")) == []
    assert [row["Name"] for row in table()] == ["A", "B"]


def test_records_of_others_have_no_mark_and_are_taken(lambda_: ModuleType, table: Any) -> None:
    data = json.dumps({"Name": "A", "StatusTime": "t", "Big": 2**63 - 1, "Yes": True}).encode()
    assert call(lambda_, raw(1, data, "A"), raw(2, data, "A")) == []
    assert table() == [{"Name": "A", "StatusTime": "t", "Big": 2**63 - 1, "Yes": True}]

"""A function before the application: its event, its answers, its failures, worked out by hand."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics_sql.application_file import preprocessed, workshop_application
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application
from analytics_sql.preprocessor import Preprocessor, load_preprocessor
from fleet.batch import Batch
from fleet.errors import ConfigError
from processor.engine import Engine
from processor.preprocess import preprocess

SHARD = "shardId-000000000003"
SCHEMA = {
    "RecordFormat": {"RecordFormatType": "JSON"},
    "RecordColumns": [{"Name": "X", "SqlType": "INTEGER", "Mapping": "$.x"}],
}
SQL = """CREATE STREAM S (X INTEGER, N VARCHAR(8));
CREATE PUMP P AS INSERT INTO S SELECT STREAM X, SEQUENCE_NUMBER FROM SOURCE_SQL_STREAM_001;"""

Answer = dict[str, Any]


def batch(*records: bytes) -> Batch:
    numbers = [str(100 + i) for i in range(len(records))]
    arrival_ms = np.array([1000 + i for i in range(len(records))], np.int64)
    return Batch(SHARD, list(records), arrival_ms, numbers, ["k"] * len(records), numbers[-1])


def answer(record: dict[str, Any], result: str = "Ok", data: bytes | None = None) -> Answer:
    coded = record["data"] if data is None else base64.b64encode(data).decode()
    return {"recordId": record["recordId"], "result": result, "data": coded}


def each(function: Callable[[dict[str, Any]], Answer]) -> Preprocessor:
    """A handler that makes the answer of each record by itself."""
    return Preprocessor(
        "m:f", lambda event, _: {"records": [function(r) for r in event["records"]]}
    )


def application(preprocessor: Preprocessor) -> Application:
    schema = InputSchema.from_json(SCHEMA, where="test")
    return replace(compile_application(SQL, name="a", schema=schema), preprocessor=preprocessor)


def plain(record: dict[str, Any]) -> Answer:
    """By what the record says: drop it, fail it, raise, make two rows of it, or spoil it."""
    value = json.loads(base64.b64decode(record["data"]))
    kind = value.get("kind", "ok")
    if kind == "raise":
        raise ValueError("cannot")
    if kind == "two":
        return answer(record, data=b'{"x": 1}{"x": "bad"}{"x": 2}')
    result = {"drop": "Dropped", "fail": "ProcessingFailed"}.get(kind, "Ok")
    return answer(record, result, json.dumps({"x": value["x"] * 10}).encode())


RECORDS = [
    b'{"x": 1}',
    b'{"x": 2, "kind": "drop"}',
    b'{"x": 3, "kind": "fail"}',
    b'{"x": 4, "kind": "raise"}',
    b'{"x": 5, "kind": "two"}',
    b"no json",
    b'{"x": 6}',
]


def test_the_event_is_that_of_lambda(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[Any] = []

    def handler(event: dict[str, Any], context: Any) -> Answer:
        print("for people")
        seen.append((event, context.get_remaining_time_in_millis() > 0))
        return {"records": [answer(record) for record in event["records"]]}

    preprocess(batch(b'{"x": 1}'), Preprocessor("m:f", handler), "a")
    ((event, has_time),) = seen
    assert has_time
    assert set(event) == {"invocationId", "applicationArn", "streamArn", "records"}
    assert event["records"] == [
        {
            "recordId": "100",
            "kinesisStreamRecordMetadata": {
                "sequenceNumber": "100",
                "partitionKey": "k",
                "shardId": SHARD,
                "approximateArrivalTimestamp": 1000,
            },
            "data": "eyJ4IjogMX0=",
        }
    ]
    assert capsys.readouterr() == ("", "for people\n")


def test_rows_and_letters() -> None:
    emitted = Engine(application(each(plain))).add(batch(*RECORDS))
    rows = [(row.values["X"], row.values["N"]) for row in emitted.rows]
    # 100 and 106 as they were made, 104 twice without its bad row; numbers are the record's own.
    assert rows == [(10, "100"), (1, "104"), (2, "104"), (60, "106")]
    letters = [(each.sequence_number, each.stage, each.reason) for each in emitted.letters]
    assert sorted(letters) == [
        ("102", "preprocess", "m:f: ProcessingFailed"),
        ("103", "preprocess", "m:f: ValueError: cannot"),
        (
            "104",
            "decode",
            "column \"X\": 'bad' is not a INTEGER",
        ),
        ("105", "preprocess", "m:f: JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
    ]
    # What is put back must be the record as it came in.
    assert {letter.sequence_number: letter.data for letter in emitted.letters}["104"] == RECORDS[4]
    assert all(letter.shard_id == SHARD for letter in emitted.letters)


def test_batches_and_restarts_change_nothing() -> None:
    whole = batch(*RECORDS)
    plan = application(each(plain))
    once = Engine(plan).add(whole)
    engine, rows, letters = Engine(plan), [], []
    for i in range(len(whole)):
        emitted = engine.add(whole.take([i]))
        rows += list(emitted.rows)
        letters += emitted.letters
        state, engine = engine.dump(), Engine(plan)
        engine.load(state)
    assert [row.id for row in rows] == [row.id for row in once.rows]
    assert sorted(map(repr, letters)) == sorted(map(repr, once.letters))


def test_the_control_a_function_that_counts_is_not_exact() -> None:
    count = 0

    def impure(record: dict[str, Any]) -> Answer:
        nonlocal count
        count += 1
        return answer(record, data=json.dumps({"x": count}).encode())

    plan, two = application(each(impure)), batch(b"{}", b"{}")
    first = [row.values["X"] for row in Engine(plan).add(two).rows]
    assert first != [row.values["X"] for row in Engine(plan).add(two).rows]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (None, 'the answer is not {"records": [...]}'),
        ({"records": []}, "the answer does not have it"),
        ({"records": [{"recordId": "7"}]}, "the answer has a record '7' that nobody gave it"),
        ({"records": ["a"]}, "the answer has a record None that nobody gave it"),
        (
            {"records": [{"recordId": "100", "result": "ok"}]},
            "result is 'ok'; it has to be Ok, Dropped or ProcessingFailed",
        ),
        (
            {"records": [{"recordId": "100", "result": "Ok", "data": b"aa"}]},
            "data is a bytes; it has to be text in base64",
        ),
        ({"records": [{"recordId": "100", "result": "Ok", "data": "*"}]}, "data is not base64"),
        ({"records": [{"recordId": "100", "result": "Dropped"}] * 2}, "the answer has it twice"),
    ],
)
def test_answers_that_cannot_be_used(made: Any, reason: str) -> None:
    done = preprocess(batch(b"{}"), Preprocessor("m:f", lambda *_: made), "a")
    assert done.failed == [(0, f"m:f: {reason}")]
    assert len(done.records) == len(done.places) == 0


def test_exit_is_a_failure_of_the_record() -> None:
    def leaves(*_: Any) -> None:
        raise SystemExit(3)

    done = preprocess(batch(b"{}", b"{}"), Preprocessor("m:f", leaves), "a")
    assert [place for place, _ in done.failed] == [0, 1]


def test_all_dropped() -> None:
    emitted = Engine(application(each(lambda r: answer(r, "Dropped")))).add(batch(b"{}", b"{}"))
    assert (list(emitted.rows), emitted.letters) == ([], [])


def test_modules_of_two_folders_may_have_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "before_sql.py").write_text(f"def f(event, context): return {name!r}\n")
    for name in ("one", "two", "one"):
        found = load_preprocessor("before_sql:f", folder=tmp_path / name)
        assert found.handler({}, None) == name


def test_functions_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "spoilt.py").write_text("1 / 0\n")
    (tmp_path / "good.py").write_text("value = 3\n")
    (tmp_path / "json.py").write_text("def f(event, context): ...\n")
    (tmp_path / "processor.py").write_text("def f(event, context): ...\n")
    for name, reason in (
        ("none", "names no function"),
        ("no_such_module:f", "no_such_module cannot be imported: ModuleNotFoundError"),
        ("spoilt:f", "spoilt cannot be imported: ZeroDivisionError: division by zero"),
        ("good:value", "has no function value"),
        ("json:f", "has the name of one that this program uses itself"),
        ("processor:f", "has the name of one that this program uses itself"),
    ):
        with pytest.raises(ConfigError, match=reason) as caught:
            preprocessed(workshop_application(), name, tmp_path)
        assert caught.value.remedy

"""Lines of a file to records: as the API and the AWS CLI write them, or bare data."""

import base64
import json
from typing import Any

import pytest

from fleet.errors import ConfigError
from wildrydes.trial.record_file import SHARD, START_MS, FileRecord, read_records


def read(*lines: Any, **times: int) -> list[FileRecord]:
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return list(read_records([text + b"\n" for text in texts], "in.jsonl", **times))


def record(arrival: Any, **more: Any) -> dict[str, Any]:
    return {"ApproximateArrivalTimestamp": arrival, "PartitionKey": "a", "Data": {}, **more}


@pytest.mark.parametrize(
    ("arrival", "arrival_ms"),
    [
        (1767225600.123, 1767225600123),
        (1767225600, 1767225600000),
        ("2026-01-01T00:00:00.123000+00:00", 1767225600123),
        ("2026-01-01T02:00:00.123+02:00", 1767225600123),
        ("2026-01-01 00:00:00.123", 1767225600123),
    ],
)
def test_forms_of_the_time(arrival: Any, arrival_ms: int) -> None:
    assert read(record(arrival))[0].arrival_ms == arrival_ms


def test_forms_of_the_data() -> None:
    coded = base64.b64encode(b"\x00abc").decode()
    records = read(
        b'{"ApproximateArrivalTimestamp": 1, "Data": { "x": 1.50 }}',
        record(2, Data=coded),
        {"ApproximateArrivalTimestamp": 3, "Text": "a,b"},
        record(4, Data=[1]),
    )
    assert [r.data for r in records] == [b'{ "x": 1.50 }', b"\x00abc", b"a,b", b"[1]"]
    assert {r.shard_id for r in records} == {SHARD}
    assert [r.sequence_number for r in records] == ["1", "2", "3", "4"]


def test_bare_records_come_at_an_interval() -> None:
    records = read({"x": 1}, b"", b"not JSON", start_ms=5000, interval_ms=250)
    assert [(r.line, r.arrival_ms, r.data) for r in records] == [
        (1, 5000, b'{"x": 1}'),
        (3, 5250, b"not JSON"),
    ]
    assert read({"Data": 1})[0].arrival_ms == START_MS


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([record(1), {"x": 1}], "in.jsonl:2: not a record as GetRecords returns it: "),
        ([record(1), b"{"], "in.jsonl:2: not a record"),
        ([record(1), record(2, Data="no base64!")], "in.jsonl:2: .*for plain text, write Text"),
        ([record(1), record(True)], "in.jsonl:2: "),
        ([record(1767225600123)], "in.jsonl:1: .*seconds since 1970"),
        ([record("yesterday")], "in.jsonl:1: .*yesterday"),
        ([record(1, SequenceNumber="x")], "in.jsonl:1: SequenceNumber is 'x'"),
        ([record(2), b"", record(1)], "in.jsonl:3: this record arrived before that of line 1"),
        ([record(1, ShardId="a"), record(2)], "in.jsonl:2: some records have a ShardId"),
    ],
)
def test_lines_that_are_no_records(lines: list[Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(*lines)


def test_bare_records_end_with_the_calendar() -> None:
    with pytest.raises(ConfigError, match=r"in\.jsonl:2: .*after the year 9999"):
        read({}, {}, start_ms=253_402_300_799_999)


def test_shards_have_an_order_of_their_own() -> None:
    assert len(read(record(2, ShardId="a"), record(1, ShardId="b"))) == 2

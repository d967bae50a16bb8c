"""Schemas discovered from samples: each hand-worked, and read back by the reader of schemas."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from analytics_sql.input_schema import InputSchema
from fleet.errors import ConfigError
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import client
from wildrydes import cli
from wildrydes.discovery.column_name import column_name
from wildrydes.discovery.discovery import discover
from wildrydes.discovery.schema import Discovered

PAGE = Path(__file__).parents[3] / "docs/sql/moving-in.md"


def found(*records: Any, row_path: str | None = None) -> Discovered:
    """What these records say; those that are no bytes as JSON."""
    data = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
    made = discover(data, row_path)
    # Whatever is found has to be a schema.
    read = InputSchema.from_json(made.schema, where="test")
    assert [column.name for column in read.columns] == [column.name for column in made.columns]
    return made


def columns(made: Discovered) -> list[tuple[str, ...]]:
    return [tuple(each for each in (c.name, c.sql_type, c.mapping) if each) for c in made.columns]


def test_nested_members() -> None:
    made = found(
        {
            "seen": "2026-01-01 00:00:00",
            "user": {"name": "Arion", "id": 5_000_000_000},
            "name": "x",
        },
        {"seen": "2026-01-01T00:00:01.5", "user": {"name": "Balios", "id": 1}, "up": True},
    )
    assert columns(made) == [
        ("seen", "TIMESTAMP", "$.seen"),
        ("name", "VARCHAR(16)", "$.user.name"),
        ("id", "BIGINT", "$.user.id"),
        ("name_2", "VARCHAR(4)", "$.name"),
        ("up", "BOOLEAN", "$.up"),
    ]


def test_an_array_of_objects_makes_rows() -> None:
    made = found({"id": 1, "items": [{"id": 7, "price": 1.5}, {"id": 8, "price": 2}]})
    assert columns(made) == [
        ("id", "INTEGER", "$.id"),
        ("items_id", "INTEGER", "$.items[0:].id"),
        ("price", "DOUBLE", "$.items[0:].price"),
    ]


def test_rows_that_are_all_of_a_record() -> None:
    made = found({"body": {"records": [{"x": 1}, {"x": 2}]}}, {"body": {"records": [{"x": 3}]}})
    assert made.format["MappingParameters"] == {
        "JSONMappingParameters": {"RecordRowPath": "$.body.records"}
    }
    assert columns(made) == [("x", "INTEGER", "$.x")]


def test_a_row_path_that_is_given() -> None:
    record = {"meta": 1, "body": [{"x": 1}, {"x": "a"}]}
    made = found(record, row_path="$.body")
    assert columns(made) == [("x", "VARCHAR(64)", "$.x")]
    assert made.columns[0].note == "values of several kinds: integer, text"
    for path in ("body", "$.a[0:].b"):
        with pytest.raises(ConfigError, match="is no path"):
            found(record, row_path=path)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("timestamp", "COL_timestamp"),
        ("value", "COL_value"),
        ("Order", "COL_Order"),
        ("ROWTIME", "COL_ROWTIME"),
        ("shard_id", "COL_shard_id"),
        ("a b", "COL_a_b"),
        ("1st", "COL_1st"),
        ("größe", "COL_gr_e"),
        ("", "COL_"),
        ("_id", "_id"),
        ("Distance", "Distance"),
        ("x" * 200, "x" * 128),
    ],
)
def test_names(name: str, column: str) -> None:
    assert column_name(name, ()) == column
    assert column_name(name, {column}) != column


def test_reserved_names_keep_their_path() -> None:
    assert columns(found({"timestamp": 1, "a b": 2, "it's": 3})) == [
        ("COL_timestamp", "INTEGER", "$.timestamp"),
        ("COL_a_b", "INTEGER", "$['a b']"),
    ]
    assert found({"x": 1, "it's": 3}).notes == [
        'left out: "it\'s": no path of a schema can name it'
    ]


@pytest.mark.parametrize(
    ("values", "sql_type"),
    [
        ([1, 2], "INTEGER"),
        ([1, 2**31], "BIGINT"),
        ([1, 2**63], "DOUBLE"),
        ([1, 1.5], "DOUBLE"),
        ([True, None], "BOOLEAN"),
        ([None], "VARCHAR(64)"),
        ([1, "a"], "VARCHAR(64)"),
        ([1, True], "VARCHAR(64)"),
        ([[1], []], "VARCHAR(4096)"),
        (["2026-01-01 00:00:00", None], "TIMESTAMP"),
        (["2026-01-01 00:00:00", "soon"], "VARCHAR(32)"),
        (["2026-01-01T00:00:00Z"], "VARCHAR(32)"),
        (["Bucephalus"], "VARCHAR(16)"),
        (["x" * 60_000], "VARCHAR(65535)"),
    ],
)
def test_types(values: list[Any], sql_type: str) -> None:
    assert columns(found(*[{"x": value} for value in values])) == [("x", sql_type, "$.x")]


def test_csv_with_a_row_of_names() -> None:
    made = found(b"name,timestamp,distance", b"Arion,2026-01-01 00:00:00,3.5", b"Balios,,4")
    assert columns(made) == [
        ("name", "VARCHAR(16)"),
        ("COL_timestamp", "TIMESTAMP"),
        ("distance", "DOUBLE"),
    ]
    assert made.notes == ["the first row names the columns; where it comes as a record, it is data"]


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_csv_without_names(delimiter: str) -> None:
    rows = [f"{i}{delimiter}b{i}{delimiter}true" for i in range(3)]
    made = found("\n".join(rows[:2]).encode(), rows[2].encode())
    assert columns(made) == [("COL1", "INTEGER"), ("COL2", "VARCHAR(4)"), ("COL3", "BOOLEAN")]
    parameters = made.format["MappingParameters"]["CSVMappingParameters"]
    assert parameters["RecordColumnDelimiter"] == delimiter


def test_rows_of_other_lengths_are_said() -> None:
    assert found(b"1,2", b"3,4", b"5").notes == ["1 of 3 rows have another number of fields than 2"]


@pytest.mark.parametrize(
    "records",
    [
        [b"\xff\xfe\xfd"],
        [b"\0\0\0"],
        [b"{}"],
        [b'{"it\'s": 1}'],
    ],
)
def test_records_that_say_nothing(records: list[bytes]) -> None:
    with pytest.raises(ConfigError) as caught:
        found(*records)
    assert caught.value.remedy


def test_hostile_records() -> None:
    """None of these keeps the good ones from being read."""
    hostile = [
        b'{"a":' * 50_000,
        b'{"x": 1e999}',
        b'{"x": ' + b"9" * 5_000 + b"}",
        b'{"x": 1, "x": 2, "\\u0000": 3, "\\u001b[2J": 4, "' + b"n" * 5000 + b'": 5}',
        b"\xff",
        json.dumps({"deep": eval("[" * 60 + "]" * 60)}).encode(),
    ]
    made = found(*hostile, *[{"x": i} for i in range(10)])
    assert made.columns[0].name == "x"
    assert all(len(column.name) <= 128 for column in made.columns)


def test_more_members_than_columns_may_be() -> None:
    made = found({f"c{i}": i for i in range(1500)})
    assert len(made.columns) == 1000
    assert made.notes == ["left out: all after 1000 columns"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


RECORDS = JSON.map(lambda value: json.dumps(value).encode()) | st.binary()


@settings(deadline=None, max_examples=50)
@given(st.lists(RECORDS | st.text().map(str.encode), min_size=1))
def test_anything_gives_a_schema_or_a_clear_word(records: list[bytes]) -> None:
    with suppress(ConfigError):
        found(*records)


def sql(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main(["sql", "discover", *words])
    shown = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, shown.out, shown.err


def test_the_example_of_the_docs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text()
    (records,) = re.findall(r"^```jsonl\n(.*?)^```", text, re.M | re.S)
    (shown,) = re.findall(r"^```text\n(column .*?)^```", text, re.M | re.S)
    (tmp_path / "records.jsonl").write_text(records)
    code, out, _ = sql(capsys, "--input", "records.jsonl", "--output", "my-application")
    lines = [line.rstrip() for line in out.splitlines()]
    assert (code, lines) == (0, [line.rstrip() for line in shown.splitlines()])
    written = json.loads((tmp_path / "my-application/schema.json").read_bytes())
    assert json.loads(sql(capsys, "--input", "records.jsonl", "--json")[1]) == written
    code, _, errors = sql(capsys, "--input", "records.jsonl", "--output", "my-application")
    assert code == 1
    assert "is there already" in errors


def test_nothing_to_discover_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none.jsonl").write_text("")
    code, _, errors = sql(capsys, "--input", str(tmp_path / "none.jsonl"))
    assert code == 1
    assert "the input has no records to discover a schema from" in errors
    assert sql(capsys)[0] == 2


def test_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """Of both shards; and an empty one says that it is."""
    with kinesis_endpoint() as url:
        kinesis = client("kinesis", url)
        kinesis.create_stream(StreamName="rides", ShardCount=2)
        flags = ("--stream", "rides", "--endpoint-url", url)
        code, _, errors = sql(capsys, *flags)
        assert code == 1
        assert "stream rides has no records to discover a schema from" in errors
        for number in range(20):
            data = json.dumps({"x": number, f"y{number % 2}": "a"}).encode()
            kinesis.put_record(StreamName="rides", Data=data, PartitionKey=str(number))
        code, out, _ = sql(capsys, *flags, "--json")
        names = [column["Name"] for column in json.loads(out)["RecordColumns"]]
        assert (code, sorted(names)) == (0, ["x", "y0", "y1"])
        code, _, errors = sql(capsys, "--stream", "none", "--endpoint-url", url)
        assert (code, "there is no stream none" in errors) == (1, True)

"""The schema of the Kinesis Analytics API, and everything that can be wrong with one."""

import json
from pathlib import Path
from typing import Any

import pytest

from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import EACH, CsvFormat
from analytics_sql.types import DOUBLE, Kind, SqlType
from fleet.errors import ConfigError

NAME = {"Name": "Name", "SqlType": "VARCHAR(16)", "Mapping": "$.Name"}
NAME_OF_A = {**NAME, "Mapping": "$.a[0:].name"}
NAME_OF_B = {**NAME, "Name": "other", "Mapping": "$.b[0:].name"}


def _schema(**changes: Any) -> dict[str, Any]:
    return {
        "RecordFormat": {
            "RecordFormatType": "JSON",
            "MappingParameters": {"JSONMappingParameters": {"RecordRowPath": "$"}},
        },
        "RecordEncoding": "UTF-8",
        "RecordColumns": [NAME],
        **changes,
    }


def test_columns_keep_their_order_case_and_path() -> None:
    columns = [NAME, {"Name": "lat", "SqlType": "double", "Mapping": "$.position.lat"}]
    assert InputSchema.from_json(_schema(RecordColumns=columns), where="x") == InputSchema(
        (
            SourceColumn("Name", SqlType(Kind.VARCHAR, 16), ("Name",)),
            SourceColumn("lat", DOUBLE, ("position", "lat")),
        )
    )


def test_what_the_api_leaves_optional() -> None:
    bare = _schema(RecordFormat={"RecordFormatType": "JSON"})
    del bare["RecordEncoding"]
    assert len(InputSchema.from_json(bare, where="x").columns) == 1


def _json_format(row_path: str) -> dict[str, Any]:
    parameters = {"JSONMappingParameters": {"RecordRowPath": row_path}}
    return {"RecordFormatType": "JSON", "MappingParameters": parameters}


def _csv_format(rows: str, columns: str) -> dict[str, Any]:
    parameters = {"RecordRowDelimiter": rows, "RecordColumnDelimiter": columns}
    return {
        "RecordFormatType": "CSV",
        "MappingParameters": {"CSVMappingParameters": parameters},
    }


def test_csv_columns_have_the_numbers_of_their_fields() -> None:
    columns = [{"Name": "a", "SqlType": "DOUBLE"}, {"Name": "b", "SqlType": "DOUBLE"}]
    value = _schema(RecordFormat=_csv_format("\\n", "\\t"), RecordColumns=columns)
    schema = InputSchema.from_json(value, where="x")
    assert schema.format == CsvFormat("\n", "\t")
    assert [column.path for column in schema.columns] == [(0,), (1,)]


@pytest.mark.parametrize(
    ("row_path", "mapping", "path"),
    [
        ("$", "$", ()),
        ("$", "$.a[0:].b", ("a", EACH, "b")),
        ("$", "$.a[0:]", ("a",)),
        ("$.a", "$.b", ("b",)),
        ("$.a[0:]", "$.a[0:].b", ("b",)),
        ("$.a[0:]", "$.a.b", ("b",)),
        ("$.a[0:]", "$.ab", ("ab",)),
    ],
)
def test_mappings_under_a_row_path(row_path: str, mapping: str, path: object) -> None:
    columns = [{**NAME, "Mapping": mapping}]
    value = _schema(RecordFormat=_json_format(row_path), RecordColumns=columns)
    assert InputSchema.from_json(value, where="x").columns[0].path == path


def test_a_whole_input_with_its_name() -> None:
    schema = InputSchema.from_json(
        {"NamePrefix": "rides", "InputSchema": _schema(), "InputParallelism": {"Count": 1}},
        where="x",
    )
    assert schema.name_prefix == "rides"
    assert schema.columns[0].name == "Name"


@pytest.mark.parametrize(
    ("value", "fragment"),
    [
        ([], "it is not a JSON object"),
        (_schema(RecordFormat=None), "RecordFormat has to be"),
        (_schema(RecordFormat={"RecordFormatType": "XML"}), "RecordFormatType is 'XML'"),
        (_schema(RecordFormat=_csv_format("", ",")), "RecordRowDelimiter is ''"),
        (_schema(RecordFormat=_csv_format("\n", '"')), "RecordColumnDelimiter is '\"'"),
        (_schema(RecordFormat=_csv_format(";", ";")), "are the same"),
        (_schema(RecordFormat={}), "RecordFormatType is None"),
        (_schema(RecordFormat=_json_format("a")), "RecordRowPath is 'a'"),
        (_schema(RecordFormat=_json_format("$.a[0:].b")), "RecordRowPath is '$.a[0:].b'"),
        ({"NamePrefix": 5, "InputSchema": _schema()}, "NamePrefix is 5"),
        (_schema(RecordEncoding="UTF-16"), "RecordEncoding is 'UTF-16'"),
        (_schema(RecordColumns=[]), "at least one column"),
        (_schema(RecordColumns={"a": 1}), "at least one column"),
        (_schema(RecordColumns=[1]), "number 1 is not a JSON object"),
        (_schema(RecordColumns=[{**NAME, "Name": ""}]), "number 1 has no Name"),
        (_schema(RecordColumns=[NAME, NAME]), "two columns have the Name 'Name'"),
        (_schema(RecordColumns=[{**NAME, "Name": "ROWTIME"}]), "has a ROWTIME already"),
        (_schema(RecordColumns=[{**NAME, "SqlType": "ROW"}]), "'Name': SqlType is 'ROW'"),
        (_schema(RecordColumns=[{**NAME, "SqlType": 5}]), "SqlType is 5"),
        (_schema(RecordColumns=[{**NAME, "Mapping": "Name"}]), "'Name': Mapping is 'Name'"),
        (_schema(RecordColumns=[{**NAME, "Mapping": "$.a[1:]"}]), "Mapping is '$.a[1:]'"),
        (_schema(RecordColumns=[{**NAME, "Mapping": "$.a[0:].b[0:].c"}]), "only one level of it"),
        (_schema(RecordColumns=[NAME_OF_A, NAME_OF_B]), "one array of a record can be made rows"),
        (_schema(RecordColumns=[{**NAME, "Mapping": "$.a..b"}]), "Mapping is '$.a..b'"),
        (_schema(RecordColumns=[{"Name": "Name", "SqlType": "BIGINT"}]), "Mapping is None"),
    ],
)
def test_refused(value: object, fragment: str) -> None:
    with pytest.raises(ConfigError) as caught:
        InputSchema.from_json(value, where="app.schema.json")
    assert "the schema app.schema.json" in str(caught.value)
    assert fragment in str(caught.value)
    assert caught.value.remedy


def test_all_problems_are_told_at_once() -> None:
    columns = [{**NAME, "SqlType": "ROW"}, {**NAME, "Mapping": 3}]
    with pytest.raises(ConfigError) as caught:
        InputSchema.from_json(_schema(RecordEncoding="x", RecordColumns=columns), where="x")
    assert len(str(caught.value).splitlines()) == 4


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.schema.json"
    path.write_text(json.dumps(_schema()))
    assert InputSchema.read(path).columns[0].name == "Name"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_not_json(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.schema.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"a\.schema\.json is not JSON"):
        InputSchema.read(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no schema"):
        InputSchema.read(tmp_path / "a.schema.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        InputSchema.read(tmp_path)

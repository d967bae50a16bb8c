"""Reference tables: what their files may hold, and what a row sees of a table that changes."""

from pathlib import Path
from typing import Any

import pytest

from analytics_sql.application_file import load_application
from analytics_sql.plan import ReferenceTable
from fleet.errors import ConfigError
from processor.engine import Engine
from processor.reference_tables import decode_table, read_table, ready_engine
from tests.processor.engine.runs import Record, batch_of

SQL = """
CREATE STREAM D (N INTEGER, ZONE VARCHAR(16));
CREATE PUMP P AS INSERT INTO D
SELECT STREAM s.N, z.ZONE FROM "SOURCE_SQL_STREAM_001" AS s LEFT JOIN ZONES AS z ON s.K = z.K;
"""
MANIFEST = """
[input]
schema = "schema.json"

[[reference]]
name = "ZONES"
source = "zones.csv"
schema = "zones.schema.json"
"""
SCHEMA = """{"RecordFormat": {"RecordFormatType": "JSON"}, "RecordColumns": [
    {"Name": "K", "SqlType": "INTEGER", "Mapping": "$.K"},
    {"Name": "N", "SqlType": "INTEGER", "Mapping": "$.N"}]}"""
ZONES = """{"RecordFormat": {"RecordFormatType": "CSV", "MappingParameters": {
    "CSVMappingParameters": {"RecordRowDelimiter": "\\n", "RecordColumnDelimiter": ","}}},
    "RecordColumns": [
    {"Name": "K", "SqlType": "INTEGER"}, {"Name": "ZONE", "SqlType": "VARCHAR(16)"}]}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.sql").write_text(SQL)
    (tmp_path / "application.toml").write_text(MANIFEST)
    (tmp_path / "schema.json").write_text(SCHEMA)
    (tmp_path / "zones.schema.json").write_text(ZONES)
    (tmp_path / "zones.csv").write_text("1,North\n2,South\n")
    return tmp_path


def rows_of(engine: Engine, number: int, key: int) -> list[dict[str, Any]]:
    data = f'{{"K": {key}, "N": {number}}}'.encode()
    emitted = engine.add(batch_of([Record(number, 1000 + number, data)]))
    assert not emitted.letters
    return [dict(row.values) for row in emitted.rows]


def zones(folder: Path) -> ReferenceTable:
    (table,) = load_application(folder).tables
    return table


def test_a_row_sees_the_table_as_it_is_when_the_row_comes(folder: Path) -> None:
    engine = ready_engine(load_application(folder))
    assert rows_of(engine, 1, 1) == [{"N": 1, "ZONE": "North"}]
    assert rows_of(engine, 2, 3) == [{"N": 2, "ZONE": None}]
    (folder / "zones.csv").write_text("3,West\n1,East\n1,North\n")
    assert rows_of(engine, 3, 3) == [{"N": 3, "ZONE": None}]
    engine.tables["ZONES"].replace(*read_table(zones(folder)))
    assert rows_of(engine, 4, 3) == [{"N": 4, "ZONE": "West"}]
    assert rows_of(engine, 5, 1) == [{"N": 5, "ZONE": "East"}, {"N": 5, "ZONE": "North"}]
    assert rows_of(engine, 6, 2) == [{"N": 6, "ZONE": None}]


def test_a_table_is_no_part_of_the_state(folder: Path) -> None:
    """A record that is read again after a restart gives its rows the same ids, with the table of
    then.
    """
    application = load_application(folder)
    engine = ready_engine(application)
    batch = batch_of([Record(1, 1001, b'{"K": 1, "N": 1}')])
    state = engine.dump()
    (before,) = engine.add(batch).rows
    (folder / "zones.csv").write_text("1,East\n")
    again = ready_engine(application)
    again.load(state)
    (after,) = again.add(batch).rows
    assert (before.id, before.values["ZONE"], after.values["ZONE"]) == (after.id, "North", "East")


def test_many_unknown_keys_are_not_remembered_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processor.operators.lookup.KEYS_MAX", 100)
    engine = ready_engine(load_application(folder))
    for number in range(10, 400):
        assert rows_of(engine, number, number) == [{"N": number, "ZONE": None}]
    assert rows_of(engine, 1, 1) == [{"N": 1, "ZONE": "North"}]


def test_an_empty_table_has_no_rows(folder: Path) -> None:
    (folder / "zones.csv").write_text("\n")
    assert rows_of(ready_engine(load_application(folder)), 1, 1) == [{"N": 1, "ZONE": None}]


def test_a_row_that_is_none_is_named(folder: Path) -> None:
    (folder / "zones.csv").write_text("1,North\ntwo,South\nthree,West\n")
    with pytest.raises(ConfigError, match=r"table ZONES: row 2 of .*zones.csv: .*'two'.*1 more"):
        ready_engine(load_application(folder))


def test_a_file_that_went_away_is_named(folder: Path) -> None:
    table = zones(folder)
    (folder / "zones.csv").unlink()
    with pytest.raises(ConfigError, match=r"table ZONES: .*zones.csv cannot be read") as caught:
        read_table(table)
    assert "application.toml" in (caught.value.remedy or "")


def test_json_is_a_line_a_row(folder: Path) -> None:
    (folder / "zones.schema.json").write_text(
        """{"RecordFormat": {"RecordFormatType": "JSON"}, "RecordColumns": [
        {"Name": "K", "SqlType": "INTEGER", "Mapping": "$.k"},
        {"Name": "ZONE", "SqlType": "VARCHAR(16)", "Mapping": "$.zone"}]}"""
    )
    lines = b'{"k": 1, "zone": "North"}\n\n{"zone": "South", "k": 2}\r\n'
    vectors, count = decode_table(zones(folder), lines)
    assert count == 2
    assert {name: vector.to_list() for name, vector in vectors.items()} == {
        "K": [1, 2],
        "ZONE": ["North", "South"],
    }


def test_a_json_array_is_taken_apart_by_its_row_path(folder: Path) -> None:
    (folder / "zones.schema.json").write_text(
        """{"RecordFormat": {"RecordFormatType": "JSON", "MappingParameters": {
        "JSONMappingParameters": {"RecordRowPath": "$.zones[0:]"}}}, "RecordColumns": [
        {"Name": "K", "SqlType": "INTEGER", "Mapping": "$.k"},
        {"Name": "ZONE", "SqlType": "VARCHAR(16)", "Mapping": "$.zone"}]}"""
    )
    text = b'{"zones": [\n {"k": 1, "zone": "North"},\n {"k": 2, "zone": "South"}\n]}'
    vectors, count = decode_table(zones(folder), text)
    assert (count, vectors["ZONE"].to_list()) == (2, ["North", "South"])

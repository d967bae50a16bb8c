"""What a row sees of a table, and of a table that changes."""

from pathlib import Path
from typing import Any

import pytest

from analytics_sql.application_file import load_application
from analytics_sql.plan import ReferenceTable
from fleet.errors import ConfigError
from processor.engine import Engine
from processor.reference_tables.engine import read_table, ready_engine
from tests.processor.engine.runs import Record, batch_of


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
    content = read_table(zones(folder))
    engine.tables["ZONES"].replace(content.vectors, content.count)
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


def test_a_file_that_went_away_is_named(folder: Path) -> None:
    table = zones(folder)
    (folder / "zones.csv").unlink()
    with pytest.raises(ConfigError, match=r"table ZONES: .*zones.csv cannot be read") as caught:
        read_table(table)
    assert "application.toml" in (caught.value.remedy or "")


def test_an_object_on_s3_is_not_read_without_aws(folder: Path) -> None:
    manifest = folder / "application.toml"
    manifest.write_text(manifest.read_text().replace("zones.csv", "s3://stable/maps/zones.csv"))
    with pytest.raises(ConfigError, match=r"table ZONES: s3://stable/maps/zones.csv") as caught:
        ready_engine(load_application(folder))
    assert "--reference ZONES=zones.csv" in (caught.value.remedy or "")
    (folder / "copy.csv").write_text("1,Copy\n")
    references = {"zones": str(folder / "copy.csv")}
    engine = ready_engine(load_application(folder, references=references))
    assert rows_of(engine, 1, 1) == [{"N": 1, "ZONE": "Copy"}]


def test_a_reference_that_is_no_table_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no reference table HERDS") as caught:
        load_application(folder, references={"HERDS": "herds.csv"})
    assert caught.value.remedy == "its application.toml has ZONES"

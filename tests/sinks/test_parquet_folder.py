"""Rows as Parquet, read by DuckDB: types, names of files, rows of another version of the SQL."""

import asyncio
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from fleet.errors import ConfigError, FleetError, RowRefused, Superseded
from fleet.row import Row, Value
from fleet.row_mark import row_mark
from sinks.parquet_folder import ParquetFolder
from sinks.row_columns import RowColumn, columns_together

START_MS = 1_767_225_600_000
KINDS: dict[str, tuple[Value, object]] = {
    "TINYINT": (-128, -128),
    "SMALLINT": (32767, 32767),
    "INTEGER": (-(2**31), -(2**31)),
    "BIGINT": (2**63 - 1, 2**63 - 1),
    "REAL": (0.5, 0.5),
    "DOUBLE": (0.1, 0.1),
    "DECIMAL(10,2)": (Decimal("12.50"), Decimal("12.50")),
    "DECIMAL(5)": (12345, Decimal("12345")),
    "BOOLEAN": (True, True),
    "VARCHAR(16)": ("☃", "☃"),
    "CHAR(3)": ("abc", "abc"),
    "TIMESTAMP": ("2026-01-01 00:01:00.250", datetime(2026, 1, 1, 0, 1, 0, 250_000)),
    "DATE": ("2026-01-01", date(2026, 1, 1)),
    "TIME": ("00:01:00.250", "00:01:00.250"),
    "INTERVAL DAY TO SECOND": ("1 00:00:00", "1 00:00:00"),
}
WRONG: dict[str, Value] = {
    "TINYINT": 128,
    "BIGINT": 2**63,
    "DOUBLE": "far",
    "DECIMAL(10,2)": Decimal("1234567890.00"),
    "BOOLEAN": "yes",
    "VARCHAR(16)": 7,
    "TIMESTAMP": "noon",
    "DATE": "2026-13-01",
}


def row(rowtime_ms: int, key: str = "a", stream: str = "OUT", **values: Value) -> Row:
    return Row(f"app/{stream}/{rowtime_ms}/{key}", stream, rowtime_ms, values)


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


async def test_every_type(tmp_path: Path) -> None:
    columns = [RowColumn(kind, kind) for kind in KINDS]
    sink = ParquetFolder(tmp_path, {"OUT": columns})
    await sink.open()
    one = row(START_MS, **{kind: value for kind, (value, _) in KINDS.items()})
    nothing = row(START_MS + 59_999, **dict.fromkeys(KINDS))
    await sink.write([one, nothing])
    file = tmp_path / "OUT" / "day=2026-01-01" / "00-00.parquet"
    found = duckdb.sql(f"SELECT * EXCLUDE (day) FROM read_parquet('{file}')").fetchall()
    assert found == [
        (*(wanted for _, wanted in KINDS.values()), row_mark(one.id)),
        (*[None] * len(KINDS), row_mark(nothing.id)),
    ]
    assert files(tmp_path) == ["OUT/day=2026-01-01/00-00.parquet", "writer.epoch"]


@pytest.mark.parametrize("kind", WRONG)
async def test_a_value_that_is_none_of_its_type_is_refused_alone(tmp_path: Path, kind: str) -> None:
    sink = ParquetFolder(tmp_path, {"OUT": [RowColumn("V", kind)]})
    await sink.open()
    good, bad = row(START_MS, "good", V=KINDS[kind][0]), row(START_MS, "bad", V=WRONG[kind])
    with pytest.raises(RowRefused, match="refuses 1 of 2 rows") as error:
        await sink.write([bad, good])
    assert error.value.refused == [(bad.id, f"V: {WRONG[kind]!r} is no {kind}")]
    [found] = duckdb.sql(f"SELECT V FROM read_parquet('{tmp_path}/OUT/*/*')").fetchall()
    assert found == (KINDS[kind][1],)


async def test_streams_and_minutes_have_files_of_their_own(tmp_path: Path) -> None:
    n = [RowColumn("N", "BIGINT")]
    sink = ParquetFolder(tmp_path, {"A": n, "B": n})
    await sink.open()
    day_ms = 86_400_000
    await sink.write(
        [
            row(START_MS, stream="A", N=1),
            row(START_MS + day_ms - 1, stream="A", N=2),
            row(START_MS, stream="B", N=3),
            row(10**15, stream="B", N=4),
        ]
    )
    assert files(tmp_path) == [
        "A/day=2026-01-01/00-00.parquet",
        "A/day=2026-01-01/23-59.parquet",
        "B/day=2026-01-01/00-00.parquet",
        "B/day=9999-12-31/23-59.parquet",
        "writer.epoch",
    ]


async def test_the_documented_query_reads_it(tmp_path: Path) -> None:
    columns = [RowColumn("Name", "VARCHAR(16)"), RowColumn("Distance", "INTEGER")]
    sink = ParquetFolder(tmp_path / "alarms", {"ALARMS": columns})
    await sink.open()
    for minute in range(2):
        rowtime_ms = START_MS + minute * 60_000
        await sink.write([row(rowtime_ms, stream="ALARMS", Name="Shadowfax", Distance=30)])
    page = await asyncio.to_thread((Path(__file__).parents[2] / "docs/sinks.md").read_text)
    [query] = re.findall(r"^```sql\n([^`]*'alarms/[^`]*);\n```", page, re.MULTILINE)
    found = duckdb.sql(query.replace("'alarms/", f"'{tmp_path}/alarms/")).fetchall()
    assert found == [("Shadowfax", 60)]


async def test_a_new_version_of_the_sql_adds_to_a_minute_of_the_old(tmp_path: Path) -> None:
    old = ParquetFolder(tmp_path, {"OUT": [RowColumn("N", "BIGINT")]}, epoch=1)
    await old.open()
    await old.write([row(START_MS, "a", N=1), row(START_MS, "b", N=2)])
    more = [RowColumn("N", "BIGINT"), RowColumn("Name", "VARCHAR(9)")]
    new = ParquetFolder(tmp_path, {"OUT": more}, epoch=2)
    await new.open()
    await new.write([row(START_MS, "b", N=3, Name="x")])
    query = f"SELECT N, Name FROM read_parquet('{tmp_path}/OUT/*/*') ORDER BY N"
    assert duckdb.sql(query).fetchall() == [(1, None), (3, "x")]
    with pytest.raises(Superseded):
        await old.write([row(START_MS, "c", N=4)])
    other = ParquetFolder(tmp_path, {"OUT": [RowColumn("N", "VARCHAR(9)")]}, epoch=3)
    await other.open()
    with pytest.raises(FleetError, match="rows cannot be added") as error:
        await other.write([row(START_MS, "d", N="4")])
    assert "another folder" in str(error.value.remedy)


def test_columns_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"OUT has a column row_id"):
        ParquetFolder(tmp_path, {"OUT": [RowColumn("row_id", "BIGINT")]})
    one, other = [RowColumn("N", "BIGINT")], [RowColumn("N", "DOUBLE"), RowColumn("M", "DOUBLE")]
    assert columns_together({"A": one, "B": one}, []) == tuple(one)
    with pytest.raises(ConfigError, match=r"B\.N is DOUBLE, and BIGINT in another stream") as error:
        columns_together({"A": one, "B": other}, [])
    assert "--output STREAM=URL" in str(error.value.remedy)

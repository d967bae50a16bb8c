"""Joins with a reference table against DuckDB: random tables and streams with NULL keys,
duplicates, keys of several columns and keys that are computed, in every way in which records may
reach the engine.
"""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, ReferenceTable, SourceColumn
from analytics_sql.types import DOUBLE, INTEGER, Kind, SqlType
from tests.duckdb_rows import insert
from tests.processor.engine.runs import Record, all_at_once, in_every_way

COLUMNS = tuple(
    SourceColumn(name, type_, (name,))
    for name, type_ in (
        ("ID", INTEGER),
        ("K", SqlType(Kind.VARCHAR, 8)),
        ("J", INTEGER),
        ("X", DOUBLE),
    )
)
"""Of the stream and of the table: K, J and X are keys, ID tells the rows of each apart."""
CONDITIONS = (
    "s.K = z.K",
    "z.K = s.K AND s.J = z.J",
    "s.X = z.X",
    "s.J = z.X",
    "UPPER(s.K) = z.K",
    "s.J + 1 = z.J * 2 AND s.K = z.K",
    "s.K = z.K AND (s.J < z.J OR z.ID > 12)",
    "s.J < z.J",
    "s.K = z.K OR s.J IS NULL",
)

Found = tuple[int, int | None]
"""The ID of the stream's row and that of the table's."""


def application(kind: str, condition: str, folder: Path) -> Application:
    text = f"""
    CREATE STREAM D (S INTEGER, Z INTEGER);
    CREATE PUMP P AS INSERT INTO D
    SELECT STREAM s.ID, z.ID FROM "SOURCE_SQL_STREAM_001" AS s {kind} JOIN ZONES AS z
    ON {condition};
    """
    table = ReferenceTable("ZONES", COLUMNS, str(folder / "zones.jsonl"))
    return compile_application(text, name="lookups", schema=InputSchema(COLUMNS), tables=[table])


def random_row(rng: random.Random, number: int) -> dict[str, Any]:
    """Keys are few, so that many are equal."""
    return {
        "ID": number,
        "K": rng.choice(["k", "K", "j", "", "\u00e9", None]),
        "J": rng.choice([0, 1, 2, 3, None]),
        "X": rng.choice([-0.0, 1, 2.5, 1e300, None]),
    }


def theirs(
    stream: Sequence[dict[str, Any]], table: Sequence[dict[str, Any]], kind: str, condition: str
) -> list[Found]:
    """What DuckDB says, the rows of the table in their order."""
    with duckdb.connect() as connection:
        for name, rows in (("s", stream), ("z", table)):
            connection.execute(f"CREATE TABLE {name} (ID INTEGER, K TEXT, J INTEGER, X DOUBLE)")
            insert(connection, name, [tuple(row.values()) for row in rows])
        return connection.execute(
            f"SELECT s.ID, z.ID FROM s {kind} JOIN z ON {condition} ORDER BY s.ID, z.ID"
        ).fetchall()


def ours(application: Application, stream: Sequence[dict[str, Any]]) -> list[Found]:
    records = [Record(row["ID"], 1000 + row["ID"] // 3, json.dumps(row).encode()) for row in stream]
    rows = all_at_once(application, records).plain_rows
    settled = in_every_way(application, records)
    assert not settled.letters
    assert len({row.id for row in settled.plain_rows}) == len(rows)
    return [(row.values["S"], row.values["Z"]) for row in rows]


def check(seed: int, count: int, folder: Path) -> int:
    rng = random.Random(seed)
    kind, condition = rng.choice(["INNER", "LEFT"]), rng.choice(CONDITIONS)
    table = [random_row(rng, number) for number in range(rng.choice([0, 1, count // 2]))]
    stream = [random_row(rng, number) for number in range(count)]
    (folder / "zones.jsonl").write_text("\n".join(json.dumps(row) for row in table))
    found = ours(application(kind, condition, folder), stream)
    assert found == theirs(stream, table, kind, condition), (seed, kind, condition)
    return len(found)


def test_lookups_are_those_of_duckdb(tmp_path: Path) -> None:
    assert sum(check(seed, 30, tmp_path) for seed in range(12)) > 150


@pytest.mark.long
def test_many_lookups_are_those_of_duckdb(tmp_path: Path) -> None:
    assert sum(check(seed, 200, tmp_path) for seed in range(1000, 1060)) > 30_000


def test_another_table_is_not_the_same(tmp_path: Path) -> None:
    """The control: the comparison can fail."""
    rng = random.Random(5)
    table = [random_row(rng, number) for number in range(10)]
    stream = [random_row(rng, number) for number in range(30)]
    (tmp_path / "zones.jsonl").write_text("\n".join(json.dumps(row) for row in table))
    found = ours(application("LEFT", "s.K = z.K", tmp_path), stream)
    assert found == theirs(stream, table, "LEFT", "s.K = z.K")
    assert found != theirs(stream, table[1:], "LEFT", "s.K = z.K")
    assert found != theirs(stream, table, "LEFT", "s.K IS NOT DISTINCT FROM z.K")

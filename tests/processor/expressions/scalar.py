"""One scalar expression from its text to its values: compiled, run by the engine, put out."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics_sql.column_type import column_type
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import SourceColumn
from fleet.batch import Batch
from processor.engine import Engine

FAILS = "fails"

COLUMNS = {
    "tiny": "TINYINT",
    "small": "SMALLINT",
    "n": "INTEGER",
    "m": "INTEGER",
    "big": "BIGINT",
    "x": "DOUBLE",
    "y": "DOUBLE",
    "r": "REAL",
    "d": "DECIMAL(10,2)",
    "e": "DECIMAL(6,3)",
    "s": "VARCHAR(40)",
    "u": "VARCHAR(40)",
    "c": "CHAR(5)",
    "ok": "BOOLEAN",
    "at": "TIMESTAMP",
    "til": "TIMESTAMP",
    "day": "DATE",
    "clock": "TIME",
}
SCHEMA = InputSchema(
    tuple(SourceColumn(name, column_type(type), (name,)) for name, type in COLUMNS.items())
)
START_MS = 1_767_323_045_678
"""2026-01-02 03:04:05.678, the ROWTIME of every row."""

Row = dict[str, Any]


def engine_of(expression: str, type: str) -> Engine:
    """The engine of a text that selects the expression into a column of this type."""
    text = (
        f"CREATE STREAM OUT_ (A {type});"
        f"CREATE PUMP P AS INSERT INTO OUT_ SELECT STREAM {expression} FROM SOURCE_SQL_STREAM_001;"
    )
    return Engine(compile_application(text, name="scalar", schema=SCHEMA))


def outcomes(expression: str, type: str, rows: Sequence[Row] = ({},)) -> list[tuple[Any, str]]:
    """For each row the value that goes out and "", or FAILS and the reason."""
    count = len(rows)
    emitted = engine_of(expression, type).add(
        Batch(
            shard_id="shard-0",
            records=[json.dumps(row).encode() for row in rows],
            arrival_ms=np.full(count, START_MS),
            sequence_numbers=[str(number) for number in range(count)],
            partition_keys=["k"] * count,
            position=str(count),
        )
    )
    found: dict[int, tuple[Any, str]] = {
        int(letter.sequence_number): (FAILS, letter.reason) for letter in emitted.letters
    }
    good = [number for number in range(count) if number not in found]
    assert len(good) == len(emitted.rows)
    for number, row in zip(good, emitted.rows, strict=True):
        found[number] = (row.values["A"], "")
    return [found[number] for number in range(count)]


def values(expression: str, type: str, rows: Sequence[Row] = ({},)) -> list[Any]:
    """For each row the value that goes out, or FAILS."""
    return [value for value, _ in outcomes(expression, type, rows)]


def value(expression: str, type: str, **row: Any) -> Any:
    """The value of one row."""
    (only,) = values(expression, type, [row])
    return only

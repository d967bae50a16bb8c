"""DuckDB, in a file."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
from sqlglot import exp

from fleet.errors import FleetError
from labs.redshift.column import Column, Kind
from labs.redshift.load import Row
from labs.redshift.load_error import TABLE_DDL
from labs.redshift.table_definition import TableDefinition
from labs.redshift.warehouse import ROWS_MAX, Result, result

BATCH_ROWS: Final = 50_000

TYPES: Final[dict[Kind, Any]] = {
    "smallint": pl.Int16,
    "integer": pl.Int32,
    "bigint": pl.Int64,
    "real": pl.Float32,
    "double precision": pl.Float64,
    "boolean": pl.Boolean,
    "char": pl.String,
    "varchar": pl.String,
    "date": pl.Date,
    "timestamp": pl.Datetime("us"),
}


class DuckDbWarehouse:
    """`path` is made anew."""

    engine = "DuckDB"

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        self._connection = duckdb.connect(str(path))
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET errors_as_json = true")
        # As Redshift divides whole numbers.
        self._connection.execute("SET integer_division = true")
        self._connection.execute(TABLE_DDL)

    def create(self, table: TableDefinition) -> None:
        self._run(table.tree.sql("duckdb"))

    def load(self, table: str, columns: Sequence[Column], rows: Iterator[Row]) -> None:
        names = ", ".join(f'"{column.name}"' for column in columns)
        schema = {column.name: _type(column) for column in columns}
        self._run("BEGIN")
        try:
            while batch := list(islice(rows, BATCH_ROWS)):
                self._connection.register("batch", pl.DataFrame(batch, schema, orient="row"))
                self._run(f"INSERT INTO {_quoted(table)} ({names}) SELECT * FROM batch")
                self._connection.unregister("batch")
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def execute(self, tree: exp.Expr) -> Result | None:
        cursor = self._run(tree.sql("duckdb"))
        names = [str(column[0]) for column in cursor.description or ()]
        fetched = cursor.fetchmany(ROWS_MAX + 1)
        # What DuckDB answers to INSERT and its like is a count.
        return result(names, fetched) if isinstance(tree, exp.Query) else None

    def close(self) -> None:
        self._connection.close()

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(sql)
        except duckdb.Error as error:
            raise FleetError(
                f"DuckDB: {message_of(error)}", remedy=f"it was given: {sql}"
            ) from None


def message_of(error: duckdb.Error) -> str:
    """What it says, with `errors_as_json` set or not."""
    text = str(error)
    try:
        return str(json.loads(text[text.index("{") :])["exception_message"])
    except (ValueError, KeyError):
        return text


def _type(column: Column) -> Any:
    if column.kind == "decimal":
        return pl.Decimal(column.length, column.scale)
    return TYPES[column.kind]


def _quoted(table: str) -> str:
    return ".".join(f'"{part}"' for part in table.split("."))

"""Rows for DuckDB, the other engine of many tests."""

from collections.abc import Sequence
from typing import Any

import duckdb


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]
) -> None:
    """Rows into a table, all its columns in their order. As one list a column: `executemany` takes
    a statement a row, and for a few hundred rows eighty times as long.
    """
    if rows:
        lists = [list(values) for values in zip(*rows, strict=True)]
        marks = ", ".join(["unnest(?)"] * len(lists))
        connection.execute(f"INSERT INTO {table} SELECT {marks}", lists)

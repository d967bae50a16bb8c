"""A query over the archive with DuckDB."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from analytics_sql.athena.table import ArchiveTable
from analytics_sql.athena.translation import Translated, raise_at_name, translate
from fleet.errors import FleetError


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query."""

    names: Sequence[str]
    numeric: Sequence[str]
    """The columns of numbers."""
    rows: Sequence[tuple[Any, ...]]


class LocalQuery:
    """One query, translated; its hours are known before any object is read. Raises SqlErrors."""

    def __init__(self, text: str, dialect: str, table: ArchiveTable) -> None:
        self._connection = duckdb.connect()
        # Arrival times are UTC, whatever this machine's zone is.
        self._connection.execute("SET TimeZone = 'UTC'")
        known = self._connection.execute("SELECT lower(function_name) FROM duckdb_functions()")
        functions = {name for (name,) in known.fetchall()}
        self._table = table
        self._text = text
        self.translated: Translated = translate(text, dialect, table.athena_types, functions)

    def close(self) -> None:
        """Lets go of the memory."""
        self._connection.close()

    def hours(self, present: Sequence[int]) -> list[int]:
        """Those of the archive's hours that the query can need."""
        conditions = self.translated.conditions
        if None in conditions:
            return list(present)
        if not conditions or not present:
            return []
        rows = []
        for hour_ms in present:
            at = datetime.fromtimestamp(hour_ms // 1000, UTC)
            rows.append((at.year, at.month, at.day, at.hour, hour_ms))
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE archive_hours "
            "(year INTEGER, month INTEGER, day INTEGER, hour INTEGER, hour_ms BIGINT)"
        )
        self._connection.executemany("INSERT INTO archive_hours VALUES (?, ?, ?, ?, ?)", rows)
        anywhere = " OR ".join(f"({condition})" for condition in conditions)
        query = f"SELECT hour_ms FROM archive_hours WHERE {anywhere} ORDER BY hour_ms"
        return [hour_ms for (hour_ms,) in self._run(query).fetchall()]

    def run(self, files: Sequence[str]) -> Result:
        """The rows."""
        self._view(files)
        cursor = self._run(self.translated.sql)
        described = cursor.description or []
        numeric = [
            str(column[0])
            for column in described
            if str(column[1]).startswith(_NUMERIC) or "INT" in str(column[1])
        ]
        return Result([str(column[0]) for column in described], numeric, cursor.fetchall())

    def write(self, files: Sequence[str], path: Path, form: str) -> int:
        """Writes the rows into a file; returns how many there are."""
        self._view(files)
        options = {"csv": "FORMAT csv, HEADER", "json": "FORMAT json", "parquet": "FORMAT parquet"}
        target = str(path).replace("'", "''")
        copied = self._run(f"COPY ({self.translated.sql}) TO '{target}' ({options[form]})")
        [(count,)] = copied.fetchall()
        return int(count)

    def explain(self, files: Sequence[str]) -> str:
        """DuckDB's plan."""
        self._view(files)
        return str(self._run(f"EXPLAIN {self.translated.sql}").fetchall()[0][1])

    def _view(self, files: Sequence[str]) -> None:
        self._connection.execute(self._table.duckdb_view(files))

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(query)
        except duckdb.Error as error:
            message = str(error).splitlines()[0]
            named = re.search(r'"(\w+)"', message)
            if isinstance(error, duckdb.BinderException) and named is not None:
                raise_at_name(self._text, named[1], message)
            raise FleetError(
                f"DuckDB refuses the query: {message}",
                remedy=f"as it was translated: {self.translated.sql}",
            ) from None


_NUMERIC = ("DECIMAL", "DOUBLE", "FLOAT", "NUMBER", "HUGEINT")

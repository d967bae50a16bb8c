"""Where everything that was read is put side by side: a DuckDB in a folder of its own, which is
removed at the end. What does not fit into memory goes to disk.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import numpy as np

MEMORY_MAX: Final = "1GB"
"""Of DuckDB, beside what this process holds."""


class Database:
    """`with Database() as database:`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="wildrydes-verify-")
        folder = Path(self._folder.name)
        try:
            self._connection = duckdb.connect(folder / "verify.duckdb")
        except BaseException:
            self._folder.cleanup()
            raise
        self.execute(f"SET memory_limit = '{MEMORY_MAX}'")
        self.execute(f"SET temp_directory = '{folder / 'spilled'}'")
        self.execute("SET preserve_insertion_order = false")
        self.execute("SET error_on_division_by_zero = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A query may still run in its thread, when the user has had enough.
        self._connection.interrupt()
        self._connection.close()
        self._folder.cleanup()

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Runs statements that have no result."""
        self._connection.execute(sql, parameters or {})

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query that has few."""
        return self._connection.execute(sql, parameters or {}).fetchall()

    def number(self, sql: str, parameters: Mapping[str, Any] | None = None) -> int:
        """The one number that a query gives."""
        [(number,)] = self.rows(sql, parameters)
        return int(number or 0)

    def each(self, sql: str, size: int, take: Callable[[list[tuple[Any, ...]]], None]) -> None:
        """Hands the rows of a query to `take`, at most `size` at a time. `take` may insert."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(size):
                take(rows)
        finally:
            cursor.close()

    def function(
        self, name: str, function: Callable[..., Any], takes: Sequence[str], gives: str
    ) -> None:
        """Makes a Python function known to the SQL; NULLs are not handed to it."""
        self._connection.create_function(name, function, list(takes), gives)

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Appends rows, given column by column."""
        batch = {name: _array(values) for name, values in columns.items()}
        names = ", ".join(columns)
        # DuckDB finds `batch` by its name, as a table.
        self._connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM batch")
        del batch


def _array(values: Sequence[Any]) -> Any:
    """An array of objects: an array of NumPy's own choice would make floats of integers with NULL
    among them, and cut texts at a NUL.
    """
    array = np.empty(len(values), object)
    array[:] = values
    return array

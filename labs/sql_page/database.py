"""A DuckDB file that is asked from several requests at once. It reaches nothing but that file: not
the disk, not the network, no extension.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

import duckdb

from fleet.errors import ConfigError, FleetError
from labs.sql_page.trouble import sql_error

QUERIES_MAX: Final = 8
"""At once: each may take the memory that a query takes."""

SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "errors_as_json": "true",
}

TABLES: Final = """
SELECT c.schema_name, c.table_name, c.column_name, c.data_type, NOT c.is_nullable,
       t.table_name IS NULL, t.estimated_size
FROM duckdb_columns() c
LEFT JOIN duckdb_tables() t
    ON (c.database_name, c.schema_name, c.table_name)
     = (t.database_name, t.schema_name, t.table_name)
WHERE NOT c.internal AND c.database_name = current_database()
ORDER BY c.schema_name, c.table_name, c.column_index
"""


class Cancelled(FleetError):
    """A query was stopped."""


class TooManyQueries(FleetError):
    """As many queries run as may."""


@dataclass
class Table:
    """A table or a view."""

    schema: str
    name: str
    is_view: bool
    row_count: int | None
    """None: a view's are not known."""
    columns: list[dict[str, str | bool]] = field(default_factory=list)


@dataclass
class Query:
    """One that runs, or is about to."""

    cursor: duckdb.DuckDBPyConnection
    is_cancelled: bool = False
    is_done: bool = False

    def run(self, text: str) -> int:
        """Runs every statement; rows are the last one's. Returns how many statements there were.
        Raises SqlErrors, or Cancelled.
        """
        try:
            statements = self.cursor.extract_statements(text)
            for statement in statements:
                # One that is cancelled between two statements has nothing to interrupt.
                if self.is_cancelled:
                    raise Cancelled("cancelled")
                self.cursor.execute(statement)
        except duckdb.InterruptException:
            raise Cancelled("cancelled") from None
        except duckdb.Error as error:
            raise sql_error(text, error) from None
        return len(statements)

    def fetch(self, text: str, count: int) -> list[tuple[object, ...]]:
        """The next rows; a query goes on while they are fetched. Raises as `run` does."""
        try:
            return self.cursor.fetchmany(count)
        except duckdb.InterruptException:
            raise Cancelled("cancelled") from None
        except duckdb.Error as error:
            raise sql_error(text, error) from None

    def cancel(self) -> None:
        """Interrupts it. To be called until it is done: DuckDB forgets an interrupt that comes just
        before a statement begins.
        """
        self.is_cancelled = True
        if not self.is_done:
            self.cursor.interrupt()


class Database:
    """Raises ConfigError for a file that cannot be opened."""

    def __init__(self, path: Path, *, is_writable: bool = False) -> None:
        self.path = path
        self.is_writable = is_writable
        self._lock = Lock()
        self._queries: dict[str, Query] = {}
        self._connection, self._file = self._opened()

    def tables(self) -> list[Table]:
        """In the order of their names."""
        with self._cursor() as cursor:
            rows = cursor.execute(TABLES).fetchall()
        tables: dict[tuple[str, str], Table] = {}
        for schema, name, column, kind, is_required, is_view, count in rows:
            table = tables.setdefault(
                (schema, name), Table(schema, name, is_view, None if is_view else count)
            )
            table.columns.append({"name": column, "type": kind, "is_required": is_required})
        return list(tables.values())

    @contextmanager
    def query(self, query_id: str) -> Iterator[Query]:
        """One that `running` knows by its id for as long as this is entered. Raises TooManyQueries,
        or ConfigError when the file is gone.
        """
        with self._cursor() as cursor:
            query = Query(cursor)
            with self._lock:
                if len(self._queries) >= QUERIES_MAX or query_id in self._queries:
                    raise TooManyQueries(
                        f"{QUERIES_MAX} queries run already, or this one does",
                        remedy="cancel one, or wait",
                    )
                self._queries[query_id] = query
            try:
                yield query
            finally:
                with self._lock:
                    query.is_done = True
                    del self._queries[query_id]

    def running(self, query_id: str | None = None) -> list[Query]:
        """The query of this id, if it runs; without one all that run."""
        with self._lock:
            return [each for key, each in self._queries.items() if query_id in {None, key}]

    def close(self) -> None:
        """Lets go of the file; nothing runs any more."""
        self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock:
            self._follow()
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _follow(self) -> None:
        """A lab that runs again puts another file in the place of this one."""
        if self._queries or _identity(self.path) == self._file:
            return
        # First let go: within a process DuckDB knows a database by its path.
        self._connection.close()
        self._connection, self._file = self._opened()

    def _opened(self) -> tuple[duckdb.DuckDBPyConnection, tuple[int, int] | None]:
        identity = _identity(self.path)
        if identity is None:
            raise ConfigError(
                f"{self.path} is not there",
                remedy="`wildrydes lab run redshift` makes one; --database names another",
            )
        try:
            connection = duckdb.connect(
                str(self.path), read_only=not self.is_writable, config=SETTINGS
            )
            # Nothing that is typed into the page can undo the settings.
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            raise ConfigError(
                f"{self.path} cannot be opened: {str(error).splitlines()[0]}",
                remedy="it has to be a file of DuckDB's that no other process writes to",
            ) from None
        return connection, identity


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

"""A script's tables and queries on DuckDB."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import VARCHAR
from sqlglot import exp
from sqlglot.errors import ErrorLevel, UnsupportedError

from fleet.errors import ConfigError
from labs.cloudfront.engines.base import Result
from labs.cloudfront.engines.duckdb_rows import HEADER, MATCHED, UNMATCHED, TableRows, identifier
from labs.cloudfront.hive.script import Query, Script
from labs.cloudfront.hive.table import RegexTable, place
from labs.cloudfront.java_regex.pattern import whole
from labs.dataset import Say

NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL")
ROWS_AT_ONCE = 10_000
# What DuckDB says of a line -> what is wrong with it.
READ_FAULTS = {"Invalid unicode": "not UTF-8", "Maximum line size": "a line of more than 2 MB"}


@dataclass(frozen=True)
class LineCounts:
    """Of the lines of one table's files. `faulty` are lines that match, and have a text that is not
    of its column's type, which is NULL then; `faults` says how many for each of the columns.
    """

    lines: int
    headers: int
    unmatched: int
    faulty: int
    faults: dict[str, int]

    @property
    def matched(self) -> int:
        return self.lines - self.headers - self.unmatched

    @property
    def malformed(self) -> int:
        return self.unmatched + self.faulty

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "matched": self.matched}


@dataclass(frozen=True)
class Malformed:
    """A line that is not what the table expects: no match, or the named columns are not of their
    type.
    """

    file: str
    number: int
    line: str
    columns: Sequence[str]

    @property
    def reason(self) -> str:
        if not self.columns:
            return "does not match input.regex"
        return f"not of the column's type: {', '.join(self.columns)}"


class DuckDbEngine:
    """Reads the files once for each expression over a field, and once more; the columns that the
    queries name stay in memory, or in a temporary folder.
    """

    def __init__(self, script: Script, files: dict[str, list[Path]], say: Say) -> None:
        """`files` by the tables' names. Raises ConfigError for a file that cannot be read."""
        self._script = script
        self._folder = TemporaryDirectory(prefix="wildrydes-lab-")
        self._connection = duckdb.connect()
        self._connection.execute(f"SET temp_directory = '{self._folder.name}'")
        # It would be printed among the results.
        self._connection.execute("SET enable_progress_bar = false")
        self._tables = {
            name: (table, TableRows(table, files[name])) for name, table in script.tables.items()
        }
        needed = _needed(script)
        try:
            for table, rows in self._tables.values():
                self._load(table, rows, needed, say)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of memory and temporary files."""
        self._connection.close()
        self._folder.cleanup()

    def counts(self, name: str) -> LineCounts:
        """Of a table's lines."""
        kinds = {HEADER: 0, MATCHED: 0, UNMATCHED: 0}
        columns = self._tables[name][0].columns
        faults = {column.name: 0 for column in columns}
        faulty = 0
        for kind, mask, count in self._connection.execute(
            f"SELECT kind, faults, count(*) FROM {_rows(name)} GROUP BY ALL"
        ).fetchall():
            kinds[kind] += count
            faulty += count if mask else 0
            for column in _columns(columns, mask):
                faults[column] += count
        faults = {column: count for column, count in faults.items() if count}
        return LineCounts(sum(kinds.values()), kinds[HEADER], kinds[UNMATCHED], faulty, faults)

    def malformed(self, name: str) -> Iterator[Malformed]:
        """A table's malformed lines, in the order of files and lines: the files are read again."""
        table, rows = self._tables[name]
        found = self._connection.execute(
            f"SELECT DISTINCT file FROM {_rows(name)} WHERE kind = '{UNMATCHED}' OR faults <> 0 "
            "ORDER BY file"
        ).fetchall()
        for (file,) in found:
            cursor = self._connection.cursor()
            cursor.execute(
                f"SELECT number, line, faults FROM ({rows.rows((), [Path(file)])}) "
                f"WHERE kind = '{UNMATCHED}' OR faults <> 0 ORDER BY number"
            )
            while some := cursor.fetchmany(ROWS_AT_ONCE):
                for number, line, mask in some:
                    yield Malformed(file, number, line, _columns(table.columns, mask))

    def count(self, table: str) -> int:
        """The rows of a table, which are the lines of its files."""
        return self.counts(table).lines

    def query(self, query: Query) -> Result:
        """Raises SqlErrors."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(self._translated(query))
        except duckdb.Error as error:
            message = str(error).split("\n\n")[0].split("\nLINE ")[0].replace("\n", " ")
            raise self._script.source.error(f"DuckDB: {message}", query.base) from None
        described = cursor.description or []
        return Result(
            [str(column[0]).lower() for column in described],
            [str(c[0]).lower() for c in described if any(kind in str(c[1]) for kind in NUMERIC)],
            _fetched(cursor),
        )

    def _load(self, table: RegexTable, rows: TableRows, needed: set[str] | None, say: Say) -> None:
        every = {column.name.lower() for column in table.columns}
        columns = every if needed is None else every & needed
        lacks = table.pattern.re2_lacks
        if lacks is not None:
            say(f"{table.name}: line by line in Python, because the pattern is not RE2's: {lacks}")
            self._connection.create_function(
                rows.function, _groups(table), [VARCHAR], duckdb.list_type(VARCHAR),
                null_handling=FunctionNullHandling.SPECIAL,
            )  # fmt: skip
        try:
            for field, statement in rows.distinct.items():
                made = self._connection.execute(statement).fetchall()
                say(f"{table.name}: {made[0][0]:,} different values of field {field}")
            self._connection.execute(
                f"CREATE TABLE {_rows(table.name)} AS SELECT * REPLACE ("
                f"CASE WHEN kind = '{UNMATCHED}' OR faults <> 0 THEN file END AS file) "
                f"FROM ({rows.rows(columns)})"
            )
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            raise _unreadable(str(error)) from None
        kept = [
            identifier(column.name) for column in table.columns if column.name.lower() in columns
        ]
        self._connection.execute(
            f"CREATE VIEW {identifier(table.name)} AS SELECT {', '.join(kept) or 'NULL AS none'} "
            f"FROM {_rows(table.name)}"
        )

    def _translated(self, query: Query) -> str:
        source = self._script.source
        known = {
            str(name)
            for (name,) in self._connection.execute(
                "SELECT lower(function_name) FROM duckdb_functions()"
            ).fetchall()
        }
        for call in query.tree.find_all(exp.Anonymous):
            if call.name.lower() not in known:
                start, length = place(call)
                raise source.error(
                    f"DuckDB has no function {call.name}", query.base + start, length=length,
                    remedy="--engine spark may have it",
                )  # fmt: skip
        try:
            return query.tree.sql("duckdb", identify=True, unsupported_level=ErrorLevel.RAISE)
        except UnsupportedError as error:
            raise source.error(f"DuckDB has nothing for this: {error}", query.base) from None


def _rows(name: str) -> str:
    return identifier(f"{name.lower()}_rows")


def _needed(script: Script) -> set[str] | None:
    """Names of columns, and of other things; None when a query takes all there are."""
    names: set[str] = set()
    for query in script.queries:
        for star in query.tree.find_all(exp.Star):
            if not isinstance(star.parent, exp.Count):
                return None
        names.update(each.name.lower() for each in query.tree.find_all(exp.Identifier))
    return names


def _columns(columns: Sequence[Any], mask: int) -> list[str]:
    return [column.name for index, column in enumerate(columns) if int(mask) >> index & 1]


def _groups(table: RegexTable) -> Any:
    """A function of a line: its groups' texts, None when it does not match."""
    expression = re.compile(whole(table.pattern.node, "python"))

    def groups(line: str) -> list[str | None] | None:
        found = expression.match(line)
        return None if found is None else list(found.groups())

    return groups


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while some := cursor.fetchmany(ROWS_AT_ONCE):
        yield from some


def _unreadable(message: str) -> ConfigError:
    lines = message.splitlines()
    file = next((line.split("=", 1)[1].strip() for line in lines if "  file = " in line), None)
    at = re.search(r"CSV Error on Line: (\d+)", message)
    reason = lines[0]
    for start, told in READ_FAULTS.items():
        if any(line.startswith(start) for line in lines):
            reason = told
    where = "" if file is None else f"{file}{f':{at[1]}' if at else ''}: "
    return ConfigError(
        f"{where}{reason}",
        remedy="a log is lines of text; files named .gz are read as gzip",
    )

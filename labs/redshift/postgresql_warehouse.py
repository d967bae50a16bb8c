"""A PostgreSQL server, where psql, JDBC tools and Pgweb look at the tables as on Redshift."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from fleet.errors import ConfigError, FleetError
from labs.redshift.column import Column
from labs.redshift.load import Row
from labs.redshift.load_error import TABLE_DDL
from labs.redshift.table_definition import TableDefinition
from labs.redshift.warehouse import ROWS_MAX, Result, result
from sinks.postgresql_error import explained
from sinks.postgresql_table import check_conninfo, require_psycopg

if TYPE_CHECKING:
    from psycopg import Connection

CONNECT_TIMEOUT_S = 10


class PostgresWarehouse:
    """`conninfo` is a URL or keywords of libpq's. Tables that are there already are dropped only
    with `replaces`. Raises ConfigError when the server does not let us in.
    """

    engine = "PostgreSQL"

    def __init__(self, conninfo: str, *, replaces: bool) -> None:
        require_psycopg()
        import psycopg

        check_conninfo(conninfo, "--dsn")
        self.where = "the server of --dsn"
        self._replaces = replaces
        try:
            self._connection: Connection[Any] = psycopg.connect(
                conninfo, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
            )
        except psycopg.Error as error:
            raise _as_ours(error, self.where) from None
        info = self._connection.info
        self.where = f"{info.dbname} at {info.host}:{info.port}"
        self._run(TABLE_DDL)

    def create(self, table: TableDefinition) -> None:
        from psycopg.sql import SQL, Identifier

        name = Identifier(*table.name.split("."))
        found = self._run("SELECT to_regclass(%s)", [name.as_string(self._connection)]).fetchone()
        if found is not None and found[0] is not None:
            if not self._replaces:
                raise ConfigError(
                    f"table {table.name} is in {self.where} already",
                    remedy="--replace drops it and makes it anew",
                )
            self._run(SQL("DROP TABLE {}").format(name))
        self._run(_sorted_by_bytes(table.tree).sql("postgres"))

    def load(self, table: str, columns: Sequence[Column], rows: Iterator[Row]) -> None:
        import psycopg
        from psycopg.sql import SQL, Identifier

        statement = SQL("COPY {} ({}) FROM STDIN").format(
            Identifier(*table.split(".")),
            SQL(", ").join(Identifier(column.name) for column in columns),
        )
        try:
            with (
                self._connection.transaction(),
                self._connection.cursor() as cursor,
                cursor.copy(statement) as copy,
            ):
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            raise _as_ours(error, f"table {table} in {self.where}") from None

    def execute(self, tree: exp.Expr) -> Result | None:
        cursor = self._run(tree.sql("postgres"))
        if cursor.description is None:
            return None
        blank_padded = [column.type_code == _BPCHAR for column in cursor.description]
        # Blanks at the end of a char mean nothing, and DuckDB keeps none.
        fetched = [
            [
                value.rstrip(" ") if padded and value is not None else value
                for value, padded in zip(row, blank_padded, strict=True)
            ]
            for row in cursor.fetchmany(ROWS_MAX + 1)
        ]
        return result([column.name for column in cursor.description], fetched)

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: Any, values: Sequence[Any] | None = None) -> Any:
        import psycopg

        try:
            return self._connection.execute(statement, values)
        except psycopg.Error as error:
            raise _as_ours(error, self.where) from None


_BPCHAR = 1042
"""The type's number in pg_type."""


def _sorted_by_bytes(tree: exp.Create) -> exp.Create:
    """Redshift compares text byte by byte, whatever the server's language is."""
    copied = tree.copy()
    for definition in copied.find_all(exp.ColumnDef):
        if definition.args["kind"].this in {exp.DType.CHAR, exp.DType.VARCHAR}:
            collation = exp.CollateColumnConstraint(this=exp.to_identifier("C", quoted=True))
            definition.append("constraints", exp.ColumnConstraint(kind=collation))
    return copied


def _as_ours(error: Any, what: str) -> FleetError:
    ours = explained(error, what)
    if isinstance(ours, FleetError):
        return ours
    return FleetError(f"{what}: {error.diag.message_primary or error}")

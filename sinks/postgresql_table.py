"""A PostgreSQL table of rows: its types, and making one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from awsio.retry import OnWait, retry
from fleet.errors import ConfigError
from sinks.postgresql_error import explained
from sinks.row_columns import RowColumn

if TYPE_CHECKING:
    from psycopg import AsyncConnection

ROW_ID: Final = "row_id"
"""The primary key: the row's mark."""

EPOCH: Final = "wildrydes_epoch"
"""Which start of the processor wrote the row."""

_TYPES: Final = {
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "REAL": "real",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "timestamp(3)",
    "DATE": "date",
    "TIME": "time(3)",
}


def require_psycopg() -> None:
    """Raises ConfigError when the client library is not installed."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise ConfigError(
            "PostgreSQL needs psycopg, which is not installed",
            remedy="pip install 'wildrydes[postgres]'",
        ) from None


def check_conninfo(conninfo: str, shown: str) -> None:
    """Raises ConfigError for what is no URL of PostgreSQL's; `shown` is it without passwords."""
    require_psycopg()
    import psycopg.conninfo

    try:
        psycopg.conninfo.conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise ConfigError(
            f"{shown} is no URL of PostgreSQL",
            remedy="write postgresql://USER@HOST:5432/DATABASE?table=TABLE",
        ) from None


def postgres_type(column: RowColumn) -> str:
    """The type of a column. CHAR is varchar: PostgreSQL would pad it with blanks."""
    sizes = f"({', '.join(map(str, column.sizes))})" if column.sizes else ""
    if column.kind == "DECIMAL":
        return f"numeric{sizes}"
    if column.kind in ("VARCHAR", "CHAR"):
        return f"varchar{sizes}"
    return _TYPES.get(column.kind, "text")


async def create_rows_table(
    conninfo: str,
    table: str,
    columns: Sequence[RowColumn],
    where: str,
    *,
    on_wait: OnWait | None = None,
) -> bool:
    """Makes the table unless it is there; returns whether it was made now."""
    import psycopg

    async def create() -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(conninfo) as connection:
                if await column_names(connection, table) is not None:
                    return False
                await connection.execute(_create_statement(table, columns))
                return True
        except psycopg.errors.UniqueViolation:
            # Another process makes it at this moment: that is as good.
            return False
        except psycopg.Error as error:
            raise explained(error, f"table {table} at {where}") from error

    return await retry(create, f"table {table} at {where}", on_wait=on_wait)


async def column_names(connection: "AsyncConnection[Any]", table: str) -> set[str] | None:
    """Of the table; None: there is none."""
    from psycopg import sql

    name = sql.Identifier(*table.split(".")).as_string(connection)
    cursor = await connection.execute("SELECT to_regclass(%s)::oid", [name])
    found = await cursor.fetchone()
    if found is None or found[0] is None:
        return None
    cursor = await connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped",
        [found[0]],
    )
    return {row[0] for row in await cursor.fetchall()}


def _create_statement(table: str, columns: Sequence[RowColumn]) -> Any:
    from psycopg import sql

    typed = [
        sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(postgres_type(c))) for c in columns
    ]
    return sql.SQL("CREATE TABLE IF NOT EXISTS {} ({} text PRIMARY KEY, {}, {} bigint)").format(
        sql.Identifier(*table.split(".")),
        sql.Identifier(ROW_ID),
        sql.SQL(", ").join(typed),
        sql.Identifier(EPOCH),
    )

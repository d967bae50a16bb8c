"""Rows into a PostgreSQL table, where a row written twice is there once.

The primary key is the row's mark (fleet/row_mark.py), and an upsert replaces a row only when its
writer is of the same or an older epoch: a processor that was thought dead, and comes back, changes
nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from awsio.retry import OnWait, retry
from fleet.errors import ConfigError, ResourceMissing, RowRefused, Superseded, TransientError
from fleet.row import Row
from fleet.row_mark import row_mark
from sinks.postgresql_error import explained, refusal
from sinks.postgresql_table import EPOCH, ROW_ID, column_names, require_psycopg
from sinks.row_columns import RowColumn

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.sql import Composed

ROWS_MAX: Final = 1000
"""Of one transaction."""

PATIENCE_S: Final = 30.0
"""For an answer: a server that is silent for longer is given up, and connected to again."""

Result = TypeVar("Result")


class PostgresSink:
    """One connection, which is made again after each failure."""

    def __init__(
        self,
        conninfo: str,
        table: str,
        columns: Sequence[RowColumn],
        *,
        where: str = "",
        name: str = "postgresql",
        epoch: int,
        on_wait: OnWait | None = None,
    ) -> None:
        """`conninfo` is a URL of libpq's, `table` may have a schema and a dot before it; `where`
        is the server without passwords, for messages. Raises ConfigError without psycopg.
        """
        require_psycopg()
        self.name = name
        self._conninfo = conninfo
        self._table = table
        self._where = where
        self._what = f"table {table} at {where}"
        self._columns = columns
        self._epoch = epoch
        self._on_wait = on_wait
        self._upsert = _upsert(table, columns)
        self._connection: AsyncConnection[Any] | None = None

    async def open(self) -> None:
        """Raises ResourceMissing when there is no table, and ConfigError when it lacks columns or
        the server does not let us in.
        """
        found = await self._asked(lambda connection: column_names(connection, self._table))
        if found is None:
            raise ResourceMissing(
                f"there is no {self._what}",
                remedy="`wildrydes processor --create-missing` makes it; ?table= names another",
            )
        wanted = [ROW_ID, *(column.name for column in self._columns), EPOCH]
        if missing := [name for name in wanted if name not in found]:
            raise ConfigError(
                f"{self._what} has no column {', '.join(missing)}",
                remedy="add what is missing with ALTER TABLE, or name another table with ?table=",
            )

    async def write(self, rows: Sequence[Row]) -> None:
        """Of several rows with one id only the last is sent: one statement cannot touch a row
        twice.
        """
        latest = list({row.id: row for row in rows}.values())
        refused: list[tuple[str, str]] = []
        for start in range(0, len(latest), ROWS_MAX):
            refused += await self._put(latest[start : start + ROWS_MAX])
        if refused:
            raise RowRefused(
                f"table {self._table} refuses {len(refused)} of {len(rows)} rows, "
                f"the first because {refused[0][1]}",
                refused,
            )

    async def close(self) -> None:
        """Closes the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _put(self, rows: Sequence[Row]) -> list[tuple[str, str]]:
        """A bad value fails a whole transaction, so a refused one is halved until it is alone."""
        import psycopg

        try:
            await self._asked(lambda connection: self._transaction(connection, rows))
        except (psycopg.DataError, psycopg.IntegrityError, UnicodeEncodeError) as error:
            if len(rows) == 1:
                return [(rows[0].id, refusal(error))]
            half = len(rows) // 2
            return await self._put(rows[:half]) + await self._put(rows[half:])
        return []

    async def _transaction(self, connection: "AsyncConnection[Any]", rows: Sequence[Row]) -> None:
        """All of the rows, or none: raises Superseded when a newer processor wrote one of them."""
        names = [column.name for column in self._columns]
        values = [
            (row_mark(row.id), *(row.values.get(name) for name in names), self._epoch)
            for row in rows
        ]
        async with connection.transaction(), connection.cursor() as cursor:
            await cursor.executemany(self._upsert, values)
            if cursor.rowcount != len(rows):
                raise Superseded(
                    f"{self._what} has rows of a newer processor than this one "
                    f"(epoch {self._epoch}): they stay as they are",
                    remedy="run one processor of an application; if the newer one is gone for "
                    "good and its state with it, give this one another table, or delete the rows "
                    "that it wrote",
                )

    async def _asked(
        self, operation: Callable[["AsyncConnection[Any]"], Awaitable[Result]]
    ) -> Result:
        """Waits out outages, visibly."""

        async def attempt() -> Result:
            import psycopg

            try:
                async with asyncio.timeout(PATIENCE_S):
                    return await operation(await self._connected())
            except TimeoutError as error:
                await self.close()
                raise TransientError(f"no answer in {PATIENCE_S:g} s") from error
            except psycopg.Error as error:
                cause = explained(error, self._what)
                if isinstance(cause, TransientError):
                    await self.close()
                raise cause from (error.__cause__ if cause is error else error)

        return await retry(attempt, self._what, on_wait=self._on_wait)

    async def _connected(self) -> "AsyncConnection[Any]":
        import psycopg

        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, application_name="wildrydes"
            )
        return self._connection


def _upsert(table: str, columns: Sequence[RowColumn]) -> "Composed":
    from psycopg import sql

    names = [sql.Identifier(n) for n in (ROW_ID, *(c.name for c in columns), EPOCH)]
    return sql.SQL(
        "INSERT INTO {table} AS old ({names}) VALUES ({values}) ON CONFLICT ({row_id}) "
        "DO UPDATE SET {updates} WHERE old.{epoch} <= excluded.{epoch}"
    ).format(
        table=sql.Identifier(*table.split(".")),
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join([sql.Placeholder()] * len(names)),
        row_id=sql.Identifier(ROW_ID),
        updates=sql.SQL(", ").join(
            [sql.SQL("{0} = excluded.{0}").format(name) for name in names[1:]]
        ),
        epoch=sql.Identifier(EPOCH),
    )

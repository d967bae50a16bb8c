"""Rows into a DynamoDB table, where a row written twice is there once.

The table's own key is the row's identity: the workshop's is (Name, StatusTime), and StatusTime is
the end of the row's window, so a replay writes the same items again.
"""

from collections.abc import Sequence
from typing import Literal

from awsio.clients import AwsClients
from awsio.retry import OnWait
from fleet.errors import RowRefused
from fleet.reading import TABLE
from fleet.row import Row, Value
from sinks.dynamodb_expiry import Expiry
from sinks.dynamodb_item import TableKey, item_of
from sinks.dynamodb_put import BatchedPuts, ConditionalPuts, Entry, Puts
from sinks.dynamodb_table import table_key

TableWrites = Literal["conditional", "batched"]
"""How items are put: see sinks/dynamodb_put.py."""


class DynamoDbSink:
    """Any table whose key attributes are columns of the rows.

    The key is read from the table itself when the sink opens, so an application with other columns
    needs no setting here, only a table made for it. `epoch` is the processor's: with conditional
    writes, a row that a newer epoch wrote is never replaced, and `write` raises Superseded.
    """

    def __init__(
        self,
        aws: AwsClients,
        table: str = TABLE,
        *,
        name: str = "dynamodb",
        epoch: int,
        writes: TableWrites = "conditional",
        expiry: Expiry | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        self.name = name
        self._aws = aws
        self._table = table
        self._epoch = epoch
        self._writes = writes
        self._expiry = expiry
        self._on_wait = on_wait
        self._key: TableKey = ()
        self._puts: Puts

    async def open(self) -> None:
        """Waits for a table that is being created. Raises ResourceMissing when there is none."""
        client = await self._aws.dynamodb()
        self._key = await table_key(client, self._table, on_wait=self._on_wait)
        if self._writes == "conditional":
            self._puts = ConditionalPuts(client, self._table, self._epoch, self._on_wait)
        else:
            self._puts = BatchedPuts(client, self._table, self._on_wait)

    async def write(self, rows: Sequence[Row]) -> None:
        """Of several rows with one key only the last is sent: calls that run at the same time would
        land in any order, and BatchWriteItem refuses duplicates.
        """
        refused: list[tuple[str, str]] = []
        entries: dict[tuple[Value, ...], Entry] = {}
        for row in rows:
            try:
                item = item_of(row.values, self._key)
            except ValueError as error:
                refused.append((row.id, str(error)))
            else:
                if self._expiry is not None:
                    item[self._expiry.attribute] = {"N": str(self._expiry.at_s(row.rowtime_ms))}
                entries[tuple(row.values[column.name] for column in self._key)] = Entry(
                    row.id, item
                )
        refused += await self._puts.put(list(entries.values()))
        if refused:
            raise RowRefused(
                f"table {self._table} refuses {len(refused)} of {len(rows)} rows, "
                f"the first because {refused[0][1]}",
                refused,
            )

    async def close(self) -> None:
        """The clients are closed by their owner."""

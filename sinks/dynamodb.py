"""Rows into a DynamoDB table, where a row written twice is there once.

The table's own key is the row's identity: the workshop's is (Name, StatusTime), and StatusTime is
the end of the row's window, so a replay writes the same items again.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.parallel import in_parallel
from awsio.retry import Backoff, OnWait, error_code, retry
from fleet.errors import RowRefused
from fleet.reading import TABLE
from fleet.row import Row, Value
from sinks.dynamodb_item import TableKey, item_of
from sinks.dynamodb_table import table_key

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import (
        AttributeValueTypeDef,
        WriteRequestOutputTypeDef,
        WriteRequestTypeDef,
    )

    WriteRequest = WriteRequestTypeDef | WriteRequestOutputTypeDef
    Entry = tuple[str, dict[str, AttributeValueTypeDef]]
    """A row's id and its item."""

ITEMS_MAX = 25
"""Of one BatchWriteItem (API reference)."""

CALLS_MAX = 8
"""In flight at once: beyond that a table that throttles only throttles more."""


class DynamoDbSink:
    """Any table whose key attributes are columns of the rows.

    The key is read from the table itself when the sink opens, so an application with other columns
    needs no setting here, only a table made for it.
    """

    name = "dynamodb"

    def __init__(
        self, aws: AwsClients, table: str = TABLE, *, on_wait: OnWait | None = None
    ) -> None:
        self._aws = aws
        self._table = table
        self._on_wait = on_wait
        self._client: DynamoDBClient
        self._key: TableKey = ()

    async def open(self) -> None:
        """Waits for a table that is being created. Raises ResourceMissing when there is none."""
        self._client = await self._aws.dynamodb()
        self._key = await table_key(self._client, self._table, on_wait=self._on_wait)

    async def write(self, rows: Sequence[Row]) -> None:
        """Of several rows with one key only the last is sent: BatchWriteItem refuses duplicates,
        and calls that run at the same time would land in any order.
        """
        refused: list[tuple[str, str]] = []
        entries: dict[tuple[Value, ...], Entry] = {}
        for row in rows:
            try:
                item = item_of(row.values, self._key)
            except ValueError as error:
                refused.append((row.id, str(error)))
            else:
                entries[tuple(row.values[column.name] for column in self._key)] = (row.id, item)

        async def put(batch: "list[Entry]") -> None:
            refused.extend(await self._put(batch))

        pending = list(entries.values())
        batches = [pending[i : i + ITEMS_MAX] for i in range(0, len(pending), ITEMS_MAX)]
        await in_parallel(batches, put, at_most=CALLS_MAX)
        if refused:
            raise RowRefused(
                f"table {self._table} refuses {len(refused)} of {len(rows)} rows, "
                f"the first because {refused[0][1]}",
                refused,
            )

    async def close(self) -> None:
        """The clients are closed by their owner."""

    async def _put(self, entries: "list[Entry]") -> list[tuple[str, str]]:
        """Returns the rows that the service refuses, with its reasons. One bad item fails a whole
        call and the answer does not say which, so a refused call is halved until it is alone.
        """
        try:
            await self._send([item for _, item in entries])
        except ClientError as error:
            if error_code(error) != "ValidationException":
                raise
            if len(entries) == 1:
                return [(entries[0][0], error.response["Error"]["Message"])]
            half = len(entries) // 2
            return await self._put(entries[:half]) + await self._put(entries[half:])
        return []

    async def _send(self, items: "list[dict[str, AttributeValueTypeDef]]") -> None:
        """Returns when every item is stored: what the answer lists as unprocessed goes again."""
        what = f"table {self._table}"
        pending: Sequence[WriteRequest] = [{"PutRequest": {"Item": item}} for item in items]
        backoff = Backoff()

        async def call() -> "Sequence[WriteRequest]":
            answer = await self._client.batch_write_item(RequestItems={self._table: pending})
            return answer.get("UnprocessedItems", {}).get(self._table, ())

        while left := await retry(call, what, on_wait=self._on_wait):
            reason = f"{what}: {len(left)} of {len(pending)} rows left unprocessed"
            pending = left
            await backoff.wait(reason, self._on_wait)

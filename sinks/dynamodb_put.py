"""Two ways to put items into a table: one by one with a condition, or 25 a call without.

The condition keeps an older processor, one that was thought dead and comes back, from writing over
what its successor wrote. A call of many items cannot have one (API reference, BatchWriteItem), and
a transaction could, at twice the price (developer guide, "Read/write capacity mode": a
transactional write takes two units per KB).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from botocore.exceptions import ClientError

from awsio.parallel import in_parallel
from awsio.retry import Backoff, OnWait, error_code, retry
from fleet.errors import Superseded

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import (
        AttributeValueTypeDef,
        WriteRequestOutputTypeDef,
        WriteRequestTypeDef,
    )

    WriteRequest = WriteRequestTypeDef | WriteRequestOutputTypeDef
    Item = dict[str, AttributeValueTypeDef]

EPOCH: Final = "WildrydesEpoch"
"""The attribute that says which start of the processor wrote an item (N)."""

ITEMS_MAX: Final = 25
"""Of one BatchWriteItem (API reference)."""

BATCHES_MAX: Final = 8
"""In flight at once: beyond that a table that throttles only throttles more."""

PUTS_MAX: Final = 48
"""In flight at once, when each has one item; the client keeps 64 connections for all services."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row's id and its item."""

    row_id: str
    item: "Item"


Refused = list[tuple[str, str]]
"""Row ids, each with the reason in the service's words."""


class Puts(Protocol):
    """A way to put items, no two of which have one key."""

    async def put(self, entries: Sequence[Entry]) -> Refused:
        """Returns when every item is stored but those that the service refuses for good. Waits out
        throttling and outages. Raises ResourceMissing, and Superseded where it can know.
        """
        ...


class ConditionalPuts:
    """Each item carries `epoch` and replaces only one of the same or an older epoch."""

    def __init__(
        self, client: "DynamoDBClient", table: str, epoch: int, on_wait: OnWait | None
    ) -> None:
        self._client = client
        self._table = table
        self._epoch = epoch
        self._on_wait = on_wait

    async def put(self, entries: Sequence[Entry]) -> Refused:
        refused: Refused = []

        async def put_one(entry: Entry) -> None:
            try:
                await retry(
                    lambda: self._put_item(entry.item),
                    f"table {self._table}",
                    on_wait=self._on_wait,
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    raise self._superseded() from error
                if error_code(error) != "ValidationException":
                    raise
                refused.append((entry.row_id, error.response["Error"]["Message"]))

        await in_parallel(entries, put_one, at_most=PUTS_MAX)
        return refused

    async def _put_item(self, item: "Item") -> None:
        epoch: AttributeValueTypeDef = {"N": str(self._epoch)}
        await self._client.put_item(
            TableName=self._table,
            Item={**item, EPOCH: epoch},
            ConditionExpression="attribute_not_exists(#epoch) OR #epoch <= :epoch",
            ExpressionAttributeNames={"#epoch": EPOCH},
            ExpressionAttributeValues={":epoch": epoch},
        )

    def _superseded(self) -> Superseded:
        return Superseded(
            f"table {self._table} has rows of a newer processor than this one "
            f"(epoch {self._epoch}): they stay as they are",
            remedy="run one processor of an application; if the newer one is gone for good and its "
            "state with it, give this one another table, or delete the rows that it wrote",
        )


class BatchedPuts:
    """Items without an epoch, 25 a call: a fraction of the calls, and no guard."""

    def __init__(self, client: "DynamoDBClient", table: str, on_wait: OnWait | None) -> None:
        self._client = client
        self._table = table
        self._on_wait = on_wait

    async def put(self, entries: Sequence[Entry]) -> Refused:
        refused: Refused = []

        async def put_batch(batch: Sequence[Entry]) -> None:
            refused.extend(await self._put_batch(batch))

        batches = [entries[i : i + ITEMS_MAX] for i in range(0, len(entries), ITEMS_MAX)]
        await in_parallel(batches, put_batch, at_most=BATCHES_MAX)
        return refused

    async def _put_batch(self, entries: Sequence[Entry]) -> Refused:
        """One bad item fails a whole call and the answer does not say which, so a refused call is
        halved until it is alone.
        """
        try:
            await self._send([entry.item for entry in entries])
        except ClientError as error:
            if error_code(error) != "ValidationException":
                raise
            if len(entries) == 1:
                return [(entries[0].row_id, error.response["Error"]["Message"])]
            half = len(entries) // 2
            return await self._put_batch(entries[:half]) + await self._put_batch(entries[half:])
        return []

    async def _send(self, items: "list[Item]") -> None:
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

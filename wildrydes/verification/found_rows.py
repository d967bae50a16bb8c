"""Reads the rows back: from the summary stream, and from the table."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from awsio.retry import OnWait, retry
from wildrydes.stream_record import StreamRecord
from wildrydes.verification.ledgers import shown
from wildrydes.verification.rows import FoundRow, Rows
from wildrydes.verification.stream import StreamReading

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_kinesis import KinesisClient

SUMMARY: Final = "found_summary"
TABLE: Final = "found_table"


async def read_summary(
    client: "KinesisClient",
    stream: str,
    rows: Rows,
    on_wait: OnWait | None,
    on_rows: Callable[[int], None],
) -> None:
    """Every record of the summary stream. Raises ResourceMissing when there is none."""
    rows.make_found(SUMMARY)

    def take(records: Sequence[StreamRecord], _taken: int) -> None:
        rows.take_found(SUMMARY, [_row(record) for record in records], None)
        on_rows(len(records))

    await StreamReading(client, stream, take, on_wait).read()


def _row(record: StreamRecord) -> FoundRow:
    place = f"{record.shard_id} {record.sequence_number}"
    try:
        # Decimal: a digit that a float has no room for is a mistake too.
        values = json.loads(record.data, parse_float=Decimal)
    except (ValueError, RecursionError):
        values = None
    return FoundRow(values if isinstance(values, dict) else {"": shown(record.data)}, place)


async def read_table(
    client: "DynamoDBClient",
    table: str,
    key: Sequence[str],
    rows: Rows,
    on_wait: OnWait | None,
    on_rows: Callable[[int], None],
) -> None:
    """Every item of the table, whose key attributes are `key`; reads are consistent."""
    rows.make_found(TABLE)
    start: dict[str, Any] = {}
    while True:
        page = await retry(
            lambda start=start: client.scan(  # type: ignore[misc]
                TableName=table, ConsistentRead=True, **start
            ),
            f"table {table}",
            on_wait=on_wait,
        )
        items = [{name: _value(found) for name, found in item.items()} for item in page["Items"]]
        rows.take_found(TABLE, [FoundRow(item, table) for item in items], key)
        on_rows(len(items))
        if not page.get("LastEvaluatedKey"):
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _value(attribute: Any) -> Any:
    [(kind, value)] = attribute.items()
    if kind == "N":
        return Decimal(value)
    return None if kind == "NULL" else value

"""Snapshots in DynamoDB: one item per application, and objects on S3 for the large ones."""

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import OnWait, error_code, retry
from fleet.errors import ConfigError, ResourceMissing
from processor.snapshot.base import SignOfLife
from processor.snapshot.remote import Entry, Held, missing

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

KEY: Final = "application"
"""The table's partition key, a text; it has no sort key."""

INLINE_BYTES_MAX: Final = 180_000
"""An item has at most 400 kB (Amazon DynamoDB Developer Guide, "Quotas"); it holds two snapshots,
and attribute names and numbers need a little.
"""


class DynamoDbRegister:
    """See Register. Reads are consistent: a change whose write has returned is seen."""

    def __init__(
        self, aws: AwsClients, table: str, application: str, *, on_wait: OnWait | None = None
    ) -> None:
        self.where = f"item {application} of table {table}"
        self._aws = aws
        self._table = table
        self._application = application
        self._on_wait = on_wait

    async def read(self) -> Entry | None:
        item = await self._get({})
        return None if item is None else _entry(item)

    async def glance(self) -> SignOfLife | None:
        item = await self._get({"ProjectionExpression": "epoch, saved_ms, released"})
        if item is None:
            return None
        return SignOfLife(
            int(item["epoch"]["N"]), int(item["saved_ms"]["N"]), item["released"]["BOOL"]
        )

    async def replace(self, new: Entry, seen: Entry | None) -> bool:
        condition: dict[str, Any] = {"ConditionExpression": f"attribute_not_exists({KEY})"}
        if seen is not None:
            condition = {
                "ConditionExpression": "epoch = :epoch AND version = :version AND writer = :writer",
                "ExpressionAttributeValues": {
                    ":epoch": {"N": str(seen.epoch)},
                    ":version": {"N": str(seen.version)},
                    ":writer": {"S": seen.writer},
                },
            }
        try:
            await self._put(_item(self._application, new), condition)
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

    async def keep_aside(self, entry: Entry, reason: str) -> str:
        name = f"{self._application} set aside at epoch {entry.epoch} version {entry.version}"
        await self._put(_item(name, entry) | {"reason": {"S": reason}}, {})
        return f"item {name!r} of table {self._table}"

    async def _get(self, only: dict[str, Any]) -> dict[str, Any] | None:
        client = await self._aws.dynamodb()
        answer = await self._retried(
            client,
            lambda: client.get_item(
                TableName=self._table,
                Key={KEY: {"S": self._application}},
                ConsistentRead=True,
                **only,
            ),
        )
        return answer.get("Item")  # type: ignore[no-any-return]

    async def _put(self, item: dict[str, Any], condition: dict[str, Any]) -> None:
        client = await self._aws.dynamodb()
        await self._retried(
            client, lambda: client.put_item(TableName=self._table, Item=item, **condition)
        )

    async def _retried(self, client: "DynamoDBClient", call: Any) -> Any:
        what = f"table {self._table} at {client.meta.endpoint_url}"
        try:
            return await retry(call, what, on_wait=self._on_wait)
        except ResourceMissing as error:
            raise missing(what) from error
        except ClientError as error:
            if error_code(error) != "ValidationException":
                raise
            raise ConfigError(
                f"{what} cannot hold snapshots: {error}",
                remedy=f"its one key must be `{KEY}`, a text; --state-store names another table, "
                "and --create-missing makes one",
            ) from error


def _item(name: str, entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        KEY: {"S": name},
        "epoch": {"N": str(entry.epoch)},
        "version": {"N": str(entry.version)},
        "writer": {"S": entry.writer},
        "saved_ms": {"N": str(entry.saved_ms)},
        "released": {"BOOL": entry.released},
    }
    for attribute, held in (("current", entry.current), ("previous", entry.previous)):
        if held is not None:
            item[attribute] = {"B": held} if isinstance(held, bytes) else {"S": held}
    return item


def _entry(item: dict[str, Any]) -> Entry:
    held: dict[str, Held | None] = {}
    for attribute in ("current", "previous"):
        value = item.get(attribute)
        held[attribute] = None if value is None else next(iter(value.values()))
    return Entry(
        epoch=int(item["epoch"]["N"]),
        version=int(item["version"]["N"]),
        writer=item["writer"]["S"],
        saved_ms=int(item["saved_ms"]["N"]),
        released=item["released"]["BOOL"],
        **held,
    )

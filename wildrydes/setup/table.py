"""A DynamoDB table of setup's, with point-in-time recovery."""

from typing import TYPE_CHECKING

from awsio.clients import AwsClients
from awsio.retry import OnWait, retry
from fleet.errors import ResourceMissing
from sinks.dynamodb_table import create_table
from wildrydes.setup.resource import TAG, State

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import TableDescriptionTypeDef


class TableResource:
    """The workshop's table: on-demand billing, keyed by Name and StatusTime."""

    kind = "table"

    def __init__(
        self, aws: AwsClients, client: "DynamoDBClient", name: str, on_wait: OnWait
    ) -> None:
        self._aws = aws
        self._client = client
        self._on_wait = on_wait
        self.name = name

    async def state(self) -> State:
        try:
            table = await self._describe()
        except ResourceMissing:
            return State.ABSENT
        answer = await retry(
            lambda: self._client.list_tags_of_resource(ResourceArn=table["TableArn"]),
            f"table {self.name}",
            on_wait=self._on_wait,
        )
        tags = {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}
        return State.OURS if tags.get(TAG[0]) == TAG[1] else State.FOREIGN

    async def make(self) -> None:
        await create_table(self._aws, self.name, on_wait=self._on_wait)
        table = await self._describe()
        what = f"table {self.name}"
        await retry(
            lambda: self._client.tag_resource(
                ResourceArn=table["TableArn"], Tags=[{"Key": TAG[0], "Value": TAG[1]}]
            ),
            what,
            on_wait=self._on_wait,
        )
        await retry(
            lambda: self._client.update_continuous_backups(
                TableName=self.name,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            ),
            what,
            on_wait=self._on_wait,
        )

    async def content(self) -> str:
        # The service counts every six hours; a look at one item is exact.
        answer = await retry(
            lambda: self._client.scan(TableName=self.name, Limit=1),
            f"table {self.name}",
            on_wait=self._on_wait,
        )
        return "its rows" if answer["Items"] else "no rows"

    async def destroy(self) -> None:
        await retry(
            lambda: self._client.delete_table(TableName=self.name),
            f"table {self.name}",
            on_wait=self._on_wait,
        )

    async def _describe(self) -> "TableDescriptionTypeDef":
        answer = await retry(
            lambda: self._client.describe_table(TableName=self.name),
            f"table {self.name}",
            on_wait=self._on_wait,
        )
        return answer["Table"]

"""A DynamoDB table of rows: made, described, queried."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import OnWait, error_code, retry
from fleet.errors import ConfigError
from fleet.reading import TABLE
from sinks.dynamodb_item import KeyColumn, TableKey, values_of
from sinks.dynamodb_put import EPOCH
from sinks.resource import until_ready

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.literals import KeyTypeType
    from types_aiobotocore_dynamodb.type_defs import TableDescriptionTypeDef

NAME_AND_TIME: Final[TableKey] = (KeyColumn("Name", "S"), KeyColumn("StatusTime", "S"))
"""The key of the workshop's table: StatusTime sorts as text because its form is fixed."""

QUERY_ATTEMPTS = 4
"""Somebody waits for the answer: an endpoint that is not there is said within seconds."""


async def create_table(
    aws: AwsClients,
    table: str = TABLE,
    key: TableKey = NAME_AND_TIME,
    *,
    on_wait: OnWait | None = None,
) -> bool:
    """Makes the table, with on-demand billing, unless it is there, and waits until it is ready.
    Returns whether it was made now.
    """
    client = await aws.dynamodb()
    roles: tuple[KeyTypeType, KeyTypeType] = ("HASH", "RANGE")
    try:
        await retry(
            lambda: client.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": column.name, "AttributeType": column.type} for column in key
                ],
                KeySchema=[
                    {"AttributeName": column.name, "KeyType": role}
                    for column, role in zip(key, roles, strict=False)
                ],
            ),
            f"table {table}",
            on_wait=on_wait,
        )
    except ClientError as error:
        if error_code(error) != "ResourceInUseException":
            raise
        made = False
    else:
        made = True
    await table_key(client, table, on_wait=on_wait)
    return made


async def table_key(
    client: "DynamoDBClient",
    table: str,
    *,
    on_wait: OnWait | None = None,
    attempts: int | None = None,
) -> TableKey:
    """The key of a table, once the table is ready. Raises ResourceMissing, and TransientError after
    so many `attempts` without an answer (None: goes on trying).
    """
    what = f"table {table} at {client.meta.endpoint_url}"
    description: TableDescriptionTypeDef = {}

    async def status() -> str:
        nonlocal description
        answer = await retry(
            lambda: client.describe_table(TableName=table),
            what,
            on_wait=on_wait,
            attempts=attempts,
        )
        description = answer["Table"]
        return description["TableStatus"]

    await until_ready(
        status,
        what,
        remedy="`wildrydes processor --create-missing` makes it; --table names another, --region "
        "and --endpoint-url another place",
        on_wait=on_wait,
    )
    types = {a["AttributeName"]: a["AttributeType"] for a in description["AttributeDefinitions"]}
    schema = sorted(description["KeySchema"], key=lambda column: column["KeyType"] != "HASH")
    return tuple(KeyColumn(c["AttributeName"], types[c["AttributeName"]]) for c in schema)


async def query(
    aws: AwsClients,
    table: str,
    partition: str,
    first: str,
    last: str,
    *,
    newest_first: bool = False,
) -> AsyncIterator[dict[str, Any]]:
    """The rows of one partition key value whose sort key lies between `first` and `last`, both
    included, in the order of the sort key; each with its key columns first and the others by name,
    without the epoch.

    Reads are consistent: a row whose write has returned is seen. Raises ResourceMissing, and
    TransientError when the service does not answer.
    """
    client = await aws.dynamodb()
    key = await table_key(client, table, attempts=QUERY_ATTEMPTS)
    if [column.type for column in key] != ["S", "S"]:
        raise ConfigError(
            f"table {table} is keyed by {', '.join(f'{c.name} ({c.type})' for c in key)}",
            remedy="name a table with a text partition key and a text sort key with --table",
        )
    names = [column.name for column in key]
    request: dict[str, Any] = {
        "TableName": table,
        "ConsistentRead": True,
        "ScanIndexForward": not newest_first,
        "KeyConditionExpression": "#partition = :partition AND #sort BETWEEN :first AND :last",
        "ExpressionAttributeNames": {"#partition": names[0], "#sort": names[1]},
        "ExpressionAttributeValues": {
            ":partition": {"S": partition},
            ":first": {"S": first},
            ":last": {"S": last},
        },
    }
    while True:
        page = await retry(
            lambda: client.query(**request), f"table {table}", attempts=QUERY_ATTEMPTS
        )
        for item in page["Items"]:
            values = values_of(item)
            others = sorted(values.keys() - {*names, EPOCH})
            yield {name: values[name] for name in (*names, *others)}
        if not page.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

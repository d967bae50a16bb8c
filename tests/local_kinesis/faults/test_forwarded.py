"""Faults of the services behind moto, as boto's own clients see them."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiobotocore.httpsession import HTTPClientError
from aiohttp import ClientPayloadError
from botocore.exceptions import ClientError, EndpointConnectionError

from local_kinesis import Fault, Faults, LocalEndpoint
from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_s3 import S3Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUT_OFF = (HTTPClientError, EndpointConnectionError)


class Services:
    """A table and a bucket, and what is to go wrong."""

    def __init__(self, faults: Faults, dynamodb: "DynamoDBClient", s3: "S3Client") -> None:
        self.faults, self.dynamodb, self.s3 = faults, dynamodb, s3

    async def put_row(self, name: str) -> None:
        await self.dynamodb.put_item(TableName="rows", Item={"Name": {"S": name}})

    async def rows(self) -> set[str]:
        self.faults.clear()
        return {item["Name"]["S"] for item in (await self.dynamodb.scan(TableName="rows"))["Items"]}

    async def put_object(self, key: str) -> None:
        await self.s3.put_object(Bucket="archive", Key=key, Body=b"0123456789")

    async def objects(self) -> set[str]:
        self.faults.clear()
        listed = await self.s3.list_objects_v2(Bucket="archive")
        return {item["Key"] for item in listed.get("Contents", [])}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def services() -> AsyncIterator[Services]:
    faults = Faults()
    async with (
        LocalEndpoint(faults=faults) as endpoint,
        aws_client("dynamodb", endpoint.url) as dynamodb,
        aws_client("s3", endpoint.url) as s3,
    ):
        await dynamodb.create_table(
            TableName="rows",
            KeySchema=[{"AttributeName": "Name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "Name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        await s3.create_bucket(Bucket="archive")
        yield Services(faults, dynamodb, s3)


@pytest.mark.parametrize(
    ("kind", "dynamodb", "s3"),
    [
        (
            "throttle",
            (400, "ProvisionedThroughputExceededException"),
            (503, "SlowDown"),
        ),
        ("internal_failure", (500, "InternalServerError"), (500, "InternalError")),
        ("unavailable", (503, "ServiceUnavailable"), (503, "ServiceUnavailable")),
    ],
)
async def test_a_refusal_is_the_services_own_and_nothing_has_happened(
    services: Services, kind: Any, dynamodb: tuple[int, str], s3: tuple[int, str]
) -> None:
    services.faults.add(Fault(kind=kind, service="dynamodb", operation="PutItem"))
    services.faults.add(Fault(kind=kind, service="s3", operation="PutObject"))
    for put, expected in ((services.put_row, dynamodb), (services.put_object, s3)):
        with pytest.raises(ClientError) as refused:
            await put(f"refused {kind}")
        response: Any = refused.value.response
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        assert (status, response["Error"]["Code"]) == expected
    assert f"refused {kind}" not in await services.rows() | await services.objects()


@pytest.mark.parametrize(
    ("kind", "happened"), [("reset_before", False), ("reset_after", True), ("truncate", True)]
)
async def test_a_connection_that_ends(services: Services, kind: Any, happened: bool) -> None:
    for service in ("dynamodb", "s3"):
        services.faults.add(Fault(kind=kind, service=service))
    for put in (services.put_row, services.put_object):
        with pytest.raises(CUT_OFF):
            await put(kind)
    assert (kind in await services.rows()) == happened
    assert (kind in await services.objects()) == happened


async def test_an_object_ends_in_the_middle(services: Services) -> None:
    await services.put_object("whole")
    services.faults.add(Fault(kind="truncate", service="s3", operation="GetObject", times=1))
    answer = await services.s3.get_object(Bucket="archive", Key="whole")
    with pytest.raises(ClientPayloadError):
        async with answer["Body"] as body:
            await body.read()
    answer = await services.s3.get_object(Bucket="archive", Key="whole")
    async with answer["Body"] as body:
        assert await body.read() == b"0123456789"


async def test_a_late_answer_is_the_same(services: Services) -> None:
    services.faults.add(Fault(kind="delay", delay_ms=1, service="dynamodb"))
    await services.put_row("late")
    assert services.faults.listing()[0].struck == 1
    assert "late" in await services.rows()


async def test_faults_of_kinesis_leave_the_others_alone(services: Services) -> None:
    services.faults.add(Fault(kind="internal_failure"))
    services.faults.add(Fault(kind="unavailable", service="s3"))
    await services.put_row("spared")
    assert [one.struck for one in services.faults.listing()] == [0, 0]
    assert "spared" in await services.rows()

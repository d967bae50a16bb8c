"""The services behind the same URL: each answers a real client, or says what it lacks."""

from collections.abc import AsyncIterator, Callable, Mapping
from importlib.util import find_spec
from typing import Any

import pytest
import pytest_asyncio
from botocore.exceptions import ClientError

from local_kinesis import LocalEndpoint
from tests.local_kinesis.conftest import aws_client
from tests.local_kinesis.wire import raw_connection

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUTHORIZATION = (
    "Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
ASKED: Mapping[str, Callable[[Any], Any]] = {
    "athena": lambda client: client.list_work_groups(),
    "cloudwatch": lambda client: client.list_metrics(),
    "cognito-identity": lambda client: client.list_identity_pools(MaxResults=5),
    "cognito-idp": lambda client: client.list_user_pools(MaxResults=5),
    "dynamodb": lambda client: client.list_tables(),
    "firehose": lambda client: client.list_delivery_streams(),
    "glue": lambda client: client.get_databases(),
    "iam": lambda client: client.list_roles(),
    "lambda": lambda client: client.list_functions(),
    "logs": lambda client: client.describe_log_groups(),
    "s3": lambda client: client.list_buckets(),
    "sts": lambda client: client.get_caller_identity(),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both() -> AsyncIterator[LocalEndpoint]:
    async with LocalEndpoint() as endpoint:
        yield endpoint


@pytest.mark.parametrize("service", ASKED)
async def test_a_service_answers(both: LocalEndpoint, service: str) -> None:
    async with aws_client(service, both.url) as client:
        answer = await ASKED[service](client)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


async def test_cloudformation_answers_or_says_what_to_install(both: LocalEndpoint) -> None:
    async with aws_client("cloudformation", both.url) as client:
        if find_spec("cfnlint") is not None:
            assert (await client.list_stacks())["StackSummaries"] == []
            return
        with pytest.raises(ClientError, match=r"pip install 'wildrydes\[cloudformation\]'"):
            await client.list_stacks()


@pytest.mark.parametrize("host", ["rides.s3.amazonaws.com", "rides.localhost:4566"])
async def test_a_bucket_may_be_named_by_path_or_by_host(both: LocalEndpoint, host: str) -> None:
    async with aws_client("s3", both.url) as client:
        await client.create_bucket(Bucket="rides")
        await client.put_object(Bucket="rides", Key="2026/one.json", Body=b"{}")
    lines = ("GET /2026/one.json HTTP/1.1", f"Host: {host}", AUTHORIZATION)
    async with raw_connection(both.port) as raw:
        await raw.send("\r\n".join((*lines, "", "")).encode())
        answer = await raw.reply()
    assert (answer.status, answer.body) == (200, b"{}")

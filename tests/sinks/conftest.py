"""Real services for the sinks: moto's DynamoDB and S3 on loopback, our own Kinesis endpoint."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import pytest_asyncio
from botocore.config import Config
from moto.server import ThreadedMotoServer

from awsio.clients import AwsClients
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint

shared = pytest_asyncio.fixture(scope="session", loop_scope="session")
"""Clients take long to make: one of each for all tests here, which share one event loop."""

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    assert server._server is not None
    server._server.server_close()


@shared
async def aws(moto_url: str) -> AsyncIterator[AwsClients]:
    async with AwsClients(AwsSettings(moto_url, "us-east-1")) as clients:
        yield clients


@shared
async def kinesis_url() -> AsyncIterator[str]:
    async with LocalEndpoint(kinesis_only=True) as endpoint:
        yield endpoint.url


@shared
async def kinesis_aws(kinesis_url: str) -> AsyncIterator[AwsClients]:
    async with AwsClients(AwsSettings(kinesis_url, "us-east-1")) as clients:
        yield clients


@pytest.fixture(scope="session")
def reader() -> Iterator[Callable[[str, str], Any]]:
    """boto3, as the independent reader: `reader(service, url)`."""
    clients: dict[tuple[str, str], Any] = {}

    def make(service: str, url: str) -> Any:
        if (service, url) not in clients:
            clients[service, url] = boto3.client(
                service,
                endpoint_url=url,
                region_name="us-east-1",
                aws_access_key_id="reader",
                aws_secret_access_key="reader",
                config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            )
        return clients[service, url]

    yield make
    for client in clients.values():
        client.close()


@pytest.fixture
def fresh_name() -> Callable[[str], str]:
    """A name that no other test uses: the services live as long as the whole run."""
    return lambda stem: f"{stem}-{next(_numbers)}"

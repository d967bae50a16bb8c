"""A fresh endpoint on a clock that stands still, and real clients for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

SESSION = AioSession()
"""One for all tests: it keeps the service models it has read."""


@asynccontextmanager
async def aws_client(service: str, url: str) -> AsyncIterator[Any]:
    """A client that tries once, so that tests see the first answer."""
    async with SESSION.create_client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=AioConfig(
            retries={"total_max_attempts": 1},
            read_timeout=180,
            s3={"addressing_style": "path"},
            parameter_validation=False,
        ),
    ) as client:
        yield client


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def endpoint(clock: ManualClock) -> AsyncIterator[LocalEndpoint]:
    async with LocalEndpoint(kinesis_only=True, clock=clock) as endpoint:
        yield endpoint


@pytest.fixture
async def client(endpoint: LocalEndpoint) -> AsyncIterator["KinesisClient"]:
    async with aws_client("kinesis", endpoint.url) as client:
        yield client

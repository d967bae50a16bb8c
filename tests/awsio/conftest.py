"""A real endpoint and real clients, one each for every test."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from awsio.clients import AwsClients
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient


@pytest.fixture
async def kinesis() -> "AsyncIterator[KinesisClient]":
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        yield await aws.kinesis()

"""Every store, on real services: moto's DynamoDB and S3 on loopback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from awsio.clients import AwsClients
from processor.snapshot.base import SnapshotStore
from processor.snapshot.disk import DiskSnapshots
from processor.snapshot.memory import MemorySnapshots
from processor.snapshot.place import Place
from tests.sinks.conftest import aws, fresh_name, moto_url, reader

__all__ = ["aws", "fresh_name", "moto_url", "reader"]

Open = Callable[[], SnapshotStore]
"""Opens the same snapshots as another process would."""

APPLICATION = "wildrydes"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def make_place(kind: str, name: str, make: Callable[[str, str], Any], url: str) -> Place:
    """A table or a bucket of the test's own, made by boto3."""
    make("s3", url).create_bucket(Bucket=name)
    if kind == "s3":
        return Place(bucket=name, prefix="some/where/")
    make("dynamodb", url).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "application", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "application", "KeyType": "HASH"}],
    )
    return Place(table=name, bucket=name, prefix="some/where/")


@pytest.fixture(params=["dynamodb", "s3"])
def place(
    request: pytest.FixtureRequest,
    reader: Callable[[str, str], Any],
    moto_url: str,
    fresh_name: Callable[[str], str],
) -> Place:
    return make_place(request.param, fresh_name("snapshots"), reader, moto_url)


@pytest.fixture(params=["memory", "disk", "dynamodb", "s3"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    kind: str = request.param
    if kind == "memory":
        return MemorySnapshots().as_another
    if kind == "disk":
        return lambda: DiskSnapshots(tmp_path / "state")
    fresh, make, url = map(request.getfixturevalue, ("fresh_name", "reader", "moto_url"))
    place = make_place(kind, fresh("snapshots"), make, url)
    clients: AwsClients = request.getfixturevalue("aws")
    return lambda: place.open(APPLICATION, clients)


@pytest.fixture
def store(open_store: Open) -> SnapshotStore:
    return open_store()

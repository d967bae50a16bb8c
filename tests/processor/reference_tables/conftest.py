"""An application with a reference table, and the places that the table may be in: moto's S3 on
loopback is one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio

from awsio.clients import AwsClients
from processor.reference_tables.base import TablePlace
from processor.reference_tables.memory import MemoryPlace
from processor.reference_tables.place import FilePlace
from processor.reference_tables.s3 import ObjectPlace
from tests.sinks.conftest import aws, fresh_name, moto_url, reader

__all__ = ["aws", "fresh_name", "moto_url", "reader"]

SQL = """
CREATE STREAM D (N INTEGER, ZONE VARCHAR(16));
CREATE PUMP P AS INSERT INTO D
SELECT STREAM s.N, z.ZONE FROM "SOURCE_SQL_STREAM_001" AS s LEFT JOIN ZONES AS z ON s.K = z.K;
"""
MANIFEST = """
[input]
schema = "schema.json"

[[reference]]
name = "ZONES"
source = "zones.csv"
schema = "zones.schema.json"
"""
SCHEMA = """{"RecordFormat": {"RecordFormatType": "JSON"}, "RecordColumns": [
    {"Name": "K", "SqlType": "INTEGER", "Mapping": "$.K"},
    {"Name": "N", "SqlType": "INTEGER", "Mapping": "$.N"}]}"""
ZONES = """{"RecordFormat": {"RecordFormatType": "CSV", "MappingParameters": {
    "CSVMappingParameters": {"RecordRowDelimiter": "\\n", "RecordColumnDelimiter": ","}}},
    "RecordColumns": [
    {"Name": "K", "SqlType": "INTEGER"}, {"Name": "ZONE", "SqlType": "VARCHAR(16)"}]}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.sql").write_text(SQL)
    (tmp_path / "application.toml").write_text(MANIFEST)
    (tmp_path / "schema.json").write_text(SCHEMA)
    (tmp_path / "zones.schema.json").write_text(ZONES)
    (tmp_path / "zones.csv").write_text("1,North\n2,South\n")
    return tmp_path


class Storage(Protocol):
    """A place with its content, which the test changes without the place's own code."""

    @property
    def place(self) -> TablePlace:
        """What is tested."""
        ...

    def put(self, data: bytes) -> None:
        """Puts this in the place of what is there."""
        ...

    def remove(self) -> None:
        """Takes it away."""
        ...


class FileStorage:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = FilePlace(path)

    def put(self, data: bytes) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(data)
        fresh.replace(self._path)

    def remove(self) -> None:
        self._path.unlink()


class ObjectStorage:
    def __init__(self, client: Any, aws: AwsClients, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.place = ObjectPlace(aws, f"s3://{bucket}/maps/zones of 2026.csv")

    def put(self, data: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key="maps/zones of 2026.csv", Body=data)

    def remove(self) -> None:
        self._client.delete_object(Bucket=self._bucket, Key="maps/zones of 2026.csv")


class MemoryStorage:
    def __init__(self) -> None:
        self.place = MemoryPlace(b"")

    def put(self, data: bytes) -> None:
        self.place.data = data

    def remove(self) -> None:
        pytest.skip("what is in memory is there")


@pytest.fixture(params=["memory", "file", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "memory":
        return MemoryStorage()
    if request.param == "file":
        (tmp_path / "stored").mkdir()
        return FileStorage(tmp_path / "stored" / "zones.csv")
    make: Callable[[str, str], Any] = request.getfixturevalue("reader")
    client = make("s3", request.getfixturevalue("moto_url"))
    bucket = request.getfixturevalue("fresh_name")("tables")
    client.create_bucket(Bucket=bucket)
    return ObjectStorage(client, request.getfixturevalue("aws"), bucket)

"""One contract for every place that a table comes from."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from awsio.clients import AwsClients
from fleet.errors import ConfigError, FleetError, ResourceMissing, TransientError
from fleet.settings import AwsSettings
from processor.reference_tables import base
from processor.reference_tables.place import FilePlace
from processor.reference_tables.s3 import ObjectPlace
from tests.processor.reference_tables.conftest import Storage


async def test_what_is_there_is_read_byte_for_byte(storage: Storage) -> None:
    data = b"\xef\xbb\xbf1,Nord\xc3\xa9\r\n\x00\xff"
    storage.put(data)
    stored = await storage.place.read()
    assert stored is not None
    assert stored.data == data


async def test_it_is_read_again_only_when_it_is_another(storage: Storage) -> None:
    storage.put(b"1,North\n")
    first = await storage.place.read()
    assert first is not None
    assert await storage.place.read(first.version) is None
    storage.put(b"1,South\n")
    second = await storage.place.read(first.version)
    assert second is not None
    assert second.data == b"1,South\n"
    assert await storage.place.read(second.version) is None
    # Whoever does not say what it has gets it again.
    assert await storage.place.read() == second


async def test_what_is_gone_is_said_with_a_remedy(storage: Storage) -> None:
    storage.put(b"1,North\n")
    stored = await storage.place.read()
    assert stored is not None
    storage.remove()
    with pytest.raises((ConfigError, ResourceMissing), match=r"zones.*csv") as caught:
        await storage.place.read(stored.version)
    assert caught.value.remedy


async def test_too_much_is_refused(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BYTES_MAX", 9)
    storage.put(b"1,North\n1")
    assert await storage.place.read() is not None
    storage.put(b"1,North\n12")
    with pytest.raises(ConfigError, match="has 10 bytes") as caught:
        await storage.place.read()
    assert caught.value.remedy == "a reference table has at most 9"


async def test_a_missing_bucket_is_named(aws: AwsClients, moto_url: str) -> None:
    with pytest.raises(ResourceMissing, match=rf"no bucket nowhere at {moto_url}") as caught:
        await ObjectPlace(aws, "s3://nowhere/zones.csv").read()
    assert "--endpoint-url" in (caught.value.remedy or "")


async def test_an_endpoint_that_is_down_may_come_back() -> None:
    async with AwsClients(AwsSettings("http://127.0.0.1:9", "us-east-1")) as aws:
        with pytest.raises(TransientError, match=r"s3://stable/zones.csv: EndpointConnectionError"):
            await ObjectPlace(aws, "s3://stable/zones.csv").read()


async def test_a_file_that_changes_while_it_is_read_is_read_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zones.csv"
    path.write_bytes(b"1,North\n")
    read_bytes = Path.read_bytes

    def slow(self: Path) -> bytes:
        found = read_bytes(self)
        path.write_bytes(found + b"2,South\n")
        return found

    monkeypatch.setattr(Path, "read_bytes", slow)
    with pytest.raises(TransientError, match=r"zones.csv is being written"):
        await FilePlace(path).read()


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Is a directory"):
        await FilePlace(tmp_path).read()


@pytest.mark.parametrize(
    ("status", "code", "what"),
    [
        (403, "AccessDenied", "may not be read"),
        (403, "InvalidObjectState", "cannot be read"),
        (503, "SlowDown", "SlowDown"),
        (404, "NoSuchKey", "no such object"),
    ],
)
async def test_what_s3_refuses_is_said(status: int, code: str, what: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=f"<Error><Code>{code}</Code></Error>")

    app = web.Application()
    app.router.add_get("/{key:.*}", answer)
    async with (
        TestServer(app, host="127.0.0.1") as server,
        AwsClients(AwsSettings(str(server.make_url("")), "us-east-1")) as aws,
    ):
        with pytest.raises(FleetError, match=what) as caught:
            await ObjectPlace(aws, "s3://stable/zones.csv").read()
    assert isinstance(caught.value, TransientError) == (status == 503)
    assert str(caught.value).startswith("s3://stable/zones.csv")
    if code == "AccessDenied":
        assert "s3:GetObject on arn:aws:s3:::stable/zones.csv" in (caught.value.remedy or "")

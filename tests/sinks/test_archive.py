"""The archive over real S3 and over one that fails; random lives, each the same to the byte."""

import asyncio
import gzip
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings, strategies as st

from awsio.clients import AwsClients
from fleet.batch import SHARD_END, Batch
from fleet.errors import ConfigError, ResourceMissing
from sinks import archive_store, archive_upload
from sinks.archive import ArchiveSink, create_bucket
from sinks.archive_settings import SETTINGS_KEY, ArchiveSettings
from sinks.archive_store import S3Store
from sinks.base import Cursor

START_MS = 1_767_225_600_000
SHARD = "shardId-000000000000"
SMALL = ArchiveSettings(object_bytes=120)
DEFAULT = b'{"format":"json","object_bytes":5242880,"window_ms":60000}\n'


class BucketClient:
    """Stands in for the AWS client; `troubles` are had one a call, in order, then none."""

    meta = SimpleNamespace(endpoint_url="http://stand-in", region_name="eu-west-1")

    def __init__(self, *troubles: str) -> None:
        self.troubles = list(troubles)
        self.objects: dict[str, bytes] = {SETTINGS_KEY: DEFAULT}
        self.uploads: dict[str, tuple[str, dict[int, bytes]]] = {}
        self.created: list[dict[str, Any]] = []

    @property
    def archived(self) -> dict[str, bytes]:
        return {key: body for key, body in self.objects.items() if key != SETTINGS_KEY}

    async def head_bucket(self, Bucket: str) -> None:
        await self.trouble()

    async def create_bucket(self, **request: Any) -> None:
        await self.trouble()
        self.created.append(request)

    async def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": Body(self.objects[Key]), "ETag": "tag"}

    async def put_object(
        self, Bucket: str, Key: str, Body: Any, ContentType: str, IfNoneMatch: str = ""
    ) -> None:
        assert ContentType == "application/gzip"
        await self.trouble()
        is_there = Key in self.objects
        self.put(Key, Body.read())
        if is_there and IfNoneMatch == "*":
            error = {"Code": "PreconditionFailed", "Message": "it is there"}
            raise ClientError({"Error": error}, "PutObject")

    async def list_multipart_uploads(self, Bucket: str, Prefix: str) -> dict[str, Any]:
        await self.trouble()
        known = self.uploads.items()
        return {"Uploads": [{"Key": key, "UploadId": upload} for upload, (key, _) in known]}

    async def create_multipart_upload(
        self, Bucket: str, Key: str, ContentType: str
    ) -> dict[str, str]:
        await self.trouble()
        upload_id = f"upload-{len(self.uploads)}-{Key}"
        self.uploads[upload_id] = (Key, {})
        return {"UploadId": upload_id}

    async def upload_part(
        self, Bucket: str, Key: str, UploadId: str, PartNumber: int, Body: Any
    ) -> dict[str, str]:
        await self.trouble()
        self.uploads[UploadId][1][PartNumber] = Body.read()
        return {"ETag": str(PartNumber)}

    async def complete_multipart_upload(
        self, Bucket: str, Key: str, UploadId: str, MultipartUpload: Any
    ) -> None:
        await self.trouble()
        _, parts = self.uploads.pop(UploadId)
        self.put(Key, b"".join(parts[part["PartNumber"]] for part in MultipartUpload["Parts"]))

    async def abort_multipart_upload(self, Bucket: str, Key: str, UploadId: str) -> None:
        await self.trouble()
        del self.uploads[UploadId]

    def put(self, key: str, body: bytes) -> None:
        assert self.objects.get(key, body) == body, "an object is only ever overwritten by itself"
        self.objects[key] = body

    async def trouble(self) -> None:
        await asyncio.sleep(0)
        if self.troubles and (code := self.troubles.pop(0)):
            if code == "stuck":
                await asyncio.Event().wait()
            if code == "killed":
                raise Killed
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "Call")


class Killed(BaseException):
    """The process dies: nothing of it runs on, so what it left in the bucket stays as it is."""


class Body:
    """What an object is read from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aenter__(self) -> "Body":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to let go of."""

    async def read(self) -> bytes:
        return self._data


def aws_with(client: BucketClient) -> AwsClients:
    async def s3() -> BucketClient:
        return client

    return cast(AwsClients, SimpleNamespace(s3=s3))


def batch(first: int, arrivals_ms: list[int], *, ended: bool = False) -> Batch:
    numbers = [str(first + n) for n in range(len(arrivals_ms))]
    return Batch(
        shard_id=SHARD,
        records=[b'{"n":%s}' % number.encode() for number in numbers],
        arrival_ms=np.array(arrivals_ms, np.int64),
        sequence_numbers=numbers,
        partition_keys=["key"] * len(numbers),
        position=SHARD_END if ended else numbers[-1],
    )


async def test_a_failing_bucket_is_waited_for_and_told() -> None:
    client, waits = BucketClient("", "SlowDown", "InternalError"), list[str]()
    sink = ArchiveSink(
        aws_with(client), "ours", on_wait=lambda reason, _seconds: waits.append(reason)
    )
    await sink.open({})
    await sink.write(batch(1, [START_MS, START_MS + 60_000]))
    assert [reason.split(": ")[:2] for reason in waits] == [
        ["bucket ours", "SlowDown"],
        ["bucket ours", "InternalError"],
    ]
    assert len(client.archived) == 2, "readings and their arrivals"
    assert sink.cursor() == {SHARD: "1"}


async def test_a_write_that_was_cancelled_is_not_in_the_cursor() -> None:
    client = BucketClient("", "", "", "stuck")
    sink = ArchiveSink(aws_with(client), "ours")
    await sink.open({})
    await sink.write(batch(1, [START_MS, START_MS + 60_000]))
    writing = asyncio.create_task(sink.write(batch(3, [START_MS + 120_000])))
    await asyncio.sleep(0.05)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert sink.cursor() == {SHARD: "1"}


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("404", ResourceMissing, "there is no bucket ours at http://stand-in"),
        ("403", ConfigError, "belongs to somebody else"),
    ],
)
async def test_a_bucket_that_cannot_be_used(code: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        await ArchiveSink(aws_with(BucketClient(code)), "ours").open({})
    assert "--archive-bucket" in raised.value.remedy


async def test_a_bucket_is_made_in_the_clients_region() -> None:
    client = BucketClient("404")
    assert await create_bucket(aws_with(client), "ours")
    assert client.created == [
        {"Bucket": "ours", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    ]


@pytest.mark.parametrize(
    ("troubles", "made"), [([""], False), (["404", "BucketAlreadyOwnedByYou"], False)]
)
async def test_a_bucket_that_is_ours_already_is_left_alone(troubles: list[str], made: bool) -> None:
    assert await create_bucket(aws_with(BucketClient(*troubles)), "ours") is made


@pytest.mark.parametrize("troubles", [["403"], ["404", "BucketAlreadyExists"]])
async def test_a_bucket_of_somebody_else_is_not_taken(troubles: list[str]) -> None:
    with pytest.raises(ConfigError, match="belongs to somebody else"):
        await create_bucket(aws_with(BucketClient(*troubles)), "ours")


async def test_real_objects_of_any_size(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    bucket = fresh_name("bucket")
    assert await create_bucket(aws, bucket)
    assert not await create_bucket(aws, bucket)
    noise = random.Random(5).randbytes(1_000_000)
    records = [noise, b'{"a":1}', noise, noise, noise, noise, noise]
    sink = ArchiveSink(aws, bucket)
    await sink.open({})
    await sink.write(
        Batch(
            shard_id=SHARD,
            records=records,
            arrival_ms=np.full(len(records), START_MS, np.int64),
            sequence_numbers=[str(n) for n in range(len(records))],
            partition_keys=["key"] * len(records),
            position=SHARD_END,
        )
    )
    s3 = reader("s3", moto_url)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    place = f"year=2026/month=01/day=01/hour=00/{SHARD}_0.json.gz"
    assert keys == ["archive.json", f"arrivals/{place}", f"errors/{place}", f"readings/{place}"]
    assert s3.get_object(Bucket=bucket, Key="archive.json")["Body"].read() == DEFAULT
    stored = s3.get_object(Bucket=bucket, Key=f"readings/{place}")
    assert gzip.decompress(stored["Body"].read()) == b'{"a":1}\n'
    assert stored["ContentType"] == "application/gzip"
    stored = s3.get_object(Bucket=bucket, Key=f"errors/{place}")
    assert len(gzip.decompress(stored["Body"].read()).splitlines()) == 6


record = st.tuples(st.sampled_from([0, 5, 30_000, 60_000, 200_000]), st.integers(0, 60))
event = st.tuples(st.integers(0, 6), st.booleans(), st.sampled_from(["", "", "", "save", "crash"]))


@settings(deadline=None, max_examples=150)
@given(records=st.lists(record, min_size=1, max_size=40), events=st.lists(event, max_size=40))
def test_any_life_gives_the_same_objects(
    records: list[tuple[int, int]], events: list[tuple[int, bool, str]]
) -> None:
    """Random batches, tips, snapshots and crashes: whatever was ever put, at any time, is put again
    byte for byte, and nothing else is there at the end.
    """
    arrivals_ms = (START_MS + np.cumsum([gap for gap, _ in records])).tolist()
    pads = [b'"' + b"x" * size + b'"' for _, size in records]
    once, many = BucketClient(), BucketClient()
    asyncio.run(live(once, arrivals_ms, pads, []))
    asyncio.run(live(many, arrivals_ms, pads, events))
    assert many.objects == once.objects
    bodies = [body for key, body in many.archived.items() if key.startswith("readings/")]
    lines = [line for body in bodies for line in gzip.decompress(body).split()]
    assert sorted(lines) == sorted(b'{"a":%s}' % pad for pad in pads)


async def live(
    client: BucketClient,
    arrivals_ms: list[int],
    pads: list[bytes],
    events: list[tuple[int, bool, str]],
) -> None:
    client.objects[SETTINGS_KEY] = DEFAULT.replace(b"5242880", b"120")
    saved: Cursor = {}
    sink = ArchiveSink(aws_with(client), "ours", SMALL)
    await sink.open(saved)
    start = 0
    for size, at_tip, fate in [*events, (len(pads), False, "")]:
        end = min(len(pads), start + size)
        ended = end == len(pads)
        await sink.write(
            Batch(
                shard_id=SHARD,
                records=[b'{"a":%s}' % pad for pad in pads[start:end]],
                arrival_ms=np.array(arrivals_ms[start:end], np.int64),
                sequence_numbers=[str(n + 95) for n in range(start, end)],
                partition_keys=["key"] * (end - start),
                position=SHARD_END if ended else str(end + 94) if end else None,
                tip_ms=arrivals_ms[end] if at_tip and not ended else None,
            )
        )
        start = end
        if fate == "save":
            saved = sink.cursor()
        if fate == "crash":
            sink = ArchiveSink(aws_with(client), "ours", SMALL)
            await sink.open(saved)
            position = str(saved.get(SHARD, 94))
            start = len(pads) if position == SHARD_END else int(position) - 94


async def upload(client: BucketClient, body: bytes) -> None:
    await S3Store(aws_with(client), "ours").put("readings/big.json.gz", body)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_store, "PART_BYTES", 10)
    monkeypatch.setattr(archive_upload, "PART_BYTES", 10)


@pytest.mark.usefixtures("small_parts")
async def test_a_big_object_is_whole_or_not_there_whenever_it_is_killed() -> None:
    body = bytes(range(35))
    calls = 7  # list, create, four parts, complete
    for call in range(calls):
        client = BucketClient(*[""] * call, "killed", *["killed"] * 3)
        with pytest.raises(Killed):
            await upload(client, body)
        assert client.archived == {}
        assert len(client.uploads) == (1 if call >= 2 else 0), "what the killed process left"
        client.troubles = []
        await upload(client, body)
        assert client.archived == {"readings/big.json.gz": body}
        assert client.uploads == {}, "the replay gave up what was left"


@pytest.mark.usefixtures("small_parts")
async def test_a_big_object_that_cannot_be_put_gives_its_parts_up() -> None:
    client = BucketClient("", "", "", "AccessDenied")
    with pytest.raises(ConfigError):
        await upload(client, bytes(35))
    assert client.archived == {}
    assert client.uploads == {}


async def test_a_really_big_object(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    bucket, s3 = fresh_name("bucket"), reader("s3", moto_url)
    s3.create_bucket(Bucket=bucket)
    left = s3.create_multipart_upload(Bucket=bucket, Key="readings/big.json.gz")
    assert left["UploadId"]
    body = random.Random(7).randbytes(archive_upload.PART_BYTES + 1)
    await S3Store(aws, bucket).put("readings/big.json.gz", body)
    stored = s3.get_object(Bucket=bucket, Key="readings/big.json.gz")
    assert stored["Body"].read() == body
    assert stored["ContentType"] == "application/gzip"
    assert stored["ETag"].endswith('-2"'), "in two parts"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


async def test_an_archive_keeps_its_settings(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    bucket = fresh_name("bucket")
    await create_bucket(aws, bucket)
    five_minutes = ArchiveSettings(window_ms=300_000)
    await ArchiveSink(aws, bucket, five_minutes).open({})
    await ArchiveSink(aws, bucket, five_minutes).open({})
    for other in (ArchiveSettings(), ArchiveSettings("parquet", window_ms=300_000)):
        with pytest.raises(ConfigError, match=r"has format json, objects of 5 MiB or 300 s"):
            await ArchiveSink(aws, bucket, other).open({})


async def test_an_archive_of_before_settings_were_kept_has_the_default_ones(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    bucket = fresh_name("bucket")
    await create_bucket(aws, bucket)
    place = f"year=2026/month=01/day=01/hour=00/{SHARD}_0.json.gz"
    reader("s3", moto_url).put_object(Bucket=bucket, Key=f"readings/{place}", Body=b"")
    with pytest.raises(ConfigError, match="objects of 5 MiB or 60 s"):
        await ArchiveSink(aws, bucket, ArchiveSettings(window_ms=300_000)).open({})
    await ArchiveSink(aws, bucket).open({})

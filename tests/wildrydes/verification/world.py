"""A whole run in small: readings put into a stream and entered in a ledger, processed by the real
engine into real sinks, on a clock that the test moves. Then it can be broken, by boto3.
"""

import asyncio
import gzip
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from analytics_sql.application_file import workshop_application
from analytics_sql.plan import Application
from awsio.clients import AwsClients
from awsio.put_records import Entry, put_records
from awsio.streams import create_stream
from fleet.batch import Batch
from fleet.clock import ManualClock
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint
from processor.engine import Engine
from simulator.ledger import Header, Ledger
from sinks.archive import ArchiveSink, create_bucket
from sinks.archive_settings import ArchiveSettings
from sinks.dead_letter import DeadLetterFile
from sinks.dynamodb import DynamoDbSink
from sinks.dynamodb_table import create_table
from sinks.kinesis import KinesisSink
from tests.wildrydes.running import all_records, client
from wildrydes.verification.comparison import PARTS, Comparison
from wildrydes.verification.verification import Verdict, VerifySettings, verify

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_s3 import S3Client

MINUTE_MS = 60_000
UNICORNS = ("Bucephalus", "Pegasus", "Söngull", "Shadowfax")
READINGS = 18
"""Of each unicorn, ten seconds apart: three minutes."""
SETTLE_MS = 1000


class TwoEndpoints(AwsClients):
    """Kinesis from one place, everything else from another."""

    def __init__(self, kinesis: AwsClients, others: AwsClients) -> None:
        self._kinesis = kinesis
        self._others = others

    async def kinesis(self) -> "KinesisClient":
        return await self._kinesis.kinesis()

    async def dynamodb(self) -> "DynamoDBClient":
        return await self._others.dynamodb()

    async def s3(self) -> "S3Client":
        return await self._others.s3()


class Services:
    """`async with Services(moto_url) as services`."""

    def __init__(self, moto_url: str) -> None:
        self._moto_url = moto_url
        self._stack = AsyncExitStack()
        self.clock = ManualClock()
        self.url = ""
        self.aws: AwsClients
        self.kinesis: Any
        self.dynamodb: Any
        self.s3: Any

    async def __aenter__(self) -> Self:
        endpoint = LocalEndpoint(kinesis_only=True, clock=self.clock)
        self.url = (await self._stack.enter_async_context(endpoint)).url
        clients = [
            await self._stack.enter_async_context(AwsClients(AwsSettings(url, "us-east-1")))
            for url in (self.url, self._moto_url)
        ]
        self.aws = TwoEndpoints(*clients)
        self.kinesis = client("kinesis", self.url)
        self.dynamodb, self.s3 = (client(name, self._moto_url) for name in ("dynamodb", "s3"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for boto in (self.kinesis, self.dynamodb, self.s3):
            boto.close()
        await self._stack.aclose()


class World:
    """One run, in streams, a table and a bucket of its own: `create`, `ride`, `process`."""

    def __init__(
        self,
        services: Services,
        folder: Path,
        number: int,
        application: Application | None = None,
    ) -> None:
        self._services = services
        self.aws, self.clock = services.aws, services.clock
        self.dynamodb, self.s3 = services.dynamodb, services.s3
        self.application = application or workshop_application()
        self.stream = f"wildrydes-{number}"
        self.summary = f"wildrydes-summary-{number}"
        self.table = f"UnicornSensorData-{number}"
        self.bucket = f"wildrydes-archive-{number}"
        self.ledger = folder / "rides.ledger.jsonl"
        self.letters = folder / "dead-letter.jsonl"
        self._summaries = 0
        self._sound: tuple[list[Any], dict[str, bytes], dict[Path, bytes]] = ([], {}, {})

    async def create(self) -> None:
        """What is written to, and a minute that begins now."""
        await create_stream(await self.aws.kinesis(), self.stream, 2)
        await create_stream(await self.aws.kinesis(), self.summary, 1)
        await create_table(self.aws, self.table)
        self.clock.advance(-self.clock.now_ms() % MINUTE_MS)

    async def ride(
        self, poison: Sequence[bytes] = (b"no JSON", b'{"Name":"X","Distance":"far"}')
    ) -> None:
        """Puts the readings, enters them in the ledger, and lets a minute and more pass."""
        kinesis = await self.aws.kinesis()
        with Ledger(self.ledger, Header(1, self.stream, 7, len(UNICORNS), "0")) as ledger:
            for number in range(READINGS):
                readings = [_reading(name, number) for name in UNICORNS]
                await put_records(kinesis, self.stream, readings, on_ack=ledger.enter)
                if number < len(poison):
                    await self.put("Poison", poison[number])
                self.clock.advance(10_000)
        self.clock.advance(MINUTE_MS)

    async def put(self, key: str, data: bytes) -> None:
        """A record of somebody else."""
        await put_records(await self.aws.kinesis(), self.stream, [Entry(key, data)])

    async def process(self) -> None:
        """What the processor does, without its waiting: every shard to its tip, then the end."""
        engine = Engine(self.application)
        sinks = [
            DynamoDbSink(self.aws, self.table, epoch=1),
            KinesisSink(self.aws, self.summary),
        ]
        letters = DeadLetterFile(self.letters)
        await letters.open({})
        for sink in sinks:
            await sink.open()
        rows, dead = [], []
        tip_ms = self.clock.now_ms()
        for batch in await self._batches(tip_ms):
            emitted = engine.add(batch)
            rows += emitted.rows.of(self.application.outputs)
            dead += emitted.letters
        emitted = engine.advance(tip_ms)
        rows += emitted.rows.of(self.application.outputs)
        for sink in sinks:
            await sink.write(rows)
        await letters.write(dead + emitted.letters)
        await letters.close()
        await self.archive_into(self.bucket)

    async def archive_into(self, bucket: str, settings: ArchiveSettings | None = None) -> None:
        """Archives the whole stream."""
        await create_bucket(self.aws, bucket)
        archive = ArchiveSink(self.aws, bucket, settings)
        await archive.open({})
        for batch in await self._batches(self.clock.now_ms()):
            await archive.write(batch)

    async def _batches(self, tip_ms: int) -> list[Batch]:
        kinesis = await self.aws.kinesis()
        batches = []
        for shard in (await kinesis.list_shards(StreamName=self.stream))["Shards"]:
            shard_id = shard["ShardId"]
            answer = await kinesis.get_shard_iterator(
                StreamName=self.stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
            )
            found = await kinesis.get_records(ShardIterator=answer["ShardIterator"])
            records: Any = found["Records"]
            batches.append(
                Batch(
                    shard_id,
                    [r["Data"] for r in records],
                    np.array([round(r["ApproximateArrivalTimestamp"] * 1000) for r in records]),
                    [r["SequenceNumber"] for r in records],
                    [r["PartitionKey"] for r in records],
                    records[-1]["SequenceNumber"],
                    tip_ms=tip_ms,
                )
            )
        return batches

    async def verify(self, **changes: Any) -> Verdict:
        """The verdict on all of it."""
        wanted: dict[str, Any] = {
            "application": self.application,
            "stream": self.stream,
            "summary_stream": self.summary,
            "table": self.table,
            "archive_bucket": self.bucket,
            "parts": PARTS,
            "ledgers": [self.ledger],
            "letters": self.letters,
            "since_ms": None,
            "settle_ms": SETTLE_MS,
        }
        settings = VerifySettings(**{**wanted, **changes})
        return await verify(settings, self.aws, None, lambda what, count: None)

    def remember(self) -> None:
        """What `mend` goes back to."""
        files = {path: path.read_bytes() for path in (self.ledger, self.letters)}
        self._sound = self.items(), self._bodies(), files

    def mend(self) -> None:
        """Undoes whatever was done to the table, the archive and the files."""
        items, bodies, files = self._sound
        for item in self.items():
            if item not in items:
                key = {name: item[name] for name in ("Name", "StatusTime")}
                self.dynamodb.delete_item(TableName=self.table, Key=key)
        there = self.items()
        for item in items:
            if item not in there:
                self.dynamodb.put_item(TableName=self.table, Item=item)
        now = self._bodies()
        for key in now.keys() - bodies.keys():
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        for key, body in bodies.items():
            if now.get(key) != body:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        for path, content in files.items():
            path.write_bytes(content)

    def _bodies(self) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="readings/")["Contents"]
        return {
            item["Key"]: self.s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            for item in found
        }

    async def summary_of(self, records: Sequence[tuple[str, bytes]]) -> str:
        """Another summary stream, with these keys and records."""
        self._summaries += 1
        stream = f"{self.summary}-{self._summaries}"
        kinesis = await self.aws.kinesis()
        await create_stream(kinesis, stream, 1)
        await put_records(kinesis, stream, [Entry(*record) for record in records])
        return stream

    async def rows(self) -> list[tuple[str, bytes]]:
        """The keys and records of the summary stream."""
        records = await asyncio.to_thread(self.records, self.summary)
        return [(record["PartitionKey"], record["Data"]) for record in records]

    def records(self, stream: str) -> list[dict[str, Any]]:
        """Every record of a stream, by boto3. The endpoint is on the test's own loop: call it in
        a thread.
        """
        return all_records(self._services.kinesis, stream)

    def items(self) -> list[dict[str, Any]]:
        """Every item of the table, as DynamoDB writes it."""
        items: list[dict[str, Any]] = self.dynamodb.scan(TableName=self.table)["Items"]
        return sorted(items, key=lambda item: (item["StatusTime"]["S"], item["Name"]["S"]))

    def objects(self, bucket: str | None = None) -> list[str]:
        """The keys of an archive's readings."""
        bucket = bucket or self.bucket
        found = self.s3.list_objects_v2(Bucket=bucket, Prefix="readings/")["Contents"]
        return [item["Key"] for item in found]

    def lines(self, key: str) -> list[bytes]:
        """The lines of an object."""
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return gzip.decompress(body).splitlines()

    def write_object(self, key: str, lines: Sequence[bytes]) -> None:
        """Writes an object anew."""
        body = gzip.compress(b"".join(line + b"\n" for line in lines))
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)


def named(verdict: Verdict, name: str) -> Comparison:
    """One comparison of a verdict."""
    return next(c for c in verdict.comparisons if c.name == name)


def mistakes(verdict: Verdict) -> dict[str, dict[str, int]]:
    """Comparison -> kind -> how many, where there are any."""
    return {
        c.name: {kind: count for kind, count in c.counts.items() if count}
        for c in verdict.comparisons
        if c.counts.total()
    }


def _reading(name: str, number: int) -> Entry:
    reading = {
        "Name": name,
        "StatusTime": "2026-01-01 00:00:00.000",
        "Latitude": 40.7,
        "Longitude": -74.0,
        "Distance": 29.1 + number / 10 + len(name) / 1000,
        "MagicPoints": 150 + number,
        "HealthPoints": 150 - number,
    }
    return Entry(name, json.dumps(reading, ensure_ascii=False).encode())

"""One contract, every sink of rows. A sink of the registry without a bench here fails."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3.dynamodb.types
import duckdb
import psycopg
import pytest
import pytest_asyncio
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from awsio.clients import AwsClients
from awsio.streams import create_stream
from fleet.errors import ResourceMissing, RowRefused, Superseded
from fleet.row import Row, Value
from fleet.settings import AwsSettings
from fleet.timestamp import timestamp_ms, timestamp_text
from sinks.base import AppendingSink, Cursor, RowSink
from sinks.dynamodb import DynamoDbSink, TableWrites
from sinks.dynamodb_put import EPOCH
from sinks.dynamodb_table import create_table
from sinks.firehose import FirehoseSink
from sinks.kinesis import KinesisSink
from sinks.lambda_function import LambdaSink
from sinks.memory import MemorySink
from sinks.parquet_folder import ROW_ID, ParquetFolder
from sinks.postgresql import PostgresSink
from sinks.postgresql_table import create_rows_table
from sinks.row_columns import RowColumn
from sinks.row_file import RowFile
from sinks.row_kinds import ROW_SINKS
from tests.postgresql import PostgresServer
from tests.sinks.delivered import delivered, make_delivery_stream
from tests.sinks.functions import LambdaEndpoint, running_endpoint

MINUTE_MS = 60_000
START_MS = 1_767_225_600_000


@dataclass
class Bench:
    """A place to write to, and an independent way to read it."""

    make: Callable[..., RowSink]
    """A new sink on the same place, as after a restart; `epoch` is 1 unless given."""
    read: Callable[[], Awaitable[list[dict[str, Any]]]]
    missing: Callable[[], RowSink] | None = None
    """A sink on a place that is not there."""
    refused: tuple[Row, str] | None = None
    """A row it never takes, and a word of the reason."""
    overwrites: bool = True
    """Whether a row written twice is there once; if not, and it is cut back when it opens, whether
    that is so after a crash.
    """
    guards: bool = True
    """Whether a row of an older epoch never replaces one of a newer."""


NAMES = (
    "memory",
    "dynamodb",
    "dynamodb batched",
    "kinesis",
    "firehose",
    "lambda",
    "file",
    "file in Parquet",
    "postgresql",
)
LONG = {"postgresql"}
"""Those whose places take seconds to make."""
COLUMNS = [
    RowColumn(name, type)
    for type, names in {
        "VARCHAR(100)": ("Name", "Text", "Empty"),
        "TIMESTAMP": ("StatusTime",),
        "BOOLEAN": ("Yes", "No"),
        "BIGINT": ("Zero", "Small", "Big", "Least", "Distance", "Absent", "Present"),
        "DOUBLE": ("Tenth", "Third", "Tiny", "Huge"),
    }.items()
    for name in names
]
"""Of the rows here, for places that have typed columns."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lambda_endpoint() -> AsyncIterator[LambdaEndpoint]:
    async with running_endpoint() as endpoint:
        yield endpoint


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lambda_aws(lambda_endpoint: LambdaEndpoint) -> AsyncIterator[AwsClients]:
    async with AwsClients(AwsSettings(lambda_endpoint.url, "us-east-1")) as clients:
        yield clients


@pytest_asyncio.fixture(loop_scope="session")
async def bench(place: Bench) -> AsyncIterator[Bench]:
    """The place of the parameter; every sink that was made on it is closed in the end."""
    sinks: list[RowSink] = []

    def make(**given: Any) -> RowSink:
        sinks.append(place.make(**given))
        return sinks[-1]

    yield replace(place, make=make)
    for sink in sinks:
        await sink.close()


@pytest_asyncio.fixture(
    params=[pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in NAMES],
    loop_scope="session",
)
async def place(
    request: pytest.FixtureRequest,
    moto_url: str,
    aws: AwsClients,
    kinesis_url: str,
    kinesis_aws: AwsClients,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
    lambda_endpoint: LambdaEndpoint,
    lambda_aws: AwsClients,
    tmp_path: Path,
) -> Bench:
    name = fresh_name("place")
    if request.param == "file":
        return file(tmp_path / "new" / "rows.jsonl")
    if request.param == "file in Parquet":
        return parquet(tmp_path / "rows")
    if request.param == "dynamodb":
        return await dynamodb(aws, name, reader("dynamodb", moto_url), "conditional")
    if request.param == "dynamodb batched":
        return await dynamodb(aws, name, reader("dynamodb", moto_url), "batched")
    if request.param == "kinesis":
        return await kinesis(kinesis_aws, name, reader("kinesis", kinesis_url))
    if request.param == "postgresql":
        return await postgresql(request.getfixturevalue("postgresql"), name)
    if request.param == "firehose":
        return firehose(aws, name, reader, moto_url)
    if request.param == "lambda":
        return function(lambda_endpoint, lambda_aws, name)
    return memory()


def memory() -> Bench:
    rows: dict[str, Row] = {}
    epochs: dict[str, int] = {}

    async def read() -> list[dict[str, Any]]:
        return [dict(row.values) for row in rows.values()]

    def make(epoch: int = 1) -> MemorySink:
        return MemorySink(rows, epochs=epochs, epoch=epoch)

    return Bench(make, read)


def firehose(
    aws: AwsClients, delivery_stream: str, reader: Callable[[str, str], Any], url: str
) -> Bench:
    make_delivery_stream(reader, url, delivery_stream)

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in delivered(reader, url, delivery_stream)]

    return Bench(
        lambda epoch=1: FirehoseSink(aws, delivery_stream),
        lambda: asyncio.to_thread(lines),
        missing=lambda: FirehoseSink(aws, "nowhere"),
        refused=TOO_BIG,
        overwrites=False,
        guards=False,
    )


def function(endpoint: LambdaEndpoint, aws: AwsClients, name: str) -> Bench:
    """A function that keeps what it gets by recordId."""
    kept: dict[str, dict[str, Any]] = {}

    def keep(event: dict[str, Any]) -> dict[str, Any]:
        for record in event["records"]:
            kept[record["recordId"]] = json.loads(base64.b64decode(record["data"]))
        return {"records": [{"recordId": r["recordId"], "result": "Ok"} for r in event["records"]]}

    async def read() -> list[dict[str, Any]]:
        return list(kept.values())

    endpoint.functions[name] = keep

    def make(function: str = name, epoch: int = 1) -> LambdaSink:
        return LambdaSink(aws, function, application="app")

    too_big = (row("Too big", 0, Text="x" * 5_000_000), "bytes")
    return Bench(make, read, missing=lambda: make("nowhere"), refused=too_big, guards=False)


def file(path: Path) -> Bench:
    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text().splitlines()]

    return Bench(
        lambda epoch=1: RowFile(path, epoch=epoch),
        lambda: asyncio.to_thread(lines),
        overwrites=False,
        guards=False,
    )


def parquet(folder: Path) -> Bench:
    def read() -> list[dict[str, Any]]:
        files = sorted(map(str, folder.rglob("*.parquet")))
        if not files:
            return []
        query = duckdb.sql(f"SELECT * EXCLUDE ({ROW_ID}, day) FROM read_parquet({files!r})")
        return [
            {name: in_rows(value) for name, value in zip(query.columns, found, strict=True)}
            for found in query.fetchall()
        ]

    def make(epoch: int = 1) -> ParquetFolder:
        return ParquetFolder(folder, {"OUT": COLUMNS}, epoch=epoch)

    wrong = (row("Wrong", 0, Distance="far"), "BIGINT")
    return Bench(make, lambda: asyncio.to_thread(read), refused=wrong, guards=False)


async def dynamodb(aws: AwsClients, table: str, reader: Any, writes: TableWrites) -> Bench:
    await create_table(aws, table)
    plain = boto3.dynamodb.types.TypeDeserializer().deserialize

    def scan() -> list[dict[str, Any]]:
        pages = reader.get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"]]
        return [
            {name: plain(value) for name, value in item.items() if name != EPOCH} for item in items
        ]

    def make(table: str = table, epoch: int = 1) -> DynamoDbSink:
        return DynamoDbSink(aws, table, epoch=epoch, writes=writes)

    return Bench(
        make,
        lambda: asyncio.to_thread(scan),
        missing=lambda: make("nowhere"),
        refused=TOO_BIG,
        guards=writes == "conditional",
    )


async def kinesis(aws: AwsClients, stream: str, reader: Any) -> Bench:
    await create_stream(await aws.kinesis(), stream, 2)

    def records() -> list[dict[str, Any]]:
        found = []
        for shard in reader.list_shards(StreamName=stream)["Shards"]:
            iterator = reader.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            found += reader.get_records(ShardIterator=iterator)["Records"]
        return [json.loads(record["Data"]) for record in found]

    return Bench(
        lambda epoch=1: KinesisSink(aws, stream),
        lambda: asyncio.to_thread(records),
        missing=lambda: KinesisSink(aws, "nowhere"),
        refused=TOO_BIG,
        overwrites=False,
        guards=False,
    )


def row(name: str, minute: int, **values: Value) -> Row:
    rowtime_ms = START_MS + minute * MINUTE_MS
    columns = {"Name": name, "StatusTime": timestamp_text(rowtime_ms), **values}
    return Row(f"app/OUT/{rowtime_ms}/{name}", "OUT", rowtime_ms, columns)


def window(minute: int, unicorns: int = 3) -> list[Row]:
    return [row(f"Unicorn {n}", minute, Distance=1800 + n) for n in range(unicorns)]


async def postgresql(server: PostgresServer, table: str) -> Bench:
    await create_rows_table(server.url, table, COLUMNS, server.place)

    def read() -> list[dict[str, Any]]:
        with psycopg.connect(server.url, row_factory=dict_row) as connection:
            found = connection.execute(SQL("SELECT * FROM {}").format(Identifier(table))).fetchall()
        own = {"row_id", "wildrydes_epoch"}
        return [{k: in_rows(v) for k, v in values.items() if k not in own} for values in found]

    def make(table: str = table, epoch: int = 1) -> PostgresSink:
        return PostgresSink(server.url, table, COLUMNS, where=server.place, epoch=epoch)

    return Bench(
        make,
        lambda: asyncio.to_thread(read),
        missing=lambda: make("nowhere"),
        refused=(row("Wrong", 0, Distance="far"), "bigint"),
    )


TOO_BIG = (row("Too big", 0, Text="x" * 1_100_000), "bytes")


def in_rows(value: Any) -> Any:
    """A value of a typed column as a row has it."""
    return timestamp_text(timestamp_ms(str(value))) if isinstance(value, datetime) else value


async def ready(bench: Bench, cursor: Cursor | None = None, epoch: int = 1) -> RowSink:
    """A sink that is open, at the cursor of a snapshot if it has such."""
    sink = bench.make(epoch=epoch)
    if isinstance(sink, AppendingSink):
        await sink.open(cursor or {})
    else:
        await sink.open()
    return sink


def cursor_of(sink: RowSink) -> Cursor | None:
    return sink.cursor() if isinstance(sink, AppendingSink) else None


def sorted_content(found: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Comparable: numbers as decimals (DynamoDB has one kind), NULL columns left out."""
    return sorted(
        tuple(
            (name, Decimal(str(value)) if type(value) in (int, float) else value)
            for name, value in sorted(values.items())
            if value is not None
        )
        for values in found
    )


async def landed(bench: Bench) -> list[tuple[Any, ...]]:
    content = sorted_content(await bench.read())
    return content if bench.overwrites else sorted(set(content))


def expected(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return sorted_content([dict(r.values) for r in rows])


def test_every_registered_sink_has_a_bench() -> None:
    assert set(ROW_SINKS) <= set(NAMES)


async def test_what_can_be_cut_back_tells_from_what_overwrites(bench: Bench) -> None:
    assert not (bench.overwrites and isinstance(bench.make(), AppendingSink))


async def test_it_is_a_sink(bench: Bench) -> None:
    sink = bench.make()
    assert isinstance(sink, RowSink)
    assert sink.name
    await sink.close()


async def test_values_of_every_kind_land_unchanged(bench: Bench) -> None:
    rows = [
        row("Ünïcørn ☃ 🦄", 0, Text='"quoted"\n\t\\ and blank ', Empty="", Yes=True, No=False),
        row("Numbers", 0, Zero=0, Small=-32768, Big=2**63 - 1, Least=-(2**63)),
        row("Floats", 0, Tenth=0.1, Third=1 / 3, Tiny=5e-130, Huge=1.7976931348623157e125),
        row("Nothing", 0, Absent=None, Present=1),
    ]
    sink = await ready(bench)
    await sink.write(rows)
    assert await landed(bench) == expected(rows)
    await sink.close()


async def test_nothing_written_is_nothing_landed(bench: Bench) -> None:
    sink = await ready(bench)
    await sink.write([])
    assert await landed(bench) == []


async def test_many_rows_in_one_write(bench: Bench) -> None:
    rows = window(0, unicorns=603)
    sink = await ready(bench)
    await sink.write(rows)
    assert await landed(bench) == expected(rows)


async def test_written_twice_counts_once(bench: Bench) -> None:
    sink = await ready(bench)
    await sink.write(window(0))
    await sink.write(window(0) + window(1))
    assert await landed(bench) == expected(window(0) + window(1))
    if not bench.overwrites:
        assert len(await bench.read()) == 9, "at least once: the repeated window is there twice"


async def test_of_two_rows_with_one_identity_the_last_counts(bench: Bench) -> None:
    if not bench.overwrites:
        pytest.skip("a stream keeps both, in order")
    first, second, third = (row("Same", 0, Distance=n) for n in (1, 2, 3))
    sink = await ready(bench)
    await sink.write([first, row("Other", 0, Distance=9), second])
    assert await landed(bench) == expected([second, row("Other", 0, Distance=9)])
    await sink.write([third])
    assert await landed(bench) == expected([third, row("Other", 0, Distance=9)])


@pytest.mark.parametrize("crash_after", range(4))
async def test_a_crash_between_write_and_snapshot_changes_nothing(
    bench: Bench, crash_after: int
) -> None:
    windows = [window(minute) for minute in range(4)]
    sink = await ready(bench)
    cursors = [cursor_of(sink)]
    for number, rows in enumerate(windows):
        await sink.write(rows)
        if number == crash_after:
            # No close, no snapshot: the next process starts with the window before.
            again = max(0, number - 1)
            sink = await ready(bench, cursors[again])
            for repeated in windows[again : number + 1]:
                await sink.write(repeated)
        cursors.append(cursor_of(sink))
    written = [r for rows in windows for r in rows]
    assert await landed(bench) == expected(written)
    if bench.overwrites or isinstance(sink, AppendingSink):
        assert sorted_content(await bench.read()) == expected(written), "each row is there once"


async def test_an_older_processor_replaces_no_row_of_a_newer(bench: Bench) -> None:
    if not bench.guards:
        pytest.skip("cannot tell")
    older, newer = await ready(bench, epoch=7), await ready(bench, epoch=8)
    await older.write([row("Bucephalus", 0, Distance=1)])
    await newer.write([row("Bucephalus", 0, Distance=2), row("Bucephalus", 1, Distance=2)])
    # What nobody else has written it may still write: it is not wrong, and not missing.
    await older.write([row("Shadowfax", 0, Distance=1)])
    with pytest.raises(Superseded):
        await older.write([row("Bucephalus", 1, Distance=1)])
    await newer.write([row("Shadowfax", 0, Distance=2)])
    assert await landed(bench) == expected(
        [
            row("Bucephalus", 0, Distance=2),
            row("Bucephalus", 1, Distance=2),
            row("Shadowfax", 0, Distance=2),
        ]
    )


async def test_a_row_that_can_never_be_taken_does_not_hold_up_the_others(bench: Bench) -> None:
    if bench.refused is None:
        pytest.skip("takes anything")
    bad, reason = bench.refused
    good = window(0, unicorns=60)
    sink = await ready(bench)
    with pytest.raises(RowRefused, match="refuses 1 of 61 rows") as refusal:
        await sink.write([*good[:30], bad, *good[30:]])
    [(row_id, why)] = refusal.value.refused
    assert row_id == bad.id
    assert reason in why
    assert await landed(bench) == expected(good)


async def test_what_it_writes_to_is_missing(bench: Bench) -> None:
    if bench.missing is None:
        pytest.skip("is always there")
    sink = bench.missing()
    assert not isinstance(sink, AppendingSink)
    with pytest.raises(ResourceMissing, match=r"there is no [\w ]+ nowhere at \S+") as error:
        await sink.open()
    await sink.close()
    assert re.search(r"--create-missing|docs/|create it", str(error.value.remedy))

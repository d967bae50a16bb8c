"""Tables made, described and queried, on moto; boto3 is the second opinion."""

from collections.abc import Callable
from typing import Any

import pytest

from awsio.clients import AwsClients
from fleet.errors import ConfigError, ResourceMissing
from fleet.row import Row
from sinks.dynamodb import DynamoDbSink
from sinks.dynamodb_item import KeyColumn
from sinks.dynamodb_table import create_table, query, table_key

FreshName = Callable[[str], str]


async def test_a_table_is_made_once_with_the_workshops_key(
    aws: AwsClients, moto_url: str, reader: Callable[[str, str], Any], fresh_name: FreshName
) -> None:
    table = fresh_name("table")
    assert await create_table(aws, table)
    assert not await create_table(aws, table)
    described = reader("dynamodb", moto_url).describe_table(TableName=table)["Table"]
    assert described["KeySchema"] == [
        {"AttributeName": "Name", "KeyType": "HASH"},
        {"AttributeName": "StatusTime", "KeyType": "RANGE"},
    ]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


async def test_another_applications_key_is_read_from_its_table(
    aws: AwsClients, fresh_name: FreshName
) -> None:
    table = fresh_name("table")
    key = (KeyColumn("Sensor", "N"),)
    await create_table(aws, table, key)
    assert await table_key(await aws.dynamodb(), table) == key
    sink = DynamoDbSink(aws, table, epoch=1)
    await sink.open()
    await sink.write([Row("a", "OUT", 0, {"Sensor": 7, "Heat": 1.5})])
    with pytest.raises(ConfigError, match=r"keyed by Sensor \(N\)"):
        await anext(query(aws, table, "7", "", "x"))


async def test_a_query_takes_a_range_of_one_unicorn_in_order(
    aws: AwsClients, fresh_name: FreshName
) -> None:
    table = fresh_name("table")
    await create_table(aws, table)
    sink = DynamoDbSink(aws, table, epoch=1)
    await sink.open()
    await sink.write(
        [
            Row(f"{name} {minute}", "OUT", 0, {"Zeal": 2, "StatusTime": minute, "Name": name})
            for name in ("Bucephalus", "Shadowfax")
            for minute in ("00:03", "00:01", "00:02", "00:04")
        ]
    )
    found = [row async for row in query(aws, table, "Bucephalus", "00:02", "00:03")]
    assert found == [
        {"Name": "Bucephalus", "StatusTime": "00:02", "Zeal": 2},
        {"Name": "Bucephalus", "StatusTime": "00:03", "Zeal": 2},
    ]
    assert list(found[0]) == ["Name", "StatusTime", "Zeal"], "key columns first"


async def test_a_query_reads_every_page(aws: AwsClients, fresh_name: FreshName) -> None:
    table = fresh_name("table")
    await create_table(aws, table)
    sink = DynamoDbSink(aws, table, epoch=1)
    await sink.open()
    # A page holds 1 MiB.
    big = "x" * 300_000
    times = [f"{n:02}" for n in range(10)]
    for time in times:
        await sink.write([Row(time, "OUT", 0, {"Name": "Big", "StatusTime": time, "Text": big})])
    found = [row["StatusTime"] async for row in query(aws, table, "Big", "00", "99")]
    assert found == times


async def test_a_query_of_a_missing_table_says_so(aws: AwsClients) -> None:
    with pytest.raises(ResourceMissing, match="there is no table nowhere at http://127"):
        await anext(query(aws, "nowhere", "a", "b", "c"))

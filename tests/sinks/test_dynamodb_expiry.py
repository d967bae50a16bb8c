"""Items that go by themselves: the option, the attribute, and the table's setting."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from awsio.clients import AwsClients
from fleet.errors import ConfigError
from fleet.row import Row
from sinks.base import AppendingSink
from sinks.dynamodb_expiry import Expiry, parse_expiry, turn_on
from sinks.output import parse_output
from sinks.registry import SinkSettings, check, create_resources, row_sinks
from sinks.row_columns import RowColumn

ROWTIME_MS = 1_767_225_660_999


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("Expires:30d", Expiry("Expires", 2_592_000)),
        ("expires at:12h", Expiry("expires at", 43_200)),
        ("e:90m", Expiry("e", 5_400)),
        ("e:1s", Expiry("e", 1)),
    ],
)
def test_an_expiry(text: str, expiry: Expiry) -> None:
    assert parse_expiry(text) == expiry


@pytest.mark.parametrize(
    "text", ["", "Expires", "Expires:", ":30d", "e:0d", "e:-1d", "e:30", "e:1w"]
)
def test_what_is_no_expiry(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_expiry(text)
    assert "ttl=ATTRIBUTE:30d" in str(error.value.remedy)


def test_it_goes_by_the_rows_own_time() -> None:
    assert Expiry("e", 60).at_s(ROWTIME_MS) == 1_767_225_720


def settings(url: str, **given: Any) -> SinkSettings:
    output = parse_output(url)
    return SinkSettings(Path("letters"), "b", outputs=(output,), records=(), **given)


@pytest.mark.parametrize("writes", ["conditional", "batched"])
async def test_items_carry_the_attribute_and_the_table_knows_it(
    aws: AwsClients,
    moto_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
    writes: str,
) -> None:
    table = fresh_name("table")
    chosen = settings(f"dynamodb://{table}?ttl=Expires:1h&writes={writes}")
    assert await create_resources(chosen, aws) == [f"table {table}"]
    assert await create_resources(chosen, aws) == []
    [sink] = row_sinks(chosen, aws, lambda _name: lambda _reason, _seconds: None)
    assert not isinstance(sink, AppendingSink)
    await sink.open()
    values = {"Name": "Bucephalus", "StatusTime": "2026-01-01 00:01:00.999", "Distance": 1800}
    await sink.write([Row("app/OUT/1/Bucephalus", "OUT", ROWTIME_MS, values)])
    client = reader("dynamodb", moto_url)
    answer = await asyncio.to_thread(client.describe_time_to_live, TableName=table)
    assert answer["TimeToLiveDescription"] == {
        "AttributeName": "Expires",
        "TimeToLiveStatus": "ENABLED",
    }
    [item] = (await asyncio.to_thread(client.scan, TableName=table))["Items"]
    assert item["Expires"] == {"N": "1767229260"}
    with pytest.raises(ConfigError, match="has Expires as its time to live"):
        await turn_on(aws, table, Expiry("Other", 60))


def test_a_column_cannot_be_the_attribute() -> None:
    columns = {"OUT": [RowColumn("Expires", "BIGINT")]}
    check(settings("dynamodb://T?ttl=Gone:1h", streams=columns, output_streams={"OUT"}))
    with pytest.raises(ConfigError, match="OUT has a column Expires"):
        check(settings("dynamodb://T?ttl=Expires:1h", streams=columns, output_streams={"OUT"}))

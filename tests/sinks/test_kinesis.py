"""The summary stream: what a record looks like, which shard it goes to, and in what order."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from awsio.clients import AwsClients
from awsio.streams import create_stream
from fleet.row import Row, Value
from sinks.kinesis import KinesisSink, partition_key


def row(values: dict[str, Value]) -> Row:
    return Row("app/OUT/1/Bucephalus", "OUT", 1_767_225_660_000, values)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"Name": "Bucephalus", "StatusTime": "2026-01-01 00:01:00.000"}, "Bucephalus"),
        ({"StatusTime": "2026-01-01 00:01:00.000", "Name": "Bucephalus"}, "Bucephalus"),
        ({"Count": 7, "City": "New York", "Name": "Bucephalus"}, "New York"),
        ({"Name": None, "City": "New York"}, "New York"),
        ({"Name": "", "City": "New York"}, "New York"),
        ({"StatusTime": "2026-01-01 00:01:00.000", "Sensor": 7}, "app/OUT/1/Bucephalus"),
        ({}, "app/OUT/1/Bucephalus"),
        ({"Name": "x" * 300}, "x" * 256),
        ({"Name": "2026-01-01"}, "2026-01-01"),
    ],
)
def test_the_partition_key_is_the_first_text(values: dict[str, Value], key: str) -> None:
    assert partition_key(row(values)) == key


async def test_records_are_the_services_flat_json_in_order(
    kinesis_aws: AwsClients,
    kinesis_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    stream = fresh_name("stream")
    await create_stream(await kinesis_aws.kinesis(), stream, 1)
    sink = KinesisSink(kinesis_aws, stream)
    await sink.open()
    rows = [
        row(
            {
                "StatusTime": f"2026-01-01 00:0{minute}:00.000",
                "Name": name,
                "Distance": 1800,
                "Mean": 30.5,
                "Note": None,
                "Awake": True,
            }
        )
        for minute in range(1, 4)
        for name in ("Bucephalus", "Shadowfax ☃")
    ]
    await sink.write(rows)

    client = reader("kinesis", kinesis_url)

    def read() -> list[dict[str, Any]]:
        [shard] = client.list_shards(StreamName=stream)["Shards"]
        iterator = client.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return list(client.get_records(ShardIterator=iterator)["Records"])

    records = await asyncio.to_thread(read)
    assert records[0]["Data"].decode() == (
        '{"StatusTime":"2026-01-01 00:01:00.000","Name":"Bucephalus","Distance":1800,'
        '"Mean":30.5,"Note":null,"Awake":true}'
    )
    for name in ("Bucephalus", "Shadowfax ☃"):
        mine = [r for r in records if r["PartitionKey"] == name]
        assert [json.loads(r["Data"]) for r in mine] == [
            r.values for r in rows if r.values["Name"] == name
        ]

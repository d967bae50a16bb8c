"""The summary stream: what a record looks like, which shard it goes to, and in what order."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from awsio.clients import AwsClients
from awsio.streams import create_stream
from fleet.row import Row, Value
from fleet.row_mark import mark_of, row_mark
from sinks.kinesis import KinesisSink, shard_key


def row(values: dict[str, Value], row_id: str = "app/OUT/1/Bucephalus") -> Row:
    return Row(row_id, "OUT", 1_767_225_660_000, values)


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
        ({"Name": "x" * 300}, "x" * 300),
        ({"Name": "2026-01-01"}, "2026-01-01"),
    ],
)
def test_the_first_text_decides_the_shard(values: dict[str, Value], key: str) -> None:
    assert shard_key(row(values)) == key


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
            },
            f"app/OUT/{minute}/{name}",
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
        mine = [r for r in records if r["PartitionKey"].startswith(f"{name}#")]
        assert [json.loads(r["Data"]) for r in mine] == [
            r.values for r in rows if r.values["Name"] == name
        ]
        assert [mark_of(r["PartitionKey"]) for r in mine] == [
            row_mark(r.id) for r in rows if r.values["Name"] == name
        ]


async def test_a_unicorns_rows_stay_in_the_shard_where_its_name_would_put_them(
    kinesis_aws: AwsClients,
    kinesis_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    stream = fresh_name("stream")
    await create_stream(await kinesis_aws.kinesis(), stream, 4)
    sink = KinesisSink(kinesis_aws, stream)
    await sink.open()
    names = [f"Unicorn {n}" for n in range(12)] + ["🦄" * 300]
    await sink.write([row({"Name": n}, f"app/OUT/{m}/{n}") for m in range(3) for n in names])

    client = reader("kinesis", kinesis_url)

    def shards_by_name() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for shard in client.list_shards(StreamName=stream)["Shards"]:
            iterator = client.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for record in client.get_records(ShardIterator=iterator)["Records"]:
                found.setdefault(json.loads(record["Data"])["Name"], set()).add(shard["ShardId"])
                assert len(record["PartitionKey"]) <= 256
        return found

    found = await asyncio.to_thread(shards_by_name)
    by_name_alone = {
        name: (
            await asyncio.to_thread(
                client.put_record, StreamName=stream, PartitionKey=name[:256], Data=b"{}"
            )
        )["ShardId"]
        for name in names
    }
    assert found == {name: {shard_id} for name, shard_id in by_name_alone.items()}


async def test_csv_has_the_same_keys_and_marks(
    kinesis_aws: AwsClients,
    kinesis_url: str,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> None:
    stream = fresh_name("stream")
    await create_stream(await kinesis_aws.kinesis(), stream, 1)
    sink = KinesisSink(kinesis_aws, stream, row_format="csv")
    await sink.open()
    one = row({"Name": "Bucephalus", "Distance": 1800, "Note": None, "Motto": "Hay, now"})
    await sink.write([one])

    client = reader("kinesis", kinesis_url)

    def read() -> list[dict[str, Any]]:
        iterator = client.get_shard_iterator(
            StreamName=stream,
            ShardId="shardId-000000000000",
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        return list(client.get_records(ShardIterator=iterator)["Records"])

    [record] = await asyncio.to_thread(read)
    assert record["Data"] == b'Bucephalus,1800,,"Hay, now"\n'
    assert record["PartitionKey"] == f"Bucephalus#{row_mark(one.id)}"

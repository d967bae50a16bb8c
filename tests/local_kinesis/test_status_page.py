"""`/_local/`: what the endpoint says of itself."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from tests.local_kinesis.wire import Reply, raw_connection

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

PAGE = Path(__file__).parents[2] / "local_kinesis" / "status_page"


async def get(endpoint: LocalEndpoint, path: str) -> Reply:
    async with raw_connection(endpoint.port) as raw:
        await raw.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return await raw.reply()


async def test_the_status_tells_of_shards_their_records_and_their_readers(
    endpoint: LocalEndpoint, client: "KinesisClient", clock: ManualClock
) -> None:
    await client.create_stream(StreamName="rides", ShardCount=1)
    started_ms = clock.now_ms()
    clock.advance(1000)
    await client.put_record(StreamName="rides", PartitionKey="abc", Data=b"1234567")
    await client.put_record(StreamName="rides", PartitionKey="abc", Data=b"12345")
    clock.advance(500)
    found = await client.get_shard_iterator(
        StreamName="rides", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    await client.get_records(ShardIterator=found["ShardIterator"], Limit=1)
    await client.split_shard(
        StreamName="rides",
        ShardToSplit="shardId-000000000000",
        NewStartingHashKey=str(2**126),
    )
    answer = (await get(endpoint, "/_local/status")).json
    assert answer["now_ms"] == started_ms + 1500
    assert answer["time_scale"] == 1
    assert (answer["moto"], answer["faults"], answer["dropped_records"]) == ("off", 0, 0)
    (stream,) = answer["streams"]
    assert (stream["name"], stream["status"]) == ("rides", "ACTIVE")
    parent, low, high = stream["shards"]
    assert (parent["records_total"], parent["records_kept"]) == (2, 2)
    assert parent["bytes_total"] == 7 + 5 + 2 * 3
    assert (parent["reads_total"], parent["last_read_ms"]) == (1, started_ms + 1500)
    assert parent["behind_ms"] == 500
    assert (parent["opened_ms"], parent["closed_ms"]) == (started_ms, started_ms + 1500)
    assert (low["from"], low["to"], high["from"], high["to"]) == (0, 0.25, 0.25, 1)
    assert low["parents"] == high["parents"] == ["shardId-000000000000"]
    assert (low["closed_ms"], low["last_read_ms"]) == (None, None)


async def test_the_page_comes_whole_from_the_endpoint(endpoint: LocalEndpoint) -> None:
    page = await get(endpoint, "/_local/")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    asked_for = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
    assert len(asked_for) >= 5
    for path in asked_for:
        if not path.startswith("data:"):
            assert path.startswith("/_local/")
            assert (await get(endpoint, path)).status == 200


def test_no_file_of_the_page_names_another_host() -> None:
    files = [path for path in PAGE.iterdir() if path.suffix in {".html", ".css", ".js"}]
    assert len(files) == 3
    for path in files:
        hosts = set(re.findall(r"//[\w.]+", path.read_text())) - {"//www.w3.org"}
        assert not hosts, path.name

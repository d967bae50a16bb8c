"""The status page in a real Chromium: `make test-browser`."""

from typing import TYPE_CHECKING

import pytest

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

pytestmark = pytest.mark.browser


async def test_the_page_draws_streams_and_their_shards(
    endpoint: LocalEndpoint, client: "KinesisClient", clock: ManualClock, open_page
) -> None:
    page = await open_page(endpoint.url + "/_local/")
    await page.get_by_text("There is no stream yet.").wait_for()

    await client.create_stream(StreamName="rides", ShardCount=1)
    clock.advance(10_000)
    await client.split_shard(
        StreamName="rides",
        ShardToSplit="shardId-000000000000",
        NewStartingHashKey=str(2**127),
    )
    clock.advance(10_000)
    await client.put_record(StreamName="rides", PartitionKey="a", Data=b"x")
    # Time goes right, hash keys go down.
    drawn = [[0, 0, 500, 1000], [500, 0, 500, 500], [500, 500, 500, 500]]
    await page.wait_for_function(
        "drawn => JSON.stringify(drawn) === JSON.stringify([...document.querySelectorAll('rect')]"
        ".map(one => ['x', 'y', 'width', 'height'].map(a => +one.getAttribute(a))))",
        arg=drawn,
    )
    rows = await page.locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[:4] for row in rows] == [
        ["shardId-000000000000", "closed", "–", "0 % to 100 %"],
        ["shardId-000000000001", "open", "0", "0 % to 50.0 %"],
        ["shardId-000000000002", "open", "0", "50.0 % to 100 %"],
    ]
    await page.get_by_text("not read").first.wait_for()


async def test_the_page_says_when_the_endpoint_is_gone(open_page) -> None:
    async with LocalEndpoint(kinesis_only=True) as endpoint:
        page = await open_page(endpoint.url + "/_local/", may_lose_connection=True)
        await page.get_by_text("There is no stream yet.").wait_for()
    await page.get_by_text("The endpoint does not answer").wait_for()

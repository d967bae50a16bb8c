"""Which endpoint the conformance suite asks.

Our own, unless WILDRYDES_CONFORMANCE_URL says otherwise: another endpoint's URL, or `aws` for the
service itself, with the credentials and the region of the environment, and at its prices. There a
stream takes half a minute to be made, so the suite takes a quarter of an hour.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import uuid4

import pytest
import pytest_asyncio
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError

from local_kinesis import LocalEndpoint

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

URL: Final = os.environ.get("WILDRYDES_CONFORMANCE_URL", "")
_SESSION: Final = AioSession()
"""One for all tests: it keeps the service models it has read."""
_ACTIVE_S: Final = 300
_PAUSE_S: Final = 0.25 if URL else 0.001


class Account:
    """A client, and what a test needs of an endpoint that takes its time."""

    def __init__(self, client: "KinesisClient") -> None:
        self.client = client
        self.made: list[str] = []

    async def create(self, **members: Any) -> str:
        """A new stream under a name of its own, ACTIVE."""
        name = f"conformance-{uuid4().hex[:12]}"
        await self.client.create_stream(StreamName=name, **members)
        self.made.append(name)
        await self.active(name)
        return name

    async def active(self, name: str) -> dict[str, Any]:
        """The summary of a stream, as soon as it is ACTIVE."""
        async with asyncio.timeout(_ACTIVE_S):
            while True:
                answer = await self.client.describe_stream_summary(StreamName=name)
                summary: Any = answer["StreamDescriptionSummary"]
                if summary["StreamStatus"] == "ACTIVE":
                    found: dict[str, Any] = summary
                    return found
                await asyncio.sleep(_PAUSE_S)

    async def shards(self, name: str, **members: Any) -> list[dict[str, Any]]:
        """The shards of a stream, in the order of their ids."""
        answer: Any = await self.client.list_shards(StreamName=name, **members)
        return sorted(answer["Shards"], key=lambda shard: str(shard["ShardId"]))

    async def place(self, name: str, shard: str, kind: str, **members: Any) -> str:
        """A shard iterator."""
        answer = await self.client.get_shard_iterator(
            StreamName=name,
            ShardId=shard,
            ShardIteratorType=kind,  # type: ignore[arg-type]
            **members,
        )
        return answer["ShardIterator"]

    async def read(self, place: str | None, count: int) -> tuple[list[dict[str, Any]], Any]:
        """Reads on until there were `count` records or the shard ended; the last answer beside
        them. An answer without records is no end: the service gives some.
        """
        records: list[dict[str, Any]] = []
        answer: Any = None
        async with asyncio.timeout(_ACTIVE_S):
            while place is not None and (len(records) < count or answer is None):
                answer = await self.client.get_records(ShardIterator=place)
                records.extend(answer["Records"])
                place = answer.get("NextShardIterator")
                if not answer["Records"]:
                    await asyncio.sleep(_PAUSE_S)
        return records, answer

    async def read_to_the_end(self, name: str, shard: str) -> tuple[list[dict[str, Any]], Any]:
        """All records of a closed shard, and the answer that said it is closed."""
        return await self.read(await self.place(name, shard, "TRIM_HORIZON"), 1 << 30)

    async def refusal(self, call: Awaitable[Any]) -> str:
        """The code of the error that a call ends with."""
        with pytest.raises(ClientError) as caught:
            await call
        return str(caught.value.response["Error"]["Code"])

    async def close(self) -> None:
        """Deletes what was made."""
        for name in self.made:
            await self.active(name)
            await self.client.delete_stream(StreamName=name, EnforceConsumerDeletion=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def account() -> AsyncIterator[Account]:
    """One for a module: a client takes as long to make as ten tests to run."""
    async with AsyncExitStack() as stack:
        url: str | None = URL
        if not URL:
            endpoint = LocalEndpoint(kinesis_only=True)
            url = (await stack.enter_async_context(endpoint)).url
        members: dict[str, Any] = {}
        if URL != "aws":
            members = {
                "endpoint_url": url,
                "region_name": "us-east-1",
                "aws_access_key_id": "local",
                "aws_secret_access_key": "local",
            }
        # Only the service itself throttles.
        attempts = 5 if URL == "aws" else 1
        config = AioConfig(
            parameter_validation=False, retries={"total_max_attempts": attempts, "mode": "standard"}
        )
        opening: Any = _SESSION.create_client("kinesis", config=config, **members)
        client = await stack.enter_async_context(opening)
        yield await stack.enter_async_context(Account(client))


def even_cuts(count: int) -> Sequence[tuple[str, str]]:
    """The hash key ranges of `count` even shards, as the API reference's examples have them."""
    size = 2**128 // count
    starts = [place * size for place in range(count)]
    ends = [start - 1 for start in starts[1:]] + [2**128 - 1]
    return [(str(start), str(end)) for start, end in zip(starts, ends, strict=True)]

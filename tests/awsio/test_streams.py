"""A stream is created once, by whoever comes first, and only when asked."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from awsio.streams import create_stream, describe_stream, summarize_stream
from fleet.errors import FleetError, ResourceMissing

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient


async def test_looking_creates_nothing(kinesis: "KinesisClient") -> None:
    with pytest.raises(ResourceMissing, match="stream wildrydes: "):
        await describe_stream(kinesis, "wildrydes")
    assert (await kinesis.list_streams())["StreamNames"] == []


async def test_a_stream_is_created_once_and_then_left_as_it_is(kinesis: "KinesisClient") -> None:
    assert await create_stream(kinesis, "wildrydes", 2)
    assert await describe_stream(kinesis, "wildrydes") == "ACTIVE"
    assert not await create_stream(kinesis, "wildrydes", 4)
    assert len((await kinesis.list_shards(StreamName="wildrydes"))["Shards"]) == 2


async def test_two_who_create_it_at_the_same_time_both_get_it(kinesis: "KinesisClient") -> None:
    created = await asyncio.gather(*(create_stream(kinesis, "wildrydes", 1) for _ in range(5)))
    assert created.count(True) == 1


async def test_a_name_that_the_service_refuses_is_our_error(kinesis: "KinesisClient") -> None:
    with pytest.raises(FleetError, match="stream wild rydes: "):
        await create_stream(kinesis, "wild rydes", 1)


async def test_a_summary_tells_the_time_of_the_service(kinesis: "KinesisClient") -> None:
    await create_stream(kinesis, "wildrydes", 1)
    summary = await summarize_stream(kinesis, "wildrydes")
    # Whole seconds, so up to one less than the stream's milliseconds.
    assert 0 <= summary.answered_ms - summary.created_ms + 1000 < 60_000

"""A subscription is told of every put at once, whatever it does at that moment."""

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from fleet.clock import SystemClock
from local_kinesis.answer import Answer
from local_kinesis.operations.subscriptions import subscribe_to_shard
from local_kinesis.service import Service
from local_kinesis.store import Store
from local_kinesis.subscription import Subscription
from local_kinesis.subscription_request import SubscribeToShard

LOOK_MS = 3_600_000
"""After so long a subscription looks by itself here: far beyond what being told may take."""
DEADLINE_S = 180


@pytest.fixture(autouse=True)
def looks_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_kinesis.subscription._SILENCE_MS", LOOK_MS)


class World:
    """A stream of one shard, and a subscription to it."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        store = Store(region="us-east-1")
        self._service = Service(store, self.clock)
        self._call("CreateStream", StreamName="s", ShardCount=1)
        stream = self._call("DescribeStreamSummary", StreamName="s")["StreamDescriptionSummary"]
        registered = self._call(
            "RegisterStreamConsumer", StreamARN=stream["StreamARN"], ConsumerName="fan"
        )
        asked = {
            "ConsumerARN": registered["Consumer"]["ConsumerARN"],
            "ShardId": "shardId-000000000000",
            "StartingPosition": {"Type": "TRIM_HORIZON"},
        }
        now_ms = self.clock.now_ms()
        self.subscription: Subscription = subscribe_to_shard(
            store, msgspec.convert(asked, SubscribeToShard), now_ms
        )
        self.subscription.began_ms = now_ms

    def put(self) -> None:
        self._call("PutRecord", StreamName="s", PartitionKey="k", Data="eA==")

    def _call(self, operation: str, **members: Any) -> Any:
        answer = self._service.answer(operation, "", msgspec.json.encode(members))
        assert isinstance(answer, Answer)
        assert answer.status == 200, answer
        return msgspec.json.decode(answer.body) if answer.body else None


async def test_a_put_while_an_event_is_being_sent() -> None:
    world = World()
    async with aclosing(world.subscription.events(world.clock)) as events:
        assert (await anext(events)).page.count == 0
        for _ in range(3):
            world.put()
            async with asyncio.timeout(DEADLINE_S):
                assert (await anext(events)).page.count == 1


@pytest.mark.parametrize("turns", range(4))
async def test_a_put_at_each_turn_of_the_loop_on_the_way_to_waiting(turns: int) -> None:
    world = World()
    async with aclosing(world.subscription.events(world.clock)) as events:
        await anext(events)
        coming = asyncio.create_task(anext(events))
        for _ in range(turns):
            await asyncio.sleep(0)
        world.put()
        async with asyncio.timeout(DEADLINE_S):
            assert (await coming).page.count == 1

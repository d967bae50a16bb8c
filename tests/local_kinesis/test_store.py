"""The memory bound: oldest first over all streams, counted, said, and seen by readers."""

import logging
from typing import Any

import msgspec
import pytest

from fleet.clock import ManualClock
from local_kinesis.service import Service
from local_kinesis.store import Store

BOUND = 2 << 20
RECORD = {"PartitionKey": "k", "Data": b"x" * 3000}


class World:
    """A service with little memory."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = Store(region="us-east-1", memory_max_bytes=BOUND)
        self.service = Service(self.store, self.clock)

    def call(self, operation: str, **members: Any) -> Any:
        answer = self.service.answer(operation, "", msgspec.json.encode(members))
        assert answer.status == 200, answer
        return msgspec.json.decode(answer.body) if answer.body else None

    def create(self, *names: str) -> None:
        for name in names:
            self.call("CreateStream", StreamName=name, ShardCount=1)

    def put(self, name: str, count: int) -> list[str]:
        answer = self.call("PutRecords", StreamName=name, Records=[RECORD] * count)
        return [record["SequenceNumber"] for record in answer["Records"]]

    def place(self, name: str, kind: str = "TRIM_HORIZON", **members: Any) -> str:
        answer = self.call(
            "GetShardIterator", StreamName=name, ShardId="0", ShardIteratorType=kind, **members
        )
        place: str = answer["ShardIterator"]
        return place

    def read(self, place: str) -> list[str]:
        records = self.call("GetRecords", ShardIterator=place)["Records"]
        return [record["SequenceNumber"] for record in records]


@pytest.fixture
def world() -> World:
    return World()


def test_memory_stays_within_its_bound_and_the_newest_records_stay(world: World) -> None:
    world.create("s")
    put = [number for _ in range(200) for number in world.put("s", 10)]
    assert BOUND * 0.9 < world.store.memory_bytes <= BOUND
    left = world.read(world.place("s"))
    assert 300 < len(left) < 600
    assert left == put[-len(left) :]
    size = world.store.size()
    assert (size.records, size.dropped_records) == (len(left), 2000 - len(left))


def test_the_oldest_go_first_whatever_stream_they_are_in(world: World) -> None:
    world.create("old", "new")
    world.put("old", 50)
    world.clock.advance(1000)
    world.put("new", 100)
    world.clock.advance(1000)
    for _ in range(38):
        world.put("old", 10)
    # Something of the first fifty had to go, and nothing that came after them.
    assert 0 < world.store.size().dropped_records <= 50
    assert len(world.read(world.place("new"))) == 100


def test_a_reader_that_is_behind_goes_on_where_there_is_something(world: World) -> None:
    world.create("s")
    place = world.place("s")
    put = [number for _ in range(100) for number in world.put("s", 10)]
    left = world.read(place)
    assert left == put[-len(left) :]
    after = world.place("s", "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=put[3])
    assert world.read(after) == left


def test_what_was_dropped_is_said_but_not_every_time(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.create("s")
    with caplog.at_level(logging.WARNING, "local_kinesis"):
        for _ in range(200):
            world.put("s", 10)
        assert len(caplog.messages) == 1
        assert "memory bound of 2 MiB reached" in caplog.text
        world.clock.advance(60_000)
        for _ in range(10):
            world.put("s", 10)
        assert len(caplog.messages) == 2


def test_memory_comes_back(world: World) -> None:
    world.create("a", "b")
    for _ in range(20):
        world.put("a", 10)
        world.put("b", 10)
    world.call("DeleteStream", StreamName="a")
    world.clock.advance(24 * 3_600_000 + 1)
    # Nobody reads: the endpoint's own sweep finds it.
    world.store.expire_all(world.clock.now_ms())
    assert world.store.memory_bytes == 0
    assert world.store.size().records == 0
    assert world.store.dropped_records == 0, "their time had come"
    world.put("b", 1)
    assert len(world.read(world.place("b"))) == 1

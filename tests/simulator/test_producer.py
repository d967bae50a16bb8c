"""Every acknowledged reading is counted; outages and lateness change when readings go, not what is
in them.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import pytest

from awsio.clients import AwsClients
from fleet.clock import ManualClock
from fleet.errors import ResourceMissing
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint
from simulator.herd import Herd
from simulator.land import Land
from simulator.names import names
from simulator.producer import GRACE_S, Producer
from tests.awsio.fake_service import THROTTLED, FakeService
from tests.awsio.instant import run

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

SEED = 7
Reading = dict[str, Any]


class LoopClock:
    """The event loop's own time, which costs nothing on an instant loop."""

    def now_ms(self) -> int:
        return 1_767_225_600_000 + round(asyncio.get_running_loop().time() * 1000)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Sending:
    """A producer and all that it said."""

    def __init__(
        self,
        client: object,
        land: Land,
        clock: Any,
        *,
        unicorns: int = 3,
        rate: float = 1.0,
        on_round: Callable[[], None] = lambda: None,
    ) -> None:
        self.notices: list[str] = []
        self.stop = asyncio.Event()
        self.producer = Producer(
            cast("KinesisClient", client),
            "wildrydes",
            names(unicorns),
            Herd(unicorns, SEED, land),
            clock,
            rate=rate,
            notice=self.notices.append,
            on_round=on_round,
        )
        self.progress = self.producer.progress

    async def run(self, **limits: Any) -> "Sending":
        await self.producer.run(self.stop, **limits)
        return self


@pytest.fixture
async def kinesis() -> "AsyncIterator[KinesisClient]":
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        yield await aws.kinesis()


async def stored(kinesis: "KinesisClient", shards: int) -> list[Reading]:
    """All readings of the stream, by the order of their sequence numbers."""
    records = []
    for number in range(shards):
        iterator = await kinesis.get_shard_iterator(
            StreamName="wildrydes",
            ShardId=f"shardId-{number:012d}",
            ShardIteratorType="TRIM_HORIZON",
        )
        answer = await kinesis.get_records(ShardIterator=iterator["ShardIterator"])
        records += answer["Records"]
    records.sort(key=lambda record: int(record["SequenceNumber"]))
    return [json.loads(record["Data"]) for record in records]


def by_name(readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[reading["Name"]].append(reading)
    return groups


def landed(service: FakeService) -> dict[str, list[Reading]]:
    return by_name([json.loads(data) for _, data in service.landed])


def without_time(readings: Sequence[Reading]) -> list[Reading]:
    return [{k: v for k, v in reading.items() if k != "StatusTime"} for reading in readings]


def seconds(reading: Reading) -> float:
    return datetime.fromisoformat(reading["StatusTime"]).timestamp()


def expected_ride(land: Land, unicorn: int, readings: int) -> list[Reading]:
    """What the herd alone says, without any producer."""
    herd = Herd(unicorn + 1, SEED, land)
    ride = []
    for _ in range(readings):
        ride.append(
            {
                "Name": names(unicorn + 1)[unicorn],
                "Latitude": herd.latitude[unicorn],
                "Longitude": herd.longitude[unicorn],
                "Distance": herd.distance_m[unicorn],
                "MagicPoints": herd.magic_points[unicorn],
                "HealthPoints": herd.health_points[unicorn],
            }
        )
        herd.advance()
    return ride


async def test_a_count_of_readings_of_each_unicorn_a_second_apart(
    kinesis: "KinesisClient", land: Land
) -> None:
    await kinesis.create_stream(StreamName="wildrydes", ShardCount=2)
    dots: list[str] = []

    sending = Sending(kinesis, land, ManualClock(), on_round=lambda: dots.append("."))
    await sending.run(count=5)

    rides = by_name(await stored(kinesis, 2))
    assert sorted(rides) == sorted(names(3))
    for unicorn, name in enumerate(names(3)):
        assert without_time(rides[name]) == expected_ride(land, unicorn, 5)
        assert [reading["StatusTime"] for reading in rides[name]] == [
            f"2026-01-01 00:00:{second:02d}.000" for second in range(5)
        ]
    progress = sending.progress
    assert (progress.sent, progress.rounds, len(dots)) == (15, 5, 5)
    assert progress.shards == {"shardId-000000000000", "shardId-000000000001"}
    assert (progress.left_out, progress.unacknowledged, sending.notices) == (0, 0, [])


async def test_a_rate_for_some_seconds(kinesis: "KinesisClient", land: Land) -> None:
    await kinesis.create_stream(StreamName="wildrydes", ShardCount=1)
    clock = ManualClock()

    sending = await Sending(kinesis, land, clock, unicorns=1, rate=4).run(seconds=2)

    readings = await stored(kinesis, 1)
    times = [reading["StatusTime"][-6:] for reading in readings]
    assert times == [f"0{ms // 1000}.{ms % 1000:03d}" for ms in range(0, 2000, 250)]
    # The ride is the same, played four times as fast.
    assert without_time(readings) == expected_ride(land, 0, 8)
    assert sending.progress.rounds == 8
    assert clock.now_ms() == ManualClock().now_ms() + 2000


async def test_a_missing_stream_ends_it(kinesis: "KinesisClient", land: Land) -> None:
    # More unicorns than one call holds: several calls meet the same error, and one is raised.
    with pytest.raises(ResourceMissing, match="stream wildrydes: "):
        await Sending(kinesis, land, ManualClock(), unicorns=1200).run(count=1)


def test_a_large_fleet_goes_in_several_calls(land: Land) -> None:
    service = FakeService()

    async def main() -> Sending:
        return await Sending(service, land, LoopClock(), unicorns=1201).run(count=2)

    sending = run(main())

    assert sorted(len(call) for call in service.calls) == [201, 201, 500, 500, 500, 500]
    assert sending.progress.sent == 2402
    rides = landed(service)
    assert set(rides) == set(names(1201))
    assert without_time(rides["Bucephalus"]) == expected_ride(land, 1, 2)


def test_an_outage_is_told_once_and_changes_no_reading(land: Land) -> None:
    # Nine attempts fail: at some hundred milliseconds at first, at ten seconds in the end.
    service = FakeService(["", *["unreachable"] * 9])

    async def main() -> Sending:
        return await Sending(service, land, LoopClock()).run(count=20)

    sending = run(main())

    for unicorn, name in enumerate(names(3)):
        assert without_time(landed(service)[name]) == expected_ride(land, unicorn, 20)
    began, ended = sending.notices
    assert began.startswith("waiting: stream wildrydes: EndpointConnectionError: ")
    assert ended.startswith("going on after ")
    assert sending.progress.sent == 60
    assert sending.progress.waiting is None


def test_after_an_outage_there_is_no_burst(land: Land) -> None:
    service = FakeService(["", *["unreachable"] * 9])

    async def main() -> Sending:
        return await Sending(service, land, LoopClock()).run(count=20)

    sending = run(main())

    times = [seconds(reading) for reading in landed(service)["Shadowfax"]]
    gaps = [after - before for before, after in pairwise(times)]
    # The second reading was made when it was due, and got through when the outage was over. The
    # next went out when the outage was over, the one after on the beat of the first ones again.
    assert sum(gap < 0.9 for gap in gaps) <= 1
    assert times[-1] - times[0] == pytest.approx(19 + sending.progress.left_out, abs=0.05)


def test_falling_behind_is_told_once(land: Land) -> None:
    """Each call takes one and a half seconds for a round that is due every second."""

    class Slow(FakeService):
        async def put_records(self, **asked: Any) -> dict[str, Any]:
            await asyncio.sleep(1.5)
            return await super().put_records(**asked)

    async def main() -> Sending:
        return await Sending(Slow(), land, LoopClock()).run(seconds=60)

    sending = run(main())

    assert sending.notices == [
        "falling behind: 3 readings take longer than 1 s to send; rounds of readings are left out"
    ]
    # 40 calls of 1.5 s fill a minute; the other 20 rounds have no place in it.
    assert sending.progress.rounds == 40
    assert sending.progress.left_out == pytest.approx(20, abs=2)


def test_it_says_when_it_is_on_time_again(land: Land) -> None:
    delays = iter([0.0, 5.0])

    class Delayed(FakeService):
        async def put_records(self, **asked: Any) -> dict[str, Any]:
            await asyncio.sleep(next(delays, 0.0))
            return await super().put_records(**asked)

    async def main() -> Sending:
        return await Sending(Delayed(), land, LoopClock()).run(count=10)

    sending = run(main())

    assert len(sending.notices) == 2
    left_out = sending.progress.left_out
    assert sending.notices[1] == f"on time again; {left_out} rounds of readings were left out"
    # Due 1 s after the first and done after 6: rounds 2 to 5 are past, round 6 is due.
    assert left_out == 4


def test_throttling_that_comes_and_goes_is_one_trouble(land: Land) -> None:
    service = FakeService(record_faults=[THROTTLED, "", "", ""] * 12)

    async def main() -> Sending:
        return await Sending(service, land, LoopClock()).run(count=30)

    sending = run(main())

    began, ended = sending.notices
    assert began.startswith(f"waiting: stream wildrydes: {THROTTLED}")
    assert ended.startswith("going on after ")
    assert sending.progress.sent == 90


@pytest.mark.parametrize("ends", ["signal", "time"])
def test_told_to_stop_in_an_outage_it_ends_and_says_what_it_gave_up(land: Land, ends: str) -> None:
    service = FakeService(["", "", *["unreachable"] * 1000])

    async def main() -> tuple[Sending, float]:
        loop = asyncio.get_running_loop()
        sending = Sending(service, land, LoopClock())
        started_s = loop.time()
        if ends == "signal":
            loop.call_later(5, sending.stop.set)
        await sending.run(seconds=5 if ends == "time" else None)
        return sending, loop.time() - started_s

    sending, took_s = run(main())

    assert took_s == pytest.approx(5 + GRACE_S, abs=0.1)
    assert (sending.progress.sent, sending.progress.unacknowledged) == (6, 3)
    assert sending.progress.waiting is not None


def test_told_to_stop_it_finishes_the_call_in_flight(land: Land) -> None:
    class Slow(FakeService):
        async def put_records(self, **asked: Any) -> dict[str, Any]:
            await asyncio.sleep(0.3)
            return await super().put_records(**asked)

    service = Slow()

    async def main() -> tuple[Sending, float]:
        loop = asyncio.get_running_loop()
        sending = Sending(service, land, LoopClock())
        started_s = loop.time()
        loop.call_later(2.1, sending.stop.set)
        await sending.run()
        return sending, loop.time() - started_s

    sending, took_s = run(main())

    assert took_s == pytest.approx(2.3, abs=0.1)
    assert sending.progress.sent == len(service.landed) == 9
    assert sending.progress.unacknowledged == 0


def test_told_to_stop_between_two_rounds_it_ends_at_once(land: Land) -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        sending = Sending(FakeService(), land, LoopClock(), rate=0.001)
        started_s = loop.time()
        loop.call_later(5, sending.stop.set)
        await sending.run()
        return loop.time() - started_s

    assert run(main()) == pytest.approx(5, abs=0.1)

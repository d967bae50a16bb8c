"""The archive played back, against the records that went into it."""

import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from fleet.clock import ManualClock
from sinks.archive_span import archive_span
from sinks.archive_store import MemoryStore
from sinks.live_map import LiveMap
from sinks.live_map.frame import CHANGES, Frame, decode_frame
from tests.sinks.archived import HOUR_MS, START_MS, Sent, in_order, reading, store_of
from tests.sinks.live_map.serving import serving

HOUR = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z"}


def fleet() -> dict[str, list[Sent]]:
    """Two shards with a unicorn each for three minutes, a reading a second, some poison."""
    shards: dict[str, list[Sent]] = {}
    for shard, name in enumerate(("Artax", "<b>Binky</b>")):
        shard_id = f"shardId-{shard:012d}"
        records = [
            Sent(shard_id, str(100 + second), name, START_MS + second * 1000 + 10 * shard, data)
            for second in range(180)
            for data in [reading(name, "2026-01-01 00:00:00.000", second)]
        ]
        records[7] = Sent(shard_id, "107", name, records[7].arrival_ms, b'{"Name":"Artax"}')
        shards[shard_id] = records
    return shards


@asynccontextmanager
async def replaying(store: MemoryStore | None) -> AsyncIterator[aiohttp.ClientSession]:
    live_map = LiveMap(ManualClock(START_MS + 5 * HOUR_MS), archive=store)
    async with serving(live_map) as url, aiohttp.ClientSession(url) as client:
        yield client


def messages(body: bytes) -> list[dict | Frame]:
    """A replay's body taken apart."""
    found: list[dict | Frame] = []
    offset = 0
    while offset < len(body):
        length, type_ = struct.unpack_from("<II", body, offset)
        assert length % 8 == 0, "columns stay aligned"
        payload = body[offset + 8 : offset + 8 + length]
        assert len(payload) == length
        found.append(json.loads(payload) if type_ == 1 else decode_frame(payload))
        offset += 8 + length
    return found


async def test_it_is_what_was_archived_second_by_second() -> None:
    shards = fleet()
    async with (
        replaying(store_of(shards)) as client,
        client.get("/replay", params=HOUR) as answer,
    ):
        assert answer.status == 200
        hello, names, *rest, end = messages(await answer.read())
    assert isinstance(hello, dict)
    assert (hello["type"], hello["replay"], hello["from_ms"]) == ("hello", True, START_MS)
    assert names["names"] == ["Artax", "<b>Binky</b>"]
    assert end == {
        "type": "end",
        "readings": 358,
        "hidden": {"malformed": 2, "off_earth": 0, "long_name": 0, "too_many": 0},
    }
    shown = []
    for frame in rest:
        assert isinstance(frame, Frame)
        assert (frame.kind, frame.time_ms % 1000) == (CHANGES, 0)
        for unicorn, age_ms in zip(frame.unicorn.tolist(), frame.age_ms.tolist(), strict=True):
            shown.append((names["names"][unicorn], frame.time_ms - age_ms))
    wanted = [
        (json.loads(record.data)["Name"], record.arrival_ms)
        for record in in_order(shards)
        if b"Latitude" in record.data
    ]
    assert [name for name, _ in shown] == [name for name, _ in wanted]
    assert max(abs(a - b) for (_, a), (_, b) in zip(shown, wanted, strict=True)) < 8


async def test_a_part_of_it_as_lines_of_json() -> None:
    params = {"from": str(START_MS + 60_000), "to": str(START_MS + 63_000), "format": "json"}
    async with (
        replaying(store_of(fleet())) as client,
        client.get("/replay", params=params) as answer,
    ):
        assert answer.content_type == "application/x-ndjson"
        lines = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert [line["type"] for line in lines] == ["hello", *["changes"] * 3, "end"]
    distances = [[u["distance_m"] for u in line["unicorns"]] for line in lines[1:-1]]
    assert distances == [[60.0] * 2, [61.0] * 2, [62.0] * 2]


async def test_an_hour_of_nothing_is_an_end() -> None:
    async with (
        replaying(MemoryStore({})) as client,
        client.get("/replay", params=HOUR) as answer,
    ):
        assert [m["type"] for m in messages(await answer.read())] == ["hello", "end"]


async def test_a_reader_that_leaves_ends_it() -> None:
    async with replaying(store_of(fleet())) as client:
        for _ in range(20):
            answer = await client.get("/replay", params=HOUR)
            await answer.content.read(100)
            answer.close()
        async with client.get("/replay", params=HOUR) as answer:
            assert (await answer.read()).rstrip().endswith(b"}}")


async def test_an_archive_that_breaks_says_so() -> None:
    store = store_of(fleet())
    key = next(key for key in sorted(store.objects) if key.startswith("readings/"))
    store.objects[key] = b"not gzip"
    async with replaying(store) as client, client.get("/replay", params=HOUR) as answer:
        last = messages(await answer.read())[-1]
    assert isinstance(last, dict)
    assert last["type"] == "failed"
    assert key in last["message"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("", ""), ("yesterday", "today"), ("2", "1"), ("1", "1"), ("0", str(7 * HOUR_MS)),
        ("2026-01-01T00:00:00Z", "2026-01-01T06:00:01Z"), ("-1", "5"), ("1", "9" * 15),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)  # fmt: skip
async def test_a_range_that_is_none_is_refused(first: str, last: str) -> None:
    async with (
        replaying(MemoryStore({})) as client,
        client.get("/replay", params={"from": first, "to": last}) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"] == "malformed"


async def test_without_an_archive_there_is_none() -> None:
    async with replaying(None) as client:
        for path in ("/replay", "/replay/range"):
            async with client.get(path) as answer:
                assert answer.status == 404


async def test_the_range_is_that_of_the_hours() -> None:
    async with replaying(store_of(fleet())) as client, client.get("/replay/range") as answer:
        assert await answer.json() == {"from_ms": START_MS, "to_ms": START_MS + HOUR_MS}
    async with replaying(MemoryStore({})) as client, client.get("/replay/range") as answer:
        assert await answer.json() == {"from_ms": None, "to_ms": None}


async def test_the_range_ends_now_when_the_last_hour_is_not_over() -> None:
    live_map = LiveMap(ManualClock(START_MS + 61_500), archive=store_of(fleet()))
    async with (
        serving(live_map) as url,
        aiohttp.ClientSession(url) as client,
        client.get("/replay/range") as answer,
    ):
        assert await answer.json() == {"from_ms": START_MS, "to_ms": START_MS + 61_500}


@pytest.mark.parametrize("hours", [[0], [0, 1], [3, 4, 9], [0, 400], list(range(50)), [7, 8_759]])
async def test_the_last_hour_is_found_by_halving(hours: list[int]) -> None:
    store = store_of(
        {
            "shardId-000000000000": [
                Sent("shardId-000000000000", str(10 + hour), "k", START_MS + hour * HOUR_MS, b"{}")
                for hour in hours
            ]
        }
    )
    for now_hour in (hours[-1], hours[-1] + 1, hours[-1] + 5_000):
        assert await archive_span(store, START_MS + now_hour * HOUR_MS) == (
            START_MS + hours[0] * HOUR_MS,
            START_MS + (hours[-1] + 1) * HOUR_MS,
        )

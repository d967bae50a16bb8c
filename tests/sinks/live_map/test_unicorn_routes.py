"""What the panel of one unicorn is told."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from fleet.errors import TransientError
from fleet.row import Row
from fleet.timestamp import timestamp_text
from sinks.live_map import LiveMap
from sinks.live_map.unicorn_routes import duration_s
from tests.sinks.live_map.serving import serving

MINUTE_MS = 60_000


def row(name: str, time_ms: int, distance: float) -> Row:
    values = {
        "Name": name,
        "StatusTime": timestamp_text(time_ms),
        "Distance": distance,
        "MinMagicPoints": 147,
        "MaxMagicPoints": 151,
        "MinHealthPoints": 149,
        "MaxHealthPoints": 153,
    }
    return Row(f"{name} {time_ms}", "DESTINATION_SQL_STREAM", time_ms, values)


async def test_the_latest_reading_is_told_exactly(served, producer) -> None:
    record = producer.record("Ro/ci nante", Distance=30.123456, HealthPoints=3000)
    await served.write(producer.batch(record))
    async with served.client.get("/unicorns/Ro%2Fci%20nante") as answer:
        assert await answer.json() == {
            "name": "Ro/ci nante",
            "latitude": 40.749167,
            "longitude": -73.985184,
            "age_ms": 0,
            "distance_m": 30.123456,
            "health": 3000,
            "magic": 150,
            "heading": None,
        }
    async with served.client.get("/unicorns/Nobody") as answer:
        assert answer.status == 404


async def test_live_rows_alone_are_not_complete(served, producer) -> None:
    now_ms = producer.now_ms
    await served.write(producer.batch(producer.record("A"), producer.record("B")))
    for minutes_ago in (40, 3, 2, 1):
        rows = [row(name, now_ms - minutes_ago * MINUTE_MS, minutes_ago) for name in "BA"]
        await served.live_map.rows.write(rows)
    async with served.client.get("/unicorns/B/rows") as answer:
        body = await answer.json()
        while len(body["rows"]) < 3:
            async with served.client.get("/unicorns/B/rows") as again:
                body = await again.json()
    assert [found["Distance"] for found in body["rows"]] == [3, 2, 1]
    assert (body["name"], body["complete"]) == ("B", False)
    assert body["rows"][0] == dict(row("B", now_ms - 3 * MINUTE_MS, 3).values)
    assert body["to"] == timestamp_text(now_ms)
    async with served.client.get("/unicorns/B/rows?last=60s") as answer:
        assert [found["Distance"] for found in (await answer.json())["rows"]] == [1]


async def test_the_table_and_the_live_rows_are_merged(producer) -> None:
    asked = []

    async def history(name: str, first: str, last: str) -> AsyncIterator[dict[str, Any]]:
        asked.append((name, first, last))
        for minutes_ago in (9, 2):
            time_ms = producer.now_ms - minutes_ago * MINUTE_MS
            yield {**row(name, time_ms, 1000.25).values, "Extra": "x"}

    live_map = LiveMap(producer.clock(), 20, history=history)
    async with serving(live_map) as url, aiohttp.ClientSession(url) as client:
        await live_map.write(producer.batch(producer.record("A")))
        live = [row("A", producer.now_ms - minutes * MINUTE_MS, minutes) for minutes in (2, 1)]
        await live_map.rows.write(live)
        rows: list[dict[str, Any]] = []
        while len(rows) < 3:
            async with client.get("/unicorns/A/rows?last=10m") as answer:
                body = await answer.json()
                rows = body["rows"]
    assert body["complete"] is True
    assert [found["Distance"] for found in rows] == [1000.25, 1000.25, 1]
    assert rows[1]["Extra"] == "x", "the table's row is the exact one"
    assert asked[0] == ("A", "2025-12-31 23:50:00.000", "2026-01-01 00:00:00.000")


async def test_a_table_that_is_down_does_not_hold_the_panel_up(producer) -> None:
    async def history(name: str, first: str, last: str) -> AsyncIterator[dict[str, Any]]:
        raise TransientError("table: no answer")
        yield {}

    live_map = LiveMap(producer.clock(), 20, history=history)
    async with (
        serving(live_map) as url,
        aiohttp.ClientSession(url) as client,
        client.get("/unicorns/A/rows") as answer,
    ):
        assert answer.status == 200
        body = await answer.json()
    assert (body["rows"], body["complete"]) == ([], False)


@pytest.mark.parametrize("last", ["", "30", "m", "0m", "25h", "-5m", "1e3s", "٣m", "9999999s"])
async def test_a_duration_that_is_none_is_refused(served, last: str) -> None:
    async with served.client.get("/unicorns/A/rows", params={"last": last}) as answer:
        assert answer.status == 400


def test_durations() -> None:
    assert [duration_s(text) for text in ("90s", "30m", "24h")] == [90, 1800, 86_400]

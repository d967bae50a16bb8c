"""The map as its viewers and the pipeline meet it: a real server, real clients."""

import asyncio
import contextlib
import json

import aiohttp
import pytest

from fleet.row import Row
from sinks.base import RecordSink, Sink
from sinks.live_map import LiveMap
from sinks.live_map.frame import CHANGES, FULL


async def next_json(socket: aiohttp.ClientWebSocketResponse) -> dict:
    return json.loads(await socket.receive_str(timeout=60))


def test_it_is_a_record_sink_that_keeps_nothing() -> None:
    live_map = LiveMap()
    assert isinstance(live_map, RecordSink)
    assert isinstance(live_map.rows, Sink)
    assert live_map.name == "live_map"
    assert live_map.cursor() is None


async def test_a_viewer_gets_the_full_picture_and_then_the_changes(served, producer) -> None:
    await served.write(producer.batch(producer.record("Artax"), producer.record("Binky")))
    async with served.watching() as viewer:
        hello = await viewer.document("hello")
        assert (hello["version"], hello["interval_ms"], hello["resumed"]) == (2, 20, False)
        assert await viewer.document("names") == {
            "type": "names",
            "first": 0,
            "names": ["Artax", "Binky"],
        }
        picture = await viewer.frame()
        assert (picture.kind, picture.unicorn.tolist()) == (FULL, [0, 1])
        assert picture.latitude.tolist() == pytest.approx([40.749167] * 2, abs=1e-7)
        assert picture.time_ms == producer.now_ms

        # What had changed before the viewer came may still come as a change; it is known already.
        await served.write(producer.batch(producer.record("Binky", HealthPoints=149)))
        changes = await viewer.frame()
        while 149 not in changes.health.tolist():
            changes = await viewer.frame()
        assert changes.kind == CHANGES
        assert changes.health.tolist()[-1] == 149

        await served.write(producer.batch(producer.record("Comet")))
        assert (await viewer.document("names"))["names"] == ["Comet"]
        newcomer = await viewer.frame()
        assert newcomer.unicorn.tolist() == [2]
        assert newcomer.sequence > changes.sequence


async def test_the_first_picture_may_be_empty(served, producer) -> None:
    async with served.watching() as viewer:
        assert len(await viewer.frame(FULL)) == 0
        await served.write(producer.batch(producer.record("Artax")))
        assert (await viewer.document("names"))["names"] == ["Artax"]
        assert (await viewer.frame()).unicorn.tolist() == [0]


async def test_every_viewer_gets_every_tick(served, producer) -> None:
    async with contextlib.AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(served.watching()) for _ in range(20)]
        for viewer in viewers:
            await viewer.frame(FULL)
        assert len(served.live_map.viewers) == 20
        await served.write(producer.batch(producer.record("Artax")))
        for viewer in viewers:
            assert (await viewer.document("names"))["names"] == ["Artax"]
            assert (await viewer.frame()).unicorn.tolist() == [0]
    await served.all_have_left()


async def test_what_cannot_be_shown_is_counted_for_all_to_see(served, producer) -> None:
    async with served.watching() as viewer:
        assert sum((await viewer.document("status"))["hidden"].values()) == 0
        await served.write(
            producer.batch(b"{", producer.record("Artax"), producer.record("Far", Latitude=91))
        )
        assert await viewer.document("status") == {
            "type": "status",
            "unicorns": 1,
            "viewers": 1,
            "hidden": {"malformed": 1, "off_earth": 1, "long_name": 0, "too_many": 0},
        }
        assert viewer.names == {0: "Artax"}


async def test_rows_come_when_their_minute_has_closed(served, producer) -> None:
    await served.write(producer.batch(producer.record("Artax"), producer.record("Binky")))
    async with served.watching() as viewer:
        await viewer.frame(FULL)
        await served.live_map.rows.write([minute("Binky"), minute("Artax", Distance=30), other()])
        rows = await viewer.rows()
        assert (rows.time_ms, rows.unicorn.tolist()) == (producer.now_ms + 60_000, [0, 1])
        assert rows.distance_m.tolist() == [30.0, 1800.5]
        assert (rows.health_min.tolist(), rows.magic_max.tolist()) == ([149] * 2, [151] * 2)
    async with served.watching() as newcomer:
        assert (await newcomer.rows()).unicorn.tolist() == [0, 1]


def minute(name: str, **changed: int) -> Row:
    values = {
        "Name": name,
        "StatusTime": "2026-01-01 00:01:00.000",
        "Distance": 1800.5,
        "MinMagicPoints": 147,
        "MaxMagicPoints": 151,
        "MinHealthPoints": 149,
        "MaxHealthPoints": 153,
    }
    return Row(name, "DESTINATION_SQL_STREAM", 1_767_225_660_000, values | changed)


def other() -> Row:
    """A row of another application."""
    return Row("1", "DESTINATION_SQL_STREAM", 0, {"Name": "Artax", "Total": 1})


async def test_a_flood_of_names_does_not_last(served, producer) -> None:
    """The limit is reached, all can see it, and when the made-up ones are gone there is room."""
    live_map = served.live_map
    live_map.picture.unicorns_max = 3
    async with served.watching() as viewer:
        first = await viewer.document("hello")
        flood = [producer.record(name) for name in ("made", "up", "names", "Artax")]
        await served.write(producer.batch(*flood))
        status = await viewer.document("status")
        while status["hidden"]["too_many"] != 1:
            status = await viewer.document("status")
        served.clock.advance(31_000)
        later_ms = producer.now_ms + 31_000
        await served.write(producer.batch(producer.record("Artax"), arrival_ms=later_ms))
        again = await viewer.document("hello")
        assert again["feed"] != first["feed"]
        viewer.names.clear()
        assert viewer.shown(await viewer.frame(FULL)) == ["Artax"]


async def test_json_over_a_websocket(served, producer) -> None:
    await served.write(producer.batch(producer.record("Artax", Distance=29.9)))
    async with served.client.ws_connect("/feed?format=json") as socket:
        assert (await next_json(socket))["type"] == "hello"
        document = await next_json(socket)
        assert document == {
            "type": "full",
            "sequence": document["sequence"],
            "time_ms": producer.now_ms,
            "unicorns": [
                {
                    "name": "Artax",
                    "latitude": 40.749167,
                    "longitude": -73.985184,
                    "age_ms": 0,
                    "distance_m": 29.9,
                    "health": 150,
                    "magic": 150,
                    "heading": None,
                }
            ],
        }


async def test_lines_of_json_for_a_plain_get(served, producer) -> None:
    await served.write(producer.batch(producer.record("Artax")))
    async with served.client.get("/feed", params={"format": "json"}) as response:
        assert response.status == 200
        assert response.content_type == "application/x-ndjson"
        types = [json.loads(await response.content.readline())["type"] for _ in range(2)]
        assert types == ["hello", "full"]
        await served.write(producer.batch(producer.record("Binky")))
        line = {}
        while line.get("type") != "changes" or line["unicorns"][-1]["name"] != "Binky":
            line = json.loads(await response.content.readline())


async def test_closing_says_goodbye(served) -> None:
    async with served.watching() as viewer:
        lines = await served.client.get("/feed", params={"format": "json"})
        await viewer.document("status")
        await served.live_map.close()
        while (message := await viewer.socket.receive(timeout=60)).type == aiohttp.WSMsgType.TEXT:
            pass
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
        assert (await lines.text()).startswith('{"type":"hello"')


async def test_a_fault_in_ticking_comes_out_of_write(served, producer, monkeypatch) -> None:
    monkeypatch.setattr(served.live_map.picture, "tick", None)
    await served.live_map.write(producer.batch(producer.record("Artax")))
    [ticking] = (task for task in asyncio.all_tasks() if task.get_name() == "live map")
    await asyncio.wait([ticking])
    with pytest.raises(TypeError):
        await served.live_map.write(producer.batch())

"""The map as its viewers and the pipeline meet it: a real server, real clients."""

import asyncio
import json

import aiohttp
import pytest

from sinks.base import RecordSink
from sinks.live_map import LiveMap
from sinks.live_map.frame import CHANGES, FULL, decode_frame


async def next_json(socket: aiohttp.ClientWebSocketResponse) -> dict:
    return json.loads(await socket.receive_str(timeout=5))


async def next_frame(socket: aiohttp.ClientWebSocketResponse):
    return decode_frame(await socket.receive_bytes(timeout=5))


def test_it_is_a_record_sink_that_keeps_nothing() -> None:
    live_map = LiveMap()
    assert isinstance(live_map, RecordSink)
    assert live_map.name == "live_map"
    assert live_map.cursor() is None


async def test_a_viewer_gets_the_full_picture_and_then_the_changes(served, producer) -> None:
    live_map = served.live_map
    await live_map.write(producer.batch(producer.record("Artax"), producer.record("Binky")))
    async with served.client.ws_connect("/feed") as socket:
        hello = await next_json(socket)
        assert (hello["type"], hello["version"], hello["interval_ms"]) == ("hello", 1, 20)
        names = await next_json(socket)
        assert names == {"type": "names", "first": 0, "names": ["Artax", "Binky"]}
        picture = await next_frame(socket)
        assert (picture.kind, picture.unicorn.tolist()) == (FULL, [0, 1])
        assert picture.latitude.tolist() == pytest.approx([40.749167] * 2, abs=1e-7)
        assert picture.time_ms == producer.now_ms

        # What had changed before the viewer came may still come as a change; it is known already.
        await live_map.write(producer.batch(producer.record("Binky", HealthPoints=149)))
        changes = await next_frame(socket)
        while 149 not in changes.health.tolist():
            changes = await next_frame(socket)
        assert changes.kind == CHANGES
        assert changes.health.tolist()[-1] == 149

        await live_map.write(producer.batch(producer.record("Comet")))
        assert await next_json(socket) == {"type": "names", "first": 2, "names": ["Comet"]}
        newcomer = await next_frame(socket)
        assert newcomer.unicorn.tolist() == [2]
        assert newcomer.sequence > changes.sequence


async def test_the_first_picture_may_be_empty(served, producer) -> None:
    async with served.client.ws_connect("/feed") as socket:
        await next_json(socket)
        assert len(await next_frame(socket)) == 0
        await served.live_map.write(producer.batch(producer.record("Artax")))
        assert (await next_json(socket))["names"] == ["Artax"]
        assert (await next_frame(socket)).unicorn.tolist() == [0]


async def test_every_viewer_gets_every_tick(served, producer) -> None:
    sockets = [await served.client.ws_connect("/feed") for _ in range(20)]
    for socket in sockets:
        await next_json(socket)
        await next_frame(socket)
    assert len(served.live_map.viewers) == 20
    await served.live_map.write(producer.batch(producer.record("Artax")))
    for socket in sockets:
        assert (await next_json(socket))["names"] == ["Artax"]
        assert (await next_frame(socket)).unicorn.tolist() == [0]
        await socket.close()
    await served.all_have_left()


async def test_malformed_readings_are_passed_over(served, producer) -> None:
    await served.live_map.write(
        producer.batch(b"{", producer.record("Artax"), producer.record("Far", Latitude=91))
    )
    async with served.client.ws_connect("/feed") as socket:
        await next_json(socket)
        assert (await next_json(socket))["names"] == ["Artax"]
        assert len(await next_frame(socket)) == 1
    assert served.live_map.picture.skipped == 2


async def test_json_over_a_websocket(served, producer) -> None:
    await served.live_map.write(producer.batch(producer.record("Artax", Distance=29.9)))
    async with served.client.ws_connect("/feed?format=json") as socket:
        assert (await next_json(socket))["type"] == "hello"
        assert await next_json(socket) == {
            "type": "full",
            "sequence": 0,
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
                }
            ],
        }


async def test_lines_of_json_for_a_plain_get(served, producer) -> None:
    await served.live_map.write(producer.batch(producer.record("Artax")))
    async with served.client.get("/feed", params={"format": "json"}) as response:
        assert response.status == 200
        assert response.content_type == "application/x-ndjson"
        types = [json.loads(await response.content.readline())["type"] for _ in range(2)]
        assert types == ["hello", "full"]
        await served.live_map.write(producer.batch(producer.record("Binky")))
        line = json.loads(await response.content.readline())
        while line["unicorns"][-1]["name"] != "Binky":
            line = json.loads(await response.content.readline())
        assert line["type"] == "changes"


async def test_closing_says_goodbye(served) -> None:
    socket = await served.client.ws_connect("/feed")
    lines = await served.client.get("/feed", params={"format": "json"})
    await next_json(socket)
    await next_frame(socket)
    await served.live_map.close()
    message = await socket.receive(timeout=5)
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
    assert len((await lines.text()).splitlines()) == 2


async def test_a_fault_in_ticking_comes_out_of_write(served, producer, monkeypatch) -> None:
    monkeypatch.setattr(served.live_map.picture, "changes", None)
    await served.live_map.write(producer.batch(producer.record("Artax")))
    [ticking] = (task for task in asyncio.all_tasks() if task.get_name() == "live map")
    await asyncio.wait([ticking])
    with pytest.raises(TypeError):
        await served.live_map.write(producer.batch())

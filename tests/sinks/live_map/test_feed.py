"""Who may become a viewer, and how one who may not is told."""

import asyncio
import json
import socket
from urllib.parse import urlsplit

import aiohttp
import pytest

from sinks.live_map import feed
from sinks.live_map.frame import CHANGES, FULL


async def test_another_site_may_not_look(served) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await served.client.ws_connect("/feed", origin="http://example.com")
    assert refused.value.status == 403
    async with served.client.get(
        "/feed?format=json", headers={"Origin": "http://example.com"}
    ) as response:
        assert response.status == 403


async def test_our_own_page_may(served) -> None:
    async with served.client.ws_connect("/feed", origin=served.url) as socket:
        assert "hello" in await socket.receive_str(timeout=60)


async def test_a_plain_get_is_told_what_to_do(served) -> None:
    async with served.client.get("/feed") as response:
        assert response.status == 426
        assert response.headers["Upgrade"] == "websocket"
        assert "/feed?format=json" in await response.text()


async def test_there_is_a_limit_to_viewers(served, monkeypatch) -> None:
    monkeypatch.setattr(feed, "VIEWERS_MAX", 1)
    async with served.client.ws_connect("/feed") as socket:
        await socket.receive_str(timeout=60)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await served.client.ws_connect("/feed")
        assert refused.value.status == 503
    await served.all_have_left()
    async with served.client.ws_connect("/feed") as socket:
        await socket.receive_str(timeout=60)


async def test_there_is_a_limit_to_viewers_of_an_address(served, monkeypatch) -> None:
    monkeypatch.setattr(feed, "VIEWERS_PER_ADDRESS_MAX", 1)
    async with served.watching() as viewer, served.watching() as another:
        await viewer.document("hello")
        await another.document("hello")
        # This machine itself has none: a proxy on it stands for many.
        monkeypatch.setattr(feed, "is_loopback", lambda address: False)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await served.client.ws_connect("/feed")
        assert refused.value.status == 429


async def test_a_viewer_who_talks_too_much_is_shown_out(served) -> None:
    async with served.client.ws_connect("/feed") as socket:
        await socket.receive_str(timeout=60)
        await socket.send_str("x" * 2_000)
        assert await close_code(socket) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_nothing_is_compressed(served) -> None:
    async with served.client.ws_connect("/feed", compress=15) as socket:
        assert not socket.compress


async def test_one_who_never_reads_is_found_out_within_ticks(served, producer) -> None:
    """However much the kernel would like to hold for it: that is megabytes, here 25 ticks."""
    served.live_map.viewers.stuck_after_s = 3600.0
    fleet = [f"unicorn {number}" for number in range(10_000)]
    address = urlsplit(served.url)
    with socket.create_connection((address.hostname, address.port)) as stuck:
        stuck.sendall(
            f"GET /feed?version=2 HTTP/1.1\r\nHost: {address.netloc}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        async with served.watching() as healthy:
            await healthy.document("hello")
            async with asyncio.timeout(60):
                while len(served.live_map.viewers) < 2:  # noqa: ASYNC110 (nothing tells a test)
                    await asyncio.sleep(0.01)
            sequences = []
            for _ in range(6):
                await served.write(producer.batch(*map(producer.record, fleet)))
                sequences.append((await healthy.frame(CHANGES)).sequence)
            assert sequences == list(range(sequences[0], sequences[0] + 6)), "nobody else waits"
            assert served.live_map.viewers.skipped > 0
            served.live_map.viewers.stuck_after_s = 0.0
            await served.write(producer.batch(producer.record("one more")))
            assert len(await healthy.frame(CHANGES)) == 1
            assert served.live_map.viewers.dropped == 1
            assert len(served.live_map.viewers) == 1
        await served.all_have_left()


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int:
    while (message := await socket.receive(timeout=60)).type != aiohttp.WSMsgType.CLOSE:
        assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}
    return message.data


@pytest.mark.parametrize(
    "message",
    [
        "", "{", "[]", "1", '{"type":"view"}', '{"type":"look","bounds":null}',
        '{"type":"view","bounds":[1,2,3]}', '{"type":"view","bounds":[1,2,3,"4"]}',
        '{"type":"view","bounds":[0,50,1,40]}', '{"type":"view","bounds":[0,NaN,1,40]}',
        '{"type":"view","bounds":[0,-91,1,40]}', '{"type":"view","bounds":[0,1,1e300,40]}',
        '{"type":"view","bounds":[true,0,1,1]}', "[" * 1000, b"view",
    ],
)  # fmt: skip
async def test_what_is_no_message_of_the_schema_ends_it(served, message: str | bytes) -> None:
    async with served.watching() as viewer:
        send = viewer.socket.send_bytes if isinstance(message, bytes) else viewer.socket.send_str
        await send(message)
        assert await close_code(viewer.socket) == 1008


async def test_too_many_messages_end_it(served) -> None:
    async with served.watching() as viewer:
        for _ in range(feed.BURST + 5):
            await viewer.socket.send_str('{"type":"view","bounds":null}')
        assert await close_code(viewer.socket) == 1008


NEW_YORK = (40.75, -73.98)
PARIS = (48.85, 2.35)


def record(producer, name: str, place: tuple[float, float], **changed: int) -> bytes:
    return producer.record(name, Latitude=place[0], Longitude=place[1], **changed)


async def test_only_what_is_in_view_comes_at_once(served, producer) -> None:
    """The rest comes once in ten ticks."""

    async def tick(number: int) -> None:
        here = record(producer, "here", NEW_YORK, HealthPoints=number)
        there = record(producer, "there", PARIS, HealthPoints=number)
        await served.write(producer.batch(here, there))

    await tick(0)
    async with served.watching("&view=-74.1,40.6,-73.8,40.9") as viewer:
        assert viewer.shown(await viewer.frame(FULL)) == ["here", "there"]
        rest: list[str] = []
        for number in range(1, 31):
            await tick(number)
            seen = -1
            while seen != number:
                frame = await viewer.frame()
                if frame.kind == CHANGES:
                    assert viewer.shown(frame) == ["here"]
                    seen = frame.health[0]
                else:
                    rest += viewer.shown(frame)
        assert 2 <= rest.count("there") <= 4

        # It looks elsewhere, and sees at once what is there.
        await viewer.socket.send_json({"type": "view", "bounds": [2.0, 48.0, 3.0, 49.0]})
        frame = await viewer.frame(CHANGES)
        assert (viewer.shown(frame), frame.health.tolist()) == (["there"], [30])
        await viewer.socket.send_json({"type": "view", "bounds": None})
        assert viewer.shown(await viewer.frame(CHANGES)) == ["here", "there"]


@pytest.mark.parametrize("view", ["", "1,2,3", "a,b,c,d", "1,2,3,nan", "0,50,1,40"])
async def test_a_view_that_is_none_is_refused(served, view: str) -> None:
    async with served.client.get(f"/feed?version=2&view={view}") as response:
        assert response.status == 400
        assert "WEST,SOUTH,EAST,NORTH" in await response.text()


@pytest.mark.parametrize("version", ["1", "3", ""])
async def test_there_is_no_other_version(served, version: str) -> None:
    async with served.client.get(f"/feed?version={version}") as response:
        assert response.status == 400
    # A browser does not show its page why an upgrade was refused.
    async with served.client.ws_connect(f"/feed?version={version}") as socket:
        message = await socket.receive(timeout=60)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 4400)
    assert not served.live_map.viewers


async def test_a_lost_connection_goes_on_where_it_was(served, producer) -> None:
    await served.write(producer.batch(producer.record("A"), producer.record("B")))
    async with served.watching() as viewer:
        hello = await viewer.document("hello")
        await viewer.frame(FULL)
        await served.write(producer.batch(producer.record("A", HealthPoints=7)))
        last = await viewer.frame(CHANGES)
        while 7 not in last.health.tolist():
            last = await viewer.frame(CHANGES)
    await served.all_have_left()
    await served.write(producer.batch(producer.record("B"), producer.record("C")))
    resume = f"&resume={hello['feed']}.{last.sequence}.2"
    async with served.watching(resume) as viewer:
        assert (await viewer.document("hello"))["resumed"] is True
        assert (await viewer.document("names"))["names"] == ["C"]
        frame = await viewer.frame()
        assert (frame.kind, frame.unicorn.tolist()) == (CHANGES, [1, 2]), "and nothing of A"


@pytest.mark.parametrize(
    "resume", ["other.0.0", "{feed}.99.0", "{feed}.-1.0", "{feed}.x.0", "{feed}", "{feed}.0", ".."]
)
async def test_what_cannot_be_resumed_begins_anew(served, producer, resume: str) -> None:
    await served.write(producer.batch(producer.record("A")))
    resume = resume.format(feed=served.live_map.picture.feed)
    async with served.watching(f"&resume={resume}") as viewer:
        assert (await viewer.document("hello"))["resumed"] is False
        assert viewer.shown(await viewer.frame()) == ["A"]


async def test_server_sent_events_resume_by_themselves(served, producer) -> None:
    await served.write(producer.batch(producer.record("A")))
    headers = {"Accept": "text/event-stream"}
    async with served.client.get("/feed?version=2", headers=headers) as response:
        assert response.content_type == "text/event-stream"
        types, last_id = [], ""
        while "status" not in types:
            fields = await event(response)
            assert json.loads(fields["data"])["type"] == fields["event"]
            types.append(fields["event"])
            last_id = fields["id"]
        assert types == ["hello", "full", "status"]
    headers["Last-Event-ID"] = last_id
    async with served.client.get("/feed?version=2", headers=headers) as response:
        assert json.loads((await event(response))["data"])["resumed"] is True


async def event(response: aiohttp.ClientResponse) -> dict[str, str]:
    lines = (await response.content.readuntil(b"\n\n")).decode().splitlines()
    return dict(line.split(": ", 1) for line in lines if line)

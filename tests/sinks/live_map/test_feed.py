"""Who may become a viewer, and how one who may not is told."""

import aiohttp
import pytest

from sinks.live_map import feed


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
        assert "hello" in await socket.receive_str(timeout=5)


async def test_a_plain_get_is_told_what_to_do(served) -> None:
    async with served.client.get("/feed") as response:
        assert response.status == 426
        assert response.headers["Upgrade"] == "websocket"
        assert "/feed?format=json" in await response.text()


async def test_there_is_a_limit_to_viewers(served, monkeypatch) -> None:
    monkeypatch.setattr(feed, "VIEWERS_MAX", 1)
    async with served.client.ws_connect("/feed") as socket:
        await socket.receive_str(timeout=5)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await served.client.ws_connect("/feed")
        assert refused.value.status == 503
    await served.all_have_left()
    async with served.client.ws_connect("/feed") as socket:
        await socket.receive_str(timeout=5)


async def test_a_viewer_who_talks_too_much_is_shown_out(served) -> None:
    async with served.client.ws_connect("/feed") as socket:
        await socket.receive_str(timeout=5)
        await socket.receive_bytes(timeout=5)
        await socket.send_str("x" * 2_000)
        message = await socket.receive(timeout=5)
        assert message.type == aiohttp.WSMsgType.CLOSE
        assert message.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_nothing_is_compressed(served) -> None:
    async with served.client.ws_connect("/feed", compress=15) as socket:
        assert not socket.compress

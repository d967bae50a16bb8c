"""An operator's tiles over the base map: loaded from their one host, and named."""

import socket
from base64 import b64decode

import pytest
from aiohttp import web

from sinks.live_map.tile_source import TileSource
from tests.conftest import DEADLINE_MS

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def test_tiles_of_another_host(chromium, herd, serving) -> None:
    asked: list[tuple[str, str | None]] = []

    async def tile(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers.get("Referer")))
        return web.Response(body=PIXEL, content_type="image/png")

    app = web.Application()
    app.router.add_get("/{z}/{x}/{y}.png", tile)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    host = f"http://127.0.0.1:{listener.getsockname()[1]}"
    tiles = TileSource(host + "/{z}/{x}/{y}.png", "Tile <b>makers</b>")
    async with serving(herd("Artax"), tiles=tiles) as url:
        page = await chromium.new_page()
        page.set_default_timeout(DEADLINE_MS)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        await page.goto(url)
        await page.wait_for_selector("#map.has-tiles")
        for key in ("-", "-", "+", "h"):  # tiles that are not wanted any more are given up
            await page.focus("#map")
            await page.keyboard.press(key)
            await page.evaluate("() => new Promise(requestAnimationFrame)")
        credit = await page.inner_text("#credit")
        assert credit.endswith("Natural Earth · Tiles: Tile <b>makers</b>")
        assert {referer for _, referer in asked} == {url}
        assert said == []
        refused = await page.evaluate(
            """() => new Promise((resolve) => {
                addEventListener("securitypolicyviolation", (event) => resolve(event.blockedURI));
                new Image().src = "http://127.0.0.1:1/0/0/0.png";
            })"""
        )
        assert refused.startswith("http://127.0.0.1:1/")
    await runner.cleanup()

"""How the page's files are served."""

import asyncio
import gzip
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from fleet.errors import ConfigError
from sinks.live_map.page_files import PAGE, add_page
from sinks.live_map.tile_source import TileSource

FILES = ["index.html", "main.js", "style.css", "icon.svg", "base.json", "vendor/leaflet/leaflet.js"]


async def test_the_page_is_the_root(served) -> None:
    async with served.client.get("/") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert await response.text() == (PAGE / "index.html").read_text()


@pytest.mark.parametrize("path", FILES)
async def test_files_come_gzipped_and_whole(served, path: str) -> None:
    headers = {"Accept-Encoding": "gzip"}
    async with served.client.get(f"/page/{path}", headers=headers) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert await response.read() == (PAGE / path).read_bytes()
    async with served.client.get(
        f"/page/{path}", headers={"Accept-Encoding": "identity"}
    ) as response:
        assert "Content-Encoding" not in response.headers
        assert await response.read() == (PAGE / path).read_bytes()


async def test_tiles_of_one_host_may_be_loaded_and_of_no_other() -> None:
    tiles = TileSource("https://tiles.example:8443/{z}/{x}/{y}{r}.png", "Somebody & Sons")
    app = web.Application()
    add_page(app, tiles, has_archive=True)
    async with TestClient(TestServer(app)) as client:
        policy = (await client.get("/")).headers["Content-Security-Policy"]
        assert "img-src 'self' https://tiles.example:8443; connect-src 'self';" in policy
        config = await (await client.get("/page/config.json")).json()
        assert config == {
            "tiles": {"url": tiles.url, "attribution": "Somebody & Sons"},
            "archive": True,
        }


@pytest.mark.parametrize(
    ("url", "attribution"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", " "),
        ("https://tiles.example/{z}/{x}/{y}.png", "x" * 301),
        ("https://tiles.example/{z}/{x}.png", "Somebody"),
        ("https://*.example/{z}/{x}/{y}.png", "Somebody"),
        ("https://{s}.example/{z}/{x}/{y}.png", "Somebody"),
        ("https://a.example; script-src */{z}/{x}/{y}.png", "Somebody"),
        ("https://a.example/{z}/{x}/{y}.png; script-src *", "Somebody"),
        ("javascript:alert({z}{x}{y})", "Somebody"),
        ("//tiles.example/{z}/{x}/{y}.png", "Somebody"),
        ("tiles/{z}/{x}/{y}.png", "Somebody"),
    ],
)
def test_what_is_no_source_of_tiles_is_refused(url: str, attribution: str) -> None:
    with pytest.raises(ConfigError) as refused:
        TileSource(url, attribution)
    assert refused.value.remedy


async def test_a_file_that_the_browser_has_is_not_sent_again(served) -> None:
    async with served.client.get("/page/main.js") as response:
        etag = response.headers["ETag"]
    async with served.client.get("/page/main.js", headers={"If-None-Match": etag}) as response:
        assert response.status == 304
        assert await response.read() == b""
    async with served.client.get("/page/main.js", headers={"If-None-Match": '"old"'}) as response:
        assert response.status == 200


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/page/vendor/leaflet/leaflet.css"])
async def test_security_headers(served, path: str) -> None:
    async with served.client.get(path) as response:
        policy = dict(
            directive.split(" ", 1)
            for directive in response.headers["Content-Security-Policy"].split("; ")
        )
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self'",
            "connect-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    ["/page/", "/page/nothing.js", "/page/../live_map.py", "/page/%2e%2e/live_map.py",
     "/page/..%2flive_map.py", "/page/vendor/leaflet/LICENSE"],
)  # fmt: skip
async def test_nothing_else_is_served(served, path: str) -> None:
    # Over a bare connection: a client would tidy the path up before it asks.

    host, port = served.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_gzip_is_the_same_each_time() -> None:
    body = Path(__file__).read_bytes()
    assert gzip.compress(body, mtime=0) == gzip.compress(body, mtime=0)

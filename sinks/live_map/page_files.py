"""The page as it is served: every file of page/ in memory, gzipped once, with the headers that
keep it to itself."""

import gzip
import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from sinks.live_map.tile_source import TileSource

PAGE: Final = Path(__file__).parent / "page"

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""What is served; anything else in the folder is not."""


def content_security_policy(tiles_origin: str = "") -> str:
    """What the page may load: its own host's files, and pictures of one host of tiles."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' {tiles_origin}".rstrip(),
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


SECURITY_HEADERS: Final = {
    "Content-Security-Policy": content_security_policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No script or style that is not a file of ours, no request to another host, no frame round the
page."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, ready to be sent."""

    body: bytes
    gzipped: bytes
    content_type: str
    etag: str
    policy: str = SECURITY_HEADERS["Content-Security-Policy"]

    async def serve(self, request: web.Request) -> web.Response:
        """The file, or 304 when the browser has it. It asks each time, so that an upgrade shows at
        once."""
        headers = SECURITY_HEADERS | {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": self.policy,
            "ETag": f'"{self.etag}"',
            "Vary": "Accept-Encoding",
        }
        if any(known.value == self.etag for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = self.content_type
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=self.gzipped, headers=headers)
        return web.Response(body=self.body, headers=headers)


def add_page(
    app: web.Application, tiles: TileSource | None = None, *, has_archive: bool = False
) -> None:
    """Mounts index.html at `/` and each file under `/page/`. One route per file: no path leads out
    of the folder. `/page/config.json` tells the page of the tiles, and whether there is an archive
    to replay."""
    for path in sorted(PAGE.rglob("*")):
        if path.suffix in CONTENT_TYPES:
            file = read_page_file(path)
            app.router.add_get(f"/page/{path.relative_to(PAGE).as_posix()}", file.serve)
    index = read_page_file(PAGE / "index.html")
    if tiles is not None:
        index = replace(index, policy=content_security_policy(tiles.origin))
    app.router.add_get("/", index.serve)
    config = msgspec.json.encode({"tiles": tiles, "archive": has_archive})
    app.router.add_get("/page/config.json", page_file(config, ".json").serve)


@cache
def read_page_file(path: Path) -> PageFile:
    """Reads and gzips one file, once in the life of the process."""
    return page_file(path.read_bytes(), path.suffix)


def page_file(body: bytes, suffix: str) -> PageFile:
    """Gzips a file's contents."""
    return PageFile(
        body=body,
        gzipped=gzip.compress(body, mtime=0),
        content_type=CONTENT_TYPES[suffix],
        etag=hashlib.sha256(body).hexdigest()[:32],
    )

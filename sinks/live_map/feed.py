"""`/feed`: how one comes to be a viewer. Over a websocket in binary, or in JSON; or as plain lines
of JSON for curl."""

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from sinks.live_map.messages import Messages
from sinks.live_map.page_files import SECURITY_HEADERS
from sinks.live_map.viewers import (
    HTTP_FAREWELL,
    WEBSOCKET_FAREWELL,
    Viewer,
    Viewers,
    http_chunk,
    http_lines,
    websocket_frames,
    websocket_lines,
)

VIEWERS_MAX: Final = 2_000
"""More are turned away with 503: the page tries again later."""

_HEARTBEAT_S: Final = 20.0
_CLIENT_MESSAGE_BYTES_MAX: Final = 1_024
"""Viewers have nothing to say."""
_LOOK_S: Final = 0.25
"""How often a plain response looks whether its reader has left; it has no other way to learn of
it."""


class Feed:
    """Takes viewers in, under the feed's rules, and stays with each until it leaves."""

    def __init__(
        self, viewers: Viewers, hello: bytes, first_messages: Callable[[], Messages]
    ) -> None:
        self._viewers = viewers
        self._hello = hello
        self._first_messages = first_messages

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A websocket; or without one, if `?format=json` was asked for, a response that does not
        end.

        Answers 403 to another site's page, 426 to a plain GET, 503 when there are too many viewers.
        """
        if not is_same_origin(request):
            # Otherwise any page that somebody visits could read the map through that browser.
            raise web.HTTPForbidden(text="The feed is for its own page and for scripts.\n")
        if len(self._viewers) >= VIEWERS_MAX:
            raise web.HTTPServiceUnavailable(text="No more viewers just now; try again later.\n")
        wants_json = request.query.get("format") == "json"
        # Compression would be done again for every viewer, and saves little on packed columns.
        websocket = web.WebSocketResponse(
            compress=False, heartbeat=_HEARTBEAT_S, max_msg_size=_CLIENT_MESSAGE_BYTES_MAX
        )
        if websocket.can_prepare(request).ok:
            return await self._serve_websocket(request, websocket, wants_json)
        if wants_json:
            return await self._serve_lines(request)
        raise web.HTTPUpgradeRequired(
            text="This is a websocket. /feed?format=json answers a plain GET too.\n",
            headers={"Upgrade": "websocket"},
        )

    async def _serve_websocket(
        self, request: web.Request, websocket: web.WebSocketResponse, wants_json: bool
    ) -> web.StreamResponse:
        await websocket.prepare(request)
        await websocket.send_str(self._hello.decode())
        spoken = websocket_lines if wants_json else websocket_frames
        viewer = Viewer(connection(request), spoken, WEBSOCKET_FAREWELL)
        self._viewers.add(viewer, self._first_messages())
        try:
            async for _ in websocket:
                pass
        finally:
            self._viewers.discard(viewer)
        return websocket

    async def _serve_lines(self, request: web.Request) -> web.StreamResponse:
        headers = SECURITY_HEADERS | {
            "Cache-Control": "no-store",
            "Content-Type": "application/x-ndjson",
        }
        response = web.StreamResponse(headers=headers)
        response.enable_chunked_encoding()
        await response.prepare(request)
        transport = connection(request)
        transport.write(http_chunk(self._hello + b"\n"))
        viewer = Viewer(transport, http_lines, HTTP_FAREWELL)
        self._viewers.add(viewer, self._first_messages())
        try:
            while not transport.is_closing():  # noqa: ASYNC110 (a transport has no event for it)
                await asyncio.sleep(_LOOK_S)
        finally:
            self._viewers.discard(viewer)
        return response


def connection(request: web.Request) -> asyncio.Transport:
    """The connection to write to. Raises ConnectionResetError when it is gone already."""
    if request.transport is None:
        raise ConnectionResetError("the viewer left before the first message")
    return request.transport


def is_same_origin(request: web.Request) -> bool:
    """Whether a browser sent it from our own page, or it is no browser at all (those send no
    Origin)."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host

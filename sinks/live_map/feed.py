"""`/feed`: how one comes to be a viewer: over a websocket in binary or in JSON, as lines of JSON
for curl, or as server-sent events."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Final

from aiohttp import WSMsgType, web

from sinks.live_map.access.attempts import address_of, is_loopback
from sinks.live_map.access.gate import SESSION
from sinks.live_map.frame import VERSION
from sinks.live_map.messages import MISSED_TICKS_MAX, Known, Messages
from sinks.live_map.speech import (
    ANOTHER_VERSION,
    EVENTS,
    FRAMES,
    LINES,
    MESSAGES,
    POLICY,
    Speech,
)
from sinks.live_map.tiles import View, view_of
from sinks.live_map.viewers import Viewer, Viewers

VIEWERS_MAX: Final = 2_000
"""More are turned away with 503: the page tries again later."""
VIEWERS_PER_ADDRESS_MAX: Final = 200
"""An office behind one address may look. This machine's own has no limit: a proxy counts for
itself."""

SEND_BUFFER_BYTES: Final = 64 * 1024
"""How much the kernel may hold for one viewer, of which Linux makes twice as much. Left alone it
takes in megabytes, a minute of ten thousand unicorns and more, before anybody sees that a viewer
does not read. Measured with these 160 kB a tick: a stuck one is first passed over after 2 s with
64 kB, 4 s with 256, 7 s with 512; and a thousand healthy ones, none of whom is passed over, cost a
quarter more time than with 512. A link of 0.3 s there and back still takes 400 kB a second."""

_HEARTBEAT_S: Final = 20.0
_CLIENT_MESSAGE_BYTES_MAX: Final = 1_024
BURST: Final = 20
"""Messages that a viewer may send at once."""
RATE_HZ: Final = 10.0
"""Messages a second that it may send on the average."""
_LOOK_S: Final = 0.25
"""How often a plain response looks whether its reader has left; it has no other way to learn of
it."""


class Feed:
    """Takes viewers in, under the feed's rules, and stays with each until it leaves."""

    def __init__(self, viewers: Viewers, messages: Callable[[], Messages]) -> None:
        self._viewers = viewers
        self._messages = messages

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A websocket; or without one, if JSON or events were asked for, a response that does not
        end.

        Answers 400 to parameters that mean nothing, 426 to a plain GET, 429 when there are too many
        viewers at one address, 503 when there are too many. A websocket of another version is
        closed with a code that says so.
        """
        address = address_of(request)
        self._check_room(address)
        known = self._known(request)
        wants_json = request.query.get("format") == "json"
        # Compression would be done again for every viewer, and saves little on packed columns.
        websocket = web.WebSocketResponse(
            compress=False, heartbeat=_HEARTBEAT_S, max_msg_size=_CLIENT_MESSAGE_BYTES_MAX
        )
        if request.query.get("version", str(VERSION)) != str(VERSION):
            return await self._turn_away(request, websocket)
        if websocket.can_prepare(request).ok:
            speech = MESSAGES if wants_json else FRAMES
            return await self._serve_websocket(request, websocket, speech, known)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._serve_stream(request, EVENTS, "text/event-stream", known)
        if wants_json:
            return await self._serve_stream(request, LINES, "application/x-ndjson", known)
        raise web.HTTPUpgradeRequired(
            text="This is a websocket. /feed?format=json answers a plain GET too.\n",
            headers={"Upgrade": "websocket"},
        )

    async def _turn_away(
        self, request: web.Request, websocket: web.WebSocketResponse
    ) -> web.StreamResponse:
        """Tells one of another version so: a page whose upgrade is refused cannot see why."""
        if not websocket.can_prepare(request).ok:
            raise web.HTTPBadRequest(text=f"This is version {VERSION} of the feed.\n")
        await websocket.prepare(request)
        await websocket.close(code=ANOTHER_VERSION)
        return websocket

    def _check_room(self, address: str) -> None:
        if len(self._viewers) >= VIEWERS_MAX:
            raise web.HTTPServiceUnavailable(text="No more viewers just now; try again later.\n")
        if (
            not is_loopback(address)
            and self._viewers.from_address(address) >= VIEWERS_PER_ADDRESS_MAX
        ):
            raise web.HTTPTooManyRequests(text="Too many viewers at your address.\n")

    def _known(self, request: web.Request) -> Known:
        """What a viewer knows already, and what it wants to see."""
        known = Known()
        if "view" in request.query:
            known.view = parsed_view(request.query["view"].split(","))
        resume: str = request.query.get("resume") or request.headers.get("Last-Event-ID") or ""
        feed, _, rest = resume.partition(".")
        sequence, _, names = rest.partition(".")
        messages = self._messages()
        if feed != messages.feed or not is_count(sequence) or not is_count(names):
            return known
        if 0 <= messages.sequence - int(sequence) <= MISSED_TICKS_MAX:
            known.feed, known.sequence, known.names = feed, int(sequence), int(names)
            known.rows_sequence = known.sequence
        return known

    async def _serve_websocket(
        self, request: web.Request, websocket: web.WebSocketResponse, speech: Speech, known: Known
    ) -> web.StreamResponse:
        await websocket.prepare(request)
        viewer = Viewer(connection(request), speech, address_of(request), request[SESSION], known)
        self._begin(viewer)
        try:
            await self._listen(viewer, websocket)
        finally:
            self._viewers.discard(viewer)
        return websocket

    async def _listen(self, viewer: Viewer, websocket: web.WebSocketResponse) -> None:
        loop = asyncio.get_running_loop()
        allowance, last_s = float(BURST), loop.time()
        async for message in websocket:
            now_s = loop.time()
            allowance, last_s = min(BURST, allowance + (now_s - last_s) * RATE_HZ), now_s
            allowance -= 1
            try:
                if allowance < 0 or message.type != WSMsgType.TEXT:
                    raise ValueError("too many messages, or not text")
                view = view_message(message.data)
            except (ValueError, RecursionError):
                self._viewers.end(viewer, POLICY)
                return
            self._viewers.look(viewer, view, self._messages())

    async def _serve_stream(
        self, request: web.Request, speech: Speech, content_type: str, known: Known
    ) -> web.StreamResponse:
        headers = {"Cache-Control": "no-store", "Content-Type": content_type}
        response = web.StreamResponse(headers=headers)
        response.enable_chunked_encoding()
        await response.prepare(request)
        transport = connection(request)
        viewer = Viewer(transport, speech, address_of(request), request[SESSION], known)
        self._begin(viewer)
        try:
            while not transport.is_closing():  # noqa: ASYNC110 (a transport has no event for it)
                await asyncio.sleep(_LOOK_S)
        finally:
            self._viewers.discard(viewer)
        return response

    def _begin(self, viewer: Viewer) -> None:
        messages = self._messages()
        if viewer.known.feed is not None:
            hello = messages.hello(resumed=True)
            viewer.transport.write(viewer.speech.document(b"hello", hello, b""))
        self._viewers.add(viewer, messages)


def view_message(text: str) -> View | None:
    """What a viewer's message asks to see. Raises ValueError for any other message."""
    message = json.loads(text)
    if not isinstance(message, dict) or message.get("type") != "view" or "bounds" not in message:
        raise ValueError("not a message of this schema")
    bounds = message["bounds"]
    if bounds is None:
        return None
    if not isinstance(bounds, list) or not all(type(edge) in {int, float} for edge in bounds):
        raise ValueError("bounds are four numbers")
    return _view(bounds)


def parsed_view(edges: list[str]) -> View | None:
    """The view of a query parameter. Raises HTTPBadRequest."""
    try:
        return _view([float(edge) for edge in edges])
    except ValueError as error:
        raise web.HTTPBadRequest(text="view is WEST,SOUTH,EAST,NORTH in degrees.\n") from error


def _view(edges: list[float]) -> View | None:
    if len(edges) != 4:
        raise ValueError("bounds are four numbers")
    west, south, east, north = edges
    return view_of((west, south, east, north))


def is_count(text: str) -> bool:
    """Whether it is a small natural number, in ASCII digits."""
    return text.isascii() and text.isdecimal() and len(text) <= 12


def connection(request: web.Request) -> asyncio.Transport:
    """The connection to write to, with a small buffer in the kernel. Raises ConnectionResetError
    when it is gone already."""
    transport = request.transport
    # The socket of one that is closing may be gone already.
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the viewer left before the first message")
    connected = transport.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return transport

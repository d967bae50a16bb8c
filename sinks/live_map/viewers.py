"""Who looks, and sending to all of them without ever waiting for one.

Messages are written straight to the connection's transport, framed once for all: awaiting each
viewer in turn lets one slow phone starve the rest (measured: 27 of 80 ticks delivered to healthy
viewers, against 80 of 80 this way). So a viewer whose buffer is not empty is passed over, gets the
full picture when it has caught up, and is let go when its buffer has not moved for three seconds:
no more than one message per viewer is ever held in memory.
"""

import asyncio
import struct
from dataclasses import dataclass
from typing import Final

from sinks.live_map.frame import CHANGES, FULL
from sinks.live_map.messages import Messages, Speech

STUCK_AFTER_S: Final = 3.0
"""A viewer whose buffer has not shrunk for this long is disconnected."""

_PAUSE_EVERY: Final = 64
"""Viewers between two chances for the rest of the process to run."""

_TEXT, _BINARY, _CLOSE = 0x81, 0x82, 0x88
_GOING_AWAY: Final = struct.pack(">H", 1001)


@dataclass(slots=True, eq=False)
class Viewer:
    """One connection. `needs_full` until it has had the picture, and again after it was passed
    over."""

    transport: asyncio.Transport
    speech: Speech
    """How this viewer is spoken to: `websocket_frames`, `websocket_lines` or `http_lines`."""
    farewell: bytes
    """What ends the conversation politely."""
    needs_full: bool = True
    names_known: int = 0
    unsent_bytes: int = 0
    moved_at: float = 0.0
    """When its buffer was last seen to shrink, in the loop's time."""


class Viewers:
    """All connections. `skipped` and `dropped` count the ticks passed over and the viewers let
    go."""

    def __init__(self, stuck_after_s: float = STUCK_AFTER_S) -> None:
        self._viewers: dict[Viewer, None] = {}
        self._stuck_after_s = stuck_after_s
        self.skipped = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._viewers)

    def add(self, viewer: Viewer, messages: Messages) -> None:
        """Takes a viewer in and sends it the full picture."""
        self._viewers[viewer] = None
        self._send(viewer, messages)

    def discard(self, viewer: Viewer) -> None:
        """Forgets a viewer that is gone."""
        self._viewers.pop(viewer, None)

    async def send(self, messages: Messages) -> None:
        """Sends everybody the changes, or the full picture to those who missed some; waits for
        nobody."""
        for number, viewer in enumerate(list(self._viewers), 1):
            if self._is_ready(viewer):
                self._send(viewer, messages)
            if number % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)

    def close(self) -> None:
        """Says goodbye to all."""
        for viewer in list(self._viewers):
            if viewer.transport.get_write_buffer_size():
                viewer.transport.abort()
            elif not viewer.transport.is_closing():
                viewer.transport.write(viewer.farewell)
                viewer.transport.close()
        self._viewers.clear()

    def _is_ready(self, viewer: Viewer) -> bool:
        if viewer.transport.is_closing():
            return False
        unsent_bytes = viewer.transport.get_write_buffer_size()
        if not unsent_bytes:
            return True
        now = asyncio.get_running_loop().time()
        if not viewer.needs_full or unsent_bytes < viewer.unsent_bytes:
            viewer.moved_at = now
        elif now - viewer.moved_at >= self._stuck_after_s:
            self.dropped += 1
            viewer.transport.abort()
            return False
        viewer.needs_full = True
        viewer.unsent_bytes = unsent_bytes
        self.skipped += 1
        return False

    def _send(self, viewer: Viewer, messages: Messages) -> None:
        kind = FULL if viewer.needs_full else CHANGES
        viewer.transport.write(messages.spoken(viewer.speech, kind, viewer.names_known))
        viewer.needs_full = False
        viewer.names_known = messages.names_count


def websocket_frames(messages: Messages, kind: int, names_known: int) -> bytes:
    """New names as text and a binary frame: what the page understands."""
    frame = websocket_message(_BINARY, messages.frame(kind))
    if names_known == messages.names_count:
        return frame
    return websocket_message(_TEXT, messages.names_from(names_known)) + frame


def websocket_lines(messages: Messages, kind: int, _: int) -> bytes:
    """One JSON document a tick."""
    return websocket_message(_TEXT, messages.line(kind))


def http_lines(messages: Messages, kind: int, _: int) -> bytes:
    """One line of JSON a tick, as a chunk of a response without end."""
    return http_chunk(messages.line(kind) + b"\n")


def websocket_message(first_byte: int, payload: bytes) -> bytes:
    """RFC 6455, section 5.2: an unfragmented, unmasked message of a server."""
    size = len(payload)
    if size < 126:
        return bytes((first_byte, size)) + payload
    if size < 65_536:
        return struct.pack(">BBH", first_byte, 126, size) + payload
    return struct.pack(">BBQ", first_byte, 127, size) + payload


def http_chunk(payload: bytes) -> bytes:
    """RFC 9112, section 7.1."""
    return b"%x\r\n%b\r\n" % (len(payload), payload)


WEBSOCKET_FAREWELL: Final = websocket_message(_CLOSE, _GOING_AWAY)
HTTP_FAREWELL: Final = b"0\r\n\r\n"

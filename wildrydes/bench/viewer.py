"""One viewer of a load run: takes the websocket's bytes, looks at each frame's header, and keeps
nothing, so that a thousand of them cost little beside the server that they share the machine with.
"""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable
from typing import Final, cast

from sinks.live_map.frame import HEADER, ROWS

BUFFER_BYTES: Final = 256 * 1024
_BUFFER = bytearray(BUFFER_BYTES)
"""Of all viewers: what arrives is looked at before the next one's does."""

_BINARY: Final = 0x2
_START_BYTES_MAX: Final = 10 + HEADER.size
_LONG: Final = struct.Struct(">Q")
_SHORT: Final = struct.Struct(">H")

OnFrame = Callable[[int, float, float, int], None]
"""Told of each whole frame: sequence, when it was made and when it had arrived (ms since 1970), and
how many unicorns."""


class LoadViewer(asyncio.BufferedProtocol):
    """A connection to `/feed`. `is_stuck`: it reads nothing after the handshake."""

    def __init__(self, head: bytes, on_frame: OnFrame, *, is_stuck: bool) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_stuck = is_stuck
        self.is_closed = False
        self.bytes = 0
        self.delivered = 0
        self.skipped = 0
        self.last: int | None = None
        """The sequence of the newest frame."""
        self._head = head
        self._on_frame = on_frame
        self._answer = b""
        self._start = bytearray()
        """Of the message that is arriving: its header, and the frame's."""
        self._left = 0
        """Bytes of it that are still to come, once its start is known."""
        self._frame: tuple[int, float, int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not derive from asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._head)

    def get_buffer(self, sizehint: int) -> bytearray:
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        self.bytes += nbytes
        data = memoryview(_BUFFER)[:nbytes]
        if not self.opened.done():
            data = self._take_answer(bytes(data))
        while len(data):
            if self._left:
                taken = min(self._left, len(data))
                self._left -= taken
                data = data[taken:]
                if not self._left:
                    self._end_message()
            else:
                data = self._take_start(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the server closed the connection"))

    def read_on(self) -> None:
        """A stuck one comes to its senses: only then does it learn whether it was let go."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Leaves."""
        if self._transport is not None:
            self._transport.abort()

    def _take_answer(self, data: bytes) -> memoryview:
        self._answer += data
        head, end, rest = self._answer.partition(b"\r\n\r\n")
        if not end:
            return memoryview(b"")
        status = head.split(b"\r\n", 1)[0].decode("latin-1")
        if " 101 " not in status:
            self.opened.set_exception(ConnectionError(status))
            self.close()
            return memoryview(b"")
        self.opened.set_result(None)
        if self.is_stuck and self._transport is not None:
            self._transport.pause_reading()
        return memoryview(rest)

    def _take_start(self, data: memoryview) -> memoryview:
        """Takes a message's header, and the frame's if it is one; returns what comes after."""
        before = len(self._start)
        self._start += data[: _START_BYTES_MAX - before]
        start = self._start
        if len(start) < 2:
            return data[len(data) :]
        short = start[1] & 0x7F
        head = {126: 4, 127: 10}.get(short, 2)
        if len(start) < head:
            return data[len(data) :]
        size = short
        if head > 2:
            size = int((_SHORT if head == 4 else _LONG).unpack_from(start, 2)[0])
        looked_at = HEADER.size if start[0] & 0xF == _BINARY and size >= HEADER.size else 0
        if len(start) < head + looked_at:
            return data[len(data) :]
        if looked_at:
            _, _, kind, _, count, sequence, made_ms = HEADER.unpack_from(start, head)
            self._frame = (sequence, made_ms, count) if kind != ROWS else None
        self._left = size - looked_at
        start.clear()
        if not self._left:
            self._end_message()
        return data[head + looked_at - before :]

    def _end_message(self) -> None:
        if self._frame is None:
            return
        sequence, made_ms, count = self._frame
        self._frame = None
        if self.last is not None:
            self.skipped += max(0, sequence - self.last - 1)
        self.delivered += sequence != self.last
        self.last = sequence
        self._on_frame(sequence, made_ms, time.time() * 1000, count)


def handshake(path: str, host: str, headers: dict[str, str]) -> bytes:
    """The request of a websocket (RFC 6455, section 4.1)."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()

"""A request body on its way through: what the client has sent and nobody has taken yet."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

_HELD_BYTES_MAX: Final = 256 * 1024


class UploadBroken(Exception):
    """The client's body ended in the middle, or stopped being HTTP."""


class Upload:
    """Bytes fed in by the connection, read out by the forwarder. Holds little: the connection stops
    reading from the client while it is `full`.
    """

    def __init__(self, room_made: Callable[[], None]) -> None:
        self._room_made = room_made
        self._chunks: deque[bytes] = deque()
        self._held_bytes = 0
        self._changed = asyncio.Event()
        self._ended = False
        self.broken = False
        """Whether the client's part ended in the middle."""
        self._discarding = False

    @property
    def full(self) -> bool:
        """Whether the client should wait."""
        return self._held_bytes >= _HELD_BYTES_MAX

    def feed(self, data: bytes) -> None:
        """Takes more of the body."""
        if not self._discarding:
            self._chunks.append(data)
            self._held_bytes += len(data)
            self._changed.set()

    def end(self) -> None:
        """Says that the body is whole."""
        self._ended = True
        self._changed.set()

    def fail(self) -> None:
        """Says that the rest will never come."""
        self.broken = True
        self._changed.set()

    def discard(self) -> None:
        """Says that nobody wants the rest."""
        self._discarding = True
        self._chunks.clear()
        self._held_bytes = 0
        self._room_made()

    async def read(self) -> bytes:
        """More of the body, waiting for it; empty at its end. Raises UploadBroken."""
        while not self._chunks:
            if self.broken:
                raise UploadBroken
            if self._ended:
                return b""
            self._changed.clear()
            await self._changed.wait()
        data = self._chunks.popleft()
        was_full = self.full
        self._held_bytes -= len(data)
        if was_full and not self.full:
            self._room_made()
        return data

"""What passes between the process that reads the stream and those that show the map.

Messages of msgpack, each after its length as a u32. They never leave the machine, and both ends are
of one version.
"""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from sinks.live_map.frame import RowBlock
from sinks.live_map.picture import UNICORN, Tick

LENGTH: Final = struct.Struct("<I")


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """A RowBlock."""

    time_ms: int
    unicorn: bytes
    distance_m: bytes
    points: tuple[bytes, bytes, bytes, bytes]
    """Least and most health, least and most magic."""


class Ticked(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A tick, and what goes with it."""

    feed: str
    sequence: int
    time_ms: int
    first_name: int
    names: Sequence[str]
    ids: bytes
    unicorns: bytes
    rows: Sequence[Rows]
    hidden: Mapping[str, int]
    viewers: int
    """Of all processes, as far as is known."""

    def tick(self) -> Tick:
        """As a picture takes it."""
        return Tick(
            self.feed,
            self.sequence,
            self.time_ms,
            self.first_name,
            self.names,
            np.frombuffer(self.ids, np.int64),
            np.frombuffer(self.unicorns, UNICORN),
        )

    def blocks(self) -> list[RowBlock]:
        """The rows."""
        return [
            RowBlock(
                rows.time_ms,
                np.frombuffer(rows.unicorn, np.int64),
                np.frombuffer(rows.distance_m, np.float64),
                *(np.frombuffer(column, np.int64) for column in rows.points),
            )
            for rows in self.rows
        ]


class Told(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A session was "revoked" or "renewed"."""

    what: str
    session_id: str
    until_ms: int


class Spend(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """May this ticket be used?"""

    question: int
    ticket_id: str
    expires_ms: int


class Spent(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """It may, or not."""

    question: int
    is_first_use: bool


class Watching(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """How many look in a process, and how it goes for them."""

    viewers: int
    skipped: int
    dropped: int


Message = Ticked | Told | Spend | Spent | Watching

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode


def packed(message: Message) -> bytes:
    """A message as it is sent."""
    body = _encode(message)
    return LENGTH.pack(len(body)) + body


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None when the other end is gone."""
    try:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        message: Message = _decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return message


def ticked(
    tick: Tick, blocks: Sequence[RowBlock], hidden: Mapping[str, int], viewers: int
) -> Ticked:
    """A tick as it is sent."""
    return Ticked(
        tick.feed,
        tick.sequence,
        tick.time_ms,
        tick.first_name,
        tick.names,
        tick.ids.astype(np.int64).tobytes(),
        tick.unicorns.tobytes(),
        [_rows(block) for block in blocks],
        hidden,
        viewers,
    )


def _rows(block: RowBlock) -> Rows:
    def bytes_of(column: Any, type_: type) -> bytes:
        data: bytes = column.astype(type_).tobytes()
        return data

    return Rows(
        block.time_ms,
        bytes_of(block.unicorn, np.int64),
        bytes_of(block.distance_m, np.float64),
        (
            bytes_of(block.health_min, np.int64),
            bytes_of(block.health_max, np.int64),
            bytes_of(block.magic_min, np.int64),
            bytes_of(block.magic_max, np.int64),
        ),
    )

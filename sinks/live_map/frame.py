"""The feed's binary frames, version 2: docs/live-map.md describes them, this file writes and reads
them.

A frame is a header and then one array per column, little-endian, 16 bytes a unicorn or a row. What
a column cannot hold is pinned to its ends: a wrapped-round health would be worse than a pinned one.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAGIC: Final = b"UNIC"
VERSION: Final = 2

FULL: Final = 0
"""The frame holds every unicorn seen lately: whoever is not in it is gone."""
CHANGES: Final = 1
"""The frame holds only unicorns with a new reading."""
REST: Final = 2
"""Some of those with a new reading, from anywhere, for those who see only a part."""
ROWS: Final = 3
"""The frame holds per-minute rows."""

GONE_AFTER_MS: Final = 30_000
"""A unicorn without a reading for this long is not part of the picture any more."""

HEADER: Final = struct.Struct("<4sBBHIId")
"""Magic, version, kind, 0, count, sequence, time: 24 bytes."""

ID_BITS: Final = 20
AGE_STEP_MS: Final = 8
AGE_STEPS_MAX: Final = 2**12 - 1
POINTS_MIN: Final = -(2**11)
POINTS_MAX: Final = 2**11 - 1
HEADING_STEP: Final = 1.5
"""Degrees."""
HEADING_UNKNOWN: Final = 255

_DEGREE: Final = 1e7
_ROW_COLUMNS: Final = ("<u4", "<u4", "<i2", "<i2", "<i2", "<i2")
_UNICORN_COLUMNS: Final = ("<u4", "<i4", "<i4", "<u4")
BYTES_PER_UNICORN: Final = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """Where some unicorns were, each array with one element per unicorn."""

    kind: int
    """FULL, CHANGES or REST."""
    sequence: int
    """Counts the ticks of this feed, from 0 and round after 2**32."""
    time_ms: int
    """When it was made, in the viewers' time: see Picture."""
    unicorn: NDArray[np.int64]
    """Ids, dense from 0, in the order in which the names were sent."""
    longitude: NDArray[np.float64]
    """Degrees east; on the wire in steps of 1e-7 degrees, which is a centimetre."""
    latitude: NDArray[np.float64]
    """Degrees north, likewise."""
    age_ms: NDArray[np.int64]
    """How long before `time_ms` the reading arrived in the stream."""
    distance_m: NDArray[np.float64]
    """Metres since the reading before; JSON has it, a binary frame has no room."""
    health: NDArray[np.int64]
    """HealthPoints."""
    magic: NDArray[np.int64]
    """MagicPoints."""
    heading: NDArray[np.float64]
    """Degrees clockwise from north, 0 to 360; NaN for one that has not moved yet."""

    def __len__(self) -> int:
        return len(self.unicorn)


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Per-minute rows of one moment, each array with one element per row."""

    time_ms: int
    """StatusTime: the end of the minute, in the readings' time."""
    unicorn: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    health_min: NDArray[np.int64]
    health_max: NDArray[np.int64]
    magic_min: NDArray[np.int64]
    magic_max: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.unicorn)


Columns = Sequence[NDArray[Any]]
"""A frame's columns as they go over the wire."""


def unicorn_columns(frame: Frame) -> Columns:
    """The four columns of a frame of unicorns."""
    age = np.clip(frame.age_ms // AGE_STEP_MS, 0, AGE_STEPS_MAX).astype(np.uint32)
    health = np.clip(frame.health, POINTS_MIN, POINTS_MAX).astype(np.uint32) & 0xFFF
    magic = np.clip(frame.magic, POINTS_MIN, POINTS_MAX).astype(np.uint32) & 0xFFF
    steps = round(360 / HEADING_STEP)
    known = np.rint(np.nan_to_num(frame.heading) / HEADING_STEP).astype(np.uint32) % steps
    heading = np.where(np.isnan(frame.heading), np.uint32(HEADING_UNKNOWN), known)
    return (
        frame.unicorn.astype("<u4") | (age << ID_BITS),
        np.rint(frame.longitude * _DEGREE).astype("<i4"),
        np.rint(frame.latitude * _DEGREE).astype("<i4"),
        health | (magic << 12) | (heading.astype(np.uint32) << 24),
    )


def frame_message(kind: int, sequence: int, time_ms: int, columns: Columns) -> bytes:
    """The frame of these columns."""
    header = HEADER.pack(MAGIC, VERSION, kind, 0, len(columns[0]), sequence % 2**32, float(time_ms))
    return b"".join((header, *(column.tobytes() for column in columns)))


def encode_frame(frame: Frame) -> bytes:
    """A frame of unicorns."""
    return frame_message(frame.kind, frame.sequence, frame.time_ms, unicorn_columns(frame))


def encode_rows(block: RowBlock, sequence: int) -> bytes:
    """A frame of rows."""
    values = (
        block.unicorn,
        block.distance_m * 10,
        block.health_min,
        block.health_max,
        block.magic_min,
        block.magic_max,
    )
    columns = [_pinned(value, type_) for value, type_ in zip(values, _ROW_COLUMNS, strict=True)]
    return frame_message(ROWS, sequence, block.time_ms, columns)


def decode_frame(message: bytes) -> Frame | RowBlock:
    """The inverse, up to rounding; a Frame does not tell distances. Raises ValueError for anything
    that is not a whole frame of this version."""
    if len(message) < HEADER.size:
        raise ValueError(f"{len(message)} bytes are less than a frame's header of {HEADER.size}")
    magic, version, kind, _, count, sequence, time_ms = HEADER.unpack_from(message)
    if magic != MAGIC or version != VERSION or kind > ROWS:
        raise ValueError(f"not a frame of version {VERSION}: it begins with {message[:6]!r}")
    expected = HEADER.size + count * BYTES_PER_UNICORN
    if len(message) != expected:
        raise ValueError(f"a frame of {count} has {expected} bytes, not {len(message)}")
    columns: list[NDArray[Any]] = []
    offset = HEADER.size
    for type_ in _ROW_COLUMNS if kind == ROWS else _UNICORN_COLUMNS:
        columns.append(np.frombuffer(message, type_, count, offset))
        offset += columns[-1].nbytes
    if kind == ROWS:
        unicorn, distance_dm, *points = (column.astype(np.int64) for column in columns)
        return RowBlock(int(time_ms), unicorn, distance_dm / 10, *points)
    who, longitude, latitude, how = (column.astype(np.int64) for column in columns)
    heading = (how >> 24).astype(np.float64) * HEADING_STEP
    heading[how >> 24 == HEADING_UNKNOWN] = np.nan
    return Frame(
        kind=kind,
        sequence=sequence,
        time_ms=int(time_ms),
        unicorn=who & (2**ID_BITS - 1),
        longitude=longitude / _DEGREE,
        latitude=latitude / _DEGREE,
        age_ms=(who >> ID_BITS) * AGE_STEP_MS,
        distance_m=np.zeros(count),
        health=_signed(how & 0xFFF),
        magic=_signed(how >> 12 & 0xFFF),
        heading=heading,
    )


def _signed(twelve_bits: NDArray[np.int64]) -> NDArray[np.int64]:
    signed: NDArray[np.int64] = (twelve_bits ^ 0x800) - 0x800
    return signed


def _pinned(column: NDArray[Any], type_: str) -> NDArray[Any]:
    limits = np.iinfo(type_)
    pinned: NDArray[Any] = np.clip(np.rint(column), limits.min, limits.max).astype(type_)
    return pinned

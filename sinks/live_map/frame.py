"""The feed's wire format, version 1: docs/live-map.md describes it, this file writes and reads it.

A binary frame is a header and then one array per column, little-endian, 20 bytes a unicorn; a name
travels once, in a JSON text message, and is an id from then on. Values that a column cannot hold
are pinned to its ends: a wrong position or a wrapped-round health would be worse than a pinned
one.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

MAGIC: Final = b"UNIC"
VERSION: Final = 1

FULL: Final = 0
"""The frame holds every unicorn seen lately: whoever is not in it is gone."""
CHANGES: Final = 1
"""The frame holds only unicorns with a new reading."""

GONE_AFTER_MS: Final = 30_000
"""A unicorn without a reading for this long is not part of the picture any more."""

HEADER: Final = struct.Struct("<4sBBHIId")
"""Magic, version, kind, 0, count, sequence, time: 24 bytes."""

_DEGREE: Final = 1e7
_COLUMNS: Final = ("<u4", "<i4", "<i4", "<u2", "<u2", "<i2", "<i2")
"""The types of the columns, in the order of Frame's fields."""
BYTES_PER_UNICORN: Final = sum(np.dtype(column).itemsize for column in _COLUMNS)

_encode_json = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Frame:
    """Where some unicorns were, each array with one element per unicorn."""

    kind: int
    """FULL or CHANGES."""
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
    """How long before `time_ms` the reading arrived in the stream; at most 65,535."""
    distance_m: NDArray[np.float64]
    """Metres since the reading before; on the wire in decimetres, at most 6,553.5 m."""
    health: NDArray[np.int64]
    """HealthPoints, within SMALLINT as in the application's own output."""
    magic: NDArray[np.int64]
    """MagicPoints, likewise."""

    def __len__(self) -> int:
        return len(self.unicorn)


def encode_frame(frame: Frame) -> bytes:
    """The binary message."""
    header = HEADER.pack(
        MAGIC, VERSION, frame.kind, 0, len(frame), frame.sequence % 2**32, float(frame.time_ms)
    )
    columns = (
        frame.unicorn,
        frame.longitude * _DEGREE,
        frame.latitude * _DEGREE,
        frame.age_ms,
        frame.distance_m * 10,
        frame.health,
        frame.magic,
    )
    packed = (_pinned(column, type_) for column, type_ in zip(columns, _COLUMNS, strict=True))
    return b"".join((header, *packed))


def decode_frame(message: bytes) -> Frame:
    """The inverse, up to rounding. Raises ValueError for anything that is not a whole frame of
    this version."""
    if len(message) < HEADER.size:
        raise ValueError(f"{len(message)} bytes are less than a frame's header of {HEADER.size}")
    magic, version, kind, _, count, sequence, time_ms = HEADER.unpack_from(message)
    if magic != MAGIC or version != VERSION:
        raise ValueError(f"not a frame of version {VERSION}: it begins with {message[:5]!r}")
    expected = HEADER.size + count * BYTES_PER_UNICORN
    if len(message) != expected:
        raise ValueError(f"a frame of {count} unicorns has {expected} bytes, not {len(message)}")
    columns: list[NDArray[Any]] = []
    offset = HEADER.size
    for type_ in _COLUMNS:
        columns.append(np.frombuffer(message, type_, count, offset))
        offset += columns[-1].nbytes
    unicorn, longitude, latitude, age_ms, distance_dm, health, magic_points = columns
    return Frame(
        kind=kind,
        sequence=sequence,
        time_ms=int(time_ms),
        unicorn=unicorn.astype(np.int64),
        longitude=longitude / _DEGREE,
        latitude=latitude / _DEGREE,
        age_ms=age_ms.astype(np.int64),
        distance_m=distance_dm / 10,
        health=health.astype(np.int64),
        magic=magic_points.astype(np.int64),
    )


def encode_names(first: int, names: Sequence[str]) -> bytes:
    """The text message that names the unicorns with the ids `first`, `first` + 1 and so on."""
    return _encode_json({"type": "names", "first": first, "names": names})


def encode_hello(feed: str, interval_ms: int) -> bytes:
    """The first text message. `feed` is another one when the server has forgotten the ids it gave
    out before."""
    return _encode_json(
        {
            "type": "hello",
            "version": VERSION,
            "feed": feed,
            "interval_ms": interval_ms,
            "gone_after_ms": GONE_AFTER_MS,
        }
    )


def encode_frame_json(frame: Frame, names: Sequence[str]) -> bytes:
    """The frame as one line of JSON with the names in it, for scripts; `names` are indexed by
    id."""
    columns = zip(
        frame.unicorn.tolist(),
        frame.latitude.tolist(),
        frame.longitude.tolist(),
        frame.age_ms.tolist(),
        frame.distance_m.tolist(),
        frame.health.tolist(),
        frame.magic.tolist(),
        strict=True,
    )
    unicorns: list[dict[str, Any]] = [
        {
            "name": names[unicorn],
            "latitude": latitude,
            "longitude": longitude,
            "age_ms": age_ms,
            "distance_m": distance_m,
            "health": health,
            "magic": magic,
        }
        for unicorn, latitude, longitude, age_ms, distance_m, health, magic in columns
    ]
    kind = "full" if frame.kind == FULL else "changes"
    return _encode_json(
        {"type": kind, "sequence": frame.sequence, "time_ms": frame.time_ms, "unicorns": unicorns}
    )


def _pinned(column: NDArray[Any], type_: str) -> bytes:
    limits = np.iinfo(type_)
    pinned: NDArray[Any] = np.clip(np.rint(column), limits.min, limits.max)
    return pinned.astype(type_).tobytes()

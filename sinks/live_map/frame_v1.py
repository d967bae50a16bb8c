"""The feed's binary frames, version 1: 20 bytes a unicorn, until the page has moved to 2."""

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sinks.live_map.frame import Frame

VERSION: Final = 1
HEADER: Final = struct.Struct("<4sBBHIId")

_COLUMNS: Final = ("<u4", "<i4", "<i4", "<u2", "<u2", "<i2", "<i2")


def encode_frame_v1(frame: Frame) -> bytes:
    """The binary message."""
    header = HEADER.pack(
        b"UNIC", VERSION, frame.kind, 0, len(frame), frame.sequence % 2**32, float(frame.time_ms)
    )
    columns = (
        frame.unicorn,
        frame.longitude * 1e7,
        frame.latitude * 1e7,
        frame.age_ms,
        frame.distance_m * 10,
        frame.health,
        frame.magic,
    )
    packed = (_pinned(column, type_) for column, type_ in zip(columns, _COLUMNS, strict=True))
    return b"".join((header, *packed))


def _pinned(column: NDArray[Any], type_: str) -> bytes:
    limits = np.iinfo(type_)
    pinned: NDArray[Any] = np.clip(np.rint(column), limits.min, limits.max)
    return pinned.astype(type_).tobytes()

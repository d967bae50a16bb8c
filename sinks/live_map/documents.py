"""The feed's JSON: what is text for every viewer, and the frames for those who want no bytes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np

from sinks.live_map.frame import CHANGES, FULL, GONE_AFTER_MS, REST, VERSION, Frame, RowBlock

REST_TICKS: Final = 10
"""In how many ticks everyone out of view is told once."""

_KINDS: Final = {FULL: "full", CHANGES: "changes", REST: "rest"}

_encode = msgspec.json.Encoder(decimal_format="number").encode


def encode_hello(
    feed: str,
    interval_ms: int,
    *,
    resumed: bool = False,
    time_scale: float = 1.0,
    names_max: int = 0,
    **more: Any,
) -> bytes:
    """The first document. `feed` is another one when the server has forgotten the ids it gave out
    before."""
    return _encode(
        {
            "type": "hello",
            "version": VERSION,
            "feed": feed,
            "resumed": resumed,
            "interval_ms": interval_ms,
            "gone_after_ms": GONE_AFTER_MS,
            "rest_ticks": REST_TICKS,
            "time_scale": time_scale,
            "names_max": names_max,
            **more,
        }
    )


def encode_names(first: int, names: Sequence[str]) -> bytes:
    """The document that names the unicorns with the ids `first`, `first` + 1 and so on."""
    return _encode({"type": "names", "first": first, "names": names})


def encode_status(unicorns: int, viewers: int, hidden: Mapping[str, int]) -> bytes:
    """How many are seen and how many look, and what is not shown and why."""
    return _encode({"type": "status", "unicorns": unicorns, "viewers": viewers, "hidden": hidden})


def encode_end(readings: int, hidden: Mapping[str, int]) -> bytes:
    """The last document of a replay."""
    return _encode({"type": "end", "readings": readings, "hidden": hidden})


def encode_failed(message: str) -> bytes:
    """The last document of a replay that cannot go on."""
    return _encode({"type": "failed", "message": message})


def encode_frame_json(frame: Frame, names: Sequence[str]) -> bytes:
    """The frame as one document with the names in it; `names` are indexed by id."""
    heading: list[float | None] = [
        None if np.isnan(degrees) else round(degrees, 1) for degrees in frame.heading.tolist()
    ]
    columns = zip(
        frame.unicorn.tolist(),
        frame.latitude.tolist(),
        frame.longitude.tolist(),
        frame.age_ms.tolist(),
        frame.distance_m.tolist(),
        frame.health.tolist(),
        frame.magic.tolist(),
        heading,
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
            "heading": degrees,
        }
        for unicorn, latitude, longitude, age_ms, distance_m, health, magic, degrees in columns
    ]
    return _encode(
        {
            "type": _KINDS[frame.kind],
            "sequence": frame.sequence,
            "time_ms": frame.time_ms,
            "unicorns": unicorns,
        }
    )


def encode_rows_json(block: RowBlock, sequence: int, names: Sequence[str]) -> bytes:
    """The rows as one document with the names in it."""
    columns = zip(
        block.unicorn.tolist(),
        block.distance_m.tolist(),
        block.health_min.tolist(),
        block.health_max.tolist(),
        block.magic_min.tolist(),
        block.magic_max.tolist(),
        strict=True,
    )
    rows = [
        {
            "name": names[unicorn],
            "distance_m": distance_m,
            "min_health": health_min,
            "max_health": health_max,
            "min_magic": magic_min,
            "max_magic": magic_max,
        }
        for unicorn, distance_m, health_min, health_max, magic_min, magic_max in columns
    ]
    return _encode({"type": "rows", "sequence": sequence, "time_ms": block.time_ms, "rows": rows})

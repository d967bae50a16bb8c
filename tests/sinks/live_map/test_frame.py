"""The wire format against a table worked out by hand from docs/live-map.md."""

import json

import numpy as np
import pytest

from sinks.live_map.documents import (
    encode_frame_json,
    encode_hello,
    encode_names,
    encode_rows_json,
    encode_status,
)
from sinks.live_map.frame import (
    CHANGES,
    FULL,
    Frame,
    RowBlock,
    decode_frame,
    encode_frame,
    encode_rows,
)

# Unicorn 0 at 73.985184 W 40.749167 N, 250 ms old, health 150, magic 149, heading 28.5 degrees.
# Unicorn 258 at 74.1 W 40.6 N, older than the column holds, health below zero, magic beyond it, and
# it has not moved yet.
BY_HAND = (
    ("55 4e 49 43", "UNIC"),
    ("02 01 00 00", "version 2, kind 1 (changes), nothing"),
    ("02 00 00 00", "2 unicorns"),
    ("07 00 00 00", "sequence 7"),
    ("00 00 80 aa 6d b7 79 42", "1,767,225,600,000 ms as a double"),
    ("00 00 f0 01", "id 0, age 31 steps of 8 ms: 0x01f << 20"),
    ("02 01 f0 ff", "id 258, age 4095 steps and no more"),
    ("c0 c1 e6 d3  c0 3c d5 d3", "longitudes -739851840, -741000000"),
    ("56 d4 49 18  80 11 33 18", "latitudes 407491670, 406000000"),
    ("96 50 09 13", "health 0x096, magic 0x095 << 12, heading 19 << 24"),
    ("fd ff 7f ff", "health -3 = 0xffd, magic 2047 = 0x7ff << 12 and no more, heading 255"),
)
MESSAGE = bytes.fromhex("".join(column for column, _ in BY_HAND))

ROWS_BY_HAND = (
    ("55 4e 49 43", "UNIC"),
    ("02 03 00 00", "version 2, kind 3 (rows), nothing"),
    ("01 00 00 00", "1 row"),
    ("09 00 00 00", "sequence 9"),
    ("00 00 80 aa 6d b7 79 42", "1,767,225,600,000 ms as a double"),
    ("02 01 00 00", "id 258"),
    ("53 46 00 00", "18,003 dm"),
    ("95 00  99 00  93 00  ff 7f", "health 149 to 153, magic 147 to 32,767 and no more"),
)
ROWS_MESSAGE = bytes.fromhex("".join(column for column, _ in ROWS_BY_HAND))


def frame(kind: int = CHANGES) -> Frame:
    return Frame(
        kind=kind,
        sequence=7,
        time_ms=1_767_225_600_000,
        unicorn=np.array([0, 258]),
        longitude=np.array([-73.985184, -74.1]),
        latitude=np.array([40.749167, 40.6]),
        age_ms=np.array([250, 90_000]),
        distance_m=np.array([30.1, 1e9]),
        health=np.array([150, -3]),
        magic=np.array([149, 2**31]),
        heading=np.array([28.4, np.nan]),
    )


def rows() -> RowBlock:
    def one(value: int) -> np.ndarray:
        return np.array([value])

    return RowBlock(
        1_767_225_600_000, one(258), np.array([1800.3]), one(149), one(153), one(147), one(2**20)
    )


def test_a_frame_is_what_the_table_says() -> None:
    assert encode_frame(frame()).hex(" ") == MESSAGE.hex(" ")
    assert len(MESSAGE) == 24 + 2 * 16


def test_rows_are_what_their_table_says() -> None:
    assert encode_rows(rows(), 9).hex(" ") == ROWS_MESSAGE.hex(" ")


def test_a_frame_is_read_back() -> None:
    decoded = decode_frame(MESSAGE)
    assert isinstance(decoded, Frame)
    assert (decoded.kind, decoded.sequence, decoded.time_ms) == (CHANGES, 7, 1_767_225_600_000)
    assert decoded.unicorn.tolist() == [0, 258]
    assert decoded.longitude.tolist() == pytest.approx([-73.985184, -74.1], abs=1e-9)
    assert decoded.latitude.tolist() == pytest.approx([40.749167, 40.6], abs=1e-9)
    assert decoded.age_ms.tolist() == [248, 32_760]
    assert decoded.health.tolist() == [150, -3]
    assert decoded.magic.tolist() == [149, 2047]
    assert decoded.heading.tolist() == pytest.approx([28.5, np.nan], nan_ok=True)


def test_rows_are_read_back() -> None:
    decoded = decode_frame(ROWS_MESSAGE)
    assert isinstance(decoded, RowBlock)
    assert decoded.time_ms == 1_767_225_600_000
    assert (decoded.unicorn.tolist(), decoded.distance_m.tolist()) == ([258], [1800.3])
    assert (decoded.health_min[0], decoded.health_max[0], decoded.magic_min[0]) == (149, 153, 147)


def test_the_ends_of_the_earth_fit() -> None:
    corners = Frame(
        kind=FULL,
        sequence=2**32 + 1,
        time_ms=0,
        unicorn=np.array([0, 2**20 - 1]),
        longitude=np.array([-180.0, 180.0]),
        latitude=np.array([-90.0, 90.0]),
        age_ms=np.array([0, 0]),
        distance_m=np.array([-1.0, 0.04]),
        health=np.array([-(2**31), 0]),
        magic=np.array([0, 0]),
        heading=np.array([359.9, 0.0]),
    )
    decoded = decode_frame(encode_frame(corners))
    assert isinstance(decoded, Frame)
    assert decoded.sequence == 1
    assert decoded.unicorn.tolist() == [0, 2**20 - 1]
    assert decoded.longitude.tolist() == [-180.0, 180.0]
    assert decoded.latitude.tolist() == [-90.0, 90.0]
    assert decoded.health.tolist() == [-2048, 0]
    assert decoded.heading.tolist() == [0.0, 0.0]


def test_a_frame_of_nobody_is_its_header() -> None:
    nobody = MESSAGE[:8] + bytes(4) + MESSAGE[12:24]
    assert len(decode_frame(nobody)) == 0
    assert encode_frame(decode_frame(nobody)) == nobody


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"", "0 bytes are less than a frame's header of 24"),
        (b"UNIX" + MESSAGE[4:], "not a frame of version 2"),
        (b"UNIC\x01" + MESSAGE[5:], "not a frame of version 2"),
        (b"UNIC\x02\x04" + MESSAGE[6:], "not a frame of version 2"),
        (MESSAGE[:-1], "a frame of 2 has 56 bytes, not 55"),
        (MESSAGE + b"\0", "a frame of 2 has 56 bytes, not 57"),
    ],
)
def test_anything_else_is_refused(message: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        decode_frame(message)


def test_json_says_the_same_with_names() -> None:
    names = ["Shadowfax", *[""] * 257, 'Ro"cinante <b>']
    line = encode_frame_json(frame(FULL), names)
    assert b"\n" not in line
    document = json.loads(line)
    assert document["type"] == "full"
    assert (document["sequence"], document["time_ms"]) == (7, 1_767_225_600_000)
    assert document["unicorns"][0] == {
        "name": "Shadowfax",
        "latitude": 40.749167,
        "longitude": -73.985184,
        "age_ms": 250,
        "distance_m": 30.1,
        "health": 150,
        "magic": 149,
        "heading": 28.4,
    }
    assert document["unicorns"][1]["name"] == 'Ro"cinante <b>'
    assert document["unicorns"][1]["heading"] is None
    assert json.loads(encode_frame_json(frame(CHANGES), names))["type"] == "changes"
    assert json.loads(encode_rows_json(rows(), 9, names)) == {
        "type": "rows",
        "sequence": 9,
        "time_ms": 1_767_225_600_000,
        "rows": [
            {
                "name": 'Ro"cinante <b>',
                "distance_m": 1800.3,
                "min_health": 149,
                "max_health": 153,
                "min_magic": 147,
                "max_magic": 2**20,
            }
        ],
    }


def test_the_text_messages() -> None:
    assert json.loads(encode_names(3, ["Artax", "Élan 🦄"])) == {
        "type": "names",
        "first": 3,
        "names": ["Artax", "Élan 🦄"],
    }
    assert json.loads(encode_hello("f00d", 1000, names_max=100_000)) == {
        "type": "hello",
        "version": 2,
        "feed": "f00d",
        "resumed": False,
        "interval_ms": 1000,
        "gone_after_ms": 30_000,
        "rest_ticks": 10,
        "time_scale": 1.0,
        "names_max": 100_000,
    }
    assert json.loads(encode_status(2, 3, {"malformed": 1})) == {
        "type": "status",
        "unicorns": 2,
        "viewers": 3,
        "hidden": {"malformed": 1},
    }

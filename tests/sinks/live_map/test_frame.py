"""The wire format against a table worked out by hand from docs/live-map.md."""

import json

import numpy as np
import pytest

from sinks.live_map.frame import (
    CHANGES,
    FULL,
    Frame,
    decode_frame,
    encode_frame,
    encode_frame_json,
    encode_hello,
    encode_names,
)

# Unicorn 0 at 73.985184 W 40.749167 N, 250 ms old, 30.1 m, health 150, magic 149. Unicorn 258 at
# 74.1 W 40.6 N, older and further from its last place than the columns hold, health below zero,
# magic beyond a SMALLINT.
BY_HAND = (
    ("55 4e 49 43", "UNIC"),
    ("01 01 00 00", "version 1, kind 1 (changes), nothing"),
    ("02 00 00 00", "2 unicorns"),
    ("07 00 00 00", "sequence 7"),
    ("00 00 80 aa 6d b7 79 42", "1,767,225,600,000 ms as a double"),
    ("00 00 00 00  02 01 00 00", "ids 0, 258"),
    ("c0 c1 e6 d3  c0 3c d5 d3", "longitudes -739851840, -741000000"),
    ("56 d4 49 18  80 11 33 18", "latitudes 407491670, 406000000"),
    ("fa 00  ff ff", "ages 250, 65535 and no more"),
    ("2d 01  ff ff", "distances 301, 65535 and no more"),
    ("96 00  fd ff", "health 150, -3"),
    ("95 00  ff 7f", "magic 149, 32767 and no more"),
)
MESSAGE = bytes.fromhex("".join(column for column, _ in BY_HAND))


def frame(kind: int = CHANGES) -> Frame:
    return Frame(
        kind=kind,
        sequence=7,
        time_ms=1_767_225_600_000,
        unicorn=np.array([0, 258]),
        longitude=np.array([-73.985184, -74.1]),
        latitude=np.array([40.749167, 40.6]),
        age_ms=np.array([250, 90_000]),
        distance_m=np.array([30.1, float("inf")]),
        health=np.array([150, -3]),
        magic=np.array([149, 2**31]),
    )


def test_a_frame_is_what_the_table_says() -> None:
    assert encode_frame(frame()).hex(" ") == MESSAGE.hex(" ")


def test_a_frame_is_read_back() -> None:
    decoded = decode_frame(MESSAGE)
    assert (decoded.kind, decoded.sequence, decoded.time_ms) == (CHANGES, 7, 1_767_225_600_000)
    assert decoded.unicorn.tolist() == [0, 258]
    assert decoded.longitude.tolist() == pytest.approx([-73.985184, -74.1], abs=1e-9)
    assert decoded.latitude.tolist() == pytest.approx([40.749167, 40.6], abs=1e-9)
    assert decoded.age_ms.tolist() == [250, 65_535]
    assert decoded.distance_m.tolist() == pytest.approx([30.1, 6_553.5])
    assert decoded.health.tolist() == [150, -3]
    assert decoded.magic.tolist() == [149, 32_767]


def test_the_ends_of_the_earth_fit() -> None:
    corners = Frame(
        kind=FULL,
        sequence=2**32 + 1,
        time_ms=0,
        unicorn=np.array([0, 1]),
        longitude=np.array([-180.0, 180.0]),
        latitude=np.array([-90.0, 90.0]),
        age_ms=np.array([0, 0]),
        distance_m=np.array([-1.0, 0.04]),
        health=np.array([-(2**31), 0]),
        magic=np.array([0, 0]),
    )
    decoded = decode_frame(encode_frame(corners))
    assert decoded.sequence == 1
    assert decoded.longitude.tolist() == [-180.0, 180.0]
    assert decoded.latitude.tolist() == [-90.0, 90.0]
    assert decoded.distance_m.tolist() == [0.0, 0.0]
    assert decoded.health.tolist() == [-32_768, 0]


def test_a_frame_of_nobody_is_its_header() -> None:
    nobody = MESSAGE[:8] + bytes(4) + MESSAGE[12:24]
    assert len(decode_frame(nobody)) == 0
    assert encode_frame(decode_frame(nobody)) == nobody


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"", "0 bytes are less than a frame's header of 24"),
        (b"UNIX" + MESSAGE[4:], "not a frame of version 1"),
        (b"UNIC\x02" + MESSAGE[5:], "not a frame of version 1"),
        (MESSAGE[:-1], "a frame of 2 unicorns has 64 bytes, not 63"),
        (MESSAGE + b"\0", "a frame of 2 unicorns has 64 bytes, not 65"),
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
    }
    assert document["unicorns"][1]["name"] == 'Ro"cinante <b>'
    assert json.loads(encode_frame_json(frame(CHANGES), names))["type"] == "changes"


def test_the_text_messages() -> None:
    assert json.loads(encode_names(3, ["Artax", "Élan 🦄"])) == {
        "type": "names",
        "first": 3,
        "names": ["Artax", "Élan 🦄"],
    }
    assert json.loads(encode_hello("f00d", 1000)) == {
        "type": "hello",
        "version": 1,
        "feed": "f00d",
        "interval_ms": 1000,
        "gone_after_ms": 30_000,
    }

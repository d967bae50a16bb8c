"""What is a reading that can be shown, and what is counted instead."""

import json

import pytest

from sinks.live_map.frame import encode_frame
from sinks.live_map.intake import NAME_CHARACTERS_MAX, Intake
from sinks.live_map.picture import Picture

SECOND_MS = 1_000


def test_a_replay_of_old_readings_is_not_even_decoded(producer) -> None:
    picture = Picture()
    intake = Intake(picture)
    old = producer.now_ms - 31 * SECOND_MS
    intake.take(
        producer.batch(b"not JSON", producer.record("Artax"), arrival_ms=[old, producer.now_ms]),
        producer.now_ms,
    )
    assert (picture.names, intake.hidden.total) == (["Artax"], 0)


def bad(**changed: str) -> bytes:
    """A reading with some values as they stand, whether or not that is JSON."""
    fields = {
        "Name": '"Artax"', "StatusTime": '""', "Latitude": "0", "Longitude": "0", "Distance": "0",
        "MagicPoints": "0", "HealthPoints": "0",
    }  # fmt: skip
    return "{{{}}}".format(
        ",".join(f'"{name}":{value}' for name, value in (fields | changed).items())
    ).encode()


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (b"", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[1, 2]", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"Name":"Artax"}', "malformed"),
        (bad(Latitude='"north"'), "malformed"),
        (bad(Latitude="NaN"), "malformed"),
        (bad(Latitude="1e999"), "malformed"),
        (bad(Name='"\\ud800"'), "malformed"),
        (bad(Latitude="90.1"), "off_earth"),
        (bad(Longitude="-180.1"), "off_earth"),
        (bad(Longitude="1e308"), "off_earth"),
        (bad(Name=json.dumps("x" * 10_000)), "long_name"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:24].decode("latin-1"),
)
def test_what_cannot_be_shown_is_counted(producer, record: bytes, why: str) -> None:
    picture = Picture()
    intake = Intake(picture)
    intake.take(producer.batch(record, producer.record("Binky")), producer.now_ms)
    assert picture.names == ["Binky"]
    nothing = dict.fromkeys(("malformed", "off_earth", "long_name", "too_many"), 0)
    assert intake.hidden.as_dict() == nothing | {why: 1}


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "🦄",
        "שלום\u202eevil",
        "",
        "a\u0000b",
        "👩‍👩‍👧‍👦" * 20,
        "line\nbreak",
    ],
)
def test_any_text_is_a_name(producer, name: str) -> None:
    picture = Picture()
    Intake(picture).take(producer.batch(producer.record(name)), producer.now_ms)
    assert picture.names == [name]


def test_numbers_of_any_size_do_no_harm(producer) -> None:
    picture = Picture()
    record = producer.record("Artax", HealthPoints=10**30, MagicPoints=-(10**30), Distance=1e300)
    Intake(picture).take(producer.batch(record), producer.now_ms)
    frame = picture.still(producer.now_ms).full()
    assert frame.health.tolist() == [2**31]
    assert frame.magic.tolist() == [-(2**31)]
    assert frame.distance_m.tolist() == [1e9]
    assert encode_frame(frame)


def test_a_flood_of_names_ends_at_the_limit(producer) -> None:
    picture = Picture(unicorns_max=2)
    intake = Intake(picture)
    intake.take(producer.batch(*(producer.record(name) for name in "ABCDA")), producer.now_ms)
    assert (picture.names, intake.hidden.too_many) == (["A", "B"], 2)
    assert picture.still(producer.now_ms).full().unicorn.tolist() == [0, 1]


def test_a_name_has_a_limit_too(producer) -> None:
    picture = Picture()
    intake = Intake(picture)
    longest = "🦄" * NAME_CHARACTERS_MAX
    records = (producer.record(longest), producer.record(longest + "x"))
    intake.take(producer.batch(*records), producer.now_ms)
    assert (picture.names, intake.hidden.long_name) == ([longest], 1)


def test_ages_are_the_viewers_whatever_the_clock(producer) -> None:
    """A reading that is a minute old by a clock 60 times as fast is a second old to who looks."""
    picture = Picture()
    minute_ms = 60_000
    then_ms = producer.now_ms - minute_ms
    Intake(picture, time_scale=60).take(
        producer.batch(producer.record("A"), arrival_ms=then_ms), producer.now_ms // 60
    )
    frame = picture.still(producer.now_ms // 60).full()
    assert frame.unicorn.tolist() == [0]
    assert frame.age_ms.tolist() == [minute_ms / 60]

"""What the map keeps of the readings that it is given."""

import pytest

from sinks.live_map.frame import CHANGES, FULL
from sinks.live_map.picture import NAME_CHARACTERS_MAX, Picture

SECOND_MS = 1_000


def test_the_latest_reading_of_each_unicorn_counts(producer) -> None:
    picture = Picture()
    picture.take(
        producer.batch(
            producer.record("Artax", HealthPoints=150),
            producer.record("Binky", Latitude=40.7, Longitude=-74.0, Distance=29.5),
            producer.record("Artax", HealthPoints=149, MagicPoints=151),
        ),
        producer.now_ms,
    )
    frame = picture.changes(1, producer.now_ms)
    assert frame.kind == CHANGES
    assert picture.names == ["Artax", "Binky"]
    assert frame.unicorn.tolist() == [0, 1]
    assert frame.health.tolist() == [149, 150]
    assert frame.magic.tolist() == [151, 150]
    assert frame.latitude.tolist() == [40.749167, 40.7]
    assert frame.longitude.tolist() == [-73.985184, -74.0]
    assert frame.distance_m.tolist() == [30.0, 29.5]
    assert frame.age_ms.tolist() == [0, 0]


def test_changes_are_told_once(producer) -> None:
    picture = Picture()
    assert not picture.has_news
    picture.take(producer.batch(producer.record("Artax")), producer.now_ms)
    assert picture.has_news
    assert len(picture.full(0, producer.now_ms)) == 1, "a look at the picture uses no news up"
    assert picture.has_news
    assert len(picture.changes(1, producer.now_ms)) == 1
    assert not picture.has_news
    assert len(picture.changes(2, producer.now_ms)) == 0


def test_the_full_picture_has_those_seen_within_thirty_seconds(producer) -> None:
    picture = Picture()
    for name, seconds_ago in (("Artax", 30), ("Binky", 29), ("Comet", 0)):
        arrival_ms = producer.now_ms - seconds_ago * SECOND_MS
        picture.take(
            producer.batch(producer.record(name), arrival_ms=arrival_ms), arrival_ms + SECOND_MS
        )
    frame = picture.full(1, producer.now_ms)
    assert frame.kind == FULL
    assert [picture.names[unicorn] for unicorn in frame.unicorn] == ["Binky", "Comet"]
    assert frame.age_ms.tolist() == [29_000, 0]


def test_a_replay_of_old_readings_is_not_even_decoded(producer) -> None:
    picture = Picture()
    old = producer.now_ms - 31 * SECOND_MS
    picture.take(
        producer.batch(b"not JSON", producer.record("Artax"), arrival_ms=[old, producer.now_ms]),
        producer.now_ms,
    )
    assert (picture.names, picture.skipped) == (["Artax"], 0)


def test_a_reading_that_is_overtaken_does_not_move_its_unicorn_back(producer) -> None:
    picture = Picture()
    picture.take(producer.batch(producer.record("Artax", HealthPoints=140)), producer.now_ms)
    late = producer.batch(
        producer.record("Artax", HealthPoints=141), arrival_ms=producer.now_ms - SECOND_MS
    )
    picture.take(late, producer.now_ms)
    assert picture.full(1, producer.now_ms).health.tolist() == [140]


def test_a_reading_from_a_clock_ahead_of_ours_is_new(producer) -> None:
    picture = Picture()
    ahead = producer.batch(producer.record("Artax"), arrival_ms=producer.now_ms + SECOND_MS)
    picture.take(ahead, producer.now_ms)
    assert picture.full(1, producer.now_ms).age_ms.tolist() == [0]


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"Name":"Artax"}',
        b'{"Name":"Artax","StatusTime":"","Latitude":"north","Longitude":0,"Distance":0,'
        b'"MagicPoints":0,"HealthPoints":0}',
        b'{"Name":"Artax","StatusTime":"","Latitude":90.1,"Longitude":0,"Distance":0,'
        b'"MagicPoints":0,"HealthPoints":0}',
        b'{"Name":"Artax","StatusTime":"","Latitude":0,"Longitude":-180.1,"Distance":0,'
        b'"MagicPoints":0,"HealthPoints":0}',
        b'{"Name":"Artax","StatusTime":"","Latitude":NaN,"Longitude":0,"Distance":0,'
        b'"MagicPoints":0,"HealthPoints":0}',
        b'{"Name":"Artax","StatusTime":"","Latitude":1e999,"Longitude":0,"Distance":0,'
        b'"MagicPoints":0,"HealthPoints":0}',
    ],
)
def test_what_cannot_be_shown_is_skipped_and_counted(producer, record: bytes) -> None:
    picture = Picture()
    picture.take(producer.batch(record, producer.record("Binky")), producer.now_ms)
    assert (picture.names, picture.skipped) == (["Binky"], 1)


def test_numbers_of_any_size_do_no_harm(producer) -> None:
    picture = Picture()
    record = producer.record("Artax", HealthPoints=10**30, MagicPoints=-(10**30), Distance=1e300)
    picture.take(producer.batch(record), producer.now_ms)
    frame = picture.full(1, producer.now_ms)
    assert frame.health.tolist() == [2**31]
    assert frame.magic.tolist() == [-(2**31)]


def test_a_flood_of_names_ends_at_the_limit(producer) -> None:
    picture = Picture(unicorns_max=2)
    picture.take(
        producer.batch(*(producer.record(name) for name in "ABCDA")),
        producer.now_ms,
    )
    assert (picture.names, picture.skipped) == (["A", "B"], 2)
    assert picture.full(1, producer.now_ms).unicorn.tolist() == [0, 1]


def test_a_name_has_a_limit_too(producer) -> None:
    picture = Picture()
    longest = "🦄" * NAME_CHARACTERS_MAX
    records = (producer.record(longest), producer.record(longest + "x"))
    picture.take(producer.batch(*records), producer.now_ms)
    assert (picture.names, picture.skipped) == ([longest], 1)


def test_the_picture_grows_with_the_fleet(producer) -> None:
    picture = Picture()
    for half in (range(1_500), range(1_500, 3_000)):
        records = [producer.record(str(number), HealthPoints=number) for number in half]
        picture.take(producer.batch(*records), producer.now_ms)
    frame = picture.full(1, producer.now_ms)
    assert frame.unicorn.tolist() == list(range(3_000))
    assert frame.health.tolist() == list(range(3_000))


def test_ages_are_the_viewers_whatever_the_clock(producer) -> None:
    """A reading that is a minute old by a clock 60 times as fast is a second old to who looks."""
    picture = Picture(time_scale=60)
    minute_ms = 60_000
    then_ms = producer.now_ms - minute_ms
    picture.take(producer.batch(producer.record("A"), arrival_ms=then_ms), producer.now_ms // 60)
    frame = picture.full(1, producer.now_ms // 60)
    assert frame.unicorn.tolist() == [0]
    assert frame.age_ms.tolist() == [minute_ms / 60]

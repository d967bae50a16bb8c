"""What the map keeps of the readings that it is given, tick by tick."""

import numpy as np
import pytest

from sinks.live_map.frame import CHANGES, FULL
from sinks.live_map.intake import Intake
from sinks.live_map.picture import Picture

SECOND_MS = 1_000


def test_the_latest_reading_of_each_unicorn_counts(producer) -> None:
    picture = Picture()
    Intake(picture).take(
        producer.batch(
            producer.record("Artax", HealthPoints=150),
            producer.record("Binky", Latitude=40.7, Longitude=-74.0, Distance=29.5),
            producer.record("Artax", HealthPoints=149, MagicPoints=151),
        ),
        producer.now_ms,
    )
    picture.tick(producer.now_ms)
    frame = picture.still(producer.now_ms).changes(0)
    assert frame.kind == CHANGES
    assert picture.names == ["Artax", "Binky"]
    assert frame.unicorn.tolist() == [0, 1]
    assert frame.health.tolist() == [149, 150]
    assert frame.magic.tolist() == [151, 150]
    assert frame.latitude.tolist() == [40.749167, 40.7]
    assert frame.longitude.tolist() == [-73.985184, -74.0]
    assert frame.distance_m.tolist() == [30.0, 29.5]
    assert frame.age_ms.tolist() == [0, 0]


def test_changes_are_those_after_a_tick(producer) -> None:
    picture = Picture()
    intake = Intake(picture)
    assert not picture.has_news
    intake.take(producer.batch(producer.record("A"), producer.record("B")), producer.now_ms)
    assert picture.has_news
    first = picture.tick(producer.now_ms)
    assert not picture.has_news
    assert (first.sequence, first.names, first.ids.tolist()) == (1, ["A", "B"], [0, 1])
    intake.take(producer.batch(producer.record("B")), producer.now_ms)
    second = picture.tick(producer.now_ms)
    assert (second.sequence, second.names, second.ids.tolist()) == (2, [], [1])
    still = picture.still(producer.now_ms)
    assert still.changed(0).tolist() == [0, 1]
    assert still.changed(1).tolist() == [1]
    assert still.changed(2).tolist() == []


def test_a_still_does_not_move(producer) -> None:
    picture = Picture()
    intake = Intake(picture)
    intake.take(producer.batch(producer.record("A", HealthPoints=1)), producer.now_ms)
    still = picture.still(producer.now_ms)
    intake.take(
        producer.batch(producer.record("A", HealthPoints=2), producer.record("B")), producer.now_ms
    )
    assert still.full().health.tolist() == [1]
    assert picture.still(producer.now_ms).full().health.tolist() == [2, 150]


def test_the_full_picture_has_those_seen_within_thirty_seconds(producer) -> None:
    picture = Picture()
    for name, seconds_ago in (("Artax", 30), ("Binky", 29), ("Comet", 0)):
        arrival_ms = producer.now_ms - seconds_ago * SECOND_MS
        Intake(picture).take(
            producer.batch(producer.record(name), arrival_ms=arrival_ms), arrival_ms + SECOND_MS
        )
    still = picture.still(producer.now_ms)
    frame = still.full()
    assert (frame.kind, still.seen()) == (FULL, 2)
    assert [picture.names[unicorn] for unicorn in frame.unicorn] == ["Binky", "Comet"]
    assert frame.age_ms.tolist() == [29_000, 0]


def test_a_reading_that_is_overtaken_does_not_move_its_unicorn_back(producer) -> None:
    picture = Picture()
    intake = Intake(picture)
    intake.take(producer.batch(producer.record("Artax", HealthPoints=140)), producer.now_ms)
    late = producer.batch(
        producer.record("Artax", HealthPoints=141), arrival_ms=producer.now_ms - SECOND_MS
    )
    intake.take(late, producer.now_ms)
    assert picture.still(producer.now_ms).full().health.tolist() == [140]


def test_a_reading_from_a_clock_ahead_of_ours_is_new(producer) -> None:
    picture = Picture()
    ahead = producer.batch(producer.record("Artax"), arrival_ms=producer.now_ms + SECOND_MS)
    Intake(picture).take(ahead, producer.now_ms)
    assert picture.still(producer.now_ms).full().age_ms.tolist() == [0]


@pytest.mark.parametrize(
    ("north", "east", "degrees"),
    [(1, 0, 0), (0, 1, 90), (-1, 0, 180), (0, -1, 270), (1, 1, 45), (-1, 1, 135)],
)
def test_a_heading_is_clockwise_from_north(producer, north: int, east: int, degrees: int) -> None:
    """At 60 degrees north a degree of longitude is half as long as one of latitude."""
    picture = Picture()
    intake = Intake(picture)
    start = producer.record("A", Latitude=60.0, Longitude=10.0)
    intake.take(producer.batch(start), producer.now_ms)
    assert np.isnan(picture.latest(0)["heading"])
    moved = producer.record("A", Latitude=60 + north * 1e-4, Longitude=10 + 2 * east * 1e-4)
    intake.take(producer.batch(moved), producer.now_ms)
    assert picture.latest(0)["heading"] == pytest.approx(degrees, abs=0.01)
    intake.take(producer.batch(moved), producer.now_ms)
    assert picture.latest(0)["heading"] == pytest.approx(degrees, abs=0.01), "it stands still"


def test_a_heading_across_the_180th_meridian(producer) -> None:
    picture = Picture()
    intake = Intake(picture)
    for longitude in (179.9999, -179.9999):
        record = producer.record("A", Latitude=0.0, Longitude=longitude)
        intake.take(producer.batch(record), producer.now_ms)
    assert picture.latest(0)["heading"] == pytest.approx(90)


def test_another_picture_follows_tick_by_tick(producer) -> None:
    """What a worker shows is what the one who reads the stream would show."""
    picture, late = Picture(), Picture()
    intake = Intake(picture)
    follower = Picture(feed=picture.feed)
    for step in range(4):
        records = [
            producer.record(f"{step} {number}", Latitude=40 + step / 100) for number in range(1000)
        ]
        records.append(producer.record("0 0", Latitude=50 + step / 100))
        intake.take(producer.batch(*records), producer.now_ms)
        follower.apply(picture.tick(producer.now_ms))
        assert same(follower, picture, producer.now_ms)
        if step == 2:
            intake.take(producer.batch(producer.record("not told yet")), producer.now_ms)
            late.apply(picture.everything())
            assert "not told yet" not in late.names
    late.apply(picture.everything())
    assert same(late, picture, producer.now_ms)


def same(one: Picture, other: Picture, now_ms: int) -> bool:
    left, right = one.still(now_ms), other.still(now_ms)
    assert (one.feed, one.sequence, one.names) == (other.feed, other.sequence, other.names)
    return left.unicorns.tobytes() == right.unicorns.tobytes()


def test_ids_of_the_gone_are_given_to_others(producer) -> None:
    picture = Picture(unicorns_max=4)
    intake = Intake(picture)
    feed = picture.feed
    for name, seconds_ago in (("A", 40), ("B", 0), ("C", 40), ("D", 40)):
        arrival_ms = producer.now_ms - seconds_ago * SECOND_MS
        intake.take(producer.batch(producer.record(name), arrival_ms=arrival_ms), arrival_ms)
    picture.tick(producer.now_ms)
    new_ids = picture.forget_the_gone(producer.now_ms)
    assert new_ids is not None
    assert new_ids.tolist() == [-1, 0, -1, -1]
    assert (picture.names, picture.feed != feed, picture.has_news) == (["B"], True, True)
    tick = picture.tick(producer.now_ms)
    assert (tick.feed, tick.first_name, tick.names) == (picture.feed, 0, ["B"])
    follower = Picture(feed=feed)
    follower.apply(tick)
    assert same(follower, picture, producer.now_ms)


def test_ids_stay_while_most_of_their_unicorns_are_there(producer) -> None:
    picture = Picture(unicorns_max=4)
    feed = picture.feed
    Intake(picture).take(
        producer.batch(*(producer.record(name) for name in "ABCD")), producer.now_ms
    )
    assert picture.forget_the_gone(producer.now_ms) is None
    assert (picture.feed, len(picture)) == (feed, 4)


def test_the_picture_grows_with_the_fleet(producer) -> None:
    picture = Picture()
    for half in (range(1_500), range(1_500, 3_000)):
        records = [producer.record(str(number), HealthPoints=number) for number in half]
        Intake(picture).take(producer.batch(*records), producer.now_ms)
    frame = picture.still(producer.now_ms).full()
    assert frame.unicorn.tolist() == list(range(3_000))
    assert frame.health.tolist() == list(range(3_000))

"""Rounds are due on the beat; what comes too late is left out. Times worked by hand."""

import math

import pytest

from simulator.schedule import Schedule

START_MS = 1_767_225_600_000


def test_rounds_keep_the_beat_however_long_each_takes() -> None:
    schedule = Schedule(4, START_MS)
    now_ms = START_MS
    due = []
    for took_ms in (0, 10, 249, 120, 0):
        now_ms += round(schedule.wait_ms(now_ms))
        due.append(now_ms - START_MS)
        schedule.sent()
        now_ms += took_ms
    assert due == [0, 250, 500, 750, 1000]
    assert schedule.left_out == 0


def test_a_rate_that_divides_no_second_does_not_drift_in_a_day() -> None:
    schedule = Schedule(3, START_MS)
    now_ms = START_MS
    for _ in range(3 * 86_400):
        now_ms += math.ceil(schedule.wait_ms(now_ms))
        schedule.sent()
    # Round 259 200 is due to the second, one day after the first.
    assert now_ms + schedule.wait_ms(now_ms) == pytest.approx(START_MS + 86_400_000, abs=0.01)
    assert schedule.left_out == 0


def test_a_short_delay_is_made_up() -> None:
    schedule = Schedule(10, START_MS)
    schedule.sent()
    # Rounds 1 to 8 were due at 100 to 800 ms: all of them go out at once.
    for _ in range(8):
        assert schedule.wait_ms(START_MS + 850) == 0
        schedule.sent()
    assert schedule.wait_ms(START_MS + 850) == 50
    assert schedule.left_out == 0


@pytest.mark.parametrize(
    ("rate", "late_ms", "left_out", "wait_ms"),
    [
        # Round 1 is due at 1000 ms. At 11 300 ms rounds 1 to 10 are past; 11 is due, 300 ms late.
        (1, 11_300, 10, 0),
        # At 10 a second, round 1 is due at 100 ms: at 2100 ms rounds 1 to 20 are past, 21 is due.
        (10, 2_100, 20, 0),
        # One reading in ten seconds: at 14 s round 1 is 4 s late, which is less than a round.
        (0.1, 14_000, 0, 0),
        (0.1, 25_000, 1, 0),
    ],
)
def test_after_a_long_one_the_rounds_that_are_past_are_left_out(
    rate: float, late_ms: int, left_out: int, wait_ms: float
) -> None:
    schedule = Schedule(rate, START_MS)
    schedule.sent()
    assert schedule.wait_ms(START_MS + late_ms) == wait_ms
    assert schedule.left_out == left_out
    # The beat is the old one: the next round is due when it would have been.
    schedule.sent()
    next_ms = (left_out + 2) * 1000 / rate
    assert schedule.wait_ms(START_MS + late_ms) == pytest.approx(next_ms - late_ms)


def test_a_clock_that_is_set_back_an_hour_does_not_stop_the_ride() -> None:
    schedule = Schedule(1, START_MS)
    for _ in range(100):
        schedule.sent()
    hour_before_ms = START_MS + 99_500 - 3_600_000
    assert schedule.wait_ms(hour_before_ms) == 1000
    schedule.sent()
    assert schedule.wait_ms(hour_before_ms + 1000) == 1000
    assert schedule.left_out == 0


def test_a_clock_that_is_set_forward_an_hour_makes_no_burst() -> None:
    schedule = Schedule(1, START_MS)
    schedule.sent()
    assert schedule.wait_ms(START_MS + 3_600_400) == 0
    schedule.sent()
    assert schedule.wait_ms(START_MS + 3_600_400) == 600
    assert schedule.left_out == 3599

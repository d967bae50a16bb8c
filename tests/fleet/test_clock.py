"""A clock that runs faster than the machine's, and how processes come to share it."""

import asyncio
import time

import pytest

from fleet.clock import ScaledClock, SystemClock
from fleet.errors import ConfigError
from fleet.settings import CLOCK, clock_text, pass_clock_on, process_clock

ORIGIN_MS = 1_767_225_600_000


def test_a_scaled_clock_starts_at_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ScaledClock(60, ORIGIN_MS)
    for elapsed_ms, expected_ms in ((0, 0), (1, 60), (1000, 60_000), (60_000, 3_600_000)):
        monkeypatch.setattr(time, "time_ns", lambda at=elapsed_ms: (ORIGIN_MS + at) * 1_000_000)
        assert clock.now_ms() == ORIGIN_MS + expected_ms


def test_a_slow_clock_never_shows_more_than_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ScaledClock(0.5, ORIGIN_MS)
    monkeypatch.setattr(time, "time_ns", lambda: ORIGIN_MS * 1_000_000 + 3_999_999)
    assert clock.now_ms() == ORIGIN_MS + 1


async def test_sleeping_takes_the_scaled_part_of_it() -> None:
    started_s = asyncio.get_running_loop().time()
    await ScaledClock(1000, ORIGIN_MS).sleep(20)
    passed_s = asyncio.get_running_loop().time() - started_s
    assert 0.015 < passed_s < 10


def test_processes_agree_by_the_environment() -> None:
    environment: dict[str, str] = {}
    pass_clock_on(ScaledClock(60, ORIGIN_MS), environment)
    assert environment == {CLOCK: "60@1767225600000"}
    clock = process_clock(environment)
    assert isinstance(clock, ScaledClock)
    assert (clock.scale, clock.origin_ms) == (60, ORIGIN_MS)


@pytest.mark.parametrize("scale", [0.25, 1.5, 3600, 0.001])
def test_a_scale_comes_through_as_it_was(scale: float) -> None:
    clock = process_clock({CLOCK: clock_text(ScaledClock(scale, ORIGIN_MS))})
    assert clock.scale == scale


def test_without_a_word_it_is_the_machine_s_clock() -> None:
    environment: dict[str, str] = {}
    pass_clock_on(SystemClock(), environment)
    assert environment == {}
    assert isinstance(process_clock({}), SystemClock)
    assert isinstance(process_clock({CLOCK: ""}), SystemClock)


@pytest.mark.parametrize(
    "text", ["60", "@1", "0@1", "-1@1", "1e3@1", "9999@1", "0.0001@1", "60@x", "60@1 "]
)
def test_a_clock_that_cannot_be_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=CLOCK):
        process_clock({CLOCK: text})

import pytest
from hypothesis import given, strategies as st

from local_kinesis.request import milliseconds


@given(st.integers(0, 10**13))
def test_every_millisecond_survives_its_way_through_seconds(time_ms: int) -> None:
    assert milliseconds(time_ms / 1000) == time_ms


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1.0009, 1000), (1.0019, 1001), (-0.5, -500), (1e308, 10**18), (-1e308, -(10**18))],
)
def test_what_is_finer_is_cut_off_and_what_is_absurd_stays_countable(
    seconds: float, expected: int
) -> None:
    assert milliseconds(seconds) == expected

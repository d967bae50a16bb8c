"""Time as the service writes it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from fleet.timestamp import timestamp_ms, timestamp_text


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        (0, "1970-01-01 00:00:00.000"),
        (1_767_225_660_000, "2026-01-01 00:01:00.000"),
        (1_767_225_660_007, "2026-01-01 00:01:00.007"),
        (-1, "1969-12-31 23:59:59.999"),
        (951_782_400_123, "2000-02-29 00:00:00.123"),
    ],
)
def test_text_of_a_time(time_ms: int, text: str) -> None:
    assert timestamp_text(time_ms) == text
    assert timestamp_ms(text) == time_ms


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_against_the_standard_library(moment: datetime) -> None:
    text = moment.isoformat(" ", "milliseconds")
    assert timestamp_text(timestamp_ms(text)) == text
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    assert timestamp_ms(text) == round(whole.timestamp() * 1000)


def test_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        timestamp_ms("2026-01-01 00:00:00+01:00")

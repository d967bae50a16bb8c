"""Where to begin, as it is typed."""

import pytest
from click import BadParameter

from processor.source.start import Start
from wildrydes.time_option import StartPoint

AT_MS = 1_767_225_900_000
"""2026-01-01 00:05 UTC."""


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("trim-horizon", Start()),
        ("latest", Start(ago_ms=0)),
        ("10m", Start(ago_ms=600_000)),
        ("2h", Start(ago_ms=7_200_000)),
        ("2026-01-01 00:05", Start(at_ms=AT_MS)),
        ("2026-01-01T00:05:00.001", Start(at_ms=AT_MS + 1)),
        ("2026-01-01T00:05:00Z", Start(at_ms=AT_MS)),
        ("2026-01-01T02:05:00+02:00", Start(at_ms=AT_MS)),
        ("2026-01-01", Start(at_ms=AT_MS - 300_000)),
    ],
)
def test_where_to_begin(text: str, start: Start) -> None:
    assert StartPoint().convert(text, None, None) == start


@pytest.mark.parametrize("text", ["", "oldest", "10", "10 m", "-1h", "2026-13-01", "LATEST"])
def test_what_is_no_beginning_is_told(text: str) -> None:
    with pytest.raises(BadParameter, match="is not trim-horizon, latest, a duration"):
        StartPoint().convert(text, None, None)

"""Lengths of time as people write them: 100ms, 30s, 10m, 2h, 1d."""

import re
from collections.abc import Mapping
from typing import Final

UNITS_MS: Final[Mapping[str, int]] = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
}
_DURATION = re.compile(r"(\d{1,9})(ms|[smhd])", re.ASCII)


def duration_ms(text: str) -> int:
    """Raises ValueError with a sentence for what is no duration."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration such as 30s, 10m, 2h or 1d")
    return int(match[1]) * UNITS_MS[match[2]]

"""What became of the ticks of a load run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Outcome:
    """Healthy viewers only, unless it says otherwise."""

    viewers: int
    stuck: int
    """How many of them stopped reading at once."""
    seconds: float
    ticks: int
    """How many different ticks reached anybody."""
    delivered: int
    """Ticks that reached a viewer, summed over viewers."""
    skipped: int
    """Ticks that a viewer did not get, though it got one before and one after."""
    closed: int
    """Viewers whose connection ended before the run."""
    stuck_closed: int
    """Stuck ones whose connection the server ended, as it should."""
    bytes: int
    latency_ms_p50: float
    """From the frame's time (when the server made it) to its last byte's arrival."""
    latency_ms_p95: float
    latency_ms_max: float
    fan_out_ms_p50: float
    """From a tick's frame being made to its arrival at the last viewer, over ticks."""
    fan_out_ms_p95: float
    fan_out_ms_max: float
    unicorns: int
    """Of the largest frame."""
    server_memory_bytes: int | None = None
    """The most that the server had; None when it is not ours to ask."""
    memory_bytes_per_viewer: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: rounded(value) for name, value in asdict(self).items()}


def rounded(value: Any) -> Any:
    """Milliseconds to a tenth."""
    return round(value, 1) if isinstance(value, float) else value


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95 and the largest; zeros for nothing."""
    if not len(values):
        return 0.0, 0.0, 0.0
    p50, p95 = np.percentile(values, [50, 95]).tolist()
    return p50, p95, float(max(values))

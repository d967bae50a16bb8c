"""What a node keeps between records, about, by the sizes that the operators count with."""

from dataclasses import dataclass

from analytics_sql.plan import Node, Slide, Tumble
from processor.operators.state import (
    KEY_BYTES,
    ROW_BYTES,
    slide_key_bytes,
    slide_row_bytes,
    tumble_bytes,
)

WINDOW_RECOMMENDED_MS = 3_600_000
"""The service's advice for the longest window (DG:sliding-window-concepts.md)."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of one node."""

    key_bytes: int
    """For each key, and of a tumbling window for each window that is open."""
    row_bytes: int
    """For each row that a sliding window holds."""
    warning: str | None
    """Why it may grow without a bound, or large."""


def state_of(node: Node) -> State | None:
    """What a node keeps; None when it keeps nothing."""
    if isinstance(node, Tumble):
        warning = None
        if node.time is not None:
            warning = "a group is kept until a row of another MONOTONIC value comes"
        elif node.size_ms > WINDOW_RECOMMENDED_MS:
            warning = "the window is longer than an hour: every key of it is kept so long"
        return State(KEY_BYTES * len(node.keys) + tumble_bytes(node), 0, warning)
    if isinstance(node, Slide):
        key_bytes = sum(map(slide_key_bytes, node.calls))
        row_bytes = ROW_BYTES + sum(map(slide_row_bytes, node.calls))
        return State(key_bytes, row_bytes, _slide_warning(node))
    return None


def _slide_warning(node: Slide) -> str | None:
    frames = [call.frame for call in node.calls]
    if any(frame.rows is None and frame.range_ms is None for frame in frames):
        return "UNBOUNDED PRECEDING: a partition is never forgotten"
    if any(frame.rows is not None for frame in frames):
        return "ROWS: a partition is never forgotten"
    if any((frame.range_ms or 0) > WINDOW_RECOMMENDED_MS for frame in frames):
        return "the window is longer than an hour: all its rows are kept so long"
    return None

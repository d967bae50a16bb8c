"""What a node keeps between records, about, by the sizes that the operators count with."""

from dataclasses import dataclass

from analytics_sql.combination import Join, Sort, TimeSort
from analytics_sql.plan import Node, Slide, Tumble
from analytics_sql.table_function import Forest, GroupRank, Hotspots
from processor.forest.forest import state_bytes
from processor.operators.hold import ROW_BYTES as HELD_ROW_BYTES
from processor.operators.join_side import ROW_BYTES as JOIN_ROW_BYTES
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
    fixed_bytes: int = 0
    """Whatever the rows are."""


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
    if isinstance(node, Join):
        is_long = max(node.left_ms, node.right_ms) > WINDOW_RECOMMENDED_MS
        warning = None
        if not any((node.left_ms, node.right_ms, node.left_rows, node.right_rows)):
            warning = "JOIN without a window on either side: only rows of one ROWTIME meet"
        elif is_long:
            warning = "the window of JOIN is longer than an hour: its rows are kept so long"
        return State(KEY_BYTES * len(node.keys), JOIN_ROW_BYTES + 16 * len(node.columns), warning)
    if isinstance(node, Sort | TimeSort):
        held_ms = node.size_ms if isinstance(node, Sort) else node.slack_ms
        warning = None
        if held_ms > WINDOW_RECOMMENDED_MS:
            warning = "ORDER BY keeps all rows for longer than an hour"
        return State(0, HELD_ROW_BYTES, warning)
    if isinstance(node, Forest):
        return State(0, 0, None, state_bytes(node))
    if isinstance(node, Hotspots):
        return State(0, 0, None, node.window * (node.window + 8 * len(node.numbers)))
    if isinstance(node, GroupRank):
        return State(0, HELD_ROW_BYTES, None)
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

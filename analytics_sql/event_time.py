"""Puts an application on event time: checks that its plan can be run so, and says so in it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from analytics_sql.combination import Join, Sort, TimeSort
from analytics_sql.plan import (
    Application,
    EventTime,
    Filter,
    Node,
    Project,
    Pump,
    Slide,
    SourceColumn,
    Tumble,
    nodes_of,
    scans_of,
)
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from analytics_sql.types import Kind
from fleet.errors import ConfigError

_ORDERED = frozenset({"FIRST_VALUE", "LAST_VALUE"})


def with_event_time(application: Application, event_time: EventTime) -> Application:
    """The application with ROWTIME from a column of its input.

    Its fingerprint changes: state by one time does not fit windows by another. Lateness, idle and
    future may change between two starts. Raises ConfigError when there is no such column or it is
    no TIMESTAMP, and when late rows are to correct a plan in which they cannot.
    """
    columns = [column for source in application.sources for column in source.columns]
    check_column(columns, event_time.column)
    if event_time.correct_ms is not None:
        _check_corrections(application)
    meaning = [application.fingerprint, event_time.column, event_time.correct_ms]
    fingerprint = hashlib.sha256(json.dumps(meaning).encode("ascii")).hexdigest()
    return replace(application, event_time=event_time, fingerprint=fingerprint)


def check_column(columns: Sequence[SourceColumn], name: str) -> None:
    """Raises ConfigError when an input with these columns has no times of this name."""
    times = sorted({f'"{c.name}"' for c in columns if c.type.kind is Kind.TIMESTAMP})
    remedy = f"the input has these TIMESTAMP columns: {', '.join(times) or 'none'}"
    found = [column for column in columns if column.name == name]
    if not found:
        raise ConfigError(f'event time: the input has no column "{name}"', remedy=remedy)
    if found[0].type.kind is not Kind.TIMESTAMP:
        raise ConfigError(
            f'event time: column "{name}" is a {found[0].type}, not a TIMESTAMP', remedy=remedy
        )


def _check_corrections(application: Application) -> None:
    windowed: set[str] = set()
    for pump in application.pumps:
        reads_windows = any(scan.stream in windowed for scan in scans_of(pump.query))
        for why in _obstacles(pump, reads_windows):
            raise ConfigError(
                f"late rows cannot correct pump {pump.name}: {why}",
                remedy="send them to the error stream, with --late error-stream",
            )
        if reads_windows or any(isinstance(node, Tumble) for node in nodes_of(pump.query)):
            windowed.add(pump.stream)


def _obstacles(pump: Pump, reads_windows: bool) -> Iterator[str]:
    """Why a row that comes late could not be made up for."""
    nodes = list(nodes_of(pump.query))
    tumbles = [node for node in nodes if isinstance(node, Tumble)]
    for node in nodes:
        if isinstance(node, Join | Sort | TimeSort):
            yield "JOIN and ORDER BY depend on the time of rows, and a late one has lost its place"
        if isinstance(node, Forest | TopItems | DistinctItems | Hotspots | GroupRank):
            yield "a table function has put out rows that a late one would change"
        if isinstance(node, Tumble) and node.stagger:
            yield "a window of STAGGER begins with its first row, which a late one may be"
        if isinstance(node, Slide):
            yield "the rows of OVER that were put out after it would change, each of them"
        if isinstance(node, Project) and node.rowtime is not None:
            yield "AS ROWTIME lets no row go back in time"
        if isinstance(node, Filter) and (reads_windows or _has_window(node.input)):
            yield "a row that no longer passes HAVING or WHERE could not be taken back"
        if isinstance(node, Tumble) and _has_window(node.input):
            yield "its windows are made of rows of windows, which count again when corrected"
    for node in tumbles:
        if node.time is not None:
            yield "MONOTONIC lets no row go back in time"
        if ordered := sorted({a.function for a in node.aggregates} & _ORDERED):
            yield f"{ordered[0]} depends on the order of rows, and a late one has lost its place"
    if reads_windows and tumbles:
        yield "it groups rows of windows, which count again when corrected"


def _has_window(node: Node) -> bool:
    return any(isinstance(each, Tumble) for each in nodes_of(node))

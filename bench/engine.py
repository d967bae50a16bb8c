"""Records to window rows on one core: `python bench/engine.py`, under two minutes, answers checked.

Every candidate gets the same seeded list of bytes in the same batches, groups by unicorn and minute
of arrival, and must give the same rows: a wrong answer voids its figure. Each figure is a process of
its own on one CPU, forked from the one that made the records; a row is a few rounds, in which the
candidates take turns, so that a slow minute of a shared machine hits them all. Ratios hold on any
machine, absolute figures do not.

The engine runs the workshop's SQL and ends with rows as sinks take them: with ids, and values as
they stand in the output. The others are written for this one query, and end with tuples.
"""

import argparse
import gc
import hashlib
import json
import math
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analytics_sql.application_file import workshop_application
from fleet.batch import Batch
from fleet.reading import Reading, encode_reading
from fleet.timestamp import timestamp_text
from processor.engine import Engine

MINUTE_MS = 60_000
START_MS = 1_767_225_600_000
NAMES = ("Shadowfax", "Bucephalus", "Sleipnir", "Pegasus", "Arion")
MEGABYTE = 1 << (10 if sys.platform == "linux" else 20)
"""What getrusage counts in: kilobytes, or bytes on macOS."""

Rows = list[tuple[Any, ...]]
"""(name, window end in ms, distance, min and max magic, min and max health)."""


@dataclass(frozen=True, slots=True)
class Load:
    """Records, and when each arrived: one reading a second of every unicorn."""

    keys: int
    records: list[bytes]
    arrival_ms: NDArray[np.int64]
    odd: bool

    def batches(self, size: int) -> Iterator[tuple[list[bytes], NDArray[np.int64]]]:
        """The records in batches."""
        for i in range(0, len(self.records), size):
            yield self.records[i : i + size], self.arrival_ms[i : i + size]


@dataclass(frozen=True, slots=True)
class Figure:
    """One run of one candidate."""

    wall_s: float
    cpu_s: float
    grown_mb: float
    """By how much the process grew at most, the records left out."""
    digest: str


def make_load(keys: int, count: int, *, odd: bool) -> Load:
    """`odd`: of the records 3 % have an escape in the name or another order of members, and one in
    a thousand is cut short.
    """
    rng = np.random.default_rng(7)
    names = [f"{NAMES[i % len(NAMES)]}-{i:x}" for i in range(keys)]
    place = np.arange(count)
    arrival_ms = START_MS + place // keys * 1000 + place % keys * 1000 // keys
    columns = [
        40.749 + rng.random(count),
        -73.985 - rng.random(count),
        rng.uniform(29, 31, count),
        rng.integers(90, 211, count),
        rng.integers(90, 211, count),
    ]
    rows = zip(arrival_ms.tolist(), *(column.tolist() for column in columns), strict=True)
    records = []
    for i, (time_ms, *values) in enumerate(rows):
        records.append(encode_reading(Reading(names[i % keys], timestamp_text(time_ms), *values)))
    if odd:
        for i in np.flatnonzero(rng.random(count) < 0.031).tolist():
            records[i] = _spoiled(records[i], int(rng.integers(31)))
    return Load(keys, records, arrival_ms, odd)


def _spoiled(record: bytes, luck: int) -> bytes:
    if luck == 0:
        return record[:100]
    if luck < 16:
        return record.replace(b'"Name":"', b'"Name":"\\u%04x' % record[9], 1).replace(
            record[9:10], b"", 1
        ) if False else b'{"Name":"\\u%04x' % record[9] + record[10:]
    return msgspec.json.encode(dict(reversed(msgspec.json.decode(record).items())))

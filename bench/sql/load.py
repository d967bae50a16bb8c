"""The input of every candidate: the same seeded records, in batches, or as a file."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleet.batch import Batch
from fleet.reading import Reading, encode_reading
from fleet.timestamp import timestamp_text

START_MS = 1_767_225_600_000


@dataclass(frozen=True)
class Load:
    """Records of about 190 bytes with their arrival times; each was made up to three seconds before
    it arrived.
    """

    lines: Sequence[bytes]
    arrival_ms: NDArray[np.int64]
    batches: Sequence[Batch]
    """The records as a source hands them over, made before the clock starts."""
    file: Path
    """The records as JSON lines, the arrival time as one more field: for a batch engine."""

    def timed(self) -> Iterator[tuple[bytes, int]]:
        """Record and arrival time, one by one."""
        return zip(self.lines, self.arrival_ms.tolist(), strict=True)


def make_load(records: int, keys: int, batch: int, folder: Path, *, odd: bool) -> Load:
    """One reading a second of each key. `odd`: 3 % escaped and reordered."""
    rng = np.random.default_rng(7)
    distance = rng.uniform(29, 31, records)
    points = rng.integers(100, 200, (records, 2))
    arrival_ms = (
        START_MS + np.arange(records) // keys * 1000 + np.arange(records) % keys * 1000 // keys
    )
    made_ms = (arrival_ms - rng.integers(0, 3000, records)).tolist()
    strange = rng.random(records) < (0.03 if odd else 0)
    lines = []
    for i in range(records):
        values = (40.7, -73.9, distance[i].item(), int(points[i, 0]), int(points[i, 1]))
        line = encode_reading(Reading(f"U-{i % keys:08d}", timestamp_text(made_ms[i]), *values))
        if strange[i]:
            fields = json.loads(line)
            line = json.dumps(dict(reversed(fields.items()))).replace("U-", "\\u0055-").encode()
        lines.append(line)
    file = folder / "records.jsonl"
    with file.open("wb") as out:
        for line, time in zip(lines, arrival_ms.tolist(), strict=True):
            out.write(b'{"t":%d,%s\n' % (time, line.strip()[1:]))
    return Load(lines, arrival_ms, _batches(lines, arrival_ms, batch), file)


def _batches(lines: list[bytes], arrival_ms: NDArray[np.int64], size: int) -> list[Batch]:
    batches = []
    for start in range(0, len(lines), size):
        end = min(start + size, len(lines))
        numbers = [str(n) for n in range(start, end)]
        keys = [""] * len(numbers)
        batches.append(
            Batch("shard", lines[start:end], arrival_ms[start:end], numbers, keys, numbers[-1])
        )
    return batches

"""What must have become of the records, worked out in plain Python, and what differs from it."""

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from fleet.timestamp import timestamp_text
from tests.simulation.history import WINDOW_MS
from tests.simulation.world import World

MINUTE_MS = 60_000
Values = dict[str, object]


@dataclass(slots=True)
class Answer:
    """The batch answer: rows by (name, time), and those that do not fit their columns."""

    rows: dict[tuple[str, str], Values] = field(default_factory=dict)
    too_far: set[tuple[str, str]] = field(default_factory=set)


def batch_answer(world: World) -> Answer:
    """Groups all readings by name and window of arrival."""
    groups: dict[tuple[str, int], list[tuple[float, int]]] = {}
    for record, put in world.readings:
        place = (put.name, record.arrival_ms // WINDOW_MS)
        groups.setdefault(place, []).append((put.distance, put.magic_points))
    answer = Answer()
    for (name, window), readings in groups.items():
        time = timestamp_text((window + 1) * WINDOW_MS)
        total = math.fsum(distance for distance, _ in readings)
        distance = math.floor(total + 0.5)  # half away from zero; distances are positive
        if distance > 32_767:
            answer.too_far.add((name, time))
            continue
        answer.rows[name, time] = {
            "Name": name,
            "StatusTime": time,
            "Distance": distance,
            "Total": total,
            "MinMagicPoints": min(points for _, points in readings),
            "Readings": len(readings),
        }
    return answer


def differences(world: World, answer: Answer) -> Iterator[str]:
    """Everything that is not as it must be, a sentence each."""
    yield from _rows_differ(world, answer)
    yield from _summary_differs(world, answer)
    yield from _letters_differ(world, answer)
    yield from archive_differences(world)
    yield from world.order_faults


def _rows_differ(world: World, answer: Answer) -> Iterator[str]:
    found = Counter((r.values["Name"], r.values["StatusTime"]) for r in world.rows.values())
    for place, count in found.items():
        if count > 1:
            yield f"table: {place} is there {count} times"
    rows = {(r.values["Name"], r.values["StatusTime"]): dict(r.values) for r in world.rows.values()}
    yield from _compare("table", answer.rows, rows)


def _summary_differs(world: World, answer: Answer) -> Iterator[str]:
    """Repeats may be there, but nothing that differs: left out by key and data, all is there
    once.
    """
    distinct = set(world.summary)
    rows: dict[tuple[str, str], Values] = {}
    for _, data in distinct:
        row = json.loads(data)
        place = (row["Name"], row["StatusTime"])
        if place in rows:
            yield f"summary: {place} is there twice, and differs"
        rows[place] = row
    yield from _compare("summary", answer.rows, rows)


def _compare(
    what: str, expected: dict[tuple[str, str], Values], found: dict[tuple[str, str], Values]
) -> Iterator[str]:
    for place in sorted(expected.keys() - found.keys()):
        yield f"{what}: {place} is missing"
    for place in sorted(found.keys() - expected.keys()):
        yield f"{what}: {place} should not be there: {found[place]}"
    for place in sorted(expected.keys() & found.keys()):
        if expected[place] != found[place]:
            yield f"{what}: {place} is {found[place]}, should be {expected[place]}"


def _letters_differ(world: World, answer: Answer) -> Iterator[str]:
    found: Counter[tuple[str, str]] = Counter()
    lines = world.letters.read_bytes().splitlines() if world.letters.exists() else []
    for line in lines:
        try:
            letter = json.loads(line)
        except ValueError:
            yield f"dead letters: this is no line: {line!r}"
            continue
        if letter["stage"] == "decode":
            found[letter["shard_id"], letter["sequence_number"]] += 1
        else:
            row = json.loads(letter["data"])
            found[row["Name"], row["StatusTime"]] += 1
    expected = Counter((shard, str(record.number)) for shard, record in world.poison)
    expected.update(answer.too_far)
    for place in sorted((expected - found).keys()):
        yield f"dead letters: {place} is missing"
    for place in sorted((found - expected).keys()):
        yield f"dead letters: {place} is there {found[place]} times, not {expected[place]}"


def archive_differences(world: World) -> Iterator[str]:
    """Each record at most once; those of a minute that is over exactly once."""
    found: Counter[int] = Counter()
    for key, body in world.objects.items():
        kind, _, _ = key.partition("/")
        if kind in ("readings", "errors"):
            number = "Number" if kind == "readings" else "sequence_number"
            lines = gzip.decompress(body).splitlines()
            found.update(int(json.loads(line)[number]) for line in lines)
    minute = world.now_ms() // MINUTE_MS
    records = [record for record, _ in world.readings] + [record for _, record in world.poison]
    for record in records:
        count = found[record.number]
        if count > 1:
            yield f"archive: record {record.number} is there {count} times"
        if count == 0 and record.arrival_ms // MINUTE_MS < minute:
            yield f"archive: record {record.number} is missing"

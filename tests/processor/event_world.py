"""The world of world.py on event time, with what must become of it worked out by plain Python and
DuckDB: which rows are late by the letter of docs/semantics.md, and the windows over the others.
"""

import json
import random
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np

from analytics_sql.compiler import compile_application
from analytics_sql.event_time import with_event_time
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import EventTime, SourceColumn
from analytics_sql.types import TIMESTAMP
from fleet.batch import SHARD_END, Batch
from fleet.timestamp import timestamp_text
from processor.source.memory import MemoryRecord, MemoryShard, MemorySource
from tests.duckdb_rows import insert
from tests.processor.world import APPLICATION, LINEAGE, MINUTE_MS, START_MS, World

LATENESS_MS, IDLE_MS, FUTURE_MS, KEPT_MS = 4_000, 12_000, 10_000, 30_000
DROPPING = EventTime("At", LATENESS_MS, IDLE_MS, FUTURE_MS)
CORRECTING = replace(DROPPING, correct_ms=KEPT_MS)
SHARDS = {**LINEAGE, "f": (("Eclipse",), (), 0)}
LIFE_MS = {"a": 95, "b": 190, "c": 95, "d": 200, "e": 110, "f": 60}
BIRTH_MS = {"a": 0, "b": 0, "c": 95, "d": 95, "e": 190, "f": 240}
END_MS = START_MS + 900_000

Row = tuple[str, int, float, int]
"""Name, event time, distance, magic points."""


@dataclass(slots=True)
class EventWorld(World):
    """A world, and which of its records cannot be used."""

    accepted: list[Row] = field(default_factory=list)
    late: dict[tuple[str, str], int] = field(default_factory=dict)
    """(shard, sequence number) -> by how much, of those that are in no row."""
    wrong: set[tuple[str, str]] = field(default_factory=set)
    """Those without an event time, or with one in the future."""


def make_event_world(
    seed: int, time: EventTime, *, per_shard: int = 40, sql: str | None = None
) -> EventWorld:
    """By a seed: bursts with silences between them, rows out of order, late, and in the future. No
    two rows have one event time. `sql`: runs in place of the windows of which `rows` are.
    """
    rng = random.Random(seed)
    (source,) = APPLICATION.sources
    columns = (*source.columns, SourceColumn("At", TIMESTAMP, ("At",)))
    plain = replace(APPLICATION, sources=(replace(source, columns=columns),))
    if sql is not None:
        plain = compile_application(sql, name="world", schema=InputSchema(columns))
    application = with_event_time(plain, time)
    taken: set[int] = set()
    world = EventWorld([], application=application)
    clocks: dict[str, list[tuple[int, int]]] = {}
    closed = {parent for _, parents, _ in SHARDS.values() for parent in parents}
    for shard, (names, parents, _) in SHARDS.items():
        # A clock here is a set of lines, of which the highest counts: nothing is united.
        lines = [line for parent in parents for line in clocks[parent]]
        bursts = [rng.randrange(LIFE_MS[shard] * 1000) for _ in range(5)]
        offsets = sorted(
            min(LIFE_MS[shard] * 1000 - 1, rng.choice(bursts) + rng.randrange(5_000))
            for _ in range(per_shard)
        )
        records = []
        for number, offset in enumerate(offsets, 1):
            arrival_ms = START_MS + BIRTH_MS[shard] * 1000 + offset
            behind_ms = rng.choice([0, 300, 2_000, 6_000, 20_000, 50_000, -2_000, -11_000])
            event_ms = arrival_ms - rng.randrange(abs(behind_ms) + 1) * (1 if behind_ms > 0 else -1)
            while event_ms in taken:
                event_ms -= 1
            taken.add(event_ms)
            row = (rng.choice(names), event_ms, rng.randrange(160) / 4, rng.randint(100, 200))
            has_time = rng.random() > 0.05
            reading = {"Name": row[0], "Distance": row[2], "MagicPoints": row[3]}
            if has_time:
                reading["At"] = timestamp_text(event_ms)
            records.append(MemoryRecord(json.dumps(reading).encode(), arrival_ms, row[0]))
            place = shard, str(number)
            if not has_time or event_ms > arrival_ms + FUTURE_MS:
                world.wrong.add(place)
                continue
            lines = _judge(world, place, row, arrival_ms, lines, time.correct_ms or 0)
        clocks[shard] = lines
        world.shards.append(MemoryShard(shard, records, parents, shard in closed, tip_ms=END_MS))
    _expect(world)
    return world


def _judge(
    world: EventWorld,
    place: tuple[str, str],
    row: Row,
    arrival_ms: int,
    lines: list[tuple[int, int]],
    kept_ms: int,
) -> list[tuple[int, int]]:
    """Enters a row where it belongs; returns the clock after it."""
    event_ms = row[1]
    clock_ms = max(
        [c + max(0, arrival_ms - at - IDLE_MS) for c, at in lines]
        or [arrival_ms - LATENESS_MS - IDLE_MS]
    )
    if event_ms >= clock_ms - kept_ms:
        world.accepted.append(row)
    else:
        world.late[place] = clock_ms - event_ms
    if event_ms < clock_ms:
        return lines
    return [(max(clock_ms, min(event_ms, arrival_ms) - LATENESS_MS), arrival_ms)]


def asked_of_duckdb(world: EventWorld, query: str) -> list[tuple[Any, ...]]:
    """A query over the accepted rows: r(name, t, x, m)."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE r (name VARCHAR, t BIGINT, x DOUBLE, m BIGINT)")
        insert(connection, "r", world.accepted)
        return connection.execute(query).fetchall()


def _expect(world: EventWorld) -> None:
    found = asked_of_duckdb(
        world,
        f"SELECT name, (t // {MINUTE_MS} + 1) * {MINUTE_MS}, sum(x), min(m), count(*) "
        "FROM r GROUP BY ALL",
    )
    for name, end_ms, total, least, count in found:
        time = timestamp_text(end_ms)
        world.rows[f"{name} {time}"] = {
            "Name": name,
            "StatusTime": time,
            "Distance": int(total + 0.5),  # half away from zero, and none is below it
            "Total": total,
            "MinMagicPoints": least,
            "Readings": count,
        }


class TellingSource(MemorySource):
    """Tells of tips now and then, with a batch or without: when the reader was at the tip is chance
    and must not matter.
    """

    def read_now(self) -> Batch | None:
        if self._random.random() < 0.3 and (told := self._tip()) is not None:
            return told
        batch = super().read_now()
        if batch is None or batch.position == SHARD_END or batch.tip_ms is not None:
            return batch
        return replace(batch, tip_ms=self._tip_ms(batch.shard_id))

    def _tip(self) -> Batch | None:
        """An empty batch of a shard that has more to come."""
        waiting = [
            shard_id
            for shard_id in self._lineage.readable()
            if self._next.get(shard_id, 0) < len(self._shards[shard_id].records)
        ]
        if not waiting:
            return None
        shard_id = self._random.choice(waiting)
        read = self._next.get(shard_id, 0)
        position = str(read) if read else None
        none = np.zeros(0, np.int64)
        return Batch(shard_id, [], none, [], [], position, tip_ms=self._tip_ms(shard_id))

    def _tip_ms(self, shard_id: str) -> int:
        """At most the arrival of the next record."""
        shard = self._shards[shard_id]
        following = shard.records[self._next.get(shard_id, 0)].arrival_ms
        return following - self._random.choice([0, 1, 1_000, 20_000])

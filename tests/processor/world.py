"""A small world to crash in: a stream with a split and a merge, sinks and a snapshot store that
outlive the processor, and the rows worked out by plain Python.
"""

import json
import math
import random
from dataclasses import dataclass, field

from analytics_sql.expression import ColumnRef, RowTime
from analytics_sql.plan import (
    Aggregate,
    Application,
    Column,
    Key,
    Output,
    Project,
    Pump,
    Scan,
    Source,
    SourceColumn,
    Stream,
    Tumble,
)
from analytics_sql.types import BIGINT, DOUBLE, SMALLINT, TIMESTAMP, Kind, SqlType
from fleet.timestamp import timestamp_text
from processor.snapshot.base import StreamIdentity
from processor.source.memory import MemoryRecord, MemoryShard

STREAM = StreamIdentity(
    "arn:aws:kinesis:us-east-1:000000000000:stream/wildrydes", 1_767_225_600_000
)
START_MS = 1_767_225_600_000
MINUTE_MS = 60_000
VARCHAR = SqlType(Kind.VARCHAR, 16)

_COLUMNS = (
    Column("Name", VARCHAR),
    Column("StatusTime", TIMESTAMP),
    Column("Distance", SMALLINT),
    Column("Total", DOUBLE),
    Column("MinMagicPoints", SMALLINT),
    Column("Readings", BIGINT),
)


def make_application(size_ms: int) -> Application:
    """Sums, minima and counts by name over tumbling windows."""
    return Application(
        name="world",
        sources=(
            Source(
                "SOURCE_SQL_STREAM_001",
                (
                    SourceColumn("Name", VARCHAR, ("Name",)),
                    SourceColumn("Distance", DOUBLE, ("Distance",)),
                    SourceColumn("MagicPoints", SMALLINT, ("MagicPoints",)),
                ),
            ),
        ),
        streams=(Stream("DESTINATION_SQL_STREAM", _COLUMNS),),
        pumps=(
            Pump(
                name="STREAM_PUMP",
                query=Project(
                    Tumble(
                        Scan(
                            "SOURCE_SQL_STREAM_001",
                            (
                                Column("Name", VARCHAR),
                                Column("Distance", DOUBLE),
                                Column("MagicPoints", SMALLINT),
                            ),
                        ),
                        size_ms=size_ms,
                        keys=(Key(ColumnRef("Name", VARCHAR), "k0"),),
                        aggregates=(
                            Aggregate("SUM", ColumnRef("Distance", DOUBLE), DOUBLE, "a0"),
                            Aggregate("MIN", ColumnRef("MagicPoints", SMALLINT), SMALLINT, "a1"),
                            Aggregate("COUNT", None, BIGINT, "a2"),
                        ),
                        window_start="w",
                    ),
                    (
                        Output(ColumnRef("k0", VARCHAR), "Name"),
                        Output(RowTime(), "StatusTime"),
                        Output(ColumnRef("a0", DOUBLE), "Distance"),
                        Output(ColumnRef("a0", DOUBLE), "Total"),
                        Output(ColumnRef("a1", SMALLINT), "MinMagicPoints"),
                        Output(ColumnRef("a2", BIGINT), "Readings"),
                    ),
                ),
                stream="DESTINATION_SQL_STREAM",
                targets=_COLUMNS,
            ),
        ),
        fingerprint="0" * 64,
    )


APPLICATION = make_application(MINUTE_MS)

# Which keys live in which shard: a splits into c and d, then c and b merge into e.
LINEAGE: dict[str, tuple[tuple[str, ...], tuple[str, ...], int]] = {
    "a": (("Aethon", "Babieca"), (), 0),
    "b": (("Copenhagen", "Dhuldul"), (), 0),
    "c": (("Aethon",), ("a",), 1),
    "d": (("Babieca",), ("a",), 1),
    "e": (("Aethon", "Copenhagen", "Dhuldul"), ("c", "b"), 2),
}
_LIFE_MS = {"a": 95_000, "b": 190_000, "c": 95_000, "d": 200_000, "e": 110_000}
_BIRTH_MS = {"a": 0, "b": 0, "c": 95_000, "d": 95_000, "e": 190_000}
END_MS = START_MS + 600_000


@dataclass(slots=True)
class World:
    """The records, and what must become of them."""

    shards: list[MemoryShard]
    rows: dict[str, dict[str, object]] = field(default_factory=dict)
    """"name time" -> the row's values."""
    poison: set[tuple[str, str]] = field(default_factory=set)
    """(shard, sequence number) of the records that cannot be used."""
    too_far: set[str] = field(default_factory=set)
    """"name time" of the rows whose distance does not fit its column."""
    application: Application = APPLICATION


def make_world(seed: int, *, per_shard: int = 40) -> World:
    """A world by a seed. Every shard is at its tip long after its last window's end."""
    rng = random.Random(seed)
    world = World([])
    groups: dict[tuple[str, int], list[dict[str, object]]] = {}
    closed = {parent for _, parents, _ in LINEAGE.values() for parent in parents}
    for shard_id, (names, parents, _) in LINEAGE.items():
        offsets = sorted(rng.randrange(_LIFE_MS[shard_id]) for _ in range(per_shard))
        records = []
        for number, offset in enumerate(offsets, 1):
            arrival_ms = START_MS + _BIRTH_MS[shard_id] + offset
            data = rng.choice([b"{", b"\xff", b'{"Name":"Aethon","Distance":"far"}'])
            name = ""
            if rng.random() < 0.1:
                world.poison.add((shard_id, str(number)))
            else:
                name = rng.choice(names)
                # A plain sum of these depends on the order; now and then one is too far.
                distance = 40_000.0 if rng.random() < 0.02 else rng.uniform(29, 31)
                reading = {
                    "Name": name,
                    "Distance": distance,
                    "MagicPoints": rng.randint(100, 200),
                }
                data = json.dumps(reading).encode()
                groups.setdefault((name, arrival_ms // MINUTE_MS), []).append(reading)
            records.append(MemoryRecord(data, arrival_ms, name))
        world.shards.append(
            MemoryShard(shard_id, records, parents, shard_id in closed, tip_ms=END_MS)
        )
    _expect(world, groups)
    return world


def _expect(world: World, groups: dict[tuple[str, int], list[dict[str, object]]]) -> None:
    for (name, minute), readings in groups.items():
        # SUM is exact and rounded once, so that no interleaving of the shards can change it.
        total = math.fsum(float(str(reading["Distance"])) for reading in readings)
        time = timestamp_text((minute + 1) * MINUTE_MS)
        distance = math.floor(total + 0.5)  # distances are positive: half away from zero is up
        if distance > 32_767:
            world.too_far.add(f"{name} {time}")
            continue
        world.rows[f"{name} {time}"] = {
            "Name": name,
            "StatusTime": time,
            "Distance": distance,
            "Total": total,
            "MinMagicPoints": min(int(str(r["MagicPoints"])) for r in readings),
            "Readings": len(readings),
        }

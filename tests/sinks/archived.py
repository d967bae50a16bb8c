"""Archives made of records, without a service."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fleet.batch import SHARD_END, Batch
from sinks.archive_object import Cutter
from sinks.archive_settings import ArchiveSettings, Column
from sinks.archive_store import MemoryStore

START_MS = 1_767_225_600_000
"""2026-01-01 00:00:00 UTC."""
HOUR_MS = 3_600_000

COLUMNS = (
    Column("Name", "VARCHAR(16)", ("Name",)),
    Column("StatusTime", "TIMESTAMP", ("StatusTime",)),
    Column("Latitude", "DOUBLE", ("Latitude",)),
    Column("Longitude", "DOUBLE", ("Longitude",)),
    Column("Distance", "DOUBLE", ("Distance",)),
    Column("MagicPoints", "SMALLINT", ("MagicPoints",)),
    Column("HealthPoints", "SMALLINT", ("HealthPoints",)),
)
"""The workshop's."""
AS_JSON = ArchiveSettings(object_bytes=2000)
AS_PARQUET = ArchiveSettings("parquet", object_bytes=2000, columns=COLUMNS)


@dataclass(frozen=True)
class Sent:
    """What a producer sent and the stream made of it."""

    shard_id: str
    sequence_number: str
    partition_key: str
    arrival_ms: int
    data: bytes


def reading(name: str, time: str, distance: float = 30.5) -> bytes:
    fields = {
        "Name": name,
        "StatusTime": time,
        "Latitude": 40.7,
        "Longitude": -73.9,
        "Distance": distance,
        "MagicPoints": 150,
        "HealthPoints": 151,
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def history(seed: int, *, shards: int = 3, records: int = 60) -> dict[str, list[Sent]]:
    """Two hours and a bit of some shards, with poison and with readings that fit no column."""
    chance = random.Random(seed)
    found: dict[str, list[Sent]] = {}
    for shard in range(shards):
        shard_id = f"shardId-{shard:012d}"
        arrival_ms = START_MS + chance.randrange(60_000)
        number = 10 ** (20 + shard) - 12
        found[shard_id] = []
        for place in range(records):
            arrival_ms += chance.choice((0, 10, 4_000, 40_000, 290_000))
            number += chance.choice((1, 3, 10**9))
            name = chance.choice(("Shadowfax", "Bucephalus", "Rocinante, the 2nd", "Ünïcorn"))
            data = reading(name, "2026-01-01 00:00:00.000", round(chance.random() * 40, 6))
            if place % 11 == 5:
                data = chance.choice((b"\xff poison", b"", b'{"a":1,"a":2}'))
            if place % 11 == 7:
                data = chance.choice(
                    (b'{"Distance": "far", "Name": null}', b'{"Name":"x","Distance":1}', b"{}")
                )
            found[shard_id].append(Sent(shard_id, str(number), name, arrival_ms, data))
    return found


def batch_of(records: Sequence[Sent], *, ended: bool = True) -> Batch:
    return Batch(
        shard_id=records[0].shard_id,
        records=[record.data for record in records],
        arrival_ms=np.array([record.arrival_ms for record in records], np.int64),
        sequence_numbers=[record.sequence_number for record in records],
        partition_keys=[record.partition_key for record in records],
        position=SHARD_END if ended else records[-1].sequence_number,
    )


def objects_of(
    shards: Mapping[str, Sequence[Sent]], settings: ArchiveSettings = AS_JSON
) -> dict[str, bytes]:
    objects: dict[str, bytes] = {}
    for shard_id, records in shards.items():
        for run in Cutter(shard_id, None, settings).add(batch_of(records)):
            objects.update(run.objects(settings))
    return objects


def store_of(
    shards: Mapping[str, Sequence[Sent]], settings: ArchiveSettings = AS_JSON
) -> MemoryStore:
    return MemoryStore(objects_of(shards, settings))


def in_order(shards: Mapping[str, Iterable[Sent]]) -> list[Sent]:
    """By arrival, then by shard: what a reader has to give."""
    return sorted(
        (record for records in shards.values() for record in records),
        key=lambda record: (record.arrival_ms, record.shard_id),
    )

"""Archived records through an application, without a stream."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from fleet.batch import Batch
from sinks.archive_reader import ArchivedRecord


def batches_of(
    chunks: Iterable[Sequence[ArchivedRecord]], shards: Sequence[str]
) -> Iterator[Batch]:
    """The chunks as a processor would have read them.

    Chunks are in the order of arrival over all shards. So when one has been taken, no shard has an
    unread record that arrived before its last one: every shard is told that time, lest one that is
    silent holds the windows of all others open.
    """
    for chunk in chunks:
        by_shard: dict[str, list[ArchivedRecord]] = {}
        for record in chunk:
            by_shard.setdefault(record.shard_id, []).append(record)
        for shard_id, records in by_shard.items():
            yield _batch(shard_id, records)
        reached_ms = chunk[-1].arrival_ms
        for shard_id in shards:
            yield Batch(shard_id, [], np.array([], np.int64), [], [], None, tip_ms=reached_ms)


def _batch(shard_id: str, records: Sequence[ArchivedRecord]) -> Batch:
    # A user record of an aggregate that is in errors/ has its place in it behind a colon.
    numbers = [record.sequence_number.partition(":")[0] or "0" for record in records]
    return Batch(
        shard_id=shard_id,
        records=[record.data for record in records],
        arrival_ms=np.array([record.arrival_ms for record in records], np.int64),
        sequence_numbers=numbers,
        partition_keys=[record.partition_key for record in records],
        position=numbers[-1],
    )

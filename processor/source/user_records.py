"""Batches of Kinesis records as batches of user records: aggregates are unpacked here.

Where a producer packs by an outdated map of the shards, some user records of an aggregate can
belong into another shard than the one that took it. The Kinesis Producer Library then sends all of
them again (core/retrier.cc, succeed_if_correct_shard), and the client library drops the whole
aggregate as soon as one of them is outside of the shard (AggregatorUtil.deaggregate). So do we, but
only in a shard that came out of a reshard: about another one no producer can have been wrong, and
an aggregate of mixed keys in it is one that a simpler producer packed and sends once.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from awsio.aggregation import MAGIC, Aggregate, read_aggregate
from awsio.lineage import Shard
from fleet.batch import WHOLE, Batch

USER_RECORDS_MAX = 10_000
"""Of a batch that holds more than one aggregate: unpacked they may be a hundred times as many."""


def unpacked(batch: Batch, shard: Shard) -> Iterator[Batch]:
    """The batch itself when it has no aggregates; else its user records, in as many batches as it
    takes. Each has the position after its last Kinesis record.
    """
    # A look at the first bytes of all: 50 ns a record, that is all a plain stream pays.
    if MAGIC not in [data[:4] for data in batch.records]:
        yield batch
        return
    piece = _Piece(batch)
    for i, data in enumerate(batch.records):
        aggregate = read_aggregate(data)
        if aggregate is None:
            piece.add_whole(i)
        elif not shard.parents or aggregate.is_within(shard.hash_keys):
            piece.add(i, aggregate)
        if len(piece) >= USER_RECORDS_MAX and i + 1 < len(batch):
            yield piece.batch(batch.sequence_numbers[i])
            piece = _Piece(batch)
    last = piece.batch(batch.position)
    yield replace(last, tip_ms=batch.tip_ms, children=batch.children)


class _Piece:
    """Some user records of a batch, while they are gathered."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._records: list[bytes] = []
        self._from: list[int] = []
        self._partition_keys: list[str] = []
        self._subs: list[int] = []
        self._broken: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._records)

    def add_whole(self, record: int) -> None:
        self._records.append(self._batch.records[record])
        self._from.append(record)
        self._partition_keys.append(self._batch.partition_keys[record])
        self._subs.append(WHOLE)

    def add(self, record: int, aggregate: Aggregate) -> None:
        before, count = len(self._records), len(aggregate.records)
        self._records.extend(aggregate.records)
        self._from.extend([record] * count)
        self._partition_keys.extend(aggregate.partition_keys)
        self._subs.extend(range(count))
        self._broken.update((before + place, why) for place, why in aggregate.broken.items())

    def batch(self, position: str | None) -> Batch:
        numbers = self._batch.sequence_numbers
        return Batch(
            shard_id=self._batch.shard_id,
            records=self._records,
            arrival_ms=self._batch.arrival_ms[np.array(self._from, np.int64)],
            sequence_numbers=[numbers[i] for i in self._from],
            partition_keys=self._partition_keys,
            position=position,
            sub_sequence_numbers=self._subs,
            broken=self._broken,
        )

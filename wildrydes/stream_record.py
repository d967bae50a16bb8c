"""A record of a stream as a person looks at it: with all that the stream says of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleet.batch import Batch


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record, and where it was."""

    shard_id: str
    sequence_number: str
    """See Batch.record_ids."""
    partition_key: str
    arrival_ms: int
    data: bytes


def records_of(batch: Batch) -> Iterator[StreamRecord]:
    """The records of a batch, one by one."""
    arrivals_ms: list[int] = batch.arrival_ms.tolist()
    for record_id, key, arrival_ms, data in zip(
        batch.record_ids, batch.partition_keys, arrivals_ms, batch.records, strict=True
    ):
        yield StreamRecord(batch.shard_id, record_id, key, arrival_ms, data)

"""Archived records as lines of text."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sinks.archive_reader import ArchivedRecord

_encode = msgspec.json.Encoder().encode

Lines = Callable[[Sequence[ArchivedRecord]], bytes]


def reading_lines(records: Sequence[ArchivedRecord]) -> bytes:
    """The readings' own bytes."""
    return b"".join(record.data + b"\n" for record in records)


def record_lines(records: Sequence[ArchivedRecord]) -> bytes:
    """Records as GetRecords returns them, and as `wildrydes sql run` takes them."""
    return b"".join(
        _encode(
            {
                "ShardId": record.shard_id,
                "SequenceNumber": record.sequence_number.partition(":")[0] or None,
                "ApproximateArrivalTimestamp": record.arrival_ms / 1000,
                "PartitionKey": record.partition_key,
                "Data": b64encode(record.data).decode(),
            }
        )
        + b"\n"
        for record in records
    )


LINES: Final[dict[str, Lines]] = {"json": reading_lines, "records": record_lines}

"""What an application puts out: one row of one in-application stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Value = str | int | float | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One output row. Its id is made of (application, stream, window, group key): a replay makes
    the same id again, so that a sink which overwrites by id never counts a row twice.
    """

    id: str
    stream: str
    """The in-application stream, such as DESTINATION_SQL_STREAM."""
    rowtime_ms: int
    """ROWTIME: for a tumbling window, its end."""
    values: Mapping[str, Value]
    """Column name to value as it stands in the output JSON; a TIMESTAMP is text `yyyy-MM-dd
    HH:mm:ss.SSS`, a Decimal is a number with all of its digits.
    """


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record or row that could not be used, and why. (shard id, sequence number) find the
    original.
    """

    shard_id: str
    sequence_number: str
    """Of the Kinesis record; of a user record in an aggregate, with `:` and its place in it."""
    arrival_ms: int
    partition_key: str
    stage: str
    """Where it failed: `decode`, `pump STREAM_PUMP`, `sink dynamodb`."""
    reason: str
    data: bytes
    """The record's bytes, or the row as JSON."""
    partial: bool = False
    """Other rows of the same record went on: to put it in again would count them twice."""

"""Aggregates for tests, packed by the published Python library."""

from collections.abc import Sequence

from aws_kinesis_agg.aggregator import AggRecord


def packed(*user_records: tuple[str, bytes] | tuple[str, bytes, str]) -> bytes:
    """The data of a Kinesis record that holds (partition key, data[, explicit hash key]) each."""
    aggregate = AggRecord()
    for user_record in user_records:
        assert aggregate.add_user_record(*user_record)
    data: bytes = aggregate.get_contents()[2]
    return data


def packed_evenly(records: Sequence[tuple[str, bytes]], at_once: int) -> list[bytes]:
    """The records in order, so many to an aggregate."""
    return [packed(*records[i : i + at_once]) for i in range(0, len(records), at_once)]
